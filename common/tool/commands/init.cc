#include "common/tool/commands/init.h"

#include <memory>

#include <fmt/format.h>

#include "common/tool/course/repository.h"
#include "common/tool/files.h"
#include "common/tool/help.h"

namespace kv::tool {
namespace {

Status Init(Context& context, const std::string& directory) {
  const std::filesystem::path folder = directory.empty()
      ? context.root().parent_path() / "kv-course"
      : context.FromCaller(directory);
  const std::filesystem::path before = context.RememberedCourse();
  bool made = false;
  KV_RETURN_IF_ERROR(MakeCourse(context, folder, &made));
  const Terminal& terminal = context.terminal();
  if (made) {
    fmt::print(
        "{} is your folder now: a git repository of your own.\n",
        terminal.Bold(folder.string()));
  } else {
    fmt::print(
        "{} is your folder already; the workbook works with it from now "
        "on.\n",
        terminal.Bold(folder.string()));
  }
  const std::filesystem::path now = context.RememberedCourse();
  if (!before.empty() && before != now) {
    fmt::print(
        "Until now the workbook worked with {0}; from now on it works with "
        "{1}.\nNothing in the other folder is changed. To go back to it:\n"
        "  {2} init {3}\n",
        before.string(), now.string(), context.CommandName(),
        ShellQuote(before.string()));
  }
  fmt::print("Next:\n  cd {}\n  ./wb start 01\n", folder.string());
  return Status::Ok();
}

}  // namespace

void RegisterInit(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "init",
      "Make your own folder, beside the workbook or in DIR",
      "wb init ~/kv-course");
  auto directory = std::make_shared<std::string>();
  command->add_option(
      "DIR", *directory,
      "The folder; kv-course beside the workbook if left out");
  command->callback(
      [&context, directory] { context.Finish(Init(context, *directory)); });
}

}  // namespace kv::tool
