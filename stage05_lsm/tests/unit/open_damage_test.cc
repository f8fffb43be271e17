// Goal: a directory that is not whole, or not of this kind of database, is
// refused with an error that says what is wrong, where, and what to do; a
// refused Open changes no byte, and what belongs to others is left alone.
// Method: files of a database that has two tables and a log behind them are
// removed, cut, renamed or added by hand; then it is opened in each mode.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/recovery_verbs.h"
#include "table/table_format.h"

namespace kv {
namespace {

constexpr char kCurrent[] = "CURRENT";
constexpr char kFirstManifest[] = "MANIFEST-000001";
constexpr char kFirstTable[] = "000001.sst";
constexpr char kSecondTable[] = "000002.sst";

constexpr RecoveryMode kModes[] = {
    RecoveryMode::kAutomatic,
    RecoveryMode::kStrict,
    RecoveryMode::kPointInTime,
    RecoveryMode::kSalvage,
};

// "a" in table 1, "b" in table 2, "c" in segment 3 and "d" in segment 4.
void MakeDatabase(Disk& disk) {
  auto db = disk.Open();
  for (const char* key : {"a", "b"}) {
    Put(*db, key, "value");
    MustBeOk(db->Flush(), "Flush");
  }
  Put(*db, "c", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  Put(*db, "d", "value");
  MustBeOk(db->Close(), "Close");
}

// In every one of `modes`, and no byte is changed by it.
void ExpectRefusedIn(
    const std::vector<RecoveryMode>& modes, Disk& disk, StatusCode code,
    std::initializer_list<std::string_view> parts, const std::string& why) {
  const FilesByPath before = AllFiles(disk);
  for (const RecoveryMode mode : modes) {
    EXPECT_TRUE(Fails(disk.TryOpen(WithMode(mode)).status(), code, parts))
        << why << ", mode " << static_cast<int>(mode);
    EXPECT_TRUE(AllFiles(disk) == before)
        << why << ", mode " << static_cast<int>(mode)
        << ": what is refused is left as it was";
  }
}

const std::vector<RecoveryMode> kAllModes(std::begin(kModes), std::end(kModes));
const std::vector<RecoveryMode> kModesThatKeepTables(
    std::begin(kModes), std::end(kModes) - 1);

TEST(OpenDamageTest, AMissingCurrentIsRefusedAndNoNewDatabase) {
  Disk disk;
  MakeDatabase(disk);
  RemoveFile(disk, kCurrent);
  ExpectRefusedIn(
      kAllModes, disk, StatusCode::kCorruption,
      {disk.FilePath(kCurrent), "missing", "restore"}, "no CURRENT");
  // As soon as it is back, so is everything else.
  Disk other;
  MakeDatabase(other);
  disk.SetContent(kCurrent, other.Content(kCurrent));
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b", "c", "d"}));
}

TEST(OpenDamageTest, AMissingManifestIsRefusedByName) {
  Disk disk;
  MakeDatabase(disk);
  RemoveFile(disk, kFirstManifest);
  ExpectRefusedIn(
      kAllModes, disk, StatusCode::kCorruption,
      {disk.FilePath(kCurrent), kFirstManifest, "missing", "backup"},
      "no manifest");
}

TEST(OpenDamageTest, OfTwoManifestsTheOneThatCurrentNamesCounts) {
  Disk disk;
  MakeDatabase(disk);
  for (const std::string other : {"MANIFEST-000002", "MANIFEST-000123"}) {
    disk.SetContent(other, disk.Content(kFirstManifest));
    EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b", "c", "d"}));
    EXPECT_FALSE(disk.memory().Exists(disk.FilePath(other)).value())
        << "an orphan";
  }
  // Not before the database is known to be whole.
  disk.SetContent("MANIFEST-000002", disk.Content(kFirstManifest));
  RemoveFile(disk, kFirstTable);
  ExpectRefusedIn(
      kModesThatKeepTables, disk, StatusCode::kCorruption, {kFirstTable},
      "two manifests and no table");
}

TEST(OpenDamageTest, AMissingTableIsRefusedByNameWithAWayOver) {
  Disk disk;
  MakeDatabase(disk);
  RemoveFile(disk, kFirstTable);
  ExpectRefusedIn(
      kModesThatKeepTables, disk, StatusCode::kCorruption,
      {disk.FilePath(kFirstManifest), kFirstTable, "missing", "backup",
       "kSalvage"},
      "no table");
}

TEST(OpenDamageTest, ATableThatIsCutAnywhereIsRefusedByNameAndOffset) {
  Disk disk;
  MakeDatabase(disk);
  const std::string whole = disk.Content(kSecondTable);
  for (size_t length = 0; length < whole.size(); ++length) {
    disk.SetContent(kSecondTable, whole.substr(0, length));
    ExpectRefusedIn(
        kModesThatKeepTables, disk, StatusCode::kCorruption,
        {disk.FilePath(kSecondTable) + " at offset ", "backup", "kSalvage"},
        "cut to " + std::to_string(length));
    if (::testing::Test::HasFailure()) break;
  }
  disk.SetContent(kSecondTable, whole);
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b", "c", "d"}));
}

// A table's number is in its header, so that a copy under another name is no
// table of this database.
TEST(OpenDamageTest, ATableUnderTheNameOfAnotherIsRefused) {
  Disk disk;
  MakeDatabase(disk);
  disk.SetContent(kFirstTable, disk.Content(kSecondTable));
  ExpectRefusedIn(
      kModesThatKeepTables, disk, StatusCode::kCorruption,
      {disk.FilePath(kFirstTable) + " at offset ", "kSalvage"}, "a copy");
}

TEST(OpenDamageTest, AGapInTheLogIsRefusedBehindTheTablesToo) {
  for (const uint64_t number : {3u, 4u}) {
    Disk disk;
    MakeDatabase(disk);
    // With the last one gone its number is taken by none behind it.
    if (number == 4) {
      auto db = disk.Open();
      MustBeOk(db->RotateWal(), "RotateWal");
      PutSynced(*db, "e");
      MustBeOk(db->Close(), "Close");
    }
    RemoveFile(disk, SegmentFile(number));
    ExpectRefused(
        disk,
        {disk.FilePath(SegmentFile(number + 1)) + " at offset 0",
         "from number " + std::to_string(number), "missing", "backup"},
        "without " + SegmentFile(number));
    auto db = disk.Open(WithMode(RecoveryMode::kPointInTime));
    EXPECT_EQ(
        Contents(*db), number == 3 ? Keys({"a", "b"}) : Keys({"a", "b", "c"}));
    EXPECT_EQ(ReportOf(*db).skipped.size(), 1u);
  }
}

TEST(OpenDamageTest, TablesWithoutTheirLogAreRefused) {
  Disk disk;
  MakeDatabase(disk);
  RemoveFile(disk, SegmentFile(3));
  RemoveFile(disk, SegmentFile(4));
  ExpectRefused(
      disk, {disk.FilePath(SegmentFile(3)), "missing", "kSalvage"}, "no log");
}

// Of two damages the first one that is found is told; none is mended as long
// as the other stands.
TEST(OpenDamageTest, WhatIsTornStaysTornAsLongAsOtherDamageIsRefused) {
  Disk disk;
  MakeDatabase(disk);
  // A torn edit, as a crash in a flush leaves it.
  const std::string manifest = disk.Content(kFirstManifest);
  disk.SetContent(
      kFirstManifest,
      manifest.substr(0, FramesIn(manifest).back().offset) + "torn");
  RemoveFile(disk, kFirstTable);
  disk.SetContent("CURRENT.new", "half of it");
  ExpectRefusedIn(
      {RecoveryMode::kAutomatic, RecoveryMode::kPointInTime}, disk,
      StatusCode::kCorruption, {kFirstTable}, "a torn manifest and no table");
}

TEST(OpenDamageTest, FilesOfOthersAreLeftAlone) {
  Disk disk;
  MakeDatabase(disk);
  FilesByPath foreign;
  for (const std::string name :
       {"notes.txt", "1.sst", "0000001.sst", "000009.SST", "000009.sst.bak",
        "000009.sst.new", "MANIFEST-1", "MANIFEST-000009.new", "MANIFEST",
        "current", "CURRENT.bak", "000009.wall", "x.wal", "x.wal.new",
        "LOCK.new"}) {
    foreign[name] = "of another program: " + name;
  }
  for (const auto& [name, content] : foreign) disk.SetContent(name, content);
  const std::string folder = disk.FilePath("000009.sst.d");
  MustBeOk(disk.memory().CreateDirectory(folder), "CreateDirectory");
  foreign["000009.sst.d/000001.sst"] = "in a folder of another program";
  for (const auto& [name, content] : foreign) disk.SetContent(name, content);

  const auto expect_foreign = [&](const std::string& after) {
    const FilesByPath files = AllFiles(disk);
    for (const auto& [name, content] : foreign) {
      ASSERT_EQ(files.count(name), 1u) << name << " is gone after " << after;
      EXPECT_EQ(files.at(name), content) << after;
    }
  };
  auto db = disk.Open();
  expect_foreign("an opening");
  Put(*db, "e", "value");
  MustBeOk(db->Flush(), "Flush");
  MustBeOk(db->ClearWal(), "ClearWal");
  expect_foreign("a flush");
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "d", "e"}));
  MustBeOk(db->Close(), "Close");
  RemoveFile(disk, kFirstTable);
  db = disk.Open(WithMode(RecoveryMode::kSalvage));
  expect_foreign("a salvage");
  EXPECT_EQ(Contents(*db), Keys({"b", "c", "d", "e"}));
}

