#pragma once

// Which tables make up the database, and how that changes: the manifest.
//
// A Version is one set of open tables; it never changes. A VersionEdit leads
// to the next one, and is durable in the manifest before that one is used.
// CURRENT names the manifest; a manifest that has become long is followed by a
// new one.
//
// Contract: Create or Recover first; Close last.
// Threads: one at a time; a Version may be read by any.
// Durability: when Apply returns Ok the edit is durable. A new manifest is
//   durable before CURRENT names it, and the old one goes when that is durable.
// Errors: Corruption, with file and offset and what to do. An Apply that fails
//   changes nothing; after a failed sync every later one returns ReadOnly.
// Format: docs/format/manifest.md

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "kv/options.h"
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

  /// Reads CURRENT and the manifest, cuts off what a crash left of the last
  /// edit, and opens the tables. Under RecoveryMode::kStrict a torn tail is
  /// Corruption.
  Status Recover();

  /// Makes `edit` durable, then the next version current. `added` are the open
  /// tables of edit.added, in the same order.
  Status Apply(
      const VersionEdit& edit,
      std::vector<std::shared_ptr<const TableReader>> added);

  /// Seals the manifest and closes it.
  Status Close();

  /// Every later Apply returns ReadOnly. Returns `cause`.
  Status Fail(const Status& cause, std::string_view doing);

  const std::shared_ptr<const Version>& Current() const { return current_; }

  /// The number for the next table; above that of every table there is.
  uint64_t NextTableNumber() const;

  uint64_t FirstSegment() const { return first_segment_; }
  uint64_t LastSequence() const { return last_sequence_; }

  /// The name, without directory, of the manifest.
  std::string ManifestName() const;

  /// The length of manifest and CURRENT, in bytes.
  uint64_t Bytes() const;

 private:
  Status BeginManifest(uint64_t number);
  Status PointCurrentTo(uint64_t number);
  Status ReadManifest(uint64_t number);
  Status OpenTables(std::vector<TableMetadata> tables);
  VersionEdit Snapshot() const;

  const Options options_;
  FileSystem* const fs_;
  std::shared_ptr<const Version> current_ = std::make_shared<Version>();
  uint64_t first_segment_ = 1;
  uint64_t last_sequence_ = 0;
  uint64_t manifest_number_ = 0;
  std::unique_ptr<LogWriter> manifest_;
  Status failure_;  // what made the set read-only
};

}  // namespace kv
