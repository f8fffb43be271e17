#include "common/tool/commands/start.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "common/tool/course/carry.h"
#include "common/tool/course/emptier.h"
#include "common/tool/course/repository.h"
#include "common/tool/course/results.h"
#include "common/tool/files.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

struct StartOptions {
  std::string part;
  bool carry = false;
  bool again = false;
  bool yes = false;
};

// Lets an editor, or cmake by hand, build a starter without the tool.
std::string CMakeFile(const Context& context, const PartRef& part) {
  return fmt::format(
      "# Builds this starter with the workbook's tests; `wb test` does the "
      "same.\n"
      "cmake_minimum_required(VERSION 3.25)\n"
      "project(my_stage{0} LANGUAGES CXX)\n"
      "set(KV_WORKBOOK \"{1}\" CACHE PATH \"The workbook\")\n"
      "set(KV_ENGINE_DIR ${{CMAKE_CURRENT_SOURCE_DIR}})\n"
      "set(KV_TESTS_DIR ${{KV_WORKBOOK}}/{2}/tests)\n"
      "set(KV_EXTRA_TESTS_DIR ${{CMAKE_CURRENT_SOURCE_DIR}}/tests/own)\n"
      "set(KV_WERROR OFF CACHE BOOL \"Warnings are errors\")\n"
      "set(KV_BUILD_BENCH OFF CACHE BOOL \"Benchmarks\")\n"
      "enable_testing()\n"
      "add_subdirectory(${{KV_WORKBOOK}}/{2} stage)\n",
      part.parts.front()->id, context.root().string(),
      part.stage->path.filename().string());
}

// The learner's folder; where there is none, offers to make it.
Result<Course> FindOrMakeCourse(Context& context, bool yes) {
  Result<Course> course = context.FindCourse();
  if (course.ok() || !context.RememberedCourse().empty()) {
    return course;
  }
  const fs::path folder = context.root().parent_path() / "kv-course";
  if (!yes &&
      !context.terminal().Confirm(fmt::format(
          "You have no folder of your own yet. Make {}?", folder.string()))) {
    return Status::NotSupported(fmt::format(
        "you have no folder of your own yet. '{0} init' makes {1}, '{0} init "
        "DIR' another one; 'start --yes' makes it without asking.",
        context.CommandName(), folder.string()));
  }
  bool made = false;
  KV_RETURN_IF_ERROR(MakeCourse(context, folder, &made));
  return context.FindCourse();
}

Status CheckTarget(
    Context& context, const Course& course, const std::string& part,
    bool again) {
  const std::string name = course.EngineDir(part).filename().string();
  std::error_code error;
  if (!fs::exists(course.EngineDir(part), error)) {
    return Status::Ok();
  }
  KV_ASSIGN_OR_RETURN(const auto changed, UncommittedFiles(course, name));
  if (!changed.empty() && again) {
    return Status::Conflict(fmt::format(
        "{} holds work that is not committed ({}{}). Beginning anew would "
        "overwrite it. Commit it first:\n  git -C {} commit -a -m \"My "
        "work\"\nor give it up:\n  git -C {} checkout -- {}",
        course.EngineDir(part).string(), changed.front(),
        changed.size() > 1 ? fmt::format(" and {} more", changed.size() - 1)
                           : "",
        course.path.string(), course.path.string(), name));
  }
  if (!again) {
    return Status::Conflict(fmt::format(
        "you have started {0} already: {1}. Go on with '{2} test {0}', empty "
        "one exercise again with '{2} reset N.M', or begin all of it anew "
        "with '{2} start {0} --again' (what is committed stays in git's "
        "history).",
        part, course.EngineDir(part).string(), context.CommandName()));
  }
  return Status::Ok();
}