TEST(OpenDamageTest, ADatabaseOfAnEarlierFormIsNamedWithTheWayOver) {
  const std::string segment(100, 's');  // one with a write in it
  const struct {
    std::string named;
    FilesByPath files;
  } forms[] = {
      {"data.log", {{"data.log", "kvlog"}}},
      {"data.log", {{"data.log", ""}, {"LOCK", ""}}},
      {"CHECKPOINT",
       {{"CHECKPOINT", "a table"}, {SegmentFile(2), segment}, {"LOCK", ""}}},
      {"CHECKPOINT",
       {{"CHECKPOINT", "a table"},
        {"CHECKPOINT.new", "begun"},
        {SegmentFile(2), segment},
        {"LOCK", ""}}},
      {SegmentFile(1), {{SegmentFile(1), segment}, {"LOCK", ""}}},
      {SegmentFile(2),
       {{SegmentFile(1), segment},
        {SegmentFile(2), segment},
        {SegmentFile(3) + ".new", "begun"},
        {"LOCK", ""}}},
  };
  for (const auto& form : forms) {
    Disk disk;
    for (const auto& [name, content] : form.files) {
      disk.SetContent(name, content);
    }
    ExpectRefusedIn(
        kAllModes, disk, StatusCode::kNotSupported,
        {disk.path(), "earlier form", form.named,
         "kv_shell --dump OLD | kv_shell --load NEW"},
        form.named);
  }
}

}  // namespace
}  // namespace kv
