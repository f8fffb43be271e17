#pragma once

// `wb status`: how far the learner is, over all stages.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterStatus(CLI::App& app, Context& context);

}  // namespace kv::tool
