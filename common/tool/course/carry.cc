#include "common/tool/course/carry.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "common/tool/source/lexer.h"

namespace kv::tool {
namespace {

// A part that the learner has started before.
struct Earlier {
  std::string part;
  const Stage* stage = nullptr;
  SourceTree reference;
  SourceTree mine;
};

// The text of a function from its signature to its end, without layout.
std::string Normal(const SourceTree& tree, const ExerciseFunction& found) {
  const Result<std::string> text = NormalText(
      tree.at(found.file), found.function.begin, found.function.body_end);
  return text.ok() ? *text : "";
}

std::string Signature(const SourceTree& tree, const ExerciseFunction& found) {
  const Result<std::string> text = NormalText(
      tree.at(found.file), found.function.begin, found.function.signature_end);
  return text.ok() ? *text : "";
}

std::set<std::string> Identifiers(std::string_view text) {
  std::set<std::string> names;
  const Result<std::vector<Token>> tokens = Tokenize(text);
  if (tokens.ok()) {
    for (const Token& token : *tokens) {
      if (token.kind == TokenKind::kIdentifier) {
        names.emplace(token.text);
      }
    }
  }
  return names;
}

// What a file declares: a local variable of one function is no name for
// another.
std::string WithoutBodies(std::string text) {
  const Result<std::vector<Function>> functions = FindFunctions(text);
  if (!functions.ok()) return text;
  for (auto it = functions->rbegin(); it != functions->rend(); ++it) {
    if (it->is_definition && it->body_end > it->body_begin &&
        it->body_end <= text.size()) {
      text.erase(it->body_begin, it->body_end - it->body_begin);
    }
  }
  return text;
}

// A name that the body uses, that the learner declared elsewhere, and that
// the new starter does not know.
std::string OwnNameUsed(
    const Earlier& earlier, const ExerciseFunction& mine,
    const SourceTree& starter) {
  const std::string& text = earlier.mine.at(mine.file);
  std::set<std::string> used = Identifiers(std::string_view(text).substr(
      mine.function.begin, mine.function.body_end - mine.function.begin));
  for (const auto& [path, content] : starter) {
    for (const std::string& name : Identifiers(content)) {
      used.erase(name);
    }
  }
  for (const auto& [path, content] : earlier.mine) {
    std::string rest = content;
    if (path == mine.file) {
      rest.erase(
          mine.function.begin, mine.function.body_end - mine.function.begin);
    }
    if (used.empty()) break;
    const std::set<std::string> declared = Identifiers(WithoutBodies(rest));
    for (const std::string& name : used) {
      if (declared.count(name) > 0) {
        return name;
      }
    }
  }
  return "";
}

// Includes of the learner's file that the starter's lacks.
std::string WithIncludesOf(const std::string& mine, std::string text) {
  size_t at = 0;
  while (at < mine.size()) {
    const size_t end = std::min(mine.find('\n', at), mine.size());
    const std::string line = mine.substr(at, end - at);
    const size_t last_include = text.rfind("\n#include ");
    if (line.substr(0, 10) == "#include <" &&
        text.find(line + "\n") == std::string::npos) {
      // Among the system's headers if there are any.
      size_t place = text.find("\n#include <");
      place = place == std::string::npos ? last_include : place;
      if (place != std::string::npos) {
        text.insert(place + 1, line + "\n");
      }
    }
    at = end + 1;
  }
  return text;
}

// Whether ExerciseTodo still stands anywhere in the body.
bool IsUnfinished(const SourceTree& tree, const ExerciseFunction& found) {
  return Normal(tree, found).find("ExerciseTodo (") != std::string::npos;
}

// Carries one function from the newest folder that has it.
Carried CarryFunction(
    const Exercise& exercise, const std::string& spec,
    const std::vector<Earlier>& earlier, const SourceTree& reference,
    SourceTree* starter) {
  Carried result;
  result.exercise = exercise.id;
  result.function = spec;
  const auto target = FindExerciseFunction(reference, exercise, spec);
  if (!target.ok()) {
    result.gone = true;
    result.why = "this stage has no such function any more";
    return result;
  }
  result.why = "you have written nothing else for it";
  for (auto it = earlier.rbegin(); it != earlier.rend(); ++it) {
    const auto mine = FindExerciseFunction(it->mine, exercise, spec);
    const auto theirs = FindExerciseFunction(it->reference, exercise, spec);
    if (!mine.ok()) {
      // A file that does not parse must not look like nothing written.
      if (mine.status().message().find(", line ") != std::string::npos) {
        result.why = std::string(mine.status().message());
        result.from = it->part;
      }
      continue;
    }
    if (IsUnfinished(it->mine, *mine)) {
      result.empty = true;
      continue;
    }
    if (!theirs.ok() ||
        Normal(it->mine, *mine) == Normal(it->reference, *theirs)) {
      continue;
    }
    result.empty = false;
    result.from = it->part;
    const auto place = FindExerciseFunction(*starter, exercise, spec);
    if (Signature(it->reference, *theirs) != Signature(reference, *target)) {
      result.why = "its signature is another one in this stage";
    } else if (Normal(it->reference, *theirs) != Normal(reference, *target)) {
      result.why = "what it must do changes in this stage";
    } else if (Signature(it->mine, *mine) != Signature(reference, *target)) {
      result.why = "you changed its signature";
    } else if (
        !place.ok() || IsEmptied(starter->at(place->file), place->function)) {
      result.why = "it is an exercise of this part again";
    } else if (const std::string own = OwnNameUsed(*it, *mine, *starter);
               !own.empty()) {
      result.why = fmt::format(
          "it uses '{}', which you added elsewhere; copy both by hand", own);
    } else {
      const std::string& from = it->mine.at(mine->file);
      std::string& to = (*starter)[place->file];
      to.replace(
          place->function.signature_end,
          place->function.body_end - place->function.signature_end,
          from.substr(
              mine->function.signature_end,
              mine->function.body_end - mine->function.signature_end));
      to = WithIncludesOf(from, to);
      result.carried = true;
      result.why.clear();
    }
    return result;
  }
  return result;
}

// Whether the learner's test is as the starter had it.
bool IsStarterTest(const Earlier& earlier, const Exercise& exercise) {
  const Result<SourceTree> starter =
      EmptyExercises(earlier.stage->manifest, earlier.reference, {exercise.id});
  return starter.ok() &&
      starter->at(exercise.file) == earlier.mine.at(exercise.file);
}

// A file's tokens without its includes.
std::string Bare(const std::string& text) {
  std::string rest;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string line = text.substr(at, end - at);
    if (!line.starts_with("#include ")) rest += line;
    at = end;
  }
  const Result<std::string> normal = NormalText(rest, 0, rest.size());
  return normal.ok() ? *normal : rest;
}

// Files in which the function's own name occurs: the others need no parsing.
SourceTree FilesWith(const SourceTree& tree, std::string_view spec) {
  std::string_view name = spec.substr(0, spec.find('('));
  const size_t colon = name.rfind(':');
  if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
  SourceTree files;
  for (const auto& [path, text] : tree) {
    if (text.find(name) != std::string::npos) files[path] = text;
  }
  return files;
}

// The tree with the functions of all these exercises emptied, as far as it
// has them.
SourceTree WithoutExercises(
    SourceTree tree, const std::vector<const Exercise*>& exercises) {
  for (const Exercise* exercise : exercises) {
    if (exercise->kind == ExerciseKind::kTest) continue;
    for (const std::string& name : exercise->functions) {
      const auto found =
          FindExerciseFunction(FilesWith(tree, name), *exercise, name);
      if (!found.ok()) continue;
      std::string& text = tree.at(found->file);
      if (!IsEmptied(text, found->function)) {
        text = EmptyFunction(text, found->function, exercise->id);
      }
    }
  }
  return tree;
}

// Files that the learner changed outside of the exercises.
void FindDropped(
    const Earlier& earlier, const std::vector<const Exercise*>& exercises,
    std::vector<std::string>* dropped) {
  std::set<std::string> ids;
  for (const Exercise* exercise :
       earlier.stage->manifest.ExercisesOf(earlier.part)) {
    ids.insert(exercise->id);
  }
  Result<SourceTree> starter =
      EmptyExercises(earlier.stage->manifest, earlier.reference, ids);
  if (!starter.ok()) return;
  const SourceTree theirs = WithoutExercises(*std::move(starter), exercises);
  const SourceTree mine = WithoutExercises(earlier.mine, exercises);
  for (const auto& [path, text] : mine) {
    if (path.starts_with("tests/")) continue;
    const auto there = theirs.find(path);
    if (there == theirs.end() || Bare(there->second) != Bare(text)) {
      dropped->push_back("stage" + earlier.part + "/" + path);
    }
  }
}

// A test that the learner wrote: the whole file, since names are theirs.
Carried CarryTest(
    const Exercise& exercise, const std::vector<Earlier>& earlier,
    const SourceTree& reference, SourceTree* starter) {
  Carried result;
  result.exercise = exercise.id;
  result.function = exercise.file;
  const auto target = reference.find(exercise.file);
  if (target == reference.end()) {
    result.gone = true;
    result.why = "this stage has no such file any more";
    return result;
  }
  result.why = "you have written nothing else for it";
  for (auto it = earlier.rbegin(); it != earlier.rend(); ++it) {
    const auto mine = it->mine.find(exercise.file);
    const auto theirs = it->reference.find(exercise.file);
    if (mine == it->mine.end() || theirs == it->reference.end() ||
        mine->second == theirs->second) {
      continue;
    }
    if (IsStarterTest(*it, exercise)) {
      result.empty = true;
      continue;
    }
    result.empty = false;
    result.from = it->part;
    if (theirs->second != target->second) {
      result.why = "the file changes in this stage";
      return result;
    }
    if (mine->second.find("kv::ExerciseTodo(") != std::string::npos) {
      result.why = "only some of its tests are written";
      return result;
    }
    (*starter)[exercise.file] = mine->second;
    result.carried = true;
    result.why.clear();
    return result;
  }
  return result;
}

}  // namespace