// Puts the tree in its place at once and commits it; on an error the folder
// is as it was.
Status Place(
    const Course& course, const std::string& part, const SourceTree& tree,
    const std::string& message) {
  const fs::path target = course.EngineDir(part);
  const std::string suffix = fmt::format("{}.{}", part, getpid());
  const fs::path fresh = course.NotesDir() / ("starter." + suffix);
  const fs::path old = course.NotesDir() / ("replaced." + suffix);
  std::error_code ignored;
  fs::create_directories(course.NotesDir(), ignored);
  Status status = WriteSources(tree, fresh);
  std::error_code error;
  const bool existed = fs::exists(target, ignored);
  if (status.ok() && existed) {
    fs::rename(target, old, error);
  }
  if (status.ok() && !error) {
    fs::rename(fresh, target, error);
  }
  if (status.ok() && error) {
    status = Status::IoError(fmt::format(
        "{} cannot be put in its place: {}", target.string(), error.message()));
  }
  if (status.ok()) {
    status = CommitFolder(course, target.filename().string(), message);
    if (!status.ok()) {
      fs::remove_all(target, ignored);
    }
  }
  if (!status.ok() && existed && !fs::exists(target, ignored)) {
    fs::rename(old, target, ignored);
  }
  fs::remove_all(fresh, ignored);
  fs::remove_all(old, ignored);
  return status;
}

// What the tests said of a carried exercise in the part that it comes from;
// empty if it passed and nothing was changed since.
std::string Doubt(
    const Course& course, const ResultStore& results, const Stage& stage,
    const std::string& exercise, const std::string& from) {
  const TestResult* result = results.Find(exercise);
  if (result == nullptr) return ", not tested in " + from;
  if (result->outcome != Outcome::kPassed) {
    return fmt::format(", not passed in {}", from);
  }
  const auto sources =
      HashSources(course.EngineDir(from), stage.path / "tests");
  return sources.ok() && *sources == result->sources
      ? ""
      : fmt::format(", changed since it passed in {}", from);
}

// One exercise of those that were looked at, in a line.
std::string CarriedLine(
    Context& context, const Course& course, const ResultStore& results,
    const std::vector<const Carried*>& functions) {
  std::vector<std::string> yes;
  std::vector<std::string> no;
  std::vector<std::string> empty;
  std::vector<std::string> gone;
  bool never_started = true;
  std::string from;
  for (const Carried* item : functions) {
    never_started = never_started && item->never_started;
    if (item->carried) {
      yes.push_back(item->function);
      from = item->from;
    } else if (item->gone) {
      gone.push_back(item->function);
    } else if (!item->from.empty()) {
      no.push_back(fmt::format("{}: {}", item->function, item->why));
    } else if (item->empty) {
      empty.push_back(item->function);
    }
  }
  if (gone.size() == functions.size()) return "this stage has it no more";
  if (never_started) return "never started: solved from the reference";
  std::vector<std::string> says;
  if (!yes.empty()) {
    std::string doubt;
    const auto ref = context.FindExercise(functions.front()->exercise);
    if (ref.ok() && ref->part->id == from) {
      doubt = Doubt(course, results, *ref->stage, ref->exercise->id, from);
    }
    const bool all = yes.size() + gone.size() == functions.size();
    says.push_back(
        (all ? "carried from " + from
             : fmt::format("carried from {}: {}", from, fmt::join(yes, ", "))) +
        doubt);
  }
  for (const std::string& one : no) says.push_back("not carried: " + one);
  if (!empty.empty()) {
    says.push_back(
        empty.size() + gone.size() == functions.size()
            ? "still empty: solved from the reference"
            : fmt::format("still empty: {}", fmt::join(empty, ", ")));
  }
  if (says.empty()) return "as the reference has it";
  return fmt::format("{}", fmt::join(says, "; "));
}

void PrintCarried(
    Context& context, const Course& course, const std::vector<Carried>& carried,
    const std::vector<std::string>& dropped) {
  if (carried.empty()) {
    fmt::print("There was nothing to carry: no part before this one.\n");
    return;
  }
  const Result<ResultStore> loaded = ResultStore::Load(course.NotesDir());
  const ResultStore results = loaded.ok() ? *loaded : ResultStore();
  fmt::print(
      "Your earlier exercises (what is not carried stands here as the "
      "reference has it):\n");
  for (size_t i = 0; i < carried.size();) {
    std::vector<const Carried*> functions;
    const std::string& id = carried[i].exercise;
    while (i < carried.size() && carried[i].exercise == id) {
      functions.push_back(&carried[i++]);
    }
    std::string text = context.terminal().Wrap(
        CarriedLine(context, course, results, functions), 8);
    fmt::print("  {:<5} {}", id, text.substr(std::min<size_t>(8, text.size())));
  }
  if (!dropped.empty()) {
    fmt::print(
        "{}",
        context.terminal().Wrap(fmt::format(
            "Not brought along, since it is in no exercise: what you changed "
            "in {}.",
            fmt::join(dropped, ", "))));
  }
}

