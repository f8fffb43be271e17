// The memory file system's own promise: what a power loss may and may not
// take away. Each test makes some calls, crashes, and looks.

#include "common/fs/memory_file_system.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kv {
namespace {

using Strings = std::vector<std::string>;

CrashChoice DropAll() {
  return CrashChoice();
}

CrashChoice KeepAll() {
  CrashChoice choice;
  choice.keep_unsynced = true;
  return choice;
}

class MemoryFileSystemCrash : public ::testing::Test {
 protected:
  std::unique_ptr<AppendFile> Create(const std::string& path) {
    return fs_.OpenForAppend(path, AppendMode::kCreate).value();
  }

  // A file whose name and content are durable.
  std::unique_ptr<AppendFile> CreateDurable(
      const std::string& path, std::string_view content) {
    auto file = Create(path);
    EXPECT_TRUE(file->Append(content).ok());
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(fs_.SyncDirectory("/").ok());
    return file;
  }

  static std::string Read(MemoryFileSystem& fs, const std::string& path) {
    auto content = ReadFile(&fs, path);
    return content.ok() ? *content : content.status().ToString();
  }

  std::string After(const CrashChoice& choice, const std::string& path) {
    return Read(*fs_.Crash(choice), path);
  }

  MemoryFileSystem fs_;
};

TEST_F(MemoryFileSystemCrash, UnsyncedBytesMayGoAndSyncedStay) {
  auto file = CreateDurable("log", "synced,");
  ASSERT_TRUE(file->Append("not").ok());
  EXPECT_EQ(After(DropAll(), "log"), "synced,");
  EXPECT_EQ(After(KeepAll(), "log"), "synced,not");
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(After(DropAll(), "log"), "synced,not");
}

TEST_F(MemoryFileSystemCrash, AnUnsyncedTruncateMayGo) {
  auto file = CreateDurable("log", "abcdef");
  ASSERT_TRUE(file->Truncate(2).ok());
  ASSERT_TRUE(file->Append("XYZ").ok());
  ASSERT_TRUE(file->Truncate(3).ok());
  ASSERT_TRUE(file->Append("!").ok());
  EXPECT_EQ(After(DropAll(), "log"), "abcdef");
  EXPECT_EQ(After(KeepAll(), "log"), "abX!");

  const UnsyncedChanges changes = fs_.Unsynced();
  ASSERT_EQ(changes.files.size(), 1u);
  EXPECT_EQ(changes.files[0].path, "log");
  EXPECT_EQ(changes.files[0].durable, "abcdef");
  std::string replayed = changes.files[0].durable;
  Strings steps;
  for (const UnsyncedWrite& write : changes.files[0].writes) {
    ApplyWrite(write, &replayed);
    steps.push_back(replayed);
  }
  EXPECT_EQ(steps, (Strings{"ab", "abXYZ", "abX", "abX!"}));
}

TEST_F(MemoryFileSystemCrash, ASyncedFileMayLoseItsName) {
  auto file = Create("log");
  ASSERT_TRUE(file->Append("abc").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(After(DropAll(), "log"), "NotFound");
  EXPECT_EQ(After(KeepAll(), "log"), "abc");
  ASSERT_TRUE(fs_.SyncDirectory("/").ok());
  EXPECT_EQ(After(DropAll(), "log"), "abc");
}

TEST_F(MemoryFileSystemCrash, ADurableNameMayLeadToAnEmptyFile) {
  auto file = Create("log");
  ASSERT_TRUE(file->Append("abc").ok());
  ASSERT_TRUE(fs_.SyncDirectory("/").ok());
  EXPECT_EQ(After(DropAll(), "log"), "");
}

TEST_F(MemoryFileSystemCrash, ARenameMayGoOrStayWithoutItsData) {
  CreateDurable("CURRENT", "old");
  auto file = Create("tmp");
  ASSERT_TRUE(file->Append("new").ok());
  ASSERT_TRUE(fs_.Rename("tmp", "CURRENT").ok());
  EXPECT_EQ(After(DropAll(), "CURRENT"), "old");

  const UnsyncedChanges changes = fs_.Unsynced();
  ASSERT_EQ(changes.directories.size(), 1u);
  const DirtyDirectory& root = changes.directories[0];
  ASSERT_EQ(root.changes.size(), 2u);
  EXPECT_EQ(root.changes[1].kind, NameChange::Kind::kRename);
  EXPECT_EQ(root.changes[1].old_name, "tmp");
  CrashChoice only_rename;
  only_rename.names[root.id] = {false, true};
  EXPECT_EQ(After(only_rename, "CURRENT"), "");
  EXPECT_EQ(After(only_rename, "tmp"), "NotFound");
}

TEST_F(MemoryFileSystemCrash, ARemovalMayStayWhileAnEarlierCreateGoes) {
  CreateDurable("old", "x");
  CreateDurable("other", "y");
  Create("new");
  ASSERT_TRUE(fs_.Remove("old").ok());
  EXPECT_EQ(*fs_.Crash(DropAll())->List("/"), (Strings{"old", "other"}));
  EXPECT_EQ(*fs_.Crash(KeepAll())->List("/"), (Strings{"new", "other"}));
  CrashChoice only_removal;
  only_removal.names[fs_.Unsynced().directories[0].id] = {false, true};
  EXPECT_EQ(*fs_.Crash(only_removal)->List("/"), (Strings{"other"}));
}

TEST_F(MemoryFileSystemCrash, ARemovedFileComesBackWithItsDurableBytes) {
  auto file = CreateDurable("log", "abc");
  ASSERT_TRUE(file->Append("def").ok());
  ASSERT_TRUE(fs_.Remove("log").ok());
  EXPECT_EQ(After(DropAll(), "log"), "abc");
}

TEST_F(MemoryFileSystemCrash, ChosenContentsAreTaken) {
  auto file = CreateDurable("log", "abc");
  ASSERT_TRUE(file->Append("def").ok());
  CrashChoice torn;
  torn.contents[fs_.Unsynced().files[0].id] = "abcd";
  EXPECT_EQ(After(torn, "log"), "abcd");
}

TEST_F(MemoryFileSystemCrash, ANewDirectoryGoesWithAllInIt) {
  ASSERT_TRUE(fs_.CreateDirectory("dir").ok());
  auto file = Create("dir/file");
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(fs_.SyncDirectory("dir").ok());
  EXPECT_EQ(*fs_.Crash(DropAll())->List("/"), Strings());
  ASSERT_TRUE(fs_.SyncDirectory("/").ok());
  EXPECT_EQ(After(DropAll(), "dir/file"), "x");
}

TEST_F(MemoryFileSystemCrash, HardLinksStayOneFile) {
  CreateDurable("one", "x");
  ASSERT_TRUE(fs_.HardLink("one", "two").ok());
  ASSERT_TRUE(fs_.SyncDirectory("/").ok());
  auto after = fs_.Crash(DropAll());
  auto file = after->OpenForAppend("one", AppendMode::kExisting);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("y").ok());
  EXPECT_EQ(Read(*after, "two"), "xy");
}

TEST_F(MemoryFileSystemCrash, NothingIsUnsyncedAfterACrash) {
  auto file = CreateDurable("log", "abc");
  ASSERT_TRUE(file->Append("def").ok());
  auto after = fs_.Crash(KeepAll());
  EXPECT_TRUE(after->Unsynced().files.empty());
  EXPECT_TRUE(after->Unsynced().directories.empty());
  EXPECT_EQ(Read(*after->Crash(DropAll()), "log"), "abcdef");
}

TEST_F(MemoryFileSystemCrash, ProcessDeathKeepsAllButStillUnsynced) {
  auto lock = fs_.Lock("LOCK");
  auto file = CreateDurable("log", "abc");
  ASSERT_TRUE(file->Append("def").ok());
  auto after = fs_.ProcessDeath();
  EXPECT_EQ(Read(*after, "log"), "abcdef");
  EXPECT_EQ(Read(*after->Crash(DropAll()), "log"), "abc");
  EXPECT_TRUE(after->Lock("LOCK").ok());
  auto next = after->OpenForAppend("log", AppendMode::kExisting);
  ASSERT_TRUE((*next)->Sync().ok());
  EXPECT_EQ(Read(*after->Crash(DropAll()), "log"), "abcdef");
  EXPECT_EQ(After(DropAll(), "log"), "abc") << "the first one is untouched";
}

TEST_F(MemoryFileSystemCrash, AFailedSyncLosesWhatLaterSyncsClaimToKeep) {
  auto file = CreateDurable("log", "abc");
  ASSERT_TRUE(file->Append("def").ok());
  dynamic_cast<MemoryAppendFile&>(*file).LoseUnsynced();
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Read(fs_, "log"), "abcdef") << "the page cache still has it";
  EXPECT_EQ(After(DropAll(), "log"), "abc");
  EXPECT_EQ(After(KeepAll(), "log"), "abc");
  ASSERT_TRUE(file->Append("ghi").ok());
  EXPECT_EQ(After(DropAll(), "log"), "abc");
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(After(DropAll(), "log"), std::string("abc\0\0\0ghi", 9));
}

