// Goal: Open cuts off what a crash can leave at the end of the last segment,
// durably, and nothing else. Damage that no crash can have done is Corruption,
// names file and offset, and changes no byte; with kPointInTime and kSalvage it
// is passed over, reported and kept.
// Method: three segments made by a database, then cut, damaged, lost or
// exchanged by hand.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kv/sequence_number.h"
#include "support/recovery_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

const std::string kFirst = SegmentFile(1);
const std::string kMiddle = SegmentFile(2);
const std::string kLast = SegmentFile(3);

// "a" and "b" in the first segment, "c" and "d" in the middle one, "e" and "f"
// in the last, of which "e" is synced; then the process died.
void MakeThreeSegments(Disk& disk) {
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  Put(*db, "c", "value");
  Put(*db, "d", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  PutSynced(*db, "e");
  Put(*db, "f", "value");
  disk.KillProcess();
}

const ContentsByKey kAll = Keys({"a", "b", "c", "d", "e", "f"});

// What the database holds when it is opened in this mode.
ContentsByKey ContentsAfter(
    Disk& disk, RecoveryMode mode = RecoveryMode::kAutomatic) {
  auto db = disk.Open(WithMode(mode));
  return Contents(*db);
}

// The files that the damaged ones were kept as.
FilesByPath KeptFiles(Disk& disk) {
  return AllFiles(disk, BaseName(DamagedName("/")));
}

FilesByPath AsKept(const FilesByPath& files) {
  FilesByPath kept;
  for (const auto& [name, content] : files) {
    if (name != BaseName(LockName("/"))) {
      kept[JoinPath(BaseName(DamagedName("/")), name)] = content;
    }
  }
  return kept;
}

TEST(WalRecoveryTest, SegmentsAreReadInTheirOrder) {
  Disk disk;
  MakeThreeSegments(disk);
  auto db = disk.Open();
  EXPECT_EQ(Contents(*db), kAll);
  const RecoveryReport report = ReportOf(*db);
  EXPECT_EQ(report.segments, 3u);
  EXPECT_EQ(report.batches, 6u);
  EXPECT_EQ(report.operations, 6u);
  EXPECT_EQ(report.trimmed_bytes, 0u);
  EXPECT_EQ(report.skipped, Strings{});
  EXPECT_EQ(WalStatusOf(*db).last_sequence, 6u);
}

// A clock on which each look takes a second.
class SlowClock : public Clock {
 public:
  uint64_t WallMicros() override { return 0; }
  uint64_t MonotonicNanos() override { return nanos_ += 1'000'000'000; }

 private:
  uint64_t nanos_ = 0;
};

TEST(WalRecoveryTest, SegmentsAreReadWithProgressOverAllOfThem) {
  Disk disk;
  SlowClock clock;
  Options options;
  options.wal_segment_bytes_max = 100'000;
  auto db = disk.Open(options);
  for (int i = 0; i < 10'000; ++i) {
    Put(*db, "key", "value");
  }
  const uint64_t total = WalStatusOf(*db).bytes;
  ASSERT_GT(WalStatusOf(*db).last_segment, 5u);
  disk.KillProcess();
  std::vector<OpenProgress> reports;
  options.clock = &clock;
  options.on_open_progress = [&reports](const OpenProgress& progress) {
    reports.push_back(progress);
  };
  db = disk.Open(options);
  ASSERT_FALSE(reports.empty());
  uint64_t before = 0;
  for (const OpenProgress& report : reports) {
    EXPECT_EQ(report.bytes_total, total);
    EXPECT_GT(report.bytes_done, before);
    EXPECT_LE(report.bytes_done, total);
    before = report.bytes_done;
  }
  EXPECT_GT(before, total / 2) << "of all segments, not of the last one";
}

TEST(WalRecoveryTest, NumbersAreOrderedAsNumbers) {
  Disk disk;
  Options options;
  options.wal_segment_bytes_max = 1;  // a segment for each write
  auto db = disk.Open(options);
  for (int i = 0; i < 12; ++i) {
    Put(*db, "key", std::to_string(i));
  }
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Read(*db, "key"), "11");
  EXPECT_EQ(WalStatusOf(*db).last_segment, 12u);
}

TEST(WalRecoveryTest, WhatIsKeptIsMadeDurable) {
  Disk disk;
  MakeThreeSegments(disk);
  auto db = disk.Open();
  EXPECT_EQ(WalStatusOf(*db).synced_sequence, 6u);
  disk.LosePower();
  EXPECT_EQ(ContentsAfter(disk), kAll) << "a reader may have seen f";
}

// The disk wrote the last frame, and none of those before it.
TEST(WalRecoveryTest, ATailWithAHoleIsCutOffWhereTheHoleBegins) {
  Disk disk;
  auto db = disk.Open();
  PutSynced(*db, "a");
  for (const char* key : {"b", "c", "d"}) Put(*db, key, "value");
  const auto unsynced = disk.memory().Unsynced();
  ASSERT_EQ(unsynced.files.size(), 1u);
  const DirtyFile& file = unsynced.files[0];
  ASSERT_EQ(file.writes.size(), 3u);
  std::string content = file.durable;
  ApplyWrite(file.writes[2], &content);
  CrashChoice choice;
  choice.contents[file.id] = content;
  disk.LosePower(choice);
  EXPECT_TRUE(Fails(
      disk.TryOpen(WithMode(RecoveryMode::kStrict)).status(),
      StatusCode::kCorruption, {std::to_string(file.durable.size())}));
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a"})) << "not \"d\" without \"c\"";
  EXPECT_EQ(ReportOf(*db).trimmed_bytes, content.size() - file.durable.size());
}

TEST(WalRecoveryTest, ATailCutAtEachByteIsTrimmedDurably) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (uint64_t length = frames[0].End(); length < whole.size(); ++length) {
    disk.SetContent(kLast, whole.substr(0, length));
    auto db = disk.Open();
    ASSERT_EQ(Contents(*db), Keys({"a", "b", "c", "d", "e"}))
        << "cut to " << length;
    ASSERT_EQ(ReportOf(*db).trimmed_bytes, length - frames[0].End());
    disk.LosePower();
    ASSERT_EQ(disk.Content(kLast).size(), frames[0].End())
        << "the trim was lost: a later write would stand where the tail was";
  }
}

