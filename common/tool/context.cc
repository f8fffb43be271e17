#include "common/tool/context.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/files.h"
#include "common/tool/help.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// What tells a clone from other folders.
bool IsClone(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path / "common" / "cmake" / "Stage.cmake", ignored);
}

bool IsCourse(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path / ".kv-course.json", ignored);
}

template <typename Predicate>
fs::path FindUpwards(fs::path path, const Predicate& predicate) {
  while (true) {
    if (predicate(path)) {
      return path;
    }
    if (!path.has_parent_path() || path.parent_path() == path) {
      return {};
    }
    path = path.parent_path();
  }
}

// "5", "05", "stage05", "stage05_lsm" give "05"; "7a", "07a" give "07a".
// Empty if it is none of these.
std::string NormalPart(std::string_view name) {
  if (name.substr(0, 5) == "stage") {
    name.remove_prefix(5);
    name = name.substr(0, name.find('_'));
  }
  while (!name.empty() && name.back() == '/') {
    name.remove_suffix(1);
  }
  size_t digits = 0;
  while (digits < name.size() &&
         std::isdigit(static_cast<unsigned char>(name[digits])) != 0) {
    ++digits;
  }
  const std::string_view rest = name.substr(digits);
  if (digits == 0 || digits > 2 || rest.size() > 1 ||
      (!rest.empty() && (rest[0] < 'a' || rest[0] > 'z'))) {
    return "";
  }
  return (digits == 1 ? "0" : "") + std::string(name);
}

}  // namespace

fs::path Course::EngineDir(std::string_view part) const {
  return path / fmt::format("stage{}", part);
}

fs::path Course::BuildDir(std::string_view part) const {
  return path / "build" / part;
}

fs::path Course::OwnTestsDir(std::string_view part) const {
  return EngineDir(part) / "tests" / "own";
}

Status Context::Init() {
  const char* root = std::getenv("KV_ROOT");
  const char* caller = std::getenv("KV_CALLER_DIR");
  std::error_code error;
  fs::path caller_dir =
      caller != nullptr && *caller != '\0' ? caller : fs::current_path(error);
  if (error) {
    return Status::IoError(
        "the folder in which you stand is gone; cd to another one");
  }
  fs::path clone = root != nullptr && *root != '\0'
      ? fs::path(root)
      : FindUpwards(caller_dir, IsClone);
  if (clone.empty()) {
    return Status::NotSupported(
        "no clone of the workbook here or above. Run the tool as "
        "CLONE/common/wb, or set KV_ROOT to the clone.");
  }
  return Init(clone, caller_dir);
}

Status Context::Init(const fs::path& clone, const fs::path& caller) {
  std::error_code error;
  root_ = fs::weakly_canonical(clone, error);
  if (error || !IsClone(root_)) {
    return Status::NotSupported(fmt::format(
        "{} is not a clone of the workbook: it has no "
        "common/cmake/Stage.cmake. Run the tool as CLONE/common/wb, or set "
        "KV_ROOT to the clone.",
        clone.string()));
  }
  caller_dir_ = fs::weakly_canonical(caller, error);
  if (error) {
    caller_dir_ = caller;
  }
  return Status::Ok();
}

fs::path Context::FromCaller(const fs::path& path) const {
  return (caller_dir_ / path).lexically_normal();
}

Status Context::LoadStages() {
  if (loaded_) {
    return Status::Ok();
  }
  std::vector<Stage> stages;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_, error)) {
    const std::string name = entry.path().filename().string();
    // A stage is known by its CMakeLists.txt, as in CMake itself.
    if (name.size() < 9 || name.substr(0, 5) != "stage" || name[7] != '_' ||
        !fs::exists(entry.path() / "CMakeLists.txt")) {
      continue;
    }
    Result<Manifest> manifest = LoadManifest(entry.path());
    if (!manifest.ok()) {
      broken_.emplace(name.substr(5, 2), manifest.status());
      continue;
    }
    stages.push_back(
        Stage{name.substr(5, 2), entry.path(), *std::move(manifest)});
  }
  if (stages.empty() && !broken_.empty()) {
    return broken_.begin()->second;
  }
  if (stages.empty()) {
    return Status::NotSupported(fmt::format(
        "{} holds no stages (stage01_…). Is this clone complete?",
        root_.string()));
  }
  std::sort(stages.begin(), stages.end(), [](const Stage& a, const Stage& b) {
    return a.number < b.number;
  });
  stages_ = std::move(stages);
  loaded_ = true;
  return Status::Ok();
}

Result<std::vector<const Stage*>> Context::Stages() {
  KV_RETURN_IF_ERROR(LoadStages());
  if (!broken_.empty()) {
    return broken_.begin()->second;
  }
  return SoundStages();
}

Result<std::vector<const Stage*>> Context::SoundStages() {
  KV_RETURN_IF_ERROR(LoadStages());
  std::vector<const Stage*> stages;
  for (const Stage& stage : stages_) {
    stages.push_back(&stage);
  }
  return stages;
}

// A stage whose exercises.json is not sound stops nobody in another one.
Status Context::CheckNotBroken(const std::string& part) const {
  const auto it = broken_.find(part.substr(0, 2));
  return it == broken_.end() ? Status::Ok() : it->second;
}

