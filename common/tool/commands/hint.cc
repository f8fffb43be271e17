#include "common/tool/commands/hint.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/course/chapter.h"
#include "common/tool/course/notes.h"
#include "common/tool/files.h"

namespace kv::tool {
namespace {

struct HintOptions {
  std::string exercise;
  bool all = false;
  bool again = false;
};

void PrintHint(
    const Terminal& terminal, const ExerciseSection& section, size_t index) {
  fmt::print(
      "{}\n\n{}\n",
      terminal.Bold(
          fmt::format("Hint {} of {}", index + 1, section.hints.size())),
      terminal.Wrap(section.hints[index], 2));
}

Status PrintJson(
    const ExerciseRef& ref, const ExerciseSection& section, size_t shown) {
  nlohmann::json hints = nlohmann::json::array();
  for (size_t i = 0; i < shown; ++i) {
    hints.push_back(section.hints[i]);
  }
  const nlohmann::json json = {
      {"exercise", ref.exercise->id},
      {"hints_shown", hints},
      {"hints_total", section.hints.size()},
  };
  fmt::print("{}\n", json.dump(2));
  return Status::Ok();
}

Status Hint(Context& context, const HintOptions& options) {
  KV_ASSIGN_OR_RETURN(
      const ExerciseRef ref, context.FindExercise(options.exercise));
  const std::filesystem::path path = context.root() / ref.part->chapter;
  Result<std::string> chapter = ReadText(path);
  if (!chapter.ok()) {
    return Status::NotSupported(fmt::format(
        "the chapter of {} is missing: {}. Is this clone complete? 'git "
        "status' says what is missing.",
        ref.part->id, path.string()));
  }
  Result<ExerciseSection> section =
      FindExerciseSection(*chapter, ref.exercise->id);
  if (!section.ok()) {
    return Status::Corruption(
        fmt::format("{}: {}", path.string(), section.status().message()));
  }
  const size_t total = section->hints.size();
  if (total == 0) {
    return Status::NotSupported(fmt::format(
        "exercise {} has no hints; its section in {} is all there is.",
        ref.exercise->id, path.string()));
  }
  KV_ASSIGN_OR_RETURN(Notes notes, Notes::Load(NotesFolder(context)));
  const size_t before = std::min(notes.HintsShown(ref.exercise->id), total);
  size_t now = before;
  if (options.all) {
    now = total;
  } else if (!options.again) {
    now = std::min(before + 1, total);
  }
  if (now > before) {
    notes.SetHintsShown(ref.exercise->id, now);
    KV_RETURN_IF_ERROR(notes.Save());
  }
  if (context.json()) {
    return PrintJson(ref, *section, now);
  }
  const Terminal& terminal = context.terminal();
  fmt::print(
      "{}\n\n",
      terminal.Bold(
          fmt::format("Exercise {}: {}", ref.exercise->id, section->title)));
  const bool everything = options.all || options.again || now == before;
  if (now == 0) {
    fmt::print("No hint was shown yet.\n\n");
  }
  for (size_t i = everything ? 0 : before; i < now; ++i) {
    PrintHint(terminal, *section, i);
  }
  if (now < total) {
    fmt::print(
        "{} more: {} hint {}\n", total - now, context.CommandName(),
        ref.exercise->id);
  } else {
    fmt::print(
        "That was the last one. If you are still stuck after a night's "
        "sleep: {} solution {}\n",
        context.CommandName(), ref.exercise->id);
  }
  return Status::Ok();
}

}  // namespace

void RegisterHint(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupHelp, "hint",
      "Show the next hint of an exercise, from a nudge to nearly all",
      "wb hint 1.2");
  auto options = std::make_shared<HintOptions>();
  command->add_option("N.M", options->exercise, "The exercise")->required();
  command->add_flag("--all", options->all, "All hints at once");
  command->add_flag(
      "--again", options->again, "Those shown before, and no new one");
  command->callback(
      [&context, options] { context.Finish(Hint(context, *options)); });
}

}  // namespace kv::tool
