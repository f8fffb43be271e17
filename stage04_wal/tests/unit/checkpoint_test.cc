// Goal: a checkpoint takes the place of the log before it, at no moment is a
// write in neither, and what a crash leaves over is removed and nothing else.
// Method: checkpoints of small databases, each of whose calls of the file
// system fails once, with a power loss behind it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kv/sequence_number.h"
#include "support/recovery_verbs.h"
#include "table/table_builder.h"
#include "table/table_reader.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

const std::string kLock = BaseName(LockName("/"));

std::string Archived(uint64_t number) {
  return JoinPath(BaseName(ArchiveName("/")), SegmentFile(number));
}

void Checkpoint(Database& db) {
  MustBeOk(db.Checkpoint(), "Checkpoint");
}

// What the checkpoint says, one string an entry.
Strings Entries(Disk& disk) {
  auto table =
      TableReader::Open(&disk.memory(), disk.FilePath(kCheckpointFile), 4096);
  MustBeOk(table.status(), "TableReader::Open");
  Strings entries;
  for (;;) {
    TableEntry entry;
    const Result<bool> more = (*table)->Next(&entry);
    MustBeOk(more.status(), "Next");
    if (!*more) return entries;
    entries.push_back(
        std::to_string(entry.sequence) + ": " + std::string(entry.key) + "=" +
        std::string(entry.value));
  }
}

// "a" and "b" in a checkpoint, "c" behind it.
void MakeCheckpointAndLog(Disk& disk) {
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  Checkpoint(*db);
  Put(*db, "c", "value");
  MustBeOk(db->Close(), "Close");
}

TEST(CheckpointTest, ItHoldsTheLastValueOfEachKeyInOrder) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "c", "1");
  Put(*db, "a", "2");
  Put(*db, "b", "3");
  Put(*db, "a", "4");
  Delete(*db, "c");
  Checkpoint(*db);
  EXPECT_EQ(Entries(disk), (Strings{"4: a=4", "3: b=3"}));
  EXPECT_EQ(AllNames(disk), (Strings{SegmentFile(2), kCheckpointFile, kLock}))
      << "the log before it is dropped";
  const WalStatus status = WalStatusOf(*db);
  EXPECT_EQ(status.first_segment, 2u);
  EXPECT_EQ(status.last_segment, 2u);
  EXPECT_EQ(status.bytes, kLogHeaderBytes);
}

TEST(CheckpointTest, TheEmptyKeyAndAnEmptyValueAreInIt) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "", "of the empty key");
  Put(*db, "a", "");
  Checkpoint(*db);
  EXPECT_EQ(Entries(disk), (Strings{"1: =of the empty key", "2: a="}));
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(
      Contents(*db), (ContentsByKey{{"", "of the empty key"}, {"a", ""}}));
}

TEST(CheckpointTest, OpenReadsTheCheckpointAndTheLogBehindIt) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  auto db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
  EXPECT_EQ(ReportOf(*db).table_entries, 2u);
  EXPECT_EQ(ReportOf(*db).batches, 1u);
  EXPECT_EQ(WalStatusOf(*db).last_sequence, 3u) << "numbers go on";
}

TEST(CheckpointTest, ADeleteBehindTheCheckpointIsOne) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  auto db = disk.Open();
  Delete(*db, "a");
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
  Checkpoint(*db);
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
}

TEST(CheckpointTest, NothingHasHappenedSinceTheLastOne) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Checkpoint(*db);
  const FilesByPath before = AllFiles(disk);
  disk.faults().ResetCounts();
  Checkpoint(*db);
  EXPECT_EQ(disk.faults().BytesAppended(), 0u);
  EXPECT_EQ(disk.faults().Calls(FileCall::kSync), 0u);
  EXPECT_EQ(disk.faults().Calls(FileCall::kRename), 0u);
  EXPECT_TRUE(AllFiles(disk) == before);
}