Result<PartRef> Context::FindPart(std::string_view name) {
  KV_RETURN_IF_ERROR(LoadStages());
  const std::string wanted = NormalPart(name);
  KV_RETURN_IF_ERROR(CheckNotBroken(wanted));
  std::vector<std::string> known;
  for (const Stage& stage : stages_) {
    PartRef ref{&stage, {}};
    for (const Part& part : stage.manifest.parts) {
      if (stage.number == wanted || part.id == wanted) {
        ref.parts.push_back(&part);
      }
      known.push_back(part.id);
    }
    if (!ref.parts.empty()) {
      return ref;
    }
  }
  std::string advice;
  if (wanted.empty()) {
    advice = "Give it as 01 or 07a.";
    // An exercise where a stage is wanted.
    const std::string_view front = name.substr(0, name.find('.'));
    if (front.size() < name.size() && !NormalPart(front).empty()) {
      advice = fmt::format(
          "{} looks like an exercise; its stage is {}.", name,
          NormalPart(front));
    }
  } else if (const std::string nearest = Nearest(wanted, known);
             !nearest.empty()) {
    advice = fmt::format("Did you mean {}?", nearest);
  }
  return Status::InvalidArgument(fmt::format(
      "there is no stage or part '{}'. {} There are: {}.", name, advice,
      fmt::join(known, ", ")));
}

Result<PartRef> Context::FindOnePart(std::string_view name) {
  KV_ASSIGN_OR_RETURN(PartRef ref, FindPart(name));
  if (ref.parts.size() > 1) {
    std::vector<std::string> ids;
    for (const Part* part : ref.parts) {
      ids.push_back(fmt::format("{} ({})", part->id, part->title));
    }
    return Status::InvalidArgument(fmt::format(
        "stage {} has several parts; say which: {}.", ref.stage->number,
        fmt::join(ids, ", ")));
  }
  return ref;
}

Result<ExerciseRef> Context::FindExercise(std::string_view id) {
  KV_RETURN_IF_ERROR(LoadStages());
  std::string wanted(id);
  if (!wanted.empty() && wanted[0] == '0') {
    wanted.erase(0, 1);
  }
  KV_RETURN_IF_ERROR(
      CheckNotBroken(NormalPart(wanted.substr(0, wanted.find('.')))));
  std::vector<std::string> known;
  for (const Stage& stage : stages_) {
    if (const Exercise* exercise = stage.manifest.FindExercise(wanted)) {
      return ExerciseRef{
          &stage, stage.manifest.FindPart(exercise->part), exercise};
    }
    for (const Exercise& exercise : stage.manifest.exercises) {
      known.push_back(exercise.id);
    }
  }
  const std::string nearest = Nearest(wanted, known);
  std::string text = fmt::format("there is no exercise '{}'.", id);
  if (!nearest.empty()) {
    text += fmt::format(" Did you mean {}?", nearest);
  }
  if (known.empty() || wanted.find('.') == std::string::npos) {
    text += " An exercise is a part and a number, as 1.2.";
  }
  const std::string stage = NormalPart(wanted.substr(0, wanted.find('.')));
  std::vector<std::string> listed;
  for (const std::string& other : known) {
    const bool same_stage =
        NormalPart(other.substr(0, other.find('.'))).substr(0, 2) ==
        stage.substr(0, 2);
    if (same_stage) {
      listed.push_back(other);
    }
  }
  if (!listed.empty()) {
    text += fmt::format(
        " Stage {} has: {}.", stage.substr(0, 2), fmt::join(listed, ", "));
  } else if (!known.empty()) {
    text += fmt::format(
        " The first is {}, the last {}.", known.front(), known.back());
  }
  return Status::InvalidArgument(text);
}

Result<Course> Context::FindCourse() {
  fs::path path = FindUpwards(caller_dir_, IsCourse);
  if (!path.empty()) {
    return Course{path};
  }
  path = RememberedCourse();
  if (path.empty()) {
    return Status::NotSupported(fmt::format(
        "you have no folder of your own yet. '{0} init' makes one, and "
        "'{0} start 01' puts the first starter into it.",
        CommandName()));
  }
  if (!IsCourse(path)) {
    return Status::NotSupported(fmt::format(
        "your folder was {}, and it is not there any more (no "
        ".kv-course.json in it). If it has moved, run '{} init' with its new "
        "place; if it is lost, the same makes a new one.",
        path.string(), CommandName()));
  }
  return Course{path};
}

fs::path Context::RememberedCourse() const {
  const Result<std::string> text =
      ReadText(root_ / "build" / "wb" / "course.json");
  if (!text.ok()) {
    return {};
  }
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("course") ||
      !json["course"].is_string()) {
    return {};
  }
  return fs::path(json["course"].get<std::string>());
}

Status Context::RememberCourse(const fs::path& course) {
  const nlohmann::json json = {{"course", course.string()}};
  return WriteText(root_ / "build" / "wb" / "course.json", json.dump(2) + "\n");
}

std::string Context::CommandName() const {
  const fs::path course = FindUpwards(caller_dir_, IsCourse);
  const fs::path command =
      course.empty() ? root_ / "common" / "wb" : course / "wb";
  const fs::path relative = command.lexically_relative(caller_dir_);
  const std::string text = relative.string();
  // From elsewhere the whole path is clearer than a row of "../".
  if (text.empty() || text.substr(0, 9) == "../../../" ||
      (course.empty() && text.substr(0, 3) == "../" &&
       FindUpwards(caller_dir_, IsClone).empty())) {
    return command.string();
  }
  return text == "wb" ? "./wb" : text;
}

void Context::Finish(const Status& status) {
  if (!status.ok()) {
    PrintError(terminal_, status);
    exit_code_ = 1;
  }
}

CLI::App* AddCommand(
    CLI::App& app, const char* group, const char* name, const char* description,
    const char* example) {
  CLI::App* command = app.add_subcommand(name, description);
  command->group(group);
  command->footer(std::string("Example:\n  ") + example);
  return command;
}

}  // namespace kv::tool
