// Goal: a skip list keeps its items sorted, finds them in both directions with
// few comparisons, and shows readers beside the writer a whole list.
// Method: numbers in many orders, compared with a std::set; comparisons are
// counted; then one thread inserts while three look.

#include "memtable/skip_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <numeric>
#include <set>
#include <thread>
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
using NumberList = SkipList<uint64_t, NumberOrder>;

Numbers Ascending(uint64_t count) {
  Numbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

Numbers Shuffled(Numbers numbers, Random* random) {
  for (size_t i = numbers.size(); i > 1; --i) {
    std::swap(numbers[i - 1], numbers[random->Below(i)]);
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
void ExpectLike(
    const std::set<uint64_t>& model, const NumberList& list, uint64_t target) {
  NumberList::Iterator iterator(&list);
  iterator.Seek(target);
  ASSERT_EQ(At(iterator), AtOrBehind(model, target)) << "Seek " << target;
  if (iterator.Valid()) {
    const uint64_t at = iterator.Get();
    NumberList::Iterator next = iterator;
    next.Next();
    ASSERT_EQ(At(next), AtOrBehind(model, at + 1)) << "Next at " << at;
    NumberList::Iterator prev = iterator;
    prev.Prev();
    ASSERT_EQ(At(prev), AtOrBefore(model, at - 1)) << "Prev at " << at;
  }
  iterator.SeekForPrev(target);
  ASSERT_EQ(At(iterator), AtOrBefore(model, target))
      << "SeekForPrev " << target;
}

TEST(SkipListTest, AnEmptyListHasNothing) {
  Arena arena;
  const NumberList list(&arena, 1);
  NumberList::Iterator iterator(&list);
  EXPECT_FALSE(iterator.Valid()) << "a new iterator is at no item";
  iterator.SeekToFirst();
  EXPECT_FALSE(iterator.Valid());
  iterator.SeekToLast();
  EXPECT_FALSE(iterator.Valid());
  iterator.Seek(0);
  EXPECT_FALSE(iterator.Valid());
  iterator.SeekForPrev(UINT64_MAX);
  EXPECT_FALSE(iterator.Valid());
  list.CheckInvariants();
}

TEST(SkipListTest, AnItemIsInsertedOnce) {
  Arena arena;
  NumberList list(&arena, 1);
  for (const uint64_t number : {4u, 2u, 6u}) list.Insert(number);
  for (const uint64_t number : {2u, 4u, 6u}) {
    EXPECT_DEATH(list.Insert(number), "check failed") << number;
  }
}

TEST(SkipListTest, EveryOrderOfInsertionGivesTheSortedItems) {
  SeededRandom random(testing::TestSeed());
  const Numbers ascending = Ascending(2000);
  Numbers descending = ascending;
  std::reverse(descending.begin(), descending.end());
  for (const Numbers& order :
       {ascending, descending, Shuffled(ascending, &random)}) {
    Arena arena;
    NumberList list(&arena, 1);
    for (const uint64_t number : order) {
      list.Insert(number);
    }
    list.CheckInvariants();
    Numbers forwards;
    NumberList::Iterator iterator(&list);
    for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next()) {
      forwards.push_back(iterator.Get());
    }
    EXPECT_EQ(forwards, ascending);
    Numbers backwards;
    for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev()) {
      backwards.push_back(iterator.Get());
    }
    std::reverse(backwards.begin(), backwards.end());
    EXPECT_EQ(backwards, ascending);
  }
}

TEST(SkipListTest, RandomInsertionsGiveWhatASetGives) {
  const uint64_t seed = testing::TestSeed();
  SCOPED_TRACE(testing::ReplayCommand(seed));
  SeededRandom random(seed);
  for (const uint64_t below : {100u, 5000u, 1'000'000u}) {
    Arena arena;
    NumberList list(&arena, random.Next());
    std::set<uint64_t> model;
    for (int step = 0; step < testing::Pick(3000, 30'000, 300'000); ++step) {
      const uint64_t number = 1 + random.Below(below);
      if (model.insert(number).second) {
        list.Insert(number);
      }
      ASSERT_NO_FATAL_FAILURE(ExpectLike(model, list, random.Below(below + 2)));
      if (step % 1000 == 0) list.CheckInvariants();
    }
    list.CheckInvariants();
  }
}

TEST(SkipListTest, AnIteratorStaysAtItsItemAndMeetsWhatIsInserted) {
  Arena arena;
  NumberList list(&arena, 1);
  list.Insert(10);
  list.Insert(20);
  NumberList::Iterator iterator(&list);
  iterator.SeekToFirst();
  list.Insert(15);
  list.Insert(5);
  EXPECT_EQ(At(iterator), 10u);
  iterator.Next();
  EXPECT_EQ(At(iterator), 15u);
  iterator.Prev();
  iterator.Prev();
  EXPECT_EQ(At(iterator), 5u);
}

TEST(SkipListTest, ASearchComparesWithFewItems) {
  constexpr uint64_t kItems = 50'000;
  constexpr uint64_t kSearches = 1000;
  SeededRandom random(testing::TestSeed());
  Arena arena;
  NumberList list(&arena, random.Next());
  for (const uint64_t number : Shuffled(Ascending(kItems), &random)) {
    list.Insert(number);
  }
  NumberList::Iterator iterator(&list);
  NumberOrder::comparisons = 0;
  for (uint64_t i = 0; i < kSearches; ++i) {
    iterator.Seek(1 + random.Below(kItems));
  }
  // About (kBranching + 1) / 2 for each of log4(50,000) = 8 levels.
  EXPECT_LE(NumberOrder::comparisons / kSearches, 50u)
      << "comparisons for one search among " << kItems;
}

TEST(SkipListTest, OneNodeInFourIsHigherThanTheRest) {
  constexpr uint64_t kItems = 50'000;
  SeededRandom random(testing::TestSeed());
  Arena arena;
  NumberList list(&arena, random.Next());
  const uint64_t empty = arena.Bytes();
  for (const uint64_t number : Ascending(kItems)) {
    list.Insert(number);
  }
  const double each = static_cast<double>(arena.Bytes() - empty) / kItems;
  // An item, and 1 + 1/4 + 1/16 + ... links.
  EXPECT_NEAR(each, 8 + 8 * 4.0 / 3, 0.4) << "bytes for one item";
}

TEST(SkipListTest, TheSameSeedGivesTheSameHeights) {
  const auto bytes_of = [](uint64_t seed) {
    Arena arena;
    NumberList list(&arena, seed);
    for (const uint64_t number : Ascending(1000)) {
      list.Insert(number);
    }
    return arena.Bytes();
  };
  EXPECT_EQ(bytes_of(1), bytes_of(1));
  EXPECT_NE(bytes_of(1), bytes_of(2)) << "the seed is not used";
}

// An item that knows whether it is whole.
struct Record {
  uint64_t number;
  uint64_t check;

  static uint64_t CheckOf(uint64_t number) { return ~number * 31; }
  bool IsWhole() const { return check == CheckOf(number); }
};

struct RecordOrder {
  using Target = uint64_t;
  static uint64_t TargetOf(const Record* record) { return record->number; }
  static int Compare(const Record* record, uint64_t number) {
    return record->number < number ? -1 : record->number > number ? 1 : 0;
  }
};

using RecordList = SkipList<const Record*, RecordOrder>;

constexpr size_t kReaders = 3;
constexpr uint64_t kRoundItems = 200;

// What the threads of one run share.
struct SharedRun {
  const Numbers order;  // of insertion
  Arena arena;
  RecordList list;
  std::atomic<uint64_t> inserted = 0;
  std::array<std::atomic<uint64_t>, kReaders> rounds = {};
  std::atomic<uint64_t> failures = 0;

  SharedRun(Numbers the_order, uint64_t seed)
      : order(std::move(the_order)), list(&arena, seed) {}

  // Relaxed, so that the readers tell the writer nothing.
  uint64_t Rounds(size_t reader) const {
    return rounds[reader].load(std::memory_order_relaxed);
  }

  void Expect(bool holds, const char* what) {
    if (!holds && failures.fetch_add(1) == 0) {
      ADD_FAILURE() << what;
    }
  }
};

// Inserts all; before each few, every reader has its turn, so that neither is
// ever done before the other has begun.
void Write(SharedRun* run) {
  std::array<uint64_t, kReaders> seen = {};
  for (size_t i = 0; i < run->order.size(); ++i) {
    for (size_t reader = 0; reader < kReaders && i % kRoundItems == 0;
         ++reader) {
      while (run->Rounds(reader) == seen[reader]) {
        std::this_thread::yield();
      }
      seen[reader] = run->Rounds(reader);
    }
    const uint64_t number = run->order[i];
    run->list.Insert(new (run->arena.Allocate(sizeof(Record)))
                         Record{number, Record::CheckOf(number)});
    run->inserted.store(i + 1, std::memory_order_release);
  }
}

// Looks for something that was inserted before, and at what is around it.
void ReadOnce(SharedRun* run, Random* random) {
  const uint64_t inserted = run->inserted.load(std::memory_order_acquire);
  if (inserted == 0) return;
  const uint64_t number = run->order[random->Below(inserted)];
  RecordList::Iterator iterator(&run->list);
  iterator.Seek(number);
  run->Expect(
      iterator.Valid() && iterator.Get()->number == number,
      "what was inserted before the search began is found");
  // Looked at often, since what these miss is there for a moment only.
  for (int i = 0; i < 100 && inserted >= 2; ++i) {
    iterator.SeekToFirst();
    iterator.Next();
    run->Expect(iterator.Valid(), "the list is never cut short");
    const uint64_t target = random->Below(2 * run->order.size());
    iterator.Seek(target);
    run->Expect(
        !iterator.Valid() || iterator.Get()->number >= target,
        "a search ends at nothing before its target");
  }
  // From anywhere, a few on: in order, and whole.
  const uint64_t target = random->Below(2 * run->order.size());
  iterator.Seek(target);
  uint64_t last = target;
  for (int i = 0; i < 20 && iterator.Valid(); ++i) {
    const Record* const record = iterator.Get();
    run->Expect(record->IsWhole(), "an item that is seen is whole");
    run->Expect(
        i == 0 ? record->number >= last : record->number > last,
        "items come in ascending order");
    last = record->number;
    iterator.Next();
  }
  // What was seen once, in whichever list, is met on the way along level 0.
  iterator.Seek(target);
  if (!iterator.Valid()) return;
  const uint64_t seen = iterator.Get()->number;
  iterator.Prev();
  run->Expect(
      !iterator.Valid() || iterator.Get()->number < seen,
      "the one before stands before");
  if (!iterator.Valid()) iterator.SeekToFirst();
  while (iterator.Valid() && iterator.Get()->number < seen) {
    iterator.Next();
  }
  run->Expect(
      iterator.Valid() && iterator.Get()->number == seen,
      "what was seen once does not vanish");
}

void Read(SharedRun* run, size_t reader, uint64_t seed) {
  SeededRandom random(seed);
  while (run->inserted.load(std::memory_order_acquire) < run->order.size()) {
    ReadOnce(run, &random);
    run->rounds[reader].fetch_add(1, std::memory_order_relaxed);
  }
  ReadOnce(run, &random);
}

TEST(SkipListTest, ReadersBesideTheWriterSeeAWholeList) {
  const uint64_t seed = testing::TestSeed();
  SCOPED_TRACE(testing::ReplayCommand(seed));
  SeededRandom random(seed);
  const int runs = testing::Pick(3, 30, 1000);
  for (int i = 0; i < runs; ++i) {
    Numbers order = Ascending(4000);
    if (i % 3 == 1) std::reverse(order.begin(), order.end());
    if (i % 3 == 2) order = Shuffled(std::move(order), &random);
    SharedRun run(std::move(order), random.Next());
    std::vector<std::thread> threads;
    for (size_t reader = 0; reader < kReaders; ++reader) {
      threads.emplace_back(Read, &run, reader, random.Next());
    }
    threads.emplace_back(Write, &run);
    for (std::thread& thread : threads) {
      thread.join();
    }
    run.list.CheckInvariants();
    ASSERT_EQ(run.failures, 0u) << "run " << i;
  }
}

}  // namespace
}  // namespace kv
