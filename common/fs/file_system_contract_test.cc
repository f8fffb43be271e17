// What every file system promises (common/fs/file_system.h), asked of all of
// them: the machine's, the one in memory, and the one that injects faults,
// with none injected.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/random.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/file_system.h"
#include "common/fs/memory_file_system.h"

namespace kv {
namespace {

enum class Kind { kPosix, kMemory, kMemoryWithoutCrashes, kFault };

void RemoveTree(FileSystem* fs, const std::string& path) {
  auto names = fs->List(path);
  if (!names.ok()) {
    static_cast<void>(fs->Remove(path));
    return;
  }
  for (const std::string& name : *names) {
    RemoveTree(fs, JoinPath(path, name));
  }
  static_cast<void>(fs->RemoveDirectory(path));
}

class FileSystemContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    switch (GetParam()) {
      case Kind::kPosix: {
        fs_ = FileSystem::Posix();
        std::string name = ::testing::TempDir() + "kv_fs_XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory_ = name;
        return;
      }
      case Kind::kMemory:
      case Kind::kFault:
        memory_ = std::make_unique<MemoryFileSystem>();
        break;
      case Kind::kMemoryWithoutCrashes:
        memory_ = std::make_unique<MemoryFileSystem>(
            MemoryFileSystem::CrashModel::kNone);
        break;
    }
    fs_ = memory_.get();
    if (GetParam() == Kind::kFault) {
      fault_ = std::make_unique<FaultFileSystem>(memory_.get());
      fs_ = fault_.get();
    }
    directory_ = "/test";
    ASSERT_TRUE(fs_->CreateDirectory(directory_).ok());
  }

  void TearDown() override {
    if (GetParam() == Kind::kPosix && !directory_.empty()) {
      RemoveTree(fs_, directory_);
    }
  }

  std::string Path(std::string_view name) { return JoinPath(directory_, name); }

  std::unique_ptr<AppendFile> Create(std::string_view name) {
    auto file = fs_->OpenForAppend(Path(name), AppendMode::kCreate);
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return file.ok() ? std::move(file).value() : nullptr;
  }

  std::unique_ptr<AppendFile> Reopen(std::string_view name) {
    auto file = fs_->OpenForAppend(Path(name), AppendMode::kExisting);
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return file.ok() ? std::move(file).value() : nullptr;
  }

  void Write(std::string_view name, std::string_view content) {
    const Status written = WriteFile(fs_, Path(name), content);
    EXPECT_TRUE(written.ok()) << written.ToString();
  }

  std::string Read(std::string_view name) {
    auto content = ReadFile(fs_, Path(name));
    return content.ok() ? *content : content.status().ToString();
  }

  std::vector<std::string> Names() {
    auto names = fs_->List(directory_);
    EXPECT_TRUE(names.ok()) << names.status().ToString();
    return names.ok() ? *names : std::vector<std::string>();
  }

  std::unique_ptr<MemoryFileSystem> memory_;
  std::unique_ptr<FaultFileSystem> fault_;
  FileSystem* fs_ = nullptr;
  std::string directory_;
};

using Strings = std::vector<std::string>;

TEST_P(FileSystemContract, WhatIsAppendedIsReadBack) {
  auto file = Create("log");
  ASSERT_TRUE(file->Append("one,").ok());
  ASSERT_TRUE(file->Append("").ok());
  ASSERT_TRUE(file->Append(std::string_view("t\0o", 3)).ok());
  EXPECT_EQ(file->Size(), 7u);
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Read("log"), std::string("one,t\0o", 7));
  EXPECT_EQ(*fs_->FileSize(Path("log")), 7u);
}

TEST_P(FileSystemContract, AppendIsSeenByReadersBeforeSync) {
  auto file = Create("log");
  auto reader = fs_->OpenForRandomRead(Path("log"));
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(file->Append("abc").ok());
  std::vector<char> scratch(8);
  EXPECT_EQ(*(*reader)->ReadAt(1, scratch), "bc");
  EXPECT_EQ(*(*reader)->Size(), 3u);
}

TEST_P(FileSystemContract, CreatingAnExistingFileIsAnErrorThatNamesIt) {
  Write("file", "content");
  const auto created = fs_->OpenForAppend(Path("file"), AppendMode::kCreate);
  EXPECT_EQ(created.status().code(), StatusCode::kIoError);
  EXPECT_NE(created.status().message().find(Path("file")), std::string::npos)
      << created.status().ToString();
  EXPECT_EQ(Read("file"), "content");
}

TEST_P(FileSystemContract, OpeningExistingGoesOnAtItsEnd) {
  Write("file", "abc");
  auto file = Reopen("file");
  EXPECT_EQ(file->Size(), 3u);
  ASSERT_TRUE(file->Append("def").ok());
  EXPECT_EQ(file->Size(), 6u);
  EXPECT_EQ(Read("file"), "abcdef");
}

