#pragma once

// What a record does to its key.

#include <cstdint>

namespace kv {

/// On disk: append-only, 0 is reserved.
enum class RecordKind : uint8_t {
  kPut = 1,
  kDelete = 2,
};

}  // namespace kv
