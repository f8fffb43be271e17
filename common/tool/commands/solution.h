#pragma once

// `wb solution N.M`: shows how the reference does it.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterSolution(CLI::App& app, Context& context);

}  // namespace kv::tool
