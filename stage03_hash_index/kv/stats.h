#pragma once

// Numbers about a database at one moment, as GetStats returns them.

#include <cstdint>

namespace kv {

struct Stats {
  /// Keys with a value. The name promises an estimate; it is exact where the
  /// database can know the number without reading its files.
  uint64_t estimated_keys = 0;
  /// Memory in use for keys, values and the structures that find them.
  uint64_t memory_bytes = 0;

  /// The length of all files.
  uint64_t disk_bytes = 0;
  /// What the operations that hold the current values take in the log.
  uint64_t live_bytes = 0;
  /// What all other operations take: overwritten values and deletes. The rest
  /// of disk_bytes is headers.
  uint64_t dead_bytes = 0;

  // Calls since Open that returned Ok or NotFound.
  uint64_t puts = 0;  ///< Put, and each put of a batch
  uint64_t deletes = 0;  ///< Delete, and each delete of a batch
  uint64_t gets_found = 0;  ///< Get, GetInto, Exists and MultiGet: a value
  uint64_t gets_missed = 0;  ///< the same: no value
};

}  // namespace kv
