#pragma once

// `wb start NN`: puts the starter of a part into the learner's folder.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterStart(CLI::App& app, Context& context);

}  // namespace kv::tool
