// Goal: a scan gives the keys of its range and their values, in ascending
// order of unsigned bytes; an iterator gives the same one by one.
// Method: the list is compared in whole with what the test wrote down.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs Taken(Result<std::vector<KeyValue>> found, const std::string& call) {
  MustBeOk(found.status(), call);
  Pairs pairs;
  for (KeyValue& entry : *found) {
    pairs.emplace_back(std::move(entry.key), std::move(entry.value));
  }
  return pairs;
}

Pairs Scanned(Database& db, std::string_view start, std::string_view end) {
  return Taken(
      db.Scan(start, end), "Scan(" + Show(start) + ", " + Show(end) + ")");
}

Pairs ScannedPrefix(Database& db, std::string_view prefix) {
  return Taken(db.ScanPrefix(prefix), "ScanPrefix(" + Show(prefix) + ")");
}

std::unique_ptr<Iterator> IteratorOf(Database& db) {
  Result<std::unique_ptr<Iterator>> iterator = db.NewIterator();
  MustBeOk(iterator.status(), "NewIterator");
  return std::move(iterator).value();
}

// What the iterator gives from where it stands to the end.
Pairs Rest(Iterator& iterator) {
  Pairs pairs;
  for (; iterator.Valid(); iterator.Next()) {
    pairs.emplace_back(iterator.Key(), iterator.Value());
  }
  MustBeOk(iterator.GetStatus(), "GetStatus of an iterator at its end");
  return pairs;
}

// "a" to "e", each with its capital.
std::unique_ptr<Database> OpenLetters() {
  auto db = OpenEmpty();
  for (const char* key : {"d", "b", "a", "e", "c"}) {
    Put(*db, key, std::string(1, static_cast<char>(*key - 'a' + 'A')));
  }
  return db;
}

TEST(ScanTest, OfAnEmptyDatabaseIsAnEmptyList) {
  auto db = OpenEmpty();
  EXPECT_EQ(Scanned(*db, "", ""), Pairs{});
  EXPECT_EQ(Scanned(*db, "a", "b"), Pairs{});
  EXPECT_EQ(ScannedPrefix(*db, ""), Pairs{});
  auto iterator = IteratorOf(*db);
  iterator->SeekToFirst();
  EXPECT_FALSE(iterator->Valid());
  EXPECT_TRUE(iterator->GetStatus().ok());
}

TEST(ScanTest, StartIsInTheRangeAndEndIsNot) {
  auto db = OpenLetters();
  EXPECT_EQ(Scanned(*db, "b", "d"), (Pairs{{"b", "B"}, {"c", "C"}}))
      << "start <= key < end";
}

TEST(ScanTest, TheBoundsNeedNotBeKeys) {
  auto db = OpenLetters();
  EXPECT_EQ(Scanned(*db, "aa", "cc"), (Pairs{{"b", "B"}, {"c", "C"}}));
  EXPECT_EQ(Scanned(*db, "f", "z"), Pairs{});
  EXPECT_EQ(Scanned(*db, "A", "B"), Pairs{});
}

TEST(ScanTest, AnEmptyEndIsNoBound) {
  auto db = OpenLetters();
  EXPECT_EQ(Scanned(*db, "d", ""), (Pairs{{"d", "D"}, {"e", "E"}}));
  EXPECT_EQ(
      Scanned(*db, "", ""),
      (Pairs{{"a", "A"}, {"b", "B"}, {"c", "C"}, {"d", "D"}, {"e", "E"}}));
}

TEST(ScanTest, AnEmptyStartIsTheBeginning) {
  auto db = OpenLetters();
  Put(*db, "", "of the empty key");
  EXPECT_EQ(
      Scanned(*db, "", "b"), (Pairs{{"", "of the empty key"}, {"a", "A"}}));
}

TEST(ScanTest, ARangeWithNothingInItIsEmpty) {
  auto db = OpenLetters();
  EXPECT_EQ(Scanned(*db, "b", "b"), Pairs{}) << "no key is < b and >= b";
  EXPECT_EQ(Scanned(*db, "d", "b"), Pairs{}) << "an end before the start";
}

TEST(ScanTest, SortsAsUnsignedBytes) {
  const std::string zero("\0", 1);
  auto db = OpenEmpty();
  for (const std::string& key :
       {std::string("\xff"), std::string("\x80"), std::string("\x7f"), zero,
        std::string("a")}) {
    Put(*db, key, "v");
  }
  EXPECT_EQ(
      Scanned(*db, zero, "\xff"),
      (Pairs{{zero, "v"}, {"a", "v"}, {"\x7f", "v"}, {"\x80", "v"}}));
}

TEST(ScanTest, GivesTheNewestValuesAndNoDeletedKey) {
  auto db = OpenLetters();
  Put(*db, "b", "newer");
  Delete(*db, "c");
  Rename(*db, "a", "d");
  EXPECT_EQ(
      Scanned(*db, "", ""), (Pairs{{"b", "newer"}, {"d", "A"}, {"e", "E"}}));
}

TEST(ScanTest, AListIsACopyOfItsMoment) {
  auto db = OpenLetters();
  const Pairs before = Scanned(*db, "a", "b");
  Put(*db, "a", "newer");
  EXPECT_EQ(before, (Pairs{{"a", "A"}})) << "later writes do not change it";
}

