// Goal: of all the versions in two memtables, an iterator shows at each key the
// newest one of its moment, and no key that was deleted by then, both ways.
// Method: views that are filled by hand, without a database; each walk is
// compared with one over a map of what was current at that sequence number.

#include "db/database_iterator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"
#include "support/database_verbs.h"
#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// Entries of which the first cannot be read, as in a table that is damaged.
class FailingIterator : public InternalIterator {
 public:
  explicit FailingIterator(std::unique_ptr<InternalIterator> entries)
      : entries_(std::move(entries)) {
    entries_->SeekToFirst();
    first_ = entries_->Key().sequence;
  }

  bool Valid() const override {
    return entries_->Valid() && entries_->Key().sequence != first_;
  }
  void SeekToFirst() override { entries_->SeekToFirst(); }
  void SeekToLast() override { entries_->SeekToLast(); }
  void Seek(const InternalKey& target) override { entries_->Seek(target); }
  void SeekForPrev(const InternalKey& target) override {
    entries_->SeekForPrev(target);
  }
  void Next() override { entries_->Next(); }
  void Prev() override { entries_->Prev(); }
  const InternalKey& Key() const override { return entries_->Key(); }
  std::string_view Value() const override { return entries_->Value(); }
  Status GetStatus() const override {
    return Valid() || !entries_->Valid() ? Status::Ok()
                                         : Status::Corruption("damaged");
  }

 private:
  const std::unique_ptr<InternalIterator> entries_;
  uint64_t first_ = 0;  // its sequence number
};

class FailingMemTable : public MemTable {
 public:
  explicit FailingMemTable(std::shared_ptr<const MemTable> entries)
      : entries_(std::move(entries)) {}

  void Add(const InternalKey&, std::string_view) override {
    KV_CHECK(false, "what is frozen takes no writes");
  }
  std::optional<Entry> Find(const InternalKey& key) const override {
    return entries_->Find(key);
  }
  std::unique_ptr<InternalIterator> NewIterator() const override {
    return std::make_unique<FailingIterator>(entries_->NewIterator());
  }
  uint64_t Count() const override { return entries_->Count(); }
  uint64_t Bytes() const override { return entries_->Bytes(); }
  void CheckInvariants() const override { entries_->CheckInvariants(); }

 private:
  const std::shared_ptr<const MemTable> entries_;
};

// What a read looks at: an immutable memtable and one that takes writes.
class Layers {
 public:
  Layers() {
    view_.memtable = NewMemTable();
    view_.version = std::make_shared<Version>();
  }

  void Put(std::string_view key, std::string_view value) {
    Add(KeySpace::kUser, key, RecordKind::kPut, value);
  }
  void Delete(std::string_view key) {
    Add(KeySpace::kUser, key, RecordKind::kDelete, {});
  }
  void Add(
      KeySpace space, std::string_view key, RecordKind kind,
      std::string_view value) {
    view_.memtable->Add({space, key, ++sequence_, kind}, value);
  }
  // From here on writes go to a new memtable.
  void Freeze() {
    view_.immutable = std::move(view_.memtable);
    view_.memtable = NewMemTable();
  }
  void FailAtTheFirstFrozenEntry() {
    view_.immutable = std::make_shared<FailingMemTable>(view_.immutable);
  }

  uint64_t sequence() const { return sequence_; }
  std::unique_ptr<DatabaseIterator> IteratorAt(uint64_t sequence) const {
    return std::make_unique<DatabaseIterator>(view_, sequence);
  }
  std::unique_ptr<DatabaseIterator> IteratorNow() const {
    return IteratorAt(sequence_);
  }

 private:
  std::shared_ptr<MemTable> NewMemTable() {
    return MemTable::Create(MemTableKind::kSkipList, &random_);
  }

  SeededRandom random_{testing::TestSeed()};
  ReadView view_;
  uint64_t sequence_ = 0;
};

Pairs Forwards(Iterator& iterator) {
  Pairs pairs;
  for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next()) {
    pairs.emplace_back(iterator.Key(), iterator.Value());
  }
  return pairs;
}

Pairs Backwards(Iterator& iterator) {
  Pairs pairs;
  for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev()) {
    pairs.emplace_back(iterator.Key(), iterator.Value());
  }
  return {pairs.rbegin(), pairs.rend()};
}

// "key=value", or "(end)".
std::string At(const Iterator& iterator) {
  if (!iterator.Valid()) return "(end)";
  return std::string(iterator.Key()) + "=" + std::string(iterator.Value());
}

TEST(DatabaseIteratorTest, OfNoVersionsItIsNeverAtAKey) {
  const Layers layers;
  auto iterator = layers.IteratorNow();
  EXPECT_EQ(At(*iterator), "(end)") << "before the first seek";
  EXPECT_EQ(Forwards(*iterator), Pairs{});
  EXPECT_EQ(Backwards(*iterator), Pairs{});
}

