// Goal: where the bytes of a value are, in memory or in a table, makes no
// difference to what a read gives; and memory stays bounded however much is
// written.
// Method: the same few keys before and after a flush; then ten times more than
// the memtable may hold; then each call of a flush is made to fail.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

void Flush(Database& db) {
  MustBeOk(db.Flush(), "Flush");
}

// Puts 1000 bytes under each number from `first` on, to 99 at most; what was
// taken is in `expected` too.
Status PutUntilOneFails(Database& db, int first, Map* expected) {
  Status status;
  for (int i = first; i < 100 && status.ok(); ++i) {
    const std::string key = std::to_string(i);
    const std::string value(1000, 'x');
    status = db.Put(key, value);
    if (status.ok()) (*expected)[key] = value;
  }
  return status;
}

TEST(FlushTest, OfAnEmptyDatabaseChangesNothing) {
  auto db = OpenEmpty();
  Flush(*db);
  Flush(*db);
  EXPECT_EQ(Contents(*db), Map{});
  Put(*db, "a", "1");
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}}));
}

TEST(FlushTest, WhatWasFlushedReadsAsBefore) {
  auto db = OpenEmpty();
  Put(*db, "", "the empty key");
  Put(*db, "a", "");
  Put(*db, "b", "old");
  Put(*db, "b", "new");
  Put(*db, "c", "deleted");
  Delete(*db, "c");
  Put(*db, std::string("\xff\0\xff", 3), std::string("\0\xff", 2));
  const Map before = Contents(*db);
  Flush(*db);
  EXPECT_EQ(Contents(*db), before);
  EXPECT_EQ(Read(*db, "b"), "new") << "of two values the newer one";
  EXPECT_EQ(Read(*db, "c"), "(not found)") << "a deleted key stays deleted";
  EXPECT_EQ(Read(*db, "d"), "(not found)");
  Flush(*db);
  EXPECT_EQ(Contents(*db), before) << "nothing was there to flush";
}

TEST(FlushTest, WhatIsNewerHidesWhatWasFlushed) {
  auto db = OpenEmpty();
  for (const char* key : {"a", "b", "c", "d"}) Put(*db, key, "1");
  Flush(*db);
  Put(*db, "b", "2");
  Delete(*db, "c");
  const Map expected = {{"a", "1"}, {"b", "2"}, {"d", "1"}};
  EXPECT_EQ(Contents(*db), expected) << "from memory";
  EXPECT_EQ(Read(*db, "c"), "(not found)");
  Flush(*db);
  EXPECT_EQ(Contents(*db), expected) << "from the newer of two tables";
  EXPECT_EQ(Read(*db, "c"), "(not found)");
  Put(*db, "c", "3");
  Flush(*db);
  EXPECT_EQ(Read(*db, "c"), "3") << "a deleted key can be put again";
  EXPECT_EQ(Read(*db, "b"), "2") << "from the middle one of three tables";
}

TEST(FlushTest, DeletesAloneHideWhatWasFlushedToo) {
  Disk disk;
  auto db = disk.Open();
  for (const char* key : {"a", "b", "c"}) Put(*db, key, "1");
  Flush(*db);
  const Map expected = {{"b", "1"}};
  Delete(*db, "a");
  Delete(*db, "c");
  Flush(*db);
  EXPECT_EQ(Contents(*db), expected);
  EXPECT_EQ(Read(*db, "a"), "(not found)");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Contents(*db), expected) << "after it was opened again";
  EXPECT_EQ(Read(*db, "c"), "(not found)");
}

TEST(FlushTest, ARenameFindsAFlushedValue) {
  auto db = OpenEmpty();
  Put(*db, "from", "value");
  Put(*db, "to", "old");
  Flush(*db);
  Rename(*db, "from", "to");
  EXPECT_EQ(Contents(*db), (Map{{"to", "value"}}));
  Flush(*db);
  EXPECT_EQ(Contents(*db), (Map{{"to", "value"}}));
}

TEST(FlushTest, AReopenedDatabaseHasWhatWasFlushedAndWhatWasNot) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "1");
  Flush(*db);
  Put(*db, "b", "2");
  Delete(*db, "a");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"b", "2"}}));
  Flush(*db);
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"b", "2"}}));
}

TEST(FlushTest, WhatWasFlushedSurvivesAPowerLoss) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "1");
  Delete(*db, "a");
  Flush(*db);
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"b", "1"}}))
      << "no write asked for a sync, but Flush returned Ok";
}

