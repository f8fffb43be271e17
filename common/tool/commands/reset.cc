#include "common/tool/commands/reset.h"

#include <unistd.h>

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
  bool undo = false;
};

fs::path BackupBase(const Course& course) {
  return course.NotesDir() / "backup";
}

// A folder name that is new, sorts by time and names the exercise.
fs::path BackupFolder(const Course& course, const ExerciseRef& ref) {
  char stamp[32];
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
  fs::path folder;
  std::error_code ignored;
  int i = 1;
  do {
    folder = BackupBase(course) /
        fmt::format("{}.{:02}_{}", stamp, i++, ref.exercise->id);
  } while (fs::exists(folder, ignored));
  return folder / fmt::format("stage{}", ref.part->id);
}

// The newest copy that was kept of the exercise; empty if there is none.
fs::path NewestBackup(const Course& course, const ExerciseRef& ref) {
  fs::path newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(BackupBase(course), error)) {
    if (entry.path().filename().string().ends_with("_" + ref.exercise->id) &&
        (newest.empty() || newest < entry.path())) {
      newest = entry.path();
    }
  }
  return newest.empty() ? newest
                        : newest / fmt::format("stage{}", ref.part->id);
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

// Puts back what a reset took: each function of the exercise that is empty,
// a test with its whole file.
Result<SourceTree> RestoredFiles(
    const ExerciseRef& ref, const SourceTree& mine, const SourceTree& kept,
    const fs::path& backup) {
  const Exercise& exercise = *ref.exercise;
  const Status written = Status::Conflict(fmt::format(
      "exercise {} is not empty: what you have written since the reset would "
      "be lost. Copy what you want by hand, from {}.",
      exercise.id, backup.string()));
  SourceTree changed;
  if (exercise.kind == ExerciseKind::kTest) {
    KV_ASSIGN_OR_RETURN(
        const SourceTree starter,
        MakeStarter(ref.stage->manifest, ref.stage->path, ref.part->id));
    const auto now = mine.find(exercise.file);
    if (now != mine.end() && now->second != starter.at(exercise.file)) {
      return written;
    }
    changed[exercise.file] = kept.at(exercise.file);
    return changed;
  }
  for (const std::string& name : exercise.functions) {
    const auto before = FindExerciseFunction(kept, exercise, name);
    if (!before.ok()) {
      continue;  // in a file that the reset did not touch
    }
    SourceTree now = mine;
    for (const auto& [path, text] : changed) {
      now[path] = text;
    }
    KV_ASSIGN_OR_RETURN(
        const ExerciseFunction found,
        FindExerciseFunction(now, exercise, name));
    std::string text = now.at(found.file);
    const std::string& from = kept.at(before->file);
    if (IsEmptied(from, before->function)) {
      continue;
    }
    if (!IsEmptied(text, found.function)) {
      return written;
    }
    text.replace(
        found.function.signature_end,
        found.function.body_end - found.function.signature_end,
        from.substr(
            before->function.signature_end,
            before->function.body_end - before->function.signature_end));
    changed[found.file] = std::move(text);
  }
  return changed;
}

Status Undo(
    const ExerciseRef& ref, const Course& course, const fs::path& folder,
    const SourceTree& mine) {
  const fs::path backup = NewestBackup(course, ref);
  if (backup.empty()) {
    return Status::NotSupported(fmt::format(
        "no reset of {} is known that could be undone.", ref.exercise->id));
  }
  SourceTree kept;
  for (const fs::path& file : FilesUnder(backup)) {
    KV_ASSIGN_OR_RETURN(kept[file.generic_string()], ReadText(backup / file));
  }
  KV_ASSIGN_OR_RETURN(
      const SourceTree changed, RestoredFiles(ref, mine, kept, backup));
  for (const auto& [path, text] : changed) {
    KV_RETURN_IF_ERROR(WriteText(folder / path, text));
  }
  fmt::print("Exercise {} is as it was before its reset:\n", ref.exercise->id);
  for (const auto& [path, text] : changed) {
    fmt::print("  {}\n", (folder / path).string());
  }
  return Status::Ok();
}

// Ok if it may be emptied; asks where somebody can answer.
Status AskFirst(
    Context& context, const ResetOptions& options, const Exercise& exercise,
    bool* yes) {
  *yes = options.yes;
  if (options.yes) {
    return Status::Ok();
  }
  if (!context.terminal().interactive() || isatty(STDIN_FILENO) == 0) {
    return Status::NotSupported(fmt::format(
        "nothing changed: there is no terminal to ask on whether to empty "
        "exercise {0}. '{1} reset {0} --yes' does it without asking, and keeps "
        "a copy.",
        exercise.id, context.CommandName()));
  }
  *yes = context.terminal().Confirm(
      fmt::format("Empty exercise {} again? A copy is kept.", exercise.id));
  if (!*yes) {
    fmt::print("Nothing changed.\n");
  }
  return Status::Ok();
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
  if (options.undo) {
    return Undo(ref, course, folder, mine);
  }
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
  bool yes = false;
  KV_RETURN_IF_ERROR(AskFirst(context, options, *ref.exercise, &yes));
  if (!yes) {
    return Status::Ok();
  }
  const fs::path backup = BackupFolder(course, ref);
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
  fmt::print(
      "What was there is kept in\n  {}\nTo put it back:\n  {} reset {} "
      "--undo\n",
      backup.string(), context.CommandName(), ref.exercise->id);
  return Status::Ok();
}

}  // namespace

void RegisterReset(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupHelp, "reset",
      "Empty an exercise again; a copy of yours is kept", "wb reset 1.2");
  auto options = std::make_shared<ResetOptions>();
  command->add_option("N.M", options->exercise, "The exercise")->required();
  auto* yes = command->add_flag(
      "--yes", options->yes,
      "Do it without asking; needed where there is no terminal to ask on");
  command
      ->add_flag(
          "--undo", options->undo, "Put back what the last reset of it took")
      ->excludes(yes);
  command->callback(
      [&context, options] { context.Finish(Reset(context, *options)); });
}

}  // namespace kv::tool
