// System calls that are interrupted, come up short or fail, put in the place
// of the real ones; and the messages that people will read.

#include "common/fs/posix_file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

namespace kv {
namespace {

// Moves at most `bytes_max` at a time, and is interrupted before each call
// that works. `error` makes every later call fail.
class UnsteadyCalls : public PosixCalls {
 public:
  int Open(const char* path, int flags, unsigned mode) override {
    return Fails() ? -1 : PosixCalls::Open(path, flags, mode);
  }
  int64_t Write(int fd, const char* data, size_t n, uint64_t offset) override {
    return Fails()
        ? -1
        : PosixCalls::Write(fd, data, std::min(n, bytes_max), offset);
  }
  int64_t Read(int fd, char* data, size_t n, uint64_t offset) override {
    return Fails() ? -1
                   : PosixCalls::Read(fd, data, std::min(n, bytes_max), offset);
  }
  int Sync(int fd) override { return Fails() ? -1 : PosixCalls::Sync(fd); }
  int Truncate(int fd, uint64_t size) override {
    return Fails() ? -1 : PosixCalls::Truncate(fd, size);
  }
  void* Map(int fd, size_t n) override {
    return can_map ? PosixCalls::Map(fd, n) : MAP_FAILED;
  }

  size_t bytes_max = 3;
  int error = 0;
  int calls_until_error = 0;
  bool can_map = true;

 private:
  bool Fails() {
    if (error != 0 && calls_until_error-- <= 0) {
      errno = error;
      return true;
    }
    interrupted_ = !interrupted_;
    errno = EINTR;
    return interrupted_;
  }

  bool interrupted_ = false;
};

class PosixFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "kv_posix_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }

  void TearDown() override {
    const auto names = FileSystem::Posix()->List(directory_);
    for (const std::string& name : *names) {
      static_cast<void>(FileSystem::Posix()->Remove(Path(name)));
    }
    static_cast<void>(FileSystem::Posix()->RemoveDirectory(directory_));
  }

  std::string Path(const std::string& name) {
    return JoinPath(directory_, name);
  }

  void ExpectMessage(const Status& status, const std::string& part) {
    EXPECT_EQ(status.code(), StatusCode::kIoError);
    EXPECT_NE(status.message().find(part), std::string::npos)
        << status.ToString();
    EXPECT_NE(status.message().find(directory_), std::string::npos)
        << status.ToString();
  }

  std::string directory_;
  UnsteadyCalls calls_;
  PosixFileSystem fs_{&calls_};
};

TEST_F(PosixFileSystemTest, ShortAndInterruptedCallsAreCarriedOn) {
  const std::string content = "0123456789abcdefghijklmnopqrstuvwxyz";
  ASSERT_TRUE(WriteFile(&fs_, Path("file"), content).ok());
  EXPECT_EQ(*ReadFile(&fs_, Path("file")), content);
  auto file = fs_.OpenForRandomRead(Path("file"));
  ASSERT_TRUE(file.ok());
  std::vector<char> scratch(20);
  EXPECT_EQ(*(*file)->ReadAt(10, scratch), content.substr(10, 20));
  EXPECT_TRUE(fs_.SyncDirectory(directory_).ok());
}

TEST_F(PosixFileSystemTest, AMappedFileIsReadWithoutACallAndWithoutCopying) {
  ASSERT_TRUE(WriteFile(&fs_, Path("file"), "0123456789").ok());
  auto file = fs_.OpenForMappedRead(Path("file"));
  ASSERT_TRUE(file.ok());
  calls_.error = EIO;
  std::vector<char> scratch(4);
  const auto piece = (*file)->ReadAt(3, scratch);
  ASSERT_TRUE(piece.ok()) << piece.status().ToString();
  EXPECT_EQ(*piece, "3456");
  EXPECT_NE(piece->data(), scratch.data());
}

TEST_F(PosixFileSystemTest, AFileThatCannotBeMappedIsRead) {
  ASSERT_TRUE(WriteFile(&fs_, Path("file"), "0123456789").ok());
  calls_.can_map = false;
  auto file = fs_.OpenForMappedRead(Path("file"));
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  std::vector<char> scratch(4);
  EXPECT_EQ(*(*file)->ReadAt(3, scratch), "3456");
  calls_.error = EIO;
  ExpectMessage((*file)->ReadAt(0, scratch).status(), "cannot read");
}

TEST_F(PosixFileSystemTest, AFailedAppendIsNotCountedAndCanBeCutOff) {
  auto file = fs_.OpenForAppend(Path("file"), AppendMode::kCreate);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("whole").ok());
  calls_.error = ENOSPC;
  calls_.calls_until_error = 2;
  ExpectMessage((*file)->Append("123456"), "free some space");
  EXPECT_EQ((*file)->Size(), 5u);
  EXPECT_EQ(*ReadFile(FileSystem::Posix(), Path("file")), "whole123");
  calls_.error = 0;
  ASSERT_TRUE((*file)->Truncate((*file)->Size()).ok());
  EXPECT_EQ(*ReadFile(FileSystem::Posix(), Path("file")), "whole");
}

