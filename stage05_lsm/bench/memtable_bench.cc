// The memtable's two structures beside a map of the standard library and two
// B-trees: a million entries by default, keys of 16 bytes and values of 100.
//
// Usage: memtable_bench [ENTRIES [digits|random [STRUCTURE]]]
//
// Method: a run adds all keys to an empty one in ascending order, and to
//   another in random order; there it finds all in another random order, looks
//   for as many that are not there, and goes through all. A find touches the
//   value. Keys are decimal digits, which begin alike, or random bytes.
//   std::map and absl::btree_map hold strings and no versions: what one would
//   use who needs none. absl::btree_set holds what the memtable holds, pointers
//   to entries in an Arena, sorted by kv::Compare: only its nodes differ. What
//   a run is compared with is in common/bench/ratio.h. With STRUCTURE only its
//   runs are made, once: for a profiler.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(KV_BENCH_HAVE_ABSL)
#include "absl/container/btree_set.h"
#endif

#include "common/base/check.h"
#include "common/base/random.h"
#include "common/bench/peers/ordered_maps.h"
#include "common/bench/ratio.h"
#include "common/bench/stopwatch.h"
#include "common/bench/workloads.h"
#include "memtable/arena.h"
#include "memtable/memtable.h"

namespace kv::bench {
namespace {

const char* const kMetrics[] = {
    "add ascending", "add random", "find", "find none", "scan"};

// The keys of a run, in the order of their use: each list lies in one block.
struct Orders {
  std::string ascending;
  std::string add;
  std::string find;
  std::string none;
};

// 16 bytes; those of an odd number are never added.
std::string RandomBytesKey(uint64_t number) {
  SeededRandom random(number);
  const uint64_t words[] = {random.Next(), random.Next()};
  return std::string(reinterpret_cast<const char*>(words), kKeyBytes);
}

std::string RandomPresentKey(uint64_t number) {
  return RandomBytesKey(2 * number);
}

std::string RandomMissingKey(uint64_t number) {
  return RandomBytesKey(2 * number + 1);
}

std::string Joined(const std::vector<std::string>& keys) {
  std::string joined;
  joined.reserve(keys.size() * kKeyBytes);
  for (const std::string& key : keys) joined += key;
  return joined;
}

Orders MakeOrders(uint64_t count, bool digits) {
  SeededRandom random(1);
  std::vector<std::string> present;
  std::vector<std::string> missing;
  for (uint64_t i = 0; i < count; ++i) {
    present.push_back(digits ? PresentKey(i) : RandomPresentKey(i));
    missing.push_back(digits ? MissingKey(i) : RandomMissingKey(i));
  }
  const auto shuffled = [&random](std::vector<std::string> keys) {
    for (uint64_t i = keys.size(); i > 1; --i) {
      std::swap(keys[i - 1], keys[random.Below(i)]);
    }
    return Joined(keys);
  };
  Orders orders;
  orders.add = shuffled(present);
  orders.find = shuffled(present);
  orders.none = shuffled(missing);
  std::sort(present.begin(), present.end());
  orders.ascending = Joined(present);
  return orders;
}

// Each has Add, Find (whether it is there) and Scan (how many there are).

template <MemTableKind kKind>
class OurTable {
 public:
  void Add(const InternalKey& key, std::string_view value) {
    table_->Add(key, value);
  }

  bool Find(const InternalKey& key) {
    const auto entry = table_->Find(key);
    if (!entry.has_value()) return false;
    touched_ = entry->value.front();
    return true;
  }

  uint64_t Scan() {
    uint64_t count = 0;
    const auto entries = table_->NewIterator();
    for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
      touched_ = entries->Key().user_key.front() + entries->Value().front();
      ++count;
    }
    return count;
  }

 private:
  SeededRandom random_{1};
  std::shared_ptr<MemTable> table_ = MemTable::Create(kKind, &random_);
  volatile int touched_ = 0;
};

// An entry in an arena, its bytes behind it.
struct Record {
  InternalKey key;
  std::string_view value;

  static const Record* Create(
      Arena* arena, const InternalKey& key, std::string_view value) {
    const size_t key_bytes = key.user_key.size();
    auto* const record =
        new (arena->Allocate(sizeof(Record) + key_bytes + value.size()))
            Record();
    char* const bytes = reinterpret_cast<char*>(record + 1);
    std::memcpy(bytes, key.user_key.data(), key_bytes);
    std::memcpy(bytes + key_bytes, value.data(), value.size());
    record->key = key;
    record->key.user_key = {bytes, key_bytes};
    record->value = {bytes + key_bytes, value.size()};
    return record;
  }
};

struct Less {
  using is_transparent = void;
  bool operator()(const InternalKey& a, const InternalKey& b) const {
    return Compare(a, b) < 0;
  }
  bool operator()(const Record* a, const Record* b) const {
    return Compare(a->key, b->key) < 0;
  }
  bool operator()(const Record* a, const InternalKey& b) const {
    return Compare(a->key, b) < 0;
  }
  bool operator()(const InternalKey& a, const Record* b) const {
    return Compare(a, b->key) < 0;
  }
};

#if defined(KV_BENCH_HAVE_ABSL)
using AbslRecordSet = absl::btree_set<const Record*, Less>;
#endif

// A set of pointers to records.
template <typename Set>
class RecordSet {
 public:
  void Add(const InternalKey& key, std::string_view value) {
    set_.insert(Record::Create(&arena_, key, value));
  }

  bool Find(const InternalKey& key) {
    const auto place = set_.lower_bound(key);
    if (place == set_.end() || !IsSameKey((*place)->key, key)) return false;
    touched_ = (*place)->value.front();
    return true;
  }

