#pragma once

// `wb test [NN]`: builds, and runs the acceptance tests.

#include <string>

#include <CLI/CLI.hpp>

#include "common/tool/context.h"
#include "common/tool/run/stage_build.h"

namespace kv::tool {

struct TestArguments {
  std::string part;  ///< or an exercise; empty: everything of the clone
  std::string only;  ///< an exercise or group
  std::string through;  ///< an exercise
  std::string program;  ///< runs the black-box corpus through this program
  bool reference = false;
  bool full = false;
  bool deep = false;
  bool json = false;
  bool watching = false;  ///< runs again by itself when a file changes

  TestSize Size() const {
    if (deep) return TestSize::kDeep;
    return full ? TestSize::kFull : TestSize::kQuick;
  }
};

/// What `wb test` does. Sets the context's exit code to 1 if a test fails.
Status RunTestCommand(Context& context, const TestArguments& arguments);

void RegisterTest(CLI::App& app, Context& context);

}  // namespace kv::tool
