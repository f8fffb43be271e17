// Goal: the write-ahead log writes each batch as one frame, in segments of
// which all but the last are sealed and durable; it syncs when it was told to,
// drops what a checkpoint covers, and takes no write after a failed sync.
// Method: a log in memory whose frames are taken apart with
// log/log_format.h; calls are counted, and fail on demand.

#include "log/wal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "kv/coding.h"
#include "kv/file_names.h"
#include "kv/sequence_number.h"
#include "log/log_format.h"
#include "support/database_verbs.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;
using Numbers = std::vector<uint64_t>;

constexpr uint64_t kWallMicros = 1'700'000'000'000'000;

WriteBatch PutOf(std::string_view key, std::string_view value) {
  WriteBatch batch;
  batch.Put(key, value);
  return batch;
}

// A directory in memory with a log in it.
class WalDirectory {
 public:
  explicit WalDirectory(Options options = {}) : options_(std::move(options)) {
    options_.path = path_;
    options_.file_system = &faults_;
    options_.random = &random_;
    if (options_.clock == nullptr) {
      options_.clock = &clock_;
    }
    MustBeOk(memory_.CreateDirectory(path_), "CreateDirectory");
    MustBeOk(memory_.SyncDirectory("/"), "SyncDirectory");
  }

  MemoryFileSystem& memory() { return memory_; }
  FaultFileSystem& faults() { return faults_; }
  ManualClock& clock() { return clock_; }
  const Options& options() const { return options_; }

  std::unique_ptr<Wal> Create(uint64_t number = 1, uint64_t last = 0) {
    auto wal = std::make_unique<Wal>(options_);
    MustBeOk(wal->Create(number, last), "Create");
    return wal;
  }

  // Goes on behind what is there.
  std::unique_ptr<Wal> Continue(uint64_t last_sequence) {
    std::vector<WalSegment> segments;
    LogIdentity identity;
    LogEnd end;
    for (const uint64_t number : Segments(memory_)) {
      const std::string content = Content(number);
      segments.push_back({number, content.size()});
      identity = IdentityOf(content);
      end = LogEnd();
      for (const FileFrame& frame : FramesIn(content)) {
        end.closed = frame.header.type == FrameType::kClose;
        end.offset = end.closed ? frame.offset : frame.End();
      }
    }
    auto wal = std::make_unique<Wal>(options_);
    MustBeOk(wal->Continue(segments, identity, end, last_sequence), "Continue");
    return wal;
  }

  // The numbers of the segments in ascending order.
  Numbers Segments(FileSystem& fs) const { return SegmentsIn(fs, path_); }
  Numbers Segments() { return Segments(memory_); }
  Numbers Archived() {
    const std::string archive = ArchiveName(path_);
    if (!memory_.Exists(archive).value()) return {};
    return SegmentsIn(memory_, archive);
  }

  std::string ContentIn(FileSystem& fs, uint64_t number) const {
    Result<std::string> content = ReadFile(&fs, WalSegmentName(path_, number));
    MustBeOk(content.status(), "reading segment " + std::to_string(number));
    return std::move(content).value();
  }
  std::string Content(uint64_t number) { return ContentIn(memory_, number); }

  // Of all segments in the order of their numbers: "[NUMBER]", then for each
  // write "SEQUENCE key=value ...", or "(close)".
  Strings TextIn(FileSystem& fs) const {
    Strings text;
    for (const uint64_t number : Segments(fs)) {
      text.push_back("[" + std::to_string(number) + "]");
      const std::string content = ContentIn(fs, number);
      EXPECT_EQ(FramesEnd(content), content.size())
          << "bytes that are no frame stand in segment " << number;
      for (const FileFrame& frame : FramesIn(content)) {
        text.push_back(FrameText(frame));
      }
    }
    return text;
  }
  Strings Text() { return TextIn(memory_); }
  // The same after a power loss that takes all it can.
  Strings DurableText() {
    auto after = memory_.Crash({});
    return TextIn(*after);
  }
  // Only the writes.
  Strings Writes() {
    Strings writes;
    for (const std::string& line : Text()) {
      if (line[0] != '[' && line[0] != '(') writes.push_back(line);
    }
    return writes;
  }

  void Fail(FaultKind kind, uint64_t nth = 1) {
    Fault fault;
    fault.kind = kind;
    fault.nth = nth;
    faults_.Inject(fault);
  }

