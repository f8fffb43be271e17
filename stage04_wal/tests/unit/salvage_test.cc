// Goal: what salvage passes over in a checkpoint is as little as can be, is
// reported and is kept; nothing that was kept is lost to a later salvage; and
// damage that cannot be passed over is refused with a way over.
// Method: databases whose checkpoint or log is damaged, cut or lost by hand,
// opened in each mode, and salvages that crash at each of their calls.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kv/kept_files.h"
#include "support/recovery_verbs.h"
#include "table/table_format.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

const std::string kDamaged = BaseName(DamagedName("/"));
const std::string kArchive = BaseName(ArchiveName("/"));

// "a", "b" and "c" in a checkpoint, "d" and "e" in segment 2 behind it.
void MakeCheckpointAndLog(Disk& disk) {
  auto db = disk.Open();
  for (const char* key : {"a", "b", "c"}) Put(*db, key, "value");
  MustBeOk(db->Checkpoint(), "Checkpoint");
  Put(*db, "d", "value");
  Put(*db, "e", "value");
  MustBeOk(db->Close(), "Close");
}

TableHeader HeaderOf(Disk& disk) {
  const auto header = DecodeTableHeader(disk.Content(kCheckpointFile));
  MustBeOk(header.status(), "DecodeTableHeader");
  return *header;
}

// Opens with kSalvage, and then with the default mode after a power loss.
ContentsByKey Salvaged(Disk& disk, RecoveryReport* report = nullptr) {
  const std::string damaged = disk.Content(kCheckpointFile);
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  ContentsByKey contents = Contents(*db);
  if (report != nullptr) *report = ReportOf(*db);
  EXPECT_TRUE(disk.Content(JoinPath(kDamaged, kCheckpointFile)) == damaged);
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), contents) << "what a reader saw must stay";
  EXPECT_EQ(ReportOf(*db).skipped, Strings{});
  return contents;
}

TEST(CheckpointTest, SalvageNeedsNoIndexToFindTheEntries) {
  for (const uint64_t byte : {0u, 11u, 23u}) {
    Disk disk;
    MakeCheckpointAndLog(disk);
    const std::string whole = disk.Content(kCheckpointFile);
    const uint64_t index = HeaderOf(disk).index_offset;
    disk.SetContent(kCheckpointFile, Flip(whole, index + byte));
    RecoveryReport report;
    EXPECT_EQ(Salvaged(disk, &report), Keys({"a", "b", "c", "d", "e"}));
    EXPECT_EQ(report.table_entries, 3u);
    EXPECT_EQ(report.skipped_bytes, whole.size() - index);
    EXPECT_EQ(report.skipped.size(), 1u);
  }
}

TEST(CheckpointTest, SalvageOfACutTableTakesTheEntriesBeforeTheCut) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  const std::string whole = disk.Content(kCheckpointFile);
  const uint64_t entries = HeaderOf(disk).index_offset - kTableHeaderBytes;
  const uint64_t entry = entries / 3;
  for (uint64_t length = kTableHeaderBytes; length < whole.size(); ++length) {
    Disk cut;
    MakeCheckpointAndLog(cut);
    cut.SetContent(kCheckpointFile, whole.substr(0, length));
    RecoveryReport report;
    ContentsByKey expected = Keys({"d", "e"});
    const uint64_t left =
        std::min<uint64_t>(3, (length - kTableHeaderBytes) / entry);
    if (left > 0) expected["a"] = "value";
    if (left > 1) expected["b"] = "value";
    if (left > 2) expected["c"] = "value";
    ASSERT_EQ(Salvaged(cut, &report), expected) << "cut to " << length;
    ASSERT_EQ(report.skipped_bytes, length - kTableHeaderBytes - left * entry);
    ASSERT_GE(report.skipped.size(), 1u);
  }
}

TEST(CheckpointTest, SalvageOfADamagedHeaderTakesWhatTheLogHas) {
  for (const uint64_t length : {0u, 1u, 55u, 1000u}) {
    Disk disk;
    MakeCheckpointAndLog(disk);
    const std::string whole = disk.Content(kCheckpointFile);
    const std::string damaged =
        length < whole.size() ? whole.substr(0, length) : Flip(whole, 30);
    disk.SetContent(kCheckpointFile, damaged);
    RecoveryReport report;
    EXPECT_EQ(Salvaged(disk, &report), Keys({"d", "e"})) << length;
    EXPECT_EQ(report.table_entries, 0u);
    EXPECT_GE(report.skipped_bytes, damaged.size());
    EXPECT_NE(report.skipped[0].find(kCheckpointFile), std::string::npos);
  }
}

