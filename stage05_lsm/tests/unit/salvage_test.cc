// Goal: what salvage passes over is as little as can be, is reported and is
// kept; nothing that was kept is lost to a later salvage; and a salvage that
// crashes can be run again.
// Method: databases whose table or log is damaged, cut or lost by hand, opened
// with kSalvage, also so that it dies at each of its calls.

#include <gtest/gtest.h>

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

std::string TableFile(uint64_t number) {
  return BaseName(TableName("/", number));
}

// "a" in table 1, "b" and "c" in table 2, "d" and "e" in the log behind them.
void MakeTablesAndLog(Disk& disk) {
  auto db = disk.Open();
  Put(*db, "a", "value");
  MustBeOk(db->Flush(), "Flush");
  Put(*db, "b", "value");
  Put(*db, "c", "value");
  MustBeOk(db->Flush(), "Flush");
  Put(*db, "d", "value");
  Put(*db, "e", "value");
  MustBeOk(db->Close(), "Close");
}

void InjectAny(Disk& disk, uint64_t nth) {
  Fault fault;
  fault.kind = FaultKind::kAny;
  fault.nth = nth;
  fault.persistent = true;
  disk.faults().Inject(fault);
}

// Salvages die at the first call, the second, and so on, until one succeeds.
void SalvageThroughCrashes(Disk& disk, bool keep_unsynced) {
  for (uint64_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 1000u);
    InjectAny(disk, nth);
    const Status status =
        disk.TryOpen(WithMode(RecoveryMode::kSalvage)).status();
    disk.LosePower(keep_unsynced);
    if (status.ok()) break;
  }
}

// A table whose header does not fit its checksum, and one without its end.
Strings UnreadableFormsOf(const std::string& table) {
  return {Flip(table, 20), table.substr(0, table.size() - 1), ""};
}

TEST(SalvageTest, ATableThatCannotBeOpenedIsLeftOutReportedAndKept) {
  Disk whole;
  MakeTablesAndLog(whole);
  for (const std::string& damaged :
       UnreadableFormsOf(whole.Content(TableFile(2)))) {
    Disk disk;
    MakeTablesAndLog(disk);
    disk.SetContent(TableFile(2), damaged);
    auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
    EXPECT_EQ(Contents(*db), Keys({"a", "d", "e"}));
    const RecoveryReport report = ReportOf(*db);
    ASSERT_EQ(report.skipped.size(), 1u);
    EXPECT_NE(
        report.skipped[0].find(disk.FilePath(TableFile(2)) + " at offset "),
        std::string::npos)
        << report.skipped[0];
    EXPECT_TRUE(disk.Content(JoinPath(kDamaged, TableFile(2))) == damaged);
    EXPECT_FALSE(disk.memory().Exists(disk.FilePath(TableFile(2))).value());

    // The next table takes no number that was given out.
    Put(*db, "f", "value");
    MustBeOk(db->Flush(), "Flush");
    disk.LosePower();
    db = disk.Open(WithMode(RecoveryMode::kStrict));
    EXPECT_EQ(Contents(*db), Keys({"a", "d", "e", "f"}))
        << "what a reader saw must stay, and opens in any mode";
    EXPECT_EQ(ReportOf(*db).skipped, Strings{});
    EXPECT_TRUE(disk.Content(JoinPath(kDamaged, TableFile(2))) == damaged);
  }
}

TEST(SalvageTest, AMissingTableIsReportedAndTheOthersAreThere) {
  Disk disk;
  MakeTablesAndLog(disk);
  RemoveFile(disk, TableFile(1));
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"b", "c", "d", "e"}));
  const RecoveryReport report = ReportOf(*db);
  ASSERT_EQ(report.skipped.size(), 1u);
  EXPECT_NE(report.skipped[0].find(TableFile(1)), std::string::npos);
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"b", "c", "d", "e"}));
}

TEST(SalvageTest, ItNeedsNoTableAtAll) {
  Disk disk;
  MakeTablesAndLog(disk);
  const std::string first = disk.Content(TableFile(1));
  const std::string second = disk.Content(TableFile(2));
  disk.SetContent(TableFile(1), "not a table");
  disk.SetContent(TableFile(2), second.substr(0, kTableHeaderBytes));
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"d", "e"}));
  EXPECT_EQ(ReportOf(*db).skipped.size(), 2u);
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), Keys({"d", "e"}));
}