TEST(CheckpointTest, TheNextOneTakesItsPlace) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  auto db = disk.Open();
  Checkpoint(*db);
  EXPECT_EQ(Entries(disk), (Strings{"1: a=value", "2: b=value", "3: c=value"}));
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
  EXPECT_EQ(ReportOf(*db).batches, 0u) << "the log is empty";
}

// A call of the checkpoint fails, and all behind it: the power is gone.
TEST(CheckpointTest, APowerLossAtAnyCallLosesNoWrite) {
  for (const bool keep_unsynced : {false, true}) {
    uint64_t calls = 0;
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeCheckpointAndLog(disk);
      auto db = disk.Open();
      PutSynced(*db, "d");
      PutSynced(*db, "e");
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      const Status status = db->Checkpoint();
      const bool fired = disk.faults().FaultsFired() > 0;
      EXPECT_EQ(status.ok(), !fired) << status.ToString();
      disk.LosePower(keep_unsynced);

      const auto all = Keys({"a", "b", "c", "d", "e"});
      db = disk.Open();
      ASSERT_EQ(Contents(*db), all) << "call " << nth;
      for (const std::string& name : AllNames(disk)) {
        ASSERT_TRUE(
            name == kCheckpointFile || name == kLock ||
            WalSegmentNumber(name).value_or(0) >=
                WalStatusOf(*db).first_segment)
            << name << " is left over of call " << nth;
      }
      Checkpoint(*db);
      PutSynced(*db, "f");
      disk.LosePower();
      db = disk.Open();
      ASSERT_EQ(Contents(*db), Keys({"a", "b", "c", "d", "e", "f"}))
          << "call " << nth;
      if (!fired) break;
      calls = nth;
    }
    EXPECT_GT(calls, 10u) << "too few calls to make anything durable";
  }
}

// The device fails once and goes on: the database too, or it says no.
TEST(CheckpointTest, OneFailedCallHurtsNoLaterWriteAndNoLaterCheckpoint) {
  for (const FaultKind kind :
       {FaultKind::kAny, FaultKind::kNoSpace, FaultKind::kShortWrite,
        FaultKind::kSyncError, FaultKind::kSyncDirectoryError,
        FaultKind::kRenameError}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      MakeCheckpointAndLog(disk);
      auto db = disk.Open();
      PutSynced(*db, "d");
      Fault fault;
      fault.kind = kind;
      fault.nth = nth;
      disk.faults().Inject(fault);
      static_cast<void>(db->Checkpoint());
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.faults().ClearFaults();
      auto expected = Keys({"a", "b", "c", "d"});
      const Status put = db->Put("e", "value", kSynced);
      if (put.ok()) {
        expected["e"] = "value";
        MustBeOk(db->Checkpoint(), "the second checkpoint");
      } else {
        ASSERT_EQ(put.code(), StatusCode::kReadOnly) << put.ToString();
      }
      ASSERT_EQ(Contents(*db), expected) << "call " << nth;
      disk.LosePower();
      db = disk.Open();
      ASSERT_EQ(Contents(*db), expected)
          << FaultKindName(kind) << " at call " << nth;
      if (!fired) break;
    }
  }
}

TEST(CheckpointTest, AfterATableThatCouldNotBeWrittenAnotherTrySucceeds) {
  for (const FaultKind kind :
       {FaultKind::kNoSpace, FaultKind::kWriteError, FaultKind::kShortWrite,
        FaultKind::kRenameError}) {
    for (const bool write_between : {true, false}) {
      Disk disk;
      auto db = disk.Open();
      PutSynced(*db, "a");
      Fault fault;
      fault.kind = kind;
      fault.path_part = kCheckpointFile;
      disk.faults().Inject(fault);
      EXPECT_TRUE(Fails(db->Checkpoint(), StatusCode::kIoError))
          << FaultKindName(kind);
      ASSERT_EQ(disk.faults().FaultsFired(), 1u) << FaultKindName(kind);
      disk.faults().ClearFaults();
      auto expected = Keys({"a"});
      if (write_between) {
        EXPECT_TRUE(db->Put("b", "value", kSynced).ok())
            << FaultKindName(kind) << ": the log has nothing to do with it";
        expected["b"] = "value";
      }
      const Status again = db->Checkpoint();
      EXPECT_TRUE(again.ok()) << FaultKindName(kind) << again.ToString();
      ASSERT_TRUE(disk.memory().Exists(disk.FilePath(kCheckpointFile)).value())
          << FaultKindName(kind);
      EXPECT_EQ(Entries(disk).size(), expected.size());
      disk.LosePower();
      db = disk.Open();
      EXPECT_EQ(Contents(*db), expected) << FaultKindName(kind);
    }
  }
}

