// Goal: a B+tree keeps its items sorted, its leaves equally deep, linked and at
// least half full, whatever the order in which items come.
// Method: numbers in many orders, in a tree of small nodes, which soon is deep,
// and in one of ordinary nodes; the structure is checked on the way, and what
// is found compared with a std::set.

#include "memtable/bplus_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"
#include "memtable/arena.h"

namespace kv {
namespace {

struct NumberOrder {
  using Target = uint64_t;
  static uint64_t TargetOf(uint64_t number) { return number; }
  static int Compare(uint64_t a, uint64_t b) {
    ++comparisons;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  static uint64_t comparisons;
};
uint64_t NumberOrder::comparisons = 0;

using Numbers = std::vector<uint64_t>;
using DeepTree = BPlusTree<uint64_t, NumberOrder, 4>;
using WideTree = BPlusTree<uint64_t, NumberOrder>;

Numbers Ascending(uint64_t count) {
  Numbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

Numbers Descending(uint64_t count) {
  Numbers numbers = Ascending(count);
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

Numbers Shuffled(Numbers numbers, Random* random) {
  for (size_t i = numbers.size(); i > 1; --i) {
    std::swap(numbers[i - 1], numbers[random->Below(i)]);
  }
  return numbers;
}

// From both ends inwards: 1, n, 2, n - 1, ...
Numbers Inwards(uint64_t count) {
  Numbers numbers;
  for (uint64_t low = 1, high = count; low <= high; ++low, --high) {
    numbers.push_back(low);
    if (low != high) numbers.push_back(high);
  }
  return numbers;
}

// What a position is at; 0: nothing.
template <typename Iterator>
uint64_t At(const Iterator& iterator) {
  return iterator.Valid() ? iterator.Get() : 0;
}

uint64_t AtOrBehind(const std::set<uint64_t>& model, uint64_t target) {
  const auto found = model.lower_bound(target);
  return found == model.end() ? 0 : *found;
}

uint64_t AtOrBefore(const std::set<uint64_t>& model, uint64_t target) {
  const auto found = model.upper_bound(target);
  return found == model.begin() ? 0 : *std::prev(found);
}

// Compares all that can be asked about and around `target`.
template <typename Tree>
void ExpectLike(
    const std::set<uint64_t>& model, const Tree& tree, uint64_t target) {
  typename Tree::Iterator iterator(&tree);
  iterator.Seek(target);
  ASSERT_EQ(At(iterator), AtOrBehind(model, target)) << "Seek " << target;
  if (iterator.Valid()) {
    const uint64_t at = iterator.Get();
    typename Tree::Iterator next = iterator;
    next.Next();
    ASSERT_EQ(At(next), AtOrBehind(model, at + 1)) << "Next at " << at;
    typename Tree::Iterator prev = iterator;
    prev.Prev();
    ASSERT_EQ(At(prev), AtOrBefore(model, at - 1)) << "Prev at " << at;
  }
  iterator.SeekForPrev(target);
  ASSERT_EQ(At(iterator), AtOrBefore(model, target))
      << "SeekForPrev " << target;
}

TEST(BPlusTreeTest, AnEmptyTreeHasNothing) {
  Arena arena;
  const DeepTree tree(&arena);
  DeepTree::Iterator iterator(&tree);
  EXPECT_FALSE(iterator.Valid()) << "a new iterator is at no item";
  iterator.SeekToFirst();
  EXPECT_FALSE(iterator.Valid());
  iterator.SeekToLast();
  EXPECT_FALSE(iterator.Valid());
  iterator.Seek(0);
  EXPECT_FALSE(iterator.Valid());
  iterator.SeekForPrev(UINT64_MAX);
  EXPECT_FALSE(iterator.Valid());
  EXPECT_EQ(tree.Height(), 1);
  tree.CheckInvariants();
}

// Inserts one by one, with a look at the whole structure each time.
void ExpectSortedFrom(const Numbers& order, const char* name) {
  SCOPED_TRACE(name);
  Arena arena;
  DeepTree tree(&arena);
  for (const uint64_t number : order) {
    tree.Insert(number);
    tree.CheckInvariants();
  }
  const Numbers expected = Ascending(order.size());
  Numbers forwards;
  DeepTree::Iterator iterator(&tree);
  for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next()) {
    forwards.push_back(iterator.Get());
  }
  EXPECT_EQ(forwards, expected);
  Numbers backwards;
  for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev()) {
    backwards.push_back(iterator.Get());
  }
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(backwards, expected);
}

TEST(BPlusTreeTest, EveryOrderOfInsertionGivesTheSortedItems) {
  SeededRandom random(testing::TestSeed());
  ExpectSortedFrom(Ascending(600), "ascending");
  ExpectSortedFrom(Descending(600), "descending");
  ExpectSortedFrom(Inwards(600), "from both ends");
  ExpectSortedFrom(Shuffled(Ascending(600), &random), "random");
}

TEST(BPlusTreeTest, EveryOrderOfAFewItemsGivesTheSortedItems) {
  Numbers order = Ascending(7);  // splits a leaf of 4 in each possible place
  do {
    Arena arena;
    DeepTree tree(&arena);
    for (const uint64_t number : order) {
      tree.Insert(number);
    }
    tree.CheckInvariants();
    DeepTree::Iterator iterator(&tree);
    iterator.SeekToFirst();
    for (const uint64_t number : Ascending(7)) {
      ASSERT_EQ(At(iterator), number) << ::testing::PrintToString(order);
      iterator.Next();
    }
    ASSERT_FALSE(iterator.Valid());
  } while (std::next_permutation(order.begin(), order.end()));
}

template <typename Tree>
void ExpectLikeASet(uint64_t below, int steps, Random* random) {
  Arena arena;
  Tree tree(&arena);
  std::set<uint64_t> model;
  for (int step = 0; step < steps; ++step) {
    const uint64_t number = 1 + random->Below(below);
    if (model.insert(number).second) {
      tree.Insert(number);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectLike(model, tree, random->Below(below + 2)));
    if (step % 1000 == 0) tree.CheckInvariants();
  }
  tree.CheckInvariants();
}

TEST(BPlusTreeTest, RandomInsertionsGiveWhatASetGives) {
  const uint64_t seed = testing::TestSeed();
  SCOPED_TRACE(testing::ReplayCommand(seed));
  SeededRandom random(seed);
  const int steps = testing::Pick(5000, 50'000, 500'000);
  for (const uint64_t below : {100u, 10'000u, 1'000'000u}) {
    ExpectLikeASet<DeepTree>(below, steps, &random);
    ExpectLikeASet<WideTree>(below, steps, &random);
  }
}

TEST(BPlusTreeTest, TheTreeGrowsAtItsRoot) {
  Arena arena;
  DeepTree tree(&arena);
  Numbers grown;  // with which item the tree became higher
  for (const uint64_t number : Ascending(65)) {
    const int before = tree.Height();
    tree.Insert(number);
    if (tree.Height() > before) grown.push_back(number);
  }
  // Items that come in order fill all nodes: 4, 4 * 4, 4 * 4 * 4.
  EXPECT_EQ(grown, (Numbers{5, 17, 65}));
}

TEST(BPlusTreeTest, ItemsThatComeInOrderFillTheLeaves) {
  constexpr uint64_t kItems = 64 * 500;
  const auto bytes_each = [](const Numbers& order) {
    Arena arena;
    WideTree tree(&arena);
    for (const uint64_t number : order) {
      tree.Insert(number);
    }
    return static_cast<double>(arena.Bytes()) / static_cast<double>(kItems);
  };
  SeededRandom random(testing::TestSeed());
  EXPECT_LE(bytes_each(Ascending(kItems)), 10.0);
  EXPECT_LE(bytes_each(Shuffled(Ascending(kItems), &random)), 16.0);
  EXPECT_LE(bytes_each(Descending(kItems)), 20.0) << "half full at least";
}

TEST(BPlusTreeTest, AnIteratorStaysAtItsItemAndMeetsWhatIsInserted) {
  Arena arena;
  DeepTree tree(&arena);
  for (const uint64_t number : {10u, 20u, 30u, 40u}) {
    tree.Insert(number);
  }
  DeepTree::Iterator iterator(&tree);
  iterator.Seek(20);
  // Splits the leaf, and moves the item to another slot or leaf.
  for (const uint64_t number : {15u, 12u, 11u, 25u, 5u, 35u}) {
    tree.Insert(number);
    EXPECT_EQ(At(iterator), 20u);
  }
  DeepTree::Iterator forwards = iterator;
  forwards.Next();
  EXPECT_EQ(At(forwards), 25u);
  tree.Insert(19);
  iterator.Prev();
  EXPECT_EQ(At(iterator), 19u);
  iterator.Prev();
  EXPECT_EQ(At(iterator), 15u);
}

TEST(BPlusTreeTest, ASearchComparesWithFewItems) {
  constexpr uint64_t kItems = 50'000;
  constexpr uint64_t kSearches = 1000;
  SeededRandom random(testing::TestSeed());
  Arena arena;
  WideTree tree(&arena);
  for (const uint64_t number : Shuffled(Ascending(kItems), &random)) {
    tree.Insert(number);
  }
  WideTree::Iterator iterator(&tree);
  NumberOrder::comparisons = 0;
  for (uint64_t i = 0; i < kSearches; ++i) {
    iterator.Seek(1 + random.Below(kItems));
  }
  // log2(50,000) = 15.6, and at most one more for each of three nodes.
  EXPECT_LE(NumberOrder::comparisons / kSearches, 19u)
      << "comparisons for one search among " << kItems;
}

}  // namespace
}  // namespace kv
