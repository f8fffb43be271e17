// Goal: what a crash leaves at a manifest's end is cut off; all other damage to
// CURRENT, manifest or tables is said, and changes no byte.
// Method: every flipped bit and every cut of CURRENT and manifest; frames that
// no set would write; tables that are not what the manifest names.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/checksum.h"
#include "kv/coding.h"
#include "support/version_verbs.h"

namespace kv {
namespace {

// Three edits, the last of which is cut off or followed by other bytes.
TEST(VersionSetTest, ATornTailIsCutOffDurably) {
  for (const bool garbage : {false, true}) {
    Directory directory(3, false);
    const std::string whole = directory.disk.Content(kFirstManifest);
    const std::string torn = garbage ? whole + std::string(40, '\0')
                                     : whole.substr(0, whole.size() - 1);
    const std::string expected = AfterFlushes(garbage ? 3 : 2);
    directory.disk.SetContent(kFirstManifest, torn);
    MustBeOk(AddSegment(&directory.fs(), 3), "the edit had no effect yet");
    const Status strict = directory.TryRecover(RecoveryMode::kStrict);
    EXPECT_TRUE(Fails(
        strict, StatusCode::kCorruption,
        {kFirstManifest, "offset", "kAutomatic"}));
    EXPECT_EQ(strict.message().find("restore"), std::string_view::npos)
        << "one way over, and not the one for damage: " << strict.ToString();
    EXPECT_EQ(directory.disk.Content(kFirstManifest), torn);
    const auto set = directory.New(RecoveryMode::kAutomatic);
    MustBeOk(set->Recover(), "Recover");
    EXPECT_EQ(Describe(*set), expected);
    EXPECT_EQ(set->TrimmedBytes(), torn.size() - FramesEnd(torn));
    EXPECT_EQ(directory.disk.Content(kFirstManifest), torn)
        << "the log may still be refused";
    MustBeOk(set->Continue(), "Continue");
    EXPECT_EQ(set->IsOrphan("000003.sst"), !garbage);
    directory.disk.LosePower();
    EXPECT_EQ(directory.disk.Content(kFirstManifest).size(), FramesEnd(torn));
    EXPECT_EQ(directory.Found(RecoveryMode::kStrict), expected);
  }
}

TEST(VersionSetTest, WhatIsReadOfADeadProcessIsDurable) {
  Directory directory(1, false);
  // An edit that nobody synced.
  auto file = directory.fs().OpenForAppend(
      directory.disk.FilePath(kFirstManifest), AppendMode::kExisting);
  MustBeOk(file.status(), "OpenForAppend");
  const std::string content = directory.disk.Content(kFirstManifest);
  VersionEdit edit;
  edit.last_sequence = 12;
  std::string payload;
  edit.EncodeTo(&payload);
  std::string frame;
  EncodeFrame(
      IdentityOf(content), content.size(), 0, FrameType::kVersionEdit, payload,
      &frame);
  MustBeOk((*file)->Append(frame), "Append");
  directory.disk.KillProcess();
  const std::string found = directory.Found();
  EXPECT_EQ(found, "segment 2, sequence 12, tables 1");
  directory.disk.LosePower();
  EXPECT_EQ(directory.Found(), found);
}

// Its name too: CURRENT was renamed by a process that died before the directory
// was synced.
TEST(VersionSetTest, ANameThatIsReadOfADeadProcessIsDurable) {
  Directory directory;
  directory.manifest_bytes_max = kTinyManifest;
  const auto set = directory.Create();
  Fault fault;
  fault.kind = FaultKind::kSyncDirectoryError;
  fault.nth = 2;  // the first is that of the new manifest's own name
  directory.fs().Inject(fault);
  VersionEdit edit;
  Status applied;
  for (edit.last_sequence = 0; applied.ok() && *edit.last_sequence < 1000;) {
    ++*edit.last_sequence;
    applied = set->Apply(edit, {});
  }
  ASSERT_TRUE(Fails(applied, StatusCode::kIoError));
  directory.disk.KillProcess();
  const std::string found = directory.Found();
  EXPECT_EQ(
      found,
      "segment 1, sequence " + std::to_string(*edit.last_sequence) +
          ", tables");
  directory.disk.LosePower();
  EXPECT_EQ(directory.Found(), found);
}

TEST(VersionSetDamageTest, EveryBitOfCurrentMatters) {
  Directory directory(2, true);
  const std::string current = directory.disk.Content(kCurrent);
  ASSERT_EQ(current.size(), 25u);
  for (size_t bit = 0; bit < current.size() * 8; ++bit) {
    directory.disk.SetContent(kCurrent, Flipped(current, bit));
    EXPECT_TRUE(Fails(
        directory.TryRecover(), StatusCode::kCorruption,
        {"/db/CURRENT at offset 0", "backup"}))
        << "bit " << bit;
  }
}

TEST(VersionSetDamageTest, CurrentIsTakenWholeOrNotAtAll) {
  Directory directory(2, true);
  const std::string current = directory.disk.Content(kCurrent);
  std::vector<std::string> contents = {
      current + "\n", current + current, std::string(10'000, 'x'),
      "MANIFEST-000001\n", EncodeCurrent(2)};
  for (size_t length = 0; length < current.size(); ++length) {
    contents.push_back(current.substr(0, length));
  }
  for (const std::string& content : contents) {
    directory.disk.SetContent(kCurrent, content);
    ExpectRefused(directory, {"CURRENT", "backup"}, Show(content));
  }
}

// What is promised: a closed manifest is as it was, or Corruption; and so is
// one that was not closed, but for its last edit.
TEST(VersionSetDamageTest, EveryBitOfAManifestMatters) {
  for (const bool closed : {false, true}) {
    Directory directory(3, closed);
    const std::string whole = directory.disk.Content(kFirstManifest);
    const uint64_t last = FramesIn(whole).back().offset;
    const std::string as_it_was = AfterFlushes(3);
    int same = 0;
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      directory.disk.SetContent(kFirstManifest, Flipped(whole, bit));
      const auto before = directory.disk.Files();
      const auto set = directory.New({});
      const Status status = RecoverAll(*set);
      if (bit / 8 >= last && closed) {
        ++same;
        EXPECT_TRUE(status.ok()) << status.ToString();
        EXPECT_EQ(Describe(*set), as_it_was) << "bit " << bit;
        continue;
      }
      // The segment that the last edit made superfluous is gone: that gives
      // away that the edit was there.
      EXPECT_TRUE(
          Fails(status, StatusCode::kCorruption, {kFirstManifest, "backup"}))
          << "bit " << bit;
      EXPECT_TRUE(directory.disk.Files() == before) << "bit " << bit;
    }
    EXPECT_EQ(same > 0, closed) << "a damaged close frame says nothing new";
  }
}

// While the segment is there, nobody can tell whether the edit was durable; nor
// does it matter, since all that is in its table is in the log too.
TEST(VersionSetDamageTest, ADamagedLastEditIsOneThatWasNotMade) {
  Directory directory(3, false);
  MustBeOk(AddSegment(&directory.fs(), 3), "AddSegment");
  const std::string whole = directory.disk.Content(kFirstManifest);
  const FileFrame last = FramesIn(whole).back();
  for (uint64_t byte = last.offset; byte < last.End(); ++byte) {
    directory.disk.SetContent(
        kFirstManifest, Flipped(whole, static_cast<size_t>(byte) * 8));
    const auto set = directory.Recover();
    EXPECT_EQ(Describe(*set), AfterFlushes(2)) << "byte " << byte;
    EXPECT_TRUE(set->IsOrphan("000003.sst"));
  }
}

// Here the log does not help: all of it is there.
TEST(VersionSetDamageTest, WhatALaterEditSaysWasSyncedIsNoTornTail) {
  Directory directory(3, false);
  for (const uint64_t number : {1u, 2u, 3u}) {
    MustBeOk(AddSegment(&directory.fs(), number), "AddSegment");
  }
  const std::string whole = directory.disk.Content(kFirstManifest);
  const uint64_t last = FramesIn(whole).back().offset;
  for (uint64_t byte = 0; byte < last; ++byte) {
    directory.disk.SetContent(
        kFirstManifest, Flipped(whole, static_cast<size_t>(byte) * 8));
    EXPECT_TRUE(Fails(
        directory.TryRecover(), StatusCode::kCorruption, {kFirstManifest}))
        << "byte " << byte;
  }
}

TEST(VersionSetDamageTest, TheFirstFrameIsNoTornTail) {
  Directory directory(0, false);
  const std::string whole = directory.disk.Content(kFirstManifest);
  for (size_t byte = 0; byte < whole.size(); ++byte) {
    directory.disk.SetContent(kFirstManifest, Flipped(whole, byte * 8));
    ExpectRefused(
        directory, {kFirstManifest}, "flipped byte " + std::to_string(byte));
    directory.disk.SetContent(kFirstManifest, whole.substr(0, byte));
    ExpectRefused(
        directory, {kFirstManifest}, "cut at " + std::to_string(byte));
  }
}

// A cut at the end of a frame cannot be seen here: it is an earlier state. The
// segment that it needs first is then missing from the log.
TEST(VersionSetDamageTest, ACutManifestIsABeginningOfItOrCorruption) {
  for (const bool closed : {false, true}) {
    Directory directory(3, closed);
    const std::string whole = directory.disk.Content(kFirstManifest);
    std::set<std::string> earlier;
    for (size_t length = 0; length < whole.size(); ++length) {
      directory.disk.SetContent(kFirstManifest, whole.substr(0, length));
      const auto set = directory.New({});
      const Status status = RecoverAll(*set);
      if (!status.ok()) {
        EXPECT_TRUE(
            Fails(status, StatusCode::kCorruption, {kFirstManifest, "backup"}))
            << length;
        continue;
      }
      const std::string found = Describe(*set);
      if (found == AfterFlushes(3)) {
        EXPECT_TRUE(closed) << length << ": only the close frame is cut";
        continue;
      }
      EXPECT_EQ(length, FramesEnd(whole.substr(0, length)));
      earlier.insert(found);
      const Result<bool> log_is_there =
          directory.fs().Exists(WalSegmentName(kPath, set->FirstSegment()));
      EXPECT_FALSE(log_is_there.value()) << "which the log will say";
    }
    EXPECT_EQ(
        earlier,
        (std::set<std::string>{
            AfterFlushes(0), AfterFlushes(1), AfterFlushes(2)}));
  }
}

TEST(VersionSetDamageTest, BytesBehindACloseFrameAreRefused) {
  Directory directory(2, true);
  const std::string whole = directory.disk.Content(kFirstManifest);
  for (const size_t count : {1u, 32u, 100u}) {
    directory.disk.SetContent(kFirstManifest, whole + std::string(count, 'x'));
    ExpectRefused(
        directory, {kFirstManifest, std::to_string(whole.size())}, "garbage");
  }
}

TEST(VersionSetDamageTest, AMissingManifestIsNamed) {
  Directory directory(2, true);
  directory.Remove(kFirstManifest);
  ExpectRefused(directory, {"CURRENT", kFirstManifest, "missing"}, "manifest");
}

TEST(VersionSetDamageTest, AnotherManifestUnderTheNameIsRefused) {
  Directory directory(2, true);
  const std::string content = directory.disk.Content(kFirstManifest);
  directory.disk.SetContent("MANIFEST-000005", content);
  directory.disk.SetContent(kCurrent, EncodeCurrent(5));
  ExpectRefused(directory, {"MANIFEST-000005", "manifest 1"}, "renamed");
}

TEST(VersionSetDamageTest, ANewerFormatIsNotSupported) {
  Directory directory(2, true);
  std::string content = directory.disk.Content(kFirstManifest);
  std::string changed;
  PutFixed32(&changed, kLogVersion + 1);
  PutFixed32(
      &changed,
      Checksum32(std::string_view(content).substr(16, 16), kLogVersion + 1));
  content.replace(8, 8, changed);
  directory.disk.SetContent(kFirstManifest, content);
  for (const RecoveryMode mode : kModes) {
    EXPECT_TRUE(Fails(
        directory.TryRecover(mode), StatusCode::kNotSupported,
        {kFirstManifest, "version 2"}));
  }
}

using Frames = std::vector<std::pair<FrameType, std::string>>;

std::string ManifestOf(const Frames& frames) {
  const LogIdentity log{1, kTableId};
  std::string content;
  EncodeLogHeader(log, &content);
  for (const auto& [type, payload] : frames) {
    EncodeFrame(log, content.size(), content.size(), type, payload, &content);
  }
  return content;
}

std::string EditPayload(
    std::optional<uint64_t> segment, std::optional<uint64_t> sequence,
    const std::vector<uint64_t>& tables = {}) {
  VersionEdit edit;
  edit.first_segment = segment;
  edit.last_sequence = sequence;
  for (const uint64_t number : tables) {
    edit.added.push_back({number, 1000 + number, 90, 1, "\x01k", "\x01k"});
  }
  std::string payload;
  edit.EncodeTo(&payload);
  return payload;
}

TEST(VersionSetDamageTest, AnIntactFrameThatDoesNotFitIsRefused) {
  constexpr FrameType kEdit = FrameType::kVersionEdit;
  const std::string first = EditPayload(5, 50);
  const std::vector<std::pair<std::string, Frames>> cases = {
      {"nothing behind the header", {}},
      {"closed without a snapshot", {{FrameType::kClose, ""}}},
      {"a snapshot without segment", {{kEdit, EditPayload({}, 50)}}},
      {"a snapshot without sequence", {{kEdit, EditPayload(5, {})}}},
      {"a batch", {{kEdit, first}, {FrameType::kBatch, first}}},
      {"no edit", {{kEdit, first}, {kEdit, "\x09"}}},
      {"the segment goes back", {{kEdit, first}, {kEdit, EditPayload(4, {})}}},
      {"the sequence goes back",
       {{kEdit, first}, {kEdit, EditPayload({}, 49)}}},
      {"a table's number again",
       {{kEdit, first},
        {kEdit, EditPayload({}, {}, {3})},
        {kEdit, EditPayload({}, {}, {3})}}},
      {"tables in the wrong order",
       {{kEdit, first}, {kEdit, EditPayload({}, {}, {3, 2})}}},
      {"an edit behind the end",
       {{kEdit, first}, {FrameType::kClose, ""}, {kEdit, first}}},
      {"closed twice",
       {{kEdit, first}, {FrameType::kClose, ""}, {FrameType::kClose, ""}}},
      {"a sequence above the largest", {{kEdit, EditPayload(5, UINT64_MAX)}}},
      {"a segment behind which no other has a name",
       {{kEdit, EditPayload(kFileNumberMax, 50)}}},
  };
  for (const auto& [what, frames] : cases) {
    Directory directory;
    MustBeOk(AddSegment(&directory.fs(), 5), "AddSegment");
    directory.disk.SetContent(kCurrent, EncodeCurrent(1));
    directory.disk.SetContent(kFirstManifest, ManifestOf(frames));
    ExpectRefused(directory, {kFirstManifest, "offset", "backup"}, what);
  }
}

std::string WrongTable(const std::string& what, Directory& directory) {
  const std::string name = "000002.sst";
  const std::string content = directory.disk.Content(name);
  if (what == "missing") {
    directory.Remove(name);
  } else if (what == "another") {
    directory.disk.SetContent(name, directory.disk.Content("000001.sst"));
  } else if (what == "with its id") {
    const Row row(2, RecordKind::kPut, "k2", "another value");
    TableMetadata ignored;
    MustBeOk(
        WriteTable(
            &directory.fs(), *directory.New({}), 2, 1002, {row}, &ignored),
        "WriteTable");
  } else if (what == "cut") {
    directory.disk.SetContent(name, content.substr(0, content.size() - 1));
  } else if (what == "longer") {
    directory.disk.SetContent(name, content + "x");
  } else {
    directory.disk.SetContent(name, Flipped(content, 8 * 10));
  }
  return name;
}

TEST(VersionSetDamageTest, ATableThatCannotBeOpenedIsNamed) {
  for (const std::string what :
       {"missing", "another", "with its id", "cut", "longer", "damaged"}) {
    Directory directory(3, true);
    const std::string name = WrongTable(what, directory);
    const auto before = directory.disk.Files();
    for (const RecoveryMode mode :
         {RecoveryMode::kAutomatic, RecoveryMode::kStrict,
          RecoveryMode::kPointInTime}) {
      EXPECT_TRUE(Fails(
          directory.TryRecover(mode), StatusCode::kCorruption,
          {name, "kSalvage", "backup"}))
          << what;
    }
    EXPECT_TRUE(directory.disk.Files() == before) << what;
  }
}

// Number, id, length and entries are right, and all checksums.
TEST(VersionSetDamageTest, ATableThatContradictsTheManifestIsAnother) {
  const auto rows = [](std::string_view smallest, std::string_view middle,
                       std::string_view largest, uint64_t sequence) {
    return std::vector<Row>{
        {1, RecordKind::kPut, smallest, "v"},
        {sequence, RecordKind::kPut, middle, "v"},
        {3, RecordKind::kPut, largest, "v"}};
  };
  const struct {
    std::string what;
    std::vector<Row> rows;
    bool is_same;
  } cases[] = {
      {"the same", rows("b", "d", "f", 2), true},
      {"another key in between", rows("b", "e", "f", 2), true},
      {"the manifest's last sequence", rows("b", "d", "f", 10), true},
      {"a sequence above the manifest's last", rows("b", "d", "f", 11), false},
      {"a smaller smallest key", rows("a", "d", "f", 2), false},
      {"a greater smallest key", rows("c", "d", "f", 2), false},
      {"a smaller largest key", rows("b", "d", "e", 2), false},
      {"a greater largest key", rows("b", "d", "g", 2), false},
  };
  for (const auto& [what, others, is_same] : cases) {
    Directory directory;
    const auto set = directory.Create();
    VersionEdit edit;
    edit.last_sequence = 10;
    edit.added.resize(1);
    const auto write = [&](const std::vector<Row>& content) {
      MustBeOk(
          WriteTable(&directory.fs(), *set, 1, 9, content, &edit.added[0]),
          "WriteTable");
    };
    write(rows("b", "d", "f", 2));
    auto reader = TableReader::Open(&directory.fs(), TableName(kPath, 1));
    MustBeOk(reader.status(), "Open");
    MustBeOk(set->Apply(edit, {std::move(reader).value()}), "Apply");
    MustBeOk(set->Close(), "Close");
    write(others);
    if (is_same) {
      EXPECT_EQ(directory.Found(), "segment 1, sequence 10, tables 1") << what;
      continue;
    }
    EXPECT_TRUE(Fails(
        directory.TryRecover(), StatusCode::kCorruption,
        {"000001.sst at offset 0", kFirstManifest, "kSalvage", "backup"}))
        << what;
    EXPECT_EQ(
        directory.Found(RecoveryMode::kSalvage),
        "segment 1, sequence 10, tables")
        << what;
  }
}

// As before it was opened: the other keys can be read.
TEST(VersionSetDamageTest, ATableWhoseLastKeyIsDamagedOpens) {
  Directory directory(1, true);
  const std::string name = "000001.sst";
  const std::string content = directory.disk.Content(name);
  directory.disk.SetContent(
      name, Flipped(content, 8 * (kTableHeaderBytes + 12)));
  EXPECT_EQ(directory.Found(), AfterFlushes(1));
}

TEST(VersionSetDamageTest, SalvageGoesOnWithoutTheTable) {
  for (const std::string what :
       {"missing", "another", "with its id", "cut", "longer", "damaged"}) {
    Directory directory(3, true);
    const std::string name = WrongTable(what, directory);
    const std::string rest = "segment 4, sequence 30, tables 3 1";
    const auto set = directory.Recover(RecoveryMode::kSalvage);
    EXPECT_EQ(Describe(*set), rest) << what;
    ASSERT_EQ(set->Skipped().size(), 1u) << what;
    EXPECT_NE(set->Skipped()[0].find(name), std::string::npos);
    EXPECT_EQ(set->SkippedTables(), std::vector<uint64_t>{2});
    EXPECT_FALSE(set->IsOrphan(name)) << "the manifest has it still";
    EXPECT_EQ(directory.Found(RecoveryMode::kSalvage), rest)
        << "nothing has changed yet";

    MustBeOk(set->Apply(VersionEdit(), {}), "Apply");
    EXPECT_EQ(set->ManifestName(), "MANIFEST-000002");
    EXPECT_TRUE(set->IsOrphan(name)) << what;
    EXPECT_TRUE(set->IsOrphan(kFirstManifest)) << what;
    directory.disk.LosePower();
    EXPECT_EQ(directory.Found(RecoveryMode::kStrict), rest);
    EXPECT_EQ(directory.Recover()->NextTableNumber(), 4u);
  }
}

TEST(VersionSetDamageTest, ATableOfANewerFormatIsLeftOutInNoMode) {
  Directory directory(1, true);
  std::string content = directory.disk.Content("000001.sst");
  std::string header = content.substr(0, kTableHeaderBytes - 4);
  std::string version;
  PutFixed32(&version, kTableVersion + 1);
  header.replace(4, 4, version);
  PutFixed32(&header, Checksum32(header, kTableVersion + 1));
  directory.disk.SetContent(
      "000001.sst", header + content.substr(kTableHeaderBytes));
  for (const RecoveryMode mode : kModes) {
    EXPECT_TRUE(Fails(
        directory.TryRecover(mode), StatusCode::kNotSupported,
        {"000001.sst", "version"}));
  }
}

}  // namespace
}  // namespace kv