TEST(CheckpointTest, NumbersGoOnBehindADeletedKey) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  Put(*db, "b", "value");
  Delete(*db, "a");
  Checkpoint(*db);
  EXPECT_EQ(Entries(disk), Strings{"2: b=value"});
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(WalStatusOf(*db).last_sequence, 3u)
      << "the number of the delete is never given again";
  Put(*db, "c", "value");
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
  EXPECT_EQ(WalStatusOf(*db).last_sequence, 4u);
}

TEST(CheckpointTest, ARemovalThatFailedIsDoneByTheNextOne) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  Put(*db, "b", "value");
  Fault fault;
  fault.kind = FaultKind::kAny;
  fault.path_part = SegmentFile(1);
  disk.faults().Inject(fault);
  EXPECT_FALSE(db->Checkpoint().ok());
  ASSERT_EQ(disk.faults().FaultsFired(), 1u);
  disk.faults().ClearFaults();
  EXPECT_TRUE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value());
  Checkpoint(*db);
  EXPECT_EQ(AllNames(disk), (Strings{SegmentFile(3), kCheckpointFile, kLock}))
      << "the log is dropped, though nothing was written since";
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
}

TEST(CheckpointTest, ASegmentThatIsGoneAlreadyIsInTheWayOfNone) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  RemoveFile(disk, SegmentFile(1));
  Checkpoint(*db);
  Put(*db, "b", "value");
  Checkpoint(*db);
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
}

