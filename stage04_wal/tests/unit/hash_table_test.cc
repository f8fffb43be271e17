// Goal: the table finds every key that was inserted and not erased, with its
// last value, and nothing else, however full it is and wherever keys collide.
// Method: thousands of small, nearly full tables, each with a seed of its own,
// so that runs of every length stand at every place, also across the end;
// keys made to have the same hash; random operations against std::map. The
// tests of finding and erasing stay below the size at which a table grows.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/base/random.h"
#include "common/testing/test_size.h"
#include "index/hash_table.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

constexpr size_t kSmall = 11;  // keys that fit into 16 buckets without growth
constexpr uint64_t kSeeds = 500;

std::string Key(size_t i) {
  return "key" + std::to_string(i);
}
std::string Value(size_t i) {
  return "value" + std::to_string(i);
}

// What Find says: the value, or "(not found)".
std::string Read(const HashTable& table, std::string_view key) {
  const auto value = table.Find(key);
  return value.has_value() ? std::string(*value) : "(not found)";
}

// What ForEach visits. An entry that is visited twice is a failure.
Map Entries(const HashTable& table) {
  Map entries;
  table.ForEach([&entries](std::string_view key, std::string_view value) {
    const bool first = entries.emplace(key, value).second;
    EXPECT_TRUE(first) << "ForEach visits " << key << " twice";
  });
  return entries;
}

void ExpectHolds(const HashTable& table, const Map& expected) {
  ASSERT_EQ(table.Size(), expected.size()) << "Size is the number of keys";
  for (const auto& [key, value] : expected) {
    ASSERT_EQ(Read(table, key), value) << key << " is in the table";
  }
  ASSERT_EQ(Entries(table), expected) << "ForEach visits what is there";
  table.CheckInvariants();
}

// Keys of 16 bytes that all have the same hash under `seed`. The first eight
// bytes make one factor of the hash's multiplication zero; what the other
// eight are does not matter then.
std::vector<std::string> CollidingKeys(uint64_t seed, size_t count) {
  constexpr uint64_t kSecret0 = 0x2d358dccaa6c78a5u;
  constexpr uint64_t kSecret1 = 0x8bb84b93962eacc9u;
  const uint64_t state =
      seed ^ internal::MultiplyFold(seed ^ kSecret0, kSecret1);
  const uint64_t first = state ^ kSecret1;
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; ++i) {
    std::string key(16, '\0');
    std::memcpy(key.data(), &first, 8);
    std::memcpy(key.data() + 8, &i, 8);
    keys.push_back(key);
    EXPECT_EQ(HashBytes(key, seed), HashBytes(keys[0], seed))
        << "HashBytes has changed: find other keys that collide";
  }
  return keys;
}

TEST(HashTableFindTest, AnEmptyTableHasNoKey) {
  const HashTable table(1);
  EXPECT_EQ(Read(table, "key"), "(not found)");
  EXPECT_EQ(Read(table, ""), "(not found)");
  EXPECT_EQ(table.Size(), 0u);
}

TEST(HashTableFindTest, FindsTheKeyThatWasInserted) {
  HashTable table(1);
  table.Insert("color", "red");
  EXPECT_EQ(Read(table, "color"), "red");
  EXPECT_EQ(Read(table, "colour"), "(not found)");
}

TEST(HashTableFindTest, AnEmptyValueIsFound) {
  HashTable table(1);
  table.Insert("key", "");
  EXPECT_TRUE(table.Find("key").has_value())
      << "an empty value is not the same as none";
}

TEST(HashTableFindTest, KeysAreComparedInWhole) {
  HashTable table(1);
  table.Insert("", "empty");
  table.Insert("a", "1");
  table.Insert("ab", "2");
  table.Insert(std::string_view("a\0", 2), "3");
  table.Insert(std::string_view("\0", 1), "4");
  EXPECT_EQ(Read(table, ""), "empty");
  EXPECT_EQ(Read(table, "a"), "1");
  EXPECT_EQ(Read(table, "ab"), "2");
  EXPECT_EQ(Read(table, std::string_view("a\0", 2)), "3");
  EXPECT_EQ(Read(table, std::string_view("\0", 1)), "4");
  EXPECT_EQ(Read(table, "b"), "(not found)");
  EXPECT_EQ(Read(table, "abc"), "(not found)");
  EXPECT_EQ(Read(table, std::string_view("\0\0", 2)), "(not found)");
}

