#include "common/tool/commands/reset.h"

#include <algorithm>
#include <ctime>
#include <memory>

#include <fmt/format.h>

#include "common/tool/course/emptier.h"
#include "common/tool/files.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

struct ResetOptions {
  std::string exercise;
  bool yes = false;
};

// A folder name that is new and sorts by time.
fs::path BackupFolder(const Course& course, const std::string& part) {
  char stamp[32];
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
  const fs::path base = course.NotesDir() / "backup";
  fs::path folder = base / stamp;
  std::error_code ignored;
  for (int i = 2; fs::exists(folder, ignored); ++i) {
    folder = base / fmt::format("{}-{}", stamp, i);
  }
  return folder / fmt::format("stage{}", part);
}

// The learner's files with the exercise emptied; only files that change.
Result<SourceTree> EmptiedFiles(
    const ExerciseRef& ref, const SourceTree& mine) {
  SourceTree changed;
  if (ref.exercise->kind == ExerciseKind::kTest) {
    // A learner's tests have names of their own: the whole file is reset.
    KV_ASSIGN_OR_RETURN(
        const SourceTree starter,
        MakeStarter(ref.stage->manifest, ref.stage->path, ref.part->id));
    changed[ref.exercise->file] = starter.at(ref.exercise->file);
    return changed;
  }
  for (const std::string& name : ref.exercise->functions) {
    SourceTree now = mine;
    for (const auto& [path, text] : changed) {
      now[path] = text;
    }
    Result<ExerciseFunction> found =
        FindExerciseFunction(now, *ref.exercise, name);
    if (!found.ok()) {
      return Status::NotSupported(fmt::format(
          "{} in your folder. It is needed as the starter had it: see 'git "
          "log' there, or 'wb diff {} --mine'.",
          found.status().message(), ref.part->id));
    }
    const std::string& text = now.at(found->file);
    if (!IsEmptied(text, found->function)) {
      changed[found->file] =
          EmptyFunction(text, found->function, ref.exercise->id);
    }
  }
  return changed;
}

Status Reset(Context& context, const ResetOptions& options) {
  KV_ASSIGN_OR_RETURN(
      const ExerciseRef ref, context.FindExercise(options.exercise));
  KV_ASSIGN_OR_RETURN(const Course course, context.FindCourse());
  const std::string& part = ref.part->id;
  const fs::path folder = course.EngineDir(part);
  std::error_code error;
  if (!fs::exists(folder, error)) {
    return Status::NotSupported(fmt::format(
        "you have not started {0} yet: there is no {1}. '{2} start {0}' "
        "makes it.",
        part, folder.string(), context.CommandName()));
  }
  KV_ASSIGN_OR_RETURN(const SourceTree mine, ReadSources(folder));
  KV_ASSIGN_OR_RETURN(SourceTree changed, EmptiedFiles(ref, mine));
  std::erase_if(changed, [&mine](const auto& entry) {
    const auto it = mine.find(entry.first);
    return it != mine.end() && it->second == entry.second;
  });
  if (changed.empty()) {
    fmt::print(
        "Exercise {} is empty already; nothing changed.\n", ref.exercise->id);
    return Status::Ok();
  }
  if (!options.yes && context.terminal().interactive() &&
      !context.terminal().Confirm(fmt::format(
          "Empty exercise {} again? A copy is kept.", ref.exercise->id))) {
    fmt::print("Nothing changed.\n");
    return Status::Ok();
  }
  const fs::path backup = BackupFolder(course, part);
  for (const auto& [path, text] : changed) {
    if (mine.count(path) > 0) {
      KV_RETURN_IF_ERROR(WriteText(backup / path, mine.at(path)));
    }
  }
  for (const auto& [path, text] : changed) {
    KV_RETURN_IF_ERROR(WriteText(folder / path, text));
  }
  fmt::print("Exercise {} is empty again:\n", ref.exercise->id);
  for (const auto& [path, text] : changed) {
    fmt::print("  {}\n", (folder / path).string());
  }
  fmt::print("What was there is kept in\n  {}\n", backup.string());
  return Status::Ok();
}

}  // namespace

void RegisterReset(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupHelp, "reset",
      "Empty an exercise again; a copy of yours is kept", "wb reset 1.2");
  auto options = std::make_shared<ResetOptions>();
  command->add_option("N.M", options->exercise, "The exercise")->required();
  command->add_flag("--yes", options->yes, "Do it without asking");
  command->callback(
      [&context, options] { context.Finish(Reset(context, *options)); });
}

}  // namespace kv::tool
