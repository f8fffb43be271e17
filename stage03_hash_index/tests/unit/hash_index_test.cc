// Goal: the index finds all locations of a hash and no others, at no more than
// 24 bytes an entry, however many hashes are equal and wherever they stand.
// Method: small indexes in thousands of orders, hashes at both ends and all
// the same, random operations against std::multimap.

#include "index/hash_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "common/base/random.h"
#include "common/testing/test_size.h"

namespace kv {
namespace {

using Frames = std::vector<uint64_t>;

// Frame offsets of all locations of `hash`, sorted.
Frames Find(const HashIndex& index, uint32_t hash) {
  Frames frames;
  HashIndex::Candidates candidates = index.Find(hash);
  while (const std::optional<Location> location = candidates.Next()) {
    frames.push_back(location->frame);
    if (frames.size() > index.Size()) {
      ADD_FAILURE() << "more locations than entries";
      break;
    }
  }
  std::sort(frames.begin(), frames.end());
  return frames;
}

Location At(uint64_t frame, uint32_t record = 0) {
  return {frame, 100, record};
}

uint32_t RandomHash(Random& random) {
  return static_cast<uint32_t>(random.Next());
}

TEST(HashIndexInsertTest, AnEmptyIndexFindsNothing) {
  const HashIndex index;
  EXPECT_EQ(index.Size(), 0u);
  for (const uint32_t hash : {0u, 1u, 0x80000000u, UINT32_MAX}) {
    EXPECT_EQ(Find(index, hash), Frames{});
  }
  index.CheckInvariants();
}

TEST(HashIndexInsertTest, FindsWhatWasInserted) {
  HashIndex index;
  index.Insert(17, At(32));
  index.Insert(18, At(64));
  EXPECT_EQ(index.Size(), 2u);
  EXPECT_EQ(Find(index, 17), Frames{32});
  EXPECT_EQ(Find(index, 18), Frames{64});
  EXPECT_EQ(Find(index, 16), Frames{});
  EXPECT_EQ(Find(index, 19), Frames{});
}

TEST(HashIndexInsertTest, ALocationComesBackAsItWas) {
  const std::vector<Location> locations = {
      {32, 0, 0},
      {32, 33, 7},
      {1000, 64, UINT32_MAX},
      {1001, 65, 1},
      {uint64_t{1} << 40, 1 << 20, 12345},
      {HashIndex::kFrameOffsetMax, uint64_t{1} << 31, 9},
  };
  HashIndex index;
  for (uint32_t i = 0; i < locations.size(); ++i) {
    index.Insert(i * 1000, locations[i]);
  }
  for (uint32_t i = 0; i < locations.size(); ++i) {
    HashIndex::Candidates candidates = index.Find(i * 1000);
    const std::optional<Location> found = candidates.Next();
    ASSERT_TRUE(found.has_value()) << i;
    EXPECT_EQ(found->frame, locations[i].frame);
    EXPECT_EQ(found->record, locations[i].record);
    EXPECT_TRUE(
        found->frame_bytes == 0 ||
        found->frame_bytes >= locations[i].frame_bytes)
        << "at least the frame's length, if it is known";
    EXPECT_FALSE(candidates.Next().has_value());
  }
}

TEST(HashIndexInsertTest, TheLengthOfASmallFrameIsKnownWithinALittle) {
  HashIndex index;
  for (uint32_t bytes = 33; bytes < 70000; bytes += 977) {
    index.Insert(bytes, {32, bytes, 0});
    const std::optional<Location> found = index.Find(bytes).Next();
    ASSERT_TRUE(found.has_value());
    EXPECT_GE(found->frame_bytes, bytes);
    EXPECT_LE(found->frame_bytes, bytes + 4096)
        << "more would be read than is needed";
  }
}

TEST(HashIndexInsertTest, LocationsOfEqualHashesAreAllFound) {
  for (const uint32_t hash : {0u, 1u, 0x7fffffffu, 0x80000000u, UINT32_MAX}) {
    HashIndex index;
    Frames expected;
    for (uint64_t i = 1; i <= 1000; ++i) {
      index.Insert(hash, At(i));
      expected.push_back(i);
    }
    EXPECT_EQ(index.Size(), 1000u);
    EXPECT_EQ(Find(index, hash), expected) << "hash " << hash;
    // The hashes next to it; at the ends the number wraps, which is as good.
    EXPECT_EQ(Find(index, hash - 1), Frames{});
    EXPECT_EQ(Find(index, hash + 1), Frames{});
    index.CheckInvariants();
  }
}

TEST(HashIndexInsertTest, NeighboursOfEqualHashesAreKeptApart) {
  HashIndex index;
  std::map<uint32_t, Frames> expected;
  for (uint64_t i = 1; i <= 600; ++i) {
    const uint32_t hash = 0x40000000u + static_cast<uint32_t>(i * 7 % 5);
    index.Insert(hash, At(i));
    expected[hash].push_back(i);
  }
  for (const auto& [hash, frames] : expected) {
    EXPECT_EQ(Find(index, hash), frames) << hash;
  }
  index.CheckInvariants();
}

TEST(HashIndexInsertTest, TheSameFrameMayHoldManyRecords) {
  HashIndex index;
  for (uint32_t record = 0; record < 50; ++record) {
    index.Insert(7, At(32, record));
  }
  EXPECT_EQ(Find(index, 7), Frames(50, 32));
}

TEST(HashIndexInsertTest, EachInsertionLeavesAllEarlierEntries) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SeededRandom random(seed);
    HashIndex index;
    std::vector<uint32_t> hashes;
    for (uint64_t i = 0; i < 300; ++i) {
      // From a part of the range, so that runs grow long.
      hashes.push_back(
          static_cast<uint32_t>(random.Next() % (seed < 10 ? 1u << 27 : ~0u)));
      index.Insert(hashes.back(), At(i + 1));
      ASSERT_EQ(index.Size(), i + 1);
      for (uint64_t j = 0; j <= i; ++j) {
        const Frames found = Find(index, hashes[j]);
        ASSERT_TRUE(std::binary_search(found.begin(), found.end(), j + 1))
            << "entry " << j << " after insertion " << i << ", seed " << seed;
      }
      index.CheckInvariants();
    }
  }
}

