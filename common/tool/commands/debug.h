#pragma once

// `wb debug N.M`: the first failing test of an exercise under a debugger.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterDebug(CLI::App& app, Context& context);

}  // namespace kv::tool
