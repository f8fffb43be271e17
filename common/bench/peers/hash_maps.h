#pragma once

// Other people's hash maps from byte strings to byte strings, with the hash
// function that our own table uses and lookups that make no std::string.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/hash.h"

#if defined(KV_BENCH_HAVE_ABSL)
#include "absl/container/flat_hash_map.h"
#endif

namespace kv::bench {

inline constexpr uint64_t kPeerHashSeed = 42;

struct BytesHash {
  using is_transparent = void;
  size_t operator()(std::string_view bytes) const {
    return static_cast<size_t>(HashBytes(bytes, kPeerHashSeed));
  }
};

using StdUnorderedMap =
    std::unordered_map<std::string, std::string, BytesHash, std::equal_to<>>;
#if defined(KV_BENCH_HAVE_ABSL)
using AbslFlatHashMap =
    absl::flat_hash_map<std::string, std::string, BytesHash, std::equal_to<>>;
#endif

}  // namespace kv::bench
