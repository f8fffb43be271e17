#pragma once

// Runs the tests of a GoogleTest program, and goes on after a crash, an
// unsolved exercise that ends the process, or a hang, saying which test it
// was.
//
// Contract: the outcomes come back one for each test, in the order asked for;
//   on_test sees each once, as it ends. (A process that fails after its last
//   test, as with a leak report, shows in the outcomes only.)

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/status.h"

namespace kv::tool {

enum class Verdict {
  kPassed,
  kFailed,
  kTodo,  ///< came upon an exercise that is not written
  kCrashed,  ///< the process ended in the middle of the test
  kHung,  ///< no result within the time limit; the process was killed
  kSkipped,  ///< the test said that it cannot run here
  kNotRun,  ///< left out, since tests like it hung
};

std::string_view VerdictName(Verdict verdict);

struct TestOutcome {
  std::string name;
  Verdict verdict = Verdict::kNotRun;
  int milliseconds = 0;
  /// What the test printed.
  std::string output;
  /// kTodo: the exercise. kCrashed: how the process ended. kHung: the limit.
  /// kPassed: what is worth a word; mostly empty.
  std::string detail;
  /// kTodo: where it ended, "Find, index/hash_table.cc:40"; may be empty.
  std::string place;
  bool Passed() const { return verdict == Verdict::kPassed; }
  /// Neither passed nor skipped.
  bool Broken() const {
    return verdict != Verdict::kPassed && verdict != Verdict::kSkipped;
  }
};

/// name, verdict, milliseconds, detail and output of one test.
nlohmann::json ToJson(const TestOutcome& outcome);

struct TestProgram {
  std::filesystem::path path;
  std::vector<std::pair<std::string, std::string>> environment;
};

struct RunOptions {
  /// For each test, from its RUN line on.
  std::chrono::seconds time_limit = std::chrono::seconds(30);
  /// After so many hangs the rest is not run.
  int hangs_max = 2;
  /// Stops at the first test that is broken.
  bool stop_at_first = false;
  /// Sees each outcome as it comes.
  std::function<void(const TestOutcome&)> on_test;
  /// Sees the name of each test as it begins.
  std::function<void(const std::string&)> on_start;
};

/// All tests of the program, by full name.
Result<std::vector<std::string>> ListTests(const TestProgram& program);

/// Runs exactly these tests. A test that the program does not have is kNotRun.
Result<std::vector<TestOutcome>> RunTests(
    const TestProgram& program, const std::vector<std::string>& tests,
    const RunOptions& options);

}  // namespace kv::tool
