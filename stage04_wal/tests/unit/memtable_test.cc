// Goal: the table in memory holds the newest value of every key, sorted, and
// knows what it takes; an iterator notices a change of the table.
// Method: a table filled entry by entry, looked at through Find, ForEach and
// an iterator; a std::map does the same for many random writes.

#include "memtable/memtable.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

void Put(
    MemTable& table, uint64_t sequence, std::string_view key,
    std::string_view value) {
  table.Add(sequence, RecordKind::kPut, key, value);
}

void Delete(MemTable& table, uint64_t sequence, std::string_view key) {
  table.Add(sequence, RecordKind::kDelete, key, {});
}

// What Find says: "value@sequence" or "(none)".
std::string Found(const MemTable& table, std::string_view key) {
  const MemTable::Entry* entry = table.Find(key);
  if (entry == nullptr) return "(none)";
  return entry->value + "@" + std::to_string(entry->sequence);
}

// "key=value@sequence", as ForEach visits them.
Strings Visited(const MemTable& table) {
  Strings visited;
  const Status status = table.ForEach(
      [&visited](std::string_view key, const MemTable::Entry& entry) {
        visited.push_back(
            std::string(key) + "=" + entry.value + "@" +
            std::to_string(entry.sequence));
        return Status::Ok();
      });
  EXPECT_TRUE(status.ok()) << status.ToString();
  return visited;
}

TEST(MemTableTest, AnEmptyTableHasNothing) {
  const MemTable table;
  EXPECT_EQ(Found(table, "a"), "(none)");
  EXPECT_EQ(Found(table, ""), "(none)") << "the empty key is a key";
  EXPECT_EQ(table.Count(), 0u);
  EXPECT_EQ(table.Bytes(), 0u);
  EXPECT_EQ(Visited(table), Strings{});
  table.CheckInvariants();
}

TEST(MemTableTest, FindGivesValueAndSequence) {
  MemTable table;
  Put(table, 7, "a", "one");
  Put(table, 8, "b", "two");
  EXPECT_EQ(Found(table, "a"), "one@7");
  EXPECT_EQ(Found(table, "b"), "two@8");
  EXPECT_EQ(Found(table, "c"), "(none)");
  EXPECT_EQ(Found(table, ""), "(none)");
  EXPECT_EQ(table.Count(), 2u);
  table.CheckInvariants();
}

TEST(MemTableTest, TheNewestWriteOfAKeyWins) {
  MemTable table;
  Put(table, 1, "a", "a longer value");
  Put(table, 2, "a", "short");
  EXPECT_EQ(Found(table, "a"), "short@2")
      << "value and sequence number are those of the last Add";
  EXPECT_EQ(table.Count(), 1u) << "a key is there once";
  table.CheckInvariants();
}

TEST(MemTableTest, ADeletedKeyIsNotThere) {
  MemTable table;
  Put(table, 1, "a", "one");
  Put(table, 2, "b", "two");
  Delete(table, 3, "a");
  EXPECT_EQ(Found(table, "a"), "(none)");
  EXPECT_EQ(Found(table, "b"), "two@2");
  EXPECT_EQ(table.Count(), 1u);
  EXPECT_EQ(Visited(table), Strings{"b=two@2"});
  table.CheckInvariants();
}

TEST(MemTableTest, DeletingWhatIsNotThereChangesNothing) {
  MemTable table;
  Put(table, 1, "a", "one");
  const uint64_t before = table.Bytes();
  Delete(table, 2, "b");
  Delete(table, 3, "");
  EXPECT_EQ(Visited(table), Strings{"a=one@1"});
  EXPECT_EQ(table.Bytes(), before) << "nothing was there to give back";
  table.CheckInvariants();
}

TEST(MemTableTest, ADeletedKeyCanBePutAgain) {
  MemTable table;
  Put(table, 1, "a", "one");
  Delete(table, 2, "a");
  Put(table, 3, "a", "three");
  EXPECT_EQ(Found(table, "a"), "three@3");
  table.CheckInvariants();
}

