#pragma once

// The verbs of the tests that work on a set of tables and its files.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kv/file_names.h"
#include "support/disk.h"
#include "support/log_verbs.h"
#include "support/table_verbs.h"
#include "version/current_file.h"
#include "version/database_exists.h"
#include "version/version_set.h"

namespace kv {

inline constexpr char kPath[] = "/db";
inline constexpr char kNone[] = "(no database)";
inline constexpr char kCurrent[] = "CURRENT";
inline constexpr char kFirstManifest[] = "MANIFEST-000001";
/// Makes a new manifest as often as there can be one.
inline constexpr uint64_t kTinyManifest = 1;

inline constexpr RecoveryMode kModes[] = {
    RecoveryMode::kAutomatic,
    RecoveryMode::kStrict,
    RecoveryMode::kPointInTime,
    RecoveryMode::kSalvage,
};

inline Options OptionsFor(
    FileSystem* fs, RecoveryMode mode = RecoveryMode::kAutomatic,
    uint64_t manifest_bytes_max = Options().manifest_bytes_max) {
  static SeededRandom random(testing::TestSeed());
  Options options;
  options.path = kPath;
  options.file_system = fs;
  options.random = &random;
  options.recovery_mode = mode;
  options.manifest_bytes_max = manifest_bytes_max;
  return options;
}

inline std::string Describe(const VersionSet& set) {
  std::string text = "segment " + std::to_string(set.FirstSegment()) +
      ", sequence " + std::to_string(set.LastSequence()) + ", tables";
  for (const Version::Table& table : set.Current()->tables) {
    text += " " + std::to_string(table.metadata.number);
  }
  return text;
}

/// What Describe says after so many calls of Flush, none of which failed.
inline std::string AfterFlushes(uint64_t count) {
  std::string text = "segment " + std::to_string(count + 1) + ", sequence " +
      std::to_string(10 * count) + ", tables";
  for (; count > 0; --count) text += " " + std::to_string(count);
  return text;
}

inline Status AddSegment(FileSystem* fs, uint64_t number) {
  KV_RETURN_IF_ERROR(
      CreateLog(fs, WalSegmentName(kPath, number), {number, 99}));
  return fs->SyncDirectory(kPath);
}

/// Writes a table of `rows` and its name, durably.
inline Status WriteTable(
    FileSystem* fs, VersionSet& set, uint64_t number, uint64_t id,
    const std::vector<Row>& rows, TableMetadata* table) {
  const std::string name = TableName(kPath, number);
  KV_ASSIGN_OR_RETURN(const bool exists, fs->Exists(name));
  if (exists) KV_RETURN_IF_ERROR(fs->Remove(name));
  KV_ASSIGN_OR_RETURN(
      const auto file, fs->OpenForAppend(name, AppendMode::kCreate));
  TableHeader header;
  header.number = number;
  header.id = id;
  for (const Row& row : rows) {
    header.last_sequence = std::max(header.last_sequence, row.sequence);
  }
  TableBuilder builder(file.get(), header, kTableBufferBytes);
  for (const Row& row : rows) builder.Measure(row.Entry());
  for (const Row& row : rows) KV_RETURN_IF_ERROR(builder.Add(row.Entry()));
  KV_RETURN_IF_ERROR(builder.Finish());
  Status synced = file->Sync();
  if (!synced.ok()) return set.Fail(synced, "syncing a table");
  synced = fs->SyncDirectory(kPath);
  if (!synced.ok()) return set.Fail(synced, "syncing the directory");
  *table = {number,         id, file->Size(), rows.size(), rows.front().key,
            rows.back().key};
  return Status::Ok();
}

/// One step as a database makes it: the log goes on with a new segment, what
/// was in the old ones is in a new table, and they are removed.
inline Status Flush(FileSystem* fs, VersionSet& set) {
  VersionEdit edit;
  edit.first_segment = set.FirstSegment() + 1;
  edit.last_sequence = set.LastSequence() + 10;
  KV_RETURN_IF_ERROR(AddSegment(fs, *edit.first_segment));
  edit.added.resize(1);
  const uint64_t number = set.NextTableNumber();
  const Row row(number, RecordKind::kPut, "k" + std::to_string(number), "v");
  KV_RETURN_IF_ERROR(
      WriteTable(fs, set, number, 1000 + number, {row}, &edit.added[0]));
  KV_ASSIGN_OR_RETURN(
      std::shared_ptr<const TableReader> reader,
      TableReader::Open(fs, TableName(kPath, number)));
  KV_RETURN_IF_ERROR(set.Apply(edit, {std::move(reader)}));
  const std::string covered = WalSegmentName(kPath, *edit.first_segment - 1);
  // An error is no error of the set.
  static_cast<void>(fs->Remove(covered));
  return Status::Ok();
}

inline Status RemoveOrphans(FileSystem* fs, const VersionSet& set) {
  KV_ASSIGN_OR_RETURN(const std::vector<std::string> names, fs->List(kPath));
  for (const std::string& name : names) {
    if (set.IsOrphan(name) || IsUnfinishedFile(name)) {
      KV_RETURN_IF_ERROR(fs->Remove(JoinPath(kPath, name)));
    }
  }
  return Status::Ok();
}

inline Result<bool> IsDatabase(FileSystem* fs) {
  KV_ASSIGN_OR_RETURN(const std::vector<std::string> names, fs->List(kPath));
  return DatabaseExists(fs, kPath, names);
}

/// As a database does that accepts its log.
inline Status RecoverAll(VersionSet& set) {
  KV_RETURN_IF_ERROR(set.Recover());
  return set.Continue();
}

/// A directory with the log's first segment.
struct Directory {
  Directory() {
    MustBeOk(fs().CreateDirectory(kPath), "CreateDirectory");
    MustBeOk(fs().SyncDirectory("/"), "SyncDirectory");
    MustBeOk(AddSegment(&fs(), 1), "AddSegment");
  }
  // Of as many flushes, closed or not.
  Directory(int flushes, bool closed) : Directory() {
    const auto set = Create();
    for (int i = 0; i < flushes; ++i) Flush(*set);
    if (closed) MustBeOk(set->Close(), "Close");
  }

