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

// Whether `exercise` needs `id`, itself or through others.
bool Needs(
    const Manifest& manifest, const Exercise& exercise, const std::string& id) {
  return std::any_of(
      exercise.needs.begin(), exercise.needs.end(),
      [&](const std::string& need) {
        const Exercise* other = manifest.FindExercise(need);
        return need == id ||
            (other != nullptr && other != &exercise &&
             Needs(manifest, *other, id));
      });
}

const std::vector<UnwrittenFunction>& UnwrittenOf(
    const Progress& progress, const Exercise& exercise) {
  static const std::vector<UnwrittenFunction> none;
  const auto found = progress.unwritten.find(exercise.id);
  return found == progress.unwritten.end() ? none : found->second;
}

// "RemoveCloseFrame (log/log_writer.cc:88) of exercise 2.4".
std::string ReachedText(const TestOutcome& outcome) {
  const size_t comma = outcome.place.rfind(", ");
  if (comma == std::string::npos) {
    return "a function of exercise " + outcome.detail;
  }
  return fmt::format(
      "{} ({}) of exercise {}", outcome.place.substr(0, comma),
      outcome.place.substr(comma + 2), outcome.detail);
}

// The tests pass but for wrong solutions that they do not catch.
bool OnlyMutantsSurvive(const SectionReport& report) {
  return report.broken == 1 &&
      report.FirstBroken()->name == kCatchesWrongSolutions;
}

// "Insert, Find in index/table.cc", a line for each file.
void PrintUnwritten(const std::vector<UnwrittenFunction>& functions) {
  std::vector<std::string> files;
  for (const UnwrittenFunction& function : functions) {
    if (std::find(files.begin(), files.end(), function.file) == files.end()) {
      files.push_back(function.file);
    }
  }
  constexpr size_t kFunctionsMax = 3;
  std::string_view label = "write";
  for (const std::string& file : files) {
    std::vector<std::string> names;
    for (const UnwrittenFunction& function : functions) {
      if (function.file == file) names.push_back(function.name);
    }
    if (names.size() > kFunctionsMax + 1) {
      const size_t more = names.size() - kFunctionsMax;
      names.resize(kFunctionsMax);
      names.push_back(fmt::format("and {} more", more));
    }
    fmt::print("  {:<6} {} in {}\n", label, fmt::join(names, ", "), file);
    label = "";
  }
}

// What to write, what to read and what to run. `report` is null for one that
// did not run.
void PrintExercise(
    Context& context, const Stage& stage, const Exercise& exercise,
    const SectionReport* report, const Progress& progress) {
  const std::string wb = context.CommandName();
  fmt::print(
      "Next: {}\n",
      context.terminal().Bold(
          fmt::format("{}, {}", exercise.id, exercise.title)));
  PrintUnwritten(UnwrittenOf(progress, exercise));
  if (const Part* part = stage.manifest.FindPart(exercise.part)) {
    fmt::print(
        "  read   {}, section \"Exercise {}\"\n",
        (context.root() / part->chapter).string(), exercise.id);
  }
  fmt::print("  test   {} test {} --only {}\n", wb, exercise.part, exercise.id);
  if (report != nullptr && OnlyMutantsSurvive(*report)) {
    const std::filesystem::path file =
        progress.own_tests / std::filesystem::path(exercise.file).filename();
    fmt::print(
        "  which  {} mutants {} --with {}\n", wb, exercise.part, file.string());
  }
  // A test that is not written, or misses mistakes, has nothing to stop at.
  const bool has_failure = report != nullptr && !report->IsTodo() &&
      report->broken > 0 && !OnlyMutantsSurvive(*report);
  if (exercise.kind == ExerciseKind::kTest && !has_failure) {
    fmt::print("  stuck  {} hint {}\n", wb, exercise.id);
  } else {
    fmt::print("  stuck  {0} hint {1}   or   {0} debug {1}\n", wb, exercise.id);
  }
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
  for (const TestOutcome& outcome : report.outcomes) {
    if (outcome.Passed() && !outcome.detail.empty()) {
      text += "; " + outcome.detail;
    }
  }
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
  if (report.broken > 0 && !todo) {
    PrintFailure(*report.FirstBroken());
    PrintOthers(report);
  }
  if (!waits) PrintReached(report);
  for (const TestOutcome& outcome : report.outcomes) {
    // What a good test of the learner's still misses.
    if (outcome.name != kCatchesWrongSolutions || !outcome.Passed()) continue;
    for (const std::string& line : TrimFailure(outcome.output, "")) {
      fmt::print("      {}\n", terminal_.Dim(line));
    }
  }
  std::fflush(stdout);
}

void SectionPrinter::PrintOthers(const SectionReport& report) {
  constexpr size_t kNamesMax = 10;
  const TestOutcome* first = report.FirstBroken();
  std::vector<std::string> names;
  size_t more = 0;
  for (const TestOutcome& outcome : report.outcomes) {
    if (&outcome == first || !outcome.Broken() ||
        outcome.verdict == Verdict::kTodo ||
        outcome.verdict == Verdict::kNotRun) {
      continue;
    }
    if (names.size() < kNamesMax) {
      names.push_back(outcome.name);
    } else {
      ++more;
    }
  }
  if (names.empty()) return;
  if (more > 0) names.push_back(fmt::format("and {} more", more));
  fmt::print(
      "{}",
      terminal_.Wrap(
          fmt::format(
              "{} too: {}", names.size() + more > 1 ? "These fail" : "Fails",
              fmt::join(names, ", ")),
          6));
}

