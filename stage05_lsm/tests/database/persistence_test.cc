// Goal: what was written is there when the database is opened again: after
// Close, after the death of the process, and, if it was synced, after a power
// loss.
// Method: write, end the database in one of these ways on a disk in memory,
// open it again, compare all of it.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/database_verbs.h"
#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

TEST(PersistenceTest, ValuesAreThereAfterReopening) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}}));
}

TEST(PersistenceTest, ADatabaseThatWasNeverWrittenOpensAgainEmpty) {
  Disk disk;
  ASSERT_TRUE(disk.Open()->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), Map{});
}

TEST(PersistenceTest, TheDestructorClosesToo) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  db.reset();
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}))
      << "the destructor calls Close, and Close makes all writes durable";
}

TEST(PersistenceTest, CloseMakesUnsyncedWritesDurable) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  ASSERT_TRUE(db->Close().ok());
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}}))
      << "Close returned Ok: nothing that came before it may be lost";
}

TEST(PersistenceTest, ADeletedKeyStaysDeleted) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  Delete(*db, "a");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Read(*db, "a"), "(not found)") << "the delete was forgotten";
  EXPECT_EQ(Contents(*db), (Map{{"b", "2"}}));
}

TEST(PersistenceTest, AKeyThatWasDeletedAndPutAgainHasItsNewValue) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Delete(*db, "a");
  Put(*db, "a", "2");
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "2"}}));
}

TEST(PersistenceTest, TheLastOfManyValuesWins) {
  Disk disk;
  auto db = disk.Open();
  for (int i = 0; i < 100; ++i) Put(*db, "key", std::to_string(i));
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"key", "99"}}));
}

TEST(PersistenceTest, AnEmptyValueIsAValueAndAnEmptyKeyIsAKey) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "empty", "");
  Put(*db, "", "no key");
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"", "no key"}, {"empty", ""}}));
}

TEST(PersistenceTest, AnyBytesComeBackAsTheyWere) {
  SeededRandom random(3);
  Disk disk;
  auto db = disk.Open();
  Map expected;
  for (size_t length = 0; length < 300; length += 7) {
    const std::string key = RandomBytes(random, length);
    expected[key] = RandomBytes(random, 300 - length);
    Put(*db, key, expected[key]);
  }
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_TRUE(Contents(*db) == expected) << "keys or values have changed";
}

TEST(PersistenceTest, AValueOfTheGreatestLengthComesBack) {
  SeededRandom random(4);
  const std::string value = RandomBytes(random, 1 << 20);
  Disk disk;
  auto db = disk.Open();
  Put(*db, "before", "1");
  Put(*db, std::string(1024, 'k'), value);
  Put(*db, "after", "2");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_TRUE(SameBytes(Read(*db, std::string(1024, 'k')), value));
  EXPECT_EQ(Read(*db, "before"), "1");
  EXPECT_EQ(Read(*db, "after"), "2");
}

TEST(PersistenceTest, ABatchComesBackInItsOrder) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "old", "1");
  WriteBatch batch;
  batch.Put("a", "first");
  batch.Put("a", "second");
  batch.Put("b", "1");
  batch.Delete("b");
  batch.Delete("old");
  batch.Put("c", "3");
  Write(*db, batch);
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "second"}, {"c", "3"}}));
}

TEST(PersistenceTest, ARenameComesBack) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  Rename(*db, "a", "b");
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"b", "1"}}));
}

TEST(PersistenceTest, ManyShortLivesAddUp) {
  Disk disk;
  Map expected;
  for (int life = 0; life < 50; ++life) {
    auto db = disk.Open();
    ASSERT_EQ(Contents(*db), expected) << "at the beginning of life " << life;
    const std::string key = "key" + std::to_string(life % 7);
    if (life % 5 == 4) {
      Delete(*db, key);
      expected.erase(key);
    } else {
      Put(*db, key, std::to_string(life));
      expected[key] = std::to_string(life);
    }
    if (life % 3 != 0) {
      ASSERT_TRUE(db->Close().ok()) << "life " << life;
    }
  }
}