 private:
  static Numbers SegmentsIn(FileSystem& fs, const std::string& directory) {
    const auto names = fs.List(directory);
    MustBeOk(names.status(), "List");
    Numbers numbers;
    for (const std::string& name : *names) {
      if (const auto number = WalSegmentNumber(name)) {
        numbers.push_back(*number);
      }
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }

  static std::string FrameText(const FileFrame& frame) {
    if (frame.header.type == FrameType::kClose) return "(close)";
    const Result<SequencedBatch> batch = DecodeSequencedBatch(frame.payload);
    MustBeOk(batch.status(), "DecodeSequencedBatch");
    std::string text = std::to_string(batch->sequence);
    BatchReader reader(batch->operations);
    WriteBatch::Operation operation;
    uint32_t count = 0;
    for (;;) {
      const Result<bool> more = reader.Next(&operation);
      MustBeOk(more.status(), "reading the operations");
      if (!*more) break;
      ++count;
      text += " " + std::string(operation.key);
      if (operation.kind == RecordKind::kPut) {
        text += "=" + std::string(operation.value);
      }
    }
    EXPECT_EQ(count, batch->count) << "the frame says how many operations";
    return text;
  }

  const std::string path_ = "/db";
  Options options_;
  SeededRandom random_{1};
  ManualClock clock_{kWallMicros};
  MemoryFileSystem memory_;
  FaultFileSystem faults_{&memory_};
};

void Append(
    Wal& wal, uint64_t sequence, std::string_view key,
    std::string_view value = "v") {
  MustBeOk(
      wal.Append(sequence, PutOf(key, value)),
      "Append(" + std::to_string(sequence) + ", " + Show(key) + ")");
}

WalStatus StatusOf(const Wal& wal) {
  const Result<WalStatus> status = wal.GetStatus();
  MustBeOk(status.status(), "GetStatus");
  return *status;
}

TEST(WalTest, ABatchIsEncodedAsItsFormatSays) {
  using std::string_literals::operator""s;
  std::string bytes = "before";
  EncodeSequencedBatch(
      {0x0102030405060708, 0x1112131415161718, 0x21222324, "operations"},
      &bytes);
  EXPECT_EQ(
      bytes,
      "before"
      "\x08\x07\x06\x05\x04\x03\x02\x01"
      "\x18\x17\x16\x15\x14\x13\x12\x11"
      "\x24\x23\x22\x21"
      "operations"s);
}

TEST(WalTest, AnEncodedBatchIsDecoded) {
  std::string bytes;
  constexpr uint64_t kSequence = kSequenceMax - UINT32_MAX;
  EncodeSequencedBatch({kSequence, 5, UINT32_MAX, "operations"}, &bytes);
  const Result<SequencedBatch> batch = DecodeSequencedBatch(bytes);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->sequence, kSequence);
  EXPECT_EQ(batch->wall_micros, 5u);
  EXPECT_EQ(batch->count, UINT32_MAX);
  EXPECT_EQ(batch->operations, "operations");
}

// The number behind the batch must not be above the largest either.
TEST(WalTest, ABatchWithNumbersAboveTheLargestIsCorruption) {
  const std::vector<std::pair<uint64_t, uint32_t>> too_large = {
      {kSequenceMax, 1},
      {kSequenceMax - 2, 3},
      {kSequenceMax - UINT32_MAX + 1, UINT32_MAX},
      {kSequenceMax + 1, 1},
      {UINT64_MAX - 1, 1},
      {UINT64_MAX - 1, 3},
      {UINT64_MAX, UINT32_MAX},
  };
  for (const auto& [sequence, count] : too_large) {
    std::string bytes;
    EncodeSequencedBatch({sequence, 5, count, "operations"}, &bytes);
    EXPECT_TRUE(
        Fails(DecodeSequencedBatch(bytes).status(), StatusCode::kCorruption))
        << count << " operations from number " << sequence << " on";
  }
  std::string bytes;
  EncodeSequencedBatch({kSequenceMax - 3, 5, 3, "operations"}, &bytes);
  EXPECT_TRUE(DecodeSequencedBatch(bytes).ok());
}

TEST(WalTest, ABatchThatIsTooShortIsCorruption) {
  std::string bytes;
  EncodeSequencedBatch({1, 2, 3, ""}, &bytes);
  ASSERT_EQ(bytes.size(), kBatchHeaderBytes);
  EXPECT_TRUE(DecodeSequencedBatch(bytes).ok())
      << "the operations are not looked at";
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(Fails(
        DecodeSequencedBatch(std::string_view(bytes).substr(0, size)).status(),
        StatusCode::kCorruption))
        << size << " bytes";
  }
}

TEST(WalTest, ANewLogIsOneEmptyDurableSegment) {
  WalDirectory directory;
  auto wal = directory.Create(3, 41);
  EXPECT_EQ(directory.DurableText(), Strings{"[3]"});
  EXPECT_EQ(wal->LastSegment(), 3u);
  const WalStatus status = StatusOf(*wal);
  EXPECT_EQ(status.first_segment, 3u);
  EXPECT_EQ(status.last_segment, 3u);
  EXPECT_EQ(status.last_sequence, 41u);
  EXPECT_EQ(status.synced_sequence, 41u);
  EXPECT_EQ(status.archived_segments, 0u);
}

TEST(WalTest, AWriteIsOneFrameWithItsNumberAndItsTime) {
  WalDirectory directory;
  auto wal = directory.Create(1, 6);
  directory.clock().AdvanceMicros(5);
  WriteBatch batch;
  batch.Put("a", "one");
  batch.Delete("b");
  batch.Put("", "");
  ASSERT_TRUE(wal->Append(7, batch).ok());
  Append(*wal, 10, "c", "two");
  EXPECT_EQ(directory.Text(), (Strings{"[1]", "7 a=one b =", "10 c=two"}));
  const std::vector<FileFrame> frames = FramesIn(directory.Content(1));
  EXPECT_EQ(
      DecodeSequencedBatch(frames[0].payload)->wall_micros, kWallMicros + 5);
  EXPECT_EQ(StatusOf(*wal).last_sequence, 10u);
}

TEST(WalTest, TheLastSequenceIsThatOfTheLastOperation) {
  WalDirectory directory;
  auto wal = directory.Create();
  WriteBatch batch;
  for (int i = 0; i < 5; ++i) batch.Put("k", "v");
  ASSERT_TRUE(wal->Append(1, batch).ok());
  EXPECT_EQ(StatusOf(*wal).last_sequence, 5u) << "each operation takes one";
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 0u) << "nothing was synced";
  ASSERT_TRUE(wal->Sync().ok());
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 5u);
}

TEST(WalTest, AnAppendIsOneCallAndASyncedOneIsOneMore) {
  WalDirectory directory;
  auto wal = directory.Create();
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    directory.faults().ResetCounts();
    Append(*wal, sequence, "key", std::string(5000, 'x'));
    EXPECT_EQ(directory.faults().Calls(FileCall::kAppend), 1u);
    EXPECT_EQ(directory.faults().AllCalls(), 1u)
        << "a write is one append and no other call";
    ASSERT_TRUE(wal->SyncIfDue(true).ok());
    EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 1u);
    EXPECT_EQ(directory.faults().AllCalls(), 2u)
        << "a synced write is one append and one sync";
  }
}

