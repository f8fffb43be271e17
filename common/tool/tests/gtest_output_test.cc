// What a test program prints is understood: names, ends of tests, failures
// cut down to what a reader needs. Tables of lines, and whole outputs.

#include "common/tool/run/gtest_output.h"

#include <gtest/gtest.h>

namespace kv::tool {
namespace {

TEST(GtestOutputTest, PatternsMatchAsInGtestFilter) {
  EXPECT_TRUE(MatchesPattern("HashTableTest.*", "HashTableTest.Find"));
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_TRUE(MatchesPattern("*Find*Absent", "A.FindFindAbsent"));
  EXPECT_TRUE(MatchesPattern("A.?", "A.b"));
  EXPECT_FALSE(MatchesPattern("A.?", "A."));
  EXPECT_FALSE(MatchesPattern("HashTableTest.Find", "HashTableTest.FindAll"));
  EXPECT_FALSE(MatchesPattern("Table.*", "HashTable.Find"));
}

TEST(GtestOutputTest, ListLeavesOutDisabledTestsAndOtherLines) {
  const std::vector<std::string> tests = ParseTestList(
      "Running main()\n"
      "PlainTest.\n"
      "  First\n"
      "  DISABLED_Second\n"
      "Typed/0.  # TypeParam = int\n"
      "  Works  # GetParam() = 5\n");
  EXPECT_EQ(
      tests, (std::vector<std::string>{"PlainTest.First", "Typed/0.Works"}));
}

TEST(GtestOutputTest, EndOfATestCountsOnlyForTheOneThatRuns) {
  const GtestLine run = ParseGtestLine("[ RUN      ] A.b", "");
  EXPECT_EQ(run.kind, GtestLine::Kind::kRun);
  EXPECT_EQ(run.test, "A.b");
  EXPECT_EQ(
      ParseGtestLine("[       OK ] A.c (0 ms)", "A.b").kind,
      GtestLine::Kind::kText);
  // The list at the end of a run has no time.
  EXPECT_EQ(
      ParseGtestLine("[  FAILED  ] A.b", "A.b").kind, GtestLine::Kind::kText);
  EXPECT_EQ(
      ParseGtestLine("[  FAILED  ] A.b (3 ms)", "").kind,
      GtestLine::Kind::kText);
}

TEST(GtestOutputTest, MarkerBehindATestsOwnTextIsFound) {
  const GtestLine ok =
      ParseGtestLine("no newline[       OK ] A.b (12 ms)", "A.b");
  EXPECT_EQ(ok.kind, GtestLine::Kind::kOk);
  EXPECT_EQ(ok.before, "no newline");
  EXPECT_EQ(ok.milliseconds, 12);
  const GtestLine failed =
      ParseGtestLine("[  FAILED  ] A.b, where GetParam() = 3 (7 ms)", "A.b");
  EXPECT_EQ(failed.kind, GtestLine::Kind::kFailed);
  EXPECT_EQ(failed.milliseconds, 7);
}

TEST(GtestOutputTest, UnwrittenExerciseIsNamed) {
  EXPECT_EQ(
      FindTodo("C++ exception with description \"exercise 10b.2 is not written "
               "yet: see section"),
      "10b.2");
  EXPECT_EQ(FindTodo("exercise your patience; this is not written yet"), "");
}

TEST(GtestOutputTest, UnwrittenExerciseSaysWhereItIs) {
  EXPECT_EQ(
      FindTodoPlace(
          "exercise 2.4 is not written yet (operator(), log/writer.cc:88): "
          "see section"),
      "operator(), log/writer.cc:88");
  EXPECT_EQ(FindTodoPlace("exercise 2.4 is not written yet: see"), "");
}

TEST(GtestOutputTest, FirstFailureIsKeptAndPathsAreShort) {
  const std::vector<std::string> lines = TrimFailure(
      "some log line\n"
      "/course/stage01/tests/x_test.cc:12: Failure\n"
      "Expected equality of these values:\n"
      "  1\n"
      "\n"
      "  2\n"
      "/course/stage01/tests/x_test.cc:13: Failure\n"
      "second\n",
      "/course/stage01");
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          "tests/x_test.cc:12", "Expected equality of these values:", "  1",
          "  2"}));
}

TEST(GtestOutputTest, SkippedTestSaysWhy) {
  EXPECT_EQ(
      SkipReason("/clone/tests/x_test.cc:45: Skipped\n"
                 "ccache is not installed\n\n"),
      "ccache is not installed");
  EXPECT_EQ(
      SkipReason("/clone/tests/x_test.cc:45: Skipped\n"), "no reason given");
  EXPECT_EQ(SkipReason(""), "no reason given");
}

TEST(GtestOutputTest, WithoutAssertionTheLastWordsAreKept) {
  EXPECT_EQ(
      TrimFailure("one\ntwo\nthree\n", "", 2),
      (std::vector<std::string>{"two", "three"}));
}

}  // namespace
}  // namespace kv::tool
