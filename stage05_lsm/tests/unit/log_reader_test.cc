// Goal: a reader gives exactly the frames that were written, and stops with
// Corruption, file and offset at the first byte that is not theirs; it asks
// for no more memory than the file is long.
// Method: logs written frame by frame, then cut at every byte, with every bit
// flipped, with lengths that lie.

#include "log/log_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/checksum.h"
#include "common/testing/allocation_guard.h"
#include "kv/coding.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

struct ReadResult {
  Strings payloads;
  Status status;  // Ok: the end was reached
  uint64_t offset = 0;
};

// Reads `bytes` of the file, or all of it.
ReadResult ReadAll(LogFile& log, uint64_t bytes = UINT64_MAX) {
  auto file = log.faults().OpenForRandomRead(log.path());
  MustBeOk(file.status(), "OpenForRandomRead");
  std::string scratch;
  LogReader reader(
      file->get(), log.path(), log.identity(),
      std::min<uint64_t>(bytes, log.Content().size()), &scratch);
  ReadResult result;
  Frame frame;
  for (;;) {
    const Result<bool> more = reader.Next(&frame);
    result.offset = reader.Offset();
    if (!more.ok()) {
      result.status = more.status();
      return result;
    }
    if (!*more) return result;
    result.payloads.push_back(
        frame.type == FrameType::kClose ? "(close)"
                                        : std::string(frame.payload));
  }
}

// A log with these frames.
void Fill(LogFile& log, const Strings& payloads) {
  auto writer = log.Continue();
  for (const std::string& payload : payloads) Append(*writer, payload);
}

TEST(LogReaderTest, AnEmptyLogHasNoFrame) {
  LogFile log;
  const ReadResult result = ReadAll(log);
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_EQ(result.payloads, Strings{});
  EXPECT_EQ(result.offset, kLogHeaderBytes);
}

TEST(LogReaderTest, FramesComeBackInTheirOrder) {
  LogFile log;
  const Strings payloads = {"one", "", std::string(300, 'x'), "four"};
  Fill(log, payloads);
  const ReadResult result = ReadAll(log);
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_EQ(result.payloads, payloads);
  EXPECT_EQ(result.offset, log.Content().size());
}

TEST(LogReaderTest, AFrameKnowsWhereItStandsAndWhatItIs) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  MustBeOk(writer->Append(FrameType::kClose, {}), "Append");
  auto file = log.faults().OpenForRandomRead(log.path());
  ASSERT_TRUE(file.ok());
  std::string scratch;
  LogReader reader(
      file->get(), log.path(), log.identity(), log.Content().size(), &scratch);
  Frame frame;
  ASSERT_TRUE(reader.Next(&frame).value());
  EXPECT_EQ(frame.offset, kLogHeaderBytes);
  EXPECT_EQ(frame.type, FrameType::kBatch);
  EXPECT_EQ(frame.End(), kLogHeaderBytes + kFrameHeaderBytes + 3);
  EXPECT_EQ(reader.Offset(), frame.End());
  ASSERT_TRUE(reader.Next(&frame).value());
  EXPECT_EQ(frame.type, FrameType::kClose);
  EXPECT_FALSE(reader.Next(&frame).value());
  EXPECT_FALSE(reader.Next(&frame).value()) << "the end stays the end";
}

TEST(LogReaderTest, FramesOfEverySizeAroundTheReadersBufferComeBack) {
  LogFile log;
  SeededRandom random(1);
  Strings payloads;
  for (const size_t size :
       {size_t{1} << 18, (size_t{1} << 18) - 32, (size_t{1} << 18) - 33,
        (size_t{1} << 18) - 31, size_t{700000}, size_t{5}}) {
    payloads.push_back(RandomBytes(random, size));
    payloads.push_back(RandomBytes(random, 100));
  }
  Fill(log, payloads);
  const ReadResult result = ReadAll(log);
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_TRUE(result.payloads == payloads);
}