TEST_P(FileSystemContract, WhatIsNotThereIsNotFound) {
  const std::string path = Path("absent");
  EXPECT_TRUE(
      fs_->OpenForAppend(path, AppendMode::kExisting).status().IsNotFound());
  EXPECT_TRUE(fs_->OpenForRandomRead(path).status().IsNotFound());
  EXPECT_TRUE(fs_->OpenForMappedRead(path).status().IsNotFound());
  EXPECT_TRUE(fs_->OpenForSequentialRead(path).status().IsNotFound());
  EXPECT_TRUE(fs_->List(path).status().IsNotFound());
  EXPECT_TRUE(fs_->FileSize(path).status().IsNotFound());
  EXPECT_TRUE(fs_->Remove(path).IsNotFound());
  EXPECT_TRUE(fs_->RemoveDirectory(path).IsNotFound());
  EXPECT_TRUE(fs_->SyncDirectory(path).IsNotFound());
  EXPECT_TRUE(fs_->Rename(path, Path("other")).IsNotFound());
  EXPECT_TRUE(fs_->HardLink(path, Path("other")).IsNotFound());
  EXPECT_FALSE(*fs_->Exists(path));
  EXPECT_FALSE(*fs_->Exists(Path("absent/below")));
}

TEST_P(FileSystemContract, AMissingParentIsNamed) {
  const std::string path = Path("nowhere/file");
  for (const Status& status :
       {fs_->OpenForAppend(path, AppendMode::kCreate).status(),
        fs_->CreateDirectory(path), fs_->Lock(path).status()}) {
    EXPECT_EQ(status.code(), StatusCode::kIoError);
    EXPECT_NE(
        status.message().find("'" + Path("nowhere") + "' does not exist"),
        std::string::npos)
        << status.ToString();
  }
}

TEST_P(FileSystemContract, ADirectoryIsNotAFile) {
  ASSERT_TRUE(fs_->CreateDirectory(Path("dir")).ok());
  const std::string path = Path("dir");
  EXPECT_EQ(
      fs_->OpenForAppend(path, AppendMode::kExisting).status().code(),
      StatusCode::kIoError);
  EXPECT_EQ(
      fs_->OpenForSequentialRead(path).status().code(), StatusCode::kIoError);
  EXPECT_EQ(fs_->OpenForMappedRead(path).status().code(), StatusCode::kIoError);
  EXPECT_EQ(fs_->FileSize(path).status().code(), StatusCode::kIoError);
  EXPECT_EQ(fs_->Remove(path).code(), StatusCode::kIoError);
}

TEST_P(FileSystemContract, AFileIsNotADirectory) {
  Write("file", "x");
  EXPECT_EQ(fs_->List(Path("file")).status().code(), StatusCode::kIoError);
  EXPECT_EQ(fs_->CreateDirectory(Path("file")).code(), StatusCode::kIoError);
  EXPECT_EQ(fs_->RemoveDirectory(Path("file")).code(), StatusCode::kIoError);
}

TEST_P(FileSystemContract, TruncateCutsAndAppendGoesOnThere) {
  auto file = Create("log");
  ASSERT_TRUE(file->Append("abcdef").ok());
  ASSERT_TRUE(file->Truncate(2).ok());
  EXPECT_EQ(file->Size(), 2u);
  EXPECT_EQ(Read("log"), "ab");
  ASSERT_TRUE(file->Append("XY").ok());
  EXPECT_EQ(Read("log"), "abXY");
}

