#include "common/tool/commands/test.h"

#include <memory>

#include "common/tool/commands/test_run.h"

namespace kv::tool {

Status RunTestCommand(Context& context, const TestArguments& arguments) {
  return TestRun(context, arguments).Run();
}

void RegisterTest(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "test",
      "Build and run the acceptance tests, exercise by exercise",
      "wb test 01 --only 1.2   # one exercise of stage 01");
  auto arguments = std::make_shared<TestArguments>();
  command->add_option(
      "NN", arguments->part,
      "Stage or part, as 01; without it, everything of the clone");
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