// Nothing is left in memory that a salvage could flush: what it passed over
// must be over all the same.
TEST(SalvageTest, OneThatKeepsNoWriteOfTheLogIsDoneForGood) {
  for (const bool damaged_log : {false, true}) {
    Disk disk;
    auto db = disk.Open();
    for (const char* const key : {"a", "b"}) {
      Put(*db, key, "value");
      MustBeOk(db->Flush(), "Flush");
    }
    if (damaged_log) Put(*db, "c", "value");
    MustBeOk(db->Close(), "Close");
    const std::string damaged = damaged_log ? SegmentFile(3) : TableFile(2);
    disk.SetContent(damaged, Flip(disk.Content(damaged), kLogHeaderBytes - 12));
    const ContentsByKey kept = damaged_log ? Keys({"a", "b"}) : Keys({"a"});
    db = disk.Open(WithMode(RecoveryMode::kSalvage));
    EXPECT_EQ(Contents(*db), kept) << damaged;
    EXPECT_EQ(ReportOf(*db).skipped.size(), 1u) << damaged;
    disk.LosePower();
    auto again = disk.TryOpen(WithMode(RecoveryMode::kStrict));
    ASSERT_TRUE(again.ok()) << damaged << ": " << again.status().ToString();
    EXPECT_EQ(Contents(**again), kept) << damaged;
    EXPECT_EQ(ReportOf(**again).skipped, Strings{}) << damaged;
  }
}

// The table may be put back from a backup until the salvage is done.
TEST(SalvageTest, OneThatFailsAtAnyCallLosesNothingAndCanBeRunAgain) {
  const Options options = WithMode(RecoveryMode::kSalvage);
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeTablesAndLog(disk);
      const std::string whole = disk.Content(TableFile(2));
      const std::string damaged = Flip(whole, 20);
      disk.SetContent(TableFile(2), damaged);
      InjectAny(disk, nth);
      const Status status = disk.TryOpen(options).status();
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      const FilesByPath files = AllFiles(disk);
      const auto in_place = files.find(TableFile(2));
      const auto kept = files.find(JoinPath(kDamaged, TableFile(2)));
      ASSERT_TRUE(
          (in_place != files.end() && in_place->second == damaged) ||
          (kept != files.end() && kept->second == damaged))
          << "the salvage died at call " << nth;
      auto db = disk.Open(options);
      ASSERT_EQ(Contents(*db), Keys({"a", "d", "e"})) << "call " << nth;
      ASSERT_TRUE(disk.Content(JoinPath(kDamaged, TableFile(2))) == damaged)
          << "call " << nth;
      disk.LosePower();
      ASSERT_EQ(Contents(*disk.Open()), Keys({"a", "d", "e"}))
          << "call " << nth;
      if (!fired) {
        ASSERT_TRUE(status.ok()) << status.ToString();
        break;
      }
    }
  }
}

TEST(SalvageTest, OneThatCrashesAgainAndAgainKeepsTheTableOnce) {
  for (const bool keep_unsynced : {false, true}) {
    Disk disk;
    MakeTablesAndLog(disk);
    const std::string damaged = Flip(disk.Content(TableFile(2)), 20);
    disk.SetContent(TableFile(2), damaged);
    ASSERT_NO_FATAL_FAILURE(SalvageThroughCrashes(disk, keep_unsynced));
    size_t tables = 0;
    for (const auto& [name, content] : AllFiles(disk, kDamaged)) {
      if (TableNumber(BaseName(name)).has_value()) {
        ++tables;
        EXPECT_TRUE(content == damaged);
      }
      EXPECT_EQ(name.find(".2"), std::string::npos) << name;
    }
    EXPECT_EQ(tables, 1u);
    EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "d", "e"}));
  }
}

// The manifest of a database that was not closed, as it was before the last
// flush; the log that table 2 covers is gone. Returns the content of table 2.
std::string MakeTableThatNoManifestNames(Disk& disk) {
  auto db = disk.Open();
  Put(*db, "a", "value");
  MustBeOk(db->Flush(), "Flush");
  const std::string manifest = BaseName(ManifestName("/", 1));
  const std::string before = disk.Content(manifest);
  Put(*db, "b", "value");
  MustBeOk(db->Flush(), "Flush");
  PutSynced(*db, "c");
  disk.KillProcess();
  disk.SetContent(manifest, before);
  return disk.Content(TableFile(2));
}

TEST(SalvageTest, ATableThatNoManifestNamesIsKept) {
  for (const RecoveryMode mode :
       {RecoveryMode::kSalvage, RecoveryMode::kPointInTime}) {
    Disk disk;
    const std::string unnamed = MakeTableThatNoManifestNames(disk);
    EXPECT_EQ(disk.TryOpen().status().code(), StatusCode::kCorruption);
    EXPECT_TRUE(disk.Content(TableFile(2)) == unnamed)
        << "who refuses changes nothing";
    const auto db = disk.Open(WithMode(mode));
    EXPECT_EQ(
        Contents(*db),
        mode == RecoveryMode::kSalvage ? Keys({"a", "c"}) : Keys({"a"}));
    EXPECT_TRUE(disk.Content(JoinPath(kDamaged, TableFile(2))) == unnamed);
  }
}

