#pragma once

// Random operations on a database, each compared with std::map.
//
// A mismatch is shrunk: operations are left out, keys and values replaced by
// simple ones, as long as some promise is still broken. The report names the
// promise, what was expected and what came, lists the operations as code, and
// says how to run it again.
//
// Contract: a write that is refused changes nothing; everything else follows
//   the contracts in the header of kv::Database.
// Limits: finds what its operations reach on an intact disk; crashes and
//   damage have tools of their own.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/testing/model_step.h"
#include "common/testing/subject.h"

namespace kv::testing {

struct ModelTestOptions {
  SubjectFactory open;
  Capabilities capabilities;
  SubjectOptions subject;
  /// A fresh file system for each run; null: subject.file_system. Needed
  /// where subject.path is not empty, since every run starts from nothing.
  std::function<std::shared_ptr<FileSystem>()> make_file_system;

  uint64_t seed = 1;
  size_t steps = 500;
  /// How often a failing list may be run again to make it smaller.
  size_t shrink_runs_max = 3000;
};

struct ModelFailure {
  std::string promise;
  std::string expected;
  std::string actual;
  std::vector<ModelStep> steps;  ///< the last one is where it showed
  size_t steps_before_shrinking = 0;
  uint64_t seed = 0;

  /// Everything, as the text of a failed test.
  std::string Text() const;
};

struct ModelTestResult {
  std::optional<ModelFailure> failure;
  std::map<ModelStep::Kind, uint64_t> steps_by_kind;
};

/// One run of options.steps random steps, ended by a check of everything.
ModelTestResult RunModelTest(const ModelTestOptions& options);

/// Runs the given steps, without shrinking. Null if all promises were kept;
/// otherwise the steps up to the one that broke one.
std::optional<ModelFailure> RunSteps(
    const ModelTestOptions& options, const std::vector<ModelStep>& steps);

}  // namespace kv::testing
