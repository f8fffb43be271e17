#pragma once

// The documents and the API reference as one site, made by Doxygen.

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {

struct SiteResult {
  std::filesystem::path index;  ///< the page to open
  size_t inputs = 0;  ///< sources and pages that went in
  std::vector<std::string> warnings;
};

/// Replaces what is in `output`. IoError if Doxygen is absent or fails.
Result<SiteResult> BuildSite(
    const ProjectTree& project, const std::filesystem::path& output);

}  // namespace kv::tool
