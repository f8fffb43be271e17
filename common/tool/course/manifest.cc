#include "common/tool/course/manifest.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/course/json_fields.h"
#include "common/tool/course/manifest_checks.h"

namespace kv::tool {
namespace {

using Json = nlohmann::json;

Result<Part> ReadPart(const Json& json, const std::string& where) {
  JsonFields fields(json, where);
  Part part;
  part.id = fields.Text("id");
  part.title = fields.Text("title");
  part.chapter = fields.Text("chapter");
  part.question = fields.Text("question");
  KV_RETURN_IF_ERROR(fields.Done());
  return part;
}

Result<Exercise> ReadExercise(const Json& json, const std::string& where) {
  JsonFields fields(json, where);
  Exercise exercise;
  exercise.id = fields.Text("id");
  exercise.part = fields.Text("part");
  exercise.title = fields.Text("title");
  const std::string kind = fields.Text("kind");
  if (kind == "test") {
    exercise.kind = ExerciseKind::kTest;
  } else if (kind != "code") {
    fields.Fail("kind", "must be \"code\" or \"test\"");
  }
  exercise.core = fields.Boolean("core");
  exercise.points = fields.Integer("points");
  exercise.hours = fields.Number("hours");
  exercise.functions = fields.Texts("functions");
  exercise.helpers = fields.Texts("helpers", false);
  exercise.file = fields.Text("file", false);
  exercise.needs = fields.Texts("needs");
  exercise.tests = fields.Texts("tests");
  exercise.mutants = fields.Texts("mutants", false);
  exercise.must_catch = fields.Integer("must_catch", false);
  if (exercise.functions.empty()) {
    fields.Fail("functions", "must name at least one function");
  }
  if (exercise.tests.empty()) {
    fields.Fail("tests", "must name at least one test");
  }
  if (exercise.kind == ExerciseKind::kTest && exercise.file.empty()) {
    fields.Fail("file", "is missing: where the test is to be written");
  }
  // No mutants listed: all of the exercises in needs count.
  if (!exercise.mutants.empty() &&
      exercise.must_catch > static_cast<int>(exercise.mutants.size())) {
    fields.Fail("must_catch", "is more than the mutants that are listed");
  }
  KV_RETURN_IF_ERROR(fields.Done());
  return exercise;
}

Result<TestGroup> ReadGroup(const Json& json, const std::string& where) {
  JsonFields fields(json, where);
  TestGroup group;
  group.id = fields.Text("id");
  group.part = fields.Text("part");
  group.title = fields.Text("title");
  group.tests = fields.Texts("tests");
  KV_RETURN_IF_ERROR(fields.Done());
  return group;
}

bool IsStageNumber(const std::string& text) {
  return text.size() == 2 &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0;
         });
}

template <typename T, typename Read>
Status ReadList(
    JsonFields& fields, const char* list, const std::string& name,
    std::vector<T>* out, const Read& read) {
  const Json* json = fields.List(list);
  if (json == nullptr) {
    return fields.Done();
  }
  for (size_t i = 0; i < json->size(); ++i) {
    const Json& item = (*json)[i];
    std::string label = std::to_string(i + 1);
    if (item.is_object() && item.contains("id") && item["id"].is_string()) {
      label = item["id"].get<std::string>();
    }
    auto result = read(item, fmt::format("{}: {}, {}", name, list, label));
    if (!result.ok()) {
      return result.status();
    }
    out->push_back(std::move(result).value());
  }
  return Status::Ok();
}

}  // namespace

const Part* Manifest::FindPart(std::string_view id) const {
  for (const Part& part : parts) {
    if (part.id == id) {
      return &part;
    }
  }
  return nullptr;
}

const Exercise* Manifest::FindExercise(std::string_view id) const {
  for (const Exercise& exercise : exercises) {
    if (exercise.id == id) {
      return &exercise;
    }
  }
  return nullptr;
}

std::vector<const Exercise*> Manifest::ExercisesOf(
    std::string_view part) const {
  std::vector<const Exercise*> found;
  for (const Exercise& exercise : exercises) {
    if (exercise.part == part) {
      found.push_back(&exercise);
    }
  }
  return found;
}

Result<Manifest> ParseManifest(std::string_view text, const std::string& name) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    return Status::Corruption(
        fmt::format("{} is not JSON: {}", name, error.what()));
  }
  Manifest manifest;
  JsonFields fields(json, name);
  manifest.stage = fields.Text("stage");
  manifest.folder = fields.Text("folder");
  manifest.title = fields.Text("title");
  KV_RETURN_IF_ERROR(
      ReadList(fields, "parts", name, &manifest.parts, ReadPart));
  KV_RETURN_IF_ERROR(
      ReadList(fields, "exercises", name, &manifest.exercises, ReadExercise));
  KV_RETURN_IF_ERROR(
      ReadList(fields, "groups", name, &manifest.groups, ReadGroup));
  if (!IsStageNumber(manifest.stage)) {
    fields.Fail("stage", "must be two digits, as \"01\"");
  } else if (manifest.folder.substr(0, 8) != "stage" + manifest.stage + "_") {
    fields.Fail("folder", "must begin with stage" + manifest.stage + "_");
  }
  if (manifest.parts.empty()) {
    fields.Fail("parts", "must hold at least one part");
  }
  KV_RETURN_IF_ERROR(fields.Done());
  KV_RETURN_IF_ERROR(CheckManifest(manifest, name));
  return manifest;
}

Result<Manifest> LoadManifest(const std::filesystem::path& stage_dir) {
  const std::filesystem::path path = stage_dir / "exercises.json";
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Status::NotSupported(fmt::format(
        "{} cannot be read. Is this clone complete? 'git status' says what "
        "is missing.",
        path.string()));
  }
  std::stringstream text;
  text << in.rdbuf();
  KV_ASSIGN_OR_RETURN(
      Manifest manifest, ParseManifest(text.str(), path.string()));
  if (manifest.folder != stage_dir.filename().string()) {
    return Status::Corruption(fmt::format(
        "{}: 'folder' is '{}', but the file lies in '{}'", path.string(),
        manifest.folder, stage_dir.filename().string()));
  }
  return manifest;
}

}  // namespace kv::tool
