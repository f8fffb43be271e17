#pragma once

// The verbs of the tests that damage a database's files and open it again.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kv/coding.h"
#include "kv/file_names.h"
#include "log/wal.h"
#include "support/disk.h"
#include "support/log_verbs.h"

namespace kv {

using FilesByPath = std::map<std::string, std::string>;
using ContentsByKey = std::map<std::string, std::string>;

inline std::string SegmentFile(uint64_t number) {
  return BaseName(WalSegmentName("/", number));
}

inline Options WithMode(RecoveryMode mode) {
  Options options;
  options.recovery_mode = mode;
  return options;
}

/// All files below the database's directory, by their path in it.
inline FilesByPath AllFiles(Disk& disk, const std::string& below = "") {
  FilesByPath files;
  const std::string path = below.empty() ? disk.path() : disk.FilePath(below);
  const auto names = disk.memory().List(path);
  MustBeOk(names.status(), "List(" + path + ")");
  for (const std::string& name : *names) {
    const std::string file = below.empty() ? name : JoinPath(below, name);
    if (disk.memory().List(disk.FilePath(file)).ok()) {
      files.merge(AllFiles(disk, file));
    } else {
      files[file] = disk.Content(file);
    }
  }
  return files;
}

inline std::vector<std::string> AllNames(Disk& disk) {
  std::vector<std::string> names;
  for (const auto& [name, content] : AllFiles(disk)) names.push_back(name);
  return names;
}

inline void RemoveFile(Disk& disk, const std::string& name) {
  MustBeOk(disk.memory().Remove(disk.FilePath(name)), "Remove " + name);
  MustBeOk(disk.memory().SyncDirectory(disk.path()), "SyncDirectory");
}

inline void PutSynced(Database& db, std::string_view key) {
  MustBeOk(db.Put(key, "value", kSynced), "Put");
}

/// What a database holds in which each of `keys` was put.
inline ContentsByKey Keys(std::initializer_list<std::string_view> keys) {
  ContentsByKey contents;
  for (const std::string_view key : keys) contents[std::string(key)] = "value";
  return contents;
}

inline RecoveryReport ReportOf(Database& db) {
  Result<RecoveryReport> report = db.GetRecoveryReport();
  MustBeOk(report.status(), "GetRecoveryReport");
  return *report;
}

inline WalStatus WalStatusOf(Database& db) {
  Result<WalStatus> status = db.GetWalStatus();
  MustBeOk(status.status(), "GetWalStatus");
  return *status;
}

inline std::string Flip(std::string file, uint64_t byte, unsigned bit = 0) {
  file[static_cast<size_t>(byte)] ^= static_cast<char>(1u << bit);
  return file;
}

/// The segment with each payload replaced by what `change` makes of it; all
/// checksums are right.
inline std::string Rewritten(
    std::string_view file,
    const std::function<std::string(size_t index, std::string payload)>&
        change) {
  const LogIdentity log = IdentityOf(file);
  std::string rewritten;
  EncodeLogHeader(log, &rewritten);
  size_t index = 0;
  for (const FileFrame& frame : FramesIn(file)) {
    const bool is_close = frame.header.type == FrameType::kClose;
    EncodeFrame(
        log, rewritten.size(), rewritten.size(), frame.header.type,
        is_close ? std::string() : change(index++, frame.payload), &rewritten);
  }
  return rewritten;
}

/// Open must refuse with Corruption that says each of `parts`, in the modes
/// that pass over nothing, and change no byte.
inline void ExpectRefused(
    Disk& disk, std::initializer_list<std::string_view> parts,
    const std::string& why) {
  const FilesByPath before = AllFiles(disk);
  for (const RecoveryMode mode :
       {RecoveryMode::kAutomatic, RecoveryMode::kStrict}) {
    EXPECT_TRUE(Fails(
        disk.TryOpen(WithMode(mode)).status(), StatusCode::kCorruption, parts))
        << why;
    EXPECT_TRUE(AllFiles(disk) == before)
        << why << ": what is refused is left as it was";
  }
}

}  // namespace kv
