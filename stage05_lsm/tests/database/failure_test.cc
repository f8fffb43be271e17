// Goal: a write that fails leaves the database as before, and hides nothing
// that is written later; after a failed sync it can only be read until it is
// opened again.
// Method: the disk fails at a chosen call; then everything is compared, then
// once more after a reopening, a process death and a power loss.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "support/database_verbs.h"
#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

void Fail(
    Disk& disk, FaultKind kind, uint64_t nth = 1, bool persistent = false) {
  Fault fault;
  fault.kind = kind;
  fault.nth = nth;
  fault.persistent = persistent;
  disk.faults().Inject(fault);
}

// `end` is how the database ends: Close, process death or power loss.
void ExpectAfterEveryEnd(
    const std::function<void(Disk& disk, std::unique_ptr<Database>& db)>& act,
    const Map& expected) {
  for (const std::string end : {"Close", "process death", "power loss"}) {
    Disk disk;
    auto db = disk.Open();
    act(disk, db);
    ASSERT_EQ(Contents(*db), expected) << "before " << end;
    if (end == "Close") {
      ASSERT_TRUE(db->Close().ok());
    } else if (end == "process death") {
      disk.KillProcess();
    } else {
      MustBeOk(db->Sync(), "Sync");
      disk.LosePower();
    }
    ASSERT_EQ(Contents(*disk.Open()), expected) << "after " << end;
  }
}

TEST(FailureTest, AFailedPutChangesNothingAndHidesNothing) {
  for (const FaultKind kind :
       {FaultKind::kWriteError, FaultKind::kNoSpace, FaultKind::kShortWrite}) {
    ExpectAfterEveryEnd(
        [kind](Disk& disk, std::unique_ptr<Database>& db) {
          Put(*db, "a", "1");
          Fail(disk, kind);
          EXPECT_FALSE(db->Put("a", std::string(300, 'x')).ok())
              << FaultKindName(kind);
          EXPECT_EQ(disk.faults().FaultsFired(), 1u);
          EXPECT_EQ(Contents(*db), (Map{{"a", "1"}})) << FaultKindName(kind);
          Put(*db, "b", "2");
        },
        Map{{"a", "1"}, {"b", "2"}});
  }
}

TEST(FailureTest, TheFirstWriteOfASessionMayFailToo) {
  for (const FaultKind kind :
       {FaultKind::kWriteError, FaultKind::kNoSpace, FaultKind::kShortWrite}) {
    ExpectAfterEveryEnd(
        [kind](Disk& disk, std::unique_ptr<Database>& db) {
          Put(*db, "a", "1");
          ASSERT_TRUE(db->Close().ok());
          db = disk.Open();
          Fail(disk, kind);
          EXPECT_FALSE(db->Put("a", "2").ok()) << FaultKindName(kind);
          Put(*db, "b", "2");
        },
        Map{{"a", "1"}, {"b", "2"}});
  }
}

TEST(FailureTest, AFailedBatchChangesNothing) {
  ExpectAfterEveryEnd(
      [](Disk& disk, std::unique_ptr<Database>& db) {
        Put(*db, "a", "1");
        WriteBatch batch;
        batch.Put("a", "2");
        batch.Put("b", std::string(500, 'x'));
        batch.Delete("a");
        Fail(disk, FaultKind::kShortWrite);
        EXPECT_FALSE(db->Write(batch).ok());
        Put(*db, "c", "3");
      },
      Map{{"a", "1"}, {"c", "3"}});
}

TEST(FailureTest, AFailedDeleteAndAFailedRenameChangeNothing) {
  ExpectAfterEveryEnd(
      [](Disk& disk, std::unique_ptr<Database>& db) {
        Put(*db, "a", "1");
        Put(*db, "b", "2");
        Fail(disk, FaultKind::kShortWrite);
        EXPECT_FALSE(db->Delete("a").ok());
        disk.faults().ClearFaults();
        Fail(disk, FaultKind::kNoSpace);
        EXPECT_FALSE(db->Rename("a", "b").ok());
        Put(*db, "c", "3");
      },
      Map{{"a", "1"}, {"b", "2"}, {"c", "3"}});
}

TEST(FailureTest, ADiskThatIsFullForAWhileLosesNothing) {
  ExpectAfterEveryEnd(
      [](Disk& disk, std::unique_ptr<Database>& db) {
        Put(*db, "a", "1");
        Fail(disk, FaultKind::kNoSpace, 1, true);
        for (int i = 0; i < 10; ++i) {
          const Status status = db->Put("key" + std::to_string(i), "value");
          EXPECT_FALSE(status.ok());
          EXPECT_FALSE(status.message().empty()) << "the error says why";
          EXPECT_EQ(Read(*db, "a"), "1") << "reads go on";
        }
        disk.faults().ClearFaults();
        Put(*db, "b", "2");
      },
      Map{{"a", "1"}, {"b", "2"}});
}

TEST(FailureTest, AFailedWriteIsNotCounted) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Fail(disk, FaultKind::kNoSpace);
  ASSERT_FALSE(db->Put("b", "2").ok());
  EXPECT_EQ(StatsOf(*db).puts, 1u);
}