TEST(WalRecoveryTest, WritesAfterATornTailSurviveAnotherCrash) {
  Disk disk;
  MakeThreeSegments(disk);
  ContentsByKey expected = kAll;
  for (int crash = 0; crash < 5; ++crash) {
    disk.SetContent(kLast, disk.Content(kLast) + std::string(100, '\x5a'));
    auto db = disk.Open();
    const std::string key = "crash " + std::to_string(crash);
    PutSynced(*db, key);
    expected[key] = "value";
    Put(*db, "lost", "value");
    disk.LosePower();
  }
  EXPECT_EQ(ContentsAfter(disk), expected);
}

TEST(WalRecoveryTest, AFrameBehindALostOneDoesNotComeBack) {
  Disk disk;
  MakeThreeSegments(disk);
  auto db = disk.Open();
  Put(*db, "g", "value");
  Put(*db, "h", "value");
  disk.KillProcess();
  std::string file = disk.Content(kLast);
  const FileFrame lost = FramesIn(file)[2];
  file.replace(
      static_cast<size_t>(lost.offset),
      static_cast<size_t>(lost.End() - lost.offset),
      static_cast<size_t>(lost.End() - lost.offset), '\0');
  disk.SetContent(kLast, file);
  db = disk.Open();
  EXPECT_EQ(Contents(*db), kAll)
      << "h was never synced: a crash may keep it and lose g";
  PutSynced(*db, "i");
  disk.LosePower();
  ContentsByKey expected = kAll;
  expected["i"] = "value";
  EXPECT_EQ(ContentsAfter(disk), expected);
}

