// Goal: Rename moves a value from one key to another, all or nothing.
// Method: each sentence of its contract as a case; the whole contents are
// compared, so that a leftover is seen.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "support/database_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

TEST(RenameTest, MovesTheValueToTheNewKey) {
  auto db = OpenEmpty();
  Put(*db, "old", "value");
  Rename(*db, "old", "new");
  EXPECT_EQ(Contents(*db), (Map{{"new", "value"}}))
      << "the new key has the value and the old key is gone";
  EXPECT_EQ(Read(*db, "old"), "(not found)") << "the old key is gone";
}

TEST(RenameTest, ReplacesWhatTheTargetHad) {
  auto db = OpenEmpty();
  Put(*db, "from", "stays");
  Put(*db, "to", "is replaced");
  Rename(*db, "from", "to");
  EXPECT_EQ(Contents(*db), (Map{{"to", "stays"}}))
      << "the target's value is replaced by the source's";
}

TEST(RenameTest, OfAnAbsentKeyIsNotFoundAndTheTargetStays) {
  auto db = OpenEmpty();
  Put(*db, "to", "stays");
  EXPECT_TRUE(Fails(db->Rename("absent", "to"), StatusCode::kNotFound));
  EXPECT_EQ(Contents(*db), (Map{{"to", "stays"}}))
      << "a rename that fails changes nothing";
}

TEST(RenameTest, OfAnAbsentKeyDoesNotCreateTheTarget) {
  auto db = OpenEmpty();
  EXPECT_TRUE(Fails(db->Rename("absent", "to"), StatusCode::kNotFound));
  EXPECT_EQ(Contents(*db), Map{}) << "a rename that fails changes nothing";
}

TEST(RenameTest, OfADeletedKeyIsNotFound) {
  auto db = OpenEmpty();
  Put(*db, "from", "value");
  Delete(*db, "from");
  EXPECT_TRUE(Fails(db->Rename("from", "to"), StatusCode::kNotFound));
  EXPECT_EQ(Contents(*db), Map{}) << "a deleted value does not come back";
}

TEST(RenameTest, ToItselfChangesNothing) {
  auto db = OpenEmpty();
  Put(*db, "same", "value");
  const Status status = db->Rename("same", "same");
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(Contents(*db), (Map{{"same", "value"}}))
      << "a key that is renamed to itself keeps its value";
}

TEST(RenameTest, ToItselfOfAnAbsentKeyIsNotFound) {
  auto db = OpenEmpty();
  EXPECT_TRUE(Fails(db->Rename("absent", "absent"), StatusCode::kNotFound));
  EXPECT_EQ(Contents(*db), Map{});
}

TEST(RenameTest, MovesAnEmptyValue) {
  auto db = OpenEmpty();
  Put(*db, "from", "");
  Put(*db, "to", "not empty");
  Rename(*db, "from", "to");
  EXPECT_EQ(Contents(*db), (Map{{"to", ""}})) << "an empty value is a value";
}

TEST(RenameTest, FromAndToTheEmptyKey) {
  auto db = OpenEmpty();
  Put(*db, "", "value");
  Rename(*db, "", "named");
  EXPECT_EQ(Contents(*db), (Map{{"named", "value"}}));
  Rename(*db, "named", "");
  EXPECT_EQ(Contents(*db), (Map{{"", "value"}})) << "the empty key is a key";
}

TEST(RenameTest, MovesALongValue) {
  auto db = OpenEmpty();
  SeededRandom random(1);
  const std::string value = RandomBytes(random, 300000);
  Put(*db, "from", value);
  Rename(*db, "from", "to");
  EXPECT_TRUE(SameBytes(Read(*db, "to"), value)) << "the whole value moves";
  EXPECT_EQ(Read(*db, "from"), "(not found)");
}

TEST(RenameTest, TheOldKeyCanBePutAgain) {
  auto db = OpenEmpty();
  Put(*db, "old", "first");
  Rename(*db, "old", "new");
  Put(*db, "old", "second");
  EXPECT_EQ(Contents(*db), (Map{{"new", "first"}, {"old", "second"}}));
}

TEST(RenameTest, ThereAndBackRestoresTheValue) {
  auto db = OpenEmpty();
  Put(*db, "a", "value");
  Rename(*db, "a", "b");
  Rename(*db, "b", "a");
  EXPECT_EQ(Contents(*db), (Map{{"a", "value"}}));
}

TEST(RenameTest, ThreeRenamesSwapTwoKeys) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  Rename(*db, "a", "spare");
  Rename(*db, "b", "a");
  Rename(*db, "spare", "b");
  EXPECT_EQ(Contents(*db), (Map{{"a", "2"}, {"b", "1"}}));
}

TEST(RenameTest, LeavesAllOtherKeys) {
  auto db = OpenEmpty();
  Map expected;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "key" + std::to_string(i);
    Put(*db, key, std::to_string(i));
    expected["renamed" + key] = std::to_string(i);
  }
  for (int i = 0; i < 200; ++i) {
    const std::string key = "key" + std::to_string(i);
    Rename(*db, key, "renamed" + key);
  }
  EXPECT_EQ(Contents(*db), expected) << "each value under its new key only";
}

TEST(RenameTest, ToATooLongKeyChangesNothing) {
  Options options;
  options.key_bytes_max = 13;
  auto db = OpenEmpty(options);
  Put(*db, "from", "value");
  const Status status = db->Rename("from", std::string(27, 't'));
  EXPECT_TRUE(Fails(status, StatusCode::kInvalidArgument, {"27", "13"}))
      << "the new key must be within the limit";
  EXPECT_EQ(Contents(*db), (Map{{"from", "value"}}))
      << "a rename that fails changes nothing";
}

TEST(RenameTest, TakesKeysThatShareTheirBytesInMemory) {
  auto db = OpenEmpty();
  const std::string text = "abcdef";
  const std::string_view whole = text;
  Put(*db, whole.substr(0, 4), "value");
  Rename(*db, whole.substr(0, 4), whole.substr(2, 4));
  EXPECT_EQ(Contents(*db), (Map{{"cdef", "value"}}));
}

}  // namespace
}  // namespace kv
