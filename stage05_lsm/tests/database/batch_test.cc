// Goal: a batch is its operations in their order, all of them or none.
// Method: what a batch leaves is compared in whole; every way for a batch to
// fail is tried at its first, its middle and its last operation.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

constexpr size_t kBatchSize = 5;

// A batch of good operations with one bad one in place `bad`.
WriteBatch GoodBatchWith(
    size_t bad, WriteBatch::Kind kind, const std::string& key,
    const std::string& value) {
  WriteBatch batch;
  for (size_t i = 0; i < kBatchSize; ++i) {
    if (i != bad) {
      if (i == 1) {
        batch.Delete("deleted");
      } else {
        batch.Put("put" + std::to_string(i), "new");
      }
    } else if (kind == WriteBatch::Kind::kPut) {
      batch.Put(key, value);
    } else {
      batch.Delete(key);
    }
  }
  return batch;
}

TEST(BatchTest, AppliesPutsAndDeletes) {
  auto db = OpenEmpty();
  Put(*db, "old", "1");
  Put(*db, "changed", "1");
  WriteBatch batch;
  batch.Put("new", "2");
  batch.Put("changed", "2");
  batch.Delete("old");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"changed", "2"}, {"new", "2"}}))
      << "every operation of the batch is applied";
}

TEST(BatchTest, NothingHappensBeforeWrite) {
  auto db = OpenEmpty();
  WriteBatch batch;
  batch.Put("a", "1");
  EXPECT_EQ(Contents(*db), Map{}) << "a batch is only a list until written";
}

TEST(BatchTest, AnEmptyBatchIsOkAndChangesNothing) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Write(*db, WriteBatch());
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}}));
}

TEST(BatchTest, ALaterOperationOnTheSameKeyWins) {
  auto db = OpenEmpty();
  WriteBatch batch;
  batch.Put("put put", "1");
  batch.Put("put put", "2");
  batch.Put("put delete", "1");
  batch.Delete("put delete");
  batch.Delete("delete put");
  batch.Put("delete put", "1");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"delete put", "1"}, {"put put", "2"}}))
      << "operations take effect in the order in which they were added";
}

TEST(BatchTest, OrderCountsForKeysThatAreThereAlready) {
  auto db = OpenEmpty();
  Put(*db, "a", "old");
  Put(*db, "b", "old");
  WriteBatch batch;
  batch.Delete("a");
  batch.Put("a", "new");
  batch.Put("b", "new");
  batch.Delete("b");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"a", "new"}}));
}

TEST(BatchTest, ManyOperationsOnOneKeyLeaveTheLast) {
  auto db = OpenEmpty();
  WriteBatch batch;
  for (int i = 0; i < 100; ++i) {
    batch.Put("counter", std::to_string(i));
    if (i % 3 == 0) batch.Delete("counter");
  }
  batch.Put("counter", "last");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"counter", "last"}}));
}

TEST(BatchTest, DeletingAbsentKeysInABatchIsOk) {
  auto db = OpenEmpty();
  WriteBatch batch;
  batch.Delete("absent");
  batch.Put("a", "1");
  batch.Delete("absent too");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}}));
}

TEST(BatchTest, HoldsCopiesOfItsKeysAndValues) {
  auto db = OpenEmpty();
  WriteBatch batch;
  std::string key = "key";
  std::string value = "value";
  batch.Put(key, value);
  key = "xxx";
  value = "xxxxx";
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"key", "value"}}))
      << "the caller may change its strings after adding them";
}

TEST(BatchTest, CanBeWrittenAgain) {
  auto db = OpenEmpty();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("b");
  Write(*db, batch);
  Put(*db, "a", "2");
  Put(*db, "b", "2");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}})) << "Write leaves the batch whole";
}

TEST(BatchTest, CanBeWrittenToTwoDatabases) {
  auto one = OpenEmpty();
  auto two = OpenEmpty();
  WriteBatch batch;
  batch.Put("a", "1");
  Write(*one, batch);
  Write(*two, batch);
  EXPECT_EQ(Contents(*one), (Map{{"a", "1"}}));
  EXPECT_EQ(Contents(*two), (Map{{"a", "1"}}));
}

TEST(BatchTest, AClearedBatchStartsAgain) {
  auto db = OpenEmpty();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Clear();
  batch.Put("b", "2");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"b", "2"}})) << "what was cleared is not put";
}

