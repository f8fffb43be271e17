// Goal: what a run says at its end is true of what the learner has written.
// Method: reports made by hand, and the text that is printed.

#include "common/tool/run/test_report.h"

#include <gtest/gtest.h>

#include "common/tool/tests/fixture_course.h"

namespace kv::tool {
namespace {

class TestReportTest : public testing::Test {
 protected:
  TestReportTest() {
    Result<Manifest> manifest =
        ParseManifest(ManifestOf("01", kFirstExercises), "exercises.json");
    EXPECT_TRUE(manifest.ok()) << manifest.status().ToString();
    stage_ = {"01", "/clone/stage01_tiny", *std::move(manifest)};
    EXPECT_TRUE(context_.Init(KV_SOURCE_ROOT, KV_SOURCE_ROOT).ok());
  }

  static TestOutcome Outcome(
      const std::string& name, Verdict verdict, const std::string& detail = "",
      const std::string& place = "") {
    TestOutcome outcome;
    outcome.name = name;
    outcome.verdict = verdict;
    outcome.detail = detail;
    outcome.place = place;
    return outcome;
  }

  SectionReport Report(
      const std::string& id, std::vector<TestOutcome> outcomes) const {
    SectionReport report;
    report.section.id = id;
    report.section.exercise = stage_.manifest.FindExercise(id);
    report.outcomes = std::move(outcomes);
    report.Count();
    return report;
  }

  std::string Line(const SectionReport& report) const {
    const Terminal plain = Terminal::Plain();
    SectionPrinter printer(plain, "/course");
    printer.set_progress(&progress_);
    testing::internal::CaptureStdout();
    printer.Print(report);
    return testing::internal::GetCapturedStdout();
  }

  std::string NextStep(const std::vector<SectionReport>& reports) {
    testing::internal::CaptureStdout();
    PrintNextStep(context_, stage_, "01", reports, progress_);
    return testing::internal::GetCapturedStdout();
  }

