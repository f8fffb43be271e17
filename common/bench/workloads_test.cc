// Goal: a plan is what its description says, and the same for the same seed.

#include "common/bench/workloads.h"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace kv::bench {
namespace {

constexpr uint64_t kKeys = 1000;
constexpr uint64_t kOperations = 20000;

Plan MakePlan(const Workload& workload, uint64_t seed) {
  SeededRandom random(seed);
  return workload.make_plan(kKeys, kOperations, &random);
}

Plan MakePlan(const std::string& name) {
  return MakePlan(*FindWorkload(name), 1);
}

std::map<Action, uint64_t> CountActions(const Plan& plan) {
  std::map<Action, uint64_t> counts;
  for (const Operation& operation : plan.operations) {
    ++counts[operation.action];
  }
  return counts;
}

TEST(Workloads, SameSeedGivesTheSamePlan) {
  for (const Workload& workload : Workloads()) {
    const Plan first = MakePlan(workload, 7);
    const Plan second = MakePlan(workload, 7);
    EXPECT_EQ(first.keys, second.keys) << workload.name;
    ASSERT_EQ(first.operations.size(), second.operations.size());
    for (size_t i = 0; i < first.operations.size(); ++i) {
      EXPECT_EQ(first.operations[i].action, second.operations[i].action);
      EXPECT_EQ(first.operations[i].count, second.operations[i].count);
    }
  }
}

TEST(Workloads, AnotherSeedGivesOtherKeys) {
  const Workload& workload = *FindWorkload("readrandom");
  EXPECT_NE(MakePlan(workload, 7).keys, MakePlan(workload, 8).keys);
}

TEST(Workloads, EveryOperationHasItsKeysWithinThePlan) {
  for (const Workload& workload : Workloads()) {
    const Plan plan = MakePlan(workload, 1);
    EXPECT_FALSE(plan.operations.empty()) << workload.name;
    for (const Operation& operation : plan.operations) {
      const bool none = operation.action == Action::kNext ||
          operation.action == Action::kReopen;
      const bool one = operation.action == Action::kScan;
      const uint64_t keys = none ? 0 : one ? 1 : operation.count;
      EXPECT_LE((operation.first_key + keys) * kKeyBytes, plan.keys.size())
          << workload.name;
    }
  }
}

TEST(Workloads, FillsPutEachKeyOnce) {
  for (const char* name : {"fillseq", "fillrandom", "fillbatch"}) {
    const Plan plan = MakePlan(name);
    std::set<std::string_view> keys;
    for (uint64_t i = 0; i < kKeys; ++i) keys.insert(plan.Key(i));
    EXPECT_EQ(keys.size(), kKeys) << name;
    EXPECT_EQ(plan.keys.size(), kKeys * kKeyBytes) << name;
    EXPECT_EQ(*keys.begin(), PresentKey(0)) << name;
    EXPECT_EQ(*keys.rbegin(), PresentKey(kKeys - 1)) << name;
  }
}

TEST(Workloads, KeysHaveSixteenDigitsAndOddOnesAreMissing) {
  EXPECT_EQ(PresentKey(0), "0000000000000000");
  EXPECT_EQ(PresentKey(617), "0000000000001234");
  EXPECT_EQ(MissingKey(617), "0000000000001235");
}

TEST(Workloads, YcsbMixesHaveTheSharesOfThePaper) {
  struct Case {
    const char* name;
    Action action;
    double share;
  };
  const Case cases[] = {
      {"ycsba", Action::kPut, 0.50},
      {"ycsbb", Action::kPut, 0.05},
      {"ycsbc", Action::kGetInto, 1.00},
      {"ycsbd", Action::kPut, 0.05},
      {"ycsbe", Action::kScan, 0.95},
      {"ycsbf", Action::kReadModifyWrite, 0.50},
  };
  for (const Case& expected : cases) {
    const Plan plan = MakePlan(expected.name);
    const double count =
        static_cast<double>(CountActions(plan)[expected.action]);
    EXPECT_NEAR(count / kOperations, expected.share, 0.01) << expected.name;
  }
}

TEST(Values, HaveTheirSizeAndASecondHalfLikeTheFirst) {
  Values values(3);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string value(values.Next());
    ASSERT_EQ(value.size(), kValueBytes);
    EXPECT_EQ(value.substr(0, kValueBytes / 2), value.substr(kValueBytes / 2));
    seen.insert(value);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(Values, ComeInTurnWithoutEnd) {
  Values values(3);
  const std::string first(values.Next());
  size_t until_again = 1;
  while (values.Next() != first) ++until_again;
  EXPECT_EQ(until_again, 4096u);
}

TEST(Zipf, FrequenciesFallAsThePowerLawSays) {
  constexpr uint64_t kItems = 100;
  constexpr int kDraws = 400000;
  SeededRandom random(5);
  Zipf zipf(kItems);
  std::vector<int> counts(kItems);
  for (int i = 0; i < kDraws; ++i) ++counts.at(zipf.Next(&random));
  double zeta = 0;
  for (uint64_t i = 1; i <= kItems; ++i) {
    zeta += std::pow(static_cast<double>(i), -0.99);
  }
  // The two first are exact; the rest is the paper's approximation.
  EXPECT_NEAR(counts[0], kDraws / zeta, kDraws * 0.005);
  EXPECT_NEAR(counts[1], kDraws / zeta * std::pow(2, -0.99), kDraws * 0.005);
  EXPECT_NEAR(counts[9], kDraws / zeta * std::pow(10, -0.99), kDraws * 0.005);
  EXPECT_GT(counts[99], 0);
}

TEST(Zipf, ScrambledOnesAreAsFrequentButSpread) {
  constexpr uint64_t kItems = 1000;
  SeededRandom random(5);
  Zipf zipf(kItems);
  std::map<uint64_t, int> counts;
  for (int i = 0; i < 100000; ++i) ++counts[zipf.NextScrambled(&random)];
  uint64_t hottest = 0;
  for (const auto& [number, count] : counts) {
    EXPECT_LT(number, kItems);
    if (count > counts[hottest]) hottest = number;
  }
  EXPECT_GT(counts[hottest], 10000);
  EXPECT_GT(hottest, 10u);
}

TEST(Zipf, OneItemIsAlwaysChosen) {
  SeededRandom random(5);
  Zipf zipf(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(zipf.NextScrambled(&random), 0u);
}

}  // namespace
}  // namespace kv::bench
