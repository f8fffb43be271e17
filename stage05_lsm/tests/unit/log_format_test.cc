// Goal: headers and frames are the bytes of docs/format/log.md, and a frame is
// one only where it was written and as it was written.
// Method: the worked example of the format page, kept in testdata; every bit
// of a frame flipped; a frame moved to other places and other logs.

#include "log/log_format.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/checksum.h"
#include "kv/coding.h"
#include "kv/write_batch.h"

namespace kv {
namespace {

constexpr LogIdentity kLog = {1, 0x0123456789abcdef};
constexpr uint64_t kOffset = 96;
constexpr uint64_t kSyncedBytes = 32;

std::string Frame(
    std::string_view payload, const LogIdentity& log = kLog,
    uint64_t offset = kOffset) {
  std::string bytes;
  EncodeFrame(log, offset, kSyncedBytes, FrameType::kBatch, payload, &bytes);
  return bytes;
}

// Whether header and payload are intact for this log and place.
bool IsFrame(
    std::string_view bytes, const LogIdentity& log = kLog,
    uint64_t offset = kOffset) {
  const std::optional<FrameHeader> header =
      DecodeFrameHeader(log, offset, bytes);
  if (!header.has_value()) return false;
  const std::string_view rest = bytes.substr(kFrameHeaderBytes);
  return header->payload_bytes <= rest.size() &&
      PayloadIsIntact(
             log, offset, *header, rest.substr(0, header->payload_bytes));
}

uint64_t NumberAt(std::string_view bytes, size_t offset, size_t width) {
  uint64_t number = 0;
  for (size_t i = width; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return number;
}

TEST(LogFormatTest, AHeaderHasItsFieldsWhereTheFormatSays) {
  std::string bytes;
  EncodeLogHeader(kLog, &bytes);
  ASSERT_EQ(bytes.size(), kLogHeaderBytes);
  EXPECT_EQ(bytes.substr(0, 8), "kvlog\r\n\x1a");
  EXPECT_EQ(NumberAt(bytes, 8, 4), 1u) << "version";
  EXPECT_EQ(
      NumberAt(bytes, 12, 4),
      Checksum32(std::string_view(bytes).substr(16, 16), 1))
      << "checksum of bytes 16 to 31, seeded with the version";
  EXPECT_EQ(NumberAt(bytes, 16, 8), kLog.number);
  EXPECT_EQ(NumberAt(bytes, 24, 8), kLog.id);
}

TEST(LogFormatTest, AHeaderComesBack) {
  std::string bytes;
  EncodeLogHeader(kLog, &bytes);
  const Result<LogIdentity> log = DecodeLogHeader(bytes);
  ASSERT_TRUE(log.ok()) << log.status().ToString();
  EXPECT_EQ(log->number, kLog.number);
  EXPECT_EQ(log->id, kLog.id);
}

TEST(LogFormatTest, EveryBitOfAHeaderMatters) {
  std::string bytes;
  EncodeLogHeader(kLog, &bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(DecodeLogHeader(flipped).ok()) << "bit " << bit;
  }
}

TEST(LogFormatTest, ATruncatedHeaderIsCorruption) {
  std::string bytes;
  EncodeLogHeader(kLog, &bytes);
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(
        DecodeLogHeader(std::string_view(bytes).substr(0, length))
            .status()
            .code(),
        StatusCode::kCorruption)
        << length << " bytes";
  }
}

TEST(LogFormatTest, ANewerVersionIsNotSupportedAndSaysWhich) {
  std::string bytes;
  EncodeLogHeader(kLog, &bytes);
  std::string changed;
  PutFixed32(&changed, 2);
  PutFixed32(&changed, Checksum32(std::string_view(bytes).substr(16, 16), 2));
  bytes.replace(8, 8, changed);
  const Status status = DecodeLogHeader(bytes).status();
  EXPECT_EQ(status.code(), StatusCode::kNotSupported) << status.ToString();
  EXPECT_NE(status.message().find("version 2"), std::string_view::npos)
      << status.ToString();
}

TEST(LogFormatTest, AFrameHasItsFieldsWhereTheFormatSays) {
  const std::string bytes = Frame("payload");
  const uint64_t place = kLog.id + kOffset;
  ASSERT_EQ(bytes.size(), kFrameHeaderBytes + 7);
  EXPECT_EQ(
      NumberAt(bytes, 0, 4),
      Checksum32(std::string_view(bytes).substr(4, 28), place))
      << "checksum of bytes 4 to 31, seeded with the place";
  EXPECT_EQ(NumberAt(bytes, 4, 4), 7u) << "payload bytes";
  EXPECT_EQ(NumberAt(bytes, 8, 4), Checksum32("payload", place))
      << "checksum of the payload, seeded with the place";
  EXPECT_EQ(NumberAt(bytes, 12, 1), 1u) << "type: batch";
  EXPECT_EQ(NumberAt(bytes, 13, 3), 0u) << "zero";
  EXPECT_EQ(NumberAt(bytes, 16, 8), kLog.number);
  EXPECT_EQ(NumberAt(bytes, 24, 8), kSyncedBytes);
  EXPECT_EQ(bytes.substr(32), "payload");
}

// The worked example of docs/format/log.md, byte by byte.
TEST(LogFormatTest, TheWorkedExampleOfTheFormatPage) {
  std::string bytes;
  EncodeLogHeader(kLog, &bytes);
  WriteBatch batch;
  batch.Put("color", "red");
  EncodeFrame(
      kLog, bytes.size(), bytes.size(), FrameType::kBatch, batch.Payload(),
      &bytes);
  const uint64_t synced = bytes.size();
  EncodeFrame(kLog, bytes.size(), synced, FrameType::kClose, {}, &bytes);
  std::string hex;
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
    hex += i % 16 == 15 || i + 1 == bytes.size() ? '\n' : ' ';
  }
  EXPECT_EQ(hex, R"(6b 76 6c 6f 67 0d 0a 1a 01 00 00 00 32 d7 14 62
01 00 00 00 00 00 00 00 ef cd ab 89 67 45 23 01
ed 95 e0 31 0b 00 00 00 e6 15 61 b9 01 00 00 00
01 00 00 00 00 00 00 00 20 00 00 00 00 00 00 00
01 05 03 63 6f 6c 6f 72 72 65 64 63 66 20 0c 00
00 00 00 b6 19 93 e4 02 00 00 00 01 00 00 00 00
00 00 00 4b 00 00 00 00 00 00 00
)");
}

TEST(LogFormatTest, ABatchThatNoFrameCanHoldIsInvalid) {
  EXPECT_TRUE(CheckBatchBytes(0xffff'ffff).ok());
  const Status status = CheckBatchBytes(0x1'0000'0000);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("4294967296"), std::string::npos)
      << status.ToString();
}

TEST(LogFormatTest, EncodeAppends) {
  std::string bytes = "before";
  EncodeFrame(
      kLog, kOffset, kSyncedBytes, FrameType::kBatch, "payload", &bytes);
  EXPECT_EQ(bytes.substr(0, 6), "before");
  EXPECT_EQ(bytes.substr(6), Frame("payload"))
      << "the checksum covers the frame, not what stands before it";
}

TEST(LogFormatTest, AFrameComesBack) {
  for (const size_t length : {0u, 1u, 31u, 32u, 33u, 300u, 70000u}) {
    const std::string payload(length, 'p');
    const std::string bytes = Frame(payload);
    const auto header = DecodeFrameHeader(kLog, kOffset, bytes);
    ASSERT_TRUE(header.has_value()) << length;
    EXPECT_EQ(header->payload_bytes, length);
    EXPECT_EQ(header->type, FrameType::kBatch);
    EXPECT_EQ(header->synced_bytes, kSyncedBytes);
    EXPECT_TRUE(PayloadIsIntact(kLog, kOffset, *header, payload)) << length;
  }
}

TEST(LogFormatTest, ACloseFrameComesBack) {
  std::string bytes;
  EncodeFrame(kLog, kOffset, kOffset, FrameType::kClose, {}, &bytes);
  ASSERT_EQ(bytes.size(), kFrameHeaderBytes);
  const auto header = DecodeFrameHeader(kLog, kOffset, bytes);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->type, FrameType::kClose);
  EXPECT_EQ(header->synced_bytes, kOffset);
}

TEST(LogFormatTest, EveryBitOfAFrameMatters) {
  const std::string bytes = Frame("some payload");
  ASSERT_TRUE(IsFrame(bytes));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(IsFrame(flipped)) << "bit " << bit;
  }
}

