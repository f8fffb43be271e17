#include "common/tool/commands/watch.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "common/tool/commands/test.h"
#include "common/tool/files.h"
#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// How long files must be left alone before a run begins: an editor writes
// several of them.
constexpr std::chrono::milliseconds kSettle(200);
constexpr std::chrono::milliseconds kPoll(400);

using Snapshot = std::map<fs::path, fs::file_time_type>;

Snapshot Take(const fs::path& folder) {
  Snapshot snapshot;
  for (const fs::path& file : FilesUnder(folder)) {
    std::error_code error;
    const auto time = fs::last_write_time(folder / file, error);
    if (!error) snapshot[file] = time;
  }
  return snapshot;
}

// The first file that differs; empty if none does.
fs::path Changed(const Snapshot& before, const Snapshot& after) {
  for (const auto& [file, time] : after) {
    const auto found = before.find(file);
    if (found == before.end() || found->second != time) return file;
  }
  for (const auto& [file, time] : before) {
    if (!after.contains(file)) return file;
  }
  return {};
}

// Returns when something below `folder` may have changed.
void WaitABit(const fs::path& folder) {
  if (FindProgram("inotifywait").empty()) {
    std::this_thread::sleep_for(kPoll);
    return;
  }
  ProcessOptions options;
  options.arguments = {"inotifywait", "-q",     "-q",           "-r",
                       "-t",          "60",     "-e",           "close_write",
                       "-e",          "move",   "-e",           "create",
                       "-e",          "delete", folder.string()};
  // Whatever it says: the snapshots decide.
  const auto start = Process::Clock::now();
  const auto result = RunChild(options);
  const bool at_once =
      Process::Clock::now() - start < std::chrono::milliseconds(20);
  if (!result.ok() || at_once) std::this_thread::sleep_for(kPoll);
}

Status Watch(Context& context, const TestArguments& arguments, int runs_max) {
  KV_ASSIGN_OR_RETURN(const PartRef ref, context.FindOnePart(arguments.part));
  KV_ASSIGN_OR_RETURN(const Course course, context.FindCourse());
  const fs::path folder = course.EngineDir(ref.parts[0]->id);
  if (!fs::is_directory(folder)) {
    return Status::NotSupported(fmt::format(
        "{} is not there yet: '{} start {}' puts the starter into it",
        folder.string(), context.CommandName(), arguments.part));
  }
  TestArguments each = arguments;
  each.watching = runs_max == 0;
  for (int run = 1;; ++run) {
    const Snapshot before = Take(folder);
    if (context.terminal().interactive()) fmt::print("\033[2J\033[H");
    const Status status = RunTestCommand(context, each);
    // What does not compile is what one is about to mend.
    if (!status.ok()) PrintError(context.terminal(), status);
    if (runs_max > 0 && run >= runs_max) return Status::Ok();
    fmt::print("\nWaiting for a change in {} (Ctrl-C ends)\n", folder.string());
    std::fflush(stdout);
    Snapshot after = Take(folder);
    while (Changed(before, after).empty()) {
      WaitABit(folder);
      after = Take(folder);
    }
    const fs::path changed = Changed(before, after);
    while (true) {
      std::this_thread::sleep_for(kSettle);
      const Snapshot later = Take(folder);
      if (Changed(after, later).empty()) break;
      after = later;
    }
    fmt::print("{} changed\n", changed.string());
  }
}

}  // namespace

void RegisterWatch(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "watch", "Test again whenever a file of yours changes",
      "wb watch 01 --only 1.2");
  auto arguments = std::make_shared<TestArguments>();
  auto runs_max = std::make_shared<int>(0);
  command->add_option("NN", arguments->part, "Stage or part, as 01")
      ->required();
  auto* only = command->add_option(
      "--only", arguments->only, "Only this exercise or group (1.2)");
  only->type_name("N.M");
  command
      ->add_option(
          "--through", arguments->through, "All exercises up to this one")
      ->type_name("N.M")
      ->excludes(only);
  command
      ->add_option(
          "--runs", *runs_max, "Stop after so many runs (0: on Ctrl-C)")
      ->type_name("N");
  command->callback([&context, arguments, runs_max] {
    context.Finish(Watch(context, *arguments, *runs_max));
  });
}

}  // namespace kv::tool
