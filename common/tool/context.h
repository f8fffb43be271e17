#pragma once

// Where the tool runs: the clone, its stages, the learner's folder.
//
// Contract: main makes one Context and hands it to every Register function,
//   which keeps the reference; commands are run one after another from the
//   parse of the command line. A command reports through Finish.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/status.h"
#include "common/tool/course/manifest.h"
#include "common/tool/terminal.h"

namespace kv::tool {

/// A stage folder of the clone.
struct Stage {
  std::string number;  ///< "01"
  std::filesystem::path path;  ///< absolute
  Manifest manifest;
  std::string Name() const { return "stage" + number; }  ///< CMake's name
};

/// What NN on a command line means: a stage, or one part of it.
struct PartRef {
  const Stage* stage = nullptr;
  /// One part for "07a", all parts of the stage for "07".
  std::vector<const Part*> parts;
};

struct ExerciseRef {
  const Stage* stage = nullptr;
  const Part* part = nullptr;
  const Exercise* exercise = nullptr;
};

/// The learner's folder, made by `wb init`.
struct Course {
  std::filesystem::path path;  ///< absolute

  /// stage01, stage07a: the starter, and then the learner's solution.
  std::filesystem::path EngineDir(std::string_view part) const;
  /// Where the learner's build of a part goes; ignored by git.
  std::filesystem::path BuildDir(std::string_view part) const;
  /// Tests written by the learner.
  std::filesystem::path OwnTestsDir(std::string_view part) const;
  /// The tool's own notes: results, hints shown, backups.
  std::filesystem::path NotesDir() const { return path / ".wb"; }
};

class Context {
 public:
  /// Takes the clone from KV_ROOT, else from the folders above the caller's;
  /// the caller's folder from KV_CALLER_DIR, else the working directory.
  /// Errors: NotFound if no clone is there.
  Status Init();

  /// The same from given places, for tests.
  Status Init(
      const std::filesystem::path& clone, const std::filesystem::path& caller);

  /// The root of the clone, absolute.
  const std::filesystem::path& root() const { return root_; }
  /// Where the user stood; relative paths on the command line start here.
  const std::filesystem::path& caller_dir() const { return caller_dir_; }
  std::filesystem::path FromCaller(const std::filesystem::path& path) const;

  Terminal& terminal() { return terminal_; }
  bool json() const { return json_; }
  void set_json(bool json) { json_ = json; }

  /// All stages in order. Errors: any exercises.json that is not sound.
  Result<std::vector<const Stage*>> Stages();
  /// The same without stages whose exercises.json is not sound.
  Result<std::vector<const Stage*>> SoundStages();
  /// "5", "05", "stage05", "stage05_lsm", "7a", "07a".
  Result<PartRef> FindPart(std::string_view name);
  /// The same where exactly one part is wanted; a stage with several parts
  /// must be asked for by part.
  Result<PartRef> FindOnePart(std::string_view name);
  /// "5.2".
  Result<ExerciseRef> FindExercise(std::string_view id);

  /// The learner's folder: the one that the caller stands in, else the one
  /// that the clone remembers. NotFound says how to make one.
  Result<Course> FindCourse();
  /// The folder that the clone remembers, whether it is there or not; empty
  /// if none.
  std::filesystem::path RememberedCourse() const;
  Status RememberCourse(const std::filesystem::path& course);

  /// How the user calls the tool, for advice: "common/wb", or "wb" in a
  /// learner's folder.
  std::string CommandName() const;

  /// Ends a command: prints the error, if it is one, and sets the exit code.
  void Finish(const Status& status);
  void FinishWith(int exit_code) { exit_code_ = exit_code; }
  int exit_code() const { return exit_code_; }

 private:
  Status LoadStages();
  Status CheckNotBroken(const std::string& part) const;

  std::filesystem::path root_;
  std::filesystem::path caller_dir_;
  Terminal terminal_ = Terminal::Plain();
  bool json_ = false;
  bool loaded_ = false;
  std::vector<Stage> stages_;
  std::map<std::string, Status> broken_;  // by stage number
  int exit_code_ = 0;
};

/// The groups in which --help lists the commands.
inline constexpr const char* kGroupLearn = "Work through the stages";
inline constexpr const char* kGroupHelp = "When stuck";
inline constexpr const char* kGroupCompare = "Look and compare";
inline constexpr const char* kGroupMaintain = "Look after the workbook itself";

/// Adds a command to the command line; `example` is a whole line, as
/// "wb start 01   # the starter of stage 01".
CLI::App* AddCommand(
    CLI::App& app, const char* group, const char* name, const char* description,
    const char* example);

}  // namespace kv::tool
