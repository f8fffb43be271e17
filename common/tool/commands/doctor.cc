#include "common/tool/commands/doctor.h"

#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

// The launcher answers it, since it must work before anything is built.
Status Doctor(Context& context) {
  ProcessOptions options;
  options.arguments = {(context.root() / "common" / "wb").string(), "doctor"};
  KV_ASSIGN_OR_RETURN(const int exit_code, RunInForeground(options));
  context.FinishWith(exit_code);
  return Status::Ok();
}

}  // namespace

void RegisterDoctor(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupHelp, "doctor",
      "What is installed, what is missing, and how to get it", "wb doctor");
  command->callback([&context] { context.Finish(Doctor(context)); });
}

}  // namespace kv::tool
