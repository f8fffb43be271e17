#pragma once

// Which tables make up the database, and how that changes: the manifest.
//
// A Version is one set of open tables; it never changes. A VersionEdit leads
// to the next one, and is durable in the manifest before that one is used.
// CURRENT names the manifest; a manifest that has become long is followed by a
// new one.
//
// Contract: first Create; or, if DatabaseExists, Recover, and when the log was
//   accepted too, Continue. Close last. The first segment of the log is durable
//   before Create, so that a directory with a CURRENT has all parts of a
//   database. A table and its name are durable before Apply. What an edit makes
//   superfluous is removed after Apply, and only after the log was read from
//   FirstSegment() on without a gap: such a gap is how a lost edit shows.
// Threads: one at a time; a Version may be read by any.
// Durability: when Apply returns Ok the edit is durable. A new manifest is
//   durable before CURRENT names it, and the old one goes when that is durable.
//   What Recover has read is durable when Continue returns Ok.
// Errors: Corruption, with file and offset and what to do. An Apply that fails
//   changes nothing, but a crash may bring the edit back: its tables must stay
//   where they are, and their numbers are not given out again; the same edit
//   may be tried again. After a failed
//   sync every later Apply returns ReadOnly: see ReadOnlyCause.
// Format: docs/format/manifest.md

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "kv/options.h"
#include "log/log_reader.h"
#include "log/log_writer.h"
#include "table/table_reader.h"
#include "version/version_edit.h"

namespace kv {

/// One set of tables.
struct Version {
  struct Table {
    TableMetadata metadata;
    std::shared_ptr<const TableReader> reader;
  };

  /// The newest first.
  std::vector<Table> tables;
};

class VersionSet {
 public:
  /// Of `options` all pointers are set.
  explicit VersionSet(const Options& options);

  /// Begins a manifest without tables for a directory without a database, and
  /// makes CURRENT name it.
  Status Create();

  /// Reads CURRENT and manifest and opens the tables; changes no file. What a
  /// crash left of the last edit is Corruption under RecoveryMode::kStrict
  /// only, other damage in every mode; but for a table that cannot be opened:
  /// kSalvage leaves it out, until the next Apply only in memory.
  Status Recover();

  /// Cuts off what a crash left of the last edit, and syncs.
  Status Continue();

  /// Makes `edit` durable, then the next version current. `added` are the open
  /// tables of edit.added, in the same order. After a Recover that left out
  /// tables the next Apply, of an empty edit too, begins a manifest without
  /// them.
  Status Apply(
      const VersionEdit& edit,
      std::vector<std::shared_ptr<const TableReader>> added);

  /// Seals the manifest and closes it.
  Status Close();

  /// Every later Apply returns ReadOnly. Returns `cause`.
  Status Fail(const Status& cause, std::string_view doing);

  /// Ok, or what every Apply returns since a sync failed.
  const Status& ReadOnlyCause() const { return failure_; }

  const std::shared_ptr<const Version>& Current() const { return current_; }

  /// The number for the next table; above that of every table there is.
  uint64_t NextTableNumber() const { return last_table_ + 1; }
  uint64_t FirstSegment() const { return *snapshot_.first_segment; }
  uint64_t LastSequence() const { return *snapshot_.last_sequence; }

  /// The name, without directory, of the manifest.
  std::string ManifestName() const;
  /// The length of manifest and CURRENT, in bytes.
  uint64_t Bytes() const;

  /// Whether `name`, of a file in the directory, is that of a table that the
  /// manifest does not name, or of another manifest.
  bool IsOrphan(std::string_view name) const;

  // What Recover found: first how much Continue cuts off.
  uint64_t TrimmedBytes() const { return trimmed_bytes_; }
  /// File, offset and reason for each table that was left out.
  const std::vector<std::string>& Skipped() const { return skipped_; }
  /// Their numbers; of one that was missing there is no file.
  const std::vector<uint64_t>& SkippedTables() const { return skipped_tables_; }

 private:
  struct ManifestFile {
    LogIdentity log;
    LogEnd end;
    uint64_t bytes = 0;
  };

  Result<std::unique_ptr<AppendFile>> WriteNewFile(
      const std::string& path, std::string_view content);
  Result<std::unique_ptr<LogWriter>> WriteManifest(
      uint64_t number, const VersionEdit& snapshot);
  Status BeginManifest(uint64_t number, const VersionEdit& snapshot);
  Status PointCurrentTo(uint64_t number);
  Status AppendEdit(std::string_view payload);
  bool IsNewManifestDue(size_t payload_bytes) const;

  Result<uint64_t> ReadCurrent() const;
  Result<ManifestFile> ReadManifest();
  Status TakeFrame(const Frame& frame, ManifestFile* manifest);
  Status CheckTail(LogReader* reader, const Status& damage, bool is_closed);
  Status OpenTables();
  Result<std::shared_ptr<const TableReader>> OpenTable(
      const TableMetadata& metadata) const;

  const Options options_;
  FileSystem* const fs_;
  std::shared_ptr<const Version> current_ = std::make_shared<Version>();
  VersionEdit snapshot_;  // all edits so far, as one
  uint64_t last_table_ = 0;  // the highest number that any edit had
  uint64_t manifest_number_ = 0;
  ManifestFile found_;  // by Recover
  std::unique_ptr<LogWriter> manifest_;
  uint64_t snapshot_end_ = 0;  // where the manifest's first frame ends
  uint64_t trimmed_bytes_ = 0;
  std::vector<std::string> skipped_;
  std::vector<uint64_t> skipped_tables_;
  bool new_manifest_due_ = false;  // since tables were left out
  Status failure_;  // what made the set read-only
};

}  // namespace kv
