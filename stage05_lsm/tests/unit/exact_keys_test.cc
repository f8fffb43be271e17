// Goal: this database knows how many keys it has, so estimated_keys is the
// exact number after every write.
// Method: the number after each kind of write, written down by hand.

#include <gtest/gtest.h>

#include <string>

#include "support/database_verbs.h"

namespace kv {
namespace {

uint64_t KeyCount(Database& db) {
  return StatsOf(db).estimated_keys;
}

TEST(ExactKeysTest, NewKeysCountAndOverwritesDoNot) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "b", "1");
  EXPECT_EQ(KeyCount(*db), 2u);
  Put(*db, "a", "2");
  EXPECT_EQ(KeyCount(*db), 2u) << "an overwrite adds no key";
}

TEST(ExactKeysTest, ADeletedKeyIsNotCountedAndAnAbsentOneChangesNothing) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "b", "1");
  Delete(*db, "a");
  EXPECT_EQ(KeyCount(*db), 1u);
  Delete(*db, "a");
  Delete(*db, "never there");
  EXPECT_EQ(KeyCount(*db), 1u) << "deleting an absent key removes no key";
}

TEST(ExactKeysTest, ARenameKeepsTheNumberUnlessItReplacesAKey) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "b", "1");
  Rename(*db, "a", "c");
  EXPECT_EQ(KeyCount(*db), 2u) << "one key went, one came";
  Rename(*db, "b", "b");
  EXPECT_EQ(KeyCount(*db), 2u) << "renaming to itself changes nothing";
  Rename(*db, "b", "c");
  EXPECT_EQ(KeyCount(*db), 1u) << "the target was there already";
  EXPECT_FALSE(db->Rename("absent", "d").ok());
  EXPECT_EQ(KeyCount(*db), 1u) << "a rename that fails changes nothing";
}

TEST(ExactKeysTest, ABatchCountsWhatItLeaves) {
  auto db = OpenEmpty();
  Put(*db, "old", "1");
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Put("b", "1");
  batch.Delete("b");
  batch.Delete("old");
  batch.Delete("absent");
  Write(*db, batch);
  EXPECT_EQ(KeyCount(*db), 1u) << "only a is left";
}

TEST(ExactKeysTest, AWriteThatFailsCountsNoKey) {
  Options options;
  options.key_bytes_max = 4;
  auto db = OpenEmpty(options);
  WriteBatch batch;
  batch.Put("good", "1");
  batch.Put("too long", "1");
  EXPECT_FALSE(db->Write(batch).ok());
  EXPECT_FALSE(db->Put("too long", "1").ok());
  EXPECT_EQ(KeyCount(*db), 0u);
}

TEST(ExactKeysTest, TheNumberIsRightThroughManyWrites) {
  auto db = OpenEmpty();
  for (uint64_t i = 0; i < 1000; ++i) {
    Put(*db, std::to_string(i), "value");
    ASSERT_EQ(KeyCount(*db), i + 1);
  }
  for (uint64_t i = 0; i < 1000; ++i) {
    Delete(*db, std::to_string(i));
    ASSERT_EQ(KeyCount(*db), 999 - i);
  }
}

}  // namespace
}  // namespace kv