TEST(WalTest, WhatWasSyncedSurvivesAPowerLoss) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Sync().ok());
  Append(*wal, 2, "b");
  EXPECT_EQ(directory.DurableText(), (Strings{"[1]", "1 a=v"}));
}

TEST(WalTest, WithoutAWishThePolicyNeverDoesNotSync) {
  WalDirectory directory;
  auto wal = directory.Create();
  directory.faults().ResetCounts();
  for (uint64_t sequence = 1; sequence <= 5; ++sequence) {
    Append(*wal, sequence, "a");
    directory.clock().AdvanceMicros(1'000'000'000);
    ASSERT_TRUE(wal->SyncIfDue(std::nullopt).ok());
    ASSERT_TRUE(wal->SyncIfDue(false).ok());
  }
  EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 0u);
}

TEST(WalTest, ThePolicyEveryWriteSyncsUnlessTheWriteSaysOtherwise) {
  Options options;
  options.sync_policy = SyncPolicy::kEveryWrite;
  WalDirectory directory(options);
  auto wal = directory.Create();
  directory.faults().ResetCounts();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->SyncIfDue(false).ok());
  EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 0u)
      << "the write's own wish goes first";
  Append(*wal, 2, "b");
  ASSERT_TRUE(wal->SyncIfDue(std::nullopt).ok());
  EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 1u);
  EXPECT_EQ(directory.DurableText(), (Strings{"[1]", "1 a=v", "2 b=v"}));
}

TEST(WalTest, ThePolicyIntervalSyncsWhenTheOldestUnsyncedWriteIsOldEnough) {
  Options options;
  options.sync_policy = SyncPolicy::kInterval;
  options.sync_interval_micros = 1000;
  WalDirectory directory(options);
  auto wal = directory.Create();
  directory.clock().AdvanceMicros(5000);  // with nothing to sync
  directory.faults().ResetCounts();
  uint64_t sequence = 0;
  // Writes after `micros`; how many syncs there were.
  const auto write_after = [&](uint64_t micros) {
    directory.clock().AdvanceMicros(micros);
    Append(*wal, ++sequence, "a");
    MustBeOk(wal->SyncIfDue(std::nullopt), "SyncIfDue");
    return directory.faults().Calls(FileCall::kSync);
  };
  EXPECT_EQ(write_after(0), 0u) << "the time counts from the first write on";
  EXPECT_EQ(write_after(600), 0u);
  EXPECT_EQ(write_after(399), 0u) << "the oldest is 999 us old";
  EXPECT_EQ(write_after(2), 1u)
      << "the oldest is 1001 us old, though none after it is";
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 4u);
  EXPECT_EQ(write_after(900), 1u)
      << "the time counts from the first unsynced write, which is this one";
  EXPECT_EQ(write_after(999), 1u);
  EXPECT_EQ(write_after(2), 2u);
  // A sync that was asked for begins the time anew.
  EXPECT_EQ(write_after(10), 2u);
  ASSERT_TRUE(wal->Sync().ok());
  EXPECT_EQ(write_after(2000), 3u) << "one more: that of Sync";
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 8u)
      << "this write is new, and was not synced";
}

TEST(WalTest, UnderThePolicyIntervalTheWishOfAWriteGoesFirst) {
  Options options;
  options.sync_policy = SyncPolicy::kInterval;
  options.sync_interval_micros = 1000;
  WalDirectory directory(options);
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->SyncIfDue(true).ok());
  EXPECT_EQ(directory.DurableText(), (Strings{"[1]", "1 a=v"}))
      << "a write that wants a sync does not wait for the interval";
  Append(*wal, 2, "b");
  directory.clock().AdvanceMicros(5000);
  ASSERT_TRUE(wal->SyncIfDue(false).ok());
  EXPECT_EQ(directory.DurableText(), (Strings{"[1]", "1 a=v"}))
      << "and one that wants none gets none";
}

TEST(WalTest, AnIntervalWithNothingUnsyncedSyncsNothing) {
  Options options;
  options.sync_policy = SyncPolicy::kInterval;
  options.sync_interval_micros = 1000;
  WalDirectory directory(options);
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Sync().ok());
  directory.clock().AdvanceMicros(5000);
  directory.faults().ResetCounts();
  ASSERT_TRUE(wal->SyncIfDue(std::nullopt).ok());
  EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 0u);
}

// A clock whose wall can be set without time passing.
class SettableClock : public Clock {
 public:
  uint64_t WallMicros() override { return wall_micros; }
  uint64_t MonotonicNanos() override { return monotonic_micros * 1000; }

  uint64_t wall_micros = kWallMicros;
  uint64_t monotonic_micros = 5000;
};

TEST(WalTest, AnIntervalDoesNotCareHowTheClockOnTheWallIsSet) {
  constexpr uint64_t kHour = 3'600'000'000;
  for (const uint64_t wall : {kWallMicros - kHour, kWallMicros + kHour}) {
    SettableClock clock;
    Options options;
    options.sync_policy = SyncPolicy::kInterval;
    options.sync_interval_micros = 1000;
    options.clock = &clock;
    WalDirectory directory(options);
    auto wal = directory.Create();
    directory.faults().ResetCounts();
    Append(*wal, 1, "a");
    clock.wall_micros = wall;
    clock.monotonic_micros += 999;
    Append(*wal, 2, "a");
    ASSERT_TRUE(wal->SyncIfDue(std::nullopt).ok());
    EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 0u)
        << "999 us have passed, whatever the wall says";
    clock.monotonic_micros += 2;
    Append(*wal, 3, "a");
    ASSERT_TRUE(wal->SyncIfDue(std::nullopt).ok());
    EXPECT_EQ(directory.faults().Calls(FileCall::kSync), 1u)
        << "1001 us have passed, whatever the wall says";
  }
}

