// Goal: a directory that is not whole, or not of this kind of database, is
// refused with an error that says what is wrong, where, and what to do; a
// refused Open changes no byte, and what belongs to others is left alone.
// Method: files of a database that has two tables and a log behind them are
// removed, cut, renamed or added by hand; then it is opened in each mode.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kv/sequence_number.h"
#include "support/recovery_verbs.h"
#include "table/table_format.h"
#include "version/version_edit.h"

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

TEST(OpenDamageTest, WhatIsCutOffOfTheManifestIsReported) {
  for (const bool torn_log : {false, true}) {
    Disk disk;
    auto db = disk.Open();
    Put(*db, "a", "value");
    MustBeOk(db->Flush(), "Flush");
    PutSynced(*db, "b");
    disk.KillProcess();
    disk.SetContent(
        kFirstManifest, disk.Content(kFirstManifest) + std::string(40, '\0'));
    if (torn_log) {
      disk.SetContent(
          SegmentFile(2), disk.Content(SegmentFile(2)) + std::string(7, '\0'));
    }
    db = disk.Open();
    EXPECT_EQ(ReportOf(*db).trimmed_bytes, torn_log ? 47u : 40u);
    EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
  }
}

// Who made a name may have died before it was durable. What stands behind it is
// not to be lost by that.
TEST(OpenDamageTest, ANameThatOpenFindsIsDurable) {
  Disk disk;
  auto db = disk.Open();
  PutSynced(*db, "a");
  Fault fault;
  fault.kind = FaultKind::kSyncDirectoryError;
  disk.faults().Inject(fault);
  EXPECT_FALSE(db->RotateWal().ok());
  disk.KillProcess();
  ASSERT_TRUE(disk.memory().Exists(disk.FilePath(SegmentFile(2))).value())
      << "this test needs a segment whose name is not durable";
  db = disk.Open();
  PutSynced(*db, "b");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b"}));
}

// With what a crash leaves beside: torn tails, an orphan, files half made.
TEST(OpenDamageTest, ARefusedOpenChangesNoByte) {
  Disk whole;
  MakeDatabase(whole);
  const std::string table = whole.Content(kSecondTable);
  const std::string segment = whole.Content(SegmentFile(3));
  const FilesByPath damages[] = {
      {{kFirstTable, ""}},
      {{kSecondTable, table.substr(0, table.size() - 1)}},
      {{kFirstTable, table}},
      {{SegmentFile(3), ""}},
      {{SegmentFile(3), ""}, {SegmentFile(4), ""}},
      {{SegmentFile(3), segment.substr(0, segment.size() - 1)}},
      {{SegmentFile(3), Flip(segment, kLogHeaderBytes + 40)}},
      {{"MANIFEST-000002", "of a crash"}, {kFirstTable, ""}},
  };
  for (const FilesByPath& damage : damages) {
    for (const bool torn : {false, true}) {
      Disk disk;
      MakeDatabase(disk);
      if (torn) {
        for (const std::string& name :
             {std::string(kFirstManifest), SegmentFile(4)}) {
          const std::string content = disk.Content(name);
          disk.SetContent(
              name, content.substr(0, FramesIn(content).back().offset) + "x");
        }
      }
      disk.SetContent("000009.sst", "an orphan");
      disk.SetContent("CURRENT.new", "half of it");
      disk.SetContent(SegmentFile(5) + ".new", "half of it");
      std::string what = torn ? "torn, and" : "";
      for (const auto& [name, content] : damage) {
        what += " " + name;
        content.empty() ? RemoveFile(disk, name)
                        : disk.SetContent(name, content);
      }
      ExpectRefusedIn(
          {RecoveryMode::kAutomatic, RecoveryMode::kStrict}, disk,
          StatusCode::kCorruption, {}, what);
    }
  }
}

// Nothing is added either, so there is no lock file.
TEST(OpenDamageTest, FilesOfOthersUnderOurNamesAreRefusedAndLeftAsTheyAre) {
  for (const std::string name :
       {"MANIFEST-000001", "MANIFEST-000005", "000001.sst", "000001.wal",
        "000012.wal", "CURRENT.new", "000001.wal.new"}) {
    Disk disk;
    disk.SetContent(name, "what another program wrote");
    ExpectRefusedIn(
        kAllModes, disk, StatusCode::kInvalidArgument,
        {disk.path(), name, "empty directory"}, name);
  }
  // Beside what looks like the remains of a creation too.
  Disk disk;
  disk.SetContent(kFirstManifest, "");
  disk.SetContent("notes.txt", "of another program");
  ExpectRefusedIn(
      kAllModes, disk, StatusCode::kInvalidArgument,
      {disk.path(), "notes.txt", "empty directory"}, "notes");
}

