#pragma once

// `wb hint N.M`: shows the hints of the chapter, one at a time.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterHint(CLI::App& app, Context& context);

}  // namespace kv::tool
