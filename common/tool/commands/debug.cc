#include "common/tool/commands/debug.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "common/tool/help.h"
#include "common/tool/run/build_lock.h"
#include "common/tool/run/process.h"
#include "common/tool/run/stage_build.h"
#include "common/tool/run/stage_tests.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

struct DebugArguments {
  std::string exercise;
  std::string test;
  bool reference = false;
};

// "Suite.Name" is the method Suite_Name_Test::TestBody.
std::string BodyOf(std::string test) {
  std::replace(test.begin(), test.end(), '.', '_');
  std::replace(test.begin(), test.end(), '/', '_');
  return test + "_Test::TestBody";
}

// Stops where an assertion fails, where a function that is not written is
// called, and where the program crashes; then shows how it came there.
std::vector<std::string> GdbCommand(
    const fs::path& program, const std::string& test, bool batch) {
  std::vector<std::string> command = {"gdb", "-q"};
  if (batch) command.push_back("-batch");
  for (const std::string& line : {
           std::string("set pagination off"),
           std::string("set confirm off"),
           std::string("set breakpoint pending on"),
           std::string("set print frame-arguments scalars"),
           std::string("break kv::ExerciseTodo"),
           std::string("run"),
           std::string("backtrace 12"),
           "frame function " + BodyOf(test),
       }) {
    command.push_back("-ex");
    command.push_back(line);
  }
  command.push_back("--args");
  command.push_back(program.string());
  return command;
}

std::vector<std::string> LldbCommand(const fs::path& program, bool batch) {
  std::vector<std::string> command = {"lldb"};
  if (batch) command.push_back("--batch");
  for (const char* line :
       {"breakpoint set -n kv::ExerciseTodo", "run",
        "thread backtrace -c 12"}) {
    command.push_back("-o");
    command.push_back(line);
  }
  command.push_back("--");
  command.push_back(program.string());
  return command;
}

// Nothing if all pass.
Result<std::optional<TestOutcome>> FirstFailing(
    const Terminal& terminal, const StageBuild& build, const ExerciseRef& ref) {
  KV_ASSIGN_OR_RETURN(const auto tests, ListTests({build.tests_program, {}}));
  for (const TestSection& section :
       PlanSections(*ref.stage, {ref.part}, tests, {})) {
    if (section.exercise != ref.exercise) continue;
    ProgressBar bar(terminal, section.tests.size());
    size_t done = 0;
    SectionOptions options;
    options.on_start = [&](const std::string& name) { bar.Show(done, name); };
    options.on_test = [&](const TestOutcome&) { ++done; };
    KV_ASSIGN_OR_RETURN(
        const SectionReport report, RunSection(build, section, options));
    const TestOutcome* first = report.FirstBroken();
    if (first != nullptr) return std::optional<TestOutcome>(*first);
  }
  return std::optional<TestOutcome>();
}

