#pragma once

// The tests of a stage, sorted by exercise, run, and counted.

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/status.h"
#include "common/tool/course/manifest.h"
#include "common/tool/course/results.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/test_runner.h"

namespace kv::tool {

/// Tests that are reported together: an exercise, a group of whole-database
/// proofs, what earlier stages brought, tests that kill processes.
struct TestSection {
  enum class Kind {
    kExercise,
    kGroup,
    kInherited,
    kProcess,
  };
  Kind kind = Kind::kExercise;
  std::string id;  ///< "1.2", "01.proof", "01.inherited", "01.process"
  std::string title;
  const Exercise* exercise = nullptr;  ///< kExercise only
  std::vector<std::string> tests;  ///< in stageNN_tests
  std::vector<std::string> killing_tests;  ///< in stageNN_process_tests
};

/// Each test in the section of the first entry that matches it. Exercises
/// come first, in their order; sections without a test are kept, since an
/// exercise of which no test exists is worth a word.
std::vector<TestSection> PlanSections(
    const Stage& stage, const std::vector<const Part*>& parts,
    const std::vector<std::string>& tests,
    const std::vector<std::string>& killing_tests);

struct SectionReport {
  TestSection section;
  std::vector<TestOutcome> outcomes;
  int passed = 0;
  int broken = 0;
  int skipped = 0;
  /// There are tests, and none is broken.
  bool Green() const { return broken == 0 && passed > 0; }
  /// The first broken test; null if there is none.
  const TestOutcome* FirstBroken() const;
  /// Not begun: every broken test came upon an unwritten exercise, this one
  /// or one that it needs.
  bool IsTodo() const;
  Outcome Summary() const;
  void Count();
};

struct SectionOptions {
  TestSize size = TestSize::kQuick;
  std::chrono::seconds time_limit = std::chrono::seconds(30);
  std::function<void(const std::string&)> on_start;
  std::function<void(const TestOutcome&)> on_test;
};

/// Runs the tests of one section.
Result<SectionReport> RunSection(
    const StageBuild& build, const TestSection& section,
    const SectionOptions& options);

/// The time limit of a single test.
std::chrono::seconds TimeLimitOf(TestSize size);

nlohmann::json ToJson(const SectionReport& report);

}  // namespace kv::tool
