#include "common/bench/workloads.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/base/check.h"

namespace kv::bench {
namespace {

constexpr double kZipfTheta = 0.99;

std::string KeyOfNumber(uint64_t number) {
  std::string key(kKeyBytes, '0');
  for (size_t i = kKeyBytes; i > 0 && number > 0; --i, number /= 10) {
    key[i - 1] = static_cast<char>('0' + number % 10);
  }
  return key;
}

void Add(Plan* plan, Action action, const std::string& key, size_t count = 1) {
  plan->operations.push_back(
      {action, static_cast<uint16_t>(count),
       static_cast<uint32_t>(plan->keys.size() / kKeyBytes)});
  plan->keys += key;
}

std::vector<uint64_t> Shuffled(uint64_t count, Random* random) {
  std::vector<uint64_t> numbers(count);
  for (uint64_t i = 0; i < count; ++i) numbers[i] = i;
  for (uint64_t i = count; i > 1; --i) {
    std::swap(numbers[i - 1], numbers[random->Below(i)]);
  }
  return numbers;
}

Plan FillSequential(uint64_t keys, uint64_t, Random*) {
  Plan plan;
  plan.starts_empty = true;
  for (uint64_t i = 0; i < keys; ++i) Add(&plan, Action::kPut, PresentKey(i));
  return plan;
}

Plan FillRandom(uint64_t keys, uint64_t, Random* random) {
  Plan plan;
  plan.starts_empty = true;
  for (const uint64_t i : Shuffled(keys, random)) {
    Add(&plan, Action::kPut, PresentKey(i));
  }
  return plan;
}

Plan FillSynced(uint64_t keys, uint64_t, Random*) {
  constexpr uint64_t kSyncedMax = 1000;  // one takes as long as 1,000 others
  Plan plan;
  plan.starts_empty = true;
  for (uint64_t i = 0; i < std::min(keys, kSyncedMax); ++i) {
    Add(&plan, Action::kPutSynced, PresentKey(i));
  }
  return plan;
}

Plan FillBatch(uint64_t keys, uint64_t, Random* random) {
  Plan plan;
  plan.starts_empty = true;
  const std::vector<uint64_t> order = Shuffled(keys, random);
  for (size_t i = 0; i + kBatchOperations <= order.size();
       i += kBatchOperations) {
    Add(&plan, Action::kPutBatch, "", kBatchOperations);
    for (size_t j = 0; j < kBatchOperations; ++j) {
      plan.keys += PresentKey(order[i + j]);
    }
  }
  return plan;
}

Plan DeleteAll(uint64_t keys, uint64_t, Random* random) {
  Plan plan;
  for (const uint64_t i : Shuffled(keys, random)) {
    Add(&plan, Action::kDelete, PresentKey(i));
  }
  return plan;
}

// One action on `operations` keys drawn evenly from the data set.
Plan Even(Action action, uint64_t keys, uint64_t operations, Random* random) {
  Plan plan;
  for (uint64_t i = 0; i < operations; ++i) {
    Add(&plan, action, PresentKey(random->Below(keys)));
  }
  return plan;
}

Plan Overwrite(uint64_t keys, uint64_t operations, Random* random) {
  return Even(Action::kPut, keys, operations, random);
}

Plan ReadRandom(uint64_t keys, uint64_t operations, Random* random) {
  Plan plan = Even(Action::kGetInto, keys, operations, random);
  plan.changes_store = false;
  plan.reads_expected = operations;
  return plan;
}

Plan ReadCopy(uint64_t keys, uint64_t operations, Random* random) {
  Plan plan = Even(Action::kGet, keys, operations, random);
  plan.changes_store = false;
  plan.reads_expected = operations;
  return plan;
}

Plan ReadMissing(uint64_t keys, uint64_t operations, Random* random) {
  Plan plan;
  plan.changes_store = false;
  for (uint64_t i = 0; i < operations; ++i) {
    Add(&plan, Action::kGetInto, MissingKey(random->Below(keys)));
  }
  return plan;
}

Plan ReadBatch(uint64_t keys, uint64_t operations, Random* random) {
  Plan plan;
  plan.changes_store = false;
  const uint64_t batches = std::max<uint64_t>(1, operations / kBatchOperations);
  for (uint64_t i = 0; i < batches; ++i) {
    Add(&plan, Action::kMultiGet, "", kBatchOperations);
    for (size_t j = 0; j < kBatchOperations; ++j) {
      plan.keys += PresentKey(random->Below(keys));
    }
  }
  plan.reads_expected = batches * kBatchOperations;
  return plan;
}

Plan ReadSequential(uint64_t keys, uint64_t, Random*) {
  Plan plan;
  plan.changes_store = false;
  for (uint64_t i = 0; i < keys; ++i) Add(&plan, Action::kNext, "");
  plan.reads_expected = keys;
  return plan;
}

Plan Reopen(uint64_t keys, uint64_t, Random*) {
  Plan plan;
  plan.changes_store = false;
  plan.operations_each = keys;
  Add(&plan, Action::kReopen, "");
  return plan;
}

// `percent` of the operations are `action`, the others reads, all on keys
// drawn by scrambled Zipf.
Plan YcsbMix(
    Action action, uint64_t percent, uint64_t keys, uint64_t operations,
    Random* random) {
  Plan plan;
  Zipf zipf(keys);
  plan.changes_store = percent > 0;
  for (uint64_t i = 0; i < operations; ++i) {
    const bool other = random->Below(100) < percent;
    const bool reads = !other || action == Action::kReadModifyWrite;
    Add(&plan, other ? action : Action::kGetInto,
        PresentKey(zipf.NextScrambled(random)));
    plan.reads_expected += reads ? 1 : 0;
  }
  return plan;
}

Plan YcsbA(uint64_t keys, uint64_t operations, Random* random) {
  return YcsbMix(Action::kPut, 50, keys, operations, random);
}

Plan YcsbB(uint64_t keys, uint64_t operations, Random* random) {
  return YcsbMix(Action::kPut, 5, keys, operations, random);
}

Plan YcsbC(uint64_t keys, uint64_t operations, Random* random) {
  return YcsbMix(Action::kPut, 0, keys, operations, random);
}

// Reads of what was inserted last, while 5 % of the operations insert.
Plan YcsbD(uint64_t keys, uint64_t operations, Random* random) {
  Plan plan;
  Zipf zipf(keys);
  uint64_t present = keys;
  for (uint64_t i = 0; i < operations; ++i) {
    if (random->Below(100) < 5) {
      Add(&plan, Action::kPut, PresentKey(present++));
    } else {
      const uint64_t age = zipf.Next(random);
      Add(&plan, Action::kGetInto, PresentKey(present - 1 - age));
      ++plan.reads_expected;
    }
  }
  return plan;
}

// Short scans, while 5 % of the operations insert.
Plan YcsbE(uint64_t keys, uint64_t operations, Random* random) {
  Plan plan;
  Zipf zipf(keys);
  uint64_t present = keys;
  for (uint64_t i = 0; i < operations; ++i) {
    if (random->Below(100) < 5) {
      Add(&plan, Action::kPut, PresentKey(present++));
    } else {
      const uint64_t start = zipf.NextScrambled(random);
      const uint64_t length = 1 + random->Below(kScanRecordsMax);
      Add(&plan, Action::kScan, PresentKey(start), length);
      plan.reads_expected += std::min(length, present - start);
    }
  }
  return plan;
}

Plan YcsbF(uint64_t keys, uint64_t operations, Random* random) {
  return YcsbMix(Action::kReadModifyWrite, 50, keys, operations, random);
}

std::vector<Workload> MakeWorkloads() {
  constexpr auto kScan = &Capabilities::ordered_scan;
  return {
      {"fillseq", "put all keys in order", nullptr, FillSequential},
      {"fillrandom", "put all keys in random order", nullptr, FillRandom},
      {"fillbatch", "put all keys in random order, 10 a batch", nullptr,
       FillBatch},
      {"fillsync", "put 1,000 keys, each synced", &Capabilities::sync,
       FillSynced},
      {"overwrite", "put random keys that are there", nullptr, Overwrite},
      {"delete", "delete all keys in random order", nullptr, DeleteAll},
      {"readrandom", "GetInto of random keys", nullptr, ReadRandom},
      {"readcopy", "Get of random keys", nullptr, ReadCopy},
      {"readmissing", "GetInto of keys that are not there", nullptr,
       ReadMissing},
      {"readbatch", "MultiGet of 10 random keys", nullptr, ReadBatch},
      {"readseq", "read all records in the order of their keys",
       &Capabilities::sequential, ReadSequential},
      {"reopen", "close and open; an operation is one record",
       &Capabilities::reopen, Reopen},
      {"ycsba", "50 % reads, 50 % updates, Zipf", nullptr, YcsbA},
      {"ycsbb", "95 % reads, 5 % updates, Zipf", nullptr, YcsbB},
      {"ycsbc", "reads, Zipf", nullptr, YcsbC},
      {"ycsbd", "95 % reads of the latest, 5 % inserts", nullptr, YcsbD},
      {"ycsbe", "95 % scans of 1 to 100 records, 5 % inserts", kScan, YcsbE},
      {"ycsbf", "50 % reads, 50 % read-modify-write, Zipf", nullptr, YcsbF},
  };
}

}  // namespace

const std::vector<Workload>& Workloads() {
  static const std::vector<Workload> workloads = MakeWorkloads();
  return workloads;
}

const Workload* FindWorkload(std::string_view name) {
  for (const Workload& workload : Workloads()) {
    if (workload.name == name) return &workload;
  }
  return nullptr;
}

std::string PresentKey(uint64_t number) {
  return KeyOfNumber(2 * number);
}

std::string MissingKey(uint64_t number) {
  return KeyOfNumber(2 * number + 1);
}

Values::Values(uint64_t seed, size_t value_bytes) : value_bytes_(value_bytes) {
  constexpr size_t kValues = 4096;
  SeededRandom random(seed);
  block_.reserve(kValues * value_bytes);
  while (block_.size() < kValues * value_bytes) {
    std::string half;
    while (half.size() < (value_bytes + 1) / 2) {
      half += static_cast<char>(random.Below(256));
    }
    block_ += half + half.substr(0, value_bytes / 2);
  }
}

Zipf::Zipf(uint64_t items) : items_(items) {
  KV_CHECK(items > 0, "a Zipf distribution is over at least one item");
  zeta_ = 0;
  for (uint64_t i = 1; i <= items; ++i) {
    zeta_ += 1 / std::pow(static_cast<double>(i), kZipfTheta);
  }
  const double zeta_of_two = 1 + std::pow(0.5, kZipfTheta);
  alpha_ = 1 / (1 - kZipfTheta);
  eta_ = (1 - std::pow(2 / static_cast<double>(items), 1 - kZipfTheta)) /
      (1 - zeta_of_two / zeta_);
}

uint64_t Zipf::Next(Random* random) {
  const double even = static_cast<double>(random->Next() >> 11) /
      static_cast<double>(1ull << 53);
  const double scaled = even * zeta_;
  if (scaled < 1 || items_ == 1) return 0;
  if (scaled < 1 + std::pow(0.5, kZipfTheta) || items_ == 2) return 1;
  const double number =
      static_cast<double>(items_) * std::pow(eta_ * even - eta_ + 1, alpha_);
  return std::min(static_cast<uint64_t>(number), items_ - 1);
}

uint64_t Zipf::NextScrambled(Random* random) {
  const uint64_t number = Next(random);
  return SeededRandom(number).Next() % items_;
}

}  // namespace kv::bench