Status Debug(Context& context, const DebugArguments& arguments) {
  KV_ASSIGN_OR_RETURN(
      const ExerciseRef ref, context.FindExercise(arguments.exercise));
  const bool has_gdb = !FindProgram("gdb").empty();
  if (!has_gdb && FindProgram("lldb").empty()) {
    return Status::NotSupported(
        "neither gdb nor lldb is installed: 'apt-get install gdb' (Debian, "
        "Ubuntu), 'dnf install gdb' (Fedora), or 'xcode-select --install' "
        "(macOS)");
  }
  StageBuild build = ReferenceBuild(context, *ref.stage);
  if (!arguments.reference) {
    KV_ASSIGN_OR_RETURN(const Course course, context.FindCourse());
    KV_ASSIGN_OR_RETURN(
        build, LearnerBuild(context, course, *ref.stage, ref.part->id));
  }
  fmt::print(
      "Exercise {}: {} ({})\n", ref.exercise->id, ref.exercise->title,
      arguments.reference ? "the reference"
                          : "yours, in " + build.base.string());
  std::fflush(stdout);
  BuildError error;
  // The program that `wb test` has built already says whether there is
  // anything to stop at, before another one is built.
  std::optional<TestOutcome> failing;
  if (arguments.test.empty()) {
    const BuildLock lock(build.request.build);
    const Status ready = Build(context.terminal(), build.request, &error);
    if (!ready.ok()) {
      PrintBuildError(context.terminal(), error, build.base);
      return ready;
    }
    KV_ASSIGN_OR_RETURN(failing, FirstFailing(context.terminal(), build, ref));
    if (!failing.has_value()) {
      fmt::print(
          "All tests of {} pass; there is nothing to stop at. --test "
          "SUITE.NAME runs one of them anyway.\n",
          ref.exercise->id);
      return Status::Ok();
    }
  }
  // Not optimised, in a folder of its own: every line can be stepped through.
  const fs::path folder = build.request.build.string() + "-debug";
  const fs::path inner =
      build.tests_program.parent_path().lexically_relative(build.request.build);
  build.request.build = folder;
  build.tests_program = folder / inner / build.tests_program.filename();
  build.request.definitions[0] = "CMAKE_BUILD_TYPE=Debug";
  build.request.targets = {ref.stage->Name() + "_tests"};
  build.request.label += " for the debugger";
  const BuildLock lock(build.request.build);
  const Status built = Build(context.terminal(), build.request, &error);
  if (!built.ok()) {
    PrintBuildError(context.terminal(), error, build.base);
    return built;
  }
  std::string test = arguments.test;
  std::string waits_for;
  if (!test.empty()) {
    KV_ASSIGN_OR_RETURN(const auto tests, ListTests({build.tests_program, {}}));
    if (std::find(tests.begin(), tests.end(), test) == tests.end()) {
      const std::string nearest = Nearest(test, tests);
      return Status::InvalidArgument(
          fmt::format("there is no test '{}'.", test) +
          (nearest.empty() ? "" : fmt::format(" Did you mean {}?", nearest)));
    }
  } else {
    test = failing->name;
    if (failing->verdict == Verdict::kTodo) waits_for = failing->detail;
  }
  const bool batch = isatty(STDIN_FILENO) == 0;
  ProcessOptions options;
  options.arguments = has_gdb ? GdbCommand(build.tests_program, test, batch)
                              : LldbCommand(build.tests_program, batch);
  options.arguments.push_back("--gtest_filter=" + test);
  options.arguments.push_back("--gtest_break_on_failure");
  options.arguments.push_back("--gtest_catch_exceptions=0");
  const std::string& debugger = options.arguments[0];
  std::string text = waits_for.empty()
      ? fmt::format("{} under {}: it stops at the failure.", test, debugger)
      : fmt::format(
            "{} under {}: exercise {} is not written yet, and it stops where "
            "that is called.",
            test, debugger, waits_for);
  if (!batch) {
    text +=
        " Then: bt (how it came there), up and down, print NAME, next, step, "
        "continue, quit.";
  }
  fmt::print("{}\n", context.terminal().Wrap(text));
  std::fflush(stdout);
  KV_ASSIGN_OR_RETURN(const int exit_code, RunInForeground(options));
  context.FinishWith(exit_code);
  return Status::Ok();
}

}  // namespace

void RegisterDebug(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupHelp, "debug",
      "Run an exercise's first failing test under gdb or lldb", "wb debug 1.2");
  auto arguments = std::make_shared<DebugArguments>();
  command->add_option("N.M", arguments->exercise, "Exercise, as 1.2")
      ->required();
  command
      ->add_option(
          "--test", arguments->test, "This test, instead of the first failing")
      ->type_name("SUITE.NAME");
  command->add_flag(
      "--reference", arguments->reference, "The reference, not your solution");
  command->callback(
      [&context, arguments] { context.Finish(Debug(context, *arguments)); });
}

}  // namespace kv::tool