  Context context_;
  Stage stage_;
  Progress progress_;
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(TestReportTest, WhoMeetsALaterExerciseIsToldWhere) {
  progress_.unwritten = {{"1.1", {}}, {"1.2", {{"index/t.cc", "Insert"}}}};
  const SectionReport report = Report(
      "1.1",
      {Outcome("A.a", Verdict::kTodo, "1.2", "Insert, index/t.cc:7"),
       Outcome("A.b", Verdict::kTodo, "1.2", "Insert, index/t.cc:7")});
  const std::string line = Line(report);
  EXPECT_TRUE(Has(line, "A.a got to Insert (index/t.cc:7) of exercise 1.2"))
      << line;
  EXPECT_TRUE(Has(line, "did 1 more test")) << line;
  // 1.2 needs 1.1, so that 1.1 cannot wait for it.
  const std::string next = NextStep({report});
  EXPECT_TRUE(Has(next, "1.1 is written, but A.a got to Insert")) << next;
  EXPECT_TRUE(Has(next, "Next: 1.1")) << next;
  EXPECT_FALSE(Has(next, "beginning")) << next;
  EXPECT_FALSE(Has(next, "write ")) << next;
}

TEST_F(TestReportTest, WhatIsNeededFirstComesFirst) {
  progress_.unwritten = {{"1.1", {{"index/t.cc", "Find"}}}, {"1.2", {}}};
  const std::string next = NextStep(
      {Report("1.2", {Outcome("B.a", Verdict::kTodo, "1.1", "Find, t.cc:1")})});
  EXPECT_TRUE(Has(next, "1.2 waits for 1.1.")) << next;
  EXPECT_TRUE(Has(next, "Next: 1.1")) << next;
  EXPECT_TRUE(Has(next, "Find in index/t.cc")) << next;
}

TEST_F(TestReportTest, BeginningIsOnlyWhatNobodyHasTouched) {
  const std::vector<SectionReport> reports = {
      Report("1.1", {Outcome("A.a", Verdict::kTodo, "1.1")}),
      Report("1.2", {Outcome("B.a", Verdict::kTodo, "1.1")}),
      Report("1.3", {Outcome("OwnTableTest.a", Verdict::kTodo, "1.3")})};
  progress_.unwritten = {
      {"1.1", {{"t.h", "Table::Table"}, {"t.cc", "Table::Find"}}},
      {"1.2", {{"t.cc", "Table::Insert"}}},
      {"1.3", {{"o.cc", "TEST(OwnTableTest, Finds)"}}}};
  EXPECT_TRUE(Has(NextStep(reports), "All 3 are still to do"));
  progress_.unwritten["1.1"].pop_back();
  const std::string begun = NextStep(reports);
  EXPECT_FALSE(Has(begun, "still to do")) << begun;
  EXPECT_TRUE(Has(begun, "Table::Table in t.h")) << begun;
  EXPECT_FALSE(Has(begun, "Table::Find")) << begun;
}

TEST_F(TestReportTest, AfterOneExerciseComesTheNextThatIsOpen) {
  progress_.unwritten = {{"1.1", {}}, {"1.2", {{"t.cc", "Table::Insert"}}}};
  const SectionReport green = Report("1.1", {Outcome("A.a", Verdict::kPassed)});
  EXPECT_TRUE(Has(NextStep({green}), "Next: 1.2")) << NextStep({green});
  progress_.unwritten["1.2"].clear();
  progress_.passed = {"1.2", "1.3"};
  EXPECT_TRUE(Has(NextStep({green}), "the whole part")) << NextStep({green});
}

TEST_F(TestReportTest, ATestOfAGroupThatHangsIsNotSaidToFail) {
  progress_.unwritten = {{"1.1", {}}, {"1.2", {}}, {"1.3", {}}};
  std::vector<SectionReport> reports;
  for (const char* id : {"1.1", "1.2", "1.3"}) {
    reports.push_back(Report(id, {Outcome("A.a", Verdict::kPassed)}));
  }
  reports.push_back(Report("01.proof", {Outcome("P.p", Verdict::kHung)}));
  reports.back().section.title = "Proofs";
  const std::string hung = NextStep(reports);
  EXPECT_TRUE(Has(hung, "'Proofs' took too long: P.p")) << hung;
  EXPECT_TRUE(Has(hung, "test 01.proof'")) << hung;
  reports.back().outcomes.front().verdict = Verdict::kFailed;
  EXPECT_TRUE(Has(NextStep(reports), "'Proofs' still fails"));
}

TEST_F(TestReportTest, OtherFailuresAreNamed) {
  std::vector<TestOutcome> outcomes;
  for (int i = 0; i < 13; ++i) {
    outcomes.push_back(Outcome("A.t" + std::to_string(i), Verdict::kFailed));
  }
  const std::string line = Line(Report("1.1", outcomes));
  EXPECT_TRUE(Has(line, "These fail too: A.t1, A.t2,")) << line;
  EXPECT_TRUE(Has(line, "and 2 more")) << line;
  EXPECT_FALSE(Has(line, " \n")) << line;
}

TEST_F(TestReportTest, OwnTestSaysWhatItCatches) {
  SectionReport report = Report(
      "1.3",
      {Outcome("OwnTableTest.a", Verdict::kPassed),
       Outcome(
           kCatchesWrongSolutions, Verdict::kPassed,
           "catches 5 of 6 wrong solutions")});
  report.outcomes[1].output = "  not caught: Find looks right\n";
  const std::string line = Line(report);
  EXPECT_TRUE(Has(line, "catches 5 of 6 wrong solutions")) << line;
  EXPECT_TRUE(Has(line, "not caught: Find looks right")) << line;

  const SectionReport weak = Report(
      "1.3",
      {Outcome("OwnTableTest.a", Verdict::kPassed),
       Outcome(kCatchesWrongSolutions, Verdict::kFailed)});
  const std::string next = NextStep({weak});
  EXPECT_FALSE(Has(next, "debug")) << next;
  EXPECT_TRUE(Has(next, "mutants 01 --with")) << next;
}

}  // namespace
}  // namespace kv::tool