TEST(WalRecoveryTest, StrictRefusesATornTailAndChangesNothing) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  const std::vector<FileFrame> frames = FramesIn(whole);
  for (uint64_t length = frames[0].End() + 1; length < whole.size(); ++length) {
    disk.SetContent(kLast, whole.substr(0, length));
    const FilesByPath before = AllFiles(disk);
    ASSERT_TRUE(Fails(
        disk.TryOpen(WithMode(RecoveryMode::kStrict)).status(),
        StatusCode::kCorruption,
        {disk.FilePath(kLast), std::to_string(frames[1].offset), "kAutomatic"}))
        << "cut to " << length;
    ASSERT_TRUE(AllFiles(disk) == before) << "cut to " << length;
  }
  disk.SetContent(kLast, whole);
  EXPECT_EQ(ContentsAfter(disk, RecoveryMode::kStrict), kAll);
}

TEST(WalRecoveryTest, DamageToWhatWasSyncedInTheLastSegmentIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  const FileFrame synced = FramesIn(whole)[0];
  for (uint64_t byte = synced.offset; byte < synced.End(); ++byte) {
    disk.SetContent(kLast, Flip(whole, byte, byte % 8));
    ExpectRefused(
        disk, {disk.FilePath(kLast), std::to_string(synced.offset)},
        "byte " + std::to_string(byte) + " was synced");
  }
}

TEST(WalRecoveryTest, DamageInAMiddleSegmentIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  for (const FileFrame& frame : FramesIn(whole)) {
    for (uint64_t byte = frame.offset; byte < frame.End(); ++byte) {
      disk.SetContent(kMiddle, Flip(whole, byte, byte % 8));
      ExpectRefused(
          disk, {disk.FilePath(kMiddle), std::to_string(frame.offset)},
          "byte " + std::to_string(byte));
    }
  }
  for (uint64_t byte = 0; byte < kLogHeaderBytes; ++byte) {
    disk.SetContent(kMiddle, Flip(whole, byte, byte % 8));
    const Status status = disk.TryOpen().status();
    EXPECT_FALSE(status.ok()) << "byte " << byte;
    EXPECT_NE(status.message().find(kMiddle), std::string_view::npos)
        << status.ToString();
  }
}

TEST(WalRecoveryTest, AMiddleSegmentThatIsCutAtAnyByteIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  for (const FileFrame& frame : FramesIn(whole)) {
    for (uint64_t length = frame.offset; length < frame.End(); ++length) {
      disk.SetContent(kMiddle, whole.substr(0, length));
      ExpectRefused(
          disk, {disk.FilePath(kMiddle), std::to_string(frame.offset)},
          "a segment is sealed before the next exists: cut to " +
              std::to_string(length));
    }
  }
}

TEST(WalRecoveryTest, BytesBehindTheSealAreCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  for (const std::string& tail :
       {std::string(1, '\0'), std::string(100, '\x5a')}) {
    disk.SetContent(kMiddle, whole + tail);
    ExpectRefused(
        disk, {disk.FilePath(kMiddle), std::to_string(whole.size())},
        "no crash lengthens it");
  }
}

// The segment with another intact frame behind what is there.
std::string WithFrame(std::string file, const SequencedBatch& batch) {
  std::string payload;
  EncodeSequencedBatch(batch, &payload);
  const LogIdentity log = IdentityOf(file);
  EncodeFrame(log, file.size(), file.size(), FrameType::kBatch, payload, &file);
  return file;
}

TEST(WalRecoveryTest, BytesBehindACleanCloseAreCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  MustBeOk(disk.Open()->Close(), "Close");
  const std::string whole = disk.Content(kLast);
  for (const std::string& tail :
       {std::string(1, '\0'), std::string(100, '\x5a')}) {
    disk.SetContent(kLast, whole + tail);
    ExpectRefused(
        disk, {disk.FilePath(kLast), std::to_string(whole.size())},
        "the close frame goes, durably, before anything is appended");
  }
}