TEST(CheckpointTest, SegmentsBehindItAreOrderedAsNumbers) {
  Disk disk;
  disk.SetContent(kLock, "");
  SeededRandom random(1);
  ManualClock clock;
  Options options;
  options.path = disk.path();
  options.file_system = &disk.memory();
  options.random = &random;
  options.clock = &clock;
  Wal wal(options);
  MustBeOk(wal.Create(999'999, 0), "Create");
  for (const uint64_t sequence : {1u, 2u}) {
    WriteBatch batch;
    batch.Put("key", std::to_string(sequence));
    MustBeOk(wal.Append(sequence, batch), "Append");
    MustBeOk(wal.Rotate(), "Rotate");
  }
  MustBeOk(wal.Close(), "Close");
  auto file = disk.memory().OpenForAppend(
      disk.FilePath(kCheckpointFile), AppendMode::kCreate);
  MustBeOk(file.status(), "OpenForAppend");
  TableBuilder builder(
      file->get(), TableHeader{.number = 999'999, .id = 1}, 4096);
  MustBeOk(builder.Finish(), "Finish");

  auto db = disk.Open();
  EXPECT_EQ(Read(*db, "key"), "2")
      << "as a text, 1000000.wal stands before 999999.wal";
  EXPECT_EQ(WalStatusOf(*db).first_segment, 999'999u);
  EXPECT_EQ(WalStatusOf(*db).last_segment, 1'000'001u);
}

TEST(CheckpointTest, TheLogStaysUntilTheNewNameIsDurable) {
  Disk disk;
  auto db = disk.Open();
  PutSynced(*db, "a");
  Fault fault;
  fault.kind = FaultKind::kSyncDirectoryError;
  fault.nth = 2;  // the first one is that of the new segment's name
  disk.faults().Inject(fault);
  EXPECT_FALSE(db->Checkpoint().ok());
  ASSERT_EQ(disk.faults().FaultsFired(), 1u) << "a checkpoint syncs two names";
  EXPECT_TRUE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value());
  disk.faults().ClearFaults();
  EXPECT_TRUE(Fails(db->Put("b", "value"), StatusCode::kReadOnly, {"opened"}))
      << "another sync of the directory would prove nothing";
}

TEST(CheckpointTest, AFailedSyncOfTheTableIsNotTriedAgain) {
  Disk disk;
  auto db = disk.Open();
  PutSynced(*db, "a");
  Fault fault;
  fault.kind = FaultKind::kSyncError;
  fault.path_part = kCheckpointFile;
  disk.faults().Inject(fault);
  EXPECT_FALSE(db->Checkpoint().ok());
  ASSERT_EQ(disk.faults().FaultsFired(), 1u);
  disk.faults().ClearFaults();
  EXPECT_TRUE(disk.memory().Exists(disk.FilePath(SegmentFile(1))).value());
  EXPECT_FALSE(disk.memory().Exists(disk.FilePath(kCheckpointFile)).value())
      << "what is not durable gets no name";
  EXPECT_EQ(db->Checkpoint().code(), StatusCode::kReadOnly);
  EXPECT_EQ(Read(*db, "a"), "value");
}

TEST(CheckpointTest, OpenRemovesWhatACheckpointLeftAndNothingElse) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "value");
  disk.KillProcess();
  const std::string covered = disk.Content(SegmentFile(1));
  db = disk.Open();
  Checkpoint(*db);
  Put(*db, "b", "value");
  MustBeOk(db->Close(), "Close");
  const FilesByPath clean = AllFiles(disk);

  FilesByPath others;
  for (const std::string name :
       {"notes.txt", "CHECKPOINT.old", "other.new", "12.wal", "0000007.wal"}) {
    others[name] = "not ours";
    disk.SetContent(name, others[name]);
  }
  for (const std::string& name :
       {kCheckpointFile + ".new", SegmentFile(3) + ".new",
        SegmentFile(9) + ".new"}) {
    disk.SetContent(name, "a part of a file");
  }
  disk.SetContent(SegmentFile(1), covered);
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
  FilesByPath expected = clean;
  expected.merge(others);
  EXPECT_TRUE(AllFiles(disk) == expected)
      << ::testing::PrintToString(AllNames(disk));
}

TEST(CheckpointTest, ACoveredSegmentIsNotRead) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  disk.SetContent(SegmentFile(1), "a segment that was damaged long ago");
  auto db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b", "c"}));
}

TEST(CheckpointTest, ArchivedSegmentsAreKept) {
  Disk disk;
  Options options;
  options.archive_wal = true;
  auto db = disk.Open(options);
  Put(*db, "a", "value");
  MustBeOk(db->RotateWal(), "RotateWal");
  Put(*db, "b", "value");
  const std::string first = disk.Content(SegmentFile(1));
  Checkpoint(*db);
  EXPECT_EQ(
      AllNames(disk),
      (Strings{
          SegmentFile(3), kCheckpointFile, kLock, Archived(1), Archived(2)}));
  EXPECT_TRUE(disk.Content(Archived(1)) == first);
  EXPECT_EQ(WalStatusOf(*db).archived_segments, 2u);
  EXPECT_EQ(WalStatusOf(*db).bytes, kLogHeaderBytes)
      << "what is archived is not in the log";
  disk.LosePower();
  db = disk.Open(options);
  EXPECT_EQ(WalStatusOf(*db).archived_segments, 2u) << "durably";
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
}

TEST(CheckpointTest, APowerLossWhileArchivingLosesNoSegment) {
  Options options;
  options.archive_wal = true;
  for (const bool keep_unsynced : {false, true}) {
    for (uint64_t nth = 1;; ++nth) {
      ASSERT_LT(nth, 1000u);
      Disk disk;
      auto db = disk.Open(options);
      PutSynced(*db, "a");
      MustBeOk(db->RotateWal(), "RotateWal");
      PutSynced(*db, "b");
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = true;
      disk.faults().Inject(fault);
      static_cast<void>(db->Checkpoint());
      const bool fired = disk.faults().FaultsFired() > 0;
      disk.LosePower(keep_unsynced);
      db = disk.Open(options);
      ASSERT_EQ(Contents(*db), Keys({"a", "b"})) << "call " << nth;
      const FilesByPath files = AllFiles(disk);
      for (const uint64_t number : {1u, 2u}) {
        ASSERT_EQ(
            files.count(Archived(number)) + files.count(SegmentFile(number)),
            1u)
            << "segment " << number << ", call " << nth;
      }
      if (!fired) break;
    }
  }
}

TEST(CheckpointTest, ASegmentIsDurablyArchivedBeforeItsOldNameGoes) {
  Disk disk;
  Options options;
  options.archive_wal = true;
  auto db = disk.Open(options);
  Put(*db, "a", "value");
  Checkpoint(*db);
  Put(*db, "b", "value");
  MustBeOk(db->RotateWal(), "RotateWal");  // makes the old name's end durable
  disk.LosePower();
  EXPECT_EQ(AllFiles(disk).count(Archived(1)), 1u);
}

TEST(CheckpointTest, ClearWalDropsTheArchiveToo) {
  Disk disk;
  Options options;
  options.archive_wal = true;
  auto db = disk.Open(options);
  Put(*db, "a", "value");
  Checkpoint(*db);
  Put(*db, "b", "value");
  MustBeOk(db->ClearWal(), "ClearWal");
  EXPECT_EQ(AllNames(disk), (Strings{SegmentFile(3), kCheckpointFile, kLock}));
  EXPECT_EQ(WalStatusOf(*db).archived_segments, 0u);
  disk.LosePower();
  db = disk.Open(options);
  EXPECT_EQ(Contents(*db), Keys({"a", "b"}));
}

TEST(CheckpointTest, DamageToItIsCorruptionAndChangesNothing) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  const std::string whole = disk.Content(kCheckpointFile);
  // The version alone may be that of a newer program.
  for (uint64_t byte = 8; byte < whole.size(); ++byte) {
    disk.SetContent(kCheckpointFile, Flip(whole, byte, byte % 8));
    ExpectRefused(
        disk, {disk.FilePath(kCheckpointFile), "offset"},
        "byte " + std::to_string(byte));
  }
  for (uint64_t length = 0; length < whole.size(); ++length) {
    disk.SetContent(kCheckpointFile, whole.substr(0, length));
    ExpectRefused(
        disk, {disk.FilePath(kCheckpointFile), "offset"},
        "cut to " + std::to_string(length));
  }
}

