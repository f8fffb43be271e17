// Two runs of the tool in one build folder: the second one says that it waits,
// and touches nothing until the first one is done. The test is the first one.

#include "common/tool/run/build_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/tool/run/process.h"
#include "common/tool/tests/fixture_course.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

class BuildLockTest : public CourseTest {
 protected:
  // Starts the program; what it prints is read line by line.
  std::unique_ptr<Process> Start(std::vector<std::string> arguments) {
    ProcessOptions options;
    options.arguments = {KV_WB_PATH};
    options.arguments.insert(
        options.arguments.end(), arguments.begin(), arguments.end());
    options.directory = base_;
    options.environment = {
        {"KV_ROOT", clone_.string()},
        {"KV_CALLER_DIR", base_.string()},
        {"HOME", base_.string()},
    };
    auto process = Process::Start(options);
    EXPECT_TRUE(process.ok()) << process.status().ToString();
    return process.ok() ? std::move(process).value() : nullptr;
  }

  // Reads up to a line with `words`; false if the output ends without one.
  static bool ReadUpTo(Process* process, const std::string& words) {
    const auto deadline = Process::Clock::now() + std::chrono::minutes(2);
    std::string line;
    while (process->ReadLine(&line, deadline) == Process::Read::kLine) {
      if (line.find(words) != std::string::npos) return true;
    }
    return false;
  }

  static std::string WaitingFor(const fs::path& folder) {
    return "another wb is building in " + folder.string() + "; waiting";
  }

  static bool IsFree(const fs::path& folder) {
    const int file = open((folder.string() + ".lock").c_str(), O_RDWR);
    EXPECT_GE(file, 0);
    const bool is_free = flock(file, LOCK_EX | LOCK_NB) == 0;
    close(file);
    return is_free;
  }

  // Holds the lock of `folder`, runs what needs it, and lets it go.
  void ExpectWaits(
      const fs::path& folder, const std::vector<std::string>& arguments) {
    std::optional<BuildLock> lock(std::in_place, folder);
    const std::unique_ptr<Process> other = Start(arguments);
    ASSERT_NE(other, nullptr);
    ASSERT_TRUE(ReadUpTo(other.get(), WaitingFor(folder)));
    EXPECT_FALSE(fs::exists(folder)) << "it builds while it should wait";
    lock.reset();
    // The stages of this clone have nothing to build: that is said only by who
    // has tried.
    EXPECT_TRUE(ReadUpTo(other.get(), "does not build"));
    other->Wait();
    EXPECT_TRUE(fs::exists(folder));
  }
};

TEST_F(BuildLockTest, ATestOfTheLearnersFolderWaits) {
  InitAndStart();
  ExpectWaits(course_ / "build" / "01", {"test", "01"});
}

TEST_F(BuildLockTest, ATestOfTheCloneWaits) {
  ExpectWaits(clone_ / "build" / "reference", {"test", "01", "--reference"});
}

TEST_F(BuildLockTest, OtherFoldersAndFreeOnesAreNotWaitedFor) {
  InitAndStart();
  { const BuildLock before(course_ / "build" / "01"); }
  const BuildLock other(course_ / "build" / "02");
  const ProcessResult result = Run({"test", "01"});
  EXPECT_EQ(result.output.find("another wb"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("does not build"), std::string::npos)
      << result.output;
}

TEST_F(BuildLockTest, TheLockOfAKilledProcessIsFree) {
  const fs::path folder = base_ / "build" / "01";
  int ends[2] = {-1, -1};
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const BuildLock lock(folder);
    const char held = 'h';
    while (write(ends[1], &held, 1) != 1) {
    }
    while (true) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ends[0], &byte, 1), 1);
  EXPECT_FALSE(IsFree(folder));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(IsFree(folder));
  close(ends[0]);
  close(ends[1]);
}

TEST_F(BuildLockTest, WhereNothingCanBeWrittenItGoesOn) {
  Write(base_ / "file", "");
  const BuildLock lock(base_ / "file" / "build" / "01");
  EXPECT_TRUE(std::filesystem::is_regular_file(base_ / "file"));
  EXPECT_FALSE(std::filesystem::exists(base_ / "file" / "build" / "01.lock"));
}

}  // namespace
}  // namespace kv::tool