// Of 16 buckets 11 are full: most keys are not in their home bucket, and many
// runs go round the end.
TEST(HashTableFindTest, EveryKeyOfANearlyFullTableIsFound) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    HashTable table(seed, 16);
    for (size_t i = 0; i < kSmall; ++i) table.Insert(Key(i), Value(i));
    for (size_t i = 0; i < kSmall; ++i) {
      ASSERT_EQ(Read(table, Key(i)), Value(i))
          << Key(i) << " was inserted; seed " << seed;
    }
  }
}

TEST(HashTableFindTest, AbsentKeysOfANearlyFullTableAreNotFound) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    HashTable table(seed, 16);
    for (size_t i = 0; i < kSmall; ++i) table.Insert(Key(i), Value(i));
    for (size_t i = kSmall; i < 10 * kSmall; ++i) {
      ASSERT_EQ(Read(table, Key(i)), "(not found)")
          << Key(i) << " was never inserted; seed " << seed;
    }
  }
}

TEST(HashTableFindTest, KeysWithTheSameHashAreKeptApart) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<std::string> keys = CollidingKeys(seed, kSmall + 5);
    HashTable table(seed, 16);
    for (size_t i = 0; i < kSmall; ++i) table.Insert(keys[i], Value(i));
    for (size_t i = 0; i < keys.size(); ++i) {
      ASSERT_EQ(Read(table, keys[i]), i < kSmall ? Value(i) : "(not found)")
          << "keys with the same hash are not the same key; key " << i
          << ", seed " << seed;
    }
  }
}

TEST(HashTableFindTest, FindsInATableWithRoomToSpare) {
  HashTable table(1, 4096);
  for (size_t i = 0; i < 1000; ++i) table.Insert(Key(i), Value(i));
  for (size_t i = 0; i < 1000; ++i) ASSERT_EQ(Read(table, Key(i)), Value(i));
  EXPECT_EQ(Read(table, Key(1000)), "(not found)");
}

TEST(HashTableInsertTest, SaysWhetherTheKeyIsNew) {
  HashTable table(1);
  EXPECT_TRUE(table.Insert("a", "1")) << "the key is new";
  EXPECT_FALSE(table.Insert("a", "2")) << "the key is there already";
  EXPECT_TRUE(table.Insert("", "")) << "the empty key is new";
  EXPECT_FALSE(table.Insert("", "3"));
  EXPECT_EQ(table.Size(), 2u) << "two different keys";
}

TEST(HashTableInsertTest, TheLastValueWins) {
  HashTable table(1);
  for (const size_t length : {5u, 500u, 1u, 70000u, 0u, 16u}) {
    table.Insert("key", std::string(length, 'v'));
    EXPECT_EQ(Read(table, "key"), std::string(length, 'v'));
  }
  ExpectHolds(table, {{"key", std::string(16, 'v')}});
}

TEST(HashTableInsertTest, AnOverwriteInANearlyFullTableAddsNoEntry) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    HashTable table(seed, 16);
    Map expected;
    for (size_t i = 0; i < kSmall; ++i) table.Insert(Key(i), "old");
    for (size_t i = kSmall; i > 0; --i) {
      ASSERT_FALSE(table.Insert(Key(i - 1), Value(i)))
          << Key(i - 1) << " is there already; seed " << seed;
      expected[Key(i - 1)] = Value(i);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected)) << "seed " << seed;
  }
}

TEST(HashTableInsertTest, CopiesKeyAndValue) {
  HashTable table(1);
  std::string key = "a key that is longer than a short string";
  std::string value = "a value that is longer than a short string";
  const Map expected = {{key, value}};
  table.Insert(key, value);
  key.assign(key.size(), 'x');
  value.assign(value.size(), 'x');
  ExpectHolds(table, expected);
}

TEST(HashTableInsertTest, EachInsertionLeavesAllEarlierKeys) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    HashTable table(seed);
    for (size_t count = 1; count <= 200; ++count) {
      ASSERT_TRUE(table.Insert(Key(count - 1), Value(count - 1)));
      ASSERT_EQ(table.Size(), count);
      for (size_t i = 0; i < count; ++i) {
        ASSERT_EQ(Read(table, Key(i)), Value(i))
            << Key(i) << " after " << count << " insertions, seed " << seed;
      }
      table.CheckInvariants();
    }
  }
}

