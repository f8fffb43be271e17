#include "common/tool/course/emptier.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/tool/files.h"
#include "common/tool/source/lexer.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInclude = "common/base/exercise.h";

struct Edit {
  size_t begin;
  size_t end;
  std::string replacement;
};

// Applies edits that do not overlap.
std::string Apply(const std::string& text, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) {
    return a.begin > b.begin;
  });
  std::string result = text;
  for (const Edit& edit : edits) {
    result.replace(edit.begin, edit.end - edit.begin, edit.replacement);
  }
  return result;
}

bool IsSource(const std::string& path) {
  const std::string extension = fs::path(path).extension().string();
  return extension == ".h" || extension == ".cc";
}

bool IsOwnTest(const std::string& path) {
  return path.substr(0, 10) == "tests/own/";
}

// White space at the start of the line of `offset`.
std::string IndentOf(std::string_view text, size_t offset) {
  size_t start = offset;
  while (start > 0 && text[start - 1] != '\n') {
    --start;
  }
  const size_t end = std::min(text.find_first_not_of(" \t", start), offset);
  return std::string(text.substr(start, end - start));
}

Edit EmptyEdit(
    std::string_view text, const Function& function, std::string_view id) {
  const std::string indent = IndentOf(text, function.begin);
  return {
      function.signature_end, function.body_end,
      fmt::format(" {{\n{0}  kv::ExerciseTodo(\"{1}\");\n{0}}}", indent, id)};
}

// Removes a function with its comment, and one of the blank lines around it.
Edit RemoveEdit(std::string_view text, const Function& function) {
  const size_t begin = StartWithComment(text, function.begin);
  size_t end = function.end;
  while (end < text.size() && text[end] != '\n') {
    ++end;  // a comment behind it
  }
  end = std::min(end + 1, text.size());
  const bool blank_before = begin >= 2 && text.substr(begin - 2, 2) == "\n\n";
  if (blank_before && end < text.size() && text[end] == '\n') {
    ++end;
  }
  return {begin, end, ""};
}

// The files in which an exercise's functions may be.
std::vector<NamedSource> Candidates(
    const SourceTree& tree, const Exercise& exercise) {
  std::vector<NamedSource> files;
  for (const auto& [path, text] : tree) {
    const bool wanted = !exercise.file.empty()
        ? path == exercise.file
        : IsOwnTest(path) == (exercise.kind == ExerciseKind::kTest);
    if (wanted && IsSource(path)) {
      files.push_back({path, text});
    }
  }
  return files;
}

Status Explain(const Exercise& exercise, const Status& status) {
  return Status::InvalidArgument(
      fmt::format("exercise {}: {}", exercise.id, status.message()));
}

// Edits by file; positions are those of the tree as it was read.
using Edits = std::map<std::string, std::vector<Edit>>;

Status EmptyOne(
    const SourceTree& tree, const Exercise& exercise, Edits* edits) {
  for (const std::string& spec : exercise.functions) {
    KV_ASSIGN_OR_RETURN(
        const ExerciseFunction found,
        FindExerciseFunction(tree, exercise, spec));
    const std::string& text = tree.at(found.file);
    const Status allowed = CheckMayBeExercise(found.function, text);
    if (!allowed.ok()) {
      return Explain(exercise, allowed);
    }
    (*edits)[found.file].push_back(
        EmptyEdit(text, found.function, exercise.id));
  }
  return Status::Ok();
}

// Removes the definition of a helper and every declaration of it.
Status RemoveHelper(
    const SourceTree& tree, const Exercise& exercise, const std::string& helper,
    Edits* edits) {
  KV_ASSIGN_OR_RETURN(
      const ExerciseFunction found,
      FindExerciseFunction(tree, exercise, helper));
  KV_ASSIGN_OR_RETURN(const FunctionSpec spec, ParseFunctionSpec(helper));
  for (const auto& [path, text] : tree) {
    // What an anonymous namespace holds is known in its file only.
    if (!IsSource(path) ||
        (found.function.is_anonymous && path != found.file)) {
      continue;
    }
    KV_ASSIGN_OR_RETURN(const auto functions, FindFunctions(text));
    for (const Function& function : functions) {
      const bool same =
          function.parameters.size() == found.function.parameters.size() &&
          function.is_const == found.function.is_const;
      if (spec.Matches(function) && same) {
        (*edits)[path].push_back(RemoveEdit(text, function));
      }
    }
  }
  return Status::Ok();
}

