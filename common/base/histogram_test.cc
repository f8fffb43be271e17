// Goal: percentiles within the promised error, whatever the size of the
// values. Method: against the sorted list of the same values.

#include "common/base/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "common/base/random.h"
#include "gtest/gtest.h"

namespace kv {
namespace {

uint64_t ExactPercentile(std::vector<uint64_t> values, double percent) {
  std::sort(values.begin(), values.end());
  const double rank =
      std::ceil(static_cast<double>(values.size()) * percent / 100);
  return values[std::max<size_t>(1, static_cast<size_t>(rank)) - 1];
}

TEST(Histogram, EmptyOneIsAllZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.Count(), 0u);
  EXPECT_EQ(histogram.Min(), 0u);
  EXPECT_EQ(histogram.Max(), 0u);
  EXPECT_EQ(histogram.Mean(), 0);
  EXPECT_EQ(histogram.Percentile(99), 0u);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (uint64_t value = 0; value < 64; ++value) histogram.Record(value);
  EXPECT_EQ(histogram.Percentile(0), 0u);
  EXPECT_EQ(histogram.Percentile(50), 31u);
  EXPECT_EQ(histogram.Percentile(100), 63u);
  EXPECT_EQ(histogram.Mean(), 31.5);
}

TEST(Histogram, EveryPowerOfTwoAndItsNeighboursStayWithinOneThirtySecond) {
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t power = uint64_t{1} << bit;
    for (const uint64_t value : {power - 1, power, power + 1}) {
      Histogram histogram;
      histogram.Record(value);
      histogram.Record(UINT64_MAX);  // or Max would make the answer exact
      const uint64_t answer = histogram.Percentile(50);
      EXPECT_GE(answer, value);
      EXPECT_LE(answer - value, value / 32) << value;
    }
  }
}

TEST(Histogram, PercentilesAreNearTheSortedValues) {
  SeededRandom random(7);
  Histogram histogram;
  std::vector<uint64_t> values;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t value = random.Next() >> random.Below(60);
    histogram.Record(value);
    values.push_back(value);
  }
  for (const double percent : {0.0, 1.0, 50.0, 95.0, 99.0, 99.9, 100.0}) {
    const uint64_t exact = ExactPercentile(values, percent);
    const uint64_t answer = histogram.Percentile(percent);
    EXPECT_GE(answer, exact) << percent;
    EXPECT_LE(answer - exact, exact / 32) << percent;
  }
  EXPECT_EQ(histogram.Max(), *std::max_element(values.begin(), values.end()));
  EXPECT_EQ(histogram.Min(), *std::min_element(values.begin(), values.end()));
}

TEST(Histogram, MergedOneEqualsOneThatSawEverything) {
  SeededRandom random(8);
  Histogram left;
  Histogram right;
  Histogram both;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t value = random.Below(1000000);
    (random.OneIn(3) ? left : right).Record(value);
    both.Record(value);
  }
  left.Merge(right);
  EXPECT_EQ(left.Count(), both.Count());
  EXPECT_EQ(left.Min(), both.Min());
  EXPECT_EQ(left.Max(), both.Max());
  EXPECT_DOUBLE_EQ(left.Mean(), both.Mean());
  for (int percent = 0; percent <= 100; ++percent) {
    EXPECT_EQ(left.Percentile(percent), both.Percentile(percent));
  }
}

TEST(Histogram, MergeOfAnEmptyOneChangesNothing) {
  Histogram histogram;
  histogram.Record(5);
  histogram.Merge(Histogram());
  EXPECT_EQ(histogram.Count(), 1u);
  EXPECT_EQ(histogram.Min(), 5u);
  EXPECT_EQ(histogram.Max(), 5u);
}

TEST(Histogram, ClearForgetsAll) {
  Histogram histogram;
  histogram.Record(5);
  histogram.Clear();
  EXPECT_EQ(histogram.Count(), 0u);
  EXPECT_EQ(histogram.Percentile(50), 0u);
}

}  // namespace
}  // namespace kv
