#pragma once

// `wb reset N.M`: empties an exercise again, and keeps what was there.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterReset(CLI::App& app, Context& context);

}  // namespace kv::tool