TEST(LogReaderTest, ManySmallFramesComeBack) {
  LogFile log;
  SeededRandom random(2);
  Strings payloads;
  for (int i = 0; i < 20000; ++i) {
    payloads.push_back(RandomBytes(random, random.Below(60)));
  }
  Fill(log, payloads);
  EXPECT_TRUE(ReadAll(log).payloads == payloads);
}

TEST(LogReaderTest, ManyFramesTakeFewReads) {
  LogFile log;
  Fill(log, Strings(10000, std::string(68, 'x')));  // 1 MB
  log.faults().ResetCounts();
  EXPECT_EQ(ReadAll(log).payloads.size(), 10000u);
  EXPECT_LE(log.faults().Calls(FileCall::kRead), 100u)
      << "a scan reads many frames at once";
}

TEST(LogReaderTest, SeekGoesToAFrame) {
  LogFile log;
  Fill(log, {"one", "two", "three"});
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  auto file = log.faults().OpenForRandomRead(log.path());
  ASSERT_TRUE(file.ok());
  std::string scratch;
  LogReader reader(
      file->get(), log.path(), log.identity(), log.Content().size(), &scratch);
  Frame frame;
  reader.Seek(frames[2].offset);
  ASSERT_TRUE(reader.Next(&frame).value());
  EXPECT_EQ(frame.payload, "three");
  reader.Seek(frames[0].offset);
  ASSERT_TRUE(reader.Next(&frame).value());
  EXPECT_EQ(frame.payload, "one");
  reader.Seek(frames[1].offset + 1);
  EXPECT_EQ(reader.Next(&frame).status().code(), StatusCode::kCorruption)
      << "no frame begins there";
}

TEST(LogReaderTest, BytesBehindTheGivenLengthAreNotRead) {
  LogFile log;
  Fill(log, {"one", "two"});
  const uint64_t end = FramesIn(log.Content())[0].End();
  const ReadResult result = ReadAll(log, end);
  EXPECT_TRUE(result.status.ok());
  EXPECT_EQ(result.payloads, (Strings{"one"}));
}

TEST(LogReaderTest, EachTruncationIsCorruptionWhereTheCutFrameBegins) {
  LogFile log;
  const Strings payloads = {"one", "", std::string(40, 'x')};
  Fill(log, payloads);
  const std::string whole = log.Content();
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (size_t length = kLogHeaderBytes; length <= whole.size(); ++length) {
    log.SetContent(whole.substr(0, length));
    Strings expected;
    uint64_t end = kLogHeaderBytes;
    for (size_t i = 0; i < frames.size() && frames[i].End() <= length; ++i) {
      expected.push_back(payloads[i]);
      end = frames[i].End();
    }
    const ReadResult result = ReadAll(log);
    ASSERT_EQ(result.payloads, expected) << "cut to " << length;
    ASSERT_EQ(result.offset, end) << "cut to " << length;
    if (end == length) {
      ASSERT_TRUE(result.status.ok()) << "cut to " << length;
    } else {
      ASSERT_TRUE(Fails(
          result.status, StatusCode::kCorruption,
          {log.path(), std::to_string(end)}))
          << "cut to " << length;
    }
  }
}

TEST(LogReaderTest, EachFlippedBitIsCorruptionWhereItsFrameBegins) {
  LogFile log;
  const Strings payloads = {"one", std::string(20, 'x'), "three"};
  Fill(log, payloads);
  const std::string whole = log.Content();
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (size_t bit = kLogHeaderBytes * 8; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    log.SetContent(flipped);
    size_t hit = 0;
    while (frames[hit].End() <= bit / 8) ++hit;
    const ReadResult result = ReadAll(log);
    ASSERT_EQ(
        result.payloads, Strings(payloads.begin(), payloads.begin() + hit))
        << "bit " << bit;
    ASSERT_TRUE(Fails(
        result.status, StatusCode::kCorruption,
        {log.path(), std::to_string(frames[hit].offset)}))
        << "bit " << bit;
  }
}

