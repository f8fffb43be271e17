// Goal: shrinking ends, keeps the failure, and finds the essential elements.

#include "common/testing/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kv::testing {
namespace {

bool Contains(const std::vector<int>& list, int element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

std::vector<int> Numbers(int count) {
  std::vector<int> list;
  for (int i = 0; i < count; ++i) list.push_back(i);
  return list;
}

TEST(ShrinkList, KeepsOnlyTheElementsThatMatter) {
  size_t budget = 10000;
  const std::vector<int> smallest = ShrinkList<int>(
      Numbers(1000),
      [](const std::vector<int>& list) {
        return Contains(list, 3) && Contains(list, 500) && Contains(list, 999);
      },
      &budget);
  EXPECT_EQ(smallest, (std::vector<int>{3, 500, 999}));
  EXPECT_GT(budget, 9000u);  // far fewer calls than one for each pair
}

TEST(ShrinkList, ReachesTheEmptyListIfThatFails) {
  size_t budget = 100;
  const std::vector<int> smallest = ShrinkList<int>(
      Numbers(50), [](const std::vector<int>&) { return true; }, &budget);
  EXPECT_TRUE(smallest.empty());
}

TEST(ShrinkList, FindsElementsThatCanOnlyGoAfterAnother) {
  // 1 is needed as long as 2 is there, and 2 comes later.
  size_t budget = 1000;
  const std::vector<int> smallest = ShrinkList<int>(
      Numbers(10),
      [](const std::vector<int>& list) {
        return Contains(list, 7) && (!Contains(list, 2) || Contains(list, 1));
      },
      &budget);
  EXPECT_EQ(smallest, std::vector<int>{7});
}

TEST(ShrinkList, StopsAtItsBudgetWithAListThatFails) {
  size_t calls = 0;
  size_t budget = 5;
  const auto fails = [&calls](const std::vector<int>& list) {
    ++calls;
    return Contains(list, 77);
  };
  const std::vector<int> smallest =
      ShrinkList<int>(Numbers(100), fails, &budget);
  EXPECT_EQ(calls, 5u);
  EXPECT_EQ(budget, 0u);
  EXPECT_TRUE(Contains(smallest, 77));
}

}  // namespace
}  // namespace kv::testing
