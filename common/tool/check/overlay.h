#pragma once

// A stage built from sources of the rule's choice: starters, single solutions
// and mutants go through one build folder a stage, so that from one to the next
// only what differs is compiled.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/course/emptier.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {

/// Configures if that is needed, and builds, without a word.
/// Errors: Aborted with the first complaint of compiler, linker or CMake.
Status BuildQuietly(
    const std::filesystem::path& source, const std::filesystem::path& build,
    const std::vector<std::string>& definitions,
    const std::vector<std::string>& targets);

class OverlayBuild {
 public:
  /// `folder` is kept for the next time.
  OverlayBuild(
      const ProjectTree& project, const StageTree& stage,
      std::filesystem::path folder);

  /// Builds the stage's test programs with these sources.
  Status Build(const SourceTree& sources);

  /// The test programs that the last Build made.
  std::vector<std::filesystem::path> Programs() const;

 private:
  // Files that are as they should be keep their time.
  Status WriteIfDifferent(const SourceTree& sources) const;

  const ProjectTree& project_;
  const StageTree& stage_;
  const std::filesystem::path folder_;
};

}  // namespace kv::tool