TEST(WalRecoveryTest, AFrameBehindTheSealIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  MustBeOk(disk.Open()->Close(), "Close");
  WriteBatch batch;
  batch.Put("late", "value");
  for (const auto& [name, sequence] :
       std::vector<std::pair<std::string, uint64_t>>{
           {kMiddle, 5}, {kLast, 7}}) {
    const std::string whole = disk.Content(name);
    disk.SetContent(name, WithFrame(whole, {sequence, 0, 1, batch.Payload()}));
    ExpectRefused(
        disk, {disk.FilePath(name), std::to_string(whole.size())},
        "a frame of number " + std::to_string(sequence) +
            ", which is the next");
    disk.SetContent(name, whole);
  }
  EXPECT_EQ(ContentsAfter(disk), kAll);
}

TEST(WalRecoveryTest, AMissingSegmentIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  for (const std::string& missing : {kFirst, kMiddle}) {
    const std::string content = disk.Content(missing);
    RemoveFile(disk, missing);
    ExpectRefused(
        disk,
        {disk.FilePath(missing == kFirst ? kMiddle : kLast), "offset 0",
         missing == kFirst ? "number 1" : "number 2"},
        missing + " is not there");
    disk.SetContent(missing, content);
  }
  EXPECT_EQ(ContentsAfter(disk), kAll);
}

TEST(WalRecoveryTest, ASegmentUnderTheNameOfAnotherIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string middle = disk.Content(kMiddle);
  for (const std::string& other : {kFirst, kLast}) {
    disk.SetContent(kMiddle, disk.Content(other));
    ExpectRefused(
        disk, {disk.FilePath(kMiddle), "offset 0"}, "the content of " + other);
  }
  disk.SetContent(kMiddle, middle);
  EXPECT_EQ(ContentsAfter(disk), kAll);
}

// The segment with another sequence number in its write `changed`, counted from
// 0.
std::string WithNumber(
    std::string_view file, size_t changed, uint64_t sequence) {
  return Rewritten(file, [=](size_t index, std::string payload) {
    if (index != changed) return payload;
    std::string bytes;
    PutFixed64(&bytes, sequence);
    return payload.replace(0, bytes.size(), bytes);
  });
}

TEST(WalRecoveryTest, AWrongSequenceNumberIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  const FileFrame second = FramesIn(whole)[1];
  // "d" is number 4.
  for (const uint64_t wrong : {0u, 3u, 5u}) {
    disk.SetContent(kMiddle, WithNumber(whole, 1, wrong));
    ExpectRefused(
        disk, {disk.FilePath(kMiddle), std::to_string(second.offset)},
        "number " + std::to_string(wrong) + " instead of 4");
  }
}

TEST(WalRecoveryTest, AWrongSequenceNumberInTheLastFrameIsNoTornTail) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  const FileFrame second = FramesIn(whole)[1];
  // "f" is number 6.
  for (const uint64_t wrong : {0u, 5u, 7u}) {
    disk.SetContent(kLast, WithNumber(whole, 1, wrong));
    ExpectRefused(
        disk, {disk.FilePath(kLast), std::to_string(second.offset)},
        "a frame that is intact is none that a crash has torn");
  }
}

TEST(WalRecoveryTest, AWriteTakesANumberForEachOfItsOperations) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch batch;
  batch.Put("a", "value");
  batch.Put("b", "value");
  batch.Delete("a");
  Write(*db, batch);
  Put(*db, "c", "value");
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
  EXPECT_EQ(ReportOf(*db).batches, 2u);
  EXPECT_EQ(ReportOf(*db).operations, 4u);
  EXPECT_EQ(WalStatusOf(*db).last_sequence, 4u);
}

// All checksums are right, and salvage takes a jump in the numbers.
TEST(WalRecoveryTest, AWriteWithNumbersAboveTheLargestIsLeftOut) {
  for (const uint64_t sequence : {kSequenceMax - 1, UINT64_MAX - 1}) {
    Disk disk;
    MakeThreeSegments(disk);
    const std::string whole = disk.Content(kLast);
    WriteBatch batch;
    for (const char* value : {"1", "2", "3"}) batch.Put("a", value);
    disk.SetContent(kLast, WithFrame(whole, {sequence, 0, 3, batch.Payload()}));
    ExpectRefused(
        disk, {disk.FilePath(kLast), std::to_string(whole.size())},
        "number " + std::to_string(sequence));
    EXPECT_EQ(ContentsAfter(disk, RecoveryMode::kSalvage), kAll);
    auto db = disk.Open();
    Put(*db, "g", "value");
    EXPECT_EQ(Read(*db, "g"), "value") << "writes go on behind it";
  }
}