TEST(LogFormatTest, TheHeaderAloneIsKnownToBeIntact) {
  // A reader must not believe a length before it has checked it.
  const std::string bytes = Frame("some payload");
  for (size_t bit = 0; bit < kFrameHeaderBytes * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(DecodeFrameHeader(kLog, kOffset, flipped).has_value())
        << "bit " << bit;
  }
}

TEST(LogFormatTest, ATruncatedHeaderIsNone) {
  const std::string bytes = Frame("");
  for (size_t length = 0; length < kFrameHeaderBytes; ++length) {
    EXPECT_FALSE(DecodeFrameHeader(
                     kLog, kOffset, std::string_view(bytes).substr(0, length))
                     .has_value())
        << length << " bytes";
  }
}

TEST(LogFormatTest, AFrameThatIsCopiedElsewhereIsNoFrame) {
  const std::string bytes = Frame("payload");
  ASSERT_TRUE(IsFrame(bytes));
  for (const uint64_t offset :
       {kOffset - 1, kOffset + 1, kOffset + 8, uint64_t{32}, kOffset * 2}) {
    EXPECT_FALSE(IsFrame(bytes, kLog, offset)) << "at offset " << offset;
  }
}

TEST(LogFormatTest, TheSamePayloadElsewhereHasAnotherChecksum) {
  const std::string here = Frame("payload");
  const std::string there = Frame("payload", kLog, kOffset + 64);
  EXPECT_NE(here.substr(8, 4), there.substr(8, 4))
      << "a payload must not pass for the one of another frame";
}