TEST_F(MemoryFileSystemCrash, WhatIsWrittenAnewAfterAFailedSyncIsDurable) {
  auto file = CreateDurable("log", "abc");
  ASSERT_TRUE(file->Append("def").ok());
  dynamic_cast<MemoryAppendFile&>(*file).LoseUnsynced();
  ASSERT_TRUE(file->Truncate(3).ok());
  ASSERT_TRUE(file->Append("xyz").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(After(DropAll(), "log"), "abcxyz");
}

TEST_F(MemoryFileSystemCrash, EachMutatingCallIsNumberedAndObserved) {
  std::vector<uint64_t> calls;
  fs_.SetObserver([&](uint64_t call) { calls.push_back(call); });
  auto file = Create("a");
  ASSERT_TRUE(file->Append("x").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Truncate(0).ok());
  ASSERT_TRUE(fs_.Rename("a", "b").ok());
  ASSERT_TRUE(fs_.HardLink("b", "c").ok());
  ASSERT_TRUE(fs_.Remove("c").ok());
  ASSERT_TRUE(fs_.CreateDirectory("d").ok());
  ASSERT_TRUE(fs_.SyncDirectory("/").ok());
  ASSERT_TRUE(fs_.RemoveDirectory("d").ok());
  EXPECT_EQ(calls, (std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_FALSE(fs_.Remove("absent").ok());
  EXPECT_EQ(fs_.List("/")->size(), 1u);
  EXPECT_EQ(fs_.MutatingCalls(), 10u) << "failed and reading calls are not";
}

TEST_F(MemoryFileSystemCrash, TreeHashTellsTreesApart) {
  const uint64_t empty = fs_.TreeHash();
  auto file = CreateDurable("log", "abc");
  const uint64_t with_file = fs_.TreeHash();
  EXPECT_NE(with_file, empty);
  EXPECT_EQ(fs_.Crash(DropAll())->TreeHash(), with_file);
  ASSERT_TRUE(file->Append("d").ok());
  EXPECT_NE(fs_.TreeHash(), with_file);
  EXPECT_EQ(fs_.Crash(DropAll())->TreeHash(), with_file);
  ASSERT_TRUE(fs_.Rename("log", "dog").ok());
  EXPECT_NE(fs_.Crash(KeepAll())->TreeHash(), fs_.Crash(DropAll())->TreeHash());
}

TEST(MemoryFileSystemMemory, BytesInUseFollowsContents) {
  MemoryFileSystem fs(MemoryFileSystem::CrashModel::kNone);
  EXPECT_EQ(fs.BytesInUse(), 0u);
  const std::string megabyte(1 << 20, 'x');
  ASSERT_TRUE(WriteFile(&fs, "file", megabyte).ok());
  EXPECT_GE(fs.BytesInUse(), megabyte.size());
  EXPECT_LE(fs.BytesInUse(), megabyte.size() + (64 << 10));
  auto file = fs.OpenForAppend("file", AppendMode::kExisting);
  ASSERT_TRUE((*file)->Truncate(1).ok());
  EXPECT_LE(fs.BytesInUse(), 64u << 10);
  ASSERT_TRUE((*file)->Close().ok());
  file->reset();
  ASSERT_TRUE(fs.Remove("file").ok());
  EXPECT_EQ(fs.BytesInUse(), 0u);
}

TEST(MemoryFileSystemMemory, ReadAtDoesNotCopyWithinAChunk) {
  MemoryFileSystem fs;
  ASSERT_TRUE(WriteFile(&fs, "file", "0123456789").ok());
  auto file = fs.OpenForRandomRead("file");
  char scratch[4];
  const auto piece = (*file)->ReadAt(2, scratch);
  EXPECT_EQ(*piece, "2345");
  EXPECT_NE(piece->data(), scratch);
}

}  // namespace
}  // namespace kv
