#pragma once

// A disk in memory that fails on demand and can lose power, with one database
// on it; and a directory of the machine's own file system.
//
// Contract: a database that was opened before LosePower or KillProcess may be
//   closed or destroyed afterwards: it works on the disk of its time, and
//   nothing of that reaches the new one.

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/random.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "common/testing/damage.h"
#include "common/testing/test_size.h"
#include "support/database_verbs.h"
#include "support/stage_files.h"

namespace kv {

inline const WriteOptions kSynced = {.sync = true};

class Disk {
 public:
  Disk() { Insert(std::make_unique<MemoryFileSystem>()); }

  /// Where the database is.
  const std::string& path() const { return path_; }
  MemoryFileSystem& memory() { return *generations_.back().memory; }
  /// The file system that the database uses.
  FaultFileSystem& faults() { return *generations_.back().faults; }

  Result<std::unique_ptr<Database>> TryOpen(Options options = {}) {
    options.path = path_;
    options.file_system = &faults();
    options.random = &random_;
    return Database::Open(std::move(options));
  }
  std::unique_ptr<Database> Open(const Options& options = {}) {
    Result<std::unique_ptr<Database>> db = TryOpen(options);
    MustBeOk(db.status(), "Open");
    return std::move(db).value();
  }

  /// What was not synced is lost, or by luck all of it kept.
  void LosePower(bool keep_unsynced = false) {
    CrashChoice choice;
    choice.keep_unsynced = keep_unsynced;
    LosePower(choice);
  }
  /// What `choice` names survives; memory().Unsynced() says what there is.
  void LosePower(const CrashChoice& choice) { Insert(memory().Crash(choice)); }
  /// The process dies, the machine goes on.
  void KillProcess() { Insert(memory().ProcessDeath()); }

  /// The database's files: name to content.
  testing::DirectoryImage Files() {
    auto image = testing::ReadDirectoryImage(&memory(), path_);
    MustBeOk(image.status(), "reading the database's files");
    return std::move(image).value();
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& [name, content] : Files()) names.push_back(name);
    return names;
  }
  std::string FilePath(std::string_view name) const {
    return JoinPath(path_, name);
  }
  std::string Content(std::string_view name) {
    Result<std::string> content = ReadFile(&memory(), FilePath(name));
    MustBeOk(content.status(), "reading " + std::string(name));
    return std::move(content).value();
  }
  /// Makes `content` the durable content of a file.
  void SetContent(std::string_view name, std::string_view content) {
    MustBeOk(memory().CreateDirectory(path_), "creating the directory");
    MustBeOk(
        WriteFile(&memory(), FilePath(name), content),
        "writing " + std::string(name));
    MustBeOk(memory().SyncDirectory(path_), "syncing the directory");
    MustBeOk(memory().SyncDirectory("/"), "syncing the parent directory");
  }

 private:
  struct Generation {
    std::unique_ptr<MemoryFileSystem> memory;
    std::unique_ptr<FaultFileSystem> faults;
  };

  void Insert(std::unique_ptr<MemoryFileSystem> memory) {
    auto faults = std::make_unique<FaultFileSystem>(memory.get());
    generations_.push_back({std::move(memory), std::move(faults)});
  }

  const std::string path_ = "/db";
  SeededRandom random_{testing::TestSeed()};
  std::vector<Generation> generations_;
};

/// Removed with everything in it at the end.
class TempDirectory {
 public:
  TempDirectory() : path_(::testing::TempDir() + "kv_test_XXXXXX") {
    KV_CHECK(::mkdtemp(path_.data()) != nullptr, "a temporary directory");
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kv