// LevelDB's names are the same.
TEST(OpenDamageTest, ACurrentWithoutAChecksumIsSaidToBeAnotherPrograms) {
  Disk disk;
  disk.SetContent(kCurrent, "MANIFEST-000001\n");
  disk.SetContent(kFirstManifest, "a manifest of LevelDB");
  ExpectRefusedIn(
      kAllModes, disk, StatusCode::kCorruption,
      {disk.FilePath(kCurrent) + " at offset ", "another program"}, "LevelDB");
}

TEST(OpenDamageTest, ADatabaseThatCannotBeWrittenIsLeftAsItIsWithAWayOver) {
  Disk disk;
  MakeDatabase(disk);
  const FilesByPath before = AllFiles(disk);
  Fault fault;
  fault.kind = FaultKind::kAny;
  fault.persistent = true;
  fault.path_part = "LOCK";
  disk.faults().Inject(fault);
  EXPECT_TRUE(Fails(
      disk.TryOpen().status(), StatusCode::kIoError,
      {disk.FilePath("LOCK"), "copy"}));
  EXPECT_TRUE(AllFiles(disk) == before);
}

// A full disk ends writing, not reading; and opening needs no space.
TEST(OpenDamageTest, OnAFullDiskADatabaseOpensAndIsRead) {
  Disk disk;
  MakeDatabase(disk);
  Fault fault;
  fault.kind = FaultKind::kNoSpace;
  fault.persistent = true;
  disk.faults().Inject(fault);
  auto db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "d"}));
  EXPECT_TRUE(Fails(db->Put("e", "value"), StatusCode::kIoError));
  EXPECT_TRUE(Fails(db->Flush(), StatusCode::kIoError));
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c", "d"}));
  disk.faults().ClearFaults();
  Put(*db, "e", "value");
  MustBeOk(db->Flush(), "Flush");
  disk.LosePower();
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b", "c", "d", "e"}));
}

TEST(OpenDamageTest, WithoutCreateIfMissingNoRemainsBecomeADatabase) {
  Disk whole;
  MustBeOk(whole.Open()->Close(), "Close");
  const FilesByPath remains[] = {
      {{kFirstManifest, ""}},
      {{kFirstManifest, whole.Content(kFirstManifest).substr(0, 32)}},
      {{SegmentFile(1), whole.Content(SegmentFile(1)).substr(0, 32)}},
      {{SegmentFile(1), whole.Content(SegmentFile(1))},
       {kFirstManifest, whole.Content(kFirstManifest).substr(0, 40)},
       {"CURRENT.new", ""}},
  };
  for (const FilesByPath& files : remains) {
    Disk disk;
    for (const auto& [name, content] : files) disk.SetContent(name, content);
    Options options;
    options.create_if_missing = false;
    const std::string name = files.begin()->first;
    EXPECT_TRUE(Fails(
        disk.TryOpen(options).status(), StatusCode::kInvalidArgument,
        {disk.path(), "create_if_missing"}))
        << name;
    EXPECT_TRUE(AllFiles(disk) == files) << name;
  }
}

// So a missing log is damage, whenever it is found missing.
TEST(OpenDamageTest, ANewDatabaseHasALogBeforeItHasACurrent) {
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      const Status status = disk.TryOpen().status();
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      EXPECT_TRUE(
          !disk.memory().Exists(disk.FilePath(kCurrent)).value() ||
          disk.memory().Exists(disk.FilePath(SegmentFile(1))).value())
          << "died at call " << nth;
      EXPECT_EQ(Contents(*disk.Open()), ContentsByKey{})
          << "died at call " << nth;
      if (!fired) {
        EXPECT_TRUE(status.ok()) << status.ToString();
        break;
      }
    }
  }
}

