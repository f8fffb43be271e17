#include "common/tool/course/manifest.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kv::tool {
namespace {

using Json = nlohmann::json;

// Reads the fields of one object; remembers which were read, so that a
// misspelt one is found, and the first error.
class Fields {
 public:
  Fields(const Json& object, std::string where)
      : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) {
      Fail("", "must be an object");
    }
  }

  std::string Text(const char* name, bool required = true) {
    const Json* value = Find(name, required);
    if (value == nullptr) {
      return "";
    }
    if (!value->is_string() || (required && value->get<std::string>() == "")) {
      Fail(name, "must be a text that is not empty");
      return "";
    }
    return value->get<std::string>();
  }

  double Number(const char* name, bool required = true) {
    const Json* value = Find(name, required);
    if (value == nullptr) {
      return 0;
    }
    if (!value->is_number() || value->get<double>() < 0) {
      Fail(name, "must be a number that is not negative");
      return 0;
    }
    return value->get<double>();
  }

  int Integer(const char* name, bool required = true) {
    const Json* value = Find(name, required);
    if (value == nullptr) {
      return 0;
    }
    if (!value->is_number_integer() || value->get<int64_t>() < 0 ||
        value->get<int64_t>() > 1'000'000) {
      Fail(name, "must be a whole number that is not negative");
      return 0;
    }
    return value->get<int>();
  }

  bool Boolean(const char* name) {
    const Json* value = Find(name, true);
    if (value != nullptr && !value->is_boolean()) {
      Fail(name, "must be true or false");
      return false;
    }
    return value != nullptr && value->get<bool>();
  }

  std::vector<std::string> Texts(const char* name, bool required = true) {
    std::vector<std::string> texts;
    const Json* value = Find(name, required);
    if (value == nullptr) {
      return texts;
    }
    if (!value->is_array()) {
      Fail(name, "must be a list of texts");
      return texts;
    }
    for (const Json& item : *value) {
      if (!item.is_string() || item.get<std::string>().empty()) {
        Fail(name, "must be a list of texts that are not empty");
        return texts;
      }
      const std::string text = item.get<std::string>();
      if (std::find(texts.begin(), texts.end(), text) != texts.end()) {
        Fail(name, fmt::format("lists '{}' twice", text));
      }
      texts.push_back(text);
    }
    return texts;
  }

  const Json* List(const char* name) {
    const Json* value = Find(name, true);
    if (value != nullptr && !value->is_array()) {
      Fail(name, "must be a list");
      return nullptr;
    }
    return value;
  }

  void Fail(const std::string& name, const std::string& what) {
    if (error_.empty()) {
      error_ = name.empty() ? fmt::format("{} {}", where_, what)
                            : fmt::format("{}: '{}' {}", where_, name, what);
    }
  }

  // The first error; unknown fields are one.
  Status Done() {
    if (error_.empty() && object_.is_object()) {
      for (const auto& [name, value] : object_.items()) {
        if (known_.count(name) == 0) {
          Fail(name, "is not a field that belongs here");
        }
      }
    }
    return error_.empty() ? Status::Ok() : Status::Corruption(error_);
  }

 private:
  const Json* Find(const char* name, bool required) {
    known_.insert(name);
    if (!object_.is_object()) {
      return nullptr;
    }
    const auto it = object_.find(name);
    if (it == object_.end()) {
      if (required) {
        Fail(name, "is missing");
      }
      return nullptr;
    }
    return &*it;
  }

  const Json& object_;
  const std::string where_;
  std::set<std::string> known_;
  std::string error_;
};

Result<Part> ReadPart(const Json& json, const std::string& where) {
  Fields fields(json, where);
  Part part;
  part.id = fields.Text("id");
  part.title = fields.Text("title");
  part.chapter = fields.Text("chapter");
  part.question = fields.Text("question");
  KV_RETURN_IF_ERROR(fields.Done());
  return part;
}

Result<Exercise> ReadExercise(const Json& json, const std::string& where) {
  Fields fields(json, where);
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
  Fields fields(json, where);
  TestGroup group;
  group.id = fields.Text("id");
  group.part = fields.Text("part");
  group.title = fields.Text("title");
  group.tests = fields.Texts("tests");
  KV_RETURN_IF_ERROR(fields.Done());
  return group;
}

// "07a" gives "7a": how an exercise's id begins.
std::string ExercisePrefix(const std::string& part) {
  return part.substr(0, 1) == "0" ? part.substr(1) : part;
}

bool IsStageNumber(const std::string& text) {
  return text.size() == 2 &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0;
         });
}

