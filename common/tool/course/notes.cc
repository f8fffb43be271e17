#include "common/tool/course/notes.h"

#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/files.h"

namespace kv::tool {

Result<Notes> Notes::Load(const std::filesystem::path& folder) {
  Notes notes;
  notes.path_ = folder / "notes.json";
  std::error_code error;
  if (!std::filesystem::exists(notes.path_, error)) {
    return notes;
  }
  KV_ASSIGN_OR_RETURN(const std::string text, ReadText(notes.path_));
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    for (const auto& [id, count] : json.at("hints").items()) {
      notes.hints_[id] = count.get<size_t>();
    }
    for (const auto& [id, time] : json.at("solutions").items()) {
      notes.solutions_[id] = time.get<int64_t>();
    }
  } catch (const nlohmann::json::exception& problem) {
    return Status::Corruption(fmt::format(
        "{}: {}; remove the file to begin anew (it only holds which hints "
        "were shown)",
        notes.path_.string(), problem.what()));
  }
  return notes;
}

size_t Notes::HintsShown(std::string_view exercise) const {
  const auto it = hints_.find(exercise);
  return it == hints_.end() ? 0 : it->second;
}

void Notes::SetHintsShown(std::string_view exercise, size_t count) {
  hints_[std::string(exercise)] = count;
}

int64_t Notes::SolutionSeen(std::string_view exercise) const {
  const auto it = solutions_.find(exercise);
  return it == solutions_.end() ? 0 : it->second;
}

void Notes::RecordSolutionSeen(std::string_view exercise) {
  solutions_.emplace(exercise, static_cast<int64_t>(std::time(nullptr)));
}

Status Notes::Save() const {
  const nlohmann::json json = {{"hints", hints_}, {"solutions", solutions_}};
  return WriteText(path_, json.dump(2) + "\n");
}

std::filesystem::path NotesFolder(Context& context) {
  const Result<Course> course = context.FindCourse();
  return course.ok() ? course->NotesDir() : context.root() / "build" / "wb";
}

}  // namespace kv::tool
