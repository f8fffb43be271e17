#pragma once

// The options of a database of any stage, on one line.

#include <cstddef>
#include <string>

namespace kv::bench {

// Every member that any stage's Options have and that changes what a
// measurement means. A member that this stage lacks is not there.
#define KV_BENCH_DESCRIBE(member) \
  if constexpr (requires { options.member; }) { \
    text += " " #member "=" + std::to_string(options.member); \
  }
template <typename Options>
std::string DescribeOptions(const Options& options) {
  std::string text =
      options.path.empty() ? "path=(memory)" : "path=(a file system)";
  KV_BENCH_DESCRIBE(key_bytes_max)
  KV_BENCH_DESCRIBE(value_bytes_max)
  KV_BENCH_DESCRIBE(memory_bytes_max)
  if constexpr (requires { options.sync_policy; }) {
    const char* const policies[] = {"never", "interval", "every write"};
    const auto policy = static_cast<size_t>(options.sync_policy);
    text += std::string(" sync_policy=") + policies[policy];
  }
  KV_BENCH_DESCRIBE(wal_segment_bytes_max)
  KV_BENCH_DESCRIBE(wal_bytes_max)
  KV_BENCH_DESCRIBE(memtable_bytes_max)
  if constexpr (requires { options.memtable_kind; }) {
    const char* const kinds[] = {"skip list", "B+tree"};
    const auto kind = static_cast<size_t>(options.memtable_kind);
    text += std::string(" memtable_kind=") + kinds[kind];
  }
  return text;
}
#undef KV_BENCH_DESCRIBE

}  // namespace kv::bench
