#include "common/tool/run/own_test.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/tool/run/mutants.h"
#include "common/tool/run/test_report.h"

namespace kv::tool {

Result<TestOutcome> TryOwnTest(
    const Context& context, const StageBuild& build, const Exercise& exercise,
    const std::filesystem::path& own_tests, const Terminal& terminal,
    bool quiet) {
  TestOutcome outcome;
  outcome.name = kCatchesWrongSolutions;
  outcome.verdict = Verdict::kFailed;
  MutantLab lab(
      context, *build.stage,
      context.root() / "build" / "mutants" / (build.part + "-own"),
      own_tests / std::filesystem::path(exercise.file).filename());
  BuildError error;
  const Status prepared = lab.Prepare(terminal, quiet, &error);
  if (!prepared.ok()) {
    outcome.output = "on the reference: Failure\n" +
        std::string(prepared.message()) + "\n" +
        fmt::format("{}", fmt::join(error.block, "\n"));
    return outcome;
  }
  KV_ASSIGN_OR_RETURN(const auto mutants, LoadMutants(*build.stage));
  const Terminal silent = Terminal::Plain();
  ProgressBar bar(quiet ? silent : terminal, exercise.mutants.size());
  int caught = 0;
  int tried = 0;
  std::string missed;
  for (const Mutant& mutant : mutants) {
    const auto& names = exercise.mutants;
    if (std::find(names.begin(), names.end(), mutant.name) == names.end()) {
      continue;
    }
    bar.Show(static_cast<size_t>(tried++), "your test against wrong solutions");
    KV_ASSIGN_OR_RETURN(const MutantReport report, lab.Try(silent, mutant));
    if (report.verdict == MutantVerdict::kKilled) {
      ++caught;
    } else {
      missed += fmt::format("  not caught: {}\n", mutant.mistake);
    }
  }
  bar.Clear();
  if (caught >= exercise.must_catch) {
    outcome.verdict = Verdict::kPassed;
    outcome.detail = fmt::format(
        "catches {} of {} wrong solutions", caught, exercise.mutants.size());
    outcome.output = missed;
  } else {
    outcome.output = fmt::format(
        "against wrong solutions: Failure\nyour test catches {} of {}; {} must "
        "fall\n{}",
        caught, exercise.mutants.size(), exercise.must_catch, missed);
  }
  return outcome;
}

}  // namespace kv::tool
