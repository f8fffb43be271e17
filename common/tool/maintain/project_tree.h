#pragma once

// The project as files: what belongs to it, and what each stage does to the
// files of the stage before.
//
// Contract: reads the work tree as it is. What git ignores does not belong to
//   the project; without a git repository everything but build/ and dot
//   folders does.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/tool/files.h"

namespace kv::tool {

/// One stage folder.
struct StageTree {
  std::string number;  ///< "01"
  std::string folder;  ///< "stage01_inmemory"
  std::filesystem::path path;
  /// Relative to the stage, sorted.
  std::vector<std::string> files;

  bool Has(std::string_view file) const;
};

struct ProjectTree {
  std::filesystem::path root;
  /// Relative to the root, sorted.
  std::vector<std::string> files;
  /// In order.
  std::vector<StageTree> stages;

  /// The stage before, or null for the first.
  const StageTree* Before(const StageTree& stage) const;
};

enum class FileChange {
  kNew,
  kSame,
  kChanged,
  kRetired,
};

/// "new", "same", "changed", "retired".
std::string_view FileChangeName(FileChange change);

Result<ProjectTree> LoadProjectTree(const std::filesystem::path& root);

/// Whether a file (relative to its stage) is engine code: a source or header
/// in one of the engine's folders.
bool IsEngineFile(std::string_view file);

/// Whether a reader of the difference between two stages would look at the
/// file: engine, applications, tests and benchmarks. README, exercises,
/// CMakeLists.txt and mutants are each stage's own and are left out.
bool IsLineageFile(std::string_view file);

/// What `stage` does to the lineage files of `before` (null: all are new).
std::map<std::string, FileChange> CompareStages(
    const StageTree* before, const StageTree& stage);

/// Without the line feeds; a last line without one counts too.
std::vector<std::string> SplitLines(std::string_view text);

std::string_view Trim(std::string_view text);

}  // namespace kv::tool
