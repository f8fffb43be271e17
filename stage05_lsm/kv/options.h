#pragma once

// What a caller can choose, for a whole database and for one call.
//
// Ownership: the pointers in Options are borrowed and must outlive the
//   database; null means the default.
// Units: sizes are in bytes; a limit is the largest value allowed.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/fs/file_system.h"

namespace kv {

/// How far Open has come with reading what is on disk.
struct OpenProgress {
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;
};

/// When a write is made durable, if it does not say so itself.
enum class SyncPolicy {
  kNever,  ///< when the system likes, at a rotation and at Close
  kInterval,  ///< at the first write after sync_interval_micros have passed
  kEveryWrite,  ///< before the write returns
};

/// What Open does about files that are not whole.
enum class RecoveryMode {
  kAutomatic,  ///< trims what a crash can leave; refuses any other damage
  kStrict,  ///< refuses both
  /// Trims; else ends before the first damage in the log. Refuses a damaged
  /// table or manifest: there is no earlier state in them.
  kPointInTime,
  /// Trims; else goes on behind the damage in the log, and without a table that
  /// cannot be opened.
  kSalvage,
};

/// How a memtable keeps its entries in order.
enum class MemTableKind {
  kSkipList,
  kBPlusTree,
};

struct Options {
  /// The database's directory. Empty: a private database in memory that ends
  /// with the Database object.
  std::string path;

  /// The longest key a write may carry.
  uint64_t key_bytes_max = 1024;
  /// The longest value a write may carry.
  uint64_t value_bytes_max = 1024 * 1024;
  /// What the database may keep in memory; a write that would go over it
  /// flushes first, and is refused with ResourceExhausted if that is too
  /// little.
  uint64_t memory_bytes_max = 1024 * 1024 * 1024;

  /// Seeds of hash functions and ids of logs. Null: Random::System().
  Random* random = nullptr;

  /// Where files are. Null: FileSystem::Posix(), or for an empty path a private
  /// one in memory.
  FileSystem* file_system = nullptr;
  /// Whether Open makes a new database where there is none.
  bool create_if_missing = true;

  /// What time it is. Null: Clock::System().
  Clock* clock = nullptr;
  /// Called from Open about once a second, if it takes that long.
  std::function<void(const OpenProgress&)> on_open_progress;

  SyncPolicy sync_policy = SyncPolicy::kNever;
  /// For SyncPolicy::kInterval: how old the oldest unsynced write may get
  /// before a write syncs.
  uint64_t sync_interval_micros = 1'000'000;
  /// A segment of the write-ahead log that would grow over this is followed by
  /// a new one; one write may be larger than a segment.
  uint64_t wal_segment_bytes_max = 10 * 1024 * 1024;
  /// Whether segments that the tables cover are kept in "archive"; without a
  /// directory never.
  bool archive_wal = false;
  RecoveryMode recovery_mode = RecoveryMode::kAutomatic;
  /// How much recovery reads at once.
  uint64_t read_buffer_bytes = 256 * 1024;
  /// How much of a table is collected for one write.
  uint64_t write_buffer_bytes = 256 * 1024;

  /// A write that would make the memtable larger than this flushes it to a
  /// table first. Without a directory tables are in memory too, with all that
  /// was overwritten since: memory_bytes_max counts them.
  uint64_t memtable_bytes_max = 64 * 1024 * 1024;
  MemTableKind memtable_kind = MemTableKind::kSkipList;
  /// A manifest that has grown over this is followed by a new one.
  uint64_t manifest_bytes_max = 1024 * 1024;
};

/// Choices for one read.
struct ReadOptions {};

/// Choices for one write.
struct WriteOptions {
  /// Whether the write survives a power loss when it has returned Ok. If not,
  /// it survives the death of the process; a later sync covers it too. Not
  /// set: as Options::sync_policy says.
  std::optional<bool> sync;
};

}  // namespace kv