TEST(FlushTest, AfterAFlushTheLogIsEmpty) {
  Disk disk;
  auto db = disk.Open();
  for (int i = 0; i < 100; ++i) Put(*db, std::to_string(i), "value");
  Flush(*db);
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  const auto report = db->GetRecoveryReport();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->operations, 0u) << "all is in tables";
  EXPECT_EQ(KeysOf(*db).size(), 100u);
}

uint64_t BytesOfAllFiles(Disk& disk) {
  uint64_t bytes = 0;
  for (const auto& [name, content] : disk.Files()) bytes += content.size();
  return bytes;
}

// Log, tables, manifest and CURRENT; the lock file is empty.
TEST(FlushTest, DiskBytesAreTheLengthOfAllFiles) {
  Disk disk;
  auto db = disk.Open();
  EXPECT_EQ(StatsOf(*db).disk_bytes, BytesOfAllFiles(disk)) << "a new one";
  for (const char* const key : {"a", "b", "c"}) {
    Put(*db, key, std::string(1000, 'x'));
    EXPECT_EQ(StatsOf(*db).disk_bytes, BytesOfAllFiles(disk)) << "put " << key;
    Flush(*db);
    EXPECT_EQ(StatsOf(*db).disk_bytes, BytesOfAllFiles(disk))
        << "flushed " << key;
  }
  Put(*db, "d", "1");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(StatsOf(*db).disk_bytes, BytesOfAllFiles(disk)) << "opened again";
}

constexpr uint64_t kMemTableBytes = 64 << 10;

Options WithSmallMemory() {
  Options options;
  options.memtable_bytes_max = kMemTableBytes;
  options.memory_bytes_max = 4 * kMemTableBytes;
  return options;
}

TEST(FlushTest, DataOfTenMemTablesIsReadAndMemoryStaysBounded) {
  Disk disk;
  SeededRandom random(1);
  Map expected;
  auto db = disk.Open(WithSmallMemory());
  for (int i = 0; expected.size() * 1000 < 10 * kMemTableBytes; ++i) {
    const std::string key = std::to_string(random.Below(1000));
    if (i % 7 == 0) {
      Delete(*db, key);
      expected.erase(key);
    } else {
      expected[key] = RandomBytes(random, 1000);
      Put(*db, key, expected[key]);
    }
    ASSERT_LE(StatsOf(*db).memory_bytes, 4 * kMemTableBytes)
        << "after " << i + 1 << " writes";
  }
  EXPECT_TRUE(Contents(*db) == expected);
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open(WithSmallMemory());
  EXPECT_TRUE(Contents(*db) == expected) << "after it was opened again";
}

TEST(FlushTest, OneWriteMayBeLargerThanAMemTable) {
  Disk disk;
  auto db = disk.Open(WithSmallMemory());
  Put(*db, "small", "1");
  const std::string large(kMemTableBytes + 1, 'x');
  Put(*db, "large", large);
  Put(*db, "small", "2");
  EXPECT_EQ(Contents(*db), (Map{{"large", large}, {"small", "2"}}));
}

// Each call that a flush makes fails once; the database must lose nothing, go
// on where it says that it can, and be whole when it is opened again.
TEST(FlushTest, WhateverFailsInAFlushNothingIsLost) {
  const Map written = {{"a", "2"}, {"c", "1"}};
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 200u) << "a flush of two keys takes fewer calls";
    Disk disk;
    auto db = disk.Open();
    Put(*db, "a", "1");
    Put(*db, "b", "1");
    Flush(*db);
    Put(*db, "a", "2");
    Put(*db, "c", "1");
    Delete(*db, "b");
    Fault fault;
    fault.kind = FaultKind::kAny;
    fault.nth = nth;
    disk.faults().Inject(fault);
    const Status failed = db->Flush();
    const bool fired = disk.faults().FaultsFired() > 0;
    disk.faults().ClearFaults();
    EXPECT_EQ(Contents(*db), written) << "call " << nth << " failed";
    const Status put = db->Put("d", "1");
    Map expected = written;
    if (put.ok()) {
      expected["d"] = "1";
    } else {
      EXPECT_EQ(put.code(), StatusCode::kReadOnly)
          << "call " << nth << ": " << put.ToString();
      EXPECT_FALSE(failed.ok()) << "call " << nth << ": nothing had failed";
    }
    if (put.ok()) {
      EXPECT_TRUE(db->Flush().ok()) << "call " << nth << ": it is tried again";
    }
    EXPECT_EQ(Contents(*db), expected) << "call " << nth;
    static_cast<void>(db->Close());
    db = disk.Open();
    EXPECT_EQ(Contents(*db), expected) << "call " << nth << ", opened again";
    if (!fired) {
      EXPECT_TRUE(failed.ok());
      EXPECT_GT(nth, 5u) << "a flush calls the file system";
      break;
    }
  }
}

