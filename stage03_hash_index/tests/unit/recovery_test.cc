// Goal: Open cuts off what a crash can leave at the end of the log, durably,
// and nothing else; damage that no crash can have done is Corruption, names
// file and offset, and changes no byte.
// Method: logs made by a database, then cut, damaged or lengthened by hand.
// What stands in the file afterwards is taken apart by the test itself: these
// tests open, write and close, and never ask the database for a value.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kv/file_names.h"
#include "support/disk.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

const std::string kLogFile = BaseName(DataLogName("/"));

// What the frames of the log say, one string a frame.
Strings Log(std::string_view file) {
  Strings frames;
  for (const FileFrame& frame : FramesIn(file)) {
    std::string text;
    if (frame.header.type == FrameType::kClose) text = "close";
    BatchReader reader(frame.payload);
    WriteBatch::Operation operation;
    while (reader.Next(&operation).value()) {
      if (!text.empty()) text += ", ";
      text += operation.kind == WriteBatch::Kind::kPut
          ? "put " + std::string(operation.key)
          : "delete " + std::string(operation.key);
    }
    frames.push_back(text);
  }
  return frames;
}

Strings Log(Disk& disk) {
  const std::string file = disk.Content(kLogFile);
  EXPECT_EQ(FramesEnd(file), file.size()) << "bytes behind the last frame";
  return Log(file);
}

void PutSynced(Database& db, std::string_view key) {
  MustBeOk(db.Put(key, "value", kSynced), "Put");
}

// Open must refuse with Corruption that names `offset`, and change nothing.
void ExpectCorruption(Disk& disk, uint64_t offset, const std::string& why) {
  const std::string before = disk.Content(kLogFile);
  const Status status = disk.TryOpen().status();
  EXPECT_TRUE(Fails(
      status, StatusCode::kCorruption,
      {disk.FilePath(kLogFile), std::to_string(offset)}))
      << why;
  EXPECT_TRUE(disk.Content(kLogFile) == before)
      << why << ": what is refused is left as it was";
}

std::string Flip(std::string file, uint64_t byte, unsigned bit = 0) {
  file[static_cast<size_t>(byte)] ^= static_cast<char>(1u << bit);
  return file;
}

// A log in which "a" and "b" are synced, then "c" and "d" written, and then
// the process died.
void MakeDiedLog(Disk& disk) {
  auto db = disk.Open();
  PutSynced(*db, "a");
  PutSynced(*db, "b");
  Put(*db, "c", "value");
  Put(*db, "d", "value");
  disk.KillProcess();
}

TEST(RecoveryTest, ALogThatEndsInAWholeFrameIsKept) {
  Disk disk;
  MakeDiedLog(disk);
  auto db = disk.Open();
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b", "put c", "put d"}));
}

TEST(RecoveryTest, WhatIsKeptIsMadeDurable) {
  Disk disk;
  MakeDiedLog(disk);
  auto db = disk.Open();
  disk.LosePower();
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b", "put c", "put d"}))
      << "a reader may have seen c and d";
}

TEST(RecoveryTest, ATailCutAtEachByteIsTrimmedToTheLastWholeFrame) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  const std::vector<FileFrame> frames = FramesIn(whole);
  const Strings all = {"put a", "put b", "put c", "put d"};
  for (uint64_t length = frames[1].End(); length <= whole.size(); ++length) {
    disk.SetContent(kLogFile, whole.substr(0, length));
    Strings expected;
    for (size_t i = 0; i < frames.size() && frames[i].End() <= length; ++i) {
      expected.push_back(all[i]);
    }
    auto db = disk.Open();
    ASSERT_EQ(Log(disk), expected) << "cut to " << length;
    db.reset();
  }
}

TEST(RecoveryTest, TheTailIsTrimmedDurably) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  disk.SetContent(kLogFile, whole.substr(0, whole.size() - 5));
  auto db = disk.Open();
  disk.LosePower();
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b", "put c"}))
      << "the trim was lost: a later write would stand where the tail was";
}