// A header whose checksum is right and whose length is not.
TEST(LogReaderTest, ALengthBeyondTheFileIsCorruptionAndTakesNoMemory) {
  for (const uint32_t length : {8u, 1u << 20, 1u << 31, UINT32_MAX}) {
    LogFile log;
    Fill(log, {"one"});
    std::string file = log.Content();
    const uint64_t offset = file.size();
    const uint64_t place = log.identity().id + offset;
    std::string rest;
    PutFixed32(&rest, length);
    PutFixed32(&rest, Checksum32("payload", place));
    PutFixed32(&rest, static_cast<uint32_t>(FrameType::kBatch));
    PutFixed64(&rest, log.identity().number);
    PutFixed64(&rest, kLogHeaderBytes);
    PutFixed32(&file, Checksum32(rest, place));
    log.SetContent(file + rest + "payload");
    const testing::AllocationGuard guard(1 << 20);
    const ReadResult result = ReadAll(log);
    EXPECT_TRUE(
        Fails(result.status, StatusCode::kCorruption, {std::to_string(offset)}))
        << length;
    EXPECT_EQ(result.payloads, (Strings{"one"}));
    EXPECT_FALSE(guard.WasExceeded())
        << guard.Greatest() << " bytes were asked for at once, for a file of "
        << file.size();
  }
}

TEST(LogReaderTest, ZerosAndGarbageAreNoFrames) {
  SeededRandom random(3);
  for (const size_t count : {1u, 31u, 32u, 33u, 100u, 5000u}) {
    for (const std::string& tail :
         {std::string(count, '\0'), std::string(count, '\xff'),
          RandomBytes(random, count)}) {
      LogFile log;
      Fill(log, {"one"});
      const uint64_t end = log.Content().size();
      log.SetContent(log.Content() + tail);
      const ReadResult result = ReadAll(log);
      EXPECT_EQ(result.payloads, (Strings{"one"}));
      EXPECT_EQ(result.offset, end);
      EXPECT_EQ(result.status.code(), StatusCode::kCorruption);
    }
  }
}

TEST(LogReaderTest, AFailedReadIsAnIoErrorAndNotCorruption) {
  LogFile log;
  Fill(log, {"one", "two"});
  log.Fail(FaultKind::kReadError);
  EXPECT_TRUE(Fails(ReadAll(log).status, StatusCode::kIoError));
}

TEST(LogReaderTest, AReadThatGivesTooLittleIsAnIoErrorAndNotCorruption) {
  LogFile log;
  Fill(log, {"one", "two"});
  log.Fail(FaultKind::kShortRead, 1, true);
  EXPECT_TRUE(Fails(ReadAll(log).status, StatusCode::kIoError, {log.path()}))
      << "the file is as long as before: nothing says that its bytes are bad";
}

TEST(LogReaderTest, TheHeaderOfAFileIsReadAndItsErrorsNameTheFile) {
  LogFile log;
  auto file = log.memory().OpenForRandomRead(log.path());
  ASSERT_TRUE(file.ok());
  Result<LogIdentity> identity = ReadLogHeader(**file, log.path());
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->id, log.identity().id);
  log.SetContent("something else");
  file = log.memory().OpenForRandomRead(log.path());
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(Fails(
      ReadLogHeader(**file, log.path()).status(), StatusCode::kCorruption,
      {log.path()}));
}

// What stands behind a bad frame.
class LogEndTest : public ::testing::Test {
 protected:
  struct Search {
    std::optional<uint64_t> header;
    uint64_t durable = 0;
  };

  // Reads up to the first bad frame; then the next intact header from
  // `offset` on, and how much the frames behind say was durable.
  static Search After(LogFile& log, uint64_t offset) {
    auto file = log.memory().OpenForRandomRead(log.path());
    MustBeOk(file.status(), "OpenForRandomRead");
    std::string scratch;
    LogReader reader(
        file->get(), log.path(), log.identity(), log.Content().size(),
        &scratch);
    Frame frame;
    for (;;) {
      const Result<bool> more = reader.Next(&frame);
      if (!more.ok() || !*more) break;
    }
    Search search;
    auto found = reader.FindFrameHeader(offset);
    MustBeOk(found.status(), "FindFrameHeader");
    search.header = *found;
    auto durable = reader.DurableBytesAfter();
    MustBeOk(durable.status(), "DurableBytesAfter");
    search.durable = *durable;
    return search;
  }

