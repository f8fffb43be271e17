#include "common/tool/run/stage_tests.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/tool/run/gtest_output.h"

namespace kv::tool {
namespace {

bool IsWanted(const std::vector<const Part*>& parts, const std::string& id) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part* part) {
    return part->id == id;
  });
}

// Takes the names that match out of `names`.
std::vector<std::string> TakeMatching(
    const std::vector<std::string>& patterns, std::vector<std::string>* names) {
  std::vector<std::string> taken;
  std::erase_if(*names, [&](const std::string& name) {
    if (!MatchesAny(patterns, name)) return false;
    taken.push_back(name);
    return true;
  });
  return taken;
}

Outcome OutcomeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
    case Verdict::kSkipped:
      return Outcome::kPassed;
    case Verdict::kTodo:
      return Outcome::kTodo;
    case Verdict::kCrashed:
      return Outcome::kCrashed;
    case Verdict::kHung:
      return Outcome::kTimeout;
    case Verdict::kFailed:
    case Verdict::kNotRun:
      return Outcome::kFailed;
  }
  return Outcome::kFailed;
}

}  // namespace

std::vector<TestSection> PlanSections(
    const Stage& stage, const std::vector<const Part*>& parts,
    const std::vector<std::string>& tests,
    const std::vector<std::string>& killing_tests) {
  std::vector<TestSection> sections;
  std::vector<std::string> rest = tests;
  std::vector<std::string> killing_rest = killing_tests;
  for (const Exercise& exercise : stage.manifest.exercises) {
    TestSection section;
    section.id = exercise.id;
    section.title = exercise.title;
    section.exercise = &exercise;
    section.tests = TakeMatching(exercise.tests, &rest);
    section.killing_tests = TakeMatching(exercise.tests, &killing_rest);
    if (IsWanted(parts, exercise.part)) sections.push_back(std::move(section));
  }
  for (const TestGroup& group : stage.manifest.groups) {
    TestSection section;
    section.kind = TestSection::Kind::kGroup;
    section.id = group.id;
    section.title = group.title;
    section.tests = TakeMatching(group.tests, &rest);
    section.killing_tests = TakeMatching(group.tests, &killing_rest);
    if (IsWanted(parts, group.part)) sections.push_back(std::move(section));
  }
  if (!rest.empty()) {
    TestSection section;
    section.kind = TestSection::Kind::kInherited;
    section.id = stage.number + ".inherited";
    section.title = "What earlier stages promised";
    section.tests = std::move(rest);
    sections.push_back(std::move(section));
  }
  if (!killing_rest.empty()) {
    TestSection section;
    section.kind = TestSection::Kind::kProcess;
    section.id = stage.number + ".process";
    section.title = "Real processes, killed";
    section.killing_tests = std::move(killing_rest);
    sections.push_back(std::move(section));
  }
  return sections;
}

const TestOutcome* SectionReport::FirstBroken() const {
  for (const TestOutcome& outcome : outcomes) {
    if (outcome.Broken() && outcome.verdict != Verdict::kTodo) return &outcome;
  }
  for (const TestOutcome& outcome : outcomes) {
    if (outcome.Broken()) return &outcome;
  }
  return nullptr;
}

bool SectionReport::IsTodo() const {
  return broken > 0 &&
      std::all_of(
             outcomes.begin(), outcomes.end(), [](const TestOutcome& outcome) {
               return !outcome.Broken() || outcome.verdict == Verdict::kTodo;
             });
}

Outcome SectionReport::Summary() const {
  const TestOutcome* first = FirstBroken();
  if (first == nullptr) return passed > 0 ? Outcome::kPassed : Outcome::kFailed;
  return OutcomeOf(first->verdict);
}

void SectionReport::Count() {
  passed = broken = skipped = 0;
  for (const TestOutcome& outcome : outcomes) {
    passed += outcome.Passed() ? 1 : 0;
    broken += outcome.Broken() ? 1 : 0;
    skipped += outcome.verdict == Verdict::kSkipped ? 1 : 0;
  }
}

std::chrono::seconds TimeLimitOf(TestSize size) {
  switch (size) {
    case TestSize::kQuick:
      return std::chrono::minutes(1);
    case TestSize::kFull:
      return std::chrono::minutes(10);
    case TestSize::kDeep:
      return std::chrono::hours(12);
  }
  return std::chrono::minutes(1);
}

Result<SectionReport> RunSection(
    const StageBuild& build, const TestSection& section,
    const SectionOptions& options) {
  SectionReport report;
  report.section = section;
  RunOptions run;
  run.time_limit = options.time_limit;
  run.on_test = options.on_test;
  run.on_start = options.on_start;
  const std::vector<std::pair<std::string, std::string>> environment = {
      {"KV_TEST_SIZE", TestSizeName(options.size)}};
  const TestProgram program = {build.tests_program, environment};
  KV_ASSIGN_OR_RETURN(report.outcomes, RunTests(program, section.tests, run));
  const TestProgram killing = {build.process_tests_program, environment};
  KV_ASSIGN_OR_RETURN(
      auto killed, RunTests(killing, section.killing_tests, run));
  std::move(killed.begin(), killed.end(), std::back_inserter(report.outcomes));
  report.Count();
  return report;
}

nlohmann::json ToJson(const SectionReport& report) {
  nlohmann::json json = {
      {"id", report.section.id},
      {"title", report.section.title},
      {"outcome", OutcomeName(report.Summary())},
      {"passed", report.passed},
      {"failed", report.broken},
      {"skipped", report.skipped},
  };
  if (report.section.exercise != nullptr) {
    json["core"] = report.section.exercise->core;
    json["points"] = report.Green() ? report.section.exercise->points : 0;
    json["points_max"] = report.section.exercise->points;
  }
  json["tests"] = nlohmann::json::array();
  for (const TestOutcome& outcome : report.outcomes) {
    json["tests"].push_back(ToJson(outcome));
  }
  return json;
}

}  // namespace kv::tool
