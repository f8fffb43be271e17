#pragma once

// A stage's exercises.json, read and checked.
//
// Contract: LoadManifest returns a manifest only if every field is sound, so
//   users need not check again. What depends on the sources (whether a
//   function exists) is checked by the emptier, what depends on the test
//   program (whether a test exists) by `wb check`.
// Errors: Corruption, naming file and field.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

/// A part of a stage: "01", "07a". Most stages are one part.
struct Part {
  std::string id;
  std::string title;
  std::string chapter;  ///< path relative to the clone
  std::string question;
};

enum class ExerciseKind {
  kCode,  ///< functions of the engine are to be written
  kTest,  ///< a test is to be written
};

struct Exercise {
  std::string id;  ///< "5.2", or "7a.2" where the stage has parts
  std::string part;  ///< id of its Part
  std::string title;
  ExerciseKind kind = ExerciseKind::kCode;
  bool core = true;
  int points = 0;
  double hours = 0;
  /// "HashTable::Find", "Name(std::string_view, int)", "TEST(Suite, Name)".
  std::vector<std::string> functions;
  /// Functions that leave together with the emptied ones.
  std::vector<std::string> helpers;
  /// Narrows the search for functions, relative to the stage; may be empty.
  std::string file;
  std::vector<std::string> needs;  ///< ids of exercises to be solved before
  std::vector<std::string> tests;  ///< GoogleTest filter patterns
  std::vector<std::string> mutants;  ///< kTest: names without ".patch"
  int must_catch = 0;  ///< kTest: how many of them must fall
};

/// Tests that belong to a part as a whole.
struct TestGroup {
  std::string id;
  std::string part;
  std::string title;
  std::vector<std::string> tests;
};

struct Manifest {
  std::string stage;  ///< "01"
  std::string folder;  ///< "stage01_inmemory"
  std::string title;
  std::vector<Part> parts;
  std::vector<Exercise> exercises;
  std::vector<TestGroup> groups;

  const Part* FindPart(std::string_view id) const;
  const Exercise* FindExercise(std::string_view id) const;
  /// Those of one part, in their order.
  std::vector<const Exercise*> ExercisesOf(std::string_view part) const;
};

/// Reads `<stage_dir>/exercises.json`.
Result<Manifest> LoadManifest(const std::filesystem::path& stage_dir);

/// The same from text; `name` stands in errors.
Result<Manifest> ParseManifest(std::string_view text, const std::string& name);

}  // namespace kv::tool