// After a failed sync the pages may be marked clean, so that another sync would
// prove nothing: writing ends, and reading goes on. Whichever file it was.
TEST(FlushTest, AfterAFailedSyncNothingIsWritten) {
  for (const FaultKind kind :
       {FaultKind::kSyncDirectoryError, FaultKind::kSyncError}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 50u) << "a flush of a key takes fewer syncs";
      Disk disk;
      auto db = disk.Open();
      Put(*db, "a", "1");
      Fault fault;
      fault.kind = kind;
      fault.nth = nth;
      disk.faults().Inject(fault);
      const Status failed = db->Flush();
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.faults().ClearFaults();
      if (!fired) {
        EXPECT_GT(nth, 1u) << "a flush syncs what it writes";
        break;
      }
      const std::string which =
          std::string(FaultKindName(kind)) + " " + std::to_string(nth);
      EXPECT_TRUE(Fails(failed, StatusCode::kIoError)) << which;
      EXPECT_TRUE(Fails(db->Put("b", "1"), StatusCode::kReadOnly)) << which;
      EXPECT_EQ(Contents(*db), (Map{{"a", "1"}})) << which;
      static_cast<void>(db->Close());
      db = disk.Open();
      Put(*db, "b", "1");
      EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "1"}})) << which;
    }
  }
}

// A flush that failed is tried again when there is more in memory and in the
// log: what came in between must not go with the log of what was flushed.
TEST(FlushTest, WhatIsWrittenBehindAFailedFlushSurvivesTheNext) {
  const Map expected = {{"a", "1"}, {"b", "1"}};
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 50u) << "two flushes take fewer writes";
    Disk disk;
    auto db = disk.Open();
    Put(*db, "a", "1");
    disk.faults().Inject(testing::NoSpaceForFlushes());
    EXPECT_FALSE(db->Flush().ok());
    disk.faults().ClearFaults();
    ASSERT_TRUE(db->Put("b", "1", kSynced).ok());
    // The first table is named, and then something fails for good.
    Fault fault;
    fault.kind = FaultKind::kWriteError;
    fault.path_part = disk.path();
    fault.persistent = true;
    fault.nth = nth;
    disk.faults().Inject(fault);
    static_cast<void>(db->Flush());
    const bool fired = disk.faults().FaultsFired() > 0;
    disk.LosePower();
    db = disk.Open();
    EXPECT_EQ(Contents(*db), expected) << "write " << nth << " failed";
    if (!fired) {
      EXPECT_GT(nth, 1u) << "a flush writes";
      break;
    }
  }
}

// Flush says that everything is in tables when it returns Ok, also what an
// earlier one could not write, with or without writes in between.
TEST(FlushTest, TheOneAfterOneThatFailedFlushesAll) {
  for (const bool write_between : {false, true}) {
    Disk disk;
    auto db = disk.Open();
    Put(*db, "a", "1");
    Put(*db, "b", std::string(1000, 'b'));
    const uint64_t memory = StatsOf(*db).memory_bytes;
    disk.faults().Inject(testing::NoSpaceForFlushes());
    EXPECT_FALSE(db->Flush().ok());
    EXPECT_GE(StatsOf(*db).memory_bytes, memory)
        << "what could not be flushed is still in memory, and counted";
    disk.faults().ClearFaults();
    Map expected = {{"a", "1"}, {"b", std::string(1000, 'b')}};
    if (write_between) {
      Put(*db, "c", "1");
      expected["c"] = "1";
    }
    Flush(*db);
    EXPECT_LT(StatsOf(*db).memory_bytes, memory) << "memory is free again";
    ASSERT_TRUE(db->Close().ok());
    db = disk.Open();
    const auto report = db->GetRecoveryReport();
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->operations, 0u)
        << "all is in tables; written between: " << write_between;
    EXPECT_EQ(report->table_entries, expected.size());
    EXPECT_EQ(Contents(*db), expected);
  }
}

