#pragma once

// What the learner's tests said, bound to the sources that they ran on.
//
// Contract: whoever runs tests hashes the sources before it builds, and
//   records each exercise with that hash; whoever shows results compares the
//   hash with that of the sources as they are now. A result of other sources
//   is stale, whatever it said.
// Format: <course>/.wb/results.json, the latest result of each exercise.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv::tool {

enum class Outcome {
  kPassed,
  kFailed,  ///< a test failed
  kTodo,  ///< a test ended in an exercise that is not written yet
  kCrashed,  ///< the test program ended by a signal or another way
  kTimeout,  ///< a test did not end in time
  kNotBuilt,  ///< the sources do not compile
};

/// "passed", "failed", "todo", "crashed", "timeout", "not built".
std::string_view OutcomeName(Outcome outcome);

struct TestResult {
  /// An exercise ("1.2"), a group ("01.proof") or "01.inherited".
  std::string id;
  Outcome outcome = Outcome::kFailed;
  /// HashSources() of what was built.
  std::string sources;
  int64_t time_seconds = 0;  ///< since 1970; 0: Record fills it in
  int tests_passed = 0;
  int tests_total = 0;
};

/// A hash (XXH3, 16 hex digits) of every file below the engine's folder and
/// below the tests' folder: names and contents. Dot files are left out.
Result<std::string> HashSources(
    const std::filesystem::path& engine_dir,
    const std::filesystem::path& tests_dir);

class ResultStore {
 public:
  /// Reads `<notes_dir>/results.json` (Course::NotesDir()); none is an empty
  /// store. Errors: Corruption for a file that is not ours.
  static Result<ResultStore> Load(const std::filesystem::path& notes_dir);

  /// Replaces the result of the same id.
  void Record(TestResult result);
  /// Null if it was never tested.
  const TestResult* Find(std::string_view id) const;
  /// Writes the file anew; it is never seen half written.
  Status Save() const;

 private:
  std::filesystem::path path_;
  std::map<std::string, TestResult, std::less<>> results_;
};

}  // namespace kv::tool
