#pragma once

// How test results look to a person.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/tool/context.h"
#include "common/tool/run/stage_tests.h"

namespace kv::tool {

/// Prints one line for each section as it ends, with the first failure under
/// it, and shows in between which test runs.
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

  /// "  1.2  Insert and grow     20 points   14 passed".
  void Print(const SectionReport& report);

  /// The failure text of one test, trimmed to what matters.
  void PrintFailure(const TestOutcome& outcome);

 private:
  const Terminal& terminal_;
  const std::filesystem::path base_;
  bool failures_only_ = false;
  bool exercises_open_ = false;
};

/// What a learner should know at the end of a run: points, what is to do
/// next, and how to get there.
void PrintNextStep(
    Context& context, const Stage& stage, const std::string& part,
    const std::vector<SectionReport>& reports);

/// The first core exercise, in order, that is not green; else the first
/// other one; null if all are.
const SectionReport* NextExercise(const std::vector<SectionReport>& reports);

/// One line of the list: "  1.2  Grow     20/20  14 passed".
std::string SectionLine(
    const std::string& id, const std::string& title, const std::string& points,
    const std::string& status);

/// "12 passed", "12 passed, 1 failed, 1 skipped", "no test".
std::string CountsText(const SectionReport& report);

}  // namespace kv::tool