TEST(SalvageTest, ATableThatNoManifestNamesIsKeptOnceByOneThatCrashes) {
  for (const bool keep_unsynced : {false, true}) {
    Disk disk;
    const std::string unnamed = MakeTableThatNoManifestNames(disk);
    ASSERT_NO_FATAL_FAILURE(SalvageThroughCrashes(disk, keep_unsynced));
    Strings tables;
    for (const auto& [name, content] : AllFiles(disk, kDamaged)) {
      if (TableNumber(BaseName(name)).has_value()) tables.push_back(content);
      EXPECT_EQ(name.find(".2"), std::string::npos) << name;
    }
    EXPECT_TRUE(tables == Strings{unnamed}) << tables.size();
    EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "c"}));
  }
}

TEST(SalvageTest, ASecondOneKeepsWhatTheFirstOneKept) {
  Disk disk;
  FilesByPath expected;
  for (const uint64_t number : {1u, 2u}) {
    auto db = disk.Open();
    Put(*db, "a", "value");
    MustBeOk(db->Flush(), "Flush");
    MustBeOk(db->Close(), "Close");
    // With the last table gone its number may be given out again.
    std::string name;
    for (const std::string& file : AllNames(disk)) {
      if (TableNumber(file).has_value()) name = file;
    }
    const std::string damaged = Flip(disk.Content(name), 20);
    disk.SetContent(name, damaged);
    disk.Open(WithMode(RecoveryMode::kSalvage));
    disk.LosePower();
    size_t kept = 0;
    expected[std::to_string(number)] = damaged;
    for (const auto& [path, content] : AllFiles(disk, kDamaged)) {
      for (const auto& [which, bytes] : expected) {
        kept += content == bytes ? 1 : 0;
      }
    }
    EXPECT_EQ(kept, expected.size());
  }
}

TEST(SalvageTest, SalvageWithoutTheLogGoesOnWithTheNextSegment) {
  for (const RecoveryMode mode :
       {RecoveryMode::kSalvage, RecoveryMode::kPointInTime}) {
    Disk disk;
    MakeTablesAndLog(disk);
    RemoveFile(disk, SegmentFile(3));
    auto db = disk.Open(WithMode(mode));
    EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
    EXPECT_EQ(ReportOf(*db).skipped.size(), 1u);
    EXPECT_GE(WalStatusOf(*db).last_segment, 3u)
        << "no number is given twice: the archive may have the first one";
    PutSynced(*db, "f");
    disk.LosePower();
    db = disk.Open();
    EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "f"}));
  }
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

TEST(SalvageTest, OneThatCrashesAgainAndAgainKeepsEachFileOnce) {
  for (const bool keep_unsynced : {false, true}) {
    Disk disk;
    MakeDamagedLog(disk);
    FilesByPath expected;
    for (const uint64_t number : {1u, 2u}) {
      const std::string name = SegmentFile(number);
      expected[JoinPath(kDamaged, name)] = disk.Content(name);
    }
    ASSERT_NO_FATAL_FAILURE(SalvageThroughCrashes(disk, keep_unsynced));
    EXPECT_TRUE(AllFiles(disk, kDamaged) == expected)
        << ::testing::PrintToString(AllNames(disk));
    EXPECT_EQ(Contents(*disk.Open()), Keys({"b", "c"}));
  }
}

TEST(SalvageTest, WhatOneThatCrashedHasSetAsideIsNotArchived) {
  Options options = WithMode(RecoveryMode::kSalvage);
  options.archive_wal = true;
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeDamagedLog(disk);
      InjectAny(disk, nth);
      static_cast<void>(disk.TryOpen(options));
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      auto db = disk.Open(options);
      ASSERT_EQ(Contents(*db), Keys({"b", "c"})) << "call " << nth;
      ASSERT_EQ(WalStatusOf(*db).archived_segments, 0u)
          << "the salvage died at call " << nth;
      Put(*db, "d", "value");
      MustBeOk(db->Flush(), "Flush");
      ASSERT_EQ(WalStatusOf(*db).archived_segments, 1u)
          << "the log goes on: " << nth;
      if (!fired) break;
    }
  }
}

TEST(SalvageTest, AnArchivedSegmentIsNotLostToAnotherOfItsNumber) {
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
  MustBeOk(db->Flush(), "Flush");
  EXPECT_TRUE(disk.Content(archived) == other);
  EXPECT_TRUE(disk.Content(archived + ".2") == segment);
}

// A removal is not synced: nothing depends on it.
TEST(SalvageTest, ARemovedSegmentThatComesBackIsRemovedAgain) {
  Disk disk;
  Options options;
  auto db = disk.Open(options);
  Put(*db, "a", "old");
  MustBeOk(db->RotateWal(), "RotateWal");
  Put(*db, "b", "value");
  Put(*db, "a", "value");
  MustBeOk(db->Flush(), "Flush");
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
