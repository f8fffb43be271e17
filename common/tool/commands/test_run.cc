#include "common/tool/commands/test_run.h"

#include <algorithm>

#include "common/tool/run/build.h"
#include "common/tool/run/gtest_output.h"
#include "common/tool/run/own_test.h"

namespace kv::tool {

namespace fs = std::filesystem;

Status TestRun::Run() {
  const Status status = RunWhatIsAsked();
  // What does not compile is a result too.
  if (arguments_.json && (status.ok() || json_.contains("build_error"))) {
    json_["passed"] = passed_;
    json_["failed"] = failed_;
    json_["skipped"] = skipped_;
    fmt::print(
        "{}\n",
        json_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (failed_ > 0 || passed_ == 0) context_.FinishWith(1);
  return explained_ ? Status::Ok() : status;
}

Status TestRun::RunWhatIsAsked() {
  if (!arguments_.program.empty()) return RunForeignProgram();
  if (arguments_.part.empty()) {
    if (!arguments_.only.empty() || !arguments_.through.empty()) {
      return Status::InvalidArgument(
          "--only and --through need to know the stage: wb test 01 --only "
          "1.2");
    }
    return RunEverything();
  }
  KV_ASSIGN_OR_RETURN(const PartRef ref, context_.FindPart(arguments_.part));
  KV_RETURN_IF_ERROR(CheckWanted(ref));
  const Result<Course> course = context_.FindCourse();
  if (arguments_.reference || !course.ok()) return RunReference(ref);
  KV_ASSIGN_OR_RETURN(const PartRef one, context_.FindOnePart(arguments_.part));
  return RunLearner(*course, one);
}

Status TestRun::BuildOrExplain(
    BuildRequest request, const fs::path& base, const std::string& again) {
  request.quiet = arguments_.json;
  BuildError error;
  const Status status = Build(context_.terminal(), request, &error);
  if (status.ok()) return status;
  json_["build_error"] = {
      {"file", error.file}, {"line", error.line}, {"message", error.message}};
  if (!arguments_.json && !error.message.empty()) {
    PrintBuildError(context_.terminal(), error, base);
    const bool in_tests = error.file.starts_with(context_.root().string()) &&
        !base.string().starts_with(context_.root().string());
    if (in_tests) {
      fmt::print(
          "\nThe file belongs to the workbook, which calls your code as the "
          "starter declared it:\nkeep the names and parameters of the "
          "headers.\n");
    }
    PrintError(context_.terminal(), status);
    explained_ = true;
    if (arguments_.watching) {
      fmt::print("\nNext: mend this; it is tested again when you save.\n");
    } else {
      fmt::print("\nNext: mend this, then run '{}' again.\n", again);
    }
  }
  return status;
}

Status TestRun::CheckWanted(const PartRef& ref) const {
  const std::string& wanted =
      arguments_.only.empty() ? arguments_.through : arguments_.only;
  if (wanted.empty()) return Status::Ok();
  std::vector<std::string> ids;
  const auto is_asked_for = [&](const std::string& id) {
    return std::any_of(
        ref.parts.begin(), ref.parts.end(),
        [&](const Part* part) { return part->id == id; });
  };
  for (const Exercise& exercise : ref.stage->manifest.exercises) {
    if (is_asked_for(exercise.part)) ids.push_back(exercise.id);
  }
  for (const TestGroup& group : ref.stage->manifest.groups) {
    if (is_asked_for(group.part)) ids.push_back(group.id);
  }
  if (ref.stage->number != "01")
    ids.push_back(ref.stage->number + ".inherited");
  if (fs::exists(ref.stage->path / "tests" / "process")) {
    ids.push_back(ref.stage->number + ".process");
  }
  if (std::find(ids.begin(), ids.end(), wanted) != ids.end()) {
    return Status::Ok();
  }
  return Status::InvalidArgument(fmt::format(
      "there is no '{}' in {}; there are {}", wanted, arguments_.part,
      fmt::join(ids, ", ")));
}

Result<std::vector<TestSection>> TestRun::Plan(
    const StageBuild& build, const PartRef& ref) {
  KV_ASSIGN_OR_RETURN(const auto tests, ListTests({build.tests_program, {}}));
  std::vector<std::string> killing;
  if (build.HasProcessTests()) {
    KV_ASSIGN_OR_RETURN(killing, ListTests({build.process_tests_program, {}}));
  }
  std::vector<TestSection> sections =
      PlanSections(*ref.stage, ref.parts, tests, killing);
  return Select(std::move(sections));
}

Result<std::vector<TestSection>> TestRun::Select(
    std::vector<TestSection> sections) {
  const std::string& wanted =
      arguments_.only.empty() ? arguments_.through : arguments_.only;
  if (wanted.empty()) return sections;
  const auto found = std::find_if(
      sections.begin(), sections.end(),
      [&](const TestSection& section) { return section.id == wanted; });
  if (found == sections.end()) {
    std::vector<std::string> ids;
    for (const TestSection& section : sections) ids.push_back(section.id);
    return Status::InvalidArgument(fmt::format(
        "there is no '{}' here; there are {}", wanted, fmt::join(ids, ", ")));
  }
  if (!arguments_.only.empty()) return std::vector<TestSection>{*found};
  sections.erase(found + 1, sections.end());
  return sections;
}

Result<std::vector<SectionReport>> TestRun::RunSections(
    const StageBuild& build, const std::vector<TestSection>& sections,
    SectionPrinter* printer) {
  size_t total = 0;
  for (const TestSection& section : sections) {
    total += section.tests.size() + section.killing_tests.size();
  }
  const Terminal silent = Terminal::Plain();
  ProgressBar bar(arguments_.json ? silent : context_.terminal(), total);
  size_t done = 0;
  SectionOptions options;
  options.size = arguments_.Size();
  options.time_limit = std::max(TimeLimitOf(options.size), time_limit_min_);
  options.on_start = [&](const std::string& name) { bar.Show(done, name); };
  options.on_test = [&](const TestOutcome&) { ++done; };
  std::vector<SectionReport> reports;
  for (const TestSection& section : sections) {
    KV_ASSIGN_OR_RETURN(
        SectionReport report, RunSection(build, section, options));
    if (own_tests_dir_.has_value() && section.exercise != nullptr &&
        section.exercise->kind == ExerciseKind::kTest && report.Green()) {
      bar.Clear();
      KV_ASSIGN_OR_RETURN(
          TestOutcome outcome,
          TryOwnTest(
              context_, build, *section.exercise, *own_tests_dir_,
              context_.terminal(), arguments_.json));
      report.outcomes.push_back(std::move(outcome));
      report.Count();
    }
    bar.Clear();
    if (section.exercise != nullptr && report.broken > 0) {
      printer->set_exercises_open(true);
    }
    if (!arguments_.json) printer->Print(report);
    Count(report);
    reports.push_back(std::move(report));
  }
  return reports;
}

void TestRun::Add(SectionReport report, const fs::path& base) {
  report.Count();
  Count(report);
  json_["sections"] = json_sections_;
  if (arguments_.json) return;
  SectionPrinter printer(context_.terminal(), base);
  printer.Print(report);
  for (const TestOutcome& outcome : report.outcomes) {
    if (outcome.Broken() && &outcome != report.FirstBroken()) {
      printer.PrintFailure(outcome);
    }
  }
}

void TestRun::Count(const SectionReport& report) {
  passed_ += report.passed;
  failed_ += report.broken;
  for (const TestOutcome& outcome : report.outcomes) {
    if (outcome.verdict != Verdict::kSkipped) continue;
    skipped_.push_back(
        fmt::format("{}: {}", outcome.name, SkipReason(outcome.output)));
  }
  json_sections_.push_back(ToJson(report));
}

void TestRun::PrintTotals() {
  if (arguments_.json) return;
  fmt::print("{} passed, {} failed", passed_, failed_);
  if (skipped_.empty()) {
    fmt::print("\n");
    return;
  }
  fmt::print(
      ", {} skipped ('{} doctor' says how to get what is missing):\n",
      skipped_.size(), context_.CommandName());
  for (const std::string& skipped : skipped_) fmt::print("  {}\n", skipped);
}

}  // namespace kv::tool
