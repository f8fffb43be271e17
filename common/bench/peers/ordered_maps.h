#pragma once

// Other people's sorted maps from byte strings to byte strings, with lookups
// that make no std::string.

#include <functional>
#include <map>
#include <string>

#if defined(KV_BENCH_HAVE_ABSL)
#include "absl/container/btree_map.h"
#endif

namespace kv::bench {

using StdMap = std::map<std::string, std::string, std::less<>>;
#if defined(KV_BENCH_HAVE_ABSL)
using AbslBtreeMap = absl::btree_map<std::string, std::string, std::less<>>;
#endif

}  // namespace kv::bench