TEST(CheckpointTest, SalvageGoesOnBehindADamagedEntry) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  const std::string whole = disk.Content(kCheckpointFile);
  const std::string damaged = Flip(whole, kTableHeaderBytes + 8);
  disk.SetContent(kCheckpointFile, damaged);
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
  ASSERT_EQ(ReportOf(*db).skipped.size(), 1u);
  EXPECT_NE(
      ReportOf(*db).skipped[0].find(
          disk.FilePath(kCheckpointFile) + " at offset " +
          std::to_string(kTableHeaderBytes)),
      std::string::npos)
      << ReportOf(*db).skipped[0];
  EXPECT_GT(ReportOf(*db).skipped_bytes, 0u) << "an entry was passed over";
  EXPECT_TRUE(
      disk.Content(JoinPath(BaseName(DamagedName("/")), kCheckpointFile)) ==
      damaged);
  disk.LosePower();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"b", "c"}));
}

// All checksums are right. In the memtable the entry would be newer than the
// next write of its key.
TEST(CheckpointTest, AnEntryWithANumberAboveItsLastIsDamage) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  const std::vector<TableEntry> entries = {
      {1, RecordKind::kPut, "a", "value"}, {3, RecordKind::kPut, "b", "value"}};
  RemoveFile(disk, kCheckpointFile);
  const auto file = disk.memory().OpenForAppend(
      disk.FilePath(kCheckpointFile), AppendMode::kCreate);
  MustBeOk(file.status(), "OpenForAppend");
  TableBuilder builder(
      file->get(), {.number = 2, .id = 1, .last_sequence = 2}, 4096);
  for (const TableEntry& entry : entries) builder.Measure(entry);
  for (const TableEntry& entry : entries) MustBeOk(builder.Add(entry), "Add");
  MustBeOk(builder.Finish(), "Finish");
  const uint64_t offset = kTableHeaderBytes + TableEntryBytes(entries[0]);
  ExpectRefused(
      disk,
      {disk.FilePath(kCheckpointFile), "offset " + std::to_string(offset),
       "sequence", "backup"},
      "operation 3 is in the log");
  auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
  EXPECT_EQ(Contents(*db), Keys({"a", "c"}));
  Put(*db, "b", "new");
  EXPECT_EQ(Read(*db, "b"), "new");
}