Result<std::vector<Carried>> CarrySolutions(
    Context& context, const Course& course, const PartRef& part,
    const SourceTree& reference, SourceTree* starter,
    std::vector<std::string>* dropped) {
  std::vector<Carried> all;
  std::vector<Earlier> earlier;
  std::vector<const Exercise*> exercises;
  KV_ASSIGN_OR_RETURN(const auto stages, context.SoundStages());
  for (const Stage* stage : stages) {
    for (const Part& other : stage->manifest.parts) {
      if (other.id >= part.parts.front()->id) {
        continue;
      }
      for (const Exercise* exercise : stage->manifest.ExercisesOf(other.id)) {
        exercises.push_back(exercise);
      }
      std::error_code error;
      if (std::filesystem::exists(course.EngineDir(other.id), error)) {
        KV_ASSIGN_OR_RETURN(SourceTree theirs, ReadSources(stage->path));
        KV_ASSIGN_OR_RETURN(
            SourceTree mine, ReadSources(course.EngineDir(other.id)));
        earlier.push_back(
            {other.id, stage, std::move(theirs), std::move(mine)});
      }
    }
  }
  for (const Exercise* exercise : exercises) {
    if (exercise->kind == ExerciseKind::kTest) {
      all.push_back(CarryTest(*exercise, earlier, reference, starter));
      continue;
    }
    for (const std::string& spec : exercise->functions) {
      all.push_back(
          CarryFunction(*exercise, spec, earlier, reference, starter));
    }
  }
  for (const Earlier& one : earlier) {
    FindDropped(one, exercises, dropped);
  }
  std::set<std::string> started;
  for (const Earlier& one : earlier) started.insert(one.part);
  for (Carried& item : all) {
    const auto exercise = std::find_if(
        exercises.begin(), exercises.end(), [&](const Exercise* candidate) {
          return candidate->id == item.exercise;
        });
    item.never_started = exercise != exercises.end() && item.from.empty() &&
        !started.contains((*exercise)->part);
  }
  return all;
}

}  // namespace kv::tool