  static void Damage(LogFile& log, uint64_t offset) {
    std::string file = log.Content();
    file[static_cast<size_t>(offset)] ^= 1;
    log.SetContent(file);
  }
};

TEST_F(LogEndTest, FindsTheNextHeaderFromAnyByte) {
  LogFile log;
  Fill(log, {"one", std::string(100, 'x'), "three"});
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  for (uint64_t from = kLogHeaderBytes; from <= log.Content().size(); ++from) {
    std::optional<uint64_t> expected;
    for (const FileFrame& frame : frames) {
      if (frame.offset >= from) {
        expected = frame.offset;
        break;
      }
    }
    ASSERT_EQ(After(log, from).header, expected) << "from " << from;
  }
}

TEST_F(LogEndTest, AFrameWithAnIntactHeaderIsFoundWithoutItsPayload) {
  LogFile log;
  Fill(log, {"one", "two"});
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  Damage(log, frames[1].offset + kFrameHeaderBytes);
  EXPECT_EQ(After(log, frames[1].offset).header, frames[1].offset)
      << "the header says what was synced, whatever became of the payload";
}

TEST_F(LogEndTest, FindsAHeaderFarBehind) {
  LogFile log;
  Fill(log, {std::string(1000000, 'x'), "last"});
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  EXPECT_EQ(After(log, kLogHeaderBytes + 1).header, frames[1].offset);
}

TEST_F(LogEndTest, FindsAHeaderAtTheVeryEnd) {
  LogFile log;
  Fill(log, {"one", ""});
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  ASSERT_EQ(frames[1].End(), log.Content().size());
  EXPECT_EQ(After(log, frames[0].offset + 1).header, frames[1].offset);
}

TEST_F(LogEndTest, AFrameInsideAPayloadIsNone) {
  LogFile log;
  std::string inner;
  EncodeFrame(
      log.identity(), 1000000, 999999, FrameType::kBatch, "inner", &inner);
  Fill(log, {"one", inner});
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  EXPECT_EQ(After(log, frames[1].offset + 1).header, std::nullopt)
      << "a frame is tied to its place";
}

TEST_F(LogEndTest, WithoutFramesBehindNothingIsKnownToBeDurable) {
  LogFile log;
  Fill(log, {"one", "two"});
  Damage(log, FramesIn(log.Content())[1].offset);
  EXPECT_EQ(After(log, kLogHeaderBytes).durable, 0u);
}

TEST_F(LogEndTest, TheFramesBehindSayHowMuchWasDurable) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  Append(*writer, "two");
  Append(*writer, "three");
  ASSERT_TRUE(writer->Sync().ok());
  const uint64_t synced = writer->Offset();
  Append(*writer, "four");
  Damage(log, FramesIn(log.Content())[0].offset);
  EXPECT_EQ(After(log, kLogHeaderBytes).durable, synced)
      << "frames two and three were written before the sync and cannot know";
}

TEST_F(LogEndTest, TheGreatestOfThemCounts) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  ASSERT_TRUE(writer->Sync().ok());
  for (int i = 0; i < 5; ++i) Append(*writer, "unsynced");
  ASSERT_TRUE(writer->Sync().ok());
  const uint64_t synced = writer->Offset();
  Append(*writer, "last");
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  Damage(log, frames[1].offset);
  EXPECT_EQ(After(log, kLogHeaderBytes).durable, synced);
}

TEST_F(LogEndTest, FramesBehindASecondDamageCountToo) {
  LogFile log;
  auto writer = log.Continue();
  Append(*writer, "one");
  Append(*writer, "two");
  Append(*writer, "three");
  ASSERT_TRUE(writer->Sync().ok());
  const uint64_t synced = writer->Offset();
  Append(*writer, "four");
  const std::vector<FileFrame> frames = FramesIn(log.Content());
  Damage(log, frames[0].offset);
  Damage(log, frames[1].offset + 1);
  Damage(log, frames[2].offset + kFrameHeaderBytes);
  EXPECT_EQ(After(log, kLogHeaderBytes).durable, synced);
}

}  // namespace
}  // namespace kv