TEST(CheckpointTest, ADamagedOneIsRefusedWithAWayOver) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  const std::string whole = disk.Content(kCheckpointFile);
  const uint64_t index = HeaderOf(disk).index_offset;
  for (const std::string& damaged :
       {Flip(whole, 20), Flip(whole, kTableHeaderBytes + 8),
        Flip(whole, index + 3), whole.substr(0, 10),
        whole.substr(0, whole.size() - 1), whole + "x"}) {
    disk.SetContent(kCheckpointFile, damaged);
    const FilesByPath before = AllFiles(disk);
    // There is no earlier state in a checkpoint, so kPointInTime refuses too.
    for (const RecoveryMode mode :
         {RecoveryMode::kAutomatic, RecoveryMode::kStrict,
          RecoveryMode::kPointInTime}) {
      EXPECT_TRUE(Fails(
          disk.TryOpen(WithMode(mode)).status(), StatusCode::kCorruption,
          {disk.FilePath(kCheckpointFile), "at offset", "restore a backup",
           "kSalvage"}));
      EXPECT_TRUE(AllFiles(disk) == before) << "it stays as it was";
    }
  }
}

TEST(CheckpointTest, SalvageWithoutTheLogGoesOnWithTheNextSegment) {
  for (const RecoveryMode mode :
       {RecoveryMode::kSalvage, RecoveryMode::kPointInTime}) {
    Disk disk;
    MakeCheckpointAndLog(disk);
    RemoveFile(disk, SegmentFile(2));
    auto db = disk.Open(WithMode(mode));
    EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
    EXPECT_EQ(ReportOf(*db).skipped.size(), 1u);
    EXPECT_GE(WalStatusOf(*db).last_segment, 2u)
        << "no number is given twice: the archive may have the first one";
    PutSynced(*db, "f");
    disk.LosePower();
    db = disk.Open();
    EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "f"}));
  }
}

TEST(CheckpointTest, ASecondSalvageKeepsWhatTheFirstOneKept) {
  Disk disk;
  std::string first;
  std::string second;
  for (std::string* damaged : {&first, &second}) {
    auto db = disk.Open();
    Put(*db, "a", "value");
    Put(*db, "b", "value");
    MustBeOk(db->Checkpoint(), "Checkpoint");
    MustBeOk(db->Close(), "Close");
    *damaged = Flip(disk.Content(kCheckpointFile), kTableHeaderBytes + 8);
    disk.SetContent(kCheckpointFile, *damaged);
    disk.Open(WithMode(RecoveryMode::kSalvage));
    disk.LosePower();
  }
  const FilesByPath kept = AllFiles(disk, kDamaged);
  ASSERT_NE(first, second) << "two tables never have the same id";
  EXPECT_TRUE(kept.at(JoinPath(kDamaged, kCheckpointFile)) == first);
  EXPECT_TRUE(kept.at(JoinPath(kDamaged, kCheckpointFile + ".2")) == second);
}

// Segments 1 and 2, of which the first is damaged.
void MakeDamagedLog(Disk& disk) {
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  PutSynced(*db, "c");
  disk.KillProcess();
  disk.SetContent(
      SegmentFile(1), Flip(disk.Content(SegmentFile(1)), kLogHeaderBytes + 3));
}

TEST(CheckpointTest, ASalvageThatCrashesAgainAndAgainKeepsEachFileOnce) {
  for (const bool keep_unsynced : {false, true}) {
    Disk disk;
    MakeDamagedLog(disk);
    FilesByPath expected;
    for (const uint64_t number : {1u, 2u}) {
      const std::string name = SegmentFile(number);
      expected[JoinPath(kDamaged, name)] = disk.Content(name);
    }
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      const Status status =
          disk.TryOpen(WithMode(RecoveryMode::kSalvage)).status();
      disk.LosePower(keep_unsynced);
      if (status.ok()) break;
    }
    EXPECT_TRUE(AllFiles(disk, kDamaged) == expected)
        << ::testing::PrintToString(AllNames(disk));
    EXPECT_EQ(Contents(*disk.Open()), Keys({"b", "c"}));
  }
}

// The process lives on, and closes what it has begun.
TEST(
    CheckpointTest, ASalvageThatFindsNoSpaceAgainAndAgainLeavesNoMoreEachTime) {
  Disk disk;
  MakeDamagedLog(disk);
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) {
    Fault fault;
    fault.kind = FaultKind::kNoSpace;
    fault.path_part = kCheckpointFile;
    disk.faults().Inject(fault);
    EXPECT_TRUE(Fails(
        disk.TryOpen(WithMode(RecoveryMode::kSalvage)).status(),
        StatusCode::kIoError, {kCheckpointFile}));
    ASSERT_EQ(disk.faults().FaultsFired(), 1u);
    disk.faults().ClearFaults();
    if (i == 0) names = AllNames(disk);
    EXPECT_EQ(AllNames(disk), names) << "after try " << i + 1;
  }
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
}