TEST(LogFormatTest, AFrameOfAnotherLogIsNoFrame) {
  const std::string bytes = Frame("payload");
  EXPECT_FALSE(IsFrame(bytes, {kLog.number, kLog.id + 1}));
  EXPECT_FALSE(IsFrame(bytes, {kLog.number, ~kLog.id}));
  EXPECT_FALSE(IsFrame(bytes, {kLog.number + 1, kLog.id}));
}

TEST(LogFormatTest, AnUnknownTypeIsNoFrame) {
  const uint64_t place = kLog.id + kOffset;
  for (unsigned type = 0; type < 256; ++type) {
    std::string bytes = Frame("");
    bytes[12] = static_cast<char>(type);
    std::string checksum;
    PutFixed32(
        &checksum, Checksum32(std::string_view(bytes).substr(4, 28), place));
    bytes.replace(0, 4, checksum);
    EXPECT_EQ(IsFrame(bytes), type >= 1 && type <= 3) << "type " << type;
  }
}

TEST(LogFormatTest, AFrameThatWasSyncedBeforeItWasWrittenIsNoFrame) {
  const uint64_t place = kLog.id + kOffset;
  for (const uint64_t synced : {kOffset, kOffset + 1, UINT64_MAX}) {
    std::string bytes = Frame("").substr(0, 24);
    PutFixed64(&bytes, synced);
    std::string checksum;
    PutFixed32(
        &checksum, Checksum32(std::string_view(bytes).substr(4, 28), place));
    bytes.replace(0, 4, checksum);
    EXPECT_EQ(IsFrame(bytes), synced == kOffset) << "invariant 1: " << synced;
  }
}

TEST(LogFormatTest, APayloadOfAnotherLengthIsNotIntact) {
  const std::string bytes = Frame("payload");
  const auto header = DecodeFrameHeader(kLog, kOffset, bytes);
  ASSERT_TRUE(header.has_value());
  EXPECT_TRUE(PayloadIsIntact(kLog, kOffset, *header, "payload"));
  EXPECT_FALSE(PayloadIsIntact(kLog, kOffset, *header, "payloa"));
  EXPECT_FALSE(PayloadIsIntact(kLog, kOffset, *header, "payload2"));
  EXPECT_FALSE(PayloadIsIntact(kLog, kOffset, *header, ""));
}

}  // namespace
}  // namespace kv
