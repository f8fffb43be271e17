// Carrying fixes forward. Method: three stages under git, a fix in one of
// them, and what the later ones are afterwards.

#include "common/tool/maintain/forward.h"

#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

constexpr const char* kFile = "log/reader.cc";

std::string Reader(const std::string& check, const std::string& tail) {
  return "int Read() {\n  open();\n  " + check +
      "\n  close();\n  return 0;\n}\n\nint Other() {\n  return 1;\n}\n" + tail;
}

class Forward : public testing::Test {
 protected:
  void SetUp() override {
    project_.Write("stage01_inmemory/kv/options.h", "struct Options {};\n");
    Write("02", Reader("check(1);", ""));
    Write("03", Reader("check(1);", "int Third() { return 3; }\n"));
    Write("04", Reader("check(1);", "int Fourth() { return 4; }\n"));
    project_.CommitAll();
  }

  static std::string Folder(const std::string& stage) {
    return stage == "02" ? "stage02_append_log"
        : stage == "03"  ? "stage03_hash_index"
                         : "stage04_wal";
  }
  void Write(const std::string& stage, const std::string& text) {
    project_.Write(Folder(stage) + "/" + kFile, text);
  }
  std::string Read(const std::string& stage) {
    return project_.Read(Folder(stage) + "/" + kFile);
  }
  Result<ForwardPlan> Plan(
      const std::string& from, const std::string& file = kFile) {
    options_.from = from;
    return PlanForward(project_.Load(), {file}, options_);
  }

  ForwardOptions options_;
  FixtureProject project_;
};

TEST_F(Forward, CarriesAFixIntoAllLaterStages) {
  Write("02", Reader("check(2);", ""));
  const auto plan = Plan("02");
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  ASSERT_EQ(plan->steps.size(), 2u);
  EXPECT_FALSE(plan->HasConflict());
  EXPECT_EQ(Read("03"), Reader("check(1);", "int Third() { return 3; }\n"));
  ASSERT_TRUE(ApplyForward(*plan).ok());
  EXPECT_EQ(Read("03"), Reader("check(2);", "int Third() { return 3; }\n"));
  EXPECT_EQ(Read("04"), Reader("check(2);", "int Fourth() { return 4; }\n"));

  const auto again = Plan("02");
  ASSERT_TRUE(again.ok());
  for (const ForwardStep& step : again->steps) {
    EXPECT_EQ(step.outcome, ForwardStep::Outcome::kAlready);
  }
}

TEST_F(Forward, ShowsBothSidesOfAConflict) {
  Write("04", Reader("check(7);", ""));
  project_.CommitAll();
  Write("02", Reader("check(2);", ""));
  const auto plan = Plan("02");
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  ASSERT_TRUE(plan->HasConflict());
  EXPECT_EQ(plan->steps[0].outcome, ForwardStep::Outcome::kMerged);
  const std::string& conflict = plan->steps[1].conflict;
  EXPECT_NE(conflict.find("check(7);"), std::string::npos) << conflict;
  EXPECT_NE(conflict.find("check(2);"), std::string::npos) << conflict;
  EXPECT_NE(conflict.find("stage 04"), std::string::npos) << conflict;

  options_.until = "03";
  const auto until = Plan("02");
  ASSERT_TRUE(until.ok());
  EXPECT_FALSE(until->HasConflict());
  ASSERT_TRUE(ApplyForward(*until).ok());
  EXPECT_EQ(Read("03"), Reader("check(2);", "int Third() { return 3; }\n"));
}

TEST_F(Forward, InsistsOnTheEarliestStageWithTheLine) {
  Write("03", Reader("check(2);", "int Third() { return 3; }\n"));
  const auto plan = Plan("03");
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.status().message().find("--from 02"), std::string_view::npos);
  options_.anyway = true;
  EXPECT_TRUE(Plan("03").ok());
}

TEST_F(Forward, TakesALineThatOnlyLaterStagesHave) {
  Write("03", Reader("check(1);", "int Third() { return 33; }\n"));
  const auto plan = Plan("03");
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  EXPECT_TRUE(plan->HasConflict());  // stage 04 has other lines there
}

TEST_F(Forward, CarriesANewFile) {
  project_.Write("stage02_append_log/tests/database/new_test.cc", "new\n");
  const auto plan = Plan("02", "tests/database/new_test.cc");
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  ASSERT_TRUE(ApplyForward(*plan).ok());
  EXPECT_EQ(project_.Read("stage04_wal/tests/database/new_test.cc"), "new\n");
}

TEST_F(Forward, LeavesAStageWithoutTheFileAlone) {
  project_.Remove("stage04_wal/log/reader.cc");
  project_.Write("stage04_wal/kv/options.h", "struct Options {};\n");
  Write("02", Reader("check(2);", ""));
  const auto plan = Plan("02");
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  ASSERT_TRUE(ApplyForward(*plan).ok());
  EXPECT_FALSE(
      std::filesystem::exists(project_.root() / "stage04_wal/log/reader.cc"));
}

TEST_F(Forward, WritesNothingIfAStageCannotBeWritten) {
  Write("02", Reader("check(2);", ""));
  auto plan = Plan("02");
  ASSERT_TRUE(plan.ok());
  // A file stands where the last stage's folder should be.
  plan->steps[1].path = project_.root() / "stage03_hash_index" / kFile / "x";
  EXPECT_FALSE(ApplyForward(*plan).ok());
  EXPECT_EQ(Read("03"), Reader("check(1);", "int Third() { return 3; }\n"));
}

TEST_F(Forward, RefusesWhatCannotBeCarried) {
  EXPECT_FALSE(Plan("02").ok());  // as in HEAD
  EXPECT_FALSE(Plan("09").ok());  // no such stage
  EXPECT_FALSE(Plan("02", "log/absent.cc").ok());  // no such file
  options_.base = "nonsense";
  Write("02", Reader("check(2);", ""));
  EXPECT_FALSE(Plan("02").ok());
}

}  // namespace
}  // namespace kv::tool
