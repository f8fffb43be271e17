#include "common/tool/commands/diff.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/course/emptier.h"
#include "common/tool/course/results.h"
#include "common/tool/files.h"
#include "common/tool/maintain/diff_page.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

struct DiffOptions {
  std::string a;
  std::string b;
  std::string html;
  bool mine = false;
  bool stat = false;
};

// One side of a comparison.
struct Side {
  fs::path folder;
  std::string label;  // stands for the folder in the output
  std::vector<std::string> files;
  fs::path scratch;  // for changed copies of its files; empty: none
};

constexpr const char* kOwnTests = "tests/own";

// Of the engine, and what learners write beside it.
std::vector<std::string> Layers() {
  std::vector<std::string> layers = EngineFolders();
  layers.push_back(kOwnTests);
  return layers;
}

// Engine files in reading order: lower layers first, headers before sources.
std::vector<std::string> EngineFiles(
    const fs::path& folder, bool with_own_tests) {
  std::vector<std::string> files;
  for (const std::string& layer : Layers()) {
    if (layer == kOwnTests && !with_own_tests) continue;
    std::vector<std::string> of_layer;
    for (const fs::path& file : FilesUnder(folder / layer)) {
      of_layer.push_back(layer + "/" + file.generic_string());
    }
    std::sort(
        of_layer.begin(), of_layer.end(),
        [](const std::string& a, const std::string& b) {
          const std::string stem_a = a.substr(0, a.rfind('.'));
          const std::string stem_b = b.substr(0, b.rfind('.'));
          return stem_a != stem_b ? stem_a < stem_b : a > b;  // .h, then .cc
        });
    files.insert(files.end(), of_layer.begin(), of_layer.end());
  }
  return files;
}

// The order of `b`, with what only `a` has behind its layer's files.
std::vector<std::string> Union(const Side& a, const Side& b) {
  std::vector<std::string> files;
  std::set<std::string> done;
  for (const std::string& layer : Layers()) {
    for (const Side* side : {&b, &a}) {
      for (const std::string& file : side->files) {
        if (file.substr(0, layer.size() + 1) == layer + "/" &&
            done.insert(file).second) {
          files.push_back(file);
        }
      }
    }
  }
  return files;
}

bool Has(const Side& side, const std::string& file) {
  return std::find(side.files.begin(), side.files.end(), file) !=
      side.files.end();
}

