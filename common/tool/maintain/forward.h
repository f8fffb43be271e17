#pragma once

// Carries a fix from one stage into all later ones.
//
// Contract: PlanForward reads and merges, and writes nothing; ApplyForward
//   writes a plan without conflicts, all of it or nothing.
// Errors: InvalidArgument if there is nothing to carry, or if an earlier stage
//   has the changed lines too.

#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/maintain/project_tree.h"

namespace kv::tool {

struct ForwardOptions {
  std::string from;  ///< "02": the stage that has the fix
  std::string until;  ///< the last stage to carry it to; empty: all
  std::string base = "HEAD";  ///< the commit before the fix
  /// Do not insist that --from is the earliest stage with these lines.
  bool anyway = false;
};

/// What happens to one file of one stage.
struct ForwardStep {
  enum class Outcome {
    kMerged,
    kCreated,
    kAlready,  ///< the stage has the fix
    kRetired,  ///< the stage does not have the file
    kConflict,  ///< `conflict` shows both sides
  };
  std::string stage;  ///< "03"
  std::string file;  ///< relative to the stage
  std::filesystem::path path;
  Outcome outcome = Outcome::kAlready;
  std::string before;
  std::string after;
  std::string conflict;
};

struct ForwardPlan {
  std::vector<ForwardStep> steps;
  bool HasConflict() const;
};

/// `files` are relative to the stage.
Result<ForwardPlan> PlanForward(
    const ProjectTree& project, const std::vector<std::string>& files,
    const ForwardOptions& options);

Status ApplyForward(const ForwardPlan& plan);

}  // namespace kv::tool
