// What a learner does next: the end of a run's report.

#include <fmt/format.h>

#include "common/tool/run/gtest_output.h"
#include "common/tool/run/test_report.h"

namespace kv::tool {
namespace {

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
  if (broken_group != nullptr && whole &&
      broken_group->FirstBroken()->verdict == Verdict::kHung) {
    fmt::print(
        " All exercises are solved, but a test of '{}' took too long: {}.\n"
        "A machine that is busy with other things does that too; try it "
        "alone: '{} test {}'.\n",
        broken_group->section.title, broken_group->FirstBroken()->name, wb,
        broken_group->section.id);
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