TEST_P(FileSystemContract, ReadAtStopsAtTheEndOnly) {
  SeededRandom random(7);
  std::string content;
  while (content.size() < 100'000) {
    content += static_cast<char>(random.Below(256));
  }
  Write("file", content);
  for (const bool mapped : {false, true}) {
    auto file = mapped ? fs_->OpenForMappedRead(Path("file"))
                       : fs_->OpenForRandomRead(Path("file"));
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(*(*file)->Size(), content.size());
    std::vector<char> scratch(40'000);
    for (int i = 0; i < 200; ++i) {
      const uint64_t offset = random.Below(content.size() + 10);
      const size_t n = static_cast<size_t>(random.Below(scratch.size()));
      const auto piece =
          (*file)->ReadAt(offset, std::span<char>(scratch.data(), n));
      ASSERT_TRUE(piece.ok());
      const size_t begin =
          static_cast<size_t>(std::min<uint64_t>(offset, content.size()));
      ASSERT_EQ(*piece, content.substr(begin, n)) << offset << " " << n;
    }
    for (const uint64_t offset : std::vector<uint64_t>{100'000, 1'000'000}) {
      EXPECT_EQ(*(*file)->ReadAt(offset, scratch), "") << offset;
    }
  }
}

TEST_P(FileSystemContract, AnEmptyFileCanBeMapped) {
  Write("file", "");
  auto file = fs_->OpenForMappedRead(Path("file"));
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(*(*file)->Size(), 0u);
  std::vector<char> scratch(10);
  EXPECT_EQ(*(*file)->ReadAt(0, scratch), "");
}

TEST_P(FileSystemContract, WhatIsReadWithoutCopyingLivesAsLongAsItsHandle) {
  const std::string content(10'000, 'x');
  Write("file", content);
  auto file = fs_->OpenForMappedRead(Path("file"));
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  std::vector<char> scratch(content.size());
  const auto piece = (*file)->ReadAt(0, scratch);
  ASSERT_TRUE(piece.ok());
  scratch.assign(scratch.size(), 'y');
  const bool copied = piece->data() == scratch.data();
  ASSERT_TRUE(fs_->Remove(Path("file")).ok());
  Write("file", std::string(10'000, 'z'));
  EXPECT_EQ(*piece, copied ? std::string(10'000, 'y') : content);
  EXPECT_EQ(*(*file)->ReadAt(0, scratch), content)
      << "the file that was opened, not the one that has its name now";
}

TEST_P(FileSystemContract, SequentialReadsGiveTheWholeFileOnce) {
  std::string content;
  for (int i = 0; i < 30'000; ++i) {
    content += std::to_string(i);
  }
  Write("file", content);
  auto file = fs_->OpenForSequentialRead(Path("file"));
  ASSERT_TRUE(file.ok());
  std::vector<char> scratch(777);
  std::string read;
  while (true) {
    const auto piece = (*file)->Read(scratch);
    ASSERT_TRUE(piece.ok());
    if (piece->empty()) break;
    read += *piece;
  }
  EXPECT_EQ(read, content);
  EXPECT_TRUE((*file)->Read(scratch)->empty());
}

TEST_P(FileSystemContract, ListIsSortedAndComplete) {
  Write("b", "");
  Write("a", "");
  Write("c.d", "");
  ASSERT_TRUE(fs_->CreateDirectory(Path("bb")).ok());
  EXPECT_EQ(Names(), (Strings{"a", "b", "bb", "c.d"}));
}

TEST_P(FileSystemContract, CreatingADirectoryTwiceIsOk) {
  EXPECT_TRUE(fs_->CreateDirectory(Path("dir")).ok());
  EXPECT_TRUE(fs_->CreateDirectory(Path("dir")).ok());
  EXPECT_TRUE(*fs_->Exists(Path("dir")));
}

TEST_P(FileSystemContract, OnlyAnEmptyDirectoryIsRemoved) {
  ASSERT_TRUE(fs_->CreateDirectory(Path("dir")).ok());
  Write("dir/file", "x");
  EXPECT_EQ(fs_->RemoveDirectory(Path("dir")).code(), StatusCode::kIoError);
  ASSERT_TRUE(fs_->Remove(Path("dir/file")).ok());
  EXPECT_TRUE(fs_->RemoveDirectory(Path("dir")).ok());
  EXPECT_EQ(Names(), Strings());
}

TEST_P(FileSystemContract, RenameReplacesItsTarget) {
  Write("old", "new content");
  Write("target", "old content");
  ASSERT_TRUE(fs_->Rename(Path("old"), Path("target")).ok());
  EXPECT_EQ(Names(), (Strings{"target"}));
  EXPECT_EQ(Read("target"), "new content");
}

TEST_P(FileSystemContract, RenameMovesAcrossDirectories) {
  ASSERT_TRUE(fs_->CreateDirectory(Path("dir")).ok());
  Write("file", "x");
  ASSERT_TRUE(fs_->Rename(Path("file"), Path("dir/moved")).ok());
  EXPECT_EQ(Names(), (Strings{"dir"}));
  EXPECT_EQ(Read("dir/moved"), "x");
}

TEST_P(FileSystemContract, RenameToItselfChangesNothing) {
  Write("file", "x");
  ASSERT_TRUE(fs_->Rename(Path("file"), Path("file")).ok());
  EXPECT_EQ(Read("file"), "x");
}

TEST_P(FileSystemContract, AnOpenFileOutlivesItsName) {
  auto file = Create("file");
  ASSERT_TRUE(file->Append("abc").ok());
  auto reader = fs_->OpenForRandomRead(Path("file"));
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(fs_->Remove(Path("file")).ok());
  ASSERT_TRUE(file->Append("def").ok());
  std::vector<char> scratch(10);
  EXPECT_EQ(*(*reader)->ReadAt(0, scratch), "abcdef");
  Write("file", "another");
  EXPECT_EQ(*(*reader)->ReadAt(0, scratch), "abcdef");
}

TEST_P(FileSystemContract, AHandleFollowsItsRenamedFile) {
  auto file = Create("old");
  ASSERT_TRUE(fs_->Rename(Path("old"), Path("new")).ok());
  ASSERT_TRUE(file->Append("abc").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Read("new"), "abc");
}

TEST_P(FileSystemContract, HardLinkIsASecondNameOfTheSameFile) {
  auto file = Create("one");
  ASSERT_TRUE(fs_->HardLink(Path("one"), Path("two")).ok());
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_EQ(Read("two"), "abc");
  ASSERT_TRUE(fs_->Remove(Path("one")).ok());
  EXPECT_EQ(Read("two"), "abc");
  Write("three", "");
  EXPECT_EQ(
      fs_->HardLink(Path("two"), Path("three")).code(), StatusCode::kIoError);
}

TEST_P(FileSystemContract, ALockIsHeldOnceAndReleased) {
  auto lock = fs_->Lock(Path("LOCK"));
  ASSERT_TRUE(lock.ok()) << lock.status().ToString();
  const auto second = fs_->Lock(Path("LOCK"));
  EXPECT_EQ(second.status().code(), StatusCode::kBusy);
  EXPECT_NE(second.status().message().find(Path("LOCK")), std::string::npos);
  EXPECT_TRUE(fs_->Lock(Path("OTHER")).ok());
  { const auto released = std::move(lock).value(); }
  EXPECT_TRUE(fs_->Lock(Path("LOCK")).ok());
  EXPECT_TRUE(*fs_->Exists(Path("LOCK")));
}

TEST_P(FileSystemContract, OnlyOneOfManyThreadsGetsTheLock) {
  std::vector<std::unique_ptr<FileLock>> locks(4);
  std::vector<std::thread> threads;
  for (auto& slot : locks) {
    threads.emplace_back([this, &slot] {
      auto lock = fs_->Lock(Path("LOCK"));
      if (lock.ok()) slot = std::move(lock).value();
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(
      std::count_if(
          locks.begin(), locks.end(),
          [](const auto& lock) { return lock != nullptr; }),
      1);
}

TEST_P(FileSystemContract, AClosedFileRefusesWritesAndClosesAgain) {
  auto file = Create("file");
  ASSERT_TRUE(file->Append("abc").ok());
  EXPECT_TRUE(file->Close().ok());
  EXPECT_TRUE(file->Close().ok());
  EXPECT_EQ(file->Append("d").code(), StatusCode::kIoError);
  EXPECT_EQ(file->Sync().code(), StatusCode::kIoError);
  EXPECT_EQ(file->Truncate(0).code(), StatusCode::kIoError);
  EXPECT_EQ(Read("file"), "abc");
}

TEST_P(FileSystemContract, WriteFileReplacesTheWholeContent) {
  Write("file", "a long first content");
  Write("file", "short");
  EXPECT_EQ(Read("file"), "short");
}

TEST_P(FileSystemContract, SyncDirectoryOfADirectoryIsOk) {
  Write("file", "x");
  EXPECT_TRUE(fs_->SyncDirectory(directory_).ok());
}

TEST_P(FileSystemContract, ThreadsMayWriteDifferentFiles) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const std::string name = "file" + std::to_string(t);
      auto file = Create(name);
      for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(file->Append(std::to_string(i % 10)).ok());
        EXPECT_TRUE(fs_->Exists(Path(name)).ok());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::string& name : Names()) {
    EXPECT_EQ(*fs_->FileSize(Path(name)), 100u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, FileSystemContract,
    ::testing::Values(
        Kind::kPosix, Kind::kMemory, Kind::kMemoryWithoutCrashes, Kind::kFault),
    [](const auto& test) -> std::string {
      switch (test.param) {
        case Kind::kPosix:
          return "Posix";
        case Kind::kMemory:
          return "Memory";
        case Kind::kMemoryWithoutCrashes:
          return "MemoryWithoutCrashes";
        case Kind::kFault:
          return "Fault";
      }
      return "";
    });

TEST(Paths, AreJoinedAndTakenApart) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
  EXPECT_EQ(ParentPath("a/b"), "a");
  EXPECT_EQ(ParentPath("a/b/"), "a");
  EXPECT_EQ(ParentPath("a//b"), "a");
  EXPECT_EQ(ParentPath("b"), ".");
  EXPECT_EQ(ParentPath("/b"), "/");
  EXPECT_EQ(ParentPath("/"), "/");
  EXPECT_EQ(BaseName("a/b"), "b");
  EXPECT_EQ(BaseName("a/b/"), "b");
  EXPECT_EQ(BaseName("b"), "b");
  EXPECT_EQ(BaseName("/"), "/");
}

}  // namespace
}  // namespace kv
