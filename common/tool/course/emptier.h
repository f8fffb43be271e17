#pragma once

// Makes starters: the reference with the functions of exercises emptied.
//
// Contract: a body becomes `kv::ExerciseTodo("5.2");`, a constructor loses its
//   initialisers with it; helpers leave with their declarations and comments.
//   Everything else stays byte for byte.
// Errors: InvalidArgument or NotSupported, naming exercise and function: it
//   matches nothing or more than once, it may not be an exercise, a helper is
//   still used.

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/tool/course/manifest.h"
#include "common/tool/source/function_finder.h"

namespace kv::tool {

/// Path relative to the stage ("db/database.cc") to content.
using SourceTree = std::map<std::string, std::string>;

/// The folders that hold engine and applications, lowest layer first.
const std::vector<std::string>& EngineFolders();

/// What a learner gets of a stage: engine, applications, tests/own.
Result<SourceTree> ReadSources(const std::filesystem::path& stage_dir);

/// Writes all files below `folder`, which must not be there yet.
Status WriteSources(
    const SourceTree& tree, const std::filesystem::path& folder);

/// Where a function of an exercise is defined.
struct ExerciseFunction {
  std::string file;  ///< key in the tree
  Function function;
};

/// `spec` is one of the exercise's functions or helpers.
Result<ExerciseFunction> FindExerciseFunction(
    const SourceTree& tree, const Exercise& exercise, std::string_view spec);

/// `tree` with the functions of the exercises `ids` emptied and their helpers
/// removed. All exercises of a part give its starter; all but one is the tree
/// in which that one is solved.
Result<SourceTree> EmptyExercises(
    const Manifest& manifest, SourceTree tree,
    const std::set<std::string>& ids);

/// The starter of a part from its stage's folder.
Result<SourceTree> MakeStarter(
    const Manifest& manifest, const std::filesystem::path& stage_dir,
    std::string_view part);

/// `text` with the body of `function` (found in it) emptied, and the include
/// that this takes.
std::string EmptyFunction(
    const std::string& text, const Function& function,
    std::string_view exercise_id);

/// Whether the body of a function in `text` is `ExerciseTodo`.
bool IsEmptied(std::string_view text, const Function& function);

/// A function of an exercise in whose body ExerciseTodo still stands.
struct UnwrittenFunction {
  std::string file;  ///< key in the tree
  std::string name;  ///< as exercises.json has it
};

/// By id of the exercise, for every exercise of the part; none is empty. A
/// function that cannot be found (renamed, say) does not count.
using Unwritten = std::map<std::string, std::vector<UnwrittenFunction>>;
Unwritten FindUnwritten(
    const Manifest& manifest, std::string_view part, const SourceTree& tree);

/// `text` with `#include "path"` at its place, unless it is there already.
std::string WithInclude(const std::string& text, std::string_view path);

}  // namespace kv::tool
