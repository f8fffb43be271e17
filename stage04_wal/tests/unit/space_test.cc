// Goal: Stats say exactly which bytes of the log hold current values, which
// hold what is overwritten or deleted, and how long the file is.
// Method: lengths by the formula of docs/format/log.md, before and after
// reopening. While the database is open:
//   live + dead + 32 for each frame + 32 for the file's header = disk bytes.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "kv/file_names.h"
#include "support/disk.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

uint64_t VarintBytes(uint64_t value) {
  uint64_t bytes = 1;
  for (; value >= 128; value >>= 7) ++bytes;
  return bytes;
}

uint64_t PutBytes(uint64_t key, uint64_t value) {
  return 1 + VarintBytes(key) + VarintBytes(value) + key + value;
}

uint64_t DeleteBytes(uint64_t key) {
  return 1 + VarintBytes(key) + key;
}

// The stats must be these, for a log of so many frames.
void ExpectSpace(
    Disk& disk, Database& db, uint64_t live, uint64_t dead, uint64_t frames,
    std::string_view when) {
  const Stats stats = StatsOf(db);
  EXPECT_EQ(stats.live_bytes, live) << when;
  EXPECT_EQ(stats.dead_bytes, dead) << when;
  EXPECT_EQ(
      stats.disk_bytes,
      live + dead + frames * kFrameHeaderBytes + kLogHeaderBytes)
      << when;
  EXPECT_EQ(
      stats.disk_bytes, disk.Content(BaseName(DataLogName(disk.path()))).size())
      << when;
}

TEST(SpaceTest, AFreshDatabaseHoldsOnlyItsHeader) {
  Disk disk;
  auto db = disk.Open();
  ExpectSpace(disk, *db, 0, 0, 0, "fresh");
}

TEST(SpaceTest, APutIsLive) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "key", "value");
  ExpectSpace(disk, *db, PutBytes(3, 5), 0, 1, "one put");
  Put(*db, "", "");
  ExpectSpace(disk, *db, PutBytes(3, 5) + PutBytes(0, 0), 0, 2, "empty put");
}

TEST(SpaceTest, LongKeysAndValuesHaveLongerLengths) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, std::string(127, 'k'), std::string(128, 'v'));
  Put(*db, std::string(128, 'k'), std::string(16384, 'v'));
  ExpectSpace(
      disk, *db, PutBytes(127, 128) + PutBytes(128, 16384), 0, 2, "two puts");
}

TEST(SpaceTest, AnOverwrittenValueIsDead) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "key", "value");
  Put(*db, "key", "longer value");
  ExpectSpace(disk, *db, PutBytes(3, 12), PutBytes(3, 5), 2, "overwritten");
}

TEST(SpaceTest, ADeletedValueAndTheDeleteAreDead) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "key", "value");
  Delete(*db, "key");
  ExpectSpace(disk, *db, 0, PutBytes(3, 5) + DeleteBytes(3), 2, "deleted");
  Delete(*db, "absent");
  ExpectSpace(
      disk, *db, 0, PutBytes(3, 5) + DeleteBytes(3) + DeleteBytes(6), 3,
      "a delete of an absent key is dead from the beginning");
}

TEST(SpaceTest, InABatchOnlyTheLastPutOfAKeyIsLive) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "0");
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "22");
  batch.Put("b", "1");
  batch.Delete("b");
  batch.Delete("c");
  batch.Put("c", "333");
  Write(*db, batch);
  ExpectSpace(
      disk, *db, PutBytes(1, 2) + PutBytes(1, 3),
      PutBytes(1, 1) * 3 + DeleteBytes(1) * 2, 2, "batch");
}

TEST(SpaceTest, ARenameIsAPutAndADelete) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Rename(*db, "a", "bb");
  ExpectSpace(
      disk, *db, PutBytes(2, 5), PutBytes(1, 5) + DeleteBytes(1), 2, "renamed");
  Rename(*db, "bb", "bb");
  ExpectSpace(
      disk, *db, PutBytes(2, 5), PutBytes(1, 5) + DeleteBytes(1), 2,
      "renaming to itself writes nothing");
}

TEST(SpaceTest, ReopeningCountsTheSame) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "a", "22");
  Put(*db, "b", "1");
  Delete(*db, "b");
  const uint64_t live = PutBytes(1, 2);
  const uint64_t dead = PutBytes(1, 1) * 2 + DeleteBytes(1);
  ExpectSpace(disk, *db, live, dead, 4, "before");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  ExpectSpace(disk, *db, live, dead, 5, "reopened: with the close frame");
  Put(*db, "c", "1");
  ExpectSpace(
      disk, *db, live + PutBytes(1, 1), dead, 5,
      "the first write takes the close frame's place");
  disk.KillProcess();
  db = disk.Open();
  ExpectSpace(disk, *db, live + PutBytes(1, 1), dead, 5, "after a death");
}

TEST(SpaceTest, AFailedWriteCountsNothing) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Fault fault;
  fault.kind = FaultKind::kShortWrite;
  disk.faults().Inject(fault);
  ASSERT_FALSE(db->Put("a", std::string(100, 'x')).ok());
  ExpectSpace(disk, *db, PutBytes(1, 1), 0, 1, "after a failed write");
}

TEST(SpaceTest, ATornTailIsNotCounted) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", std::string(100, 'x'));
  disk.KillProcess();
  const std::string name = BaseName(DataLogName(disk.path()));
  const std::string whole = disk.Content(name);
  disk.SetContent(name, whole.substr(0, whole.size() - 10));
  db = disk.Open();
  ExpectSpace(disk, *db, PutBytes(1, 1), 0, 1, "the tail was cut off");
}

TEST(SpaceTest, TheSumHoldsThroughRandomWrites) {
  SeededRandom random(10);
  Disk disk;
  auto db = disk.Open();
  uint64_t frames = 0;
  for (int step = 0; step < 1000; ++step) {
    const std::string key =
        std::string(static_cast<size_t>(random.Below(200)), 'k');
    if (random.OneIn(4)) {
      Delete(*db, key);
    } else {
      Put(*db, key, RandomBytes(random, random.Below(300)));
    }
    ++frames;
    const Stats stats = StatsOf(*db);
    ASSERT_EQ(
        stats.live_bytes + stats.dead_bytes + frames * kFrameHeaderBytes +
            kLogHeaderBytes,
        stats.disk_bytes)
        << "step " << step;
  }
  uint64_t live = 0;
  for (const auto& [key, value] : Contents(*db)) {
    live += PutBytes(key.size(), value.size());
  }
  EXPECT_EQ(StatsOf(*db).live_bytes, live) << "what the current values take";
}

TEST(SpaceTest, WithoutADirectoryTheLogCountsAsMemory) {
  auto db = OpenEmpty();
  Put(*db, "key", std::string(10000, 'v'));
  const Stats stats = StatsOf(*db);
  EXPECT_GE(stats.memory_bytes, stats.disk_bytes);
  EXPECT_GE(stats.disk_bytes, 10000u);
}

}  // namespace
}  // namespace kv
