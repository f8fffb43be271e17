#include "common/tool/run/own_test.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/tool/run/mutants.h"

namespace kv::tool {

Result<TestOutcome> TryOwnTest(
    const Context& context, const StageBuild& build, const Exercise& exercise,
    const std::filesystem::path& own_tests) {
  TestOutcome outcome;
  outcome.name = "CatchesWrongSolutions";
  outcome.verdict = Verdict::kFailed;
  MutantLab lab(
      context, *build.stage,
      context.root() / "build" / "mutants" / (build.part + "-own"),
      own_tests / std::filesystem::path(exercise.file).filename());
  const Terminal silent = Terminal::Plain();
  BuildError error;
  const Status prepared = lab.Prepare(silent, true, &error);
  if (!prepared.ok()) {
    outcome.output = "on the reference: Failure\n" +
        std::string(prepared.message()) + "\n" +
        fmt::format("{}", fmt::join(error.block, "\n"));
    return outcome;
  }
  KV_ASSIGN_OR_RETURN(const auto mutants, LoadMutants(*build.stage));
  int caught = 0;
  std::string missed;
  for (const Mutant& mutant : mutants) {
    const auto& names = exercise.mutants;
    if (std::find(names.begin(), names.end(), mutant.name) == names.end()) {
      continue;
    }
    KV_ASSIGN_OR_RETURN(const MutantReport report, lab.Try(silent, mutant));
    if (report.verdict == MutantVerdict::kKilled) {
      ++caught;
    } else {
      missed += fmt::format("  not caught: {}\n", mutant.mistake);
    }
  }
  if (caught >= exercise.must_catch) {
    outcome.verdict = Verdict::kPassed;
  } else {
    outcome.output = fmt::format(
        "against wrong solutions: Failure\nyour test catches {} of {}; {} must "
        "fall\n{}",
        caught, exercise.mutants.size(), exercise.must_catch, missed);
  }
  return outcome;
}

}  // namespace kv::tool