TEST(WalRecoveryTest, AWriteWithoutAnOperationIsCorruption) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  disk.SetContent(kLast, WithFrame(whole, {7, 0, 0, ""}));
  ExpectRefused(
      disk, {disk.FilePath(kLast), std::to_string(whole.size())},
      "a write has at least one operation");
}

TEST(WalRecoveryTest, AWriteMustHaveAsManyOperationsAsItSays) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  constexpr size_t kCountOffset = 16;
  for (const uint32_t wrong : {0u, 2u, 0xffffffffu}) {
    disk.SetContent(
        kMiddle, Rewritten(whole, [wrong](size_t, std::string payload) {
          std::string count;
          PutFixed32(&count, wrong);
          return payload.replace(kCountOffset, count.size(), count);
        }));
    ExpectRefused(
        disk, {disk.FilePath(kMiddle), std::to_string(kLogHeaderBytes)},
        "a count of " + std::to_string(wrong));
  }
}

TEST(WalRecoveryTest, ABatchThatDoesNotEndIsNotApplied) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch batch;
  batch.Put("a", "value");
  batch.Put("b", "value");
  Write(*db, batch);
  MustBeOk(db->RotateWal(), "RotateWal");
  disk.KillProcess();
  disk.SetContent(
      kFirst, Rewritten(disk.Content(kFirst), [](size_t, std::string payload) {
        payload.pop_back();
        return payload;
      }));
  ExpectRefused(disk, {disk.FilePath(kFirst)}, "its last byte is missing");
  EXPECT_EQ(ContentsAfter(disk, RecoveryMode::kSalvage), ContentsByKey())
      << "all or nothing";
}

TEST(WalRecoveryTest, PointInTimeEndsBeforeTheDamage) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  const FileFrame first = FramesIn(whole)[0];
  const FileFrame second = FramesIn(whole)[1];
  disk.SetContent(kMiddle, Flip(whole, second.End() - 1));
  const FilesByPath damaged = AllFiles(disk);

  auto db = disk.Open(WithMode(RecoveryMode::kPointInTime));
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
  const RecoveryReport report = ReportOf(*db);
  EXPECT_EQ(
      report.skipped_bytes,
      whole.size() - first.End() + damaged.at(kLast).size());
  ASSERT_EQ(report.skipped.size(), 1u);
  EXPECT_NE(
      report.skipped[0].find(
          disk.FilePath(kMiddle) + " at offset " +
          std::to_string(second.offset)),
      std::string::npos)
      << report.skipped[0];
  EXPECT_TRUE(KeptFiles(disk) == AsKept(damaged));
}

TEST(WalRecoveryTest, SalvageGoesOnBehindTheDamage) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  const FileFrame first = FramesIn(whole)[0];
  disk.SetContent(kMiddle, Flip(whole, first.End() - 1));
  const FilesByPath damaged = AllFiles(disk);

  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "d", "e", "f"}));
  const RecoveryReport report = ReportOf(*db);
  EXPECT_EQ(report.skipped_bytes, first.End() - first.offset);
  ASSERT_EQ(report.skipped.size(), 1u);
  EXPECT_NE(
      report.skipped[0].find(
          disk.FilePath(kMiddle) + " at offset " +
          std::to_string(first.offset)),
      std::string::npos)
      << report.skipped[0];
  EXPECT_TRUE(KeptFiles(disk) == AsKept(damaged));
}