TEST(MemTableTest, KeysAndValuesAreAnyBytes) {
  const std::string zero("\0", 1);
  const std::string zero_a("\0a", 2);
  MemTable table;
  Put(table, 1, "", "of the empty key");
  Put(table, 2, zero, "");
  Put(table, 3, zero_a, zero);
  EXPECT_EQ(Found(table, ""), "of the empty key@1");
  EXPECT_EQ(Found(table, zero), "@2") << "an empty value is a value";
  EXPECT_EQ(Found(table, zero_a), zero + "@3");
  EXPECT_EQ(table.Count(), 3u);
  table.CheckInvariants();
}

TEST(MemTableTest, ItKeepsCopiesOfWhatItIsGiven) {
  MemTable table;
  {
    std::string key(100, 'k');
    std::string value(100, 'v');
    Put(table, 1, key, value);
    key.assign(100, 'x');
    value.assign(100, 'x');
  }
  EXPECT_EQ(Found(table, std::string(100, 'k')), std::string(100, 'v') + "@1");
}

TEST(MemTableTest, ForEachVisitsInAscendingOrderOfUnsignedBytes) {
  MemTable table;
  uint64_t sequence = 0;
  for (const char* key : {"\xff", "a", "\x80", "\x7f", "", "ab", "Z"}) {
    Put(table, ++sequence, key, "v");
  }
  EXPECT_EQ(
      Visited(table),
      (Strings{
          "=v@5", "Z=v@7", "a=v@2", "ab=v@6", "\x7f=v@4", "\x80=v@3",
          "\xff=v@1"}));
}

TEST(MemTableTest, ForEachStopsAtTheFirstError) {
  MemTable table;
  Put(table, 1, "a", "one");
  Put(table, 2, "b", "two");
  Put(table, 3, "c", "three");
  int visited = 0;
  const Status status =
      table.ForEach([&visited](std::string_view, const MemTable::Entry&) {
        return ++visited == 2 ? Status::IoError("the second") : Status::Ok();
      });
  EXPECT_TRUE(Fails(status, StatusCode::kIoError, {"the second"}));
  EXPECT_EQ(visited, 2) << "nothing is visited behind the error";
}

TEST(MemTableTest, BytesAreThoseOfTheEntriesThatAreThere) {
  MemTable table;
  Put(table, 1, "key", std::string(100, 'x'));
  ASSERT_EQ(table.Bytes(), MemTable::EntryBytes(3, 100));
  Put(table, 2, "k", std::string(1000, 'x'));
  ASSERT_EQ(
      table.Bytes(),
      MemTable::EntryBytes(3, 100) + MemTable::EntryBytes(1, 1000));
  Put(table, 3, "k", "");
  ASSERT_EQ(
      table.Bytes(), MemTable::EntryBytes(3, 100) + MemTable::EntryBytes(1, 0))
      << "a value that is replaced counts no more";
  Delete(table, 4, "key");
  ASSERT_EQ(table.Bytes(), MemTable::EntryBytes(1, 0));
  Delete(table, 5, "k");
  ASSERT_EQ(table.Bytes(), 0u) << "a deleted entry counts no more";
  table.CheckInvariants();
}

TEST(MemTableTest, AnEntryTakesAtLeastItsBytes) {
  EXPECT_GE(MemTable::EntryBytes(100, 1000), 1100u);
  EXPECT_GT(MemTable::EntryBytes(0, 0), 0u)
      << "endless empty entries would take no memory";
}

TEST(MemTableTest, AnIteratorGoesFromTheFirstEntryToTheLast) {
  auto table = std::make_shared<MemTable>();
  Put(*table, 1, "b", "two");
  Put(*table, 2, "a", "one");
  auto iterator = MemTable::NewIterator(table);
  EXPECT_FALSE(iterator->Valid()) << "a new iterator is at no entry";
  EXPECT_TRUE(iterator->GetStatus().ok());
  iterator->SeekToFirst();
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->Key(), "a");
  EXPECT_EQ(iterator->Value(), "one");
  iterator->Next();
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->Key(), "b");
  EXPECT_EQ(iterator->Value(), "two");
  iterator->Next();
  EXPECT_FALSE(iterator->Valid());
  EXPECT_TRUE(iterator->GetStatus().ok()) << "the entries ended";
}

