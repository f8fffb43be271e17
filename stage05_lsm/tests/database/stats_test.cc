// Goal: Stats count the calls since Open that returned Ok or NotFound, and
// only those; keys and memory follow what the database holds.
// Method: calls are counted by hand. Keys and memory are estimates in some
// engines, so only their direction and rough size are asked for here.

#include <gtest/gtest.h>

#include <string>

#include "support/database_verbs.h"

namespace kv {
namespace {

TEST(StatsTest, AFreshDatabaseHasCountedNothing) {
  auto db = OpenEmpty();
  const Stats stats = StatsOf(*db);
  EXPECT_EQ(stats.puts, 0u);
  EXPECT_EQ(stats.deletes, 0u);
  EXPECT_EQ(stats.gets_found, 0u);
  EXPECT_EQ(stats.gets_missed, 0u);
  EXPECT_EQ(stats.estimated_keys, 0u) << "there is no key yet";
}

TEST(StatsTest, EachPutCountsAlsoAnOverwrite) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "a", "2");
  Put(*db, "b", "");
  EXPECT_EQ(StatsOf(*db).puts, 3u) << "three calls of Put returned Ok";
  EXPECT_EQ(StatsOf(*db).deletes, 0u);
}

TEST(StatsTest, EachDeleteCountsAlsoOfAnAbsentKey) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Delete(*db, "a");
  Delete(*db, "a");
  Delete(*db, "never there");
  EXPECT_EQ(StatsOf(*db).deletes, 3u) << "three calls of Delete returned Ok";
  EXPECT_EQ(StatsOf(*db).puts, 1u);
}

TEST(StatsTest, EachOperationOfABatchCounts) {
  auto db = OpenEmpty();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Put("b", "1");
  batch.Delete("b");
  batch.Delete("absent");
  Write(*db, batch);
  EXPECT_EQ(StatsOf(*db).puts, 3u) << "each put of a batch counts";
  EXPECT_EQ(StatsOf(*db).deletes, 2u) << "each delete of a batch counts";
}

TEST(StatsTest, GetsAreCountedByWhetherTheyFoundAValue) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  Put(*db, "empty", "");
  EXPECT_EQ(Read(*db, "a"), "1");
  EXPECT_EQ(Read(*db, "empty"), "");
  EXPECT_EQ(Read(*db, "absent"), "(not found)");
  EXPECT_EQ(StatsOf(*db).gets_found, 2u) << "an empty value is found";
  EXPECT_EQ(StatsOf(*db).gets_missed, 1u);
}

TEST(StatsTest, GetIntoExistsAndMultiGetAreGets) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  std::string value;
  (void)db->GetInto("a", &value).ok();
  (void)db->GetInto("absent", &value).ok();
  EXPECT_EQ(StatsOf(*db).gets_found, 1u) << "after GetInto";
  EXPECT_EQ(StatsOf(*db).gets_missed, 1u) << "after GetInto";
  (void)db->Exists("a").ok();
  (void)db->Exists("absent").ok();
  EXPECT_EQ(StatsOf(*db).gets_found, 2u) << "after Exists";
  EXPECT_EQ(StatsOf(*db).gets_missed, 2u) << "after Exists";
  (void)db->MultiGet({"a", "absent", "a", "a", "absent"}).size();
  EXPECT_EQ(StatsOf(*db).gets_found, 5u) << "MultiGet: each key is a get";
  EXPECT_EQ(StatsOf(*db).gets_missed, 4u) << "MultiGet: each key is a get";
}

TEST(StatsTest, AWriteThatFailsCountsNothing) {
  Options options;
  options.key_bytes_max = 4;
  auto db = OpenEmpty(options);
  EXPECT_FALSE(db->Put("too long", "1").ok());
  EXPECT_FALSE(db->Delete("too long").ok());
  WriteBatch batch;
  batch.Put("good", "1");
  batch.Delete("good");
  batch.Put("too long", "1");
  EXPECT_FALSE(db->Write(batch).ok());
  EXPECT_EQ(StatsOf(*db).puts, 0u) << "no put returned Ok";
  EXPECT_EQ(StatsOf(*db).deletes, 0u) << "no delete returned Ok";
}

TEST(StatsTest, KeysAndGetStatsAreNotGets) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  EXPECT_EQ(KeysOf(*db).size(), 1u);
  EXPECT_EQ(StatsOf(*db).puts, 1u);
  EXPECT_EQ(StatsOf(*db).gets_found, 0u);
  EXPECT_EQ(StatsOf(*db).gets_missed, 0u);
}

TEST(StatsTest, StatsAreACopyOfTheirMoment) {
  auto db = OpenEmpty();
  Put(*db, "a", "1");
  const Stats before = StatsOf(*db);
  Put(*db, "b", "1");
  EXPECT_EQ(before.puts, 1u) << "a later call does not change them";
  EXPECT_EQ(StatsOf(*db).puts, 2u);
}

TEST(StatsTest, DistinctKeysAreEstimatedWithinAFactorOfTwo) {
  auto db = OpenEmpty();
  for (int i = 0; i < 1000; ++i) Put(*db, std::to_string(i), "value");
  EXPECT_GE(StatsOf(*db).estimated_keys, 500u) << "there are 1000 keys";
  EXPECT_LE(StatsOf(*db).estimated_keys, 2000u) << "there are 1000 keys";
}

TEST(StatsTest, MemoryGrowsWithWhatIsStored) {
  auto db = OpenEmpty();
  SeededRandom random(1);
  const uint64_t before = StatsOf(*db).memory_bytes;
  for (int i = 0; i < 16; ++i) {
    Put(*db, std::to_string(i), RandomBytes(random, 1 << 16));
  }
  EXPECT_GT(StatsOf(*db).memory_bytes, before)
      << "1 MiB of values takes memory";
}

TEST(StatsTest, EachDatabaseCountsForItself) {
  auto one = OpenEmpty();
  auto two = OpenEmpty();
  Put(*one, "a", "1");
  EXPECT_EQ(Read(*two, "a"), "(not found)");
  EXPECT_EQ(StatsOf(*one).puts, 1u);
  EXPECT_EQ(StatsOf(*one).gets_missed, 0u);
  EXPECT_EQ(StatsOf(*two).puts, 0u);
  EXPECT_EQ(StatsOf(*two).gets_missed, 1u);
}

}  // namespace
}  // namespace kv