TEST(WalRecoveryTest, SalvageLeavesOutOnlyTheWriteThatIsThereTwice) {
  for (const size_t index : {0u, 1u}) {
    Disk disk;
    MakeThreeSegments(disk);
    const std::string whole = disk.Content(kMiddle);
    // "c" is number 3 and "d" number 4.
    disk.SetContent(kMiddle, WithNumber(whole, index, 2 + index));
    const auto expected = index == 0 ? Keys({"a", "b", "d", "e", "f"})
                                     : Keys({"a", "b", "c", "e", "f"});
    auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
    EXPECT_EQ(Contents(*db), expected) << "write " << index;
    ASSERT_FALSE(ReportOf(*db).skipped.empty());
    EXPECT_NE(
        ReportOf(*db).skipped[0].find(
            disk.FilePath(kMiddle) + " at offset " +
            std::to_string(FramesIn(whole)[index].offset)),
        std::string::npos)
        << ReportOf(*db).skipped[0];
    disk.LosePower();
    EXPECT_EQ(ContentsAfter(disk), expected) << "write " << index;
  }
}

TEST(WalRecoveryTest, SalvageNotesAGapInTheNumbers) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  disk.SetContent(kLast, WithNumber(whole, 1, 7));  // "f" is number 6
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), kAll);
  ASSERT_EQ(ReportOf(*db).skipped.size(), 1u) << "a write is missing";
  EXPECT_NE(
      ReportOf(*db).skipped[0].find(
          disk.FilePath(kLast) + " at offset " +
          std::to_string(FramesIn(whole)[1].offset)),
      std::string::npos)
      << ReportOf(*db).skipped[0];
  disk.LosePower();
  EXPECT_EQ(ContentsAfter(disk), kAll) << "no other mode need know of it";
}

// And not the rest of it again for each bad place.
TEST(WalRecoveryTest, SalvageOfManyBadPlacesReadsTheSegmentAFewTimes) {
  constexpr size_t kWrites = 256;
  constexpr uint64_t kReadBytes = 4096;
  Disk disk;
  {
    auto db = disk.Open();
    for (size_t i = 0; i < kWrites; ++i) {
      MustBeOk(
          db->Put(std::to_string(i), std::string(1000, 'v'), kSynced), "Put");
    }
    disk.KillProcess();
  }
  std::string segment = disk.Content(kFirst);
  const std::vector<FileFrame> frames = FramesIn(segment);
  ASSERT_EQ(frames.size(), kWrites);
  for (size_t i = 0; i < kWrites; i += 2) {
    segment = Flip(std::move(segment), frames[i].End() - 1);
  }
  disk.SetContent(kFirst, segment);

  Options options = WithMode(RecoveryMode::kSalvage);
  options.read_buffer_bytes = kReadBytes;
  disk.faults().ResetCounts();
  auto db = disk.Open(options);
  EXPECT_EQ(ReportOf(*db).skipped.size(), kWrites / 2);
  EXPECT_LT(
      disk.faults().Calls(FileCall::kRead), 10 * segment.size() / kReadBytes);
}

TEST(WalRecoveryTest, SalvageOfAMissingSegmentKeepsTheOthers) {
  Disk disk;
  MakeThreeSegments(disk);
  RemoveFile(disk, kMiddle);
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "e", "f"}));
  EXPECT_EQ(ReportOf(*db).skipped.size(), 1u);
}

TEST(WalRecoveryTest, PointInTimeOfAMissingSegmentEndsBeforeIt) {
  Disk disk;
  MakeThreeSegments(disk);
  const uint64_t last_bytes = disk.Content(kLast).size();
  RemoveFile(disk, kMiddle);
  auto db = disk.Open(WithMode(RecoveryMode::kPointInTime));
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
  EXPECT_EQ(ReportOf(*db).skipped_bytes, last_bytes);
}

TEST(WalRecoveryTest, SalvageOfADamagedHeaderPassesOverTheSegment) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kMiddle);
  disk.SetContent(kMiddle, Flip(whole, 20));
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "e", "f"}));
  EXPECT_EQ(ReportOf(*db).skipped_bytes, whole.size());
}