TEST(HashTableInsertTest, NoEntryIsLostOrDoubledWhenTheTableGrows) {
  HashTable table(1);
  Map expected;
  for (size_t i = 0; i < 3000; ++i) {
    table.Insert(Key(i), Value(i));
    expected[Key(i)] = Value(i);
    if (i % 100 != 99) continue;
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected)) << i + 1 << " keys";
  }
}

TEST(HashTableInsertTest, OverwritesGoOnWorkingWhileTheTableGrows) {
  HashTable table(1);
  Map expected;
  for (size_t i = 0; i < 3000; ++i) {
    table.Insert(Key(i), "old");
    table.Insert(Key(i / 2), Value(i));
    expected[Key(i)] = "old";
    expected[Key(i / 2)] = Value(i);
  }
  ExpectHolds(table, expected);
}

TEST(HashTableInsertTest, GrowsFromAnyNumberOfBuckets) {
  for (const size_t buckets : {0u, 1u, 2u, 3u, 15u, 16u, 17u, 100u, 1000u}) {
    HashTable table(1, buckets);
    Map expected;
    for (size_t i = 0; i < 300; ++i) {
      table.Insert(Key(i), Value(i));
      expected[Key(i)] = Value(i);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected))
        << "a table made with " << buckets << " buckets";
  }
}

TEST(HashTableInsertTest, KeysWithTheSameHashAreAllKept) {
  const std::vector<std::string> keys = CollidingKeys(1, 100);
  HashTable table(1);
  Map expected;
  for (size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE(table.Insert(keys[i], "old")) << "key " << i << " is new";
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    ASSERT_FALSE(table.Insert(keys[i], Value(i))) << "key " << i << " is there";
    expected[keys[i]] = Value(i);
  }
  ExpectHolds(table, expected);
}

TEST(HashTableInsertTest, AHundredThousandKeysAreAllKept) {
  HashTable table(1);
  for (size_t i = 0; i < 100000; ++i) table.Insert(Key(i), Value(i));
  ASSERT_EQ(table.Size(), 100000u);
  for (size_t i = 0; i < 100000; ++i) ASSERT_EQ(Read(table, Key(i)), Value(i));
  EXPECT_EQ(Read(table, Key(100000)), "(not found)");
  table.CheckInvariants();
}

TEST(HashTableInsertTest, BytesAfterSaysWhatBytesWillBe) {
  HashTable table(1);
  for (size_t i = 0; i < 2000; ++i) {
    const std::string key = Key(i);
    const std::string value(i % 50, 'v');
    const uint64_t promised =
        table.BytesAfter(1, HashTable::EntryBytes(key.size(), value.size()));
    table.Insert(key, value);
    ASSERT_EQ(table.Bytes(), promised)
        << "what the memory limit was checked with must be what is used, at "
        << table.Size() << " keys";
  }
}

TEST(HashTableInsertTest, BytesAfterSaysItForManyKeysAtOnce) {
  for (const size_t count : {0u, 1u, 12u, 13u, 14u, 100u, 1000u, 1640u}) {
    HashTable table(1);
    table.Insert("there already", "value");
    uint64_t entry_bytes = 0;
    for (size_t i = 0; i < count; ++i) {
      entry_bytes += HashTable::EntryBytes(Key(i).size(), 5);
    }
    const uint64_t promised = table.BytesAfter(count, entry_bytes);
    for (size_t i = 0; i < count; ++i) table.Insert(Key(i), "value");
    EXPECT_EQ(table.Bytes(), promised) << "after " << count << " new keys";
  }
}

TEST(HashTableInsertTest, AnOverwriteCountsTheNewValueInsteadOfTheOld) {
  HashTable table(1);
  table.Insert("key", std::string(1000, 'v'));
  const uint64_t before = table.Bytes();
  table.Insert("key", std::string(300, 'v'));
  EXPECT_EQ(
      before - table.Bytes(),
      HashTable::EntryBytes(3, 1000) - HashTable::EntryBytes(3, 300))
      << "Bytes follow the value that is there";
}

TEST(HashTableInsertTest, AnEntryTakesAtLeastItsKeyAndValue) {
  EXPECT_GE(HashTable::EntryBytes(0, 0), 0u);
  EXPECT_GE(HashTable::EntryBytes(10, 100), 110u);
  EXPECT_GE(HashTable::EntryBytes(1024, 1048576), 1049600u);
}

