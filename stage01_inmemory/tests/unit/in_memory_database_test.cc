// Goal: what holds for a database that keeps everything in memory and nothing
// else: its account of memory is honest, stays within the limit, and what is
// deleted makes room again.
// Method: fill to the limit with entries of different sizes, look at
// memory_bytes after each write.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "support/database_verbs.h"

namespace kv {
namespace {

uint64_t MemoryOf(Database& db) {
  return StatsOf(db).memory_bytes;
}

std::string Key(uint64_t i) {
  return "key" + std::to_string(i);
}

Options WithMemory(uint64_t bytes) {
  Options options;
  options.memory_bytes_max = bytes;
  return options;
}

// Puts new keys with `value` until one is refused; returns how many were
// accepted.
uint64_t Fill(Database& db, std::string_view value, uint64_t tries) {
  for (uint64_t i = 0; i < tries; ++i) {
    const Status status = db.Put(Key(i), value);
    if (!status.ok()) {
      EXPECT_TRUE(Fails(status, StatusCode::kResourceExhausted));
      return i;
    }
  }
  ADD_FAILURE() << tries << " puts of " << value.size()
                << " bytes were accepted, and the limit was never reached";
  return tries;
}

TEST(InMemoryDatabaseTest, APathIsNotSupported) {
  Options options;
  options.path = "some/directory";
  EXPECT_TRUE(Fails(
      Database::Open(options).status(), StatusCode::kNotSupported,
      {"some/directory"}))
      << "nothing is kept on disk, and a caller must not believe it is";
}

// Hash seeds come from Options::random, so that a run can be replayed.
TEST(InMemoryDatabaseTest, TakesItsHashSeedFromTheGivenRandom) {
  class CountingRandom : public Random {
   public:
    uint64_t Next() override { return ++calls; }
    uint64_t calls = 0;
  };
  CountingRandom random;
  Options options;
  options.random = &random;
  auto db = OpenEmpty(options);
  Put(*db, "a", "1");
  EXPECT_EQ(Read(*db, "a"), "1");
  EXPECT_GT(random.calls, 0u)
      << "a seed that everyone knows lets everyone choose colliding keys";
}

TEST(InMemoryDatabaseTest, MemoryCountsKeysAndValues) {
  auto db = OpenEmpty();
  const uint64_t before = MemoryOf(*db);
  Put(*db, std::string(1000, 'k'), std::string(100000, 'v'));
  const uint64_t after = MemoryOf(*db);
  EXPECT_GE(after - before, 101000u) << "key and value take memory";
  EXPECT_LE(after - before, 111000u) << "but not a tenth more";
}

TEST(InMemoryDatabaseTest, MemoryCountsTheStructuresThatFindTheKeys) {
  auto db = OpenEmpty();
  const uint64_t before = MemoryOf(*db);
  for (uint64_t i = 0; i < 10000; ++i) Put(*db, Key(i), "");
  EXPECT_GE(MemoryOf(*db) - before, 10000u * (8 + 8))
      << "10,000 keys of 4 to 7 bytes take more than their bytes: each needs "
         "at least a pointer to be found by";
}

TEST(InMemoryDatabaseTest, AShorterValueGivesMemoryBack) {
  auto db = OpenEmpty();
  Put(*db, "key", std::string(100000, 'v'));
  const uint64_t before = MemoryOf(*db);
  Put(*db, "key", "short");
  EXPECT_LE(MemoryOf(*db), before - 99000) << "the long value is gone";
}

TEST(InMemoryDatabaseTest, ADeleteGivesMemoryBack) {
  auto db = OpenEmpty();
  Put(*db, "key", std::string(100000, 'v'));
  const uint64_t before = MemoryOf(*db);
  Delete(*db, "key");
  EXPECT_LE(MemoryOf(*db), before - 99000) << "the value is gone";
}

TEST(RenameTest, KeepsOneValueInMemory) {
  auto db = OpenEmpty();
  Put(*db, "from", std::string(100000, 'v'));
  Put(*db, "to", std::string(100000, 'v'));
  const uint64_t before = MemoryOf(*db);
  Rename(*db, "from", "to");
  EXPECT_LE(MemoryOf(*db), before - 99000) << "one of two values is left";
}

TEST(RenameTest, MemoryDoesNotDriftWhenKeysComeAndGo) {
  auto db = OpenEmpty();
  Put(*db, "stays", "1");
  const auto come_and_go = [&db] {
    for (uint64_t i = 0; i < 20; ++i) Put(*db, Key(i), std::string(i, 'v'));
    for (uint64_t i = 0; i < 20; ++i) Put(*db, Key(i), std::string(50, 'v'));
    for (uint64_t i = 0; i < 20; ++i) Rename(*db, Key(i), "x" + Key(i));
    for (uint64_t i = 0; i < 20; ++i) Delete(*db, "x" + Key(i));
    for (uint64_t i = 0; i < 20; ++i) Delete(*db, Key(i));
  };
  come_and_go();
  const uint64_t before = MemoryOf(*db);
  for (int round = 0; round < 200; ++round) come_and_go();
  EXPECT_EQ(MemoryOf(*db), before)
      << "the same contents take the same memory, however they came about";
}

TEST(InMemoryDatabaseTest, AQueueThatMovesOnDoesNotGrow) {
  auto db = OpenEmpty();
  const auto move = [&db](uint64_t i) {
    Put(*db, Key(i), "value");
    if (i >= 8) Delete(*db, Key(i - 8));
  };
  for (uint64_t i = 0; i < 1000; ++i) move(i);
  const uint64_t before = MemoryOf(*db);
  for (uint64_t i = 1000; i < 100000; ++i) move(i);
  EXPECT_LE(MemoryOf(*db), before * 2)
      << "eight keys take no more memory because others were deleted";
}

// Values large and small: with small ones the structures are what fills.
TEST(InMemoryDatabaseTest, MemoryNeverGoesOverTheLimit) {
  for (const size_t value_bytes : {0u, 1u, 30u, 300u, 10000u}) {
    constexpr uint64_t kLimit = 200000;
    auto db = OpenEmpty(WithMemory(kLimit));
    for (uint64_t i = 0; i < kLimit; ++i) {
      const Status status = db->Put(Key(i), std::string(value_bytes, 'v'));
      ASSERT_LE(MemoryOf(*db), kLimit)
          << "after put " << i << " with a value of " << value_bytes;
      if (!status.ok()) break;
    }
    EXPECT_GE(MemoryOf(*db), kLimit / 4)
        << "a database with room takes what fits; values of " << value_bytes;
  }
}

TEST(InMemoryDatabaseTest, ARefusedPutTakesNoMemory) {
  auto db = OpenEmpty(WithMemory(200000));
  const uint64_t filled = Fill(*db, std::string(1000, 'v'), 1000);
  const uint64_t before = MemoryOf(*db);
  for (uint64_t i = 0; i < 100; ++i) {
    ASSERT_FALSE(db->Put(Key(filled), std::string(2000, 'v')).ok());
  }
  EXPECT_EQ(MemoryOf(*db), before) << "a put that fails changes nothing";
}

TEST(InMemoryDatabaseTest, AtTheLimitAKeyCanBeDeletedAndTheRoomUsed) {
  auto db = OpenEmpty(WithMemory(200000));
  const uint64_t filled = Fill(*db, std::string(1000, 'v'), 1000);
  ASSERT_GT(filled, 10u);
  for (int round = 0; round < 100; ++round) {
    Delete(*db, Key(3));
    EXPECT_EQ(Read(*db, Key(3)), "(not found)");
    Put(*db, Key(3), std::string(1000, 'w'));
    EXPECT_EQ(Read(*db, Key(3)), std::string(1000, 'w'));
  }
}

TEST(InMemoryDatabaseTest, AtTheLimitAValueCanBeReplacedByOneOfItsSize) {
  auto db = OpenEmpty(WithMemory(200000));
  const uint64_t filled = Fill(*db, std::string(1000, 'v'), 1000);
  for (uint64_t i = 0; i < filled; ++i) {
    Put(*db, Key(i), std::string(1000, 'w'));
    ASSERT_EQ(Read(*db, Key(i)), std::string(1000, 'w'));
  }
  EXPECT_LE(MemoryOf(*db), 200000u) << "an overwrite took no more memory";
}

TEST(InMemoryDatabaseTest, WhatWasFilledAndEmptiedCanBeFilledAgain) {
  auto db = OpenEmpty(WithMemory(200000));
  const uint64_t first = Fill(*db, std::string(1000, 'v'), 1000);
  for (uint64_t i = 0; i < first; ++i) Delete(*db, Key(i));
  const uint64_t second = Fill(*db, std::string(1000, 'v'), 1000);
  EXPECT_EQ(second, first) << "deleted keys leave their room to others";
}

TEST(InMemoryDatabaseTest, ABatchThatDoesNotFitChangesNothing) {
  auto db = OpenEmpty(WithMemory(200000));
  Put(*db, "key", "old");
  const uint64_t before = MemoryOf(*db);
  WriteBatch batch;
  batch.Put("key", "new");
  for (uint64_t i = 0; i < 300; ++i) batch.Put(Key(i), std::string(1000, 'v'));
  batch.Delete("key");
  EXPECT_TRUE(Fails(
      db->Write(batch), StatusCode::kResourceExhausted, {"memory", "200000"}));
  EXPECT_EQ(Read(*db, "key"), "old");
  EXPECT_EQ(KeysOf(*db).size(), 1u);
  EXPECT_EQ(MemoryOf(*db), before);
}

// The structures must be accounted for the whole batch, not key by key.
TEST(InMemoryDatabaseTest, ABatchOfManySmallKeysStaysWithinTheLimit) {
  for (uint64_t keys = 100; keys <= 12800; keys *= 2) {
    constexpr uint64_t kLimit = 200000;
    auto db = OpenEmpty(WithMemory(kLimit));
    WriteBatch batch;
    for (uint64_t i = 0; i < keys; ++i) batch.Put(Key(i), "");
    const Status status = db->Write(batch);
    EXPECT_LE(MemoryOf(*db), kLimit) << "a batch of " << keys << " keys";
    EXPECT_EQ(KeysOf(*db).size(), status.ok() ? keys : 0u)
        << "all or nothing, for a batch of " << keys << " keys";
  }
}

}  // namespace
}  // namespace kv
