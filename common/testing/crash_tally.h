#pragma once

// What the workloads under one crash exploration share: which disks were
// looked at, how many states there were, and the first failure. Private to the
// explorer.
//
// Threads: any.

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <unordered_map>

#include "common/base/mutex.h"
#include "common/testing/crash_explorer.h"

namespace kv::testing::internal {

/// What the workloads of one exploration share.
class CrashTally {
 public:
  explicit CrashTally(const CrashOptions* options);

  const CrashOptions& options() const { return *options_; }

  /// True once there is nothing more to do: the budget is spent, or a promise
  /// broke.
  bool Done() const { return done_.load(std::memory_order_relaxed); }

  /// What a database recovers from the disk with this hash, if it was opened
  /// before.
  bool Find(uint64_t disk_hash, uint64_t* recovered);
  void Built(CrashKind kind);
  void Add(
      const std::string& group, CrashKind kind, uint64_t disk_hash,
      uint64_t recovered);
  void AddCalls(uint64_t calls);
  void AddWorkload();
  /// The part of all states that is nested; about a third is wanted.
  double NestedShare() const;

  /// The first one is kept.
  void Fail(CrashFailure failure);
  /// What the database threw: an exercise that is not written yet.
  void Throw(std::exception_ptr exception);

  uint64_t states() const { return states_.load(); }
  /// Rethrows what a database threw.
  CrashReport TakeReport();

 private:
  static constexpr size_t kShards = 16;
  struct Shard {
    Mutex mutex;
    std::unordered_map<uint64_t, uint64_t> recovered KV_GUARDED_BY(mutex);
  };

  const CrashOptions* const options_;
  std::array<Shard, kShards> shards_;
  std::atomic<bool> done_ = false;
  std::atomic<uint64_t> states_ = 0;
  std::atomic<uint64_t> nested_ = 0;
  std::array<std::atomic<uint64_t>, kCrashKinds> built_ = {};
  Mutex mutex_;
  CrashReport report_ KV_GUARDED_BY(mutex_);
  std::exception_ptr exception_ KV_GUARDED_BY(mutex_);
};

}  // namespace kv::testing::internal
