// The program behind common/wb.

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/tool/commands/bench.h"
#include "common/tool/commands/check.h"
#include "common/tool/commands/coverage.h"
#include "common/tool/commands/diff.h"
#include "common/tool/commands/doctor.h"
#include "common/tool/commands/forward.h"
#include "common/tool/commands/hint.h"
#include "common/tool/commands/init.h"
#include "common/tool/commands/lineage.h"
#include "common/tool/commands/reset.h"
#include "common/tool/commands/run_commands.h"
#include "common/tool/commands/site.h"
#include "common/tool/commands/solution.h"
#include "common/tool/commands/start.h"
#include "common/tool/commands/status.h"
#include "common/tool/context.h"
#include "common/tool/help.h"

namespace kv::tool {
namespace {

// In the order in which --help lists them within their groups.
void RegisterAll(CLI::App& app, Context& context) {
  RegisterInit(app, context);
  RegisterStart(app, context);
  RegisterRunCommands(app, context);
  RegisterStatus(app, context);
  RegisterHint(app, context);
  RegisterSolution(app, context);
  RegisterDoctor(app, context);
  RegisterReset(app, context);
  RegisterDiff(app, context);
  RegisterLineage(app, context);
  RegisterForward(app, context);
  RegisterCheck(app, context);
  RegisterBench(app, context);
  RegisterSite(app, context);
  RegisterCoverage(app, context);
}

int Main(int argc, char** argv) {
  Context context;
  context.terminal() = Terminal::Detect();
  CLI::App app;
  SetUpHelp(app, context);
  RegisterAll(app, context);

  const Status status = context.Init();
  if (!status.ok()) {
    PrintError(context.terminal(), status);
    return 2;
  }
  // "wb help test" as people type it elsewhere.
  std::vector<char*> words(argv, argv + argc);
  std::string help = "--help";
  if (words.size() > 1 && std::string_view(words[1]) == "help") {
    words.erase(words.begin() + 1);
    words.push_back(help.data());
  }
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& error) {
    return ExplainParseError(app, context, error, argc, argv);
  }
  return context.exit_code();
}

}  // namespace
}  // namespace kv::tool

int main(int argc, char** argv) {
  try {
    return kv::tool::Main(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "wb: {}\n", error.what());
    return 70;
  }
}
