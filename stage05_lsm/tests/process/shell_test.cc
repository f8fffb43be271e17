// kv_shell as a program: exit codes, loading and dumping through pipes.
// Method: the real program, with commands and dumps on its stdin.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/testing/blackbox.h"
#include "common/testing/exercise_output.h"

namespace kv {
namespace {

// Through a variable, since gcc 12 warns falsely where it knows a string's
// length.
std::string ShellPath() {
  const char* volatile path = KV_SHELL_PATH;
  return path;
}

ProgramOutput Shell(
    std::vector<std::string> words, std::string_view input = {}) {
  words.insert(words.begin(), ShellPath());
  Result<ProgramOutput> ran =
      RunWithInput(words, input, std::chrono::seconds(30));
  EXPECT_TRUE(ran.ok()) << ran.status().ToString();
  if (ran.ok()) {
    testing::ThrowIfExerciseTodo(ran->out + ran->err);
  }
  return ran.ok() ? std::move(*ran) : ProgramOutput();
}

TEST(Shell, ExitCodesTellWhatWentWrong) {
  EXPECT_EQ(Shell({}, "put a 1\nget b\n").exit_code, 0);
  EXPECT_EQ(Shell({}, "frobnicate\nput a 1\n").exit_code, 1);
  EXPECT_EQ(Shell({}, "batch\nput a 1\n").exit_code, 1);
  EXPECT_EQ(Shell({"--frobnicate"}).exit_code, 2);
  EXPECT_EQ(Shell({"--format", "csv"}).exit_code, 2);
  EXPECT_EQ(Shell({"/no/such/directory/db"}).exit_code, 3);
  EXPECT_EQ(Shell({"--key-bytes-max", "0"}).exit_code, 3);
}

TEST(Shell, AFailureIsExplained) {
  EXPECT_NE(
      Shell({"/no/such/directory/db"}).err.find("/no/such/directory/db"),
      std::string::npos);
  EXPECT_NE(Shell({"--frobnicate"}).err.find("--help"), std::string::npos);
  EXPECT_EQ(
      Shell({}, "ptu a 1\n").out,
      "error: InvalidArgument: unknown command 'ptu'; did you mean 'put'?\n");
}

TEST(Shell, LimitsAreOptions) {
  EXPECT_EQ(
      Shell({"--key-bytes-max=2"}, "put ab 1\nput abc 1\n")
          .out.find("ok\nerror: InvalidArgument: "),
      0u);
  EXPECT_EQ(
      Shell({"--value-bytes-max=2"}, "put a 12\nput a 123\n")
          .out.find("ok\nerror: InvalidArgument: "),
      0u);
  EXPECT_EQ(
      Shell({"--memory-bytes-max=1000"}, "put a " + std::string(1000, 'x'))
          .out.find("error: ResourceExhausted: "),
      0u);
}

TEST(Shell, EveryFormatIsLoadedAgain) {
  const std::string ops =
      "# kv dump 1\n"
      "put \"\" \"empty key\"\n"
      "put \"\\x00\\xff\" \"\"\n"
      "put a,b \"\\\"1\\\"\"\n"
      "# end 3\n";
  for (const std::string format : {"ops", "tsv", "csv"}) {
    const ProgramOutput dump =
        Shell({"--load", "-", "--dump", "--format", format}, ops);
    ASSERT_EQ(dump.exit_code, 0) << dump.err;
    const ProgramOutput back = Shell({"--load", "-", "--dump"}, dump.out);
    EXPECT_EQ(back.exit_code, 0) << back.err;
    // Sorted by key: the zero byte comes before the letter.
    EXPECT_EQ(back.out, ops) << dump.out;
  }
}

TEST(Shell, ALoadedFileIsThereForTheCommandsThatFollow) {
  const std::string file =
      ::testing::TempDir() + "/kv_shell_test_" + std::to_string(getpid());
  ASSERT_EQ(
      RunWithInput(
          {"sh", "-c", "cat > \"$0\"", file}, "key\tvalue\na\t1\n",
          std::chrono::seconds(30))
          ->exit_code,
      0);
  EXPECT_EQ(Shell({"--load", file}, "get a\n").out, "1\n");
  std::filesystem::remove(file);
}

TEST(Shell, WhatIsNoDumpStoresNothingAndMakesNoDirectory) {
  const std::string path =
      ::testing::TempDir() + "/kv_shell_test_db_" + std::to_string(getpid());
  for (const std::string input :
       {"", "hello\n", "# kv dump 1\nput a 1\n", "# kv dump 9\n",
        "key,value\na,1\nb\n"}) {
    const ProgramOutput loaded = Shell({"--load", "-", path}, input);
    EXPECT_EQ(loaded.exit_code, 1) << input;
    EXPECT_NE(loaded.err.find("nothing was loaded"), std::string::npos)
        << loaded.err;
    EXPECT_FALSE(std::filesystem::exists(path)) << input;
  }
}

TEST(Shell, ADumpThatCannotBeWrittenIsAFailure) {
  const Result<ProgramOutput> ran = RunWithInput(
      {"sh", "-c", "\"$0\" --dump >&-", ShellPath()}, "",
      std::chrono::seconds(30));
  ASSERT_TRUE(ran.ok());
  testing::ThrowIfExerciseTodo(ran->err);
  EXPECT_EQ(ran->exit_code, 1);
}

}  // namespace
}  // namespace kv