// An empty checkpoint with this number, and an empty log behind it.
void MakeCheckpointUpTo(Disk& disk, uint64_t last_sequence) {
  MustBeOk(disk.Open()->Close(), "Close");
  const auto file = disk.memory().OpenForAppend(
      disk.FilePath(kCheckpointFile), AppendMode::kCreate);
  MustBeOk(file.status(), "OpenForAppend");
  TableBuilder builder(
      file->get(), {.number = 1, .id = 1, .last_sequence = last_sequence},
      4096);
  MustBeOk(builder.Finish(), "Finish");
}

TEST(CheckpointTest, ALastNumberAboveTheLargestIsDamage) {
  for (const uint64_t number : {kSequenceMax + 1, UINT64_MAX}) {
    Disk disk;
    MakeCheckpointUpTo(disk, number);
    ExpectRefused(
        disk, {disk.FilePath(kCheckpointFile), "backup"},
        "number " + std::to_string(number));
    auto db = disk.Open(WithMode(RecoveryMode::kSalvage));
    for (const char* value : {"1", "2"}) Put(*db, "a", value);
    EXPECT_EQ(Read(*db, "a"), "2");
  }
}

TEST(CheckpointTest, BehindTheLargestNumberNoWriteIsTaken) {
  Disk disk;
  MakeCheckpointUpTo(disk, kSequenceMax - 3);
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
  Checkpoint(*db);
  disk.KillProcess();
  db = disk.Open();
  EXPECT_EQ(Contents(*db), Keys({"a", "b"})) << "from a checkpoint";
}

TEST(CheckpointTest, WithoutItOrTheLogBehindItIsCorruption) {
  Disk disk;
  MakeCheckpointAndLog(disk);
  const std::string log = disk.Content(SegmentFile(2));
  RemoveFile(disk, SegmentFile(2));
  ExpectRefused(
      disk, {disk.FilePath(kCheckpointFile), "segment 2"}, "there is no log");
  disk.SetContent(SegmentFile(2), log);
  RemoveFile(disk, kCheckpointFile);
  ExpectRefused(
      disk, {disk.FilePath(SegmentFile(2)), "number 1"},
      "there is no checkpoint");
}

TEST(CheckpointTest, ADirectoryOfAnEarlierFormIsRefusedWithTheWayOver) {
  for (const bool create_if_missing : {true, false}) {
    Disk disk;
    disk.SetContent("data.log", "a database of an earlier form");
    const FilesByPath before = AllFiles(disk);
    Options options;
    options.create_if_missing = create_if_missing;
    EXPECT_TRUE(Fails(
        disk.TryOpen(options).status(), StatusCode::kNotSupported,
        {disk.path(), "data.log", "--dump", "--load"}));
    EXPECT_TRUE(AllFiles(disk) == before) << "it stays as it is";
  }
}

