// Goal: an iterator goes both ways over the keys of the moment at which it was
// made, whatever is written or flushed under it.
// Method: small sets of keys spread over memory and tables; then random steps
// beside a map.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<Iterator> IteratorOf(Database& db) {
  Result<std::unique_ptr<Iterator>> iterator = db.NewIterator();
  MustBeOk(iterator.status(), "NewIterator");
  return std::move(iterator).value();
}

Pairs Forwards(Iterator& iterator) {
  Pairs pairs;
  for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next()) {
    pairs.emplace_back(iterator.Key(), iterator.Value());
  }
  MustBeOk(iterator.GetStatus(), "GetStatus of an iterator at its end");
  return pairs;
}

Pairs Backwards(Iterator& iterator) {
  Pairs pairs;
  for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev()) {
    pairs.emplace_back(iterator.Key(), iterator.Value());
  }
  MustBeOk(iterator.GetStatus(), "GetStatus of an iterator at its end");
  return {pairs.rbegin(), pairs.rend()};
}

// "key=value", or "(end)".
std::string At(const Iterator& iterator) {
  if (!iterator.Valid()) {
    MustBeOk(iterator.GetStatus(), "GetStatus");
    return "(end)";
  }
  return std::string(iterator.Key()) + "=" + std::string(iterator.Value());
}

// Keys b, d, f with several versions, some deleted keys between them; part of
// it in two tables, part in memory.
std::unique_ptr<Database> OpenLayers() {
  auto db = OpenEmpty();
  for (const char* key : {"a", "b", "c", "d", "e", "f", "g"}) {
    Put(*db, key, "1");
  }
  MustBeOk(db->Flush(), "Flush");
  Delete(*db, "a");
  Put(*db, "b", "2");
  Delete(*db, "d");
  Delete(*db, "e");
  MustBeOk(db->Flush(), "Flush");
  Delete(*db, "c");
  Put(*db, "d", "3");
  Put(*db, "f", "2");
  Put(*db, "f", "3");
  Delete(*db, "g");
  return db;
}

const Pairs kLayers = {{"b", "2"}, {"d", "3"}, {"f", "3"}};

TEST(IteratorTest, GivesTheNewestValuesInBothDirections) {
  auto db = OpenLayers();
  auto iterator = IteratorOf(*db);
  EXPECT_EQ(Forwards(*iterator), kLayers);
  EXPECT_EQ(Backwards(*iterator), kLayers);
}

TEST(IteratorTest, ReadsEveryOneOfManyTables) {
  auto db = OpenEmpty();
  Pairs expected;
  for (int i = 100; i < 150; ++i) {
    const std::string key = std::to_string(i);
    Put(*db, key, "value of " + key);
    MustBeOk(db->Flush(), "Flush");
    expected.emplace_back(key, "value of " + key);
    auto iterator = IteratorOf(*db);
    ASSERT_EQ(Forwards(*iterator), expected) << i - 99 << " tables";
    ASSERT_EQ(Backwards(*iterator), expected) << i - 99 << " tables";
  }
}

TEST(IteratorTest, OfAnEmptyDatabaseIsNeverAtAnEntry) {
  auto db = OpenEmpty();
  auto iterator = IteratorOf(*db);
  EXPECT_EQ(At(*iterator), "(end)");
  iterator->SeekToLast();
  EXPECT_EQ(At(*iterator), "(end)");
  iterator->SeekForPrev("a");
  EXPECT_EQ(At(*iterator), "(end)");
}

TEST(IteratorTest, SeekForPrevGoesToTheLastKeyThatIsNotGreater) {
  auto db = OpenLayers();
  auto iterator = IteratorOf(*db);
  for (const auto& [target, expected] :
       Map{{"", "(end)"},
           {"a", "(end)"},
           {"b", "b=2"},
           {"bb", "b=2"},
           {"c", "b=2"},
           {"d", "d=3"},
           {"e", "d=3"},
           {"f", "f=3"},
           {"g", "f=3"},
           {"\xff", "f=3"}}) {
    iterator->SeekForPrev(target);
    EXPECT_EQ(At(*iterator), expected) << "SeekForPrev(" << target << ")";
  }
}

TEST(IteratorTest, TurnsRoundAtEveryEntry) {
  auto db = OpenLayers();
  auto iterator = IteratorOf(*db);
  iterator->Seek("d");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "b=2");
  iterator->Next();
  EXPECT_EQ(At(*iterator), "d=3");
  iterator->Next();
  EXPECT_EQ(At(*iterator), "f=3");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "d=3");
  iterator->SeekToLast();
  iterator->Next();
  EXPECT_EQ(At(*iterator), "(end)");
  iterator->SeekToFirst();
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "(end)");
}