void PrintStarted(Context& context, const Course& course, const PartRef& ref) {
  const Terminal& terminal = context.terminal();
  const Part& part = *ref.parts.front();
  fmt::print(
      "{}\n{}\n", terminal.Bold(fmt::format("{}: {}", part.id, part.title)),
      terminal.Wrap(part.question));
  fmt::print("Your starter:  {}\n", course.EngineDir(part.id).string());
  const fs::path chapter = context.root() / part.chapter;
  std::error_code ignored;
  fmt::print(
      "Read first:    {}{}\n\n", chapter.string(),
      fs::exists(chapter, ignored) ? "" : " (which is missing in this clone)");
  for (const Exercise* exercise : ref.stage->manifest.ExercisesOf(part.id)) {
    fmt::print(
        "  {:<5} {:<48} {:>3} points, {} h{}\n", exercise->id, exercise->title,
        exercise->points, exercise->hours, exercise->core ? "" : " (more)");
    for (const std::string& function : exercise->functions) {
      fmt::print("        {}\n", terminal.Dim(function));
    }
  }
  fmt::print("\n");
}

// Whether a part comes before this one.
bool HasEarlier(Context& context, const Part& part) {
  const auto stages = context.SoundStages();
  return stages.ok() && !stages->empty() &&
      stages->front()->manifest.parts.front().id < part.id;
}

Status Start(Context& context, const StartOptions& options) {
  KV_ASSIGN_OR_RETURN(const PartRef ref, context.FindOnePart(options.part));
  const Part& part = *ref.parts.front();
  KV_ASSIGN_OR_RETURN(
      const Course course, FindOrMakeCourse(context, options.yes));
  KV_RETURN_IF_ERROR(CheckTarget(context, course, part.id, options.again));
  KV_ASSIGN_OR_RETURN(const SourceTree reference, ReadSources(ref.stage->path));
  KV_ASSIGN_OR_RETURN(
      SourceTree starter,
      MakeStarter(ref.stage->manifest, ref.stage->path, part.id));
  std::vector<Carried> carried;
  std::vector<std::string> dropped;
  if (options.carry) {
    KV_ASSIGN_OR_RETURN(
        carried,
        CarrySolutions(context, course, ref, reference, &starter, &dropped));
  }
  starter["CMakeLists.txt"] = CMakeFile(context, ref);
  KV_RETURN_IF_ERROR(Place(
      course, part.id, starter,
      fmt::format("Starter of {}: {}", part.id, part.title)));
  PrintStarted(context, course, ref);
  if (options.carry) {
    PrintCarried(context, course, carried, dropped);
    fmt::print("\n");
  } else if (HasEarlier(context, part)) {
    fmt::print(
        "{}\n",
        context.terminal().Wrap(
            "Exercises of earlier parts stand here solved, as the reference "
            "has them; 'start --carry' would bring your own."));
  }
  fmt::print(
      "Next: {}\n",
      context.terminal().Bold(
          fmt::format("{} test {}", context.CommandName(), part.id)));
  return Status::Ok();
}

}  // namespace

void RegisterStart(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "start",
      "Put the starter of a part in your folder, as one commit", "wb start 01");
  auto options = std::make_shared<StartOptions>();
  command->add_option("NN", options->part, "The part: 01, 07a")->required();
  command->add_flag(
      "--carry", options->carry,
      "Bring your own solutions of earlier parts where they still fit");
  command->add_flag(
      "--again", options->again, "Begin anew where you have started already");
  command->add_flag("--yes", options->yes, "Make your folder without asking");
  command->callback(
      [&context, options] { context.Finish(Start(context, *options)); });
}

}  // namespace kv::tool
