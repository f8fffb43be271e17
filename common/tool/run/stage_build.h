#pragma once

// Where a stage is built, from which sources, and what the build yields.

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/context.h"
#include "common/tool/run/build.h"

namespace kv::tool {

enum class TestSize {
  kQuick,
  kFull,
  kDeep,
};

/// "quick", "full", "deep", as KV_TEST_SIZE wants it.
std::string TestSizeName(TestSize size);

/// The programs of one stage in one build folder.
struct StageBuild {
  const Stage* stage = nullptr;
  std::string part;  ///< "01", "07a"
  BuildRequest request;
  /// What is built from the learner's (or any other) overlay is shown relative
  /// to this folder.
  std::filesystem::path base;
  std::filesystem::path tests_dir;

  std::filesystem::path tests_program;
  std::filesystem::path process_tests_program;
  std::filesystem::path shell_program;
  bool HasProcessTests() const;
};

/// The reference's build folder, shared by all stages.
std::filesystem::path ReferenceBuildDir(const Context& context);

/// Common definitions of the reference's build.
BuildRequest ReferenceRequest(const Context& context);

/// The reference of one stage within ReferenceBuildDir().
StageBuild ReferenceBuild(const Context& context, const Stage& stage);

/// The learner's solution of a part with the clone's tests.
/// Errors: NotSupported if the starter is not in the course folder.
Result<StageBuild> LearnerBuild(
    const Context& context, const Course& course, const Stage& stage,
    const std::string& part);

}  // namespace kv::tool
