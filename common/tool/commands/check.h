#pragma once

// `wb check`: proves that the workbook has not rotted.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterCheck(CLI::App& app, Context& context);

}  // namespace kv::tool
