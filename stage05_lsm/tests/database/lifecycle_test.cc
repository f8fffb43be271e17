// Goal: a database is opened with options that make sense, closed once or
// more, and refuses every call after that; two of them share nothing.
// Method: each public call once after Close; two databases side by side.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

TEST(LifecycleTest, AFreshDatabaseIsEmpty) {
  auto db = OpenEmpty();
  EXPECT_EQ(Contents(*db), Map{});
}

TEST(LifecycleTest, CloseReturnsOk) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  const Status status = db->Close();
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST(LifecycleTest, CloseAgainIsOk) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  const Status status = db->Close();
  EXPECT_TRUE(status.ok()) << "a second Close does nothing: "
                           << status.ToString();
}

TEST(LifecycleTest, AnEarlierRefusalIsNoErrorOfClose) {
  Options options;
  options.key_bytes_max = 4;
  auto db = OpenEmpty(options);
  ASSERT_FALSE(db->Put("too long", "1").ok());
  ASSERT_FALSE(db->Get("absent").ok());
  const Status status = db->Close();
  EXPECT_TRUE(status.ok()) << "what a caller did wrong was told the caller: "
                           << status.ToString();
}

TEST(LifecycleTest, TheDestructorClosesWhatWasNotClosed) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  db.reset();
  db = OpenEmpty();
  EXPECT_EQ(Contents(*db), Map{}) << "without a path the data ends with it";
}

TEST(LifecycleTest, WritesAfterCloseAreRefused) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  WriteBatch batch;
  batch.Put("b", "2");
  EXPECT_TRUE(Fails(db->Put("b", "2"), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->Delete("a"), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->Rename("a", "b"), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->Write(batch), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->Write(WriteBatch()), StatusCode::kInvalidArgument))
      << "an empty batch is a call too";
}

TEST(LifecycleTest, ReadsAfterCloseAreRefused) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  std::string value = "as it was";
  EXPECT_TRUE(Fails(db->Get("a").status(), StatusCode::kInvalidArgument))
      << "a closed database does not say NotFound";
  EXPECT_TRUE(Fails(db->GetInto("a", &value), StatusCode::kInvalidArgument));
  EXPECT_EQ(value, "as it was") << "an error leaves *value as it was";
  EXPECT_TRUE(Fails(db->Exists("a").status(), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->Keys().status(), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(db->GetStats().status(), StatusCode::kInvalidArgument));
}

TEST(LifecycleTest, MultiGetAfterCloseRefusesEachKey) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  auto results = db->MultiGet({"a", "absent"});
  ASSERT_EQ(results.size(), 2u) << "one result for each key asked for";
  EXPECT_TRUE(Fails(results[0].status(), StatusCode::kInvalidArgument));
  EXPECT_TRUE(Fails(results[1].status(), StatusCode::kInvalidArgument));
}

TEST(LifecycleTest, ALimitOfZeroIsRefused) {
  Options no_key;
  no_key.key_bytes_max = 0;
  EXPECT_TRUE(Fails(
      Database::Open(no_key).status(), StatusCode::kInvalidArgument,
      {"key_bytes_max"}));
  Options no_value;
  no_value.value_bytes_max = 0;
  EXPECT_TRUE(Fails(
      Database::Open(no_value).status(), StatusCode::kInvalidArgument,
      {"value_bytes_max"}));
  Options no_memory;
  no_memory.memory_bytes_max = 0;
  EXPECT_TRUE(Fails(
      Database::Open(no_memory).status(), StatusCode::kInvalidArgument,
      {"memory_bytes_max"}));
}

TEST(LifecycleTest, LimitsOfOneByteAreLimits) {
  Options options;
  options.key_bytes_max = 1;
  options.value_bytes_max = 1;
  auto db = OpenEmpty(options);
  Put(*db, "k", "v");
  Put(*db, "", "");
  EXPECT_FALSE(db->Put("kk", "v").ok());
  EXPECT_FALSE(db->Put("k", "vv").ok());
  EXPECT_EQ(Contents(*db), (Map{{"", ""}, {"k", "v"}}));
}

TEST(LifecycleTest, TwoDatabasesShareNothing) {
  auto one = OpenEmpty();
  auto two = OpenEmpty();
  Put(*one, "shared", "one");
  Put(*two, "shared", "two");
  Put(*one, "only one", "1");
  Put(*two, "only two", "2");
  Delete(*one, "only two");
  EXPECT_EQ(Contents(*one), (Map{{"only one", "1"}, {"shared", "one"}}));
  EXPECT_EQ(Contents(*two), (Map{{"only two", "2"}, {"shared", "two"}}));
}

TEST(LifecycleTest, ClosingOneDatabaseLeavesTheOther) {
  auto one = OpenEmpty();
  auto two = OpenEmpty();
  Put(*one, "a", "1");
  Put(*two, "a", "2");
  ASSERT_TRUE(one->Close().ok());
  one.reset();
  EXPECT_EQ(Read(*two, "a"), "2") << "another database was closed";
  Put(*two, "b", "3");
  EXPECT_EQ(Contents(*two), (Map{{"a", "2"}, {"b", "3"}}));
}

TEST(LifecycleTest, TwoDatabasesHaveTheirOwnLimits) {
  Options small;
  small.value_bytes_max = 2;
  auto one = OpenEmpty(small);
  auto two = OpenEmpty();
  EXPECT_FALSE(one->Put("a", "123").ok()) << "over its own limit of 2 bytes";
  Put(*two, "a", "123");
  EXPECT_EQ(Contents(*one), Map{});
  EXPECT_EQ(Contents(*two), (Map{{"a", "123"}}));
}

TEST(LifecycleTest, ADatabaseCanBeOpenedManyTimes) {
  for (int i = 0; i < 50; ++i) {
    auto db = OpenEmpty();
    EXPECT_EQ(Read(*db, "a"), "(not found)") << "time " << i;
    Put(*db, "a", std::to_string(i));
    ASSERT_TRUE(db->Close().ok()) << "time " << i;
  }
}

}  // namespace
}  // namespace kv
