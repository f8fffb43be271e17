#pragma once

// A learner's own test, judged by what it catches.

#include <filesystem>

#include "common/base/status.h"
#include "common/tool/context.h"
#include "common/tool/course/manifest.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/test_runner.h"

namespace kv::tool {

/// The test must pass on the reference, and fail on enough of the exercise's
/// wrong solutions. The result counts as one more test of the exercise, named
/// CatchesWrongSolutions.
Result<TestOutcome> TryOwnTest(
    const Context& context, const StageBuild& build, const Exercise& exercise,
    const std::filesystem::path& own_tests, const Terminal& terminal,
    bool quiet);

}  // namespace kv::tool
