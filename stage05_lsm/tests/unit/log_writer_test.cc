// Goal: a frame is one write; what Append and Sync promise holds when the disk
// fails; a log that cannot be trusted any more refuses everything.
// Method: the file is taken apart after each call, as it is and as a power
// loss would leave it; the file system fails at chosen calls.

#include "log/log_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/log_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

TEST(LogWriterTest, ANewLogIsItsHeaderAndIsDurable) {
  LogFile log;
  std::string header;
  EncodeLogHeader(log.identity(), &header);
  EXPECT_EQ(log.Content(), header);
  EXPECT_EQ(log.DurableContent(), header);
}

TEST(LogWriterTest, FramesStandOneAfterAnother) {
  LogFile log;
  auto writer = log.Continue();
  EXPECT_EQ(writer->Offset(), kLogHeaderBytes);
  Append(*writer, "one");
  EXPECT_EQ(writer->Offset(), kLogHeaderBytes + kFrameHeaderBytes + 3);
  Append(*writer, "");
  Append(*writer, std::string(5000, 'x'));
  EXPECT_EQ(
      Payloads(log.Content()), (Strings{"one", "", std::string(5000, 'x')}));
  EXPECT_EQ(FramesEnd(log.Content()), log.Content().size());
  EXPECT_EQ(writer->Offset(), log.Content().size());
}

TEST(LogWriterTest, AFrameIsOneWrite) {
  LogFile log;
  auto writer = log.Continue();
  log.faults().ResetCounts();
  Append(*writer, std::string(300, 'x'));
  EXPECT_EQ(log.faults().Calls(FileCall::kAppend), 1u);
  EXPECT_EQ(log.faults().BytesAppended(), LogWriter::FrameBytes(300));
  EXPECT_EQ(log.faults().Calls(FileCall::kSync), 0u);
}

TEST(LogWriterTest, AnAppendedFrameIsWithTheSystemAtOnce) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  auto next = log.memory().ProcessDeath();
  Result<std::string> content = ReadFile(next.get(), log.path());
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(Payloads(*content), (Strings{"one"}));
}

TEST(LogWriterTest, SyncMakesAllFramesDurable) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  Append(*writer, "two");
  ASSERT_TRUE(writer->Sync().ok());
  EXPECT_EQ(Payloads(log.DurableContent()), (Strings{"one", "two"}));
}

TEST(LogWriterTest, EachFrameSaysHowFarTheLogWasSynced) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  Append(*writer, "two");
  ASSERT_TRUE(writer->Sync().ok());
  const uint64_t synced = writer->Offset();
  Append(*writer, "three");
  Append(*writer, "four");
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(frames[0].header.synced_bytes, kLogHeaderBytes);
  EXPECT_EQ(frames[1].header.synced_bytes, kLogHeaderBytes)
      << "the frame before it was not synced yet";
  EXPECT_EQ(frames[2].header.synced_bytes, synced);
  EXPECT_EQ(frames[3].header.synced_bytes, synced);
}

TEST(LogWriterTest, AContinuedLogIsSyncedUpToItsEnd) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  ASSERT_TRUE(writer->Sync().ok());
  writer = log.Continue();
  Append(*writer, "two");
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[1].header.synced_bytes, frames[1].offset)
      << "all of a log that is continued is durable";
}

TEST(LogWriterTest, AFailedAppendLeavesTheLogAsItWas) {
  for (const FaultKind kind :
       {FaultKind::kWriteError, FaultKind::kNoSpace, FaultKind::kShortWrite}) {
    LogFile log;
    auto writer = log.Continue();
    Append(*writer, "one");
    const std::string before = log.Content();
    log.Fail(kind);
    EXPECT_FALSE(writer->Append(FrameType::kBatch, std::string(300, 'x')).ok());
    EXPECT_EQ(log.faults().FaultsFired(), 1u)
        << FaultKindName(kind) << ": the write was not even tried";
    EXPECT_TRUE(SameBytes(log.Content(), before))
        << FaultKindName(kind)
        << ": what the failed write left of its frame stands in the log";
    EXPECT_EQ(writer->Offset(), before.size())
        << FaultKindName(kind) << ": a failed write moves nothing";
  }
}

