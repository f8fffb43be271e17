#pragma once

// The commands that build and run: test, watch, debug, mutants, tour.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterRunCommands(CLI::App& app, Context& context);

}  // namespace kv::tool
