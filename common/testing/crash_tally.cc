#include "common/testing/crash_tally.h"

#include <utility>

namespace kv::testing::internal {

CrashTally::CrashTally(const CrashOptions* options) : options_(options) {}

bool CrashTally::Find(uint64_t disk_hash, uint64_t* recovered) {
  Shard& shard = shards_[disk_hash % kShards];
  const MutexLock lock(&shard.mutex);
  const auto found = shard.recovered.find(disk_hash);
  if (found == shard.recovered.end()) {
    return false;
  }
  *recovered = found->second;
  return true;
}

void CrashTally::Built(CrashKind kind) {
  built_[static_cast<size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
}

void CrashTally::Add(
    const std::string& group, CrashKind kind, uint64_t disk_hash,
    uint64_t recovered) {
  {
    Shard& shard = shards_[disk_hash % kShards];
    const MutexLock lock(&shard.mutex);
    if (!shard.recovered.emplace(disk_hash, recovered).second) {
      return;
    }
  }
  if (kind == CrashKind::kNested) {
    nested_.fetch_add(1);
  }
  if (states_.fetch_add(1) + 1 >= options_->states_max) {
    done_ = true;
  }
  const MutexLock lock(&mutex_);
  ++report_.states[group][static_cast<size_t>(kind)];
}

void CrashTally::AddCalls(uint64_t calls) {
  const MutexLock lock(&mutex_);
  report_.calls += calls;
}

void CrashTally::AddWorkload() {
  const MutexLock lock(&mutex_);
  ++report_.workloads;
}

double CrashTally::NestedShare() const {
  return static_cast<double>(nested_.load()) /
      static_cast<double>(states_.load() + 1);
}

void CrashTally::Fail(CrashFailure failure) {
  const MutexLock lock(&mutex_);
  if (!report_.failure.has_value()) {
    report_.failure = std::move(failure);
  }
  done_ = true;
}

void CrashTally::Throw(std::exception_ptr exception) {
  const MutexLock lock(&mutex_);
  if (exception_ == nullptr) {
    exception_ = std::move(exception);
  }
  done_ = true;
}

CrashReport CrashTally::TakeReport() {
  const MutexLock lock(&mutex_);
  if (exception_ != nullptr) {
    std::rethrow_exception(exception_);
  }
  for (size_t i = 0; i < kCrashKinds; ++i) {
    report_.built[i] = built_[i].load();
  }
  return std::move(report_);
}

}  // namespace kv::testing::internal
