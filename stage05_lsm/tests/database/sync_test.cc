// Goal: a write costs what it must and no more: one append, and, if it is
// synced, one sync.
// Method: the file system counts the calls. The first write of a session is
// left out, since it may first have to undo what a clean Close left.

#include <gtest/gtest.h>

#include <string>

#include "support/database_verbs.h"
#include "support/disk.h"

namespace kv {
namespace {

TEST(SyncTest, AnUnsyncedPutIsOneAppendAndNoSync) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "first", "1");
  disk.faults().ResetCounts();
  Put(*db, "a", "1");
  EXPECT_EQ(disk.faults().Calls(FileCall::kAppend), 1u);
  EXPECT_EQ(disk.faults().Calls(FileCall::kSync), 0u) << "nobody asked for it";
}

TEST(SyncTest, ASyncedPutIsOneAppendAndOneSync) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "first", "1");
  disk.faults().ResetCounts();
  for (uint64_t i = 1; i <= 10; ++i) {
    MustBeOk(db->Put("key" + std::to_string(i), "value", kSynced), "Put");
    ASSERT_EQ(disk.faults().Calls(FileCall::kAppend), i);
    ASSERT_EQ(disk.faults().Calls(FileCall::kSync), i);
  }
}

TEST(SyncTest, ASyncedDeleteIsOneAppendAndOneSync) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "first", "1");
  disk.faults().ResetCounts();
  MustBeOk(db->Delete("first", kSynced), "Delete");
  EXPECT_EQ(disk.faults().Calls(FileCall::kAppend), 1u);
  EXPECT_EQ(disk.faults().Calls(FileCall::kSync), 1u);
}

TEST(SyncTest, ASyncedBatchIsOneAppendAndOneSync) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "first", "1");
  WriteBatch batch;
  for (int i = 0; i < 100; ++i) batch.Put("key" + std::to_string(i), "value");
  disk.faults().ResetCounts();
  MustBeOk(db->Write(batch, kSynced), "Write");
  EXPECT_EQ(disk.faults().Calls(FileCall::kAppend), 1u)
      << "one write for all, or a crash could cut the batch";
  EXPECT_EQ(disk.faults().Calls(FileCall::kSync), 1u);
}

TEST(SyncTest, ASyncedRenameIsOneAppendAndOneSync) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "first", "1");
  disk.faults().ResetCounts();
  MustBeOk(db->Rename("first", "second", kSynced), "Rename");
  EXPECT_EQ(disk.faults().Calls(FileCall::kAppend), 1u);
  EXPECT_EQ(disk.faults().Calls(FileCall::kSync), 1u);
}

TEST(SyncTest, WhatIsRefusedOrEmptyAppendsNothing) {
  Disk disk;
  Options options;
  options.key_bytes_max = 8;
  auto db = disk.Open(options);
  Put(*db, "first", "1");
  disk.faults().ResetCounts();
  EXPECT_FALSE(db->Put("much too long", "1").ok());
  EXPECT_TRUE(db->Rename("absent", "other").IsNotFound());
  Rename(*db, "first", "first");
  Write(*db, WriteBatch());
  EXPECT_EQ(disk.faults().Calls(FileCall::kAppend), 0u);
  EXPECT_EQ(disk.faults().BytesAppended(), 0u);
}

TEST(SyncTest, ReadsWriteNothing) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  const testing::DirectoryImage before = disk.Files();
  disk.faults().ResetCounts();
  EXPECT_EQ(Read(*db, "a"), "1");
  EXPECT_EQ(Read(*db, "absent"), "(not found)");
  EXPECT_EQ(KeysOf(*db).size(), 1u);
  StatsOf(*db);
  EXPECT_EQ(disk.faults().Calls(FileCall::kAppend), 0u);
  EXPECT_EQ(disk.faults().Calls(FileCall::kSync), 0u);
  EXPECT_TRUE(disk.Files() == before);
}

TEST(SyncTest, AWriteTakesLittleMoreThanItsKeyAndValue) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "first", "1");
  disk.faults().ResetCounts();
  Put(*db, std::string(16, 'k'), std::string(100, 'v'));
  EXPECT_GE(disk.faults().BytesAppended(), 116u);
  EXPECT_LE(disk.faults().BytesAppended(), 116u + 64u)
      << "headers of at most 64 bytes a write";
}

}  // namespace
}  // namespace kv