TEST(RecoveryTest, WritesAfterATornTailSurviveAnotherCrash) {
  Disk disk;
  MakeDiedLog(disk);
  for (int crash = 0; crash < 5; ++crash) {
    const std::string file = disk.Content(kLogFile);
    disk.SetContent(kLogFile, file + std::string(100, '\x5a'));
    auto db = disk.Open();
    PutSynced(*db, "crash " + std::to_string(crash));
    Put(*db, "lost", "value");
    disk.LosePower();
  }
  auto db = disk.Open();
  EXPECT_EQ(
      Log(disk),
      (Strings{
          "put a", "put b", "put c", "put d", "put crash 0", "put crash 1",
          "put crash 2", "put crash 3", "put crash 4"}));
}

TEST(RecoveryTest, GarbageAndZerosBehindTheLastFrameAreATornTail) {
  SeededRandom random(7);
  for (const std::string& tail :
       {std::string(1, '\0'), std::string(4096, '\0'), std::string(31, '\xff'),
        RandomBytes(random, 1000), std::string("kvlog\r\n\x1a")}) {
    Disk disk;
    MakeDiedLog(disk);
    disk.SetContent(kLogFile, disk.Content(kLogFile) + tail);
    auto db = disk.Open();
    EXPECT_EQ(Log(disk), (Strings{"put a", "put b", "put c", "put d"}));
  }
}

TEST(RecoveryTest, ALaterUnsyncedFrameDoesNotMakeALostOneCorruption) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  const FileFrame c = FramesIn(whole)[2];
  std::string file = whole;
  for (uint64_t i = c.offset; i < c.End(); ++i) {
    file[static_cast<size_t>(i)] = '\0';  // its block was lost, d's was not
  }
  disk.SetContent(kLogFile, file);
  auto db = disk.Open();
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b"}))
      << "d was never synced: a crash may keep it and lose c";
  PutSynced(*db, "e");
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b", "put e"}))
      << "d must not come back behind e";
}

TEST(RecoveryTest, AnUnsyncedTornFrameBetweenUnsyncedOnesIsATornTail) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  Put(*db, "c", "value");
  disk.KillProcess();
  const std::string whole = disk.Content(kLogFile);
  disk.SetContent(kLogFile, Flip(whole, kLogHeaderBytes + 3));
  db = disk.Open();
  EXPECT_EQ(Log(disk), Strings{}) << "nothing was ever synced";
}

TEST(RecoveryTest, DamageToAFrameThatALaterOneCallsSyncedIsCorruption) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (const FileFrame& frame : {frames[0], frames[1]}) {
    for (uint64_t byte = frame.offset; byte < frame.End(); ++byte) {
      disk.SetContent(kLogFile, Flip(whole, byte, byte % 8));
      ExpectCorruption(
          disk, frame.offset, "byte " + std::to_string(byte) + " was synced");
    }
  }
}

TEST(RecoveryTest, DamageToAFrameThatNoLaterOneCallsSyncedIsATornTail) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (uint64_t byte = frames[2].offset; byte < whole.size(); ++byte) {
    disk.SetContent(kLogFile, Flip(whole, byte, byte % 8));
    auto db = disk.Open();
    ASSERT_EQ(
        Log(disk),
        byte < frames[2].End() ? (Strings{"put a", "put b"})
                               : (Strings{"put a", "put b", "put c"}))
        << "byte " << byte;
    db.reset();
  }
}

// The frame behind need not be whole: its header says what was synced.
TEST(RecoveryTest, ALaterFrameWhosePayloadIsTornStillSaysWhatWasSynced) {
  Disk disk;
  MakeDiedLog(disk);
  std::string file = disk.Content(kLogFile);
  const std::vector<FileFrame> frames = FramesIn(file);
  file = file.substr(0, frames[2].offset + kFrameHeaderBytes + 1);
  disk.SetContent(kLogFile, Flip(file, frames[1].offset));
  ExpectCorruption(disk, frames[1].offset, "b was synced before c was written");
}

TEST(RecoveryTest, WhatRecoveryKeptWasSyncedForLaterFrames) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");  // never synced by its writer
  disk.KillProcess();
  db = disk.Open();
  Put(*db, "b", "value");
  disk.KillProcess();
  const std::string whole = disk.Content(kLogFile);
  disk.SetContent(kLogFile, Flip(whole, kLogHeaderBytes));
  ExpectCorruption(
      disk, kLogHeaderBytes, "recovery synced a before b was written");
}