// A crash can leave a segment that the tables cover. It goes when the log
// behind it was accepted, and not before.
TEST(OpenDamageTest, ACoveredSegmentStaysAsLongAsTheLogBehindItIsRefused) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  const std::string covered = disk.Content(SegmentFile(1));
  MustBeOk(db->Flush(), "Flush");
  Put(*db, "b", "value");
  MustBeOk(db->Close(), "Close");
  disk.SetContent(SegmentFile(1), covered);
  const std::string whole = disk.Content(SegmentFile(2));
  std::string damaged = whole;
  damaged[whole.size() / 2] ^= 1;
  disk.SetContent(SegmentFile(2), damaged);
  ExpectRefusedIn(
      {RecoveryMode::kAutomatic, RecoveryMode::kStrict}, disk,
      StatusCode::kCorruption, {SegmentFile(2)}, "a damaged log");
  disk.SetContent(SegmentFile(2), whole);
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b"}));
  EXPECT_FALSE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value());
}

// A new database, but for what its manifest says; all checksums are right.
void MakeDatabaseThatSays(
    Disk& disk, uint64_t first_segment, uint64_t last_sequence) {
  MustBeOk(disk.Open()->Close(), "Close");
  VersionEdit snapshot;
  snapshot.first_segment = first_segment;
  snapshot.last_sequence = last_sequence;
  const std::string manifest = disk.Content(kFirstManifest);
  disk.SetContent(
      kFirstManifest, Rewritten(manifest, [&](size_t, const std::string&) {
        std::string payload;
        snapshot.EncodeTo(&payload);
        return payload;
      }));
}

TEST(OpenDamageTest, AManifestWithANumberAboveTheLargestIsRefused) {
  for (const uint64_t number :
       {kSequenceMax + 1, UINT64_MAX - 1, uint64_t{UINT64_MAX}}) {
    Disk disk;
    MakeDatabaseThatSays(disk, 1, number);
    ExpectRefusedIn(
        kAllModes, disk, StatusCode::kCorruption, {kFirstManifest, "offset"},
        "sequence number " + std::to_string(number));
  }
  // The next rotation would make a name that no Open knows.
  Disk disk;
  MakeDatabaseThatSays(disk, kFileNumberMax, 0);
  std::string segment;
  EncodeLogHeader({kFileNumberMax, 1}, &segment);
  disk.SetContent(SegmentFile(kFileNumberMax), segment);
  ExpectRefusedIn(
      kAllModes, disk, StatusCode::kCorruption, {kFirstManifest, "offset"},
      "the greatest number of a segment");
}

TEST(OpenDamageTest, BehindTheLargestNumberNoWriteIsTaken) {
  Disk disk;
  MakeDatabaseThatSays(disk, 1, kSequenceMax - 3);
  auto db = disk.Open();
  WriteBatch batch;
  for (const char* key : {"a", "b", "c"}) batch.Put(key, "value");
  EXPECT_TRUE(Fails(db->Write(batch), StatusCode::kResourceExhausted));
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  EXPECT_TRUE(Fails(db->Put("c", "value"), StatusCode::kResourceExhausted));
  EXPECT_TRUE(Fails(db->Delete("a"), StatusCode::kResourceExhausted));
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b"})) << "from the log";
  MustBeOk(db->Flush(), "Flush");
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b"})) << "from a table";
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

// What a crash left of a new segment and of a CURRENT.
TEST(OpenDamageTest, FilesThatWereNotFinishedAreRemoved) {
  Disk disk;
  MakeDatabase(disk);
  const std::vector<std::string> names = disk.Names();
  const std::string segment = disk.Content(SegmentFile(4));
  for (const size_t bytes : std::vector<size_t>{0, 1, 32}) {
    disk.SetContent("000005.wal.new", segment.substr(0, bytes));
    disk.SetContent("CURRENT.new", disk.Content(kCurrent).substr(0, bytes));
    EXPECT_EQ(Contents(*disk.Open()), Keys({"a", "b", "c", "d"}));
    EXPECT_EQ(disk.Names(), names) << bytes << " bytes of each";
  }
}

TEST(OpenDamageTest, ADatabaseOfAnEarlierFormIsNamedWithTheWayOver) {
  std::string segment;  // one with a write in it
  EncodeLogHeader({1, 2}, &segment);
  segment.resize(100, 's');
  const struct {
    std::string named;
    FilesByPath files;
  } forms[] = {
      {"data.log", {{"data.log", "kvlog"}}},
      {"data.log", {{"data.log", ""}, {"LOCK", ""}}},
      {"CHECKPOINT", {{"CHECKPOINT", "a table"}, {SegmentFile(2), segment}}},
      {"CHECKPOINT",
       {{"CHECKPOINT", "a table"},
        {"CHECKPOINT.new", "begun"},
        {SegmentFile(2), segment},
        {"LOCK", ""}}},
      {SegmentFile(1), {{SegmentFile(1), segment}}},
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
