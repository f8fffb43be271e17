#include "common/tool/commands/solution.h"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/course/emptier.h"
#include "common/tool/course/notes.h"
#include "common/tool/source/lexer.h"

namespace kv::tool {
namespace {

struct SolutionOptions {
  std::string exercise;
  bool yes = false;
};

struct Piece {
  std::string place;  // "stage01_inmemory/db/database.cc:12"
  std::string text;
};

// Functions first, then the helpers that left with them.
Result<std::vector<Piece>> Pieces(const ExerciseRef& ref) {
  KV_ASSIGN_OR_RETURN(const SourceTree tree, ReadSources(ref.stage->path));
  std::vector<std::string> names = ref.exercise->functions;
  names.insert(
      names.end(), ref.exercise->helpers.begin(), ref.exercise->helpers.end());
  std::vector<Piece> pieces;
  for (const std::string& name : names) {
    KV_ASSIGN_OR_RETURN(
        const ExerciseFunction found,
        FindExerciseFunction(tree, *ref.exercise, name));
    const std::string& text = tree.at(found.file);
    const size_t begin = StartWithComment(text, found.function.begin);
    pieces.push_back(
        {fmt::format(
             "{}/{}:{}", ref.stage->path.filename().string(), found.file,
             LineOf(text, found.function.begin)),
         text.substr(begin, found.function.body_end - begin)});
  }
  return pieces;
}

Status Solution(Context& context, const SolutionOptions& options) {
  KV_ASSIGN_OR_RETURN(
      const ExerciseRef ref, context.FindExercise(options.exercise));
  KV_ASSIGN_OR_RETURN(const std::vector<Piece> pieces, Pieces(ref));
  const std::string& id = ref.exercise->id;
  KV_ASSIGN_OR_RETURN(Notes notes, Notes::Load(NotesFolder(context)));
  const bool seen = notes.SolutionSeen(id) != 0;
  if (!seen && !options.yes) {
    if (!context.terminal().interactive()) {
      return Status::NotSupported(fmt::format(
          "this shows the whole solution of {0}; 'solution {0} --yes' says "
          "that you want it.",
          id));
    }
    const bool wanted = context.terminal().Confirm(fmt::format(
        "You have seen {} hint(s) of exercise {}. Show the whole solution?",
        notes.HintsShown(id), id));
    if (!wanted) {
      fmt::print(
          "Good. The next hint: {} hint {}\n", context.CommandName(), id);
      return Status::Ok();
    }
  }
  notes.RecordSolutionSeen(id);
  KV_RETURN_IF_ERROR(notes.Save());
  if (context.json()) {
    nlohmann::json list = nlohmann::json::array();
    for (const Piece& piece : pieces) {
      list.push_back({{"place", piece.place}, {"text", piece.text}});
    }
    fmt::print(
        "{}\n", nlohmann::json{{"exercise", id}, {"functions", list}}.dump(2));
    return Status::Ok();
  }
  for (const Piece& piece : pieces) {
    fmt::print(
        "{}\n{}\n\n", context.terminal().Dim("// " + piece.place), piece.text);
  }
  return Status::Ok();
}

}  // namespace

void RegisterSolution(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupHelp, "solution", "Show how the reference solves an exercise",
      "wb solution 1.2");
  auto options = std::make_shared<SolutionOptions>();
  command->add_option("N.M", options->exercise, "The exercise")->required();
  command->add_flag("--yes", options->yes, "Show it without asking");
  command->callback(
      [&context, options] { context.Finish(Solution(context, *options)); });
}

}  // namespace kv::tool