TEST(LogWriterTest, AFrameAfterAFailedAppendIsNotHidden) {
  for (const FaultKind kind :
       {FaultKind::kWriteError, FaultKind::kNoSpace, FaultKind::kShortWrite}) {
    LogFile log;
    auto writer = log.Continue();
    Append(*writer, "one");
    log.Fail(kind);
    EXPECT_FALSE(writer->Append(FrameType::kBatch, std::string(300, 'x')).ok());
    Append(*writer, "two");
    ASSERT_TRUE(writer->Sync().ok());
    EXPECT_EQ(Payloads(log.DurableContent()), (Strings{"one", "two"}))
        << FaultKindName(kind)
        << ": remains of the failed write stand in front of \"two\", so no "
           "reader gets to it";
    EXPECT_EQ(FramesEnd(log.Content()), log.Content().size())
        << FaultKindName(kind) << ": bytes that are no frame are in the log";
  }
}

TEST(LogWriterTest, RemainsThatCannotBeRemovedMakeTheLogReadOnly) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  log.Fail(FaultKind::kShortWrite);
  log.Fail(FaultKind::kAny, 2);  // the call that would remove the remains
  ASSERT_FALSE(writer->Append(FrameType::kBatch, std::string(300, 'x')).ok());
  log.faults().ClearFaults();
  EXPECT_TRUE(Fails(
      writer->Append(FrameType::kBatch, "two"), StatusCode::kReadOnly,
      {log.path()}))
      << "a frame behind the remains would never be found";
  EXPECT_TRUE(Fails(writer->Sync(), StatusCode::kReadOnly))
      << "a log with remains that could not be removed refuses everything";
  EXPECT_EQ(Payloads(log.Content()), (Strings{"one"}))
      << "what is refused writes nothing";
}

TEST(LogWriterTest, AfterAFailedSyncEverythingIsRefused) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  log.Fail(FaultKind::kSyncError);
  EXPECT_TRUE(Fails(writer->Sync(), StatusCode::kIoError))
      << "the call that fails returns the cause; later ones return ReadOnly";
  const std::string before = log.Content();
  EXPECT_TRUE(Fails(
      writer->Append(FrameType::kBatch, "two"), StatusCode::kReadOnly,
      {log.path()}));
  EXPECT_TRUE(Fails(writer->Sync(), StatusCode::kReadOnly))
      << "a second sync that succeeds would prove nothing";
  EXPECT_TRUE(SameBytes(log.Content(), before))
      << "what is refused writes nothing";
}

TEST(LogWriterTest, TheReadOnlyErrorNamesItsCause) {
  LogFile log;
  auto writer = log.Continue();
  log.Fail(FaultKind::kSyncError);
  const Status cause = writer->Sync();
  ASSERT_FALSE(cause.ok());
  EXPECT_TRUE(Fails(
      writer->Sync(), StatusCode::kReadOnly, {log.path(), cause.message()}))
      << "ReadOnly names the file and what went wrong first";
}

TEST(LogWriterTest, NoFrameSaysThatSomethingWasSyncedThatWasNot) {
  SeededRandom random(6);
  LogFile log;
  auto writer = log.Continue();
  uint64_t synced = kLogHeaderBytes;
  for (int i = 0; i < 500; ++i) {
    if (random.OneIn(4)) {
      ASSERT_TRUE(writer->Sync().ok());
      synced = writer->Offset();
    }
    if (random.OneIn(5)) {
      log.Fail(FaultKind::kShortWrite);
      ASSERT_FALSE(writer->Append(FrameType::kBatch, "it fails").ok());
      log.faults().ClearFaults();
    }
    Append(*writer, RandomBytes(random, random.Below(100)));
    const uint64_t said = FramesIn(log.Content()).back().header.synced_bytes;
    ASSERT_EQ(said, synced) << "frame " << i;
  }
}

TEST(LogWriterCloseTest, CloseMakesAllDurableAndEndsWithACloseFrame) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_EQ(Payloads(log.DurableContent()), (Strings{"one", "(close)"}));
  const FileFrame close = FramesIn(log.Content()).back();
  EXPECT_EQ(close.header.synced_bytes, close.offset)
      << "all before a close frame was durable when it was written";
  EXPECT_EQ(close.payload, "");
  EXPECT_EQ(FramesEnd(log.Content()), log.Content().size());
}