TEST(WalTest, ASegmentMayBeFilledToItsLimit) {
  Options options;
  const uint64_t frame = LogWriter::FrameBytes(kBatchHeaderBytes + 5);
  options.wal_segment_bytes_max = kLogHeaderBytes + 2 * frame;
  WalDirectory directory(options);
  auto wal = directory.Create();
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    Append(*wal, sequence, "k");
  }
  EXPECT_EQ(
      directory.Text(),
      (Strings{"[1]", "1 k=v", "2 k=v", "(close)", "[2]", "3 k=v"}))
      << "the close frame is not counted";
}

TEST(WalTest, ASegmentThatWouldGrowOverItsLimitIsFollowedByTheNext) {
  Options options;
  options.wal_segment_bytes_max = 300;
  WalDirectory directory(options);
  auto wal = directory.Create();
  Strings expected;
  for (uint64_t sequence = 1; sequence <= 30; ++sequence) {
    const std::string value(sequence * 3, 'x');
    Append(*wal, sequence, "k", value);
    expected.push_back(std::to_string(sequence) + " k=" + value);
  }
  EXPECT_EQ(directory.Writes(), expected) << "no write is lost or moved";
  const Numbers segments = directory.Segments();
  ASSERT_GT(segments.size(), 5u);
  for (size_t i = 0; i < segments.size(); ++i) {
    EXPECT_EQ(segments[i], i + 1) << "numbers without a gap";
    const std::vector<FileFrame> frames =
        FramesIn(directory.Content(segments[i]));
    const bool is_last = i + 1 == segments.size();
    ASSERT_EQ(frames.back().header.type == FrameType::kClose, !is_last);
    const uint64_t end = is_last ? frames.back().End() : frames.back().offset;
    EXPECT_LE(end, 300u) << "segment " << segments[i];
    if (is_last) continue;
    const FileFrame next = FramesIn(directory.Content(segments[i + 1]))[0];
    EXPECT_GT(end + next.End() - next.offset, 300u)
        << "the next write had had room in segment " << segments[i];
  }
  EXPECT_EQ(StatusOf(*wal).first_segment, 1u);
  EXPECT_EQ(StatusOf(*wal).last_segment, segments.back());
}

TEST(WalTest, OneWriteMayBeLargerThanASegment) {
  Options options;
  options.wal_segment_bytes_max = 300;
  WalDirectory directory(options);
  auto wal = directory.Create();
  const std::string large(5000, 'x');
  Append(*wal, 1, "a", large);
  Append(*wal, 2, "b", large);
  Append(*wal, 3, "c");
  EXPECT_EQ(
      directory.Text(),
      (Strings{
          "[1]", "1 a=" + large, "(close)", "[2]", "2 b=" + large, "(close)",
          "[3]", "3 c=v"}))
      << "and no segment is empty";
}

TEST(WalTest, RotateBeginsTheNextSegment) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Rotate().ok());
  EXPECT_EQ(wal->LastSegment(), 2u);
  EXPECT_EQ(
      directory.DurableText(), (Strings{"[1]", "1 a=v", "(close)", "[2]"}))
      << "what was in the segment, and the new one, are durable";
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 1u);
  Append(*wal, 2, "b");
  EXPECT_EQ(
      directory.Text(), (Strings{"[1]", "1 a=v", "(close)", "[2]", "2 b=v"}));
}

TEST(WalTest, EachSegmentHasAnIdOfItsOwn) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Rotate().ok());
  EXPECT_NE(
      IdentityOf(directory.Content(1)).id, IdentityOf(directory.Content(2)).id)
      << "a frame of one segment must be none in another";
}

TEST(WalTest, RotatingAnEmptySegmentDoesNothing) {
  WalDirectory directory;
  auto wal = directory.Create();
  ASSERT_TRUE(wal->Rotate().ok());
  EXPECT_EQ(directory.Segments(), Numbers{1});
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Rotate().ok());
  ASSERT_TRUE(wal->Rotate().ok());
  EXPECT_EQ(directory.Segments(), (Numbers{1, 2}));
}

TEST(WalTest, EverySegmentIsSealedAndDurableBeforeTheNextOneExists) {
  Options options;
  options.wal_segment_bytes_max = 200;
  WalDirectory directory(options);
  auto wal = directory.Create();
  uint64_t looked_at = 0;
  directory.memory().SetObserver([&](uint64_t call) {
    const Numbers now = directory.Segments();
    auto after = directory.memory().Crash({});
    for (size_t i = 0; i + 1 < now.size(); ++i) {
      ++looked_at;
      ASSERT_TRUE(after->Exists(WalSegmentName("/db", now[i])).value())
          << "at call " << call << " segment " << now[i]
          << " may be lost, and segment " << now.back() << " exists";
      const std::string durable = directory.ContentIn(*after, now[i]);
      ASSERT_TRUE(durable == directory.Content(now[i]))
          << "at call " << call << " the end of segment " << now[i]
          << " may be lost, and segment " << now.back() << " exists";
      const Strings payloads = Payloads(durable);
      ASSERT_FALSE(payloads.empty());
      EXPECT_EQ(payloads.back(), "(close)") << "at call " << call;
    }
  });
  for (uint64_t sequence = 1; sequence <= 12; ++sequence) {
    Append(*wal, sequence, "k", std::string(sequence * 5, 'x'));
  }
  ASSERT_TRUE(wal->Rotate().ok());
  directory.memory().SetObserver(nullptr);
  EXPECT_GT(looked_at, 10u);
}

