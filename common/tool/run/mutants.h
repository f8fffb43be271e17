#pragma once

// Mutants: plausible wrong solutions, each a patch to the reference, which the
// tests must catch.
//
// Format: stageNN_x/mutants/NAME.patch; before the diff stand "Mistake: what
//   is wrong" and "Caught by: Suite.Test" (one or more, by comma or by line).
//   NAME begins with the exercise's id: 1.2-short-name.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/status.h"
#include "common/tool/context.h"
#include "common/tool/run/build_lock.h"
#include "common/tool/run/stage_build.h"

namespace kv::tool {

struct Mutant {
  std::string name;  ///< "1.2-short-name"
  std::string exercise;  ///< "1.2"
  std::filesystem::path patch;
  std::string mistake;
  std::vector<std::string> caught_by;
};

/// Reads the lines before the diff. Errors: Corruption if one is missing.
Result<Mutant> ParseMutant(
    const std::filesystem::path& patch, std::string_view text);

/// All mutants of a stage, by name.
Result<std::vector<Mutant>> LoadMutants(const Stage& stage);

/// A tenth of them, at least three, beginning at a place that `turn` moves
/// on; every mutant comes in some turn.
std::vector<Mutant> RotatingTenth(
    const std::vector<Mutant>& mutants, size_t turn);

enum class MutantVerdict {
  kKilled,  ///< a test failed
  kSurvived,  ///< all tests pass: the tests miss this mistake
  kDoesNotBuild,
  kDoesNotApply,
};

std::string_view MutantVerdictName(MutantVerdict verdict);

struct MutantReport {
  Mutant mutant;
  MutantVerdict verdict = MutantVerdict::kSurvived;
  std::string by;  ///< the test that failed
  std::string how;  ///< "failed", "crashed", "hung"
  bool as_named = true;  ///< it fell to a test of its "Caught by"
  std::string message;  ///< why it does not apply or build
};

nlohmann::json ToJson(const MutantReport& report);

/// A copy of the reference's engine in which patches are applied, built, tried
/// and taken back, one at a time.
class MutantLab {
 public:
  /// Works in `work`. With `own_tests` (a folder of .cc files, or one file)
  /// only these are built, and not the stage's tests.
  MutantLab(
      const Context& context, const Stage& stage, std::filesystem::path work,
      std::optional<std::filesystem::path> own_tests);

  /// Builds the engine as it is, and lists the tests. With own tests, runs
  /// them: they must pass on the reference.
  /// Errors: Aborted if something does not build, or an own test fails.
  Status Prepare(const Terminal& terminal, bool quiet, BuildError* error);

  /// Applies, builds, runs, takes back.
  Result<MutantReport> Try(const Terminal& terminal, const Mutant& mutant);

  const std::vector<std::string>& tests() const { return tests_; }

 private:
  Status CopyEngine();
  Status CopyOwnTests();
  /// Returns the first failure of `names` within one program.
  Result<bool> FailsIn(
      const std::filesystem::path& program,
      const std::vector<std::string>& names, MutantReport* report);
  Result<bool> RunAll(const Terminal& terminal, MutantReport* report);

  const Context& context_;
  const Stage& stage_;
  std::filesystem::path work_;
  std::optional<BuildLock> lock_;  // of the folder above, from Prepare on
  std::optional<std::filesystem::path> own_tests_;
  StageBuild build_;
  std::vector<std::string> tests_;
};

}  // namespace kv::tool
