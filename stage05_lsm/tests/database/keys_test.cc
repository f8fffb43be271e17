// Goal: Keys lists exactly the keys that begin with the prefix, each once,
// sorted as unsigned bytes.
// Method: the list is compared in whole with what the test wrote down.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

using List = std::vector<std::string>;

// A database with these keys, put in this order.
std::unique_ptr<Database> OpenWith(const List& keys) {
  auto db = OpenEmpty();
  for (const std::string& key : keys) Put(*db, key, "value");
  return db;
}

TEST(KeysTest, OfAnEmptyDatabaseIsAnEmptyList) {
  auto db = OpenEmpty();
  EXPECT_EQ(KeysOf(*db), List{});
  EXPECT_EQ(KeysOf(*db, "any"), List{});
}

TEST(KeysTest, AreSortedWhateverTheOrderOfThePuts) {
  auto db = OpenWith({"pear", "apple", "plum", "fig", "banana"});
  EXPECT_EQ(KeysOf(*db), (List{"apple", "banana", "fig", "pear", "plum"}))
      << "Keys are sorted";
}

TEST(KeysTest, SortAsUnsignedBytes) {
  auto db = OpenWith({"\xff", "a", "\x80", "\x7f", "\x01", "Z"});
  EXPECT_EQ(KeysOf(*db), (List{"\x01", "Z", "a", "\x7f", "\x80", "\xff"}))
      << "bytes from 0x80 on are greater than those below";
}

TEST(KeysTest, APrefixSortsBeforeWhatItBegins) {
  const std::string a_zero("a\0", 2);
  auto db = OpenWith({"b", "ab", a_zero, "a", "", "aa"});
  EXPECT_EQ(KeysOf(*db), (List{"", "a", a_zero, "aa", "ab", "b"}))
      << "a shorter key sorts before the longer ones that it begins";
}

TEST(KeysTest, ThatBeginWithThePrefixAndNoOthers) {
  auto db = OpenWith({"user", "user:1", "user:2", "use", "users", "visit"});
  EXPECT_EQ(KeysOf(*db, "user:"), (List{"user:1", "user:2"}));
  EXPECT_EQ(KeysOf(*db, "user"), (List{"user", "user:1", "user:2", "users"}))
      << "a key that equals the prefix begins with it";
  EXPECT_EQ(KeysOf(*db, "v"), List{"visit"});
  EXPECT_EQ(KeysOf(*db, "x"), List{}) << "no key begins with x";
  EXPECT_EQ(KeysOf(*db, "user:11"), List{})
      << "a key that only begins the prefix does not count";
}

TEST(KeysTest, PrefixMustStandAtTheBeginning) {
  auto db = OpenWith({"xa", "ax", "xax", "aax"});
  EXPECT_EQ(KeysOf(*db, "a"), (List{"aax", "ax"}))
      << "a prefix in the middle or at the end does not count";
}

TEST(KeysTest, APrefixOfHighBytesHasNoByteAfterIt) {
  auto db = OpenWith({"\xfe", "\xff", "\xff\xff", "\xff\xff\x01", "\xff\x01"});
  EXPECT_EQ(
      KeysOf(*db, "\xff"),
      (List{"\xff", "\xff\x01", "\xff\xff", "\xff\xff\x01"}))
      << "the last prefix of all ends with the last key";
  EXPECT_EQ(KeysOf(*db, "\xff\xff"), (List{"\xff\xff", "\xff\xff\x01"}));
}

TEST(KeysTest, APrefixOfZeroBytesIsNoEmptyPrefix) {
  const std::string zero("\0", 1);
  const std::string zero_a("\0a", 2);
  auto db = OpenWith({"", "a", zero, zero_a});
  EXPECT_EQ(KeysOf(*db, zero), (List{zero, zero_a}))
      << "a prefix is as long as its view, whatever its bytes";
  EXPECT_EQ(KeysOf(*db, ""), (List{"", zero, zero_a, "a"}))
      << "every key begins with the empty prefix";
}

TEST(KeysTest, OverwrittenKeysAreListedOnce) {
  auto db = OpenWith({"a", "b", "a", "a", "b"});
  EXPECT_EQ(KeysOf(*db), (List{"a", "b"}));
}

TEST(KeysTest, DeletedAndRenamedKeysAreNotListed) {
  auto db = OpenWith({"a", "b", "c", "d"});
  Delete(*db, "b");
  Rename(*db, "c", "a2");
  EXPECT_EQ(KeysOf(*db), (List{"a", "a2", "d"}));
  EXPECT_EQ(KeysOf(*db, "a"), (List{"a", "a2"}));
  EXPECT_EQ(KeysOf(*db, "c"), List{});
}

TEST(KeysTest, AListIsACopyOfItsMoment) {
  auto db = OpenWith({"a", "b"});
  const List before = KeysOf(*db);
  Delete(*db, "a");
  Put(*db, "c", "value");
  EXPECT_EQ(before, (List{"a", "b"})) << "later writes do not change a list";
}

TEST(KeysTest, OfManyAreCompleteForEachPrefix) {
  auto db = OpenEmpty();
  List all;
  for (int i = 100; i < 1000; ++i) all.push_back(std::to_string(i));
  for (size_t i = 0; i < all.size(); ++i) {
    Put(*db, all[(i * 7) % all.size()], "value");
  }
  EXPECT_EQ(KeysOf(*db), all) << "all 900 keys, sorted";
  for (int digit = 1; digit <= 9; ++digit) {
    const List expected(
        all.begin() + (digit - 1) * 100, all.begin() + digit * 100);
    EXPECT_EQ(KeysOf(*db, std::to_string(digit)), expected)
        << "the 100 keys that begin with " << digit;
  }
  EXPECT_EQ(KeysOf(*db, "55").size(), 10u);
  EXPECT_EQ(KeysOf(*db, "555"), List{"555"});
  EXPECT_EQ(KeysOf(*db, "5555"), List{});
}

}  // namespace
}  // namespace kv
