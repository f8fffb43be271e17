// Goal: a deleted key is gone for every way to read, deleting disturbs no
// other key, and a deleted key can come back.
// Method: small cases, and deletions in the middle of many keys, in several
// orders, since the structure that finds the others has to be mended.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

std::string Key(int i) {
  return "key" + std::to_string(i);
}
std::string Value(int i) {
  return "value" + std::to_string(i);
}

TEST(DeleteTest, ADeletedKeyIsGoneForEveryRead) {
  auto db = OpenEmpty();
  Put(*db, "color", "red");
  Delete(*db, "color");
  EXPECT_EQ(Read(*db, "color"), "(not found)") << "Get after Delete";
  std::string value = "as it was";
  EXPECT_TRUE(Fails(db->GetInto("color", &value), StatusCode::kNotFound));
  EXPECT_EQ(value, "as it was") << "GetInto after Delete";
  Result<bool> exists = db->Exists("color");
  ASSERT_TRUE(exists.ok()) << exists.status().ToString();
  EXPECT_FALSE(*exists) << "Exists after Delete";
  EXPECT_TRUE(KeysOf(*db).empty()) << "Keys after Delete";
  auto results = db->MultiGet({"color"});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(Fails(results[0].status(), StatusCode::kNotFound))
      << "MultiGet after Delete";
}

TEST(DeleteTest, DeletingAnAbsentKeyIsOkAndChangesNothing) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  const Status status = db->Delete("absent");
  EXPECT_TRUE(status.ok()) << "an absent key is no error: "
                           << status.ToString();
  const std::map<std::string, std::string> expected = {{"a", "1"}};
  EXPECT_EQ(Contents(*db), expected) << "the other keys stay";
}

TEST(DeleteTest, DeletingInAnEmptyDatabaseIsOk) {
  auto db = OpenEmpty();
  const Status status = db->Delete("absent");
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(KeysOf(*db).empty());
}

TEST(DeleteTest, DeletingTwiceIsOk) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Delete(*db, "a");
  const Status status = db->Delete("a");
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(Read(*db, "a"), "(not found)");
}

TEST(DeleteTest, OneDeleteRemovesAllValuesThatTheKeyEverHad) {
  auto db = OpenEmpty();
  Put(*db, "color", "red");
  Put(*db, "color", "green");
  Put(*db, "color", "blue");
  Delete(*db, "color");
  EXPECT_EQ(Read(*db, "color"), "(not found)")
      << "no earlier value comes back after a delete";
}

TEST(DeleteTest, ADeletedKeyCanBePutAgain) {
  auto db = OpenEmpty();
  Put(*db, "color", "red");
  Delete(*db, "color");
  Put(*db, "color", "blue");
  EXPECT_EQ(Read(*db, "color"), "blue") << "a put after a delete wins";
  EXPECT_EQ(KeysOf(*db), std::vector<std::string>{"color"})
      << "the key is there once";
}

TEST(DeleteTest, DeletingAKeyLeavesItsPrefixesAndExtensions) {
  auto db = OpenEmpty();
  Put(*db, "", "0");
  Put(*db, "a", "1");
  Put(*db, "ab", "2");
  Put(*db, "abc", "3");
  Delete(*db, "ab");
  const std::map<std::string, std::string> expected = {
      {"", "0"},
      {"a", "1"},
      {"abc", "3"},
  };
  EXPECT_EQ(Contents(*db), expected) << "exactly the named key is removed";
}

TEST(DeleteTest, AKeyWithAnEmptyValueCanBeDeleted) {
  auto db = OpenEmpty();
  Put(*db, "empty", "");
  Delete(*db, "empty");
  EXPECT_EQ(Read(*db, "empty"), "(not found)")
      << "an empty value is deleted like any other";
}

// After each deletion every key that is left must still be found.
TEST(DeleteTest, EachDeletionLeavesAllOtherKeysReadable) {
  constexpr int kKeys = 60;
  auto db = OpenEmpty();
  for (int i = 0; i < kKeys; ++i) Put(*db, Key(i), Value(i));
  std::vector<int> order;
  for (int i = 0; i < kKeys; ++i) order.push_back((i * 7 + 3) % kKeys);
  for (size_t deleted = 0; deleted < order.size(); ++deleted) {
    Delete(*db, Key(order[deleted]));
    for (size_t i = 0; i < order.size(); ++i) {
      const std::string expected =
          i <= deleted ? "(not found)" : Value(order[i]);
      ASSERT_EQ(Read(*db, Key(order[i])), expected)
          << Key(order[i]) << " after deleting " << Key(order[deleted]);
    }
  }
}

TEST(DeleteTest, EverySecondOfManyKeysCanBeDeleted) {
  constexpr int kKeys = 800;
  auto db = OpenEmpty();
  for (int i = 0; i < kKeys; ++i) Put(*db, Key(i), Value(i));
  for (int i = 0; i < kKeys; i += 2) Delete(*db, Key(i));
  for (int i = 0; i < kKeys; ++i) {
    ASSERT_EQ(Read(*db, Key(i)), i % 2 == 0 ? "(not found)" : Value(i))
        << Key(i) << " after deleting every second key";
  }
  EXPECT_EQ(KeysOf(*db).size(), 400u) << "half of the keys are left";
}

TEST(DeleteTest, ADatabaseThatWasEmptiedTakesAllKeysAgain) {
  constexpr int kKeys = 300;
  auto db = OpenEmpty();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kKeys; ++i) Put(*db, Key(i), Value(i + round));
    ASSERT_EQ(KeysOf(*db).size(), 300u) << "filled, round " << round;
    ASSERT_EQ(Read(*db, Key(17)), Value(17 + round)) << "round " << round;
    for (int i = kKeys - 1; i >= 0; --i) Delete(*db, Key(i));
    ASSERT_TRUE(KeysOf(*db).empty()) << "emptied, round " << round;
  }
}

// A queue: always a few keys, but new ones all the time. What is deleted must
// not pile up in the way of what is there.
TEST(DeleteTest, AQueueThatMovesOnAndOnStaysRight) {
  constexpr int kLive = 8;
  constexpr int kMoves = 1500;
  auto db = OpenEmpty();
  for (int i = 0; i < kMoves; ++i) {
    Put(*db, Key(i), Value(i));
    if (i >= kLive) Delete(*db, Key(i - kLive));
  }
  std::map<std::string, std::string> expected;
  for (int i = kMoves - kLive; i < kMoves; ++i) expected[Key(i)] = Value(i);
  EXPECT_EQ(Contents(*db), expected) << "the last " << kLive << " keys";
}

}  // namespace
}  // namespace kv