// Whether a function of that name is called anywhere, or declared still.
Status CheckUnused(
    const SourceTree& tree, const Exercise& exercise, std::string_view helper) {
  KV_ASSIGN_OR_RETURN(const FunctionSpec spec, ParseFunctionSpec(helper));
  const std::string& name = spec.path.back();
  std::string use;
  for (const auto& [path, text] : tree) {
    if (!IsSource(path)) {
      continue;
    }
    KV_ASSIGN_OR_RETURN(const auto functions, FindFunctions(text));
    for (const Function& function : functions) {
      if (function.path.back() == name) {
        return Status::Ok();  // another function of that name may be meant
      }
    }
    KV_ASSIGN_OR_RETURN(const auto tokens, Tokenize(text));
    for (size_t i = 0; i + 1 < tokens.size() && use.empty(); ++i) {
      if (tokens[i].Is(name) && tokens[i + 1].Is("(")) {
        use = fmt::format("{}:{}", path, LineOf(text, tokens[i].begin));
      }
    }
  }
  if (use.empty()) {
    return Status::Ok();
  }
  return Status::InvalidArgument(fmt::format(
      "exercise {}: the helper {} leaves with the exercise, but {} still "
      "uses it (line of the starter); take it out of 'helpers'",
      exercise.id, helper, use));
}

}  // namespace

const std::vector<std::string>& EngineFolders() {
  static const std::vector<std::string> folders = {
      "kv",      "index",      "log", "memtable", "table", "cache",
      "version", "compaction", "db",  "txn",      "query", "raft",
      "shard",   "cluster",    "net", "client",   "app",
  };
  return folders;
}

Result<SourceTree> ReadSources(const fs::path& stage_dir) {
  SourceTree tree;
  std::vector<std::string> folders = EngineFolders();
  folders.push_back("tests/own");
  for (const std::string& folder : folders) {
    for (const fs::path& file : FilesUnder(stage_dir / folder)) {
      KV_ASSIGN_OR_RETURN(
          std::string text, ReadText(stage_dir / folder / file));
      tree[folder + "/" + file.generic_string()] = std::move(text);
    }
  }
  if (tree.empty()) {
    return Status::NotSupported(
        stage_dir.string() + " holds no sources (no db/, kv/, …)");
  }
  return tree;
}

Status WriteSources(const SourceTree& tree, const fs::path& folder) {
  for (const auto& [path, text] : tree) {
    KV_RETURN_IF_ERROR(WriteText(folder / path, text));
  }
  return Status::Ok();
}

Result<ExerciseFunction> FindExerciseFunction(
    const SourceTree& tree, const Exercise& exercise, std::string_view spec) {
  const std::vector<NamedSource> files = Candidates(tree, exercise);
  if (files.empty()) {
    return Status::NotSupported(fmt::format(
        "exercise {}: {} is not there", exercise.id,
        exercise.file.empty() ? "any source file" : exercise.file));
  }
  Result<FoundFunction> found = FindDefinition(files, spec);
  if (!found.ok()) {
    return Explain(exercise, found.status());
  }
  return ExerciseFunction{files[found->file].name, found->function};
}

