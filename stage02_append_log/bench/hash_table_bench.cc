// The hash table against others with the same hash function: a million entries
// by default, keys of 16 bytes and values of 100.
//
// Method: a run makes an empty table, inserts all keys, finds all, looks for as
//   many that are not there, and erases all, each time in another random
//   order. A find does not read the value, which favours the peers: theirs is
//   in another allocation than the key, ours is beside it. What a run of ours
//   is compared with is in common/bench/ratio.h.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/random.h"
#include "common/bench/peers/hash_maps.h"
#include "common/bench/ratio.h"
#include "common/bench/workloads.h"
#include "index/hash_table.h"

namespace kv::bench {
namespace {

constexpr double kTargetAbsl = 0.9;
constexpr double kTargetStd = 1.5;
const char* const kMetrics[] = {"insert", "find hit", "find miss", "erase"};

// The keys of a run, in the order of their use: each list lies in one block.
struct Orders {
  std::string insert;
  std::string hit;
  std::string miss;
  std::string erase;
};

std::string ShuffledKeys(
    uint64_t count, std::string (*key_of)(uint64_t), SeededRandom* random) {
  std::vector<uint64_t> numbers(count);
  for (uint64_t i = 0; i < count; ++i) numbers[i] = i;
  std::string keys;
  keys.reserve(count * kKeyBytes);
  for (uint64_t i = count; i > 0; --i) {
    std::swap(numbers[i - 1], numbers[random->Below(i)]);
    keys += key_of(numbers[i - 1]);
  }
  return keys;
}

Orders MakeOrders(uint64_t count) {
  SeededRandom random(1);
  return {
      .insert = ShuffledKeys(count, PresentKey, &random),
      .hit = ShuffledKeys(count, PresentKey, &random),
      .miss = ShuffledKeys(count, MissingKey, &random),
      .erase = ShuffledKeys(count, PresentKey, &random),
  };
}

class OurTable {
 public:
  void Insert(std::string_view key, std::string_view value) {
    table_.Insert(key, value);
  }
  bool Find(std::string_view key) const { return table_.Find(key).has_value(); }
  bool Erase(std::string_view key) { return table_.Erase(key); }

 private:
  HashTable table_{kPeerHashSeed};
};

template <typename Map>
class PeerTable {
 public:
  void Insert(std::string_view key, std::string_view value) {
    const auto [entry, added] = map_.try_emplace(std::string(key), value);
    if (!added) entry->second = value;
  }
  bool Find(std::string_view key) const { return map_.find(key) != map_.end(); }
  bool Erase(std::string_view key) {
    const auto entry = map_.find(key);
    if (entry == map_.end()) return false;
    map_.erase(entry);
    return true;
  }

 private:
  Map map_;
};

// Nanoseconds a key for calling `step` with each key of the block.
template <typename Step>
double TimeKeys(const std::string& keys, Step step) {
  const size_t count = keys.size() / kKeyBytes;
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < count; ++i) {
    step(std::string_view(keys).substr(i * kKeyBytes, kKeyBytes));
  }
  const std::chrono::duration<double, std::nano> taken =
      std::chrono::steady_clock::now() - start;
  return taken.count() / static_cast<double>(count);
}

template <typename Table>
std::vector<double> RunTable(const Orders& orders) {
  const size_t count = orders.insert.size() / kKeyBytes;
  Table table;
  Values values(1);
  size_t found = 0;
  size_t missed_found = 0;
  size_t erased = 0;
  std::vector<double> nanos = {
      TimeKeys(
          orders.insert,
          [&](std::string_view key) { table.Insert(key, values.Next()); }),
      TimeKeys(
          orders.hit,
          [&](std::string_view key) { found += table.Find(key) ? 1 : 0; }),
      TimeKeys(
          orders.miss,
          [&](std::string_view key) {
            missed_found += table.Find(key) ? 1 : 0;
          }),
      TimeKeys(
          orders.erase,
          [&](std::string_view key) { erased += table.Erase(key) ? 1 : 0; }),
  };
  KV_CHECK(found == count, "every key is found");
  KV_CHECK(missed_found == 0, "no other key is found");
  KV_CHECK(erased == count, "every key is erased once");
  return nanos;
}

// Against the peer of that name, or all if it is empty.
int Run(uint64_t count, std::string_view only) {
  const Orders orders = MakeOrders(count);
  std::vector<Contestant> contestants = {
      {"HashTable", [&] { return RunTable<OurTable>(orders); }}};
  std::vector<double> targets;
  const auto add_peer = [&](const char* name, double target, auto run) {
    if (!only.empty() && only != name) return;
    contestants.push_back({name, run});
    targets.push_back(target);
  };
#if defined(KV_BENCH_HAVE_ABSL)
  add_peer("absl::flat_hash_map", kTargetAbsl, [&] {
    return RunTable<PeerTable<AbslFlatHashMap>>(orders);
  });
#else
  std::printf("1 peer absent: absl::flat_hash_map (libabsl-dev)\n");
#endif
  add_peer("std::unordered_map", kTargetStd, [&] {
    return RunTable<PeerTable<StdUnorderedMap>>(orders);
  });
  if (targets.empty()) {
    std::fprintf(stderr, "there is no such peer\n");
    return 2;
  }

  std::printf(
      "%llu entries, keys of %zu bytes, values of %zu, load at most %zu %%\n",
      static_cast<unsigned long long>(count), kKeyBytes, kValueBytes,
      HashTable::kLoadPercentMax);
  const std::vector<PeerRatios> peers = CompareAlternating(contestants);
  bool all_met = true;
  for (size_t i = 0; i < peers.size(); ++i) {
    for (size_t metric = 0; metric < std::size(kMetrics); ++metric) {
      const Ratio& ratio = peers[i].ratios[metric];
      all_met = all_met && ratio.Meets(targets[i]);
      std::printf(
          "%s\n",
          DescribeRatio(kMetrics[metric], peers[i].peer, ratio, targets[i])
              .c_str());
    }
  }
  return all_met ? 0 : 1;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1000000;
  if (argc > 3 || count <= 0) {
    std::fprintf(stderr, "usage: %s [NUMBER OF ENTRIES [PEER]]\n", argv[0]);
    return 2;
  }
  return kv::bench::Run(static_cast<uint64_t>(count), argc > 2 ? argv[2] : "");
}
