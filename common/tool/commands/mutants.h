#pragma once

// `wb mutants NN`: do the tests catch plausible mistakes? With --with FILE:
// does this one test file?

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterMutants(CLI::App& app, Context& context);

}  // namespace kv::tool
