// The runner against programs that crash, hang and end early. The programs are
// shell scripts that print what a GoogleTest program would.

#include "common/tool/run/test_runner.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "common/tool/files.h"
#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// A program whose tests are the functions A.ok, A.fail … of a script. It runs
// those that the filter names, in a fixed order.
class FakeProgram {
 public:
  FakeProgram() {
    std::string name =
        (fs::temp_directory_path() / "fake-tests-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~FakeProgram() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  TestProgram Write(const std::string& body) {
    const fs::path path = folder_ / "tests.sh";
    const Status written = WriteText(
        path,
        "#!/bin/sh\n"
        "filter=:${1#--gtest_filter=}\n"
        "begin() { case $filter in *:$1:*) echo \"[ RUN      ] $1\";; *) "
        "return 1;; esac; }\n"
        "end() { echo \"[$2] $1 (1 ms)\"; }\n" +
            body);
    EXPECT_TRUE(written.ok());
    fs::permissions(path, fs::perms::owner_all);
    return {path, {}};
  }

 private:
  fs::path folder_;
};

constexpr char kOk[] = "begin A.ok && end A.ok '       OK '\n";
constexpr char kAfter[] = "begin A.after && end A.after '       OK '\n";

std::vector<Verdict> Verdicts(
    const TestProgram& program, const std::vector<std::string>& tests,
    RunOptions options = {}) {
  const auto outcomes = RunTests(program, tests, options);
  EXPECT_TRUE(outcomes.ok()) << outcomes.status().ToString();
  std::vector<Verdict> verdicts;
  for (const TestOutcome& outcome : *outcomes) {
    verdicts.push_back(outcome.verdict);
  }
  return verdicts;
}

TEST(TestRunnerTest, GoesOnAfterACrash) {
  FakeProgram fake;
  const TestProgram program = fake.Write(
      std::string(kOk) + "begin A.crash && kill -SEGV $$\n" + kAfter);
  EXPECT_EQ(
      Verdicts(program, {"A.ok", "A.crash", "A.after"}),
      (std::vector<Verdict>{
          Verdict::kPassed, Verdict::kCrashed, Verdict::kPassed}));
}

TEST(TestRunnerTest, ExitWithoutAVerdictIsACrash) {
  FakeProgram fake;
  const TestProgram program =
      fake.Write(std::string("begin A.quits && exit 0\n") + kAfter);
  EXPECT_EQ(
      Verdicts(program, {"A.quits", "A.after"}),
      (std::vector<Verdict>{Verdict::kCrashed, Verdict::kPassed}));
}

TEST(TestRunnerTest, UnwrittenExerciseThatEndsTheProcessIsTodo) {
  FakeProgram fake;
  const TestProgram program = fake.Write(
      std::string("begin A.todo && echo 'exercise 1.2 is not written yet: …' "
                  "&& exit 86\n") +
      kAfter);
  const auto outcomes = RunTests(program, {"A.todo", "A.after"}, {});
  ASSERT_TRUE(outcomes.ok());
  EXPECT_EQ((*outcomes)[0].verdict, Verdict::kTodo);
  EXPECT_EQ((*outcomes)[0].detail, "1.2");
  EXPECT_EQ((*outcomes)[1].verdict, Verdict::kPassed);
}

TEST(TestRunnerTest, HangIsKilledAndNamed) {
  FakeProgram fake;
  const TestProgram program =
      fake.Write(std::string("begin A.hang && sleep 100\n") + kAfter);
  RunOptions options;
  options.time_limit = std::chrono::seconds(1);
  EXPECT_EQ(
      Verdicts(program, {"A.hang", "A.after"}, options),
      (std::vector<Verdict>{Verdict::kHung, Verdict::kPassed}));
}

TEST(TestRunnerTest, AfterTooManyHangsTheRestIsNotRun) {
  FakeProgram fake;
  const TestProgram program =
      fake.Write(std::string("begin A.hang && sleep 100\n") + kAfter);
  RunOptions options;
  options.time_limit = std::chrono::seconds(1);
  options.hangs_max = 1;
  EXPECT_EQ(
      Verdicts(program, {"A.hang", "A.after"}, options),
      (std::vector<Verdict>{Verdict::kHung, Verdict::kNotRun}));
}

TEST(TestRunnerTest, TestThatDoesNotExistIsNotRun) {
  FakeProgram fake;
  const TestProgram program = fake.Write(kOk);
  EXPECT_EQ(
      Verdicts(program, {"A.ok", "A.absent"}),
      (std::vector<Verdict>{Verdict::kPassed, Verdict::kNotRun}));
}

TEST(TestRunnerTest, FailureAfterTheLastTestIsNotLost) {
  FakeProgram fake;
  const TestProgram program =
      fake.Write(std::string(kOk) + "echo leaked; exit 23\n");
  const auto outcomes = RunTests(program, {"A.ok"}, {});
  ASSERT_TRUE(outcomes.ok());
  EXPECT_EQ((*outcomes)[0].verdict, Verdict::kCrashed);
  EXPECT_NE((*outcomes)[0].detail.find("23"), std::string::npos);
}

TEST(ProcessTest, KillsWhatAChildHasStarted) {
  ProcessOptions options;
  options.arguments = {"sh", "-c", "sleep 100 & echo started; sleep 100"};
  const auto start = Process::Clock::now();
  const auto result = RunChild(options, std::chrono::milliseconds(300));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->output, "started\n");
  EXPECT_LT(Process::Clock::now() - start, std::chrono::seconds(50));
}

TEST(ProcessTest, GivesInputAndEnvironment) {
  ProcessOptions options;
  options.arguments = {"sh", "-c", "cat; echo $KV_PROCESS_TEST; exit 3"};
  options.input = "in\n";
  options.environment = {{"KV_PROCESS_TEST", "value"}};
  const auto result = RunChild(options);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, "in\nvalue\n");
  EXPECT_EQ(result->exit.exit_code, 3);
}

TEST(ProcessTest, ProgramThatIsNotThereIsAnError) {
  ProcessOptions options;
  options.arguments = {"/no/such/program"};
  EXPECT_EQ(RunChild(options).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace kv::tool
