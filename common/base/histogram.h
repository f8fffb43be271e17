#pragma once

// Counts of values in buckets whose width grows with the value, from which
// percentiles are read: for latencies, whose tail matters more than their
// mean.
//
// Threads: one at a time; give each thread its own and Merge them.
// Limits: values below 64 are exact, any other percentile is off by at most
//   1/32 of its value. 15 KiB whatever is recorded; Record never allocates.
// Source: the bucket layout of HdrHistogram.

#include <array>
#include <cstddef>
#include <cstdint>

namespace kv {

class Histogram {
 public:
  /// Counts one `value`, of any unit: results have the same one.
  void Record(uint64_t value);

  /// Adds everything that `other` has counted.
  void Merge(const Histogram& other);

  void Clear() { *this = Histogram(); }

  uint64_t Count() const { return count_; }
  /// The smallest and the largest value, both exact; 0 if nothing was
  /// recorded.
  uint64_t Min() const { return count_ == 0 ? 0 : min_; }
  uint64_t Max() const { return max_; }
  /// Exact; 0 if nothing was recorded.
  double Mean() const;

  /// The value that `percent` of all values do not exceed, 0 <= percent <=
  /// 100; 0 if nothing was recorded.
  uint64_t Percentile(double percent) const;

 private:
  // Each power of two is cut into this many buckets of equal width.
  static constexpr int kStepBits = 5;
  static constexpr uint64_t kSteps = uint64_t{1} << kStepBits;
  static constexpr size_t kBuckets = (64 - kStepBits + 1) * kSteps;

  static size_t BucketOf(uint64_t value);
  static uint64_t LargestIn(size_t bucket);

  std::array<uint64_t, kBuckets> buckets_ = {};
  uint64_t count_ = 0;
  double sum_ = 0;
  uint64_t min_ = UINT64_MAX;
  uint64_t max_ = 0;
};

}  // namespace kv