TEST(WalTest, ASegmentInWhichAllIsSyncedIsSealedToo) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Sync().ok());
  ASSERT_TRUE(wal->Rotate().ok());
  EXPECT_EQ(
      directory.DurableText(), (Strings{"[1]", "1 a=v", "(close)", "[2]"}))
      << "without a close frame it would be damaged";
}

TEST(WalTest, ASegmentHasItsHeaderBeforeItHasItsName) {
  WalDirectory directory;
  uint64_t looked_at = 0;
  directory.memory().SetObserver([&](uint64_t call) {
    for (const uint64_t number : directory.Segments()) {
      ++looked_at;
      ASSERT_GE(directory.Content(number).size(), kLogHeaderBytes)
          << "at call " << call << " a crash would leave segment " << number
          << " without a header, which is damage";
    }
  });
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Rotate().ok());
  directory.memory().SetObserver(nullptr);
  EXPECT_GT(looked_at, 5u);
}

TEST(WalTest, NumbersAreOrderedAsNumbers) {
  WalDirectory directory;
  auto wal = directory.Create(999'999);
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Rotate().ok());
  EXPECT_EQ(wal->LastSegment(), 1'000'000u);
  Append(*wal, 2, "b");
  EXPECT_EQ(
      directory.Text(),
      (Strings{"[999999]", "1 a=v", "(close)", "[1000000]", "2 b=v"}));
  ASSERT_TRUE(wal->RemoveBefore(1'000'000).ok());
  EXPECT_EQ(directory.Segments(), Numbers{1'000'000})
      << "as a text, 1000000.wal stands before 999999.wal";
  EXPECT_EQ(StatusOf(*wal).first_segment, 1'000'000u);
}

TEST(WalTest, BytesAreTheLengthOfAllSegments) {
  Options options;
  options.wal_segment_bytes_max = 200;
  WalDirectory directory(options);
  auto wal = directory.Create();
  for (uint64_t sequence = 1; sequence <= 10; ++sequence) {
    Append(*wal, sequence, "k", std::string(50, 'x'));
    if (sequence == 7) {
      ASSERT_TRUE(wal->RemoveBefore(3).ok());
    }
    uint64_t bytes = 0;
    for (const uint64_t number : directory.Segments()) {
      bytes += directory.Content(number).size();
    }
    EXPECT_EQ(wal->Bytes(), bytes) << "after write " << sequence;
    EXPECT_EQ(StatusOf(*wal).bytes, bytes) << "after write " << sequence;
  }
}

TEST(WalTest, CloseSealsTheLog) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Close().ok());
  EXPECT_EQ(directory.DurableText(), (Strings{"[1]", "1 a=v", "(close)"}));
}

TEST(WalTest, AContinuedLogGoesOnInItsLastSegment) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  ASSERT_TRUE(wal->Rotate().ok());
  Append(*wal, 2, "b");
  ASSERT_TRUE(wal->Close().ok());
  wal = directory.Continue(2);
  EXPECT_EQ(wal->LastSegment(), 2u);
  EXPECT_EQ(StatusOf(*wal).first_segment, 1u);
  EXPECT_EQ(StatusOf(*wal).last_sequence, 2u);
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 2u);
  Append(*wal, 3, "c");
  EXPECT_EQ(
      directory.Text(),
      (Strings{"[1]", "1 a=v", "(close)", "[2]", "2 b=v", "3 c=v"}));
  ASSERT_TRUE(wal->RemoveBefore(2).ok());
  EXPECT_EQ(directory.Segments(), Numbers{2});
}

TEST(WalTest, AFailedAppendLeavesTheLogAsItWas) {
  for (const FaultKind kind :
       {FaultKind::kWriteError, FaultKind::kShortWrite, FaultKind::kNoSpace}) {
    WalDirectory directory;
    auto wal = directory.Create();
    Append(*wal, 1, "a");
    directory.Fail(kind);
    EXPECT_TRUE(Fails(
        wal->Append(2, PutOf("b", std::string(300, 'x'))),
        StatusCode::kIoError))
        << FaultKindName(kind);
    ASSERT_EQ(StatusOf(*wal).last_sequence, 1u) << FaultKindName(kind);
    Append(*wal, 2, "c");
    EXPECT_EQ(directory.Text(), (Strings{"[1]", "1 a=v", "2 c=v"}))
        << FaultKindName(kind);
  }
}

TEST(WalTest, AfterAFailedRotationNoWriteIsLost) {
  // A new segment cannot be created; then there is room again.
  for (const FaultKind kind : {FaultKind::kNoSpace, FaultKind::kTooManyFiles}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 20u);
      WalDirectory directory;
      auto wal = directory.Create();
      Append(*wal, 1, "a");
      directory.Fail(kind, nth);
      const Status rotated = wal->Rotate();
      const bool fired = directory.faults().FaultsFired() > 0;
      directory.faults().ClearFaults();
      EXPECT_EQ(rotated.ok(), !fired) << FaultKindName(kind) << " " << nth;
      Append(*wal, 2, "b");
      ASSERT_TRUE(wal->Sync().ok());
      EXPECT_EQ(directory.Writes(), (Strings{"1 a=v", "2 b=v"}))
          << FaultKindName(kind) << " " << nth;
      EXPECT_EQ(directory.DurableText(), directory.Text());
      ASSERT_TRUE(wal->Close().ok());
      EXPECT_EQ(directory.Writes(), (Strings{"1 a=v", "2 b=v"}));
      if (!fired) {
        EXPECT_GT(nth, 1u) << "a rotation creates a file";
        break;
      }
    }
  }
}

