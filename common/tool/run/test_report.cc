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

}  // namespace

const std::vector<UnwrittenFunction>& UnwrittenOf(
    const Progress& progress, const Exercise& exercise) {
  static const std::vector<UnwrittenFunction> none;
  const auto found = progress.unwritten.find(exercise.id);
  return found == progress.unwritten.end() ? none : found->second;
}

std::vector<std::string> WaitsFor(const SectionReport& report) {
  std::vector<std::string> others = NamedExercises(report);
  const bool names_itself = std::erase(others, report.section.id) > 0;
  return names_itself ? std::vector<std::string>() : others;
}

std::string ReachedText(const TestOutcome& outcome) {
  const size_t comma = outcome.place.rfind(", ");
  if (comma == std::string::npos) {
    return "a function of exercise " + outcome.detail;
  }
  return fmt::format(
      "{} ({}) of exercise {}", outcome.place.substr(0, comma),
      outcome.place.substr(comma + 2), outcome.detail);
}

namespace {

std::string TodoText(const SectionReport& report) {
  const std::vector<std::string> others = WaitsFor(report);
  if (others.empty()) return "to do";
  return fmt::format("waits for {}", fmt::join(others, ", "));
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

}  // namespace kv::tool
