#pragma once

// `wb init [DIR]`: makes the learner's folder.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterInit(CLI::App& app, Context& context);

}  // namespace kv::tool
