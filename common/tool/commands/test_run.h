#pragma once

// One run of `wb test`: what is built, which tests run, what is printed and
// recorded. What the learner's folder needs is in test_learner.cc, the
// reference and the whole clone in test_reference.cc.

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/commands/test.h"
#include "common/tool/run/build_lock.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/stage_tests.h"
#include "common/tool/run/test_report.h"

namespace kv::tool {

class TestRun {
 public:
  TestRun(Context& context, const TestArguments& arguments)
      : context_(context), arguments_(arguments) {}

  // Prints the result, and sets the context's exit code.
  Status Run();

 private:
  template <typename... Args>
  void Say(fmt::format_string<Args...> format, Args&&... args) {
    if (arguments_.json) return;
    fmt::print(format, std::forward<Args>(args)...);
    std::fflush(stdout);
  }

  Status RunWhatIsAsked();
  // Builds; explains what does not compile and what to do then.
  Status BuildOrExplain(
      BuildRequest request, const std::filesystem::path& base,
      const std::string& again);
  // Whether --only or --through names something that the parts have; before
  // anything is built.
  Status CheckWanted(const PartRef& ref) const;
  // The tests of the built programs, sorted by exercise, as far as wanted.
  Result<std::vector<TestSection>> Plan(
      const StageBuild& build, const PartRef& ref);
  Result<std::vector<TestSection>> Select(std::vector<TestSection> sections);
  // Runs sections one after another; each is printed as it ends.
  Result<std::vector<SectionReport>> RunSections(
      const StageBuild& build, const std::vector<TestSection>& sections,
      SectionPrinter* printer);
  // A report that came about without RunSections.
  void Add(SectionReport report, const std::filesystem::path& base);
  // Adds it to the totals and to the JSON.
  void Count(const SectionReport& report);
  void PrintTotals();

  Status RunLearner(const Course& course, const PartRef& ref);
  // What is written and what passed before this run.
  Result<Progress> ProgressOf(const Course& course, const PartRef& ref);
  Status Record(
      const Course& course, const std::vector<SectionReport>& reports,
      const std::string& sources);
  // What does not compile has no result that counts.
  void RecordNotBuilt(
      const Course& course, const PartRef& ref, const std::string& sources);

  Status RunReference(const PartRef& ref);
  // Everything of the clone: the shared libraries, the tool, all stages.
  Status RunEverything();
  // All tests of a program that belongs to no stage.
  Status RunProgram(
      const std::string& name, const std::filesystem::path& program);
  // One stage of many: a line in all, and what failed.
  Status RunStage(const Stage& stage);
  // The corpus of a stage through any program that speaks its commands.
  Status RunForeignProgram();
  // The same random commands through this stage's shell and that of 01.
  Result<SectionReport> CompareWithFirst(const StageBuild& build);

  Context& context_;
  const TestArguments& arguments_;
  // Of the folder whose programs are built and run.
  std::optional<BuildLock> build_lock_;
  // Where a learner's own tests are.
  std::optional<std::filesystem::path> own_tests_dir_;
  // A single test may take so long, whatever its size says.
  std::chrono::seconds time_limit_min_{0};
  // The error was printed with what to do about it.
  bool explained_ = false;
  int passed_ = 0;
  int failed_ = 0;
  // Tests that could not run here: "Suite.Name: why".
  std::vector<std::string> skipped_;
  nlohmann::json json_ = nlohmann::json::object();
  nlohmann::json json_sections_ = nlohmann::json::array();
};

}  // namespace kv::tool