// Its log has the names that ours has. Without a flush it even has the same
// content: a segment 1 with writes.
TEST(CheckpointTest, ADirectoryOfALaterFormIsRefusedAndLeftAsItWas) {
  const std::vector<Strings> forms = {
      {"CURRENT", "MANIFEST-000001"},
      {"CURRENT", "MANIFEST-000001", "000001.sst"},
      {"MANIFEST-000012"},
      {"000001.sst"},
      {"1000000.sst"},
  };
  for (const bool has_log : {true, false}) {
    for (const Strings& names : forms) {
      Disk disk;
      if (has_log) Put(*disk.Open(), "a", "value");
      for (const std::string& name : names) disk.SetContent(name, "later");
      const FilesByPath before = AllFiles(disk);
      for (const RecoveryMode mode :
           {RecoveryMode::kAutomatic, RecoveryMode::kStrict,
            RecoveryMode::kPointInTime, RecoveryMode::kSalvage}) {
        EXPECT_TRUE(Fails(
            disk.TryOpen(WithMode(mode)).status(), StatusCode::kNotSupported,
            {disk.path(), "later form", "program that wrote it", "--dump",
             "--load", "nothing was changed"}))
            << names[0];
        EXPECT_TRUE(AllFiles(disk) == before) << names[0];
      }
    }
  }
}

TEST(CheckpointTest, FilesOfOthersAreNoLaterForm) {
  Disk disk;
  Put(*disk.Open(), "a", "value");
  for (const char* name : {"notes.sst", "current", "MANIFEST-old", "1.sst"}) {
    disk.SetContent(name, "of another program");
  }
  EXPECT_EQ(Contents(*disk.Open()), Keys({"a"}));
}

// Its log is in memory too, and a delete goes there before it frees anything.
TEST(CheckpointTest, AFullMemoryTakesEveryDelete) {
  Options options;
  options.memory_bytes_max = 200'000;
  auto db = OpenEmpty(options);
  const auto long_key = [](int i) {
    std::string key = std::to_string(1000 + i);
    key.resize(1000, 'k');
    return key;
  };
  int count = 0;
  while (count < 1000 && db->Put(long_key(count), "").ok()) ++count;
  ASSERT_LT(count, 1000);
  ASSERT_GT(count, 10);
  size_t small = 0;
  while (small < 10'000 && db->Put(std::to_string(small), "").ok()) ++small;
  ASSERT_LT(small, 10'000u) << "not even a small one fits";
  for (int i = 0; i < count; ++i) {
    const Status status = db->Delete(long_key(i));
    ASSERT_TRUE(status.ok()) << i << ": " << status.ToString();
  }
  EXPECT_EQ(KeysOf(*db).size(), small);
  Put(*db, long_key(0), "there is room again");
}

TEST(CheckpointTest, WritesMakeCheckpointsWhenTheLogIsLong) {
  Disk disk;
  Options options;
  options.wal_bytes_max = 1000;
  auto db = disk.Open(options);
  for (int i = 0; i < 100; ++i) {
    Put(*db, "key", "value " + std::to_string(i));
    EXPECT_LT(WalStatusOf(*db).bytes, 1200u) << "write " << i;
  }
  EXPECT_GT(WalStatusOf(*db).first_segment, 5u);
  disk.KillProcess();
  db = disk.Open(options);
  EXPECT_EQ(Read(*db, "key"), "value 99");
  EXPECT_EQ(WalStatusOf(*db).last_sequence, 100u);
}

TEST(CheckpointTest, OverwritesInMemoryNeverReachTheLimit) {
  Options options;
  options.archive_wal = true;  // of which there is none in memory
  options.memory_bytes_max = 100'000;
  auto db = OpenEmpty(options);
  for (int i = 0; i < 100; ++i) {
    Put(*db, "key", std::string(10'000, 'x'));
    ASSERT_EQ(WalStatusOf(*db).archived_segments, 0u) << "put " << i;
  }
}

TEST(CheckpointTest, ALargeDatabaseIsNotWrittenAgainForEachWrite) {
  Disk disk;
  Options options;
  options.wal_bytes_max = 1;
  auto db = disk.Open(options);
  disk.faults().ResetCounts();
  const std::string value(100, 'v');
  uint64_t written = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = std::to_string(1000 + i);
    Put(*db, key, value);
    written += key.size() + value.size();
  }
  EXPECT_GT(WalStatusOf(*db).first_segment, 5u);
  EXPECT_LT(disk.faults().BytesAppended(), 6 * written)
      << "a checkpoint waits until the log is longer than the last one";
}

}  // namespace
}  // namespace kv
