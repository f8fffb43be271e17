// Black-box scripts: what is one, what matches, and what a failure says.
// Method: scripts in strings, and small programs of the system (cat, sh).

#include "common/testing/blackbox.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace kv {
namespace {

using std::chrono::milliseconds;

constexpr char kTwoBlocks[] =
    "# What a key holds.\n"
    "\n"
    "# A put is seen by the get after it.\n"
    "put a 1\n"
    "get a\n"
    "---\n"
    "ok\n"
    "1\n"
    "\n"
    "get b\n"
    "---\n"
    "error: NotFound...\n";

BlackBoxScript Parsed(std::string_view text) {
  Result<BlackBoxScript> script = ParseBlackBox("file.kv", text);
  EXPECT_TRUE(script.ok()) << script.status().ToString();
  return script.ok() ? std::move(*script) : BlackBoxScript();
}

void ExpectHas(const Status& status, std::string_view part) {
  EXPECT_NE(status.ToString().find(part), std::string::npos)
      << "in: " << status.ToString() << "\nmissing: " << part;
}

TEST(BlackBox, BlocksHaveWhyCommandsAnswersAndLines) {
  const BlackBoxScript script = Parsed(kTwoBlocks);
  EXPECT_EQ(script.why, "What a key holds.");
  ASSERT_EQ(script.blocks.size(), 2u);
  EXPECT_EQ(script.blocks[0].why, "A put is seen by the get after it.");
  EXPECT_EQ(script.blocks[0].line, 4);
  EXPECT_EQ(
      script.blocks[0].commands,
      (std::vector<std::string>{"put a 1", "get a"}));
  EXPECT_EQ(script.blocks[0].expected_line, 7);
  EXPECT_EQ(script.blocks[0].expected, (std::vector<std::string>{"ok", "1"}));
  EXPECT_EQ(script.blocks[1].line, 10);
}

TEST(BlackBox, WhatIsNoScriptIsRefusedWithItsLine) {
  const struct {
    std::string text;
    std::string error;
  } cases[] = {
      {"", "file.kv:1: there is no block"},
      {"# only why\n", "file.kv:1: there is no block"},
      {"# why\nget a\n", "file.kv:3: the commands need a line ---"},
      {"# why\nget a\n\n---\n1\n", "file.kv:3: the commands need a line ---"},
      {"# why\n---\n1\n", "file.kv:2: there is no command"},
      {"# why\nget a\n---\n1\nget b\n---\n", "file.kv:6: a second ---"},
      {"get a\n---\n1\n", "file.kv:1: a comment must say"},
  };
  for (const auto& c : cases) {
    const Result<BlackBoxScript> script = ParseBlackBox("file.kv", c.text);
    ASSERT_FALSE(script.ok()) << c.text;
    ExpectHas(script.status(), c.error);
  }
}

TEST(BlackBox, TheRightAnswersPass) {
  const Status status = CompareBlackBox(
      Parsed(kTwoBlocks), "ok\n1\nerror: NotFound: there is no b\n");
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST(BlackBox, DotsStandForTheRestOfAnErrorOnly) {
  const BlackBoxScript errors = Parsed("# why\nx\n---\nerror: Busy: ...\n");
  EXPECT_TRUE(CompareBlackBox(errors, "error: Busy: by 7\n").ok());
  EXPECT_FALSE(CompareBlackBox(errors, "error: Aborted: by 7\n").ok());
  const BlackBoxScript value = Parsed("# why\nx\n---\na...\n");
  EXPECT_FALSE(CompareBlackBox(value, "abc\n").ok());
  EXPECT_TRUE(CompareBlackBox(value, "a...\n").ok());
}

TEST(BlackBox, AWrongAnswerIsNamedByFileLineAndWhy) {
  const Status status =
      CompareBlackBox(Parsed(kTwoBlocks), "ok\n2\nerror: NotFound\n");
  ASSERT_FALSE(status.ok());
  ExpectHas(status, "file.kv:8: ");
  ExpectHas(status, "A put is seen by the get after it.");
  ExpectHas(status, "expected:\n    ok\n    1\n");
  ExpectHas(status, "actual, up to the line after:\n    ok\n    2\n");
}

TEST(BlackBox, MissingAndSurplusLinesFail) {
  const BlackBoxScript script = Parsed(kTwoBlocks);
  const Status missing = CompareBlackBox(script, "ok\n1\n");
  ASSERT_FALSE(missing.ok());
  ExpectHas(missing, "file.kv:12: ");
  ExpectHas(missing, "the program printed nothing more");
  const Status surplus =
      CompareBlackBox(script, "ok\n1\nerror: NotFound\nmore\n");
  ASSERT_FALSE(surplus.ok());
  ExpectHas(surplus, "printed more");
}

TEST(BlackBox, AProgramGetsItsInputAndItsOutputIsKept) {
  const Result<ProgramOutput> ran = RunWithInput(
      {"sh", "-c", "cat; echo oops >&2; exit 3"}, "a\nb\n",
      milliseconds(20000));
  ASSERT_TRUE(ran.ok()) << ran.status().ToString();
  EXPECT_EQ(ran->out, "a\nb\n");
  EXPECT_EQ(ran->err, "oops\n");
  EXPECT_EQ(ran->exit_code, 3);
}

TEST(BlackBox, InputAndOutputLongerThanAPipeDoNotBlock) {
  const std::string input(4 * 1024 * 1024, 'x');
  const Result<ProgramOutput> ran =
      RunWithInput({"cat"}, input, milliseconds(20000));
  ASSERT_TRUE(ran.ok()) << ran.status().ToString();
  EXPECT_EQ(ran->out.size(), input.size());
}

TEST(BlackBox, AProgramThatDoesNotReadItsInputIsNoError) {
  const Result<ProgramOutput> ran = RunWithInput(
      {"true"}, std::string(1024 * 1024, 'x'), milliseconds(20000));
  ASSERT_TRUE(ran.ok()) << ran.status().ToString();
  EXPECT_EQ(ran->exit_code, 0);
}

TEST(BlackBox, AProgramThatHangsIsKilled) {
  const Result<ProgramOutput> ran =
      RunWithInput({"sleep", "600"}, "", milliseconds(50));
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.status().code(), StatusCode::kTimedOut);
}

TEST(BlackBox, AProgramThatIsNotThereIsAnError) {
  const Result<ProgramOutput> ran =
      RunWithInput({"/no/such/program"}, "", milliseconds(20000));
  ASSERT_FALSE(ran.ok());
  ExpectHas(ran.status(), "cannot be started");
}

TEST(BlackBox, ASignalIsReported) {
  const Status status = RunBlackBox(
      Parsed("# why\nx\n---\nok\n"), {"sh", "-c", "echo ok; kill -9 $$"});
  ASSERT_FALSE(status.ok());
  ExpectHas(status, "signal 9");
}

TEST(BlackBox, TheExitCodeTellsWhetherACommandFailed) {
  const BlackBoxScript fails = Parsed("# why\nx\n---\nerror: Busy\n");
  EXPECT_TRUE(
      RunBlackBox(fails, {"sh", "-c", "echo error: Busy; exit 1"}).ok());
  const Status status = RunBlackBox(fails, {"sh", "-c", "echo error: Busy"});
  ASSERT_FALSE(status.ok());
  ExpectHas(status, "exit code was 0, expected 1");
}

TEST(BlackBox, ADirectoryThatIsNotThereIsAnError) {
  EXPECT_FALSE(ListBlackBoxFiles("/no/such/directory").ok());
}

}  // namespace
}  // namespace kv