TEST(HashIndexInsertTest, NoEntryIsLostOrDoubledThroughGrowth) {
  SeededRandom random(1);
  HashIndex index;
  std::multimap<uint32_t, uint64_t> expected;
  for (uint64_t i = 1; i <= 100000; ++i) {
    const uint32_t hash = RandomHash(random);
    index.Insert(hash, At(i));
    expected.emplace(hash, i);
  }
  ASSERT_EQ(index.Size(), 100000u);
  index.CheckInvariants();
  for (auto it = expected.begin(); it != expected.end();) {
    const auto end = expected.upper_bound(it->first);
    Frames frames;
    const uint32_t hash = it->first;
    for (; it != end; ++it) frames.push_back(it->second);
    std::sort(frames.begin(), frames.end());
    ASSERT_EQ(Find(index, hash), frames) << hash;
  }
}

TEST(HashIndexInsertTest, TakesAtMost24BytesAnEntryAtEverySize) {
  SeededRandom random(2);
  HashIndex index;
  const uint64_t entries =
      testing::Pick<uint64_t>(300'000, 3'000'000, 10'000'000);
  for (uint64_t i = 1; i <= entries; ++i) {
    index.Insert(RandomHash(random), At(i));
    if (i < 1000) continue;
    ASSERT_LE(index.Bytes(), i * 24) << "with " << i << " entries";
  }
}

TEST(HashIndexInsertTest, RoomForALongRunIsAddedInSmallSteps) {
  HashIndex index;
  for (uint64_t i = 1; i <= 5000; ++i) {
    index.Insert(UINT32_MAX, At(i));
    if (i < 1000) continue;
    // All stand behind the last home: 16 bytes for each, and 16 for each home,
    // of which there are at most 1.39 an entry. Then a little room.
    ASSERT_LE(index.Bytes(), i * 39 + 2048)
        << "with " << i << " entries that all have the last home";
  }
}

TEST(HashIndexInsertTest, BytesAreAtLeastWhatEntriesCanBeToldApartWith) {
  SeededRandom random(3);
  HashIndex index;
  for (uint64_t i = 1; i <= 10000; ++i) index.Insert(RandomHash(random), At(i));
  // 32 bits of hash, 48 of offset and some of record: no honest count is less.
  EXPECT_GE(index.Bytes(), index.Size() * 12);
}

TEST(HashIndexInsertTest, BytesAfterSaysWhatBytesWillBe) {
  SeededRandom random(4);
  HashIndex index;
  EXPECT_EQ(index.BytesAfter(0), index.Bytes());
  for (const size_t more : {1u, 10u, 100u, 1000u, 10000u}) {
    const uint64_t expected = index.BytesAfter(more);
    EXPECT_GE(expected, index.Bytes());
    for (size_t i = 0; i < more; ++i) {
      index.Insert(RandomHash(random), At(i + 1));
    }
    EXPECT_EQ(index.Bytes(), expected) << more << " insertions";
  }
}

TEST(HashIndexInsertTest, HashesInOrderBackwardsAndAllAtOneEndAreFine) {
  for (const int order : {0, 1, 2, 3}) {
    HashIndex index;
    constexpr uint32_t kCount = 2000;
    const auto hash_of = [order](uint32_t i) {
      switch (order) {
        case 0:
          return i * 2000000u;
        case 1:
          return (kCount - i) * 2000000u;
        case 2:
          return i;
        default:
          return UINT32_MAX - i;
      }
    };
    for (uint32_t i = 0; i < kCount; ++i) index.Insert(hash_of(i), At(i + 1));
    index.CheckInvariants();
    for (uint32_t i = 0; i < kCount; ++i) {
      ASSERT_EQ(Find(index, hash_of(i)), Frames{i + 1}) << "order " << order;
    }
  }
}

TEST(HashIndexEraseTest, SaysWhetherTheEntryWasThere) {
  HashIndex index;
  index.Insert(5, At(32));
  EXPECT_FALSE(index.Erase(5, At(64))) << "another place";
  EXPECT_FALSE(index.Erase(6, At(32))) << "another hash";
  EXPECT_FALSE(index.Erase(5, At(32, 1))) << "another record of the frame";
  EXPECT_EQ(index.Size(), 1u);
  EXPECT_TRUE(index.Erase(5, At(32)));
  EXPECT_FALSE(index.Erase(5, At(32))) << "it is gone";
  EXPECT_EQ(index.Size(), 0u);
  EXPECT_EQ(Find(index, 5), Frames{});
}

TEST(HashIndexEraseTest, TheLengthDoesNotTellEntriesApart) {
  HashIndex index;
  index.Insert(5, {32, 100, 0});
  EXPECT_TRUE(index.Erase(5, {32, 0, 0}))
      << "frame and record say which entry it is";
}

TEST(HashIndexEraseTest, OfEqualHashesOnlyTheOneIsErased) {
  for (const uint32_t hash : {0u, 12345u, UINT32_MAX}) {
    for (uint64_t gone = 1; gone <= 20; ++gone) {
      HashIndex index;
      Frames expected;
      for (uint64_t i = 1; i <= 20; ++i) {
        index.Insert(hash, At(i));
        if (i != gone) expected.push_back(i);
      }
      ASSERT_TRUE(index.Erase(hash, At(gone)));
      ASSERT_EQ(Find(index, hash), expected) << "without " << gone;
      index.CheckInvariants();
    }
  }
}

TEST(HashIndexEraseTest, OfOneFrameOnlyTheRecordIsErased) {
  HashIndex index;
  for (uint32_t record = 0; record < 10; ++record) {
    index.Insert(7, At(32, record));
  }
  ASSERT_TRUE(index.Erase(7, At(32, 4)));
  std::vector<uint32_t> records;
  HashIndex::Candidates candidates = index.Find(7);
  while (const auto location = candidates.Next()) {
    records.push_back(location->record);
  }
  std::sort(records.begin(), records.end());
  EXPECT_EQ(records, (std::vector<uint32_t>{0, 1, 2, 3, 5, 6, 7, 8, 9}));
}

TEST(HashIndexEraseTest, OneErasureLeavesEveryOtherEntry) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SeededRandom random(seed);
    HashIndex index;
    std::vector<uint32_t> hashes;
    // Up to the greatest load, at either end or anywhere.
    const uint32_t range = seed % 2 == 0 ? UINT32_MAX : 1u << 29;
    const uint32_t base = seed % 4 == 1 ? UINT32_MAX - range : 0;
    for (uint64_t i = 0; i < 14; ++i) {
      hashes.push_back(base + static_cast<uint32_t>(random.Next() % range));
      index.Insert(hashes.back(), At(i + 1));
    }
    const size_t gone = static_cast<size_t>(random.Below(hashes.size()));
    ASSERT_TRUE(index.Erase(hashes[gone], At(gone + 1))) << "seed " << seed;
    index.CheckInvariants();
    for (size_t i = 0; i < hashes.size(); ++i) {
      const Frames found = Find(index, hashes[i]);
      ASSERT_EQ(
          std::binary_search(found.begin(), found.end(), i + 1), i != gone)
          << "entry " << i << " after erasing " << gone << ", seed " << seed;
    }
  }
}

