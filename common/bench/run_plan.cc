#include "common/bench/run_plan.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace kv::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr uint64_t kCalibrationOperations = 64;
constexpr uint64_t kCheapNanosMax = 2000;

uint64_t NanosBetween(
    SteadyClock::time_point from, SteadyClock::time_point to) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(to - from).count());
}

// Does single operations of a plan, in buffers that it keeps: an allocation
// that is counted is the store's.
class Executor {
 public:
  Executor(const Plan& plan, Store* store, Values* values)
      : plan_(plan), store_(store), values_(values) {
    value_.reserve(4 * kValueBytes);
    keys_.reserve(kBatchOperations);
    pairs_.reserve(kBatchOperations);
  }

  uint64_t found() const { return found_; }

  Status Execute(const Operation& operation) {
    const std::string_view key = plan_.Key(operation.first_key);
    switch (operation.action) {
      case Action::kPut:
        return store_->Put(key, values_->Next());
      case Action::kPutSynced:
        return store_->PutSynced(key, values_->Next());
      case Action::kPutBatch:
        return PutBatch(operation);
      case Action::kDelete:
        return store_->Delete(key);
      case Action::kGetInto:
        return CountFound(store_->GetInto(key, &value_));
      case Action::kGet:
        return CountFound(store_->Get(key).status());
      case Action::kMultiGet:
        return MultiGet(operation);
      case Action::kReadModifyWrite:
        KV_RETURN_IF_ERROR(CountFound(store_->GetInto(key, &value_)));
        return store_->Put(key, values_->Next());
      case Action::kScan:
        return Scan(key, operation.count);
      case Action::kNext:
        if (cursor_ == nullptr) cursor_ = store_->NewCursor("");
        return CountFound(cursor_->Next(&value_));
      case Action::kReopen:
        return store_->Reopen();
    }
    return Status::Ok();
  }

 private:
  Status CountFound(Status status) {
    if (status.ok()) ++found_;
    if (status.IsNotFound()) return Status::Ok();
    return status;
  }

  Status PutBatch(const Operation& operation) {
    pairs_.clear();
    for (uint64_t i = 0; i < operation.count; ++i) {
      pairs_.push_back({plan_.Key(operation.first_key + i), values_->Next()});
    }
    return store_->PutBatch(pairs_);
  }

  Status MultiGet(const Operation& operation) {
    keys_.clear();
    for (uint64_t i = 0; i < operation.count; ++i) {
      keys_.push_back(plan_.Key(operation.first_key + i));
    }
    return store_->MultiGet(keys_, &found_);
  }

  Status Scan(std::string_view start, uint64_t records) {
    const std::unique_ptr<Cursor> cursor = store_->NewCursor(start);
    for (uint64_t i = 0; i < records; ++i) {
      const Status status = cursor->Next(&value_);
      if (status.IsNotFound()) break;
      KV_RETURN_IF_ERROR(status);
      ++found_;
    }
    return Status::Ok();
  }

  const Plan& plan_;
  Store* const store_;
  Values* const values_;
  std::unique_ptr<Cursor> cursor_;
  std::string value_;
  std::vector<std::string_view> keys_;
  std::vector<KeyValue> pairs_;
  uint64_t found_ = 0;
};

// Finds every key, and does nothing.
class NullStore : public Store {
 public:
  Capabilities GetCapabilities() const override { return {}; }
  std::string DescribeOptions() const override { return ""; }
  Status Put(std::string_view, std::string_view) override {
    return Status::Ok();
  }
  Status PutSynced(std::string_view, std::string_view) override {
    return Status::Ok();
  }
  Status PutBatch(std::span<const KeyValue>) override { return Status::Ok(); }
  Status Delete(std::string_view) override { return Status::Ok(); }
  Status GetInto(std::string_view, std::string*) override {
    return Status::Ok();
  }
  Result<std::string> Get(std::string_view) override { return std::string(); }
  Status MultiGet(std::span<const std::string_view>, uint64_t*) override {
    return Status::Ok();
  }
  std::unique_ptr<Cursor> NewCursor(std::string_view) override {
    return nullptr;
  }
  Status Reopen() override { return Status::Ok(); }
};

AllocationCounts Difference(AllocationCounts later, AllocationCounts earlier) {
  return {
      .allocations = later.allocations - earlier.allocations,
      .bytes = later.bytes - earlier.bytes,
  };
}

}  // namespace

Result<PlanRun> RunPlan(
    const Plan& plan, Store* store, Values* values, uint64_t timer_ns,
    double seconds_max) {
  Executor executor(plan, store, values);
  PlanRun run;
  uint64_t done = 0;
  uint64_t sample_every = 1;
  uint64_t until_sample = 1;
  const AllocationCounts allocated_before = CountAllocations();
  const auto start = SteadyClock::now();
  const auto deadline = start +
      std::chrono::duration_cast<SteadyClock::duration>(
                            std::chrono::duration<double>(seconds_max));
  for (const Operation& operation : plan.operations) {
    ++done;
    if (--until_sample > 0) {
      KV_RETURN_IF_ERROR(executor.Execute(operation));
      continue;
    }
    until_sample = sample_every;
    const auto before = SteadyClock::now();
    KV_RETURN_IF_ERROR(executor.Execute(operation));
    const auto after = SteadyClock::now();
    const uint64_t nanos = NanosBetween(before, after);
    run.latency_ns.Record(nanos - std::min(nanos, timer_ns));
    if (done == kCalibrationOperations &&
        run.latency_ns.Percentile(50) < kCheapNanosMax) {
      // From here on a sample stands for many; those so far would not.
      run.latency_ns.Clear();
      sample_every = until_sample = kSampleEvery;
    }
    if (after > deadline) break;
  }
  run.seconds =
      std::chrono::duration<double>(SteadyClock::now() - start).count();
  run.allocated = Difference(CountAllocations(), allocated_before);
  run.operations = done * plan.operations_each;
  if (done == plan.operations.size() &&
      executor.found() != plan.reads_expected) {
    return Status::Corruption(
        "the reads found " + std::to_string(executor.found()) +
        " values where " + std::to_string(plan.reads_expected) + " are");
  }
  return run;
}

uint64_t MeasureTimerNanos() {
  Histogram nanos;
  for (int i = 0; i < 10000; ++i) {
    const auto before = SteadyClock::now();
    nanos.Record(NanosBetween(before, SteadyClock::now()));
  }
  return nanos.Percentile(50);
}

double MeasureHarnessNanos(uint64_t timer_ns) {
  constexpr uint64_t kOperations = 200000;
  SeededRandom random(1);
  const Plan plan =
      FindWorkload("readrandom")->make_plan(1000, kOperations, &random);
  NullStore store;
  Values values(1);
  const Result<PlanRun> run = RunPlan(plan, &store, &values, timer_ns, 60);
  KV_CHECK(run.ok(), "a store that does nothing cannot fail");
  return (*run).seconds * 1e9 / static_cast<double>(kOperations);
}

}  // namespace kv::bench