std::string ReplaceAll(
    std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The starter's include of ExerciseTodo, which nothing uses any more, tells
// nothing: such a file is compared as if it were not there.
Status HideExerciseInclude(
    const std::string& path, const fs::path& scratch, fs::path* file) {
  constexpr std::string_view kInclude = "#include \"common/base/exercise.h\"\n";
  KV_ASSIGN_OR_RETURN(std::string text, ReadText(*file));
  const size_t at = text.find(kInclude);
  if (at == std::string::npos ||
      text.find("ExerciseTodo(") != std::string::npos) {
    return Status::Ok();
  }
  text.erase(at, kInclude.size());
  *file = scratch / path;
  return WriteText(*file, text);
}

// git's text between two files, with labels where git names the folders.
Result<FileDiff> DiffFile(
    const Side& a, const Side& b, const std::string& path, bool colour) {
  FileDiff diff;
  diff.path = path;
  const bool in_a = Has(a, path);
  const bool in_b = Has(b, path);
  diff.state = !in_a ? "new" : !in_b ? "retired" : "changed";
  const std::string from = in_a ? (a.folder / path).string() : "/dev/null";
  fs::path file_b = in_b ? b.folder / path : fs::path("/dev/null");
  if (in_b && !b.scratch.empty()) {
    KV_RETURN_IF_ERROR(HideExerciseInclude(path, b.scratch, &file_b));
  }
  const std::string to = file_b.string();
  const ProcessResult result = RunProcess(
      {"git", "-c", "core.quotepath=off", "diff", "--no-index", "--no-prefix",
       "--no-ext-diff", "--no-textconv",
       colour ? "--color=always" : "--color=never", from, to},
      "/");
  if (result.exit_code > 1) {
    return Status::IoError(
        result.exit_code == 127
            ? "git was not found. 'common/wb doctor' says how to get it."
            : "git diff failed: " + result.output);
  }
  std::istringstream lines(result.output);
  bool in_hunks = false;
  for (std::string line; std::getline(lines, line);) {
    std::string bare = line;
    while (bare.substr(0, 1) == "\x1b") {
      bare.erase(0, bare.find('m') + 1);
    }
    in_hunks = in_hunks || bare.substr(0, 2) == "@@";
    if (!in_hunks) {
      for (const Side* side : {&a, &b}) {
        for (const fs::path& path_of : {side->folder, side->scratch}) {
          const std::string folder = path_of.string();
          if (folder.empty()) continue;
          // git leaves out the first slash of an absolute path.
          for (const std::string& name : {folder, folder.substr(1)}) {
            line = ReplaceAll(line, name + "/", side->label + "/");
          }
        }
      }
    } else {
      diff.added += bare.substr(0, 1) == "+" ? 1 : 0;
      diff.removed += bare.substr(0, 1) == "-" ? 1 : 0;
    }
    diff.text += line + "\n";
  }
  return diff;
}

Result<Side> Reference(
    Context& context, const std::string& name, bool with_own_tests) {
  KV_ASSIGN_OR_RETURN(const PartRef ref, context.FindPart(name));
  return Side{
      ref.stage->path,
      ref.stage->path.filename().string(),
      EngineFiles(ref.stage->path, with_own_tests),
      {}};
}

Result<Side> Mine(Context& context, const std::string& name) {
  KV_ASSIGN_OR_RETURN(const PartRef ref, context.FindOnePart(name));
  KV_ASSIGN_OR_RETURN(const Course course, context.FindCourse());
  const std::string& part = ref.parts.front()->id;
  const fs::path folder = course.EngineDir(part);
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) {
    return Status::NotSupported(fmt::format(
        "you have not started {0} yet: there is no {1}. '{2} start {0}' "
        "makes it.",
        part, folder.string(), context.CommandName()));
  }
  const fs::path scratch =
      course.NotesDir() / fmt::format("diff.{}", getpid()) / part;
  return Side{folder, "mine/stage" + part, EngineFiles(folder, true), scratch};
}

// On stderr, before the reference's text of exercises that are still open in
// the learner's folder. Nothing where there is no such folder.
Status WarnOfSolutions(Context& context, const std::string& name) {
  const Result<Course> course = context.FindCourse();
  if (!course.ok()) {
    return Status::Ok();
  }
  KV_ASSIGN_OR_RETURN(const PartRef ref, context.FindPart(name));
  KV_ASSIGN_OR_RETURN(
      const ResultStore results, ResultStore::Load(course->NotesDir()));
  std::vector<std::string> open;
  for (const Part* part : ref.parts) {
    for (const Exercise* exercise : ref.stage->manifest.ExercisesOf(part->id)) {
      const TestResult* result = results.Find(exercise->id);
      if (result == nullptr || result->outcome != Outcome::kPassed) {
        open.push_back(exercise->id);
      }
    }
  }
  if (!open.empty()) {
    std::fflush(stdout);
    fmt::print(
        stderr, "{}",
        context.terminal().Wrap(fmt::format(
            "{} this shows the reference's solutions of {}, where you have "
            "not solved {} yet. --stat shows only files and line counts.",
            context.terminal().Yellow("wb:"), name, fmt::join(open, ", "))));
  }
  return Status::Ok();
}

void PrintStat(
    const Terminal& terminal, const Side& a, const Side& b,
    const std::vector<FileDiff>& diffs) {
  size_t columns = 0;
  for (const FileDiff& diff : diffs) {
    columns = std::max(columns, diff.path.size());
  }
  for (const FileDiff& diff : diffs) {
    fmt::print(
        "  {:<8} {:<{}}  {} {}\n", diff.state, diff.path, columns,
        terminal.Green(fmt::format("{:>6}", fmt::format("+{}", diff.added))),
        terminal.Red(fmt::format("{:>6}", fmt::format("-{}", diff.removed))));
  }
  fmt::print("{} to {}: {}\n", a.label, b.label, DiffTotals(diffs));
}

