// Goal: a set of tables is what the edits made it, also when it is found again;
// nothing but CURRENT says which manifest counts; a new manifest follows a long
// one.
// Method: sets of small tables on a disk in memory. What crashes, faults and
// damage do is asked in version_crash_test.cc and version_damage_test.cc.

#include "version/version_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/version_verbs.h"

namespace kv {
namespace {

using Strings = std::vector<std::string>;

struct FixedRandom : Random {
  uint64_t Next() override { return kTableId; }
};

TEST(VersionSetTest, ANewOneHasNoTables) {
  Directory directory;
  const auto set = directory.Create();
  EXPECT_EQ(Describe(*set), AfterFlushes(0));
  EXPECT_EQ(set->NextTableNumber(), 1u);
  EXPECT_EQ(set->ManifestName(), kFirstManifest);
  EXPECT_EQ(
      directory.disk.Names(),
      (Strings{"000001.wal", kCurrent, kFirstManifest}));
  EXPECT_EQ(
      set->Bytes(),
      directory.disk.Content(kCurrent).size() +
          directory.disk.Content(kFirstManifest).size());
  directory.disk.LosePower();
  EXPECT_EQ(directory.Found(), AfterFlushes(0)) << "it is durable";
}

// The bytes that stand in docs/format/manifest.md.
constexpr std::string_view kExampleManifest =
    "6b 76 6c 6f 67 0d 0a 1a 01 00 00 00 32 d7 14 62\n"
    "01 00 00 00 00 00 00 00 ef cd ab 89 67 45 23 01\n"
    "5c fa 54 3b 04 00 00 00 f1 9c 81 89 03 00 00 00\n"
    "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
    "01 01 02 00 7c 8f 5e 7a 1e 00 00 00 75 31 4c 72\n"
    "03 00 00 00 01 00 00 00 00 00 00 00 44 00 00 00\n"
    "00 00 00 00 01 02 02 02 03 01 ef cd ab 89 67 45\n"
    "23 01 74 02 06 01 63 6f 6c 6f 72 06 01 73 68 61\n"
    "70 65 bb 50 ab a1 00 00 00 00 fc 49 44 42 02 00\n"
    "00 00 01 00 00 00 00 00 00 00 82 00 00 00 00 00\n"
    "00 00";

constexpr std::string_view kExampleCurrent = "MANIFEST-000001\nc9dae903\n";

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (size_t i = 0; i < bytes.size(); ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex += i == 0 ? "" : i % 16 == 0 ? "\n" : " ";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// A new database; then a table of two keys, behind which the log goes on with
// segment 2; then a clean close.
TEST(VersionSetTest, TheWorkedExampleIsWhatItWrites) {
  Directory directory;
  FixedRandom random;
  Options options = OptionsFor(&directory.fs());
  options.random = &random;
  VersionSet set(options);
  MustBeOk(set.Create(), "Create");
  const std::vector<Row> rows = {
      {1, RecordKind::kPut, "color", "red"},
      {2, RecordKind::kPut, "shape", "round"},
  };
  VersionEdit edit;
  edit.first_segment = 2;
  edit.last_sequence = 2;
  edit.added.resize(1);
  MustBeOk(
      WriteTable(&directory.fs(), set, 1, kTableId, rows, &edit.added[0]),
      "WriteTable");
  auto reader = TableReader::Open(&directory.fs(), TableName(kPath, 1));
  MustBeOk(reader.status(), "Open");
  MustBeOk(set.Apply(edit, {std::move(reader).value()}), "Apply");
  MustBeOk(set.Close(), "Close");
  EXPECT_EQ(Hex(directory.disk.Content(kFirstManifest)), kExampleManifest);
  EXPECT_EQ(directory.disk.Content(kCurrent), kExampleCurrent);
}

TEST(VersionSetTest, WhatWasAppliedIsThereAgain) {
  for (const bool closed : {false, true}) {
    Directory directory(3, closed);
    directory.disk.LosePower();
    const auto set = directory.Recover(RecoveryMode::kStrict);
    EXPECT_EQ(Describe(*set), AfterFlushes(3)) << "closed: " << closed;
    EXPECT_EQ(set->NextTableNumber(), 4u);
    EXPECT_EQ(set->TrimmedBytes(), 0u);
    EXPECT_TRUE(set->Skipped().empty());
    directory.Flush(*set);
    directory.disk.LosePower();
    EXPECT_EQ(directory.Found(), AfterFlushes(4));
  }
}

TEST(VersionSetTest, MetadataAndReadersBelongTogether) {
  Directory directory(3, true);
  const auto set = directory.Recover();
  for (const Version::Table& table : set->Current()->tables) {
    const uint64_t number = table.metadata.number;
    EXPECT_EQ(table.metadata.id, 1000 + number);
    EXPECT_EQ(table.metadata.smallest, "\x01k" + std::to_string(number));
    EXPECT_EQ(table.metadata.largest, table.metadata.smallest);
    EXPECT_EQ(table.metadata.entries, 1u);
    EXPECT_EQ(table.metadata.bytes, table.reader->FileBytes());
    EXPECT_EQ(table.reader->Header().id, 1000 + number);
  }
}

TEST(VersionSetTest, AVersionStaysAsItIsForWhoHoldsIt) {
  Directory directory;
  const auto set = directory.Create();
  directory.Flush(*set);
  const std::shared_ptr<const Version> version = set->Current();
  directory.Flush(*set);
  EXPECT_EQ(version->tables.size(), 1u);
  EXPECT_EQ(set->Current()->tables.size(), 2u);
}

TEST(VersionSetTest, AnEditNeedNotHaveATable) {
  Directory directory;
  const auto set = directory.Create();
  VersionEdit edit;
  edit.last_sequence = 7;
  MustBeOk(set->Apply(edit, {}), "Apply");
  MustBeOk(set->Apply(VersionEdit(), {}), "Apply");
  EXPECT_EQ(Describe(*set), "segment 1, sequence 7, tables");
  EXPECT_EQ(directory.Found(), "segment 1, sequence 7, tables");
}

TEST(VersionSetTest, AnEditIsOneAppendAndOneSync) {
  Directory directory;
  const auto set = directory.Create();
  VersionEdit edit;
  edit.last_sequence = 7;
  directory.fs().ResetCounts();
  MustBeOk(set->Apply(edit, {}), "Apply");
  EXPECT_EQ(directory.fs().Calls(FileCall::kAppend), 1u);
  EXPECT_EQ(directory.fs().Calls(FileCall::kSync), 1u);
  EXPECT_EQ(directory.fs().AllCalls(), 2u);
}

TEST(VersionSetTest, CloseWithoutABeginningIsOk) {
  Directory directory;
  EXPECT_TRUE(directory.New(RecoveryMode::kAutomatic)->Close().ok());
}

TEST(VersionSetTest, ALongManifestIsFollowedByANewOne) {
  Directory directory;
  directory.manifest_bytes_max = 400;
  const auto set = directory.Create();
  uint64_t manifests = 1;
  std::string name = set->ManifestName();
  for (uint64_t i = 1; i <= 40; ++i) {
    directory.Flush(*set);
    if (set->ManifestName() != name) {
      ++manifests;
      name = set->ManifestName();
      EXPECT_EQ(name, BaseName(ManifestName(kPath, manifests)));
    }
    const Strings names = directory.disk.Names();
    EXPECT_EQ(
        std::count_if(
            names.begin(), names.end(),
            [](const auto& file) { return ManifestNumber(file).has_value(); }),
        1)
        << "the old one is gone";
    EXPECT_LE(FramesIn(directory.disk.Content(name)).size(), i + 1)
        << "no edit is there twice";
    ASSERT_EQ(directory.Found(), AfterFlushes(i));
  }
  EXPECT_GE(manifests, 4u);
  EXPECT_LE(manifests, 20u) << "not for every edit";
}

TEST(VersionSetTest, NumbersGoOnInANewManifest) {
  Directory directory;
  directory.manifest_bytes_max = kTinyManifest;
  auto set = directory.Create();
  for (int i = 0; i < 5; ++i) directory.Flush(*set);
  ASSERT_NE(set->ManifestName(), kFirstManifest);
  set = directory.Recover();
  EXPECT_EQ(set->NextTableNumber(), 6u);
  directory.Flush(*set);
  EXPECT_EQ(directory.Found(), AfterFlushes(6));
}

// As text, 1000000.wal stands before 999999.wal.
TEST(FlushTest, TheLogBehindTheTablesIsReadInTheOrderOfItsNumbers) {
  Directory directory;
  MustBeOk(AddSegment(&directory.fs(), 999'999), "AddSegment");
  const auto set = directory.Create();
  VersionEdit edit;
  edit.first_segment = 999'999;
  MustBeOk(set->Apply(edit, {}), "Apply");
  MustBeOk(set->Close(), "Close");
  directory.Remove("000001.wal");
  auto db = directory.disk.Open();
  for (const char* const value : {"1", "2", "3"}) {
    Put(*db, "key", value);
    MustBeOk(db->RotateWal(), "RotateWal");
  }
  MustBeOk(db->Close(), "Close");
  auto again = directory.disk.TryOpen();
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(Read(**again, "key"), "3");
}

TEST(VersionSetTest, WhatACreateThatCrashedLeavesIsNoDatabase) {
  Directory directory;
  const auto exists = [&] {
    const Result<bool> found = directory.Exists();
    MustBeOk(found.status(), "Exists");
    return *found;
  };
  EXPECT_FALSE(exists()) << "an empty segment";
  const std::string segment = directory.disk.Content("000001.wal");
  Directory whole(0, false);
  for (const std::string name : {kFirstManifest, kCurrent}) {
    const std::string content = whole.disk.Content(name);
    const std::string left = name == kCurrent ? "CURRENT.new" : name;
    for (size_t length = 0; length <= content.size(); ++length) {
      directory.disk.SetContent(left, content.substr(0, length));
      EXPECT_FALSE(exists()) << length << " bytes of " << left;
      directory.disk.SetContent(
          left,
          content.substr(0, length) +
              std::string(content.size() - length, '\0'));
      EXPECT_FALSE(exists()) << length << " bytes of " << left << ", zeros";
      directory.disk.SetContent(left, std::string(length, '\0'));
      EXPECT_FALSE(exists()) << length << " zeros as " << left;
    }
  }
  std::string closed = segment;
  EncodeFrame(
      IdentityOf(segment), segment.size(), segment.size(), FrameType::kClose,
      {}, &closed);
  directory.disk.SetContent("000001.wal", closed);
  EXPECT_FALSE(exists()) << "a segment that was closed without a write";
  directory.Create();
  EXPECT_TRUE(exists());
  EXPECT_EQ(directory.Found(), AfterFlushes(0)) << "they are replaced";
}

// What is said of them, so that nobody takes them for damage of their own.
TEST(VersionSetTest, FilesOfAnotherProgramUnderOurNamesAreNoLeftovers) {
  for (const std::string name :
       {"MANIFEST-000001", "MANIFEST-000007", "000001.wal", "000002.wal",
        "000001.sst", "000001.wal.new", "CURRENT.new"}) {
    for (const std::string& content :
         {std::string("x"), std::string("another program's"),
          std::string(4096, 'x'), std::string(40, '\0') + "x"}) {
      Directory directory;
      directory.disk.SetContent(name, content);
      EXPECT_TRUE(Fails(
          directory.Exists().status(), StatusCode::kInvalidArgument,
          {kPath, name, "empty directory"}))
          << content.size() << " bytes";
    }
  }
}

TEST(VersionSetTest, AFirstManifestThatWasInUseIsNoLeftover) {
  Directory directory(1, true);
  const std::string manifest = directory.disk.Content(kFirstManifest);
  Directory other;
  other.disk.SetContent(kFirstManifest, manifest);
  EXPECT_TRUE(Fails(
      other.Exists().status(), StatusCode::kCorruption,
      {kCurrent, "missing", kFirstManifest}));
}

TEST(VersionSetTest, AMissingCurrentIsNoNewDatabase) {
  for (const int flushes : {0, 1, 3}) {
    Directory directory(flushes, true);
    directory.Remove(kCurrent);
    if (flushes == 0) {
      directory.disk.SetContent(
          "000001.wal",
          directory.disk.Content("000001.wal") +
              std::string(kFrameHeaderBytes + 1, 'w'));
    }
    const Status status = directory.Exists().status();
    EXPECT_TRUE(Fails(
        status, StatusCode::kCorruption, {"/db/CURRENT", "missing", "backup"}))
        << flushes;
    ExpectRefused(directory, {"/db/CURRENT", "missing"}, "no CURRENT");
  }
}

TEST(VersionSetTest, EachPartShowsThatThereWasACurrent) {
  for (const std::string name :
       {"000001.sst", "MANIFEST-000002", "MANIFEST-000001 and 000002.wal"}) {
    Directory directory;
    directory.disk.SetContent(name.substr(0, 15), "");
    if (name.size() > 15) directory.disk.SetContent("000002.wal", "");
    EXPECT_TRUE(Fails(directory.Exists().status(), StatusCode::kCorruption))
        << name;
  }
}

TEST(VersionSetTest, ADatabaseOfAnEarlierFormIsKnown) {
  for (const std::string name : {"CHECKPOINT", "data.log", "000002.wal"}) {
    Directory directory;
    directory.disk.SetContent(name, "");
    EXPECT_TRUE(Fails(
        directory.Exists().status(), StatusCode::kNotSupported,
        {name, "--dump"}));
  }
}

TEST(VersionSetTest, OnlyTablesAndManifestsThatDoNotCountAreOrphans) {
  Directory directory(2, true);
  const auto set = directory.Recover();
  for (const std::string_view name :
       {"000003.sst", "1000000.sst", "MANIFEST-000002", "MANIFEST-000003"}) {
    EXPECT_TRUE(set->IsOrphan(name)) << name;
  }
  for (const std::string_view name :
       {"000001.sst", "000002.sst", "MANIFEST-000001", "CURRENT", "000001.wal",
        "000003.wal", "LOCK", "notes", "archive", "000003.sst.old"}) {
    EXPECT_FALSE(set->IsOrphan(name)) << name;
  }
}

TEST(VersionSetTest, OfTwoManifestsTheOneThatCurrentNamesCounts) {
  Directory directory(2, true);
  directory.disk.SetContent("MANIFEST-000002", "left by a crash");
  const auto set = directory.Recover();
  EXPECT_EQ(Describe(*set), AfterFlushes(2));
  EXPECT_TRUE(set->IsOrphan("MANIFEST-000002"));
}

TEST(VersionSetTest, ALeftoverManifestIsNoObstacleToANewOne) {
  Directory directory(1, true);
  directory.disk.SetContent("MANIFEST-000002", std::string(5000, 'x'));
  directory.disk.SetContent("CURRENT.new", std::string(5000, 'x'));
  directory.manifest_bytes_max = kTinyManifest;
  const auto set = directory.Recover();
  for (int i = 0; i < 3; ++i) directory.Flush(*set);
  ASSERT_NE(set->ManifestName(), kFirstManifest);
  EXPECT_EQ(directory.Found(), AfterFlushes(4));
}

// Of the manifest, of the next one, of CURRENT, of the directory.
TEST(VersionSetTest, AfterAFailedSyncNothingIsApplied) {
  for (const std::string path :
       {kFirstManifest, "MANIFEST-000002", "CURRENT.new", kPath}) {
    SCOPED_TRACE(path);
    Directory directory;
    directory.manifest_bytes_max = kTinyManifest;
    const auto set = directory.Create();
    directory.Inject(
        path == kPath ? FaultKind::kSyncDirectoryError : FaultKind::kSyncError,
        path);
    VersionEdit edit;
    edit.last_sequence = 0;
    std::string before;
    Status status;
    while (status.ok() && *edit.last_sequence < 20) {
      before = Describe(*set);
      ++*edit.last_sequence;
      status = set->Apply(edit, {});
    }
    EXPECT_TRUE(Fails(status, StatusCode::kIoError));
    EXPECT_EQ(directory.fs().FaultsFired(), 1u);
    EXPECT_FALSE(set->ReadOnlyCause().ok()) << "who owns the log must know";
    EXPECT_TRUE(
        Fails(set->Apply(edit, {}), StatusCode::kReadOnly, {"failed earlier"}));
    EXPECT_EQ(Describe(*set), before);
    EXPECT_TRUE(Fails(set->Close(), StatusCode::kReadOnly));
  }
}

TEST(VersionSetTest, WhatTheCallerSaysHasFailedMakesItReadOnly) {
  Directory directory;
  const auto set = directory.Create();
  const Status cause = Status::IoError("no luck");
  EXPECT_EQ(set->Fail(cause, "syncing a table").code(), StatusCode::kIoError);
  EXPECT_TRUE(Fails(
      set->Apply(VersionEdit(), {}), StatusCode::kReadOnly,
      {"syncing a table", "no luck"}));
}

TEST(VersionSetTest, AnEditThatFailsKeepsItsTablesNumber) {
  Directory directory;
  const auto set = directory.Create();
  directory.Flush(*set);
  directory.Inject(FaultKind::kNoSpace, "MANIFEST");
  EXPECT_FALSE(Flush(&directory.fs(), *set).ok());
  EXPECT_EQ(Describe(*set), AfterFlushes(1));
  EXPECT_EQ(set->NextTableNumber(), 3u)
      << "a crash may bring the edit back, and then it needs its table";
  EXPECT_TRUE(set->ReadOnlyCause().ok());
  directory.Flush(*set);
  EXPECT_EQ(Describe(*set), "segment 3, sequence 20, tables 3 1");
  directory.disk.LosePower();
  EXPECT_EQ(directory.Found(), Describe(*set));
}

}  // namespace
}  // namespace kv