Result<SourceTree> EmptyExercises(
    const Manifest& manifest, SourceTree tree,
    const std::set<std::string>& ids) {
  Edits edits;
  for (const Exercise& exercise : manifest.exercises) {
    if (ids.count(exercise.id) == 0) {
      continue;
    }
    KV_RETURN_IF_ERROR(EmptyOne(tree, exercise, &edits));
    for (const std::string& helper : exercise.helpers) {
      KV_RETURN_IF_ERROR(RemoveHelper(tree, exercise, helper, &edits));
    }
  }
  for (auto& [path, list] : edits) {
    std::string& text = tree[path];
    text = Apply(text, std::move(list));
    if (text.find("kv::ExerciseTodo(") != std::string::npos) {
      text = WithInclude(text, kInclude);
    }
  }
  for (const Exercise& exercise : manifest.exercises) {
    if (ids.count(exercise.id) == 0) {
      continue;
    }
    for (const std::string& helper : exercise.helpers) {
      KV_RETURN_IF_ERROR(CheckUnused(tree, exercise, helper));
    }
  }
  return tree;
}

Result<SourceTree> MakeStarter(
    const Manifest& manifest, const fs::path& stage_dir,
    std::string_view part) {
  std::set<std::string> ids;
  for (const Exercise* exercise : manifest.ExercisesOf(part)) {
    ids.insert(exercise->id);
  }
  KV_ASSIGN_OR_RETURN(SourceTree tree, ReadSources(stage_dir));
  return EmptyExercises(manifest, std::move(tree), ids);
}

std::string EmptyFunction(
    const std::string& text, const Function& function,
    std::string_view exercise_id) {
  return WithInclude(
      Apply(text, {EmptyEdit(text, function, exercise_id)}), kInclude);
}

bool IsEmptied(std::string_view text, const Function& function) {
  const Result<std::string> body =
      NormalText(text, function.body_begin, function.body_end);
  return body.ok() && body->find("kv :: ExerciseTodo (") == 2;
}

Unwritten FindUnwritten(
    const Manifest& manifest, std::string_view part, const SourceTree& tree) {
  SourceTree candidates;
  for (const auto& [path, text] : tree) {
    if (text.find("ExerciseTodo(") != std::string::npos) {
      candidates[path] = text;
    }
  }
  Unwritten unwritten;
  for (const Exercise* exercise : manifest.ExercisesOf(part)) {
    std::vector<UnwrittenFunction>& functions = unwritten[exercise->id];
    if (candidates.empty()) {
      continue;
    }
    for (const std::string& name : exercise->functions) {
      const auto found = FindExerciseFunction(candidates, *exercise, name);
      if (!found.ok()) {
        continue;
      }
      const Result<std::string> body = NormalText(
          candidates.at(found->file), found->function.body_begin,
          found->function.body_end);
      if (body.ok() && body->find("ExerciseTodo (") != std::string::npos) {
        functions.push_back({found->file, name});
      }
    }
  }
  return unwritten;
}

std::string WithInclude(const std::string& text, std::string_view path) {
  const std::string line = fmt::format("#include \"{}\"\n", path);
  if (text.find(line) != std::string::npos) {
    return text;
  }
  // Before the first quoted include that sorts behind it, among those of its
  // folder's project ("common/…"); else after the last include.
  size_t after = std::string::npos;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view current(text.data() + at, end - at);
    if (current.substr(0, 9) == "#include ") {
      if (current.substr(0, 17) == "#include \"common/" && current > line) {
        return text.substr(0, at) + line + text.substr(at);
      }
      after = end;
    } else if (
        current.substr(0, 12) == "#pragma once" && after == std::string::npos) {
      after = end;
    }
    at = end;
  }
  if (after == std::string::npos) {
    return line + "\n" + text;
  }
  // A block of <system> includes ends with a blank line before ours.
  const size_t before = text.rfind('\n', after - 2);
  const std::string_view last(text.data() + before + 1, after - before - 1);
  const bool quoted = last.substr(0, 10) == "#include \"" &&
      text.find("#include \"common/") != std::string::npos;
  return text.substr(0, after) + (quoted ? "" : "\n") + line +
      text.substr(after);
}

}  // namespace kv::tool
