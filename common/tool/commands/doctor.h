#pragma once

// `wb doctor`: what is installed and what is missing.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterDoctor(CLI::App& app, Context& context);

}  // namespace kv::tool