Status CheckParts(const Manifest& manifest, const std::string& name) {
  std::set<std::string> ids;
  for (const Part& part : manifest.parts) {
    const std::string where = fmt::format("{}: part '{}'", name, part.id);
    if (!ids.insert(part.id).second) {
      return Status::Corruption(where + " stands there twice");
    }
    const bool single = manifest.parts.size() == 1;
    const std::string rest =
        part.id.substr(0, 2) == manifest.stage ? part.id.substr(2) : "?";
    const bool letter = rest.size() == 1 && rest[0] >= 'a' && rest[0] <= 'z';
    if (!(single && rest.empty()) && !letter) {
      return Status::Corruption(fmt::format(
          "{}: 'id' must be '{}'", where,
          single ? manifest.stage
                 : manifest.stage + "' and a letter, as '" + manifest.stage +
                  "a"));
    }
  }
  return Status::Ok();
}

Status CheckExercises(const Manifest& manifest, const std::string& name) {
  std::map<std::string, size_t> position;
  std::map<std::string, int> points;
  std::map<std::string, std::string> function_owner;
  for (size_t i = 0; i < manifest.exercises.size(); ++i) {
    const Exercise& exercise = manifest.exercises[i];
    const std::string where = fmt::format("{}: exercise {}", name, exercise.id);
    if (!position.emplace(exercise.id, i).second) {
      return Status::Corruption(where + " stands there twice");
    }
    if (manifest.FindPart(exercise.part) == nullptr) {
      return Status::Corruption(fmt::format(
          "{}: 'part' is '{}', which is not in 'parts'", where, exercise.part));
    }
    const std::string prefix = ExercisePrefix(exercise.part) + ".";
    const std::string rest = exercise.id.substr(0, prefix.size()) == prefix
        ? exercise.id.substr(prefix.size())
        : "";
    if (rest.empty() || rest[0] == '0' ||
        !std::all_of(rest.begin(), rest.end(), [](unsigned char c) {
          return std::isdigit(c) != 0;
        })) {
      return Status::Corruption(fmt::format(
          "{}: 'id' must be '{}' and a number from 1", where, prefix));
    }
    points[exercise.part] += exercise.points;
    for (const std::string& function : exercise.functions) {
      const std::string key = exercise.file + ":" + function;
      const auto [it, fresh] = function_owner.emplace(key, exercise.id);
      if (!fresh) {
        return Status::Corruption(fmt::format(
            "{}: 'functions' names {}, which exercise {} has already", where,
            function, it->second));
      }
    }
  }
  for (const Part& part : manifest.parts) {
    const auto it = points.find(part.id);
    if (it != points.end() && it->second != 100) {
      return Status::Corruption(fmt::format(
          "{}: the 'points' of part {} add up to {}, not 100", name, part.id,
          it->second));
    }
  }
  return Status::Ok();
}

Status CheckNeeds(const Manifest& manifest, const std::string& name) {
  for (const Exercise& exercise : manifest.exercises) {
    for (const std::string& need : exercise.needs) {
      if (manifest.FindExercise(need) == nullptr) {
        return Status::Corruption(fmt::format(
            "{}: exercise {}: 'needs' names {}, which is not in this file",
            name, exercise.id, need));
      }
    }
  }
  // Depth-first; a need that is still open when it is reached closes a cycle.
  enum class Mark { kNew, kOpen, kDone };
  std::map<std::string, Mark> marks;
  std::string cycle;
  const std::function<bool(const Exercise&)> visit =
      [&](const Exercise& exercise) {
        Mark& mark = marks[exercise.id];
        if (mark != Mark::kNew) {
          cycle = exercise.id;
          return mark == Mark::kDone;
        }
        mark = Mark::kOpen;
        for (const std::string& need : exercise.needs) {
          if (!visit(*manifest.FindExercise(need))) {
            return false;
          }
        }
        marks[exercise.id] = Mark::kDone;
        return true;
      };
  for (const Exercise& exercise : manifest.exercises) {
    if (marks[exercise.id] == Mark::kNew && !visit(exercise)) {
      return Status::Corruption(fmt::format(
          "{}: exercise {}: 'needs' leads back to itself", name, cycle));
    }
  }
  return Status::Ok();
}

Status CheckGroups(const Manifest& manifest, const std::string& name) {
  std::set<std::string> ids;
  for (const TestGroup& group : manifest.groups) {
    const std::string where = fmt::format("{}: group '{}'", name, group.id);
    if (!ids.insert(group.id).second) {
      return Status::Corruption(where + " stands there twice");
    }
    if (manifest.FindPart(group.part) == nullptr) {
      return Status::Corruption(fmt::format(
          "{}: 'part' is '{}', which is not in 'parts'", where, group.part));
    }
    if (group.tests.empty()) {
      return Status::Corruption(where + ": 'tests' must name a test");
    }
  }
  return Status::Ok();
}

template <typename T, typename Read>
Status ReadList(
    Fields& fields, const char* list, const std::string& name,
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
  Fields fields(json, name);
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
  KV_RETURN_IF_ERROR(CheckParts(manifest, name));
  KV_RETURN_IF_ERROR(CheckExercises(manifest, name));
  KV_RETURN_IF_ERROR(CheckNeeds(manifest, name));
  KV_RETURN_IF_ERROR(CheckGroups(manifest, name));
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