TEST(FlushTest, ASegmentThatIsGoneAlreadyIsInTheWayOfNone) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  MustBeOk(disk.memory().Remove(WalSegmentName(disk.path(), 1)), "Remove");
  ASSERT_TRUE(db->Flush().ok());
  Put(*db, "b", "1");
  ASSERT_TRUE(db->Flush().ok());
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "1"}}));
}

TEST(FlushTest, AFullDiskInAFlushIsAnErrorOfTheWriteThatNeededIt) {
  Disk disk;
  auto db = disk.Open(WithSmallMemory());
  Map expected;
  Fault fault;
  fault.kind = FaultKind::kNoSpace;
  fault.persistent = true;
  for (int i = 0; i < 60; ++i) {
    const std::string key = std::to_string(i);
    expected[key] = std::string(1000, 'x');
    Put(*db, key, expected[key]);
  }
  disk.faults().Inject(fault);
  const Status status = PutUntilOneFails(*db, 60, &expected);
  EXPECT_TRUE(Fails(status, StatusCode::kIoError, {disk.path()}));
  EXPECT_TRUE(Contents(*db) == expected) << "reads go on";
  disk.faults().ClearFaults();
  Put(*db, "after", "there was room again");
  expected["after"] = "there was room again";
  Flush(*db);
  EXPECT_TRUE(Contents(*db) == expected);
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_TRUE(Contents(*db) == expected);
}

// The tables are in memory too, and a delete goes there before it frees
// anything; but not each to a table of its own.
TEST(FlushTest, AFullMemoryTakesEveryDelete) {
  Options options;
  options.memory_bytes_max = 200'000;
  auto db = OpenEmpty(options);
  const auto long_key = [](int i) {
    std::string key = std::to_string(1000 + i);
    key.resize(1000, 'k');
    return key;
  };
  int count = 0;
  while (count < 1000 && db->Put(long_key(count), "").ok()) ++count;
  ASSERT_LT(count, 1000);
  ASSERT_GT(count, 10);
  size_t small = 0;
  while (small < 10'000 && db->Put(std::to_string(small), "").ok()) ++small;
  ASSERT_LT(small, 10'000u) << "not even a small one fits";
  const uint64_t tables = StatsOf(*db).tables;
  for (int i = 0; i < count; ++i) {
    const Status status = db->Delete(long_key(i));
    ASSERT_TRUE(status.ok()) << i << ": " << status.ToString();
  }
  EXPECT_EQ(KeysOf(*db).size(), small);
  EXPECT_LE(StatsOf(*db).tables, tables + 1);
}

// All of memory is what the flush could not write; nothing is written since.
TEST(FlushTest, AWriteMakesUpForTheFlushThatLeftNoRoom) {
  Disk disk;
  Options options;
  options.memory_bytes_max = kMemTableBytes;
  auto db = disk.Open(options);
  disk.faults().Inject(testing::NoSpaceForFlushes());
  Map expected;
  const Status status = PutUntilOneFails(*db, 0, &expected);
  EXPECT_TRUE(Fails(status, StatusCode::kIoError, {disk.path()}));
  const std::string value(2000, 'y');
  EXPECT_TRUE(Fails(db->Put("after", value), StatusCode::kIoError))
      << "it says what there is no room on";
  disk.faults().ClearFaults();
  const Status after = db->Put("after", value);
  EXPECT_TRUE(after.ok()) << "there is room again: " << after.ToString();
  expected["after"] = value;
  EXPECT_TRUE(Contents(*db) == expected);
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open(options);
  EXPECT_TRUE(Contents(*db) == expected) << "after it was opened again";
}

// Nothing fails but the table: the log would take the write, and memory too.
TEST(FlushTest, AWriteFailsWithTheFlushThatItNeeds) {
  Disk disk;
  auto db = disk.Open(WithSmallMemory());
  disk.faults().Inject(testing::NoSpaceForFlushes());
  Map expected;
  const Status status = PutUntilOneFails(*db, 0, &expected);
  EXPECT_TRUE(Fails(status, StatusCode::kIoError, {disk.path()}))
      << "100 writes of 1000 bytes do not fit into a memtable of 64 KiB";
  EXPECT_TRUE(Contents(*db) == expected);
  disk.faults().ClearFaults();
  Put(*db, "after", "there was room again");
  expected["after"] = "there was room again";
  EXPECT_TRUE(Contents(*db) == expected);
}

TEST(FlushTest, AfterCloseItIsRefused) {
  auto db = OpenEmpty();
  ASSERT_TRUE(db->Close().ok());
  EXPECT_TRUE(Fails(db->Flush(), StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace kv