TEST(HashIndexEraseTest, ErasingAnAbsentEntryChangesNothing) {
  SeededRandom random(5);
  HashIndex index;
  std::vector<uint32_t> hashes;
  for (uint64_t i = 0; i < 1000; ++i) {
    hashes.push_back(RandomHash(random));
    index.Insert(hashes.back(), At(i + 1));
  }
  for (uint64_t i = 0; i < 1000; ++i) {
    ASSERT_FALSE(index.Erase(hashes[i], At(i + 2000)));
    ASSERT_FALSE(index.Erase(hashes[i] + 1, At(i + 1)));
  }
  EXPECT_EQ(index.Size(), 1000u);
  for (uint64_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(Find(index, hashes[i]), Frames{i + 1});
  }
}

TEST(HashIndexEraseTest, WhatWasErasedCanBeInsertedAgain) {
  HashIndex index;
  for (int round = 0; round < 50; ++round) {
    for (uint64_t i = 1; i <= 30; ++i) index.Insert(UINT32_MAX, At(i));
    for (uint64_t i = 1; i <= 30; ++i) {
      ASSERT_TRUE(index.Erase(UINT32_MAX, At(31 - i)));
    }
    ASSERT_EQ(index.Size(), 0u);
    ASSERT_EQ(Find(index, UINT32_MAX), Frames{});
  }
  index.CheckInvariants();
}