TEST(WalTest, WhateverFailsInARotationTheLogStaysWhole) {
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 50u);
    WalDirectory directory;
    auto wal = directory.Create();
    Append(*wal, 1, "a");
    directory.Fail(FaultKind::kAny, nth);
    const Status rotated = wal->Rotate();
    const bool fired = directory.faults().FaultsFired() > 0;
    directory.faults().ClearFaults();
    Strings expected = {"1 a=v"};
    const Status appended = wal->Append(2, PutOf("b", "v"));
    if (appended.ok()) {
      expected.push_back("2 b=v");
    } else {
      EXPECT_FALSE(rotated.ok());
      EXPECT_TRUE(Fails(appended, StatusCode::kReadOnly)) << "call " << nth;
    }
    EXPECT_EQ(directory.Writes(), expected) << "call " << nth;
    // All segments but the last are sealed, whatever happened.
    const Numbers segments = directory.Segments();
    for (size_t i = 0; i + 1 < segments.size(); ++i) {
      EXPECT_EQ(Payloads(directory.Content(segments[i])).back(), "(close)")
          << "call " << nth;
    }
    if (!fired) {
      EXPECT_TRUE(rotated.ok());
      EXPECT_GT(nth, 4u) << "sync, append, sync, create, sync at least";
      break;
    }
  }
}

TEST(WalTest, AfterAFailedSyncEveryWriteIsRefused) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  directory.Fail(FaultKind::kSyncError);
  const Status cause = wal->Sync();
  EXPECT_TRUE(Fails(cause, StatusCode::kIoError))
      << "the call that fails returns the cause; later ones return ReadOnly";
  directory.faults().ClearFaults();
  const std::string before = directory.Content(1);
  EXPECT_TRUE(Fails(
      wal->Append(2, PutOf("b", "v")), StatusCode::kReadOnly,
      {cause.message()}))
      << "ReadOnly says what went wrong first";
  EXPECT_TRUE(Fails(wal->Sync(), StatusCode::kReadOnly))
      << "a second sync that succeeds would prove nothing";
  EXPECT_TRUE(Fails(wal->SyncIfDue(true), StatusCode::kReadOnly));
  EXPECT_TRUE(Fails(wal->Rotate(), StatusCode::kReadOnly));
  EXPECT_EQ(directory.Segments(), Numbers{1});
  EXPECT_TRUE(SameBytes(directory.Content(1), before))
      << "what is refused writes nothing";
  EXPECT_EQ(StatusOf(*wal).synced_sequence, 0u);
}

// Nothing would be sealed; but whoever hears Ok takes the log to be durable.
TEST(WalTest, AfterAFailedSyncAnEmptySegmentIsNotRotatedEither) {
  for (const bool was_closed : {false, true}) {
    WalDirectory directory;
    auto wal = directory.Create();
    if (was_closed) {
      ASSERT_TRUE(wal->Close().ok());
      wal = directory.Continue(0);
    }
    directory.Fail(FaultKind::kSyncError);
    // Behind a close, the removal of its frame is synced.
    const Status cause =
        was_closed ? wal->Append(1, PutOf("a", "v")) : wal->Sync();
    EXPECT_TRUE(Fails(cause, StatusCode::kIoError));
    directory.faults().ClearFaults();
    EXPECT_TRUE(Fails(wal->Rotate(), StatusCode::kReadOnly, {cause.message()}))
        << "closed before: " << was_closed;
    EXPECT_TRUE(Fails(wal->Append(1, PutOf("a", "v")), StatusCode::kReadOnly));
    EXPECT_EQ(directory.Text(), Strings{"[1]"});
  }
}

TEST(WalTest, AFailedSyncOfTheDirectoryRefusesEveryWriteToo) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  directory.Fail(FaultKind::kSyncDirectoryError);
  const Status cause = wal->Rotate();
  EXPECT_TRUE(Fails(cause, StatusCode::kIoError));
  ASSERT_GT(directory.faults().FaultsFired(), 0u);
  directory.faults().ClearFaults();
  EXPECT_TRUE(Fails(
      wal->Append(2, PutOf("b", "v")), StatusCode::kReadOnly,
      {cause.message()}))
      << "the new segment's name may never become durable";
  EXPECT_TRUE(Fails(wal->Rotate(), StatusCode::kReadOnly));
  EXPECT_TRUE(Fails(wal->SyncIfDue(true), StatusCode::kReadOnly));
  EXPECT_EQ(directory.Writes(), Strings{"1 a=v"});
}

// That of the old segment, of its close frame, and of the new segment.
TEST(WalTest, EachFailedSyncOfARotationRefusesEveryWrite) {
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 20u) << "a rotation takes fewer syncs";
    WalDirectory directory;
    auto wal = directory.Create();
    Append(*wal, 1, "a");
    directory.Fail(FaultKind::kSyncError, nth);
    const Status cause = wal->Rotate();
    const bool fired = directory.faults().FaultsFired() > 0;
    directory.faults().ClearFaults();
    if (!fired) {
      EXPECT_TRUE(cause.ok()) << cause.ToString();
      EXPECT_GT(nth, 3u) << "the old segment is synced, and the new one";
      break;
    }
    EXPECT_TRUE(Fails(cause, StatusCode::kIoError)) << "sync " << nth;
    EXPECT_TRUE(Fails(
        wal->Append(2, PutOf("b", "v")), StatusCode::kReadOnly,
        {cause.message()}))
        << "sync " << nth << ": after it nobody knows what is durable";
    EXPECT_TRUE(Fails(wal->Rotate(), StatusCode::kReadOnly)) << "sync " << nth;
    EXPECT_EQ(directory.Writes(), Strings{"1 a=v"}) << "sync " << nth;
    EXPECT_EQ(directory.Segments(), Numbers{1}) << "sync " << nth;
  }
}