  uint64_t Scan() {
    uint64_t count = 0;
    for (const Record* const record : set_) {
      touched_ = record->key.user_key.front() + record->value.front();
      ++count;
    }
    return count;
  }

 private:
  Arena arena_;
  Set set_;
  volatile int touched_ = 0;
};

// A map from string to string.
template <typename Map>
class StringMap {
 public:
  void Add(const InternalKey& key, std::string_view value) {
    map_.try_emplace(std::string(key.user_key), value);
  }

  bool Find(const InternalKey& key) {
    const auto place = map_.find(key.user_key);
    if (place == map_.end()) return false;
    touched_ = place->second.front();
    return true;
  }

  uint64_t Scan() {
    uint64_t count = 0;
    for (const auto& [key, value] : map_) {
      touched_ = key.front() + value.front();
      ++count;
    }
    return count;
  }

 private:
  Map map_;
  volatile int touched_ = 0;
};

// Nanoseconds a key for calling `step` with each key of the block.
template <typename Step>
double TimeKeys(const std::string& keys, uint64_t sequence, Step step) {
  const size_t count = keys.size() / kKeyBytes;
  const Stopwatch watch;
  for (size_t i = 0; i < count; ++i) {
    step(InternalKey{
        KeySpace::kUser,
        std::string_view(keys).substr(i * kKeyBytes, kKeyBytes),
        sequence == 0 ? i + 1 : sequence, RecordKind::kPut});
  }
  return watch.NanosEach(count);
}

template <typename Table>
std::vector<double> RunTable(const Orders& orders) {
  const size_t count = orders.add.size() / kKeyBytes;
  Values values(1);
  std::vector<double> nanos;
  {
    Table table;
    nanos.push_back(TimeKeys(orders.ascending, 0, [&](const InternalKey& key) {
      table.Add(key, values.Next());
    }));
  }
  Table table;
  nanos.push_back(TimeKeys(orders.add, 0, [&](const InternalKey& key) {
    table.Add(key, values.Next());
  }));
  size_t found = 0;
  nanos.push_back(TimeKeys(
      orders.find, kSequenceMax,
      [&](const InternalKey& key) { found += table.Find(key) ? 1 : 0; }));
  KV_CHECK(found == count, "every key is found");
  nanos.push_back(TimeKeys(
      orders.none, kSequenceMax,
      [&](const InternalKey& key) { found += table.Find(key) ? 1 : 0; }));
  KV_CHECK(found == count, "no other key is found");
  const Stopwatch watch;
  KV_CHECK(table.Scan() == count, "every key is passed");
  nanos.push_back(watch.NanosEach(count));
  return nanos;
}

std::vector<Contestant> MakeContestants(const Orders& orders) {
  std::vector<Contestant> contestants;
  const auto add = [&](const char* name, auto run) {
    contestants.push_back({name, [run, &orders] { return run(orders); }});
  };
  add("skip_list", RunTable<OurTable<MemTableKind::kSkipList>>);
  add("bplus_tree", RunTable<OurTable<MemTableKind::kBPlusTree>>);
  add("std::map", RunTable<StringMap<StdMap>>);
#if defined(KV_BENCH_HAVE_ABSL)
  add("absl::btree_map", RunTable<StringMap<AbslBtreeMap>>);
  add("absl::btree_set", RunTable<RecordSet<AbslRecordSet>>);
#else
  std::printf("2 peers absent: absl::btree_map, btree_set (libabsl-dev)\n");
#endif
  return contestants;
}

int RunOne(const std::vector<Contestant>& contestants, std::string_view name) {
  for (const Contestant& contestant : contestants) {
    if (contestant.name != name) continue;
    const std::vector<double> nanos = contestant.run();
    for (size_t metric = 0; metric < std::size(kMetrics); ++metric) {
      std::printf("%-14s %8.1f ns\n", kMetrics[metric], nanos[metric]);
    }
    return 0;
  }
  std::fprintf(stderr, "there is no such structure\n");
  return 2;
}

int Run(uint64_t count, bool digits, std::string_view only) {
  const Orders orders = MakeOrders(count, digits);
  const std::vector<Contestant> contestants = MakeContestants(orders);
  if (!only.empty()) return RunOne(contestants, only);
  std::printf(
      "%llu entries, keys of %zu %s, values of %zu bytes\n",
      static_cast<unsigned long long>(count), kKeyBytes,
      digits ? "digits" : "random bytes", kValueBytes);
  const std::vector<PeerRatios> peers = CompareAlternating(contestants);
  for (size_t metric = 0; metric < std::size(kMetrics); ++metric) {
    std::printf(
        "%-14s %-16s %8.1f ns\n", kMetrics[metric],
        contestants.front().name.c_str(), peers.front().ratios[metric].ours_ns);
    for (const PeerRatios& peer : peers) {
      const Ratio& ratio = peer.ratios[metric];
      std::printf(
          "%-14s %-16s %8.1f ns  %5.2fx  spread %4.1f %%\n", "",
          peer.peer.c_str(), ratio.peer_ns, ratio.value, ratio.spread * 100);
    }
  }
  return 0;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  const std::string keys = argc > 2 ? argv[2] : "digits";
  if (argc > 4 || count <= 0 || (keys != "digits" && keys != "random")) {
    std::fprintf(
        stderr, "usage: %s [ENTRIES [digits|random [STRUCTURE]]]\n", argv[0]);
    return 2;
  }
  return kv::bench::Run(
      static_cast<uint64_t>(count), keys == "digits", argc > 3 ? argv[3] : "");
}