TEST(ScanTest, OfAPrefixGivesTheKeysThatBeginWithIt) {
  auto db = OpenEmpty();
  for (const char* key :
       {"user", "user:2", "user:1", "use", "users", "xuser"}) {
    Put(*db, key, "v");
  }
  EXPECT_EQ(
      ScannedPrefix(*db, "user:"), (Pairs{{"user:1", "v"}, {"user:2", "v"}}));
  EXPECT_EQ(
      ScannedPrefix(*db, "user"),
      (Pairs{{"user", "v"}, {"user:1", "v"}, {"user:2", "v"}, {"users", "v"}}))
      << "a key that equals the prefix begins with it";
  EXPECT_EQ(ScannedPrefix(*db, "user:11"), Pairs{});
  EXPECT_EQ(ScannedPrefix(*db, "").size(), 6u)
      << "every key begins with the empty prefix";
}

TEST(ScanTest, OfAPrefixOfHighBytesEndsWithTheLastKey) {
  auto db = OpenEmpty();
  for (const char* key : {"\xfe", "\xff", "\xff\x01", "\xff\xff", "a"}) {
    Put(*db, key, "v");
  }
  EXPECT_EQ(
      ScannedPrefix(*db, "\xff"),
      (Pairs{{"\xff", "v"}, {"\xff\x01", "v"}, {"\xff\xff", "v"}}))
      << "there is no prefix behind it that would end the range";
  EXPECT_EQ(ScannedPrefix(*db, "\xff\xff"), (Pairs{{"\xff\xff", "v"}}));
}

TEST(ScanTest, EveryRangeOfManyKeysIsComplete) {
  SeededRandom random(5);
  auto db = OpenEmpty();
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 500; ++i) {
    const std::string key = RandomBytes(random, random.Below(3));
    const std::string value = RandomBytes(random, random.Below(20));
    Put(*db, key, value);
    expected[key] = value;
  }
  for (int i = 0; i < 200; ++i) {
    const std::string start = RandomBytes(random, random.Below(3));
    const std::string end = RandomBytes(random, random.Below(3));
    Pairs range;
    for (const auto& [key, value] : expected) {
      if (key >= start && (end.empty() || key < end)) {
        range.emplace_back(key, value);
      }
    }
    ASSERT_EQ(Scanned(*db, start, end), range)
        << "from " << Show(start) << " to " << Show(end);
  }
}

TEST(ScanTest, ANewIteratorIsAtNoEntry) {
  auto db = OpenLetters();
  auto iterator = IteratorOf(*db);
  EXPECT_FALSE(iterator->Valid()) << "seek first";
  EXPECT_TRUE(iterator->GetStatus().ok());
}

TEST(ScanTest, AnIteratorGoesFromTheFirstKeyToTheLast) {
  auto db = OpenLetters();
  auto iterator = IteratorOf(*db);
  iterator->SeekToFirst();
  EXPECT_EQ(
      Rest(*iterator),
      (Pairs{{"a", "A"}, {"b", "B"}, {"c", "C"}, {"d", "D"}, {"e", "E"}}));
  iterator->SeekToFirst();
  ASSERT_TRUE(iterator->Valid()) << "one at its end can go back";
  EXPECT_EQ(iterator->Key(), "a");
}

TEST(ScanTest, SeekGoesToTheFirstKeyThatIsNotLess) {
  auto db = OpenLetters();
  auto iterator = IteratorOf(*db);
  iterator->Seek("c");
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->Key(), "c") << "the key itself, if it is there";
  iterator->Seek("aa");
  ASSERT_TRUE(iterator->Valid()) << "back as well as forth";
  EXPECT_EQ(iterator->Key(), "b");
  EXPECT_EQ(iterator->Value(), "B");
  iterator->Next();
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->Key(), "c");
  iterator->Seek("");
  ASSERT_TRUE(iterator->Valid());
  EXPECT_EQ(iterator->Key(), "a");
  iterator->Seek("f");
  EXPECT_FALSE(iterator->Valid()) << "no key is as great";
  EXPECT_TRUE(iterator->GetStatus().ok()) << "the entries ended";
}

TEST(ScanTest, SeveralIteratorsGoOnIndependently) {
  auto db = OpenLetters();
  auto one = IteratorOf(*db);
  auto two = IteratorOf(*db);
  one->SeekToFirst();
  two->Seek("c");
  one->Next();
  EXPECT_EQ(one->Key(), "b");
  EXPECT_EQ(two->Key(), "c");
}

TEST(ScanTest, ReadsAndASyncLeaveAnIteratorValid) {
  auto db = OpenLetters();
  auto iterator = IteratorOf(*db);
  iterator->Seek("b");
  EXPECT_EQ(Read(*db, "e"), "E");
  EXPECT_EQ(Scanned(*db, "", "").size(), 5u);
  ASSERT_TRUE(db->Sync().ok());
  EXPECT_EQ(
      Rest(*iterator), (Pairs{{"b", "B"}, {"c", "C"}, {"d", "D"}, {"e", "E"}}));
}

TEST(ScanTest, AfterCloseEveryScanIsRefused) {
  auto db = OpenLetters();
  ASSERT_TRUE(db->Close().ok());
  EXPECT_TRUE(Fails(db->Scan("", "").status(), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->ScanPrefix("").status(), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->NewIterator().status(), StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace kv
