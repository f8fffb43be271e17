// Goal: answers come from the log's last word on a key; a frame that is
// damaged while the database is open is an error, never "not found" and never
// a wrong value.
// Method: writes that repeat and hide each other; bytes changed behind the
// open database's back.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "kv/file_names.h"
#include "support/disk.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

const std::string kLogFile = BaseName(DataLogName("/"));

TEST(LogScanTest, TheLastWriteOfAKeyWins) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "1");
  Put(*db, "a", "2");
  Delete(*db, "b");
  Put(*db, "c", "1");
  Put(*db, "b", "2");
  Delete(*db, "c");
  EXPECT_EQ(Contents(*db), (Map{{"a", "2"}, {"b", "2"}}));
}

TEST(LogScanTest, WithinABatchTheLastOperationWins) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Put("a", "2");
  batch.Put("b", "1");
  batch.Delete("b");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"a", "2"}}));
}

TEST(LogScanTest, AKeyIsNotFoundInTheBytesOfAValue) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch inner;
  inner.Put("hidden", "1");
  Put(*db, "a", inner.Payload());
  EXPECT_EQ(Read(*db, "hidden"), "(not found)");
  EXPECT_EQ(KeysOf(*db), (std::vector<std::string>{"a"}));
}

TEST(LogScanTest, TheCloseFrameIsNoOperation) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}}));
  Put(*db, "b", "2");
  EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}}));
}

TEST(LogScanTest, ManyKeysAreAllFound) {
  Disk disk;
  auto db = disk.Open();
  Map expected;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "key" + std::to_string(i % 170);
    expected[key] = std::to_string(i);
    Put(*db, key, std::to_string(i));
  }
  EXPECT_EQ(Contents(*db), expected);
  EXPECT_EQ(StatsOf(*db).estimated_keys, expected.size());
}

TEST(LogScanTest, DamageUnderAnOpenDatabaseIsAnError) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  const std::string whole = disk.Content(kLogFile);
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (uint64_t byte = frames[0].offset; byte < frames[0].End(); ++byte) {
    std::string damaged = whole;
    damaged[static_cast<size_t>(byte)] ^= 1;
    disk.SetContent(kLogFile, damaged);
    const Status status = db->Get("a").status();
    ASSERT_TRUE(Fails(
        status, StatusCode::kCorruption,
        {kLogFile, std::to_string(frames[0].offset)}))
        << "byte " << byte;
  }
  disk.SetContent(kLogFile, whole);
  EXPECT_EQ(Read(*db, "a"), "value");
}

TEST(LogScanTest, AReadThatFailsLeavesTheValueAsItWas) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Fault fault;
  fault.kind = FaultKind::kReadError;
  disk.faults().Inject(fault);
  std::string value = "as it was";
  EXPECT_TRUE(Fails(db->GetInto("a", &value), StatusCode::kIoError));
  EXPECT_EQ(value, "as it was");
}

TEST(LogScanTest, KeysAndStatsReportAFailedRead) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Fault fault;
  fault.kind = FaultKind::kReadError;
  fault.persistent = true;
  disk.faults().Inject(fault);
  EXPECT_TRUE(Fails(db->Keys().status(), StatusCode::kIoError));
  EXPECT_TRUE(Fails(db->Exists("a").status(), StatusCode::kIoError));
  EXPECT_TRUE(Fails(db->Rename("a", "b"), StatusCode::kIoError));
}

}  // namespace
}  // namespace kv