TEST(HashTableEraseTest, SaysWhetherTheKeyWasThere) {
  HashTable table(1);
  table.Insert("a", "1");
  EXPECT_FALSE(table.Erase("b")) << "b was never inserted";
  EXPECT_TRUE(table.Erase("a")) << "a was there";
  EXPECT_FALSE(table.Erase("a")) << "a is gone";
  EXPECT_EQ(table.Size(), 0u);
}

TEST(HashTableEraseTest, OfAnEmptyTableChangesNothing) {
  HashTable table(1);
  EXPECT_FALSE(table.Erase("key"));
  EXPECT_FALSE(table.Erase(""));
  ExpectHolds(table, {});
}

TEST(HashTableEraseTest, AnErasedKeyIsGone) {
  HashTable table(1);
  table.Insert("a", "1");
  table.Insert("a", "2");
  table.Insert("b", "3");
  table.Erase("a");
  EXPECT_EQ(Read(table, "a"), "(not found)") << "no earlier value comes back";
  ExpectHolds(table, {{"b", "3"}});
}

TEST(HashTableEraseTest, AnErasedKeyCanBeInsertedAgain) {
  HashTable table(1);
  table.Insert("a", "1");
  table.Erase("a");
  EXPECT_TRUE(table.Insert("a", "2")) << "an erased key is new";
  ExpectHolds(table, {{"a", "2"}});
}

// Each key of each table is erased once as the first, so runs are broken at
// every place, also where they go round the end.
TEST(HashTableEraseTest, OneErasureLeavesEveryOtherKey) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (size_t erased = 0; erased < kSmall; ++erased) {
      HashTable table(seed, 16);
      for (size_t i = 0; i < kSmall; ++i) table.Insert(Key(i), Value(i));
      ASSERT_TRUE(table.Erase(Key(erased))) << "seed " << seed;
      for (size_t i = 0; i < kSmall; ++i) {
        ASSERT_EQ(Read(table, Key(i)), i == erased ? "(not found)" : Value(i))
            << Key(i) << " after erasing " << Key(erased) << ", seed " << seed;
      }
      table.CheckInvariants();
    }
  }
}

TEST(HashTableEraseTest, ErasingOneAfterTheOtherLeavesTheRest) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    HashTable table(seed, 16);
    Map expected;
    for (size_t i = 0; i < kSmall; ++i) {
      table.Insert(Key(i), Value(i));
      expected[Key(i)] = Value(i);
    }
    for (size_t i = 0; i < kSmall; ++i) {
      const std::string key = Key((i * 7 + seed) % kSmall);
      ASSERT_TRUE(table.Erase(key)) << key << ", seed " << seed;
      ASSERT_EQ(Read(table, key), "(not found)") << "seed " << seed;
      expected.erase(key);
      ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected))
          << "after erasing " << key << ", seed " << seed;
    }
  }
}

TEST(HashTableEraseTest, ErasingAnAbsentKeyOfANearlyFullTableChangesNothing) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    HashTable table(seed, 16);
    Map expected;
    for (size_t i = 0; i < kSmall; ++i) {
      table.Insert(Key(i), Value(i));
      expected[Key(i)] = Value(i);
    }
    for (size_t i = kSmall; i < 4 * kSmall; ++i) {
      ASSERT_FALSE(table.Erase(Key(i))) << Key(i) << ", seed " << seed;
    }
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected)) << "seed " << seed;
  }
}

TEST(HashTableEraseTest, KeysWithTheSameHashAreErasedOneByOne) {
  for (size_t first = 0; first < kSmall; ++first) {
    const std::vector<std::string> keys = CollidingKeys(first, kSmall);
    HashTable table(first, 16);
    Map expected;
    for (size_t i = 0; i < kSmall; ++i) {
      table.Insert(keys[i], Value(i));
      expected[keys[i]] = Value(i);
    }
    for (size_t i = 0; i < kSmall; ++i) {
      const std::string& key = keys[(first + i * 3) % kSmall];
      ASSERT_TRUE(table.Erase(key));
      expected.erase(key);
      ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected))
          << "after erasing " << i + 1 << " of " << kSmall
          << " keys with the same hash";
    }
  }
}

TEST(HashTableEraseTest, ErasedRoomIsUsedByOtherKeys) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    HashTable table(seed, 16);
    Map expected;
    for (size_t i = 0; i < 60; ++i) {
      table.Insert(Key(i), Value(i));
      expected[Key(i)] = Value(i);
      if (i < kSmall - 1) continue;
      const std::string oldest = Key(i - (kSmall - 1));
      ASSERT_TRUE(table.Erase(oldest)) << oldest << ", seed " << seed;
      expected.erase(oldest);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected)) << "seed " << seed;
  }
}

