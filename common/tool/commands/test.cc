#include "common/tool/commands/test.h"

#include <memory>
#include <string_view>

#include "common/tool/commands/test_run.h"

namespace kv::tool {

namespace {

// 1.2 is exercise 1.2 of stage 01, and 01.proof is a group of it.
TestArguments WithStage(TestArguments arguments) {
  const size_t dot = arguments.part.find('.');
  if (dot == std::string::npos || !arguments.only.empty() ||
      !arguments.through.empty()) {
    return arguments;
  }
  arguments.only = arguments.part;
  arguments.part.resize(dot);
  const std::string_view last =
      std::string_view(arguments.only).substr(dot + 1);
  if (arguments.only[0] == '0' && !last.empty() && last[0] <= '9') {
    arguments.only.erase(0, 1);
  }
  return arguments;
}

}  // namespace

Status RunTestCommand(Context& context, const TestArguments& arguments) {
  const TestArguments whole = WithStage(arguments);
  return TestRun(context, whole).Run();
}

void RegisterTest(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "test",
      "Build and run the acceptance tests, exercise by exercise",
      "wb test 1.2   # one exercise of stage 01");
  auto arguments = std::make_shared<TestArguments>();
  command->add_option(
      "NN", arguments->part,
      "Stage, part or exercise, as 01 or 1.2; without it, everything of the "
      "clone");
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
          "--program", arguments->program,
          "Run the black-box corpus through a program of your own, in any "
          "language, that reads commands on stdin")
      ->type_name("COMMAND");
  command->add_flag(
      "--reference", arguments->reference,
      "Test the reference, not your own solution");
  auto* full = command->add_flag(
      "--full", arguments->full, "The tests' full size, as CI runs them");
  command->add_flag("--deep", arguments->deep, "The tests' largest size")
      ->excludes(full);
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback([&context, arguments] {
    arguments->json = arguments->json || context.json();
    context.Finish(RunTestCommand(context, *arguments));
  });
}

}  // namespace kv::tool
