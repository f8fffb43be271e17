#pragma once

// `wb bench [NN] [--peers]`: the same work on every stage, and on other
// stores.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterBench(CLI::App& app, Context& context);

}  // namespace kv::tool
