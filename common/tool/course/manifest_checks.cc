#include "common/tool/course/manifest_checks.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

namespace kv::tool {
namespace {

// "07a" gives "7a": how an exercise's id begins.
std::string ExercisePrefix(const std::string& part) {
  return part.substr(0, 1) == "0" ? part.substr(1) : part;
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

}  // namespace

Status CheckManifest(const Manifest& manifest, const std::string& name) {
  KV_RETURN_IF_ERROR(CheckParts(manifest, name));
  KV_RETURN_IF_ERROR(CheckExercises(manifest, name));
  KV_RETURN_IF_ERROR(CheckNeeds(manifest, name));
  return CheckGroups(manifest, name);
}

}  // namespace kv::tool