TEST(MemTableTest, SeekGoesToTheFirstKeyThatIsNotLess) {
  auto table = std::make_shared<MemTable>();
  Put(*table, 1, "b", "two");
  Put(*table, 2, "d", "four");
  auto iterator = MemTable::NewIterator(table);
  for (const auto& [target, key] :
       {std::pair("b", "b"), {"c", "d"}, {"", "b"}, {"d", "d"}}) {
    iterator->Seek(target);
    ASSERT_TRUE(iterator->Valid()) << target;
    EXPECT_EQ(iterator->Key(), key) << target;
  }
  iterator->Seek("e");
  EXPECT_FALSE(iterator->Valid()) << "no key is as great";
  EXPECT_TRUE(iterator->GetStatus().ok());
}

TEST(MemTableTest, AnIteratorKeepsItsTableAlive) {
  auto table = std::make_shared<MemTable>();
  Put(*table, 1, "a", "one");
  auto iterator = MemTable::NewIterator(table);
  table.reset();
  iterator->SeekToFirst();
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->Value(), "one");
}

TEST(MemTableTest, EveryAddEndsTheValidityOfAnIterator) {
  for (const std::string key : {"a", "b", "not there"}) {
    for (const RecordKind kind : {RecordKind::kPut, RecordKind::kDelete}) {
      auto table = std::make_shared<MemTable>();
      Put(*table, 1, "a", "one");
      Put(*table, 2, "b", "two");
      auto iterator = MemTable::NewIterator(table);
      iterator->SeekToFirst();
      ASSERT_TRUE(iterator->Valid());
      table->Add(3, kind, key, {});
      EXPECT_FALSE(iterator->Valid()) << "after a write of " << Show(key);
      EXPECT_TRUE(Fails(iterator->GetStatus(), StatusCode::kAborted))
          << "after a write of " << Show(key);
    }
  }
}

TEST(MemTableTest, AWriteThatIsNotTheNewestIsAMistakeOfTheProgram) {
  MemTable table;
  Put(table, 5, "a", "five");
  for (const uint64_t sequence : {4u, 5u}) {
    EXPECT_DEATH(Put(table, sequence, "a", "late"), "check failed")
        << "a put with number " << sequence << " behind number 5";
    EXPECT_DEATH(Delete(table, sequence, "a"), "check failed")
        << "a delete with number " << sequence << " behind number 5";
  }
}

TEST(MemTableTest, RandomWritesGiveWhatAMapGives) {
  SeededRandom random(4);
  MemTable table;
  std::map<std::string, std::pair<std::string, uint64_t>> expected;
  for (uint64_t sequence = 1; sequence <= 5000; ++sequence) {
    const std::string key = RandomBytes(random, random.Below(3));
    if (random.OneIn(3)) {
      Delete(table, sequence, key);
      expected.erase(key);
    } else {
      const std::string value = RandomBytes(random, random.Below(40));
      Put(table, sequence, key, value);
      expected[key] = {value, sequence};
    }
    if (sequence % 500 == 0) table.CheckInvariants();
  }
  EXPECT_EQ(table.Count(), expected.size());
  uint64_t bytes = 0;
  auto next = expected.begin();
  const Status status =
      table.ForEach([&](std::string_view key, const MemTable::Entry& entry) {
        EXPECT_NE(next, expected.end());
        EXPECT_EQ(key, next->first);
        EXPECT_EQ(entry.value, next->second.first);
        EXPECT_EQ(entry.sequence, next->second.second);
        bytes += MemTable::EntryBytes(key.size(), entry.value.size());
        ++next;
        return Status::Ok();
      });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(next, expected.end());
  EXPECT_EQ(table.Bytes(), bytes);
}

}  // namespace
}  // namespace kv
