// Injected faults do what they say, as often as they say, and counts count.

#include "common/fs/fault_file_system.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/fs/memory_file_system.h"

namespace kv {
namespace {

class FaultFileSystemTest : public ::testing::Test {
 protected:
  void Inject(FaultKind kind, uint64_t nth = 1, bool persistent = false) {
    fs_.Inject(Fault{kind, nth, persistent, ""});
  }

  std::unique_ptr<AppendFile> Create(const std::string& path) {
    return fs_.OpenForAppend(path, AppendMode::kCreate).value();
  }

  std::string AfterCrash(const std::string& path) {
    auto after = memory_.Crash(CrashChoice());
    auto content = ReadFile(after.get(), path);
    return content.ok() ? *content : content.status().ToString();
  }

  MemoryFileSystem memory_;
  FaultFileSystem fs_{&memory_};
};

TEST_F(FaultFileSystemTest, CountsCallsByKind) {
  auto file = Create("log");
  fs_.ResetCounts();
  ASSERT_TRUE(file->Append("abc").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(fs_.Calls(FileCall::kAppend), 1u);
  EXPECT_EQ(fs_.Calls(FileCall::kSync), 1u);
  EXPECT_EQ(fs_.AllCalls(), 2u);
  EXPECT_EQ(fs_.BytesAppended(), 3u);
}

TEST_F(FaultFileSystemTest, OnlyTheNthCallFailsOnce) {
  auto file = Create("log");
  Inject(FaultKind::kWriteError, 2);
  EXPECT_TRUE(file->Append("a").ok());
  const Status failed = file->Append("b");
  EXPECT_EQ(failed.code(), StatusCode::kIoError);
  EXPECT_NE(failed.message().find("'log'"), std::string::npos);
  EXPECT_TRUE(file->Append("c").ok());
  EXPECT_EQ(*ReadFile(&memory_, "log"), "ac");
  EXPECT_EQ(fs_.FaultsFired(), 1u);
}

TEST_F(FaultFileSystemTest, APersistentFaultStaysUntilItIsCleared) {
  auto file = Create("log");
  Inject(FaultKind::kWriteError, 2, true);
  EXPECT_TRUE(file->Append("a").ok());
  EXPECT_FALSE(file->Append("b").ok());
  EXPECT_FALSE(file->Append("c").ok());
  fs_.ClearFaults();
  EXPECT_TRUE(file->Append("d").ok());
}

TEST_F(FaultFileSystemTest, AShortWriteLeavesAPartThatSizeDoesNotCount) {
  auto file = Create("log");
  ASSERT_TRUE(file->Append("whole,").ok());
  for (const FaultKind kind : {FaultKind::kShortWrite, FaultKind::kNoSpace}) {
    fs_.ClearFaults();
    Inject(kind);
    EXPECT_FALSE(file->Append("1234").ok());
    EXPECT_EQ(file->Size(), 6u);
    EXPECT_EQ(*ReadFile(&memory_, "log"), "whole,12");
    ASSERT_TRUE(file->Truncate(file->Size()).ok());
    EXPECT_EQ(*ReadFile(&memory_, "log"), "whole,");
  }
}

TEST_F(FaultFileSystemTest, AnAppendGoesOverTheRemainsOfAShortOne) {
  auto file = Create("log");
  Inject(FaultKind::kShortWrite);
  EXPECT_FALSE(file->Append("12345678").ok());
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_EQ(*ReadFile(&memory_, "log"), "x234") << "longer remains stay behind";
  EXPECT_EQ(file->Size(), 1u);
  ASSERT_TRUE(file->Append("yz").ok());
  EXPECT_EQ(*ReadFile(&memory_, "log"), "xyz4");
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_EQ(*ReadFile(&memory_, "log"), "xyzabc");
}

TEST_F(FaultFileSystemTest, TruncatingRemovesTheRemainsOfAShortAppend) {
  auto file = Create("log");
  Inject(FaultKind::kShortWrite);
  EXPECT_FALSE(file->Append("12345678").ok());
  ASSERT_TRUE(file->Truncate(file->Size()).ok());
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_EQ(*ReadFile(&memory_, "log"), "x");
}

TEST_F(FaultFileSystemTest, ReadFaultsAreSeenByBothKindsOfReaders) {
  ASSERT_TRUE(WriteFile(&memory_, "file", "0123456789").ok());
  std::vector<char> scratch(4);
  auto random = fs_.OpenForRandomRead("file");
  Inject(FaultKind::kReadError);
  EXPECT_FALSE((*random)->ReadAt(0, scratch).ok());
  EXPECT_EQ(*(*random)->ReadAt(0, scratch), "0123");
  Inject(FaultKind::kShortRead);
  EXPECT_EQ(*(*random)->ReadAt(0, scratch), "01");
  Inject(FaultKind::kReadError);
  EXPECT_FALSE(ReadFile(&fs_, "file").ok());
  Inject(FaultKind::kShortRead);
  EXPECT_EQ(*ReadFile(&fs_, "file"), "01234");
}

TEST_F(FaultFileSystemTest, ReadFaultsAreSeenByReadersOfMappedFiles) {
  ASSERT_TRUE(WriteFile(&memory_, "file", "0123456789").ok());
  std::vector<char> scratch(4);
  auto mapped = fs_.OpenForMappedRead("file");
  ASSERT_TRUE(mapped.ok());
  Inject(FaultKind::kReadError);
  EXPECT_EQ(
      (*mapped)->ReadAt(0, scratch).status().code(), StatusCode::kIoError);
  EXPECT_EQ(*(*mapped)->ReadAt(0, scratch), "0123");
  Inject(FaultKind::kShortRead);
  EXPECT_EQ(*(*mapped)->ReadAt(0, scratch), "01");
}

TEST_F(FaultFileSystemTest, AnInterruptedCallIsCarriedOn) {
  auto file = Create("log");
  Inject(FaultKind::kInterrupted, 1, true);
  EXPECT_TRUE(file->Append("abc").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(fs_.FaultsFired(), 2u);
}

TEST_F(FaultFileSystemTest, AFailedSyncDropsWhatWasDirtyForGood) {
  auto file = Create("log");
  ASSERT_TRUE(file->Append("abc").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(memory_.SyncDirectory("/").ok());
  ASSERT_TRUE(file->Append("def").ok());
  Inject(FaultKind::kSyncError);
  EXPECT_EQ(file->Sync().code(), StatusCode::kIoError);
  EXPECT_TRUE(file->Sync().ok()) << "and the next one lies";
  EXPECT_EQ(AfterCrash("log"), "abc");
}

TEST_F(FaultFileSystemTest, RenameAndDirectorySyncFailWithoutEffect) {
  ASSERT_TRUE(WriteFile(&fs_, "a", "x").ok());
  Inject(FaultKind::kRenameError);
  EXPECT_EQ(fs_.Rename("a", "b").code(), StatusCode::kIoError);
  EXPECT_TRUE(*fs_.Exists("a"));
  Inject(FaultKind::kSyncDirectoryError);
  EXPECT_EQ(fs_.SyncDirectory("/").code(), StatusCode::kIoError);
  EXPECT_EQ(AfterCrash("a"), "NotFound");
}

TEST_F(FaultFileSystemTest, TooManyFilesStrikesEveryKindOfOpen) {
  ASSERT_TRUE(WriteFile(&memory_, "file", "x").ok());
  Inject(FaultKind::kTooManyFiles, 1, true);
  EXPECT_FALSE(fs_.OpenForAppend("new", AppendMode::kCreate).ok());
  EXPECT_FALSE(fs_.OpenForAppend("file", AppendMode::kExisting).ok());
  EXPECT_FALSE(fs_.OpenForRandomRead("file").ok());
  EXPECT_FALSE(fs_.OpenForSequentialRead("file").ok());
  EXPECT_FALSE(fs_.OpenForMappedRead("file").ok());
  EXPECT_FALSE(fs_.Lock("LOCK").ok());
  EXPECT_FALSE(*memory_.Exists("new"));
  EXPECT_EQ(fs_.FaultsFired(), 6u);
}

TEST_F(FaultFileSystemTest, AFaultCanBeTiedToAPath) {
  auto log = Create("data.log");
  auto other = Create("other");
  fs_.Inject(Fault{FaultKind::kWriteError, 1, true, ".log"});
  EXPECT_TRUE(other->Append("x").ok());
  EXPECT_FALSE(log->Append("x").ok());
}

TEST_F(FaultFileSystemTest, AnyStrikesWhateverComesNext) {
  for (uint64_t nth = 1;; ++nth) {
    MemoryFileSystem memory;
    FaultFileSystem fs(&memory);
    fs.Inject(Fault{FaultKind::kAny, nth, false, ""});
    const Status first = WriteFile(&fs, "a", "x");
    const Status second = fs.Rename("a", "b");
    if (fs.FaultsFired() == 0) {
      // Open, create, append, sync, close, rename.
      EXPECT_EQ(nth, 7u);
      EXPECT_TRUE(first.ok() && second.ok());
      break;
    }
    EXPECT_FALSE(first.ok() && second.ok()) << nth;
  }
}

}  // namespace
}  // namespace kv