TEST(WalRecoveryTest, WhatPassedOverDamageOpensInAnyModeAfterwards) {
  for (const RecoveryMode mode :
       {RecoveryMode::kPointInTime, RecoveryMode::kSalvage}) {
    Disk disk;
    MakeThreeSegments(disk);
    const std::string whole = disk.Content(kMiddle);
    disk.SetContent(kMiddle, Flip(whole, kLogHeaderBytes));
    auto db = disk.Open(WithMode(mode));
    ContentsByKey expected = Contents(*db);
    disk.LosePower();
    const FilesByPath kept = KeptFiles(disk);
    EXPECT_EQ(kept.size(), 3u) << "the damaged files are kept durably";

    db = disk.Open();
    EXPECT_EQ(Contents(*db), expected) << "what a reader saw must stay";
    EXPECT_EQ(ReportOf(*db).skipped, Strings{});
    PutSynced(*db, "later");
    expected["later"] = "value";
    disk.LosePower();
    EXPECT_EQ(ContentsAfter(disk, RecoveryMode::kStrict), expected);
    EXPECT_TRUE(KeptFiles(disk) == kept) << "nobody removes them";
  }
}

TEST(WalRecoveryTest, ModesThatPassOverDamageTrimATornTail) {
  for (const RecoveryMode mode :
       {RecoveryMode::kPointInTime, RecoveryMode::kSalvage}) {
    Disk disk;
    MakeThreeSegments(disk);
    const std::string whole = disk.Content(kLast);
    disk.SetContent(kLast, whole.substr(0, whole.size() - 1));
    auto db = disk.Open(WithMode(mode));
    EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "d", "e"}));
    EXPECT_EQ(ReportOf(*db).skipped, Strings{});
    EXPECT_GT(ReportOf(*db).trimmed_bytes, 0u);
    EXPECT_FALSE(disk.memory().Exists(DamagedName(disk.path())).value());
  }
}

// However little is left of it. Only the last segment may be empty.
TEST(WalRecoveryTest, SalvageKeepsASegmentThatWasCutToItsHeader) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string cut = disk.Content(kMiddle).substr(0, 40);
  disk.SetContent(kMiddle, cut);
  EXPECT_EQ(
      ContentsAfter(disk, RecoveryMode::kSalvage), Keys({"a", "b", "e", "f"}));
  EXPECT_TRUE(
      KeptFiles(disk)[JoinPath(BaseName(DamagedName("/")), kMiddle)] == cut);
}

TEST(WalRecoveryTest, RecoveryThatFailsAtAnyCallCanBeRunAgain) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string torn = disk.Content(kLast) + std::string(50, '\x33');
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 1000u);
    disk.SetContent(kLast, torn);
    Fault fault;
    fault.kind = FaultKind::kAny;
    fault.nth = nth;
    fault.persistent = true;
    disk.faults().Inject(fault);
    const Status status = disk.TryOpen().status();
    const bool fired = disk.faults().FaultsFired() > 0;
    if (!fired) {
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
    disk.LosePower(nth % 2 == 0);
    ASSERT_EQ(ContentsAfter(disk), kAll) << "it failed at call " << nth;
    if (!fired) break;
  }
}

// Each call of a recovery in `mode` fails once, with a crash behind it; the
// next one gives `expected`, and keeps every file.
void ExpectThatEachCrashIsMadeUpFor(
    RecoveryMode mode, const ContentsByKey& expected) {
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeThreeSegments(disk);
      disk.SetContent(
          kMiddle, Flip(disk.Content(kMiddle), kLogHeaderBytes + 3));
      disk.SetContent(kLast, disk.Content(kLast));  // f is durable too
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      static_cast<void>(disk.TryOpen(WithMode(mode)));
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      ASSERT_EQ(ContentsAfter(disk, mode), expected)
          << "recovery failed at call " << nth;
      ASSERT_EQ(ContentsAfter(disk), expected) << "call " << nth;
      const FilesByPath kept = KeptFiles(disk);
      for (const std::string& name : {kFirst, kMiddle, kLast}) {
        ASSERT_EQ(kept.count(JoinPath(BaseName(DamagedName("/")), name)), 1u)
            << name << " was lost by a crash at call " << nth;
      }
      if (!fired) break;
    }
  }
}

