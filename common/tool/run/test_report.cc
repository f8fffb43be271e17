#include "common/tool/run/test_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/tool/run/gtest_output.h"

namespace kv::tool {
namespace {

constexpr size_t kTitleColumns = 40;

std::string Shorten(const std::string& title) {
  return title.size() <= kTitleColumns
      ? title
      : title.substr(0, kTitleColumns - 3) + "...";
}

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

std::string TodoText(const SectionReport& report) {
  std::vector<std::string> others = NamedExercises(report);
  const bool names_itself = std::erase(others, report.section.id) > 0;
  if (names_itself || others.empty()) return "to do";
  return fmt::format("waits for {}", fmt::join(others, ", "));
}

}  // namespace

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
      "  {:<13} {:<{}} {:>6}  {}\n", report.section.id,
      Shorten(report.section.title), kTitleColumns, PointsText(report), status);
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

// How many exercises the part has, or the stage if that is what was named.
size_t ExercisesOf(const Stage& stage, const std::string& part) {
  size_t count = 0;
  for (const Exercise& exercise : stage.manifest.exercises) {
    count += exercise.part.substr(0, part.size()) == part ? 1u : 0u;
  }
  return count;
}

void PrintNextStep(
    Context& context, const Stage& stage, const std::string& part,
    const std::vector<SectionReport>& reports) {
  const Terminal& terminal = context.terminal();
  const std::string wb = context.CommandName();
  int points = 0;
  int points_max = 0;
  int exercises = 0;
  int todo = 0;
  int begun = 0;
  const SectionReport* broken_rest = nullptr;
  for (const SectionReport& report : reports) {
    const Exercise* exercise = report.section.exercise;
    if (exercise == nullptr) {
      if (!report.Green() && broken_rest == nullptr && report.broken > 0) {
        broken_rest = &report;
      }
      continue;
    }
    ++exercises;
    points += report.Green() ? exercise->points : 0;
    points_max += exercise->points;
    todo += report.IsTodo() ? 1 : 0;
    begun += report.IsTodo() ? 0 : 1;
  }
  fmt::print("\n{} of {} points.", points, points_max);
  const SectionReport* next = NextExercise(reports);
  const auto ran = static_cast<size_t>(exercises);
  if (next == nullptr && broken_rest == nullptr &&
      ran < ExercisesOf(stage, part)) {
    fmt::print(
        " {} Next: '{} test {}' for the rest of the part.\n",
        terminal.Green("What ran is solved."), wb, part);
    return;
  }
  if (next == nullptr && broken_rest == nullptr) {
    fmt::print(" {}\n", terminal.Green("Everything of this part is solved."));
    fmt::print(
        "Next: compare with the reference ('{0} diff {1} --mine'), or go on "
        "('{0} status').\n",
        wb, part);
    return;
  }
  if (next == nullptr) {
    fmt::print(
        " All exercises are solved, but '{}' still fails: something that "
        "their own\ntests do not look at. Its first failure is above.\n",
        broken_rest->section.title);
    return;
  }
  if (begun == 0 && todo == exercises) {
    fmt::print(
        " All {} are still to do: this is the expected beginning.", exercises);
  }
  fmt::print("\n");
  const Exercise& exercise = *next->section.exercise;
  const Part* of = stage.manifest.FindPart(exercise.part);
  fmt::print(
      "Next: {}\n",
      terminal.Bold(fmt::format("{}, {}", exercise.id, exercise.title)));
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
  if (of != nullptr) {
    fmt::print(
        "  read   {}, section \"Exercise {}\"\n",
        (context.root() / of->chapter).string(), exercise.id);
  }
  fmt::print("  test   {} test {} --only {}\n", wb, part, exercise.id);
  fmt::print("  stuck  {0} hint {1}   or   {0} debug {1}\n", wb, exercise.id);
}

}  // namespace kv::tool
