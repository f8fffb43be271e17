#pragma once

// `wb site`: the documents and the API reference as web pages.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"

namespace kv::tool {

void RegisterSite(CLI::App& app, Context& context);

}  // namespace kv::tool
