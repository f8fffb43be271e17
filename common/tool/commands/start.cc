#include "common/tool/commands/start.h"

namespace kv::tool {

void RegisterStart(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupLearn, "start", "Put the starter of a part in your folder",
      "wb start 01");
  command->callback([&context] {
    context.Finish(Status::NotSupported("start is not written yet"));
  });
}

}  // namespace kv::tool
