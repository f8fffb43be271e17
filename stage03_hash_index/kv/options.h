#pragma once

// What a caller can choose, for a whole database and for one call.
//
// Ownership: the pointers in Options are borrowed and must outlive the
//   database; null means the default.
// Units: sizes are in bytes; a limit is the largest value allowed.

#include <cstdint>
#include <functional>
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

struct Options {
  /// The database's directory. Empty: a private database in memory that ends
  /// with the Database object.
  std::string path;

  /// The longest key a write may carry.
  uint64_t key_bytes_max = 1024;
  /// The longest value a write may carry.
  uint64_t value_bytes_max = 1024 * 1024;
  /// What the database may keep in memory; a write that would go over it is
  /// refused with ResourceExhausted.
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
};

/// Choices for one read.
struct ReadOptions {};

/// Choices for one write.
struct WriteOptions {
  /// Whether the write survives a power loss when it has returned Ok. If not,
  /// it survives the death of the process; a later sync covers it too.
  bool sync = false;
};

}  // namespace kv