TEST(RecoveryTest, AfterACleanCloseDamageToAnyFrameIsCorruption) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  ASSERT_TRUE(db->Close().ok());
  const std::string whole = disk.Content(kLogFile);
  const std::vector<FileFrame> frames = FramesIn(whole);
  ASSERT_EQ(Log(whole), (Strings{"put a", "put b", "close"}));
  for (const FileFrame& frame : {frames[0], frames[1]}) {
    for (uint64_t byte = frame.offset; byte < frame.End(); ++byte) {
      disk.SetContent(kLogFile, Flip(whole, byte, byte % 8));
      ExpectCorruption(disk, frame.offset, "the log was closed cleanly");
    }
  }
}

TEST(RecoveryTest, BytesBehindACloseFrameAreCorruption) {
  SeededRandom random(8);
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  ASSERT_TRUE(db->Close().ok());
  const std::string whole = disk.Content(kLogFile);
  for (const std::string& tail :
       {std::string(1, '\0'), std::string(100, '\0'),
        RandomBytes(random, 64)}) {
    disk.SetContent(kLogFile, whole + tail);
    ExpectCorruption(disk, whole.size(), "a crash does not lengthen it");
  }
}

TEST(RecoveryTest, AnIntactFrameBehindACloseFrameIsCorruption) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  ASSERT_TRUE(db->Close().ok());
  const std::string whole = disk.Content(kLogFile);
  WriteBatch batch;
  batch.Put("b", "value");
  for (const FrameType type : {FrameType::kBatch, FrameType::kClose}) {
    std::string tail;
    EncodeFrame(
        IdentityOf(whole), whole.size(), whole.size(), type,
        type == FrameType::kBatch ? batch.Payload() : std::string_view(),
        &tail);
    disk.SetContent(kLogFile, whole + tail);
    ExpectCorruption(
        disk, whole.size(),
        "the close frame goes durably before anything is written");
  }
}

TEST(RecoveryTest, ATornCloseFrameIsATornTail) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  ASSERT_TRUE(db->Close().ok());
  const std::string whole = disk.Content(kLogFile);
  const uint64_t end = FramesIn(whole)[0].End();
  for (uint64_t length = end; length < whole.size(); ++length) {
    disk.SetContent(kLogFile, whole.substr(0, length));
    db = disk.Open();
    ASSERT_EQ(Log(disk), (Strings{"put a"})) << "cut to " << length;
    db.reset();
  }
}

TEST(RecoveryTest, OpenKeepsTheCloseFrameAndTheFirstWriteTakesItsPlace) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Log(disk), (Strings{"put a", "close"}));
  Put(*db, "b", "value");
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b"}));
  ASSERT_TRUE(db->Close().ok());
  EXPECT_EQ(Log(disk), (Strings{"put a", "put b", "close"}));
}

TEST(RecoveryTest, AfterTheFirstWriteATornTailIsOneAgain) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  Put(*db, "b", "value");
  disk.KillProcess();
  const std::string whole = disk.Content(kLogFile);
  disk.SetContent(kLogFile, whole.substr(0, whole.size() - 3));
  db = disk.Open();
  EXPECT_EQ(Log(disk), (Strings{"put a"}));
}

TEST(RecoveryTest, ABatchIsWholeOrNotThere) {
  Disk disk;
  auto db = disk.Open();
  PutSynced(*db, "a");
  WriteBatch batch;
  batch.Put("b", "value");
  batch.Delete("a");
  batch.Put("c", "value");
  Write(*db, batch);
  disk.KillProcess();
  const std::string whole = disk.Content(kLogFile);
  const uint64_t begin = FramesIn(whole)[1].offset;
  for (uint64_t length = begin; length <= whole.size(); ++length) {
    disk.SetContent(kLogFile, whole.substr(0, length));
    db = disk.Open();
    ASSERT_EQ(
        Log(disk),
        length < whole.size() ? (Strings{"put a"})
                              : (Strings{"put a", "put b, delete a, put c"}))
        << "cut to " << length;
    db.reset();
  }
}

