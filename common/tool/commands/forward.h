#pragma once

// `wb forward FILE... --from NN`: carries a fix into all later stages.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterForward(CLI::App& app, Context& context);

}  // namespace kv::tool
