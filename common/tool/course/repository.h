#pragma once

// The learner's folder as a git repository of its own.
//
// Contract: only the paths that a call names are committed; what else the
//   learner has changed or staged stays as it is.
// Errors: NotSupported if git is missing; IoError with git's own words.

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/context.h"

namespace kv::tool {

/// Makes the folder, with its first commit, and has the clone remember it. A
/// folder that is one already is only remembered. `*made` says which.
Status MakeCourse(
    Context& context, const std::filesystem::path& folder, bool* made);

/// Paths below `below` (relative to the course) that differ from the last
/// commit or are not in it; empty if none.
Result<std::vector<std::string>> UncommittedFiles(
    const Course& course, const std::string& below);

/// Commits everything below `below`, added and removed files too.
Status CommitFolder(
    const Course& course, const std::string& below, const std::string& message);

}  // namespace kv::tool
