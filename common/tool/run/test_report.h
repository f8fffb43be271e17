#pragma once

// How test results look to a person.

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/tool/context.h"
#include "common/tool/course/emptier.h"
#include "common/tool/run/stage_tests.h"

namespace kv::tool {

/// What is known of a learner's part beside the tests of this run.
struct Progress {
  Unwritten unwritten;
  /// Exercises that passed when they were tested last.
  std::set<std::string> passed;
  /// Where the learner's own tests are.
  std::filesystem::path own_tests;
};

/// Prints one line for each section as it ends, with the first failure under
/// it, and the names of the others.
class SectionPrinter {
 public:
  /// Paths in failures are shown relative to `base`.
  SectionPrinter(const Terminal& terminal, std::filesystem::path base)
      : terminal_(terminal), base_(std::move(base)) {}

  /// Only sections that are not green get a line.
  void set_failures_only(bool failures_only) { failures_only_ = failures_only; }

  /// Exercises are still to do: what tests the whole is expected to fail, and
  /// its failures would only distract.
  void set_exercises_open(bool open) { exercises_open_ = open; }

  /// Knows which functions are written; it outlives the printer.
  void set_progress(const Progress* progress) { progress_ = progress; }

  /// "  1.2  Insert and grow     20 points   14 passed".
  void Print(const SectionReport& report);

  /// The failure text of one test, trimmed to what matters.
  void PrintFailure(const TestOutcome& outcome);

 private:
  /// The names of the failing tests but the first.
  void PrintOthers(const SectionReport& report);
  /// What is written itself, but came upon another exercise: how.
  void PrintReached(const SectionReport& report);

  const Terminal& terminal_;
  const std::filesystem::path base_;
  const Progress* progress_ = nullptr;
  bool failures_only_ = false;
  bool exercises_open_ = false;
};

/// What a learner should know at the end of a run: points, what is to do
/// next, and how to get there.
void PrintNextStep(
    Context& context, const Stage& stage, const std::string& part,
    const std::vector<SectionReport>& reports, const Progress& progress);

/// The name of the outcome that tells whether a learner's test catches wrong
/// solutions.
inline constexpr const char* kCatchesWrongSolutions = "CatchesWrongSolutions";

/// The first core exercise, in order, that is not green; else the first
/// other one; null if all are.
const SectionReport* NextExercise(const std::vector<SectionReport>& reports);

/// One line of the list: "  1.2  Grow     20/20  14 passed".
std::string SectionLine(
    const std::string& id, const std::string& title, const std::string& points,
    const std::string& status);

/// The functions of `exercise` that are still empty.
const std::vector<UnwrittenFunction>& UnwrittenOf(
    const Progress& progress, const Exercise& exercise);

/// Ids of the exercises that must come first; none if the section can be begun
/// itself.
std::vector<std::string> WaitsFor(const SectionReport& report);

/// "RemoveCloseFrame (log/log_writer.cc:88) of exercise 2.4".
std::string ReachedText(const TestOutcome& outcome);

/// "12 passed", "12 passed, 1 failed, 1 skipped", "no test".
std::string CountsText(const SectionReport& report);

}  // namespace kv::tool
