#pragma once

// `wb lineage`: the files of the stages, and in which each is new, same,
// changed, retired.

#include <CLI/CLI.hpp>

#include "common/tool/context.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {

void RegisterLineage(CLI::App& app, Context& context);

/// The table as it is printed, without colour.
std::string LineageTable(const ProjectTree& project);

}  // namespace kv::tool
