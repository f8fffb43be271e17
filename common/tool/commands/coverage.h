#pragma once

// `wb coverage [NN]`: which lines the tests run.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterCoverage(CLI::App& app, Context& context);

}  // namespace kv::tool
