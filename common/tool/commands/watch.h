#pragma once

// `wb watch NN`: tests again whenever a file of yours changes.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterWatch(CLI::App& app, Context& context);

}  // namespace kv::tool