void PrintJson(const std::vector<FileDiff>& diffs, bool with_text) {
  nlohmann::json list = nlohmann::json::array();
  for (const FileDiff& diff : diffs) {
    nlohmann::json item = {
        {"file", diff.path},
        {"state", diff.state},
        {"added", diff.added},
        {"removed", diff.removed},
    };
    if (with_text) {
      item["diff"] = diff.text;
    }
    list.push_back(item);
  }
  fmt::print("{}\n", nlohmann::json{{"files", list}}.dump(2));
}

Status WritePage(
    const fs::path& file, const Side& a, const Side& b,
    const std::vector<FileDiff>& diffs, bool with_lines) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) {
    return Status::InvalidArgument(fmt::format(
        "{} is a folder; --html wants the name of a file, as {}", file.string(),
        (file / "diff.html").string()));
  }
  return WriteText(file, ToHtml({a.label, b.label, diffs, with_lines}));
}

Status Diff(Context& context, const DiffOptions& options) {
  if (options.b.empty() && !options.mine) {
    return Status::InvalidArgument(fmt::format(
        "compare with what? 'diff {0} NN' with another stage, 'diff {0} "
        "--mine' the reference with yours.",
        options.a));
  }
  const std::string second = options.b.empty() ? options.a : options.b;
  Result<Side> a = options.mine && !options.b.empty()
      ? Mine(context, options.a)
      : Reference(context, options.a, options.mine);
  if (!a.ok()) {
    return a.status();
  }
  Result<Side> b =
      options.mine ? Mine(context, second) : Reference(context, second, false);
  if (!b.ok()) {
    return b.status();
  }
  if (a->folder == b->folder) {
    return Status::InvalidArgument(fmt::format(
        "{} and {} are the same folder, {}; there is nothing to compare. "
        "Parts of one stage share its folder.",
        options.a, second, a->label));
  }
  if (!options.stat) {
    if (!options.mine) KV_RETURN_IF_ERROR(WarnOfSolutions(context, options.a));
    if (!options.mine || options.b.empty()) {
      KV_RETURN_IF_ERROR(WarnOfSolutions(context, second));
    }
  }
  const bool page = !options.html.empty();
  const bool colour = context.terminal().colour() && !context.json() && !page;
  std::vector<FileDiff> diffs;
  for (const std::string& path : Union(*a, *b)) {
    KV_ASSIGN_OR_RETURN(FileDiff diff, DiffFile(*a, *b, path, colour));
    if (!diff.text.empty()) {
      diffs.push_back(std::move(diff));
    }
  }
  if (!b->scratch.empty()) {
    std::error_code ignored;
    fs::remove_all(b->scratch.parent_path(), ignored);
  }
  fs::path file;
  if (page) {
    file = context.FromCaller(options.html);
    KV_RETURN_IF_ERROR(WritePage(file, *a, *b, diffs, !options.stat));
  }
  if (context.json()) {
    PrintJson(diffs, !options.stat);
  } else if (diffs.empty()) {
    fmt::print("{} and {} do not differ.\n", a->label, b->label);
  } else {
    for (const FileDiff& diff : diffs) {
      if (!options.stat && !page) {
        fmt::print("{}", diff.text);
      }
    }
    PrintStat(context.terminal(), *a, *b, diffs);
  }
  if (page && !context.json()) {
    fmt::print("The page: {}\n", file.string());
  }
  return Status::Ok();
}

}  // namespace

void RegisterDiff(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupCompare, "diff",
      "What a stage adds to another, or what yours does otherwise",
      "wb diff 01 02 --html diff.html   (or: wb diff 01 --mine)");
  auto options = std::make_shared<DiffOptions>();
  command->add_option("A", options->a, "A stage or part")->required();
  command->add_option("B", options->b, "Another one");
  command->add_flag(
      "--mine", options->mine,
      "Compare your folders: A's reference with yours, or yours of A and B");
  command->add_flag("--stat", options->stat, "Only files and line counts");
  command
      ->add_option(
          "--html", options->html,
          "Write it as a page into this file, which stands on its own")
      ->type_name("FILE");
  command->callback(
      [&context, options] { context.Finish(Diff(context, *options)); });
}

}  // namespace kv::tool
