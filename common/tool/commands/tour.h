#pragma once

// `wb tour [FILE]`: the stages at work on real input, each showing what the
// one before could not do.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterTour(CLI::App& app, Context& context);

}  // namespace kv::tool
