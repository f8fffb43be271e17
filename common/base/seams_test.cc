// Random and Clock: seeded and manual ones replay, the system's are real.

#include <gtest/gtest.h>

#include <set>

#include "common/base/clock.h"
#include "common/base/random.h"

namespace kv {
namespace {

TEST(SeededRandomTest, KeepsItsNumbers) {
  // The first three of SplitMix64 with seed 0, as published.
  SeededRandom random(0);
  EXPECT_EQ(random.Next(), 0xe220a8397b1dcdafu);
  EXPECT_EQ(random.Next(), 0x6e789e6aa1b965f4u);
  EXPECT_EQ(random.Next(), 0x06c45d188009454fu);
}

TEST(SeededRandomTest, BelowStaysBelowAndReachesAll) {
  SeededRandom random(7);
  std::set<uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t number = random.Below(10);
    ASSERT_LT(number, 10u);
    seen.insert(number);
  }
  EXPECT_EQ(seen.size(), 10u);
}

TEST(SeededRandomTest, OneInIsTrueAboutThatOften) {
  SeededRandom random(7);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) {
    hits += random.OneIn(10) ? 1 : 0;
  }
  EXPECT_GT(hits, 850);
  EXPECT_LT(hits, 1'150);
  EXPECT_TRUE(random.OneIn(1));
}

TEST(SystemRandomTest, DoesNotRepeat) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert(Random::System()->Next());
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(ManualClockTest, MovesOnlyWhenItIsTold) {
  ManualClock clock(5);
  EXPECT_EQ(clock.WallMicros(), 5u);
  EXPECT_EQ(clock.WallMicros(), 5u);
  const uint64_t before = clock.MonotonicNanos();
  clock.AdvanceMicros(3);
  EXPECT_EQ(clock.WallMicros(), 8u);
  EXPECT_EQ(clock.MonotonicNanos() - before, 3'000u);
}

TEST(SystemClockTest, IsAfterThisWasWrittenAndNeverGoesBack) {
  constexpr uint64_t kYear2020Micros = 1'577'836'800'000'000u;
  EXPECT_GT(Clock::System()->WallMicros(), kYear2020Micros);
  uint64_t last = 0;
  for (int i = 0; i < 1'000; ++i) {
    const uint64_t now = Clock::System()->MonotonicNanos();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace kv
