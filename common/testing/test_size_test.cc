// Goal: a run asked for as deep is deep, and a failure can be replayed.

#include "common/testing/test_size.h"

#include <gtest/gtest.h>

namespace kv::testing {
namespace {

TEST(TestSize, KnowsThreeWordsAndRefusesOthers) {
  TestSize size = TestSize::kQuick;
  EXPECT_TRUE(internal::ParseTestSize("deep", &size));
  EXPECT_EQ(size, TestSize::kDeep);
  EXPECT_TRUE(internal::ParseTestSize("full", &size));
  EXPECT_EQ(size, TestSize::kFull);
  EXPECT_TRUE(internal::ParseTestSize("quick", &size));
  EXPECT_EQ(size, TestSize::kQuick);
  EXPECT_FALSE(internal::ParseTestSize("Full", &size));
  EXPECT_FALSE(internal::ParseTestSize("deeper", &size));
}

TEST(TestSize, PickFollowsTheCurrentSize) {
  const int picked = Pick(1, 2, 3);
  EXPECT_EQ(picked, static_cast<int>(CurrentTestSize()) + 1);
}

TEST(TestSeed, IsAWholeNumber) {
  uint64_t seed = 0;
  EXPECT_TRUE(internal::ParseSeed("18446744073709551615", &seed));
  EXPECT_EQ(seed, UINT64_MAX);
  EXPECT_FALSE(internal::ParseSeed("18446744073709551616", &seed));
  EXPECT_FALSE(internal::ParseSeed("-1", &seed));
  EXPECT_FALSE(internal::ParseSeed("1x", &seed));
  EXPECT_FALSE(internal::ParseSeed("", &seed));
}

TEST(ReplayCommand, NamesSeedSizeProgramAndTest) {
  const std::string command = ReplayCommand(42);
  EXPECT_EQ(command.rfind("KV_SEED=42 KV_TEST_SIZE=", 0), 0u) << command;
  EXPECT_NE(
      command.find("--gtest_filter=ReplayCommand.NamesSeedSizeProgramAndTest"),
      std::string::npos)
      << command;
}

}  // namespace
}  // namespace kv::testing
