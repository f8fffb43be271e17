#pragma once

// `wb diff A B`: what differs between two stages, or from the reference.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterDiff(CLI::App& app, Context& context);

}  // namespace kv::tool