TEST(PersistenceTest, OpeningAndClosingWithoutWritingChangesNoByte) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  const testing::DirectoryImage before = disk.Files();
  for (int i = 0; i < 5; ++i) {
    db = disk.Open();
    EXPECT_EQ(Read(*db, "a"), "1");
    ASSERT_TRUE(db->Close().ok());
  }
  EXPECT_TRUE(disk.Files() == before)
      << "a database that is only read does not grow";
}

TEST(PersistenceTest, AnUnsyncedWriteSurvivesTheDeathOfTheProcess) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  disk.KillProcess();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}))
      << "a write that returned Ok is with the operating system";
}

TEST(PersistenceTest, EachWriteIsWithTheSystemWhenItReturns) {
  Disk disk;
  auto db = disk.Open();
  Map expected;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i % 6);
    Put(*db, key, std::to_string(i));
    expected[key] = std::to_string(i);
    disk.KillProcess();
    db = disk.Open();
    ASSERT_EQ(Contents(*db), expected) << "after write " << i;
  }
}

TEST(PersistenceTest, ASyncedWriteSurvivesAPowerLoss) {
  Disk disk;
  auto db = disk.Open();
  MustBeOk(db->Put("a", "1", kSynced), "Put");
  MustBeOk(db->Put("b", "2", kSynced), "Put");
  MustBeOk(db->Delete("a", kSynced), "Delete");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"b", "2"}}));
}

TEST(PersistenceTest, ASyncedBatchAndASyncedRenameSurviveAPowerLoss) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("b", "2");
  MustBeOk(db->Write(batch, kSynced), "Write");
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}}));
  MustBeOk(db->Rename("a", "c", kSynced), "Rename");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"b", "2"}, {"c", "1"}}));
}

TEST(PersistenceTest, ASyncedWriteMakesThoseBeforeItDurable) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  MustBeOk(db->Put("b", "2", kSynced), "Put");
  Put(*db, "c", "3");
  disk.LosePower();
  const Map after = Contents(*disk.Open());
  EXPECT_EQ(after.count("a"), 1u) << "what survives is a beginning of history";
  EXPECT_EQ(after.count("b"), 1u) << "it was synced";
}

TEST(PersistenceTest, SyncMakesAllWritesBeforeItDurable) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  MustBeOk(db->Sync(), "Sync");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}, {"b", "2"}}));
}

TEST(PersistenceTest, ASyncedEmptyBatchMakesTheWritesBeforeItDurable) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  MustBeOk(db->Write(WriteBatch(), kSynced), "Write");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}))
      << "a write that returned Ok with sync leaves nothing unsynced";
}

TEST(PersistenceTest, WhatAReaderSawAfterACrashStays) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");  // not synced
  disk.KillProcess();
  db = disk.Open();
  ASSERT_EQ(Read(*db, "a"), "1");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), (Map{{"a", "1"}}))
      << "recovery returned it to a reader, so it had to be durable";
}

TEST(PersistenceTest, ManyPowerLossesTakeNothingThatWasSynced) {
  Disk disk;
  Map synced;
  for (int i = 0; i < 40; ++i) {
    auto db = disk.Open();
    ASSERT_EQ(Contents(*db), synced) << "after power loss " << i;
    const std::string key = "key" + std::to_string(i % 7);
    MustBeOk(db->Put(key, std::to_string(i), kSynced), "Put");
    synced[key] = std::to_string(i);
    Put(*db, "unsynced", std::to_string(i));
    disk.LosePower();
  }
}

TEST(PersistenceTest, ADirectoryOnTheMachinesOwnFileSystemWorksToo) {
  const TempDirectory parent;
  Options options;
  options.path = parent.path() + "/db";
  Map expected;
  for (int life = 0; life < 3; ++life) {
    auto db = OpenEmpty(options);
    EXPECT_EQ(Contents(*db), expected) << "life " << life;
    const std::string key = "key" + std::to_string(life);
    MustBeOk(db->Put(key, "value", kSynced), "Put");
    expected[key] = "value";
    if (life == 1) {
      Delete(*db, "key0");
      expected.erase("key0");
    }
    ASSERT_TRUE(db->Close().ok());
  }
}

}  // namespace
}  // namespace kv