TEST(IteratorTest, TheEmptyKeyIsTheFirst) {
  auto db = OpenEmpty();
  Put(*db, "", "empty");
  Put(*db, "a", "1");
  auto iterator = IteratorOf(*db);
  const Pairs expected = {{"", "empty"}, {"a", "1"}};
  EXPECT_EQ(Forwards(*iterator), expected);
  EXPECT_EQ(Backwards(*iterator), expected);
  iterator->SeekForPrev("");
  EXPECT_EQ(At(*iterator), "=empty");
}

TEST(IteratorTest, NoLaterWriteOrFlushChangesWhatItGives) {
  auto db = OpenLayers();
  auto iterator = IteratorOf(*db);
  auto standing = IteratorOf(*db);
  standing->Seek("d");
  Put(*db, "a", "4");
  Put(*db, "b", "4");
  Delete(*db, "d");
  Put(*db, "e", "4");
  Delete(*db, "f");
  EXPECT_EQ(Forwards(*iterator), kLayers) << "after writes";
  EXPECT_EQ(Backwards(*iterator), kLayers) << "after writes";
  EXPECT_EQ(At(*standing), "d=3");
  MustBeOk(db->Flush(), "Flush");
  Put(*db, "b", "5");
  MustBeOk(db->Flush(), "Flush");
  EXPECT_EQ(Forwards(*iterator), kLayers) << "after flushes";
  EXPECT_EQ(Backwards(*iterator), kLayers) << "after flushes";
  EXPECT_EQ(At(*standing), "d=3");
  standing->Next();
  EXPECT_EQ(At(*standing), "f=3");
  auto fresh = IteratorOf(*db);
  const Pairs now = {{"a", "4"}, {"b", "5"}, {"e", "4"}};
  EXPECT_EQ(Forwards(*fresh), now) << "a new one sees the writes";
  EXPECT_EQ(Backwards(*fresh), now);
}

// An iterator, and the map as it was when that was made.
struct Held {
  std::unique_ptr<Iterator> iterator;
  Map map;
  Map::const_iterator place;  // map.end(): at no entry
};

void Move(Held* held, Random* random) {
  const std::string target = std::to_string(random->Below(100));
  switch (random->Below(6)) {
    case 0:
      held->iterator->Seek(target);
      held->place = held->map.lower_bound(target);
      break;
    case 1:
      held->iterator->SeekForPrev(target);
      held->place = held->map.upper_bound(target);
      held->place = held->place == held->map.begin() ? held->map.end()
                                                     : std::prev(held->place);
      break;
    case 2:
    case 3:
      if (held->place == held->map.end()) {
        held->iterator->SeekToFirst();
        held->place = held->map.begin();
      } else {
        held->iterator->Next();
        ++held->place;
      }
      break;
    default:
      if (held->place == held->map.end()) {
        held->iterator->SeekToLast();
        held->place =
            held->map.empty() ? held->map.end() : std::prev(held->map.end());
      } else {
        held->iterator->Prev();
        held->place = held->place == held->map.begin() ? held->map.end()
                                                       : std::prev(held->place);
      }
      break;
  }
}

std::string At(const Held& held) {
  return held.place == held.map.end()
      ? "(end)"
      : held.place->first + "=" + held.place->second;
}

TEST(IteratorTest, RandomStepsAcrossWritesAndFlushesGiveWhatAMapGives) {
  const uint64_t steps = testing::Pick<uint64_t>(20'000, 200'000, 1'000'000);
  SCOPED_TRACE(testing::ReplayCommand(testing::TestSeed()));
  for (const MemTableKind kind :
       {MemTableKind::kSkipList, MemTableKind::kBPlusTree}) {
    SeededRandom random(testing::TestSeed());
    Options options;
    options.memtable_kind = kind;
    options.memtable_bytes_max = 16 << 10;
    auto db = OpenEmpty(options);
    Map map;
    std::vector<std::unique_ptr<Held>> held(4);
    for (uint64_t step = 0; step < steps; ++step) {
      std::unique_ptr<Held>& one = held[random.Below(held.size())];
      const uint64_t die = random.Below(100);
      const std::string key = std::to_string(random.Below(100));
      if (die < 20) {
        map[key] = std::to_string(step);
        Put(*db, key, map[key]);
      } else if (die < 30) {
        map.erase(key);
        Delete(*db, key);
      } else if (one == nullptr || die < 32) {
        one = std::make_unique<Held>();
        one->iterator = IteratorOf(*db);
        one->map = map;
        one->place = one->map.end();
      } else {
        Move(one.get(), &random);
        ASSERT_EQ(At(*one->iterator), At(*one)) << "step " << step;
      }
      // Tables are never merged here: so a new database now and then.
      if (step % 10'000 == 9'999) {
        held = std::vector<std::unique_ptr<Held>>(4);
        map.clear();
        db = OpenEmpty(options);
      }
    }
  }
}

TEST(IteratorTest, AfterCloseThereIsNone) {
  auto db = OpenEmpty();
  ASSERT_TRUE(db->Close().ok());
  EXPECT_TRUE(Fails(db->NewIterator().status(), StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace kv
