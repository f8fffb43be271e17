// Goal: a frame whose place and length are known is read with one read, and
// Seek goes anywhere.
// Method: frames of many sizes; the file system counts the reads.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "log/log_reader.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

class LogReaderSeekTest : public ::testing::Test {
 protected:
  LogReaderSeekTest() {
    auto writer = log_.Continue();
    for (const size_t length : {5u, 0u, 100u, 70000u, 1000000u, 33u}) {
      payloads_.push_back(
          std::string(length, static_cast<char>('a' + length % 26)));
      Append(*writer, payloads_.back());
    }
    frames_ = FramesIn(log_.Content());
    auto file = log_.faults().OpenForRandomRead(log_.path());
    MustBeOk(file.status(), "OpenForRandomRead");
    file_ = std::move(file).value();
  }

  LogReader Reader() {
    return LogReader(
        file_.get(), log_.path(), log_.identity(), log_.Content().size(),
        &scratch_);
  }

  LogFile log_;
  std::vector<std::string> payloads_;
  std::vector<FileFrame> frames_;
  std::unique_ptr<RandomFile> file_;
  std::string scratch_;
};

TEST_F(LogReaderSeekTest, AFrameOfKnownLengthIsOneRead) {
  for (size_t i = 0; i < frames_.size(); ++i) {
    LogReader reader = Reader();
    log_.faults().ResetCounts();
    reader.Seek(frames_[i].offset, frames_[i].End() - frames_[i].offset);
    Frame frame;
    ASSERT_TRUE(reader.Next(&frame).value());
    EXPECT_TRUE(frame.payload == payloads_[i]) << "frame " << i;
    EXPECT_EQ(frame.offset, frames_[i].offset);
    EXPECT_EQ(log_.faults().Calls(FileCall::kRead), 1u) << "frame " << i;
  }
}

TEST_F(LogReaderSeekTest, ALengthThatIsSomewhatTooGreatDoesNoHarm) {
  for (size_t i = 0; i < frames_.size(); ++i) {
    LogReader reader = Reader();
    log_.faults().ResetCounts();
    reader.Seek(frames_[i].offset, frames_[i].End() - frames_[i].offset + 500);
    Frame frame;
    ASSERT_TRUE(reader.Next(&frame).value());
    EXPECT_TRUE(frame.payload == payloads_[i]) << "frame " << i;
    EXPECT_EQ(log_.faults().Calls(FileCall::kRead), 1u) << "frame " << i;
  }
}

TEST_F(LogReaderSeekTest, AFrameOfUnknownLengthIsReadToo) {
  for (size_t i = 0; i < frames_.size(); ++i) {
    LogReader reader = Reader();
    reader.Seek(frames_[i].offset);
    Frame frame;
    ASSERT_TRUE(reader.Next(&frame).value());
    EXPECT_TRUE(frame.payload == payloads_[i]) << "frame " << i;
  }
}

TEST_F(LogReaderSeekTest, ReadingGoesOnBehindIt) {
  LogReader reader = Reader();
  reader.Seek(frames_[1].offset, kFrameHeaderBytes);
  Frame frame;
  for (size_t i = 1; i < frames_.size(); ++i) {
    ASSERT_TRUE(reader.Next(&frame).value());
    EXPECT_TRUE(frame.payload == payloads_[i]) << "frame " << i;
  }
  EXPECT_FALSE(reader.Next(&frame).value());
}

TEST_F(LogReaderSeekTest, OneReaderMaySeekToAndFro) {
  LogReader reader = Reader();
  Frame frame;
  for (const size_t i : {4u, 0u, 3u, 5u, 1u, 2u}) {
    reader.Seek(frames_[i].offset, frames_[i].End() - frames_[i].offset);
    ASSERT_TRUE(reader.Next(&frame).value());
    EXPECT_TRUE(frame.payload == payloads_[i]) << "frame " << i;
  }
}

TEST_F(LogReaderSeekTest, ADamagedFrameIsCorruptionWhereItBegins) {
  std::string file = log_.Content();
  file[static_cast<size_t>(frames_[2].End() - 1)] ^= 1;
  log_.SetContent(file);
  LogReader reader = Reader();
  reader.Seek(frames_[2].offset, frames_[2].End() - frames_[2].offset);
  Frame frame;
  EXPECT_TRUE(Fails(
      reader.Next(&frame).status(), StatusCode::kCorruption,
      {log_.path(), std::to_string(frames_[2].offset)}));
}

}  // namespace
}  // namespace kv
