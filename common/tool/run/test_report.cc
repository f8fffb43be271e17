#include "common/tool/run/test_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/tool/run/gtest_output.h"

namespace kv::tool {
namespace {

// Longer titles push the rest of their line to the right.
constexpr size_t kTitleColumns = 43;

std::string PointsText(const SectionReport& report) {
  const Exercise* exercise = report.section.exercise;
  if (exercise == nullptr) return "";
  return fmt::format(
      "{:>2}/{}", report.Green() ? exercise->points : 0, exercise->points);
}

// Ids of the exercises that the broken tests named, in order, each once.
std::vector<std::string> NamedExercises(const SectionReport& report) {
  std::vector<std::string> ids;
  for (const TestOutcome& outcome : report.outcomes) {
    if (outcome.verdict != Verdict::kTodo) continue;
    if (std::find(ids.begin(), ids.end(), outcome.detail) == ids.end()) {
      ids.push_back(outcome.detail);
    }
  }
  return ids;
}

// Exercises that must come first; none if the section can be begun itself.
std::vector<std::string> WaitsFor(const SectionReport& report) {
  std::vector<std::string> others = NamedExercises(report);
  const bool names_itself = std::erase(others, report.section.id) > 0;
  return names_itself ? std::vector<std::string>() : others;
}

std::string TodoText(const SectionReport& report) {
  const std::vector<std::string> others = WaitsFor(report);
  if (others.empty()) return "to do";
  return fmt::format("waits for {}", fmt::join(others, ", "));
}

// What to write, what to read and what to run.
void PrintExercise(
    Context& context, const Stage& stage, const Exercise& exercise) {
  const std::string wb = context.CommandName();
  fmt::print(
      "Next: {}\n",
      context.terminal().Bold(
          fmt::format("{}, {}", exercise.id, exercise.title)));
  std::vector<std::string> functions = exercise.functions;
  constexpr size_t kFunctionsMax = 3;
  if (functions.size() > kFunctionsMax + 1) {
    const size_t more = functions.size() - kFunctionsMax;
    functions.resize(kFunctionsMax);
    functions.push_back(fmt::format("and {} more", more));
  }
  if (!functions.empty()) {
    fmt::print(
        "  write  {}{}\n", fmt::join(functions, ", "),
        exercise.file.empty() ? "" : " in " + exercise.file);
  }
  if (const Part* part = stage.manifest.FindPart(exercise.part)) {
    fmt::print(
        "  read   {}, section \"Exercise {}\"\n",
        (context.root() / part->chapter).string(), exercise.id);
  }
  fmt::print("  test   {} test {} --only {}\n", wb, exercise.part, exercise.id);
  fmt::print("  stuck  {0} hint {1}   or   {0} debug {1}\n", wb, exercise.id);
}

}  // namespace

std::string SectionLine(
    const std::string& id, const std::string& title, const std::string& points,
    const std::string& status) {
  return fmt::format(
      "  {:<13} {:<{}} {:>6}  {}\n", id, title, kTitleColumns, points, status);
}

std::string CountsText(const SectionReport& report) {
  if (report.outcomes.empty()) return "no test";
  std::string text = fmt::format("{} passed", report.passed);
  if (report.broken > 0) text += fmt::format(", {} failed", report.broken);
  if (report.skipped > 0) text += fmt::format(", {} skipped", report.skipped);
  return text;
}

void SectionPrinter::Print(const SectionReport& report) {
  if (failures_only_ && report.broken == 0) return;
  const bool waits = exercises_open_ && report.section.exercise == nullptr &&
      report.broken > 0;
  const bool todo = report.IsTodo() || waits;
  const std::string counts = CountsText(report);
  std::string status;
  if (report.outcomes.empty()) {
    status = terminal_.Yellow(counts);
  } else if (report.broken == 0) {
    status = terminal_.Green(counts);
  } else if (todo) {
    const std::string passed = report.passed > 0
        ? fmt::format(" ({} pass already)", report.passed)
        : "";
    status =
        terminal_.Yellow(waits ? "waits for the exercises" : TodoText(report)) +
        passed;
  } else {
    status = terminal_.Red(counts);
  }
  fmt::print(
      "{}",
      SectionLine(
          report.section.id, report.section.title, PointsText(report), status));
  if (report.broken > 0 && !todo) PrintFailure(*report.FirstBroken());
  std::fflush(stdout);
}

void SectionPrinter::PrintFailure(const TestOutcome& outcome) {
  std::string what;
  switch (outcome.verdict) {
    case Verdict::kCrashed:
      what = "crashed: " + outcome.detail;
      break;
    case Verdict::kHung:
      what = "hangs: " + outcome.detail;
      break;
    case Verdict::kNotRun:
      what = outcome.detail;
      break;
    case Verdict::kTodo:
      what = "needs exercise " + outcome.detail;
      break;
    case Verdict::kFailed:
    case Verdict::kPassed:
    case Verdict::kSkipped:
      break;
  }
  fmt::print(
      "      {} {}\n", terminal_.Bold(terminal_.Red(outcome.name)), what);
  if (outcome.verdict == Verdict::kTodo) return;
  for (const std::string& line : TrimFailure(outcome.output, base_.string())) {
    fmt::print("        {}\n", line);
  }
}

const SectionReport* NextExercise(const std::vector<SectionReport>& reports) {
  for (const bool core : {true, false}) {
    for (const SectionReport& report : reports) {
      if (report.section.exercise != nullptr &&
          report.section.exercise->core == core && !report.Green()) {
        return &report;
      }
    }
  }
  return nullptr;
}

void PrintNextStep(
    Context& context, const Stage& stage, const std::string& part,
    const std::vector<SectionReport>& reports) {
  const Terminal& terminal = context.terminal();
  const std::string wb = context.CommandName();
  int points = 0;
  int points_max = 0;
  size_t ran = 0;
  bool all_todo = true;
  const SectionReport* broken_group = nullptr;
  for (const SectionReport& report : reports) {
    const Exercise* exercise = report.section.exercise;
    if (exercise == nullptr) {
      if (report.broken > 0 && broken_group == nullptr) broken_group = &report;
      continue;
    }
    ++ran;
    points += report.Green() ? exercise->points : 0;
    points_max += exercise->points;
    all_todo = all_todo && report.IsTodo();
  }
  const bool whole = ran == stage.manifest.ExercisesOf(part).size();
  fmt::print("\n");
  if (ran > 0) fmt::print("{} of {} points.", points, points_max);
  if (const SectionReport* next = NextExercise(reports)) {
    if (whole && all_todo) {
      fmt::print(
          " All {} are still to do: this is the expected beginning.", ran);
    }
    fmt::print("\n");
    const Exercise* exercise = next->section.exercise;
    const std::vector<std::string> first = WaitsFor(*next);
    if (next->IsTodo() && !first.empty() &&
        stage.manifest.FindExercise(first[0]) != nullptr) {
      fmt::print("{} waits for {}.\n", exercise->id, first[0]);
      exercise = stage.manifest.FindExercise(first[0]);
    }
    PrintExercise(context, stage, *exercise);
    return;
  }
  if (broken_group != nullptr && whole) {
    fmt::print(
        " All exercises are solved, but '{}' still fails: something that "
        "their own\ntests do not look at. Its first failure is above.\n",
        broken_group->section.title);
    return;
  }
  if (ran > 0) fmt::print(" {}\n", terminal.Green("Solved."));
  if (!whole) {
    fmt::print("Next: the whole part, with '{} test {}'.\n", wb, part);
    return;
  }
  fmt::print(
      "Next: compare with the reference ('{0} diff {1} --mine'), or go on "
      "('{0} status').\n",
      wb, part);
}

}  // namespace kv::tool