TEST(HashIndexEraseTest, ManyChangesOfFewEntriesTakeNoMoreMemory) {
  SeededRandom random(6);
  HashIndex index;
  std::vector<std::pair<uint32_t, uint64_t>> entries;
  for (uint64_t i = 1; i <= 1000; ++i) {
    entries.emplace_back(RandomHash(random), i);
    index.Insert(entries.back().first, At(i));
  }
  const uint64_t before = index.Bytes();
  for (uint64_t i = 1001; i <= 200000; ++i) {
    auto& entry = entries[static_cast<size_t>(random.Below(entries.size()))];
    ASSERT_TRUE(index.Erase(entry.first, At(entry.second)));
    entry = {RandomHash(random), i};
    index.Insert(entry.first, At(i));
  }
  EXPECT_EQ(index.Bytes(), before) << "erasing leaves nothing behind";
  index.CheckInvariants();
}

void RunModel(uint64_t seed, uint32_t hashes, uint64_t steps) {
  SeededRandom random(seed);
  HashIndex index;
  std::map<uint32_t, Frames> model;
  size_t size = 0;
  uint64_t next = 1;
  const uint32_t stride = UINT32_MAX / hashes;
  for (uint64_t step = 0; step < steps; ++step) {
    const uint32_t hash = stride * static_cast<uint32_t>(random.Below(hashes)) +
        static_cast<uint32_t>(random.Below(3));
    Frames& frames = model[hash];
    // Grows in one half of the run, shrinks in the other.
    if (random.Below(10) < (step < steps / 2 ? 7u : 3u)) {
      index.Insert(hash, At(next));
      frames.push_back(next++);
      ++size;
    } else if (!frames.empty()) {
      const auto at = static_cast<ptrdiff_t>(random.Below(frames.size()));
      ASSERT_TRUE(index.Erase(hash, At(frames[static_cast<size_t>(at)])));
      frames.erase(frames.begin() + at);
      --size;
    } else {
      ASSERT_FALSE(index.Erase(hash, At(next)));
    }
    ASSERT_EQ(index.Size(), size);
    ASSERT_EQ(Find(index, hash), frames)
        << "step " << step << ", seed " << seed;
    if (step % 64 == 0) index.CheckInvariants();
  }
  for (const auto& [hash, frames] : model) {
    ASSERT_EQ(Find(index, hash), frames) << "seed " << seed;
  }
}

TEST(HashIndexModelTest, AgreesWithAMapOfLists) {
  const uint64_t runs = testing::Pick<uint64_t>(30, 300, 10000);
  for (uint64_t run = 0; run < runs; ++run) {
    RunModel(testing::TestSeed() + run, 4, 300);
    RunModel(testing::TestSeed() + run, 300, 1000);
    RunModel(testing::TestSeed() + run, 5000, 2000);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace kv
