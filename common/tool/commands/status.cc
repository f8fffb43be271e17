#include "common/tool/commands/status.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/course/notes.h"
#include "common/tool/course/results.h"

namespace kv::tool {
namespace {

// What is known of one exercise, for its sources as they are now.
struct ExerciseState {
  const Exercise* exercise = nullptr;
  const TestResult* result = nullptr;  // null: never tested
  bool stale = false;  // the sources have changed since
  bool solution_seen = false;

  bool Passed() const { return PassedOnce() && !stale; }
  // Perhaps for sources that have changed since.
  bool PassedOnce() const {
    return result != nullptr && result->outcome == Outcome::kPassed;
  }
};

struct PartState {
  const Part* part = nullptr;
  bool started = false;
  std::vector<ExerciseState> exercises;

  int Points() const {
    int points = 0;
    for (const ExerciseState& state : exercises) {
      points += state.Passed() ? state.exercise->points : 0;
    }
    return points;
  }
  // Of what passed, but before the last edit.
  int PointsBefore() const {
    int points = 0;
    for (const ExerciseState& state : exercises) {
      points += state.PassedOnce() && state.stale ? state.exercise->points : 0;
    }
    return points;
  }
  bool Solved() const {
    return started &&
        std::all_of(
               exercises.begin(), exercises.end(),
               [](const ExerciseState& state) { return state.Passed(); });
  }
  // When it was tested last; 0 if never.
  int64_t Tested() const {
    int64_t latest = 0;
    for (const ExerciseState& state : exercises) {
      if (state.result != nullptr) {
        latest = std::max(latest, state.result->time_seconds);
      }
    }
    return latest;
  }
};

// The command to go on with; empty if all is done. What is begun goes before
// what is not: the part that was tested last, then the first one; then the
// part after the last that was started.
std::string NextCommand(const std::vector<PartState>& parts) {
  const PartState* begun = nullptr;
  const PartState* fresh = nullptr;
  for (const PartState& state : parts) {
    if (state.exercises.empty()) {
      continue;
    }
    if (state.started) {
      fresh = nullptr;
      if (!state.Solved() &&
          (begun == nullptr || state.Tested() > begun->Tested())) {
        begun = &state;
      }
    } else if (fresh == nullptr) {
      fresh = &state;
    }
  }
  if (begun != nullptr) {
    return "test " + begun->part->id;
  }
  for (const PartState& state : parts) {
    if (fresh == nullptr && !state.exercises.empty() && !state.started) {
      fresh = &state;
    }
  }
  return fresh == nullptr ? "" : "start " + fresh->part->id;
}

Result<PartState> StateOf(
    const Course& course, const Stage& stage, const Part& part,
    const ResultStore& results, const Notes& notes) {
  PartState state;
  state.part = &part;
  std::error_code ignored;
  const std::filesystem::path folder = course.EngineDir(part.id);
  state.started = std::filesystem::exists(folder, ignored);
  std::string sources;
  if (state.started) {
    KV_ASSIGN_OR_RETURN(sources, HashSources(folder, stage.path / "tests"));
  }
  for (const Exercise* exercise : stage.manifest.ExercisesOf(part.id)) {
    ExerciseState one;
    one.exercise = exercise;
    one.result = state.started ? results.Find(exercise->id) : nullptr;
    one.stale = one.result != nullptr && one.result->sources != sources;
    one.solution_seen = notes.SolutionSeen(exercise->id) != 0;
    state.exercises.push_back(one);
  }
  return state;
}

std::string StateWord(const Terminal& terminal, const ExerciseState& state) {
  if (state.result == nullptr) {
    return terminal.Dim("not tested");
  }
  const std::string name(OutcomeName(state.result->outcome));
  if (state.stale && state.result->outcome != Outcome::kTodo) {
    return terminal.Yellow(
        (state.result->outcome == Outcome::kNotBuilt ? "did not build" : name) +
        " before the last edit");
  }
  switch (state.result->outcome) {
    case Outcome::kPassed:
      return terminal.Green(name);
    case Outcome::kTodo:
      return terminal.Dim("to do");
    case Outcome::kFailed:
    case Outcome::kCrashed:
    case Outcome::kTimeout:
    case Outcome::kNotBuilt:
      break;
  }
  return terminal.Red(name) +
      fmt::format(
             " ({} of {} tests pass)", state.result->tests_passed,
             state.result->tests_total);
}

void Print(Context& context, const std::vector<PartState>& parts) {
  const Terminal& terminal = context.terminal();
  int points = 0;
  int points_max = 0;
  int points_before = 0;
  for (const PartState& state : parts) {
    if (state.exercises.empty()) {
      continue;
    }
    points += state.Points();
    points_max += 100;
    const int before = state.PointsBefore();
    points_before += before;
    fmt::print(
        "{} {} {:>3}/100{}\n",
        terminal.Bold(
            fmt::format("{:<4}{:<50}", state.part->id, state.part->title)),
        terminal.Bar(state.Points() / 100.0, 10), state.Points(),
        before == 0 ? ""
                    : terminal.Yellow(
                          fmt::format(" and {} before the last edit", before)));
    if (!state.started) {
      continue;
    }
    for (const ExerciseState& one : state.exercises) {
      fmt::print(
          "    {:<5} {:<48} {:>3}  {}{}\n", one.exercise->id,
          one.exercise->title, one.exercise->points, StateWord(terminal, one),
          one.solution_seen ? terminal.Dim(" [solution seen]") : "");
    }
  }
  const std::string next = NextCommand(parts);
  fmt::print("\n{} of {} points.", points, points_max);
  if (points_before > 0) {
    fmt::print(
        " {} more passed before the last edit: testing again shows whether "
        "they still do.\n",
        points_before);
  }
  fmt::print(
      "{}{}\n", points_before > 0 ? "" : " ",
      next.empty() ? "All done."
                   : fmt::format("Next: {} {}", context.CommandName(), next));
}

void PrintJson(const Course& course, const std::vector<PartState>& parts) {
  nlohmann::json list = nlohmann::json::array();
  for (const PartState& state : parts) {
    nlohmann::json exercises = nlohmann::json::array();
    for (const ExerciseState& one : state.exercises) {
      exercises.push_back({
          {"id", one.exercise->id},
          {"points", one.exercise->points},
          {"core", one.exercise->core},
          {"outcome",
           one.result == nullptr ? "not tested"
                                 : OutcomeName(one.result->outcome)},
          {"stale", one.stale},
          {"passed", one.Passed()},
          {"solution_seen", one.solution_seen},
      });
    }
    list.push_back({
        {"part", state.part->id},
        {"started", state.started},
        {"points", state.Points()},
        {"exercises", exercises},
    });
  }
  const nlohmann::json json = {
      {"course", course.path.string()}, {"parts", list}};
  fmt::print("{}\n", json.dump(2));
}

Status ShowStatus(Context& context) {
  KV_ASSIGN_OR_RETURN(const Course course, context.FindCourse());
  KV_ASSIGN_OR_RETURN(const auto stages, context.SoundStages());
  KV_ASSIGN_OR_RETURN(
      const ResultStore results, ResultStore::Load(course.NotesDir()));
  KV_ASSIGN_OR_RETURN(const Notes notes, Notes::Load(course.NotesDir()));
  std::vector<PartState> parts;
  for (const Stage* stage : stages) {
    for (const Part& part : stage->manifest.parts) {
      KV_ASSIGN_OR_RETURN(
          PartState state, StateOf(course, *stage, part, results, notes));
      parts.push_back(std::move(state));
    }
  }
  if (context.json()) {
    PrintJson(course, parts);
  } else {
    fmt::print("{}\n\n", context.terminal().Dim(course.path.string()));
    Print(context, parts);
  }
  return Status::Ok();
}

}  // namespace

void RegisterStatus(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "status",
      "How far you are, over all stages; true for the sources as they are",
      "wb status");
  command->callback([&context] { context.Finish(ShowStatus(context)); });
}

}  // namespace kv::tool