TEST(HashTableEraseTest, GivesBackTheBytesOfTheEntry) {
  HashTable table(1);
  table.Insert("stays", "1");
  const uint64_t before = table.Bytes();
  table.Insert("key", std::string(1000, 'v'));
  const uint64_t with_key = table.Bytes();
  EXPECT_FALSE(table.Erase("absent"));
  EXPECT_EQ(table.Bytes(), with_key) << "nothing was erased";
  table.Erase("key");
  EXPECT_EQ(table.Bytes(), before) << "the entry's memory is given back";
}

// No tombstone rot: what was erased long ago must not make the table grow.
TEST(HashTableEraseTest, ATableWithAFewKeysDoesNotGrowFromWhatWasErased) {
  HashTable table(1);
  for (size_t i = 0; i < 200000; ++i) {
    table.Insert(Key(i), "value");
    if (i >= 8) table.Erase(Key(i - 8));
  }
  EXPECT_EQ(table.Size(), 8u);
  EXPECT_LE(table.Bytes(), 10000u)
      << "eight short keys, whatever was there before";
  for (size_t i = 200000 - 8; i < 200000; ++i) {
    EXPECT_EQ(Read(table, Key(i)), "value");
  }
  table.CheckInvariants();
}

TEST(HashTableEraseTest, ATableThatGrewCanBeEmptiedAndFilledAgain) {
  HashTable table(1);
  for (int round = 0; round < 3; ++round) {
    Map expected;
    for (size_t i = 0; i < 2000; ++i) {
      table.Insert(Key(i), Value(i));
      expected[Key(i)] = Value(i);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, expected)) << "round " << round;
    for (size_t i = 0; i < 2000; ++i) ASSERT_TRUE(table.Erase(Key(i)));
    ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, {})) << "round " << round;
  }
}

// `steps` random operations on one table; keys come from a set of
// `different_keys`.
void ExpectLikeTheMap(uint64_t seed, size_t steps, uint64_t different_keys) {
  SeededRandom random(seed);
  const std::vector<std::string> colliding = CollidingKeys(seed, 8);
  HashTable table(seed, 1 + random.Below(40));
  Map map;
  for (size_t step = 0; step < steps; ++step) {
    const uint64_t number = random.Below(different_keys);
    const std::string key =
        number < colliding.size() ? colliding[number] : Key(number);
    if (random.OneIn(2)) {
      const std::string value(random.Below(20), 'v');
      const bool is_new = map.count(key) == 0;
      ASSERT_EQ(table.Insert(key, value), is_new)
          << "Insert, step " << step << ", seed " << seed;
      map[key] = value;
    } else {
      ASSERT_EQ(table.Erase(key), map.erase(key) == 1)
          << "Erase, step " << step << ", seed " << seed;
    }
    const std::string asked = Key(random.Below(different_keys));
    const auto found = map.find(asked);
    ASSERT_EQ(
        Read(table, asked), found == map.end() ? "(not found)" : found->second)
        << "Find, step " << step << ", seed " << seed;
    ASSERT_EQ(table.Size(), map.size()) << "step " << step << ", seed " << seed;
    table.CheckInvariants();
  }
  ASSERT_NO_FATAL_FAILURE(ExpectHolds(table, map)) << "seed " << seed;
}

TEST(HashTableModelTest, SmallTablesAreLikeTheMap) {
  const uint64_t runs = testing::Pick<uint64_t>(300, 3000, 100000);
  for (uint64_t run = 0; run < runs; ++run) {
    ASSERT_NO_FATAL_FAILURE(
        ExpectLikeTheMap(testing::TestSeed() + run, 300, 24))
        << "to run it again: "
        << testing::ReplayCommand(testing::TestSeed() + run);
  }
}

TEST(HashTableModelTest, LargerTablesAreLikeTheMap) {
  const uint64_t runs = testing::Pick<uint64_t>(3, 30, 1000);
  for (uint64_t run = 0; run < runs; ++run) {
    ASSERT_NO_FATAL_FAILURE(
        ExpectLikeTheMap(testing::TestSeed() + run, 4000, 2000))
        << "to run it again: "
        << testing::ReplayCommand(testing::TestSeed() + run);
  }
}

}  // namespace
}  // namespace kv