TEST(DatabaseIteratorTest, ShowsTheNewestVersionOfItsMoment) {
  Layers layers;
  layers.Put("a", "1");
  layers.Put("b", "1");
  const uint64_t before = layers.sequence();
  layers.Put("b", "2");
  layers.Freeze();
  layers.Put("b", "3");
  layers.Put("c", "1");
  for (const bool forward : {true, false}) {
    const auto walk = forward ? Forwards : Backwards;
    EXPECT_EQ(
        walk(*layers.IteratorNow()),
        (Pairs{{"a", "1"}, {"b", "3"}, {"c", "1"}}))
        << (forward ? "forwards" : "backwards");
    EXPECT_EQ(walk(*layers.IteratorAt(before)), (Pairs{{"a", "1"}, {"b", "1"}}))
        << (forward ? "forwards" : "backwards");
  }
}

TEST(DatabaseIteratorTest, ADeleteHidesAllThatIsOlder) {
  Layers layers;
  for (const char* key : {"a", "b", "c", "d"}) layers.Put(key, "1");
  layers.Put("b", "2");
  layers.Freeze();
  layers.Delete("a");
  layers.Delete("b");
  layers.Delete("d");
  layers.Put("d", "3");
  layers.Delete("e");
  auto iterator = layers.IteratorNow();
  const Pairs expected = {{"c", "1"}, {"d", "3"}};
  EXPECT_EQ(Forwards(*iterator), expected);
  EXPECT_EQ(Backwards(*iterator), expected);
  iterator->Seek("a");
  EXPECT_EQ(At(*iterator), "c=1");
  iterator->SeekForPrev("b");
  EXPECT_EQ(At(*iterator), "(end)");
  iterator->SeekForPrev("e");
  EXPECT_EQ(At(*iterator), "d=3");
}

// However long keys are, and however much of them is the same.
TEST(DatabaseIteratorTest, ALongKeyThatWasDeletedHidesItsVersionsOnly) {
  for (const size_t bytes : std::vector<size_t>{7, 15, 16, 100, 1024}) {
    const std::string begin(bytes, 'k');
    Layers layers;
    for (const char* end : {"a", "b", "c"}) layers.Put(begin + end, "1");
    layers.Freeze();
    layers.Delete(begin + "b");
    auto iterator = layers.IteratorNow();
    const Pairs expected = {{begin + "a", "1"}, {begin + "c", "1"}};
    EXPECT_TRUE(Forwards(*iterator) == expected) << bytes << " bytes alike";
    EXPECT_TRUE(Backwards(*iterator) == expected) << bytes << " bytes alike";
  }
}

TEST(DatabaseIteratorTest, TheDirectionMayChangeAtEveryKey) {
  Layers layers;
  for (const char* key : {"a", "b", "c"}) layers.Put(key, "1");
  layers.Freeze();
  for (const char* key : {"a", "b", "c"}) layers.Put(key, "2");
  auto iterator = layers.IteratorNow();
  iterator->Seek("b");
  EXPECT_EQ(At(*iterator), "b=2");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "a=2");
  iterator->Next();
  EXPECT_EQ(At(*iterator), "b=2");
  iterator->Next();
  EXPECT_EQ(At(*iterator), "c=2");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "b=2");
  iterator->Prev();
  iterator->Next();
  EXPECT_EQ(At(*iterator), "b=2") << "at the first key there is a way back";
}

TEST(DatabaseIteratorTest, OtherKeySpacesAreNotShown) {
  Layers layers;
  layers.Add(KeySpace::kDocument, "a", RecordKind::kPut, "document");
  layers.Add(KeySpace::kCluster, "", RecordKind::kPut, "cluster");
  auto empty = layers.IteratorNow();
  EXPECT_EQ(Forwards(*empty), Pairs{});
  EXPECT_EQ(Backwards(*empty), Pairs{});
  layers.Put("\xff\xff", "1");
  auto iterator = layers.IteratorNow();
  EXPECT_EQ(Forwards(*iterator), (Pairs{{"\xff\xff", "1"}}));
  EXPECT_EQ(Backwards(*iterator), (Pairs{{"\xff\xff", "1"}}));
}

// Longer than any limit that is the default, and all of the highest byte: still
// it stands before the keys of the next space, of which the empty one is the
// first.
TEST(DatabaseIteratorTest, NoUserKeyIsTooHighToBeTheLast) {
  for (const size_t bytes : std::vector<size_t>{1, 8, 1024, 5000}) {
    const std::string highest(bytes, '\xff');
    Layers layers;
    layers.Put("a", "1");
    layers.Put(highest, "2");
    layers.Add(KeySpace::kDocument, "", RecordKind::kPut, "document");
    layers.Freeze();
    layers.Add(KeySpace::kDocument, "", RecordKind::kPut, "document");
    auto iterator = layers.IteratorNow();
    const Pairs expected = {{"a", "1"}, {highest, "2"}};
    EXPECT_TRUE(Forwards(*iterator) == expected) << bytes << " bytes";
    EXPECT_TRUE(Backwards(*iterator) == expected) << bytes << " bytes";
    iterator->SeekForPrev(highest + '\xff');
    EXPECT_TRUE(At(*iterator) == highest + "=2") << bytes << " bytes";
  }
}