TEST(FailureTest, ThereIsNoWriteBehindRemainsThatCannotBeRemoved) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  // The append leaves a part, and then no call at all works.
  Fail(disk, FaultKind::kShortWrite);
  Fail(disk, FaultKind::kAny, 2, true);
  ASSERT_FALSE(db->Put("a", std::string(300, 'x')).ok());
  disk.faults().ClearFaults();
  const bool acknowledged = db->Put("b", "2").ok();
  disk.KillProcess();
  Map expected = {{"a", "1"}};
  if (acknowledged) expected["b"] = "2";
  EXPECT_EQ(Contents(*disk.Open()), expected)
      << "an acknowledged write must not stand behind unread remains";
}

TEST(FailureTest, AfterAFailedSyncEveryWriteIsRefused) {
  Disk disk;
  auto db = disk.Open();
  MustBeOk(db->Put("a", "1", kSynced), "Put");
  Fail(disk, FaultKind::kSyncError);
  EXPECT_TRUE(Fails(db->Put("b", "2", kSynced), StatusCode::kIoError));
  WriteBatch batch;
  batch.Put("c", "3");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Fails(db->Put("c", "3"), StatusCode::kReadOnly));
    EXPECT_TRUE(Fails(db->Put("c", "3", kSynced), StatusCode::kReadOnly))
        << "a sync that succeeds now proves nothing about what came before";
    EXPECT_TRUE(Fails(db->Delete("a"), StatusCode::kReadOnly));
    EXPECT_TRUE(Fails(db->Rename("a", "c"), StatusCode::kReadOnly));
    EXPECT_TRUE(Fails(db->Write(batch), StatusCode::kReadOnly));
    EXPECT_TRUE(Fails(db->Sync(), StatusCode::kReadOnly));
  }
}

TEST(FailureTest, AfterAFailedSyncReadsGoOn) {
  Disk disk;
  auto db = disk.Open();
  MustBeOk(db->Put("a", "1", kSynced), "Put");
  Fail(disk, FaultKind::kSyncError);
  ASSERT_FALSE(db->Sync().ok());
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}}));
  Result<bool> exists = db->Exists("a");
  EXPECT_TRUE(exists.ok() && *exists);
}

TEST(FailureTest, TheReadOnlyErrorSaysWhatFailedAndWhatToDo) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Fail(disk, FaultKind::kSyncError);
  ASSERT_FALSE(db->Sync().ok());
  EXPECT_TRUE(Fails(
      db->Put("b", "2"), StatusCode::kReadOnly, {disk.path(), "sync", "open"}));
}

TEST(FailureTest, AfterAFailedSyncAReopenedDatabaseIsWellAgain) {
  Disk disk;
  auto db = disk.Open();
  MustBeOk(db->Put("a", "1", kSynced), "Put");
  Fail(disk, FaultKind::kSyncError);
  ASSERT_FALSE(db->Put("b", "2", kSynced).ok());
  static_cast<void>(db->Close());  // it may report the failure
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Read(*db, "a"), "1") << "it was synced before the failure";
  MustBeOk(db->Put("c", "3", kSynced), "Put");
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Read(*db, "a"), "1");
  EXPECT_EQ(Read(*db, "c"), "3");
}

// The pages that the system could not write count as clean afterwards.
TEST(FailureTest, NothingIsAcknowledgedAsSyncedAfterAFailedSync) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Fail(disk, FaultKind::kSyncError);
  ASSERT_FALSE(db->Sync().ok());
  const bool claimed = db->Sync().ok() || db->Put("b", "2", kSynced).ok();
  const bool closed = db->Close().ok();
  disk.LosePower();
  const Map after = Contents(*disk.Open());
  if (claimed || closed) {
    EXPECT_EQ(after.count("a"), 1u)
        << "Ok was returned, but the write was not durable";
  }
}

TEST(FailureTest, AFailedReadIsAnErrorAndNotANotFound) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  Fail(disk, FaultKind::kReadError, 1, true);
  const Result<std::string> value = db->Get("a");
  if (disk.faults().FaultsFired() > 0) {
    EXPECT_TRUE(Fails(value.status(), StatusCode::kIoError));
  } else {
    EXPECT_EQ(Read(*db, "a"), "1") << "nothing had to be read";
  }
  disk.faults().ClearFaults();
  EXPECT_EQ(Read(*db, "a"), "1") << "the disk is well again";
}

TEST(FailureTest, AFailedReadDuringOpenLosesNothing) {
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kShortRead}) {
    Disk disk;
    auto db = disk.Open();
    Map expected;
    for (int i = 0; i < 20; ++i) {
      expected["key" + std::to_string(i)] = std::string(50, 'v');
      Put(*db, "key" + std::to_string(i), std::string(50, 'v'));
    }
    disk.KillProcess();
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Fail(disk, kind, nth);
      static_cast<void>(disk.TryOpen());  // may be Ok, may be an error
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.faults().ClearFaults();
      ASSERT_EQ(Contents(*disk.Open()), expected)
          << FaultKindName(kind) << " at read " << nth
          << " was taken for the end of the data";
      if (!fired) break;
    }
  }
}

}  // namespace
}  // namespace kv