  FaultFileSystem& fs() { return disk.faults(); }
  std::unique_ptr<VersionSet> New(RecoveryMode mode) {
    return std::make_unique<VersionSet>(
        OptionsFor(&fs(), mode, manifest_bytes_max));
  }
  std::unique_ptr<VersionSet> Create() {
    auto set = New(RecoveryMode::kAutomatic);
    MustBeOk(set->Create(), "Create");
    return set;
  }
  Status TryRecover(RecoveryMode mode = RecoveryMode::kAutomatic) {
    return RecoverAll(*New(mode));
  }
  std::unique_ptr<VersionSet> Recover(
      RecoveryMode mode = RecoveryMode::kAutomatic) {
    auto set = New(mode);
    MustBeOk(RecoverAll(*set), "Recover");
    return set;
  }
  Result<bool> Exists() { return IsDatabase(&fs()); }
  void Flush(VersionSet& set) { MustBeOk(kv::Flush(&fs(), set), "Flush"); }
  // What Recover finds, or which error.
  std::string Found(RecoveryMode mode = RecoveryMode::kAutomatic) {
    const auto set = New(mode);
    const Status status = RecoverAll(*set);
    return status.ok() ? Describe(*set) : status.ToString();
  }
  void Inject(FaultKind kind, const std::string& path_part = "") {
    Fault fault;
    fault.kind = kind;
    fault.path_part = path_part;
    fs().Inject(fault);
  }
  void Remove(const std::string& name) {
    MustBeOk(disk.memory().Remove(disk.FilePath(name)), "Remove " + name);
    MustBeOk(disk.memory().SyncDirectory(kPath), "SyncDirectory");
  }

  Disk disk;
  uint64_t manifest_bytes_max = Options().manifest_bytes_max;
};

/// Recover must refuse with Corruption that says `parts`, in every mode, and
/// change no byte.
inline void ExpectRefused(
    Directory& directory, std::initializer_list<std::string_view> parts,
    const std::string& what) {
  const auto before = directory.disk.Files();
  for (const RecoveryMode mode : kModes) {
    EXPECT_TRUE(
        Fails(directory.TryRecover(mode), StatusCode::kCorruption, parts))
        << what << ", mode " << static_cast<int>(mode);
    EXPECT_TRUE(directory.disk.Files() == before) << what;
  }
}

inline std::string Flipped(std::string bytes, size_t bit) {
  bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
  return bytes;
}

}  // namespace kv
