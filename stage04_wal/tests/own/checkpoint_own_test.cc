// Goal: tests that no wrong checkpoint and no wrong recovery passes.
// Method: write the bodies so that the database in this folder passes and the
// wrong ones fail. Make each call of a checkpoint fail, bring back what it had
// removed, cut and damage the log; then open it in each mode.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "support/recovery_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

// A call of the checkpoint fails, and all behind it; or only this one.
TEST(OwnCheckpointTest, LosesNoWriteAtAnyCall) {
  for (const bool power_fails : {true, false}) {
    for (const bool keep_unsynced : {false, true}) {
      bool fired = true;
      for (uint64_t nth = 1; fired; ++nth) {
        Disk disk;
        auto db = disk.Open();
        PutSynced(*db, "a");
        MustBeOk(db->Checkpoint(), "Checkpoint");
        PutSynced(*db, "b");
        MustBeOk(db->Delete("a", kSynced), "Delete");
        Map expected = {{"b", "value"}};
        Fault fault;
        fault.kind = FaultKind::kAny;
        fault.nth = nth;
        fault.persistent = power_fails;
        disk.faults().Inject(fault);
        const Status status = db->Checkpoint();
        fired = disk.faults().FaultsFired() > 0;
        ASSERT_EQ(status.ok(), !fired) << "call " << nth;
        disk.faults().ClearFaults();
        if (!power_fails) {
          const Status put = db->Put("c", "value", kSynced);
          if (put.ok()) expected["c"] = "value";
          if (put.ok()) MustBeOk(db->Checkpoint(), "another checkpoint");
          ASSERT_TRUE(put.ok() || put.code() == StatusCode::kReadOnly)
              << "call " << nth << ": " << put.ToString();
        }
        disk.LosePower(keep_unsynced);
        db = disk.Open();
        ASSERT_EQ(Contents(*db), expected) << "call " << nth;
        MustBeOk(db->Checkpoint(), "a checkpoint after the crash");
        disk.LosePower(keep_unsynced);
        db = disk.Open();
        ASSERT_EQ(Contents(*db), expected) << "call " << nth;
      }
    }
  }
}

// Random batches and checkpoints against a map, while processes die; and
// segments that were removed come back.
TEST(OwnCheckpointTest, ReadsEachWriteOnceAndInOrder) {
  SeededRandom random(1);
  Disk disk;
  Options options;
  options.wal_segment_bytes_max = 200;
  Map expected;
  FilesByPath removed;
  uint64_t sequence = 0;
  auto db = disk.Open(options);
  for (int round = 0; round < 300; ++round) {
    WriteBatch batch;
    for (uint64_t i = random.Below(4); i-- > 0; ++sequence) {
      const std::string key = std::to_string(random.Below(8));
      if (random.OneIn(3)) {
        batch.Delete(key);
        expected.erase(key);
      } else {
        batch.Put(key, std::to_string(sequence));
        expected[key] = std::to_string(sequence);
      }
    }
    Write(*db, batch);
    ASSERT_EQ(WalStatusOf(*db).last_sequence, sequence) << "round " << round;
    if (random.OneIn(4)) {
      removed = AllFiles(disk);
      MustBeOk(db->Checkpoint(), "Checkpoint");
      ASSERT_EQ(WalStatusOf(*db).bytes, kLogHeaderBytes);
      ASSERT_EQ(AllFiles(disk).size(), 3u) << "checkpoint, segment, lock";
    }
    if (!random.OneIn(3)) continue;
    disk.KillProcess();
    for (const auto& [name, content] : removed) {
      const bool is_segment = WalSegmentNumber(name).has_value();
      if (is_segment && AllFiles(disk).count(name) == 0) {
        disk.SetContent(name, content);
      }
    }
    db = disk.Open(options);
    ASSERT_EQ(Contents(*db), expected) << "round " << round;
    ASSERT_EQ(WalStatusOf(*db).last_sequence, sequence) << "round " << round;
    for (const std::string& name : AllNames(disk)) {
      const uint64_t number = WalSegmentNumber(name).value_or(UINT64_MAX);
      ASSERT_GE(number, WalStatusOf(*db).first_segment) << "round " << round;
    }
  }
}

