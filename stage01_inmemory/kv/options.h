#pragma once

// What a caller can choose, for a whole database and for one call.
//
// Ownership: the pointers in Options are borrowed and must outlive the
//   database; null means the default.
// Units: sizes are in bytes; a limit is the largest value allowed.

#include <cstdint>
#include <string>

#include "common/base/random.h"

namespace kv {

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

  /// Seeds of hash functions. Null: Random::System().
  Random* random = nullptr;
};

/// Choices for one read.
struct ReadOptions {};

/// Choices for one write.
struct WriteOptions {};

}  // namespace kv
