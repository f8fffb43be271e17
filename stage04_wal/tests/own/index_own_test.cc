// Goal: tests that no wrong index passes.
// Method: write the bodies so that the database in this folder passes and the
// wrong ones fail. Equal hashes, batches that write a key more than once, and
// an index that is rebuilt are where wrong ones differ.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "index/hash_index.h"
#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

// A few hashes with many locations each, against a map of sets.
TEST(OwnIndexTest, KeepsEqualHashesApart) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SeededRandom random(seed);
    HashIndex index;
    std::map<uint32_t, std::map<uint64_t, bool>> model;
    size_t size = 0;
    for (uint64_t step = 1; step < 400; ++step) {
      const uint32_t hash =
          UINT32_MAX - static_cast<uint32_t>(random.Below(12)) * 0x08000000u;
      auto& locations = model[hash];
      const uint64_t frame = random.Below(40) + 1;
      if (locations.count(frame) > 0) {
        ASSERT_TRUE(index.Erase(hash, {frame, 64, 3})) << "seed " << seed;
        locations.erase(frame);
        --size;
      } else {
        ASSERT_FALSE(index.Erase(hash, {frame, 64, 3})) << "seed " << seed;
        index.Insert(hash, {frame, 64, 3});
        locations[frame] = true;
        ++size;
      }
      ASSERT_EQ(index.Size(), size);
      index.CheckInvariants();
      for (const auto& [each, frames] : model) {
        HashIndex::Candidates candidates = index.Find(each);
        size_t found = 0;
        while (const auto location = candidates.Next()) {
          ASSERT_EQ(frames.count(location->frame), 1u) << "seed " << seed;
          ASSERT_EQ(location->record, 3u);
          ++found;
        }
        ASSERT_EQ(found, frames.size()) << "seed " << seed;
      }
    }
  }
}

// Random batches; content and space before and after each reopening.
TEST(OwnIndexTest, IsTheSameWhenItIsRebuilt) {
  SeededRandom random(1);
  Disk disk;
  auto db = disk.Open();
  Map expected;
  for (int round = 0; round < 200; ++round) {
    WriteBatch batch;
    for (uint64_t i = random.Below(8); i-- > 0;) {
      const std::string key = std::to_string(random.Below(12));
      if (random.OneIn(3)) {
        batch.Delete(key);
        expected.erase(key);
      } else {
        const std::string value(static_cast<size_t>(random.Below(300)), 'v');
        batch.Put(key, value);
        expected[key] = value;
      }
    }
    Write(*db, batch);
    ASSERT_EQ(Contents(*db), expected) << "round " << round;
    const Stats before = StatsOf(*db);
    ASSERT_EQ(before.estimated_keys, expected.size());
    uint64_t live = 0;
    for (const auto& [key, value] : expected) {
      live += 1 + 1 + (value.size() < 128 ? 1 : 2) + key.size() + value.size();
    }
    ASSERT_EQ(before.live_bytes, live) << "round " << round;
    disk.KillProcess();
    db = disk.Open();
    ASSERT_EQ(Contents(*db), expected) << "round " << round;
    const Stats after = StatsOf(*db);
    ASSERT_EQ(after.live_bytes, before.live_bytes);
    ASSERT_EQ(after.dead_bytes, before.dead_bytes);
    ASSERT_EQ(after.estimated_keys, before.estimated_keys);
  }
}

// A get is one read, and a write that fails leaves no trace.
TEST(OwnIndexTest, ReadsOnceAndForgetsFailedWrites) {
  Disk disk;
  auto db = disk.Open();
  for (int i = 0; i < 2000; ++i) {
    Put(*db, "key" + std::to_string(i), std::string(1000, 'v'));
  }
  disk.faults().ResetCounts();
  for (int i = 0; i < 2000; i += 100) Read(*db, "key" + std::to_string(i));
  ASSERT_EQ(disk.faults().Calls(FileCall::kRead), 20u);
  const Stats before = StatsOf(*db);
  Fault fault;
  fault.kind = FaultKind::kShortWrite;
  disk.faults().Inject(fault);
  ASSERT_FALSE(db->Put("key7", "new").ok());
  ASSERT_EQ(Read(*db, "key7"), std::string(1000, 'v'));
  ASSERT_EQ(StatsOf(*db).live_bytes, before.live_bytes);
  ASSERT_EQ(StatsOf(*db).dead_bytes, before.dead_bytes);
  ASSERT_EQ(StatsOf(*db).estimated_keys, 2000u);
}

}  // namespace
}  // namespace kv
