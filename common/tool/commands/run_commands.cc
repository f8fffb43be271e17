#include "common/tool/commands/run_commands.h"

#include "common/tool/commands/debug.h"
#include "common/tool/commands/mutants.h"
#include "common/tool/commands/test.h"
#include "common/tool/commands/tour.h"
#include "common/tool/commands/watch.h"

namespace kv::tool {

void RegisterRunCommands(CLI::App& app, Context& context) {
  RegisterTour(app, context);
  RegisterTest(app, context);
  RegisterWatch(app, context);
  RegisterDebug(app, context);
  RegisterMutants(app, context);
}

}  // namespace kv::tool
