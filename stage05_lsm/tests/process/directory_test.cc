// kv_shell and kv_inspect on a directory: what one process stored the next one
// finds, and what is on disk is explained.
// Method: the real programs, one after another, on a temporary directory.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/testing/blackbox.h"
#include "common/testing/exercise_output.h"

namespace kv {
namespace {

constexpr std::chrono::seconds kTimeout(30);

// Through variables, since gcc 12 warns falsely where it knows a string's
// length.
std::string ShellPath() {
  const char* volatile path = KV_SHELL_PATH;
  return path;
}

std::string TestsPath() {
  const char* volatile path = KV_TESTS_PATH;
  return path;
}

// A path for a database, which is gone at the end of the test.
class Directory {
 public:
  explicit Directory(const std::string& name)
      : path_(
            ::testing::TempDir() + "/kv_directory_test_" +
            std::to_string(getpid()) + "_" + name) {
    std::filesystem::remove_all(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

ProgramOutput RunProgram(
    const std::vector<std::string>& words, std::string_view input = {}) {
  Result<ProgramOutput> ran = RunWithInput(words, input, kTimeout);
  EXPECT_TRUE(ran.ok()) << ran.status().ToString();
  if (ran.ok()) {
    testing::ThrowIfExerciseTodo(ran->out + ran->err);
  }
  return ran.ok() ? std::move(*ran) : ProgramOutput();
}

ProgramOutput Shell(
    const std::vector<std::string>& arguments, std::string_view input = {}) {
  std::vector<std::string> words = {ShellPath()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return RunProgram(words, input);
}

// Beside kv_shell.
std::string InspectPath() {
  std::string path = ShellPath();
  path.resize(path.rfind("kv_shell"));
  return path + "kv_inspect";
}

TEST(Directory, EveryBlackBoxFileAnswersTheSameOnDisk) {
  const Result<std::vector<std::string>> files =
      ListBlackBoxFiles(TestsPath() + "/blackbox");
  ASSERT_TRUE(files.ok()) << files.status().ToString();
  ASSERT_FALSE(files->empty());
  for (const std::string& file : *files) {
    const Directory directory("corpus");
    const Result<BlackBoxScript> script = ReadBlackBoxFile(file);
    ASSERT_TRUE(script.ok()) << script.status().message();
    const Status status = RunBlackBox(*script, {ShellPath(), directory.path()});
    EXPECT_TRUE(status.ok()) << status.message();
  }
}

TEST(Directory, TheNextProcessFindsWhatTheLastOneStored) {
  const Directory directory("next");
  EXPECT_EQ(
      Shell({directory.path()}, "put a 1\nput b 2\ndelete a\nsync\n").out,
      "ok\nok\nok\nok\n");
  EXPECT_EQ(
      Shell({directory.path()}, "mget a b\n").out, "1) (not found)\n2) 2\n");
}

TEST(Directory, ADumpOfOneIsALoadOfAnother) {
  const Directory from("from");
  const Directory to("to");
  Shell({from.path()}, "put a 1\nput \"\\x00\" \"\"\n");
  const ProgramOutput dump = Shell({"--dump", from.path()});
  ASSERT_EQ(dump.exit_code, 0) << dump.err;
  const ProgramOutput load = Shell({"--load", to.path()}, dump.out);
  ASSERT_EQ(load.exit_code, 0) << load.err;
  EXPECT_EQ(Shell({"--dump", to.path()}).out, dump.out);
}

TEST(Directory, ADumpOfNothingMakesNothing) {
  const Directory directory("none");
  const ProgramOutput dump = Shell({"--dump", directory.path()});
  EXPECT_EQ(dump.exit_code, 3);
  EXPECT_EQ(dump.out, "");
  EXPECT_FALSE(std::filesystem::exists(directory.path()));
}

TEST(Directory, TwoProcessesCannotHaveItOpen) {
  const Directory directory("busy");
  const Directory pipes("busy_pipes");
  // The second shell runs while the first one, which has answered once, waits
  // for its next command.
  const ProgramOutput ran = RunProgram(
      {"sh", "-c",
       "mkdir \"$2\" && mkfifo \"$2/in\" \"$2/out\" || exit 9\n"
       "\"$0\" \"$1\" < \"$2/in\" > \"$2/out\" &\n"
       "exec 3> \"$2/in\" 4< \"$2/out\"\n"
       "echo 'put a 1' >&3; read answer <&4\n"
       "\"$0\" \"$1\" < /dev/null; echo \"$answer $?\"\n"
       "exec 3>&-; wait",
       ShellPath(), directory.path(), pipes.path()});
  EXPECT_EQ(ran.out, "ok 3\n");
  EXPECT_NE(ran.err.find("Busy: "), std::string::npos) << ran.err;
}

TEST(Directory, InspectExplainsAWholeFileAndFindsDamage) {
  const Directory directory("inspect");
  Shell({directory.path()}, "put city Bern\ndelete city\n");
  const ProgramOutput whole = RunProgram({InspectPath(), directory.path()});
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  for (const char* part :
       {"key \"city\"", "value \"Bern\"", "delete", "closed cleanly"}) {
    EXPECT_NE(whole.out.find(part), std::string::npos) << part;
  }

  // One bit of the value.
  const std::string log = directory.path() + "/000001.wal";
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes(
      (std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t place = bytes.find("Bern");
  ASSERT_NE(place, std::string::npos);
  file.clear();
  file.seekp(static_cast<std::streamoff>(place));
  file.put('C');
  file.close();
  const ProgramOutput damaged = RunProgram({InspectPath(), directory.path()});
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_NE(damaged.out.find("WRONG"), std::string::npos) << damaged.out;
  // It goes on behind the damage.
  EXPECT_NE(damaged.out.find("delete"), std::string::npos) << damaged.out;

  // And the shell refuses it, by file and offset.
  const ProgramOutput shell = Shell({directory.path()}, "get city\n");
  EXPECT_EQ(shell.exit_code, 3);
  EXPECT_NE(shell.err.find("000001.wal at offset 32"), std::string::npos)
      << shell.err;
}

TEST(Directory, InspectRefusesWhatItCannotExplain) {
  EXPECT_EQ(RunProgram({InspectPath()}).exit_code, 2);
  EXPECT_EQ(RunProgram({InspectPath(), "/no/such/file"}).exit_code, 3);
  EXPECT_EQ(RunProgram({InspectPath(), ShellPath()}).exit_code, 1);
}

}  // namespace
}  // namespace kv