TEST(LogWriterCloseTest, AllIsDurableBeforeTheCloseFrameIsWritten) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  Append(*writer, "two");
  // A power loss at each call of Close that keeps the last unsynced write
  // alone would show a close frame behind a hole.
  log.memory().SetObserver([&log](uint64_t) {
    const std::vector<std::string> now = Payloads(log.Content());
    if (now.empty() || now.back() != "(close)") return;
    EXPECT_GE(Payloads(log.DurableContent()).size(), 2u)
        << "a close frame is there, and what it speaks of may be lost";
  });
  ASSERT_TRUE(writer->Close().ok());
  log.memory().SetObserver(nullptr);
}

TEST(LogWriterCloseTest, AClosedLogThatIsOnlyOpenedGetsNoSecondCloseFrame) {
  LogFile log;
  ASSERT_TRUE(log.Continue()->Close().ok());
  const std::string before = log.Content();
  ASSERT_TRUE(log.Continue()->Close().ok());
  EXPECT_TRUE(SameBytes(log.Content(), before))
      << "a log that ends in a close frame is closed without a write";
}

TEST(LogWriterCloseTest, TheFirstAppendTakesThePlaceOfTheCloseFrame) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  ASSERT_TRUE(writer->Close().ok());
  writer = log.Continue();
  Append(*writer, "two");
  EXPECT_EQ(Payloads(log.Content()), (Strings{"one", "two"}));
  EXPECT_EQ(FramesEnd(log.Content()), log.Content().size());
}

TEST(LogWriterCloseTest, NothingEverStandsBehindACloseFrame) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  ASSERT_TRUE(writer->Close().ok());
  writer = log.Continue();
  // At each call: neither the file nor what a power loss leaves of it may have
  // bytes behind a close frame.
  log.memory().SetObserver([&log](uint64_t call) {
    for (const std::string& file : {log.Content(), log.DurableContent()}) {
      const std::vector<FileFrame> frames = FramesIn(file);
      for (const FileFrame& frame : frames) {
        EXPECT_FALSE(
            frame.header.type == FrameType::kClose && frame.End() < file.size())
            << "at call " << call;
      }
    }
    // The unsynced bytes alone: an append may survive that followed an
    // unsynced truncation which did not.
    const UnsyncedChanges unsynced = log.memory().Unsynced();
    for (const DirtyFile& file : unsynced.files) {
      bool truncated = false;
      for (const UnsyncedWrite& write : file.writes) {
        EXPECT_FALSE(truncated && !write.is_truncate)
            << "at call " << call
            << " a frame is written before the removal of the close frame is "
               "durable";
        truncated = truncated || write.is_truncate;
      }
    }
  });
  Append(*writer, "two");
  log.memory().SetObserver(nullptr);
}

TEST(LogWriterCloseTest, ACloseFrameThatCannotBeRemovedRefusesTheAppend) {
  LogFile log;
  ASSERT_TRUE(log.Continue()->Close().ok());
  auto writer = log.Continue();
  const std::string before = log.Content();
  log.Fail(FaultKind::kAny);
  EXPECT_FALSE(writer->Append(FrameType::kBatch, "one").ok());
  EXPECT_TRUE(SameBytes(log.Content(), before))
      << "a failed append changes nothing";
}

TEST(LogWriterCloseTest, CloseReturnsTheErrorAndWritesNoCloseFrame) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  log.Fail(FaultKind::kSyncError);
  EXPECT_FALSE(writer->Close().ok());
  EXPECT_EQ(Payloads(log.Content()), (Strings{"one"}))
      << "a log whose sync failed was not closed cleanly";
}

TEST(LogWriterCloseTest, CloseAfterAFailedSyncSaysSo) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  log.Fail(FaultKind::kSyncError);
  ASSERT_FALSE(writer->Sync().ok());
  EXPECT_TRUE(Fails(writer->Close(), StatusCode::kReadOnly, {log.path()}));
  EXPECT_EQ(Payloads(log.Content()), (Strings{"one"}));
}

TEST(LogWriterCloseTest, EachErrorOfCloseIsReturned) {
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 100u);
    LogFile log;
    auto writer = log.Continue();
    Append(*writer, "one");
    log.Fail(FaultKind::kAny, nth);
    const Status closed = writer->Close();
    if (log.faults().FaultsFired() == 0) {
      EXPECT_TRUE(closed.ok());
      EXPECT_GT(nth, 3u) << "sync, append and sync at least";
      break;
    }
    EXPECT_FALSE(closed.ok()) << "the error of call " << nth << " was dropped";
  }
}

}  // namespace
}  // namespace kv