TEST(WalTest, AFailedSyncWhileRotatingRefusesEveryWrite) {
  WalDirectory directory;
  auto wal = directory.Create();
  Append(*wal, 1, "a");
  directory.Fail(FaultKind::kSyncError);
  EXPECT_TRUE(Fails(wal->Rotate(), StatusCode::kIoError));
  directory.faults().ClearFaults();
  EXPECT_TRUE(Fails(wal->Append(2, PutOf("b", "v")), StatusCode::kReadOnly));
  EXPECT_EQ(directory.Segments(), Numbers{1})
      << "behind a segment that may have lost its end there is no other";
}

TEST(WalTest, FailMakesTheLogReadOnlyAndReturnsItsCause) {
  WalDirectory directory;
  auto wal = directory.Create();
  const Status cause = Status::IoError("the device has gone");
  EXPECT_TRUE(Fails(
      wal->Fail(cause, "writing a checkpoint"), StatusCode::kIoError,
      {"the device has gone"}));
  EXPECT_TRUE(Fails(
      wal->Append(1, PutOf("a", "v")), StatusCode::kReadOnly,
      {"the device has gone"}));
  EXPECT_EQ(directory.Writes(), Strings{});
}

// Segments 1, 2 and 3 with one write each, and an empty 4.
std::unique_ptr<Wal> FillFour(WalDirectory& directory) {
  auto wal = directory.Create();
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    Append(*wal, sequence, "k");
    MustBeOk(wal->Rotate(), "Rotate");
  }
  return wal;
}

TEST(WalTest, RemoveBeforeRemovesTheSegmentsWithSmallerNumbers) {
  WalDirectory directory;
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(1).ok());
  EXPECT_EQ(directory.Segments(), (Numbers{1, 2, 3, 4}));
  ASSERT_TRUE(wal->RemoveBefore(3).ok());
  EXPECT_EQ(directory.Segments(), (Numbers{3, 4})) << "the third itself stays";
  EXPECT_EQ(StatusOf(*wal).first_segment, 3u);
  EXPECT_EQ(StatusOf(*wal).archived_segments, 0u);
  EXPECT_EQ(directory.Archived(), Numbers{}) << "nothing is archived unasked";
  Append(*wal, 4, "k");
  EXPECT_EQ(directory.Writes(), (Strings{"3 k=v", "4 k=v"}));
}

TEST(WalTest, RemoveBeforeNeverRemovesTheLastSegment) {
  WalDirectory directory;
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(9).ok());
  EXPECT_EQ(directory.Segments(), Numbers{4});
  EXPECT_EQ(wal->LastSegment(), 4u);
  Append(*wal, 4, "k");
  EXPECT_EQ(directory.Writes(), Strings{"4 k=v"});
}

TEST(WalTest, WhileSegmentsAreRemovedThereIsNeverAGap) {
  WalDirectory directory;
  auto wal = FillFour(directory);
  directory.memory().SetObserver([&](uint64_t call) {
    const Numbers now = directory.Segments();
    for (size_t i = 0; i + 1 < now.size(); ++i) {
      EXPECT_EQ(now[i] + 1, now[i + 1])
          << "at call " << call << ": the oldest goes first";
    }
  });
  ASSERT_TRUE(wal->RemoveBefore(4).ok());
  directory.memory().SetObserver(nullptr);
  EXPECT_EQ(directory.Segments(), Numbers{4});
}

// By another, or by a removal that was done but reported an error.
TEST(WalTest, ASegmentThatIsGoneAlreadyCountsAsRemoved) {
  enum class Gone { kRemoved, kRemovedWithArchive, kMovedToArchive };
  for (const Gone gone :
       {Gone::kRemoved, Gone::kRemovedWithArchive, Gone::kMovedToArchive}) {
    Options options;
    options.archive_wal = gone != Gone::kRemoved;
    WalDirectory directory(options);
    auto wal = FillFour(directory);
    ASSERT_TRUE(wal->RemoveBefore(2).ok());
    const std::string second = WalSegmentName("/db", 2);
    if (gone == Gone::kMovedToArchive) {
      MustBeOk(
          directory.memory().HardLink(
              second, WalSegmentName(ArchiveName("/db"), 2)),
          "HardLink");
    }
    MustBeOk(directory.memory().Remove(second), "Remove");
    const Status removed = wal->RemoveBefore(3);
    EXPECT_TRUE(removed.ok()) << removed.ToString();
    EXPECT_EQ(StatusOf(*wal).first_segment, 3u);
    EXPECT_TRUE(wal->RemoveBefore(4).ok()) << "nor is a later one in its way";
    EXPECT_EQ(directory.Segments(), Numbers{4});
    Append(*wal, 4, "k");
  }
}

TEST(WalTest, WithAnArchiveSegmentsAreMovedIntoIt) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  auto wal = FillFour(directory);
  const std::string first = directory.Content(1);
  ASSERT_TRUE(wal->RemoveBefore(3).ok());
  EXPECT_EQ(directory.Segments(), (Numbers{3, 4}));
  EXPECT_EQ(directory.Archived(), (Numbers{1, 2}));
  EXPECT_EQ(StatusOf(*wal).archived_segments, 2u);
  EXPECT_EQ(StatusOf(*wal).first_segment, 3u);
  Result<std::string> archived =
      ReadFile(&directory.memory(), WalSegmentName(ArchiveName("/db"), 1));
  ASSERT_TRUE(archived.ok()) << archived.status().ToString();
  EXPECT_TRUE(SameBytes(*archived, first)) << "byte for byte";
  ASSERT_TRUE(wal->RemoveBefore(4).ok());
  EXPECT_EQ(directory.Archived(), (Numbers{1, 2, 3}));
}