// Backwards the newest version comes last. If a read fails before it, what was
// found until then may be too old to be shown.
TEST(DatabaseIteratorTest, AnOlderVersionIsNotShownBecauseAReadFails) {
  Layers layers;
  layers.Put("a", "cannot be read");
  layers.Put("z", "old");
  layers.Freeze();
  layers.FailAtTheFirstFrozenEntry();
  layers.Put("z", "new");
  auto iterator = layers.IteratorNow();
  iterator->SeekToLast();
  if (iterator->Valid()) {
    EXPECT_EQ(At(*iterator), "z=new");
  } else {
    EXPECT_TRUE(Fails(iterator->GetStatus(), StatusCode::kCorruption));
  }
}

// The same with the bytes of a table.
TEST(IteratorTest, AnOlderVersionIsNotShownBecauseAReadFails) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "damaged below");
  Put(*db, "z", "old");
  MustBeOk(db->Flush(), "Flush");
  Put(*db, "z", "new");
  MustBeOk(db->Close(), "Close");
  const std::string name = BaseName(TableName("", 1));
  std::string content = disk.Content(name);
  const size_t value = content.find("damaged below");
  ASSERT_NE(value, std::string::npos);
  content[value] ^= 1;
  disk.SetContent(name, content);
  db = disk.Open();
  auto iterator = db->NewIterator();
  ASSERT_TRUE(iterator.ok());
  (*iterator)->SeekToLast();
  if ((*iterator)->Valid()) {
    EXPECT_EQ((*iterator)->Value(), "new");
  } else {
    EXPECT_TRUE(Fails((*iterator)->GetStatus(), StatusCode::kCorruption));
  }
}

TEST(DatabaseIteratorTest, WhatIsAddedLaterIsNotShown) {
  Layers layers;
  layers.Put("b", "1");
  layers.Put("d", "1");
  auto iterator = layers.IteratorNow();
  iterator->Seek("b");
  layers.Put("a", "2");
  layers.Put("b", "2");
  layers.Put("c", "2");
  layers.Delete("d");
  EXPECT_EQ(At(*iterator), "b=1");
  iterator->Next();
  EXPECT_EQ(At(*iterator), "d=1");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "b=1");
  iterator->Prev();
  EXPECT_EQ(At(*iterator), "(end)");
}

// Steps an iterator that was made at `sequence` beside `map`.
void WalkBeside(
    const Layers& layers, uint64_t sequence, const Map& map,
    SeededRandom* random) {
  auto iterator = layers.IteratorAt(sequence);
  auto place = map.end();
  for (int step = 0; step < 60; ++step) {
    const std::string target = std::to_string(random->Below(12));
    switch (place == map.end() ? random->Below(4) : random->Below(8)) {
      case 0:
        iterator->SeekToFirst();
        place = map.begin();
        break;
      case 1:
        iterator->SeekToLast();
        place = map.empty() ? map.end() : std::prev(map.end());
        break;
      case 2:
        iterator->Seek(target);
        place = map.lower_bound(target);
        break;
      case 3:
        iterator->SeekForPrev(target);
        place = map.upper_bound(target);
        place = place == map.begin() ? map.end() : std::prev(place);
        break;
      case 4:
      case 5:
        iterator->Next();
        ++place;
        break;
      default:
        iterator->Prev();
        place = place == map.begin() ? map.end() : std::prev(place);
        break;
    }
    ASSERT_EQ(
        At(*iterator),
        place == map.end() ? "(end)" : place->first + "=" + place->second)
        << "step " << step << " at sequence " << sequence << ", seed "
        << testing::TestSeed();
  }
}

TEST(DatabaseIteratorTest, ARandomWalkGoesWhereOneOverAMapGoes) {
  SeededRandom random(testing::TestSeed());
  for (int round = 0; round < 50; ++round) {
    Layers layers;
    Map now;
    std::vector<Map> at = {now};  // by sequence number
    const uint64_t writes = random.Below(60);
    for (uint64_t i = 0; i < writes; ++i) {
      const std::string key = std::to_string(random.Below(12));
      if (random.OneIn(3)) {
        layers.Delete(key);
        now.erase(key);
      } else {
        layers.Put(key, std::to_string(i));
        now[key] = std::to_string(i);
      }
      at.push_back(now);
      if (i == writes / 2) layers.Freeze();
    }
    for (uint64_t i = 0; i <= writes; i += 1 + writes / 8) {
      WalkBeside(layers, i, at[static_cast<size_t>(i)], &random);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace kv