TEST(RecoveryTest, FramesInsideAValueAreNotTakenForFrames) {
  Disk disk;
  auto db = disk.Open();
  PutSynced(*db, "a");
  const std::string before = disk.Content(kLogFile);
  // A frame of this very log, but of another place, that speaks of syncs.
  std::string inner;
  EncodeFrame(
      IdentityOf(before), 1000000, 999999, FrameType::kClose, {}, &inner);
  Put(*db, "b", inner + inner);
  disk.KillProcess();
  const std::string whole = disk.Content(kLogFile);
  disk.SetContent(kLogFile, Flip(whole, before.size()));
  db = disk.Open();
  EXPECT_EQ(Log(disk), (Strings{"put a"}))
      << "what a user stores must not decide what is damage";
}

TEST(RecoveryTest, ADamagedLogHeaderIsCorruptionAndNamesTheFile) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  for (uint64_t byte = 0; byte < kLogHeaderBytes; ++byte) {
    const std::string damaged = Flip(whole, byte, byte % 8);
    disk.SetContent(kLogFile, damaged);
    const Status status = disk.TryOpen().status();
    ASSERT_FALSE(status.ok()) << "byte " << byte;
    EXPECT_NE(status.message().find(kLogFile), std::string_view::npos)
        << status.ToString();
    ASSERT_EQ(disk.Content(kLogFile), damaged) << "byte " << byte;
  }
  for (uint64_t length = 0; length < kLogHeaderBytes; ++length) {
    disk.SetContent(kLogFile, whole.substr(0, length));
    EXPECT_TRUE(
        Fails(disk.TryOpen().status(), StatusCode::kCorruption, {kLogFile}))
        << "a log gets its name when its header is durable, so no crash cuts "
           "it: "
        << length;
  }
}

TEST(RecoveryTest, RecoveryThatFailsAtAnyCallCanBeRunAgain) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string torn = disk.Content(kLogFile) + std::string(50, '\x33');
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 1000u);
    disk.SetContent(kLogFile, torn);
    Fault fault;
    fault.kind = FaultKind::kAny;
    fault.nth = nth;
    fault.persistent = true;
    disk.faults().Inject(fault);
    Result<std::unique_ptr<Database>> db = disk.TryOpen();
    const bool fired = disk.faults().FaultsFired() > 0;
    if (!fired) {
      EXPECT_TRUE(db.ok()) << db.status().ToString();
    }
    disk.LosePower(nth % 2 == 0);
    auto again = disk.Open();
    ASSERT_EQ(Log(disk), (Strings{"put a", "put b", "put c", "put d"}))
        << "recovery failed at call " << nth;
    again.reset();
    if (!fired) break;
  }
}

TEST(RecoveryTest, AFileThatIsReadTooShortIsNotTrimmed) {
  Disk disk;
  MakeDiedLog(disk);
  const std::string whole = disk.Content(kLogFile);
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 1000u);
    Fault fault;
    fault.kind = FaultKind::kShortRead;
    fault.nth = nth;
    disk.faults().Inject(fault);
    static_cast<void>(disk.TryOpen());
    const bool fired = disk.faults().FaultsFired() > 0;
    disk.faults().ClearFaults();
    ASSERT_GE(Log(disk.Content(kLogFile)).size(), 4u)
        << "read " << nth << " gave too little, and that was taken for a "
        << "torn tail";
    if (!fired) break;
  }
}

TEST(RecoveryTest, TheOffsetInTheErrorIsWhereTheBadFrameBegins) {
  Disk disk;
  auto db = disk.Open();
  for (int i = 0; i < 20; ++i) PutSynced(*db, std::to_string(i));
  ASSERT_TRUE(db->Close().ok());
  const std::string whole = disk.Content(kLogFile);
  for (const FileFrame& frame : FramesIn(whole)) {
    if (frame.header.type == FrameType::kClose) continue;
    disk.SetContent(kLogFile, Flip(whole, frame.End() - 1));
    ExpectCorruption(disk, frame.offset, "a payload's last byte");
  }
}

}  // namespace
}  // namespace kv