TEST(WalRecoveryTest, SalvageThatFailsAtAnyCallCanBeRunAgain) {
  ExpectThatEachCrashIsMadeUpFor(
      RecoveryMode::kSalvage, Keys({"a", "b", "d", "e", "f"}));
}

TEST(WalRecoveryTest, PointInTimeThatFailsAtAnyCallCanBeRunAgain) {
  ExpectThatEachCrashIsMadeUpFor(RecoveryMode::kPointInTime, Keys({"a", "b"}));
}

// Damage in the middle and a torn tail with an unsynced frame behind it: the
// tail is one also for a second salvage, which finds a newer segment.
TEST(WalRecoveryTest, SalvageOfATornTailCanBeRunAgainToo) {
  const auto expected = Keys({"a", "b", "d", "e", "f"});
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeThreeSegments(disk);
      auto db = disk.Open();
      Put(*db, "g", "value");
      Put(*db, "h", "value");
      disk.KillProcess();
      disk.SetContent(
          kMiddle, Flip(disk.Content(kMiddle), kLogHeaderBytes + 3));
      const std::string last = disk.Content(kLast);
      disk.SetContent(kLast, Flip(last, FramesIn(last)[2].offset + 3));  // g
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      static_cast<void>(disk.TryOpen(WithMode(RecoveryMode::kSalvage)));
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      ASSERT_EQ(ContentsAfter(disk, RecoveryMode::kSalvage), expected)
          << "recovery failed at call " << nth;
      disk.LosePower(keep_unsynced);
      ASSERT_EQ(ContentsAfter(disk), expected) << "call " << nth;
      if (!fired) break;
    }
  }
}

// Damage, then an intact frame, then a torn tail, all in the last segment: only
// the tail is cut off.
TEST(WalRecoveryTest, SalvageCutsOffNoDamageBeforeATornTail) {
  Disk disk;
  MakeThreeSegments(disk);
  const std::string whole = disk.Content(kLast);
  const std::string damaged =
      Flip(whole, kLogHeaderBytes + 3) + std::string(50, '\x33');
  disk.SetContent(kLast, damaged);
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "d", "f"}));
  EXPECT_EQ(ReportOf(*db).trimmed_bytes, 50u);
  EXPECT_TRUE(
      KeptFiles(disk)[JoinPath(BaseName(DamagedName("/")), kLast)] ==
      damaged.substr(0, whole.size()));
}

// Nothing in it says that it had been synced: only the error shows that it is
// not torn.
TEST(WalRecoveryTest, ASegmentThatCannotBeReadIsNotTrimmed) {
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kShortRead}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      auto db = disk.Open();
      Put(*db, "a", "value");
      Put(*db, "b", "value");
      disk.KillProcess();
      const FilesByPath before = AllFiles(disk);
      Fault fault;
      fault.kind = kind;
      fault.nth = nth;
      disk.faults().Inject(fault);
      const auto opened = disk.TryOpen();
      const bool fired = disk.faults().FaultsFired() > 0;
      ASSERT_TRUE(AllFiles(disk) == before)
          << FaultKindName(kind) << " " << nth << " was taken for a torn tail";
      if (opened.ok()) {
        ASSERT_EQ(Contents(**opened), Keys({"a", "b"}));
      }
      if (!fired) break;
    }
  }
}

TEST(WalRecoveryTest, ASegmentThatIsReadTooShortIsNotTrimmed) {
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 1000u);
    Disk disk;
    MakeThreeSegments(disk);
    const FilesByPath before = AllFiles(disk);
    Fault fault;
    fault.kind = FaultKind::kShortRead;
    fault.nth = nth;
    disk.faults().Inject(fault);
    const auto db = disk.TryOpen();
    const bool fired = disk.faults().FaultsFired() > 0;
    ASSERT_TRUE(AllFiles(disk) == before)
        << "read " << nth << " gave too little, and that was taken for a "
        << "torn tail";
    if (db.ok()) {
      ASSERT_EQ(Contents(**db), kAll) << "read " << nth;
    }
    if (!fired) break;
  }
}

}  // namespace
}  // namespace kv
