// Goal: tests that no wrong hash table passes.
// Method: write the bodies so that the table in this folder passes and the
// wrong ones fail. A table that is small, nearly full and made with many
// seeds has keys out of their home buckets and runs that go round its end.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "common/base/random.h"
#include "index/hash_table.h"

namespace kv {
namespace {

// Random operations on small tables, each compared with std::map.
TEST(OwnHashTableTest, AgreesWithAMap) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom random(seed);
    HashTable table(seed);
    std::map<std::string, std::string> map;
    for (int step = 0; step < 200; ++step) {
      const std::string key = std::to_string(random.Below(40));
      const std::string value = std::to_string(step);
      if (random.OneIn(2)) {
        const bool is_new = map.insert_or_assign(key, value).second;
        ASSERT_EQ(table.Insert(key, value), is_new) << "seed " << seed;
      } else {
        ASSERT_EQ(table.Erase(key), map.erase(key) == 1) << "seed " << seed;
      }
      ASSERT_EQ(table.Size(), map.size()) << "seed " << seed;
      for (int i = 0; i < 40; ++i) {
        const auto found = map.find(std::to_string(i));
        const auto value_found = table.Find(std::to_string(i));
        ASSERT_EQ(value_found.has_value(), found != map.end())
            << "key " << i << ", step " << step << ", seed " << seed;
        if (found != map.end()) {
          ASSERT_EQ(*value_found, found->second) << "seed " << seed;
        }
      }
    }
  }
}

// Every key is there once after each growth.
TEST(OwnHashTableTest, KeepsEveryKeyWhenItGrows) {
  HashTable table(1);
  for (size_t count = 1; count <= 2000; ++count) {
    ASSERT_TRUE(table.Insert(std::to_string(count), "value"));
    ASSERT_EQ(table.Size(), count);
    size_t visited = 0;
    table.ForEach(
        [&visited](std::string_view, std::string_view) { ++visited; });
    ASSERT_EQ(visited, count) << "each entry is there once";
  }
  for (size_t i = 1; i <= 2000; ++i) {
    ASSERT_TRUE(table.Find(std::to_string(i)).has_value()) << "key " << i;
  }
  table.CheckInvariants();
}

// The account of memory follows what is there.
TEST(OwnHashTableTest, ReturnsTheBytesOfWhatIsErased) {
  HashTable table(1);
  const uint64_t empty = table.Bytes();
  for (int round = 0; round < 100; ++round) {
    table.Insert("key", std::string(500, 'v'));
    table.Insert("key", std::string(100, 'v'));
    ASSERT_EQ(table.Bytes(), empty + HashTable::EntryBytes(3, 100));
    ASSERT_TRUE(table.Erase("key"));
    ASSERT_EQ(table.Bytes(), empty) << "round " << round;
  }
}

}  // namespace
}  // namespace kv