void SectionPrinter::PrintReached(const SectionReport& report) {
  const Exercise* exercise = report.section.exercise;
  // Before it is written, that its tests get no further is no news.
  if (progress_ == nullptr || exercise == nullptr ||
      !UnwrittenOf(*progress_, *exercise).empty()) {
    return;
  }
  std::vector<std::pair<const TestOutcome*, size_t>> places;
  for (const TestOutcome& outcome : report.outcomes) {
    if (outcome.verdict != Verdict::kTodo) continue;
    const auto same =
        std::find_if(places.begin(), places.end(), [&](const auto& place) {
          return place.first->detail == outcome.detail &&
              place.first->place == outcome.place;
        });
    if (same == places.end()) {
      places.emplace_back(&outcome, 0);
    } else {
      ++same->second;
    }
  }
  constexpr size_t kPlacesMax = 3;
  if (places.size() > kPlacesMax) places.resize(kPlacesMax);
  for (const auto& [outcome, more] : places) {
    const std::string others = more == 0 ? ""
        : more == 1                      ? "; so did 1 more test"
                    : fmt::format("; so did {} more tests", more);
    fmt::print(
        "{}",
        terminal_.Wrap(
            fmt::format(
                "{} got to {}, which is still empty{}",
                terminal_.Bold(outcome->name), ReachedText(*outcome), others),
            6));
  }
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
      "      {}{}{}\n", terminal_.Bold(terminal_.Red(outcome.name)),
      what.empty() ? "" : " ", what);
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

namespace {

// The core exercise to do after those that ran, else another one; null if
// none is left.
const Exercise* NotYetSolved(
    const Stage& stage, const std::string& part,
    const std::vector<SectionReport>& reports, const Progress& progress) {
  for (const bool core : {true, false}) {
    for (const Exercise* exercise : stage.manifest.ExercisesOf(part)) {
      const bool ran = std::any_of(
          reports.begin(), reports.end(), [&](const SectionReport& report) {
            return report.section.exercise == exercise;
          });
      if (exercise->core == core && !ran &&
          (!UnwrittenOf(progress, *exercise).empty() ||
           !progress.passed.contains(exercise->id))) {
        return exercise;
      }
    }
  }
  return nullptr;
}

// What to do about an exercise that is not green.
void PrintOpenExercise(
    Context& context, const Stage& stage, const SectionReport& report,
    const Progress& progress) {
  const Exercise& exercise = *report.section.exercise;
  const std::vector<std::string> first = WaitsFor(report);
  const Exercise* other = report.IsTodo() && !first.empty()
      ? stage.manifest.FindExercise(first[0])
      : nullptr;
  if (other == nullptr) {
    PrintExercise(context, stage, exercise, &report, progress);
    return;
  }
  if (!Needs(stage.manifest, *other, exercise.id)) {
    fmt::print("{} waits for {}.\n", exercise.id, other->id);
    PrintExercise(context, stage, *other, nullptr, progress);
    return;
  }
  // The other one builds on this: whoever waits for it waits in vain.
  if (UnwrittenOf(progress, exercise).empty()) {
    fmt::print(
        "{}",
        context.terminal().Wrap(fmt::format(
            "{0} is written, but {1} got to {2}, which comes later and is "
            "still empty. {0} can be solved without it: '{3} debug {0}' shows "
            "how the test came there.",
            exercise.id, report.FirstBroken()->name,
            ReachedText(*report.FirstBroken()), context.CommandName())));
  }
  PrintExercise(context, stage, exercise, &report, progress);
}

}  // namespace

void PrintNextStep(
    Context& context, const Stage& stage, const std::string& part,
    const std::vector<SectionReport>& reports, const Progress& progress) {
  const Terminal& terminal = context.terminal();
  const std::string wb = context.CommandName();
  int points = 0;
  int points_max = 0;
  size_t ran = 0;
  bool untouched = true;
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
    untouched = untouched && report.IsTodo() &&
        UnwrittenOf(progress, *exercise).size() == exercise->functions.size();
  }
  const bool whole = ran == stage.manifest.ExercisesOf(part).size();
  fmt::print("\n");
  if (ran > 0) fmt::print("{} of {} points.", points, points_max);
  if (const SectionReport* next = NextExercise(reports)) {
    if (whole && untouched) {
      fmt::print(
          "{}",
          ran == 1
              ? " It is still to do: this is the expected beginning."
              : fmt::format(
                    " All {} are still to do: this is the expected beginning.",
                    ran));
    }
    fmt::print("\n");
    PrintOpenExercise(context, stage, *next, progress);
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
  const Exercise* after =
      whole ? nullptr : NotYetSolved(stage, part, reports, progress);
  if (after != nullptr && ran > 0) {
    PrintExercise(context, stage, *after, nullptr, progress);
    return;
  }
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