// Two sealed segments, then a synced write, a synced batch, an unsynced batch.
void MakeDiedLog(Disk& disk) {
  auto db = disk.Open();
  PutSynced(*db, "a");
  MustBeOk(db->RotateWal(), "RotateWal");
  PutSynced(*db, "b");
  MustBeOk(db->RotateWal(), "RotateWal");
  PutSynced(*db, "c");
  for (const bool synced : {true, false}) {
    WriteBatch batch;
    batch.Put(synced ? "d" : "f", "value");
    batch.Put(synced ? "e" : "g", "value");
    MustBeOk(db->Write(batch, {.sync = synced}), "Write");
  }
  disk.KillProcess();
}

Map ContentsIn(Disk& disk, RecoveryMode mode) {
  auto db = disk.Open(WithMode(mode));
  return Contents(*db);
}

// What each mode makes of cuts, of flipped bits, and of a lost segment.
TEST(OwnCheckpointTest, TellsDamageFromATornTail) {
  const std::string last = SegmentFile(3);
  const Map synced = Keys({"a", "b", "c", "d", "e"});
  Disk whole;
  MakeDiedLog(whole);
  const std::string bytes = whole.Content(last);
  const auto frames = FramesIn(bytes);
  ASSERT_EQ(frames.size(), 3u);

  // The unsynced batch is torn, whole or not at all.
  for (uint64_t length = frames[2].offset + 1; length < bytes.size();
       ++length) {
    Disk disk;
    MakeDiedLog(disk);
    disk.SetContent(last, bytes.substr(0, length));
    ASSERT_TRUE(Fails(
        disk.TryOpen(WithMode(RecoveryMode::kStrict)).status(),
        StatusCode::kCorruption));
    ASSERT_EQ(ContentsIn(disk, RecoveryMode::kAutomatic), synced) << length;
    ASSERT_EQ(ContentsIn(disk, RecoveryMode::kStrict), synced)
        << "what was cut off does not come back: " << length;
  }

  // A bit of a synced frame is damage, also in the last segment.
  for (size_t i = 0; i < 2; ++i) {
    for (uint64_t byte = frames[i].offset; byte < frames[i].End(); ++byte) {
      Disk disk;
      MakeDiedLog(disk);
      disk.SetContent(last, Flip(bytes, byte));
      ExpectRefused(disk, {std::to_string(frames[i].offset)}, "it was synced");
      const bool salvages = byte % 2 == 0;
      const RecoveryMode mode =
          salvages ? RecoveryMode::kSalvage : RecoveryMode::kPointInTime;
      Map expected = Keys({"a", "b"});
      if (i == 1) expected["c"] = "value";
      if (i == 0 && salvages) expected.merge(Keys({"d", "e"}));
      if (salvages) expected.merge(Keys({"f", "g"}));
      ASSERT_EQ(ContentsIn(disk, mode), expected) << "byte " << byte;
      ASSERT_EQ(ContentsIn(disk, RecoveryMode::kStrict), expected);
    }
  }

  // A sealed segment is cut, or is not there.
  const std::string middle = SegmentFile(2);
  const std::string sealed = whole.Content(middle);
  for (uint64_t length = 0; length <= sealed.size(); ++length) {
    Disk disk;
    MakeDiedLog(disk);
    if (length == sealed.size()) {
      RemoveFile(disk, middle);
    } else {
      disk.SetContent(middle, sealed.substr(0, length));
    }
    ExpectRefused(disk, {}, "no crash does that to a sealed segment");
    Map expected = Keys({"a", "c", "d", "e", "f", "g"});
    if (length >= FramesIn(sealed)[0].End() && length < sealed.size()) {
      expected["b"] = "value";
    }
    ASSERT_EQ(ContentsIn(disk, RecoveryMode::kSalvage), expected) << length;
  }
}

}  // namespace
}  // namespace kv
