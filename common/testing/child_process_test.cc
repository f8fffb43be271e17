// Goal: a child can be talked to, killed at a chosen moment and reaped, and
// what it said before is not lost.

#include "common/testing/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

namespace kv::testing {
namespace {

TEST(ChildProcess, EchoesLinesAndEndsWithItsInput) {
  auto child = ChildProcess::Start("/bin/cat", {});
  ASSERT_TRUE(child.ok()) << child.status().ToString();
  ASSERT_TRUE((*child)->Write("one\ntwo\nthree").ok());
  EXPECT_EQ(*(*child)->ReadLine(), "one");
  EXPECT_TRUE((*child)->WaitForLine("two").ok());
  (*child)->CloseInput();
  EXPECT_EQ(*(*child)->ReadAll(), "three");
  EXPECT_EQ(*(*child)->Wait(), 0);
}

TEST(ChildProcess, GivesTheExitCode) {
  auto child = ChildProcess::Start("/bin/sh", {"-c", "exit 3"});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(*(*child)->Wait(), 3);
}

TEST(ChildProcess, GivesExitCode127ForAProgramThatIsNotThere) {
  auto child = ChildProcess::Start("/no/such/program", {});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(*(*child)->Wait(), 127);
}

TEST(ChildProcess, IsKilledAfterALineAndReadToTheEnd) {
  auto child = ChildProcess::Start(
      "/bin/sh", {"-c", "echo ready; echo more; exec sleep 1000"});
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE((*child)->WaitForLine("ready").ok());
  EXPECT_EQ(*(*child)->ReadLine(), "more");
  ASSERT_TRUE((*child)->Kill().ok());
  EXPECT_EQ(*(*child)->Wait(), -SIGKILL);
  EXPECT_TRUE((*child)->ReadLine().status().IsNotFound());
  // Reaped: no such process any more.
  EXPECT_NE(::kill((*child)->pid(), 0), 0);
}

TEST(ChildProcess, IsKilledByTheDestructor) {
  pid_t pid = 0;
  {
    auto child = ChildProcess::Start("/bin/sleep", {"1000"});
    ASSERT_TRUE(child.ok());
    pid = (*child)->pid();
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(ChildProcess, TimesOutWhenNothingComes) {
  auto child = ChildProcess::Start("/bin/cat", {});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ((*child)->ReadLine(1).status().code(), StatusCode::kTimedOut);
}

TEST(ChildProcess, WriteThatNobodyReadsIsAnError) {
  auto child = ChildProcess::Start(
      "/bin/sh", {"-c", "exec 0<&-; echo deaf; exec sleep 1000"});
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE((*child)->WaitForLine("deaf").ok());
  EXPECT_EQ((*child)->Write("hello\n").code(), StatusCode::kIoError);
}

int Doubler() {
  char line[100];
  while (std::fgets(line, sizeof(line), stdin) != nullptr) {
    std::printf("%s%s", line, line);
    std::fflush(stdout);
  }
  return 7;
}

TEST(ChildProcess, RunsAFunctionOfThisProgram) {
  auto child = ChildProcess::StartFunction(Doubler);
  ASSERT_TRUE(child.ok());
  ASSERT_TRUE((*child)->Write("a\n").ok());
  EXPECT_EQ(*(*child)->ReadLine(), "a");
  EXPECT_EQ(*(*child)->ReadLine(), "a");
  EXPECT_EQ(*(*child)->Wait(), 7);
}

}  // namespace
}  // namespace kv::testing
