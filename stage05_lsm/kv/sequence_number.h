#pragma once

// How far the numbers of operations go.

#include <cstdint>

namespace kv {

/// Above the number of every write; at a million a second it is reached after
/// 2,283 years. A file that says more than this is damaged.
inline constexpr uint64_t kSequenceMax = (uint64_t{1} << 56) - 1;

}  // namespace kv