TEST(BatchTest, TakesAnyBytes) {
  auto db = OpenEmpty();
  const std::string zeros("\0\0", 2);
  WriteBatch batch;
  batch.Put("", zeros);
  batch.Put(zeros, "");
  batch.Put("\xff\xfe", "");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"", zeros}, {zeros, ""}, {"\xff\xfe", ""}}))
      << "a batch keeps keys and values apart by their lengths";
}

TEST(BatchTest, TakesAThousandOperations) {
  auto db = OpenEmpty();
  Map expected;
  WriteBatch batch;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = "key" + std::to_string(i);
    batch.Put(key, std::to_string(i));
    expected[key] = std::to_string(i);
    if (i % 4 == 3) {
      batch.Delete("key" + std::to_string(i - 2));
      expected.erase("key" + std::to_string(i - 2));
    }
  }
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), expected) << "all operations of a long batch";
}

TEST(BatchTest, OneTooLongKeyMeansThatNothingIsApplied) {
  for (size_t bad = 0; bad < kBatchSize; ++bad) {
    Options options;
    options.key_bytes_max = 13;
    auto db = OpenEmpty(options);
    Put(*db, "put0", "old");
    Put(*db, "deleted", "old");
    const Status status = db->Write(GoodBatchWith(
        bad, WriteBatch::Kind::kPut, std::string(27, 'k'), "value"));
    EXPECT_TRUE(Fails(status, StatusCode::kInvalidArgument, {"27", "13"}));
    EXPECT_EQ(Contents(*db), (Map{{"deleted", "old"}, {"put0", "old"}}))
        << "a batch with a bad operation in place " << bad
        << " changes nothing";
  }
}

TEST(BatchTest, OneTooLongValueMeansThatNothingIsApplied) {
  for (size_t bad = 0; bad < kBatchSize; ++bad) {
    Options options;
    options.value_bytes_max = 13;
    auto db = OpenEmpty(options);
    Put(*db, "put0", "old");
    Put(*db, "deleted", "old");
    const Status status = db->Write(GoodBatchWith(
        bad, WriteBatch::Kind::kPut, "big", std::string(27, 'v')));
    EXPECT_TRUE(
        Fails(status, StatusCode::kInvalidArgument, {"value", "27", "13"}));
    EXPECT_EQ(Contents(*db), (Map{{"deleted", "old"}, {"put0", "old"}}))
        << "a batch with a bad operation in place " << bad
        << " changes nothing";
  }
}

TEST(BatchTest, DeletingATooLongKeyMeansThatNothingIsApplied) {
  for (size_t bad = 0; bad < kBatchSize; ++bad) {
    Options options;
    options.key_bytes_max = 13;
    auto db = OpenEmpty(options);
    Put(*db, "put0", "old");
    Put(*db, "deleted", "old");
    const Status status = db->Write(GoodBatchWith(
        bad, WriteBatch::Kind::kDelete, std::string(27, 'k'), ""));
    EXPECT_TRUE(Fails(status, StatusCode::kInvalidArgument, {"27", "13"}));
    EXPECT_EQ(Contents(*db), (Map{{"deleted", "old"}, {"put0", "old"}}))
        << "a batch with a bad operation in place " << bad
        << " changes nothing";
  }
}

TEST(BatchTest, ABatchOverTheMemoryLimitChangesNothing) {
  constexpr uint64_t kLimit = 4 << 20;
  Options options;
  options.memory_bytes_max = kLimit;
  auto db = OpenEmpty(options);
  Put(*db, "deleted", "old");
  Put(*db, "put0", "old");
  SeededRandom random(1);
  WriteBatch batch;
  batch.Delete("deleted");
  for (int i = 0; i < 8; ++i) {
    batch.Put("put" + std::to_string(i), RandomBytes(random, 1 << 20));
  }
  const Status status = db->Write(batch);
  EXPECT_TRUE(
      Fails(status, StatusCode::kResourceExhausted, {std::to_string(kLimit)}))
      << "8 MiB of values do not fit into 4 MiB";
  EXPECT_EQ(Contents(*db), (Map{{"deleted", "old"}, {"put0", "old"}}))
      << "a batch that does not fit changes nothing";
}

TEST(BatchTest, TheDatabaseGoesOnAfterABatchThatFailed) {
  Options options;
  options.key_bytes_max = 13;
  auto db = OpenEmpty(options);
  ASSERT_FALSE(
      db->Write(GoodBatchWith(
                    2, WriteBatch::Kind::kPut, std::string(27, 'k'), "value"))
          .ok());
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("b", "2");
  Write(*db, batch);
  Put(*db, "c", "3");
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}, {"c", "3"}}))
      << "later writes work and do not bring back the batch that failed";
}

}  // namespace
}  // namespace kv