TEST(WalTest, WhatIsArchivedIsDurablySo) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(4).ok());
  // Makes durable that the old names are gone.
  Append(*wal, 4, "k");
  ASSERT_TRUE(wal->Rotate().ok());
  auto after = directory.memory().Crash({});
  EXPECT_EQ(directory.Segments(*after), (Numbers{4, 5}));
  for (const uint64_t number : {1u, 2u, 3u}) {
    EXPECT_TRUE(
        after->Exists(WalSegmentName(ArchiveName("/db"), number)).value())
        << "segment " << number << " is in neither directory";
  }
}

TEST(WalTest, RemoveArchivedEmptiesTheArchiveOnly) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveArchived().ok()) << "there is no archive yet";
  ASSERT_TRUE(wal->RemoveBefore(3).ok());
  ASSERT_TRUE(wal->RemoveArchived().ok());
  EXPECT_EQ(directory.Archived(), Numbers{});
  EXPECT_EQ(StatusOf(*wal).archived_segments, 0u);
  EXPECT_EQ(directory.Segments(), (Numbers{3, 4}));
}

TEST(WalTest, WhatIsRemovedFromTheArchiveStaysRemoved) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(3).ok());
  ASSERT_TRUE(wal->RemoveArchived().ok());
  auto after = directory.memory().Crash({});
  for (const uint64_t number : {1u, 2u}) {
    EXPECT_FALSE(
        after->Exists(WalSegmentName(ArchiveName("/db"), number)).value())
        << "segment " << number << " is back after a power loss";
  }
}

TEST(WalTest, AFailedSyncOfTheArchiveRefusesEveryWriteToo) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(3).ok());
  directory.Fail(FaultKind::kSyncDirectoryError);
  const Status cause = wal->RemoveArchived();
  EXPECT_TRUE(Fails(cause, StatusCode::kIoError));
  directory.faults().ClearFaults();
  EXPECT_TRUE(Fails(
      wal->Append(4, PutOf("k", "v")), StatusCode::kReadOnly,
      {cause.message()}));
}

TEST(WalTest, WhatAnotherRemovesFromTheArchiveMeanwhileCountsAsRemoved) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(4).ok());
  bool removing = false;
  directory.memory().SetObserver([&](uint64_t) {
    if (removing) return;  // a call of this observer's own
    removing = true;
    for (const uint64_t number : directory.Archived()) {
      MustBeOk(
          directory.memory().Remove(WalSegmentName(ArchiveName("/db"), number)),
          "Remove");
    }
  });
  const Status removed = wal->RemoveArchived();
  directory.memory().SetObserver(nullptr);
  EXPECT_TRUE(removed.ok()) << removed.ToString();
  EXPECT_EQ(directory.Archived(), Numbers{});
}

// An archive may have a segment of the same number: of a database that was
// there before, or that was copied.
TEST(WalTest, ASecondSegmentOfOneNumberIsInTheArchiveLikeTheOthers) {
  Options options;
  options.archive_wal = true;
  WalDirectory directory(options);
  MemoryFileSystem& fs = directory.memory();
  const std::string archive = ArchiveName("/db");
  MustBeOk(fs.CreateDirectory(archive), "CreateDirectory");
  const std::string first = WalSegmentName(archive, 1);
  const Strings others = {
      first + ".1", first + ".02", first + ".x", first + ".", first + ".2.old"};
  for (const std::string& name : others) {
    MustBeOk(WriteFile(&fs, name, "of another program"), "WriteFile");
  }
  MustBeOk(WriteFile(&fs, first, "of another database"), "WriteFile");
  MustBeOk(WriteFile(&fs, first + ".2", "of a third one"), "WriteFile");
  auto wal = FillFour(directory);
  ASSERT_TRUE(wal->RemoveBefore(3).ok());
  ASSERT_TRUE(fs.Exists(first + ".3").value()) << "nothing is overwritten";
  EXPECT_EQ(StatusOf(*wal).archived_segments, 4u)
      << "000001.wal, 000001.wal.2, 000001.wal.3 and 000002.wal";
  ASSERT_TRUE(wal->RemoveArchived().ok());
  EXPECT_EQ(StatusOf(*wal).archived_segments, 0u);
  for (const std::string& name : {first, first + ".2", first + ".3"}) {
    EXPECT_FALSE(fs.Exists(name).value()) << name;
  }
  for (const std::string& name : others) {
    EXPECT_TRUE(fs.Exists(name).value()) << name << " is not ours";
  }
}

TEST(WalTest, EachErrorOfARemovalIsReturnedAndItCanBeDoneAgain) {
  for (const bool archive : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 50u);
      Options options;
      options.archive_wal = archive;
      WalDirectory directory(options);
      auto wal = FillFour(directory);
      directory.Fail(FaultKind::kAny, nth);
      const Status removed = wal->RemoveBefore(4);
      const bool fired = directory.faults().FaultsFired() > 0;
      directory.faults().ClearFaults();
      EXPECT_EQ(directory.Segments().back(), 4u);
      if (!fired) {
        EXPECT_TRUE(removed.ok());
        EXPECT_GT(nth, 3u) << "three segments are three calls at least";
        break;
      }
      EXPECT_FALSE(removed.ok()) << "the error of call " << nth << " is lost";
      const Status again = wal->RemoveBefore(4);
      if (!again.ok()) {
        EXPECT_TRUE(Fails(again, StatusCode::kReadOnly)) << "call " << nth;
        continue;
      }
      EXPECT_EQ(directory.Segments(), Numbers{4}) << "call " << nth;
      if (archive) {
        EXPECT_EQ(directory.Archived(), (Numbers{1, 2, 3})) << "call " << nth;
      }
    }
  }
}

}  // namespace
}  // namespace kv
