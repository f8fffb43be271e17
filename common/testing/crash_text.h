#pragma once

// The parts of a crash failure's text, and the content that it is about.
// Private to the explorer.

#include <string>

#include "common/fs/file_system.h"
#include "common/testing/crash_workload.h"
#include "common/testing/model_step.h"

namespace kv::testing::internal {

/// Contents in a line, with long values cut.
std::string DescribeContent(const ModelMap& content);

/// Names and sizes of the files in kCrashDirectory, in a line.
std::string DescribeFiles(FileSystem* fs);

/// A step within a sentence.
std::string StepText(const ModelStep& step);

}  // namespace kv::testing::internal
