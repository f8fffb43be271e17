#pragma once

// Numbers about a database at one moment, as GetStats returns them.

#include <cstdint>
#include <string>
#include <vector>

namespace kv {

struct Stats {
  /// Keys with a value. An estimate: every version in memory and every entry of
  /// a table counts as one.
  uint64_t estimated_keys = 0;
  /// Memory in use for keys, values and the structures that find them.
  uint64_t memory_bytes = 0;

  /// The length of all files.
  uint64_t disk_bytes = 0;
  /// Of these: the segments of the write-ahead log, without archived ones.
  uint64_t wal_bytes = 0;
  uint64_t wal_segments = 0;
  /// And the tables.
  uint64_t table_bytes = 0;
  uint64_t tables = 0;

  // Calls since Open that returned Ok or NotFound.
  uint64_t puts = 0;  ///< Put, and each put of a batch
  uint64_t deletes = 0;  ///< Delete, and each delete of a batch
  uint64_t gets_found = 0;  ///< Get, GetInto, Exists and MultiGet: a value
  uint64_t gets_missed = 0;  ///< the same: no value
};

/// The write-ahead log at one moment.
struct WalStatus {
  /// The segments that Open would read; last_segment is being written.
  uint64_t first_segment = 0;
  uint64_t last_segment = 0;
  /// The length of these segments.
  uint64_t bytes = 0;
  /// Sequence number of the last write, and of the last that is known to be
  /// durable; 0 if there is none.
  uint64_t last_sequence = 0;
  uint64_t synced_sequence = 0;
  /// Segments in "archive".
  uint64_t archived_segments = 0;
};

/// What Open found.
struct RecoveryReport {
  /// Entries in the tables that the manifest names.
  uint64_t table_entries = 0;
  /// What was read of the log: segments, writes in them, operations in these.
  uint64_t segments = 0;
  uint64_t batches = 0;
  uint64_t operations = 0;
  /// Bytes of torn tails, of log and manifest, which were cut off.
  uint64_t trimmed_bytes = 0;
  /// Bytes of the log that RecoveryMode::kPointInTime or kSalvage passed over.
  /// For each stretch of them, and each table that was left out: file, offset
  /// and reason. The files that held them are in "damaged".
  uint64_t skipped_bytes = 0;
  std::vector<std::string> skipped;
};

}  // namespace kv