TEST_F(PosixFileSystemTest, FailedCallsAreReported) {
  auto file = fs_.OpenForAppend(Path("file"), AppendMode::kCreate);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("x").ok());
  auto reader = fs_.OpenForRandomRead(Path("file"));
  ASSERT_TRUE(reader.ok());
  calls_.error = EIO;
  ExpectMessage((*file)->Sync(), "cannot sync");
  ExpectMessage((*file)->Truncate(0), "cannot truncate");
  char scratch[1];
  ExpectMessage((*reader)->ReadAt(0, scratch).status(), "cannot read");
}

TEST_F(PosixFileSystemTest, MessagesSayWhatToDo) {
  const auto create_with = [&](int error) {
    calls_.error = error;
    return fs_.OpenForAppend(Path("file"), AppendMode::kCreate).status();
  };
  ExpectMessage(create_with(EACCES), "permissions");
  ExpectMessage(create_with(EROFS), "read-only");
  ExpectMessage(create_with(ENOSPC), "free some space");
  ExpectMessage(create_with(EMFILE), "ulimit -n");
  ExpectMessage(create_with(ENOTDIR), "a file where a directory is needed");
}

TEST_F(PosixFileSystemTest, TheLockHoldsAgainstAnotherProcess) {
  FileSystem* fs = FileSystem::Posix();
  auto lock = fs->Lock(Path("LOCK"));
  ASSERT_TRUE(lock.ok());
  const auto status_in_child = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      // A table of its own would be empty in a process of its own.
      const auto mine = PosixFileSystem().Lock(Path("LOCK"));
      ::_exit(static_cast<int>(mine.status().code()));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return static_cast<StatusCode>(WEXITSTATUS(status));
  };
  EXPECT_EQ(status_in_child(), StatusCode::kBusy);
  std::move(lock).value().reset();
  EXPECT_EQ(status_in_child(), StatusCode::kOk);
}

TEST_F(PosixFileSystemTest, ALockOnARemovedFileIsNotHandedOut) {
  FileSystem* fs = FileSystem::Posix();
  auto first = fs->Lock(Path("LOCK"));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(fs->Remove(Path("LOCK")).ok());
  auto second = fs->Lock(Path("LOCK"));
  ASSERT_TRUE(second.ok()) << "a new file is another lock";
  EXPECT_EQ(fs->Lock(Path("LOCK")).status().code(), StatusCode::kBusy);
}

TEST(PosixFileSystem, AFileNeverTakesThePlaceOfAStandardStream) {
  const int kept = ::dup(STDIN_FILENO);
  ASSERT_EQ(::close(STDIN_FILENO), 0);
  const std::string path =
      ::testing::TempDir() + "/standard_stream_" + std::to_string(::getpid());
  auto file = FileSystem::Posix()->OpenForAppend(path, AppendMode::kCreate);
  const bool stream_is_closed = ::fcntl(STDIN_FILENO, F_GETFD) == -1;
  ASSERT_EQ(::dup2(kept, STDIN_FILENO), STDIN_FILENO);
  ::close(kept);
  EXPECT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_TRUE(stream_is_closed) << "the file got a standard stream's number";
  EXPECT_TRUE(FileSystem::Posix()->Remove(path).ok());
}

}  // namespace
}  // namespace kv
