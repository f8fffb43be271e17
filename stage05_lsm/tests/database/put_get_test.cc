// Goal: what put promises, a read gives back: the last value of exactly that
// key, by each of the ways to read.
// Method: small cases through the public calls of a fresh database.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

TEST(PutGetTest, GetReturnsWhatPutStored) {
  auto db = OpenEmpty();
  Put(*db, "color", "red");
  EXPECT_EQ(Read(*db, "color"), "red") << "a value that was put is read";
}

TEST(PutGetTest, AnEmptyDatabaseHasNoKey) {
  auto db = OpenEmpty();
  EXPECT_EQ(Read(*db, "color"), "(not found)") << "nothing was put";
  EXPECT_EQ(Read(*db, ""), "(not found)") << "the empty key was not put either";
}

TEST(PutGetTest, LastPutWins) {
  auto db = OpenEmpty();
  Put(*db, "color", "red");
  Put(*db, "color", "green");
  Put(*db, "color", "blue");
  EXPECT_EQ(Read(*db, "color"), "blue") << "the last put of a key wins";
}

TEST(PutGetTest, OverwritingWithALongerAndAShorterValueLeavesNoRest) {
  auto db = OpenEmpty();
  for (const size_t length : {5u, 500u, 1u, 70000u, 0u, 16u}) {
    const std::string value(length, 'v');
    Put(*db, "key", value);
    EXPECT_TRUE(SameBytes(Read(*db, "key"), value))
        << "a put replaces the whole value, here by " << length << " bytes";
  }
}

TEST(PutGetTest, OverwritingOneKeyLeavesTheOthers) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  Put(*db, "c", "3");
  Put(*db, "b", "22");
  EXPECT_EQ(Read(*db, "a"), "1") << "a put of b changes no other key";
  EXPECT_EQ(Read(*db, "b"), "22") << "the last put of b wins";
  EXPECT_EQ(Read(*db, "c"), "3") << "a put of b changes no other key";
}

TEST(PutGetTest, SimilarKeysAreDifferentKeys) {
  auto db = OpenEmpty();
  Put(*db, "key", "short");
  Put(*db, "keys", "long");
  EXPECT_EQ(Read(*db, "key"), "short") << "a prefix of a key is another key";
  EXPECT_EQ(Read(*db, "keys"), "long") << "a key is compared in whole";
  EXPECT_EQ(Read(*db, "ke"), "(not found)") << "a prefix was not put";
  EXPECT_EQ(Read(*db, "keysx"), "(not found)") << "a longer key was not put";
  EXPECT_EQ(Read(*db, "Keys"), "(not found)") << "case counts";
}

TEST(PutGetTest, AnEmptyValueIsAValue) {
  auto db = OpenEmpty();
  Put(*db, "empty", "");
  EXPECT_EQ(Read(*db, "empty"), "") << "an empty value is not 'not found'";
  Result<bool> exists = db->Exists("empty");
  ASSERT_TRUE(exists.ok()) << exists.status().ToString();
  EXPECT_TRUE(*exists) << "a key with an empty value exists";
  EXPECT_EQ(KeysOf(*db), std::vector<std::string>{"empty"})
      << "a key with an empty value is listed";
}

TEST(PutGetTest, AResultOutlivesLaterWrites) {
  auto db = OpenEmpty();
  Put(*db, "key", "before");
  Result<std::string> result = db->Get("key");
  Put(*db, "key", "after");
  Delete(*db, "key");
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(*result, "before") << "a result is a copy of its own";
}

TEST(PutGetTest, GetIntoReplacesWhatTheStringHeld) {
  auto db = OpenEmpty();
  Put(*db, "key", "new");
  std::string value = "something much longer than the value";
  const Status status = db->GetInto("key", &value);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(value, "new") << "GetInto replaces the string, it does not append";
}

TEST(PutGetTest, GetIntoLeavesTheStringWhenTheKeyIsAbsent) {
  auto db = OpenEmpty();
  std::string value = "as it was";
  EXPECT_TRUE(Fails(db->GetInto("absent", &value), StatusCode::kNotFound));
  EXPECT_EQ(value, "as it was") << "NotFound leaves *value as it was";
}

TEST(PutGetTest, ExistsSaysWhetherGetWouldFindAValue) {
  auto db = OpenEmpty();
  Put(*db, "there", "1");
  Result<bool> there = db->Exists("there");
  Result<bool> absent = db->Exists("absent");
  ASSERT_TRUE(there.ok()) << there.status().ToString();
  ASSERT_TRUE(absent.ok()) << "an absent key is an answer, not an error: "
                           << absent.status().ToString();
  EXPECT_TRUE(*there) << "a key that was put exists";
  EXPECT_FALSE(*absent) << "a key that was not put does not exist";
}

TEST(PutGetTest, MultiGetAnswersInTheOrderOfTheQuestions) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  Put(*db, "c", "3");
  auto results = db->MultiGet({"c", "absent", "a", "c", "b"});
  ASSERT_EQ(results.size(), 5u) << "one result for each key asked for";
  const std::vector<std::string> expected = {"3", "", "1", "3", "2"};
  for (size_t i = 0; i < results.size(); ++i) {
    if (i == 1) {
      EXPECT_TRUE(Fails(results[i].status(), StatusCode::kNotFound))
          << "an absent key is NotFound and does not disturb the others";
      continue;
    }
    ASSERT_TRUE(results[i].ok()) << i << ": " << results[i].status().ToString();
    EXPECT_EQ(*results[i], expected[i]) << "result " << i << " of MultiGet";
  }
}

TEST(PutGetTest, MultiGetOfNothingReturnsNothing) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  EXPECT_TRUE(db->MultiGet({}).empty()) << "no key asked for, no result";
}

TEST(PutGetTest, ReadingChangesNothing) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  for (const std::string_view key : {"a", "absent", "", "aa"}) {
    std::string value;
    (void)db->Get(key).ok();
    (void)db->GetInto(key, &value).ok();
    (void)db->Exists(key).ok();
    (void)db->MultiGet({key, key}).size();
    (void)db->Keys(key).ok();
  }
  const std::map<std::string, std::string> expected = {{"a", "1"}};
  EXPECT_EQ(Contents(*db), expected) << "a read creates and removes no key";
}

// Enough keys that every structure inside grows several times.
TEST(PutGetTest, AThousandKeysAreAllThere) {
  auto db = OpenEmpty();
  for (int i = 0; i < 1000; ++i) {
    Put(*db, "key" + std::to_string(i), "value" + std::to_string(i));
  }
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Read(*db, "key" + std::to_string(i)), "value" + std::to_string(i))
        << "key " << i << " of 1000 was put and not deleted";
  }
  EXPECT_EQ(Read(*db, "key1000"), "(not found)") << "it was never put";
  EXPECT_EQ(KeysOf(*db).size(), 1000u) << "each key is listed once";
}

TEST(PutGetTest, OverwritingManyKeysLeavesOneValueEach) {
  auto db = OpenEmpty();
  for (const char* round : {"first", "second", "third"}) {
    for (int i = 0; i < 400; ++i) {
      Put(*db, "key" + std::to_string(i), round + std::to_string(i));
    }
  }
  for (int i = 0; i < 400; ++i) {
    ASSERT_EQ(Read(*db, "key" + std::to_string(i)), "third" + std::to_string(i))
        << "the last put of key " << i << " wins";
  }
  EXPECT_EQ(KeysOf(*db).size(), 400u) << "an overwritten key is listed once";
}

}  // namespace
}  // namespace kv
