#include "common/base/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/base/check.h"

namespace kv {

// A value below 2 * kSteps is its own bucket. A larger one, of w bits, loses
// its lowest w - kStepBits - 1 bits; what is left, kSteps to 2 * kSteps - 1,
// is the place within the kSteps buckets that its power of two has.
size_t Histogram::BucketOf(uint64_t value) {
  if (value < 2 * kSteps) return static_cast<size_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - kStepBits - 1;
  return static_cast<size_t>(
      static_cast<uint64_t>(shift) * kSteps + (value >> shift));
}

uint64_t Histogram::LargestIn(size_t bucket) {
  if (bucket < 2 * kSteps) return bucket;
  const uint64_t shift = bucket / kSteps - 1;
  const uint64_t place = bucket % kSteps + kSteps;
  return (place << shift) + ((uint64_t{1} << shift) - 1);
}

void Histogram::Record(uint64_t value) {
  ++buckets_[BucketOf(value)];
  ++count_;
  sum_ += static_cast<double>(value);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Histogram::Mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

uint64_t Histogram::Percentile(double percent) const {
  KV_CHECK(percent >= 0 && percent <= 100, "a percentile is of 0 to 100");
  if (count_ == 0) return 0;
  const double exact_rank =
      std::ceil(static_cast<double>(count_) * percent / 100);
  const uint64_t rank =
      std::max<uint64_t>(1, static_cast<uint64_t>(exact_rank));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::clamp(LargestIn(bucket), min_, max_);
  }
  return max_;
}

}  // namespace kv