TEST(CheckpointTest, WhatASalvageThatCrashedHasSetAsideIsNotArchived) {
  Options options = WithMode(RecoveryMode::kSalvage);
  options.archive_wal = true;
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeDamagedLog(disk);
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      static_cast<void>(disk.TryOpen(options));
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      auto db = disk.Open(options);
      ASSERT_EQ(Contents(*db), Keys({"b", "c"})) << "call " << nth;
      ASSERT_EQ(WalStatusOf(*db).archived_segments, 0u)
          << "the salvage died at call " << nth;
      Put(*db, "d", "value");
      MustBeOk(db->Checkpoint(), "Checkpoint");
      ASSERT_EQ(WalStatusOf(*db).archived_segments, 1u)
          << "the log goes on: " << nth;
      if (!fired) break;
    }
  }
}

TEST(CheckpointTest, AnArchivedSegmentIsNotLostToAnotherOfItsNumber) {
  Disk disk;
  Options options;
  options.archive_wal = true;
  auto db = disk.Open(options);
  MustBeOk(
      disk.memory().CreateDirectory(ArchiveName(disk.path())),
      "CreateDirectory");
  const std::string archived = JoinPath(kArchive, SegmentFile(1));
  MustBeOk(
      WriteFile(
          &disk.memory(), disk.FilePath(archived),
          "the segment of a database "
          "that was lost, and begun anew in this directory"),
      "WriteFile");
  const std::string other = disk.Content(archived);
  Put(*db, "a", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  const std::string segment = disk.Content(SegmentFile(1));
  MustBeOk(db->Checkpoint(), "Checkpoint");
  EXPECT_TRUE(disk.Content(archived) == other);
  EXPECT_TRUE(disk.Content(archived + ".2") == segment);
}

// Files of more than one piece, so that the last one counts too.
TEST(CheckpointTest, FilesAreToldApartByTheirLastByte) {
  MemoryFileSystem memory;
  FaultFileSystem faults(&memory);
  const std::string content(200'000, 'x');
  const std::string other = Flip(content, content.size() - 1);
  for (const auto& [name, bytes] : FilesByPath{
           {"/one", content}, {"/two", other}, {"/three", content + "x"}}) {
    MustBeOk(memory.CreateDirectory(name), "CreateDirectory");
    MustBeOk(WriteFile(&memory, name + "/f", bytes), "WriteFile");
  }
  EXPECT_FALSE(IsKept(&memory, "/one/f", "/kept").value()) << "no directory";
  for (int i = 0; i < 3; ++i) {
    for (const char* path : {"/one/f", "/two/f", "/three/f"}) {
      MustBeOk(KeepFile(&memory, path, "/kept"), "KeepFile");
      EXPECT_TRUE(IsKept(&memory, path, "/kept").value());
    }
  }
  EXPECT_EQ(memory.List("/kept").value(), (Strings{"f", "f.2", "f.3"}));

  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kShortRead}) {
    Fault fault;
    fault.kind = kind;
    fault.nth = 3;
    faults.Inject(fault);
    EXPECT_TRUE(Fails(
        KeepFile(&faults, "/one/f", "/kept"), StatusCode::kIoError, {"/f"}))
        << "what cannot be read is not the same, and not another";
    ASSERT_EQ(faults.FaultsFired(), 1u);
    faults.ClearFaults();
  }
  EXPECT_EQ(memory.List("/kept").value().size(), 3u);
}

// A removal is not synced: nothing depends on it.
TEST(CheckpointTest, ARemovedSegmentThatComesBackIsRemovedAgain) {
  Disk disk;
  Options options;
  auto db = disk.Open(options);
  Put(*db, "a", "old");
  MustBeOk(db->RotateWal(), "RotateWal");
  Put(*db, "b", "value");
  Put(*db, "a", "value");
  MustBeOk(db->Checkpoint(), "Checkpoint");
  PutSynced(*db, "c");
  ASSERT_FALSE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value());
  disk.LosePower();
  ASSERT_TRUE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value())
      << "this test needs a removal that was not synced";
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
  EXPECT_FALSE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value());
  EXPECT_EQ(WalStatusOf(*db).first_segment, 3u);
}

}  // namespace
}  // namespace kv
