#include "common/tool/commands/coverage.h"

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "common/tool/maintain/project_tree.h"
#include "common/tool/maintain/subprocess.h"
#include "common/tool/run/build.h"
#include "common/tool/run/build_lock.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

Status RunTestsForCounters(
    const fs::path& build, const std::string& label, const fs::path& root) {
  std::vector<std::string> arguments = {
      "ctest", "--test-dir", build.string(), "--no-tests=error",
      "--output-on-failure"};
  if (!label.empty()) {
    arguments.insert(arguments.end(), {"-L", "^" + label + "$"});
  } else {
    arguments.insert(arguments.end(), {"-LE", "^wb$"});
  }
  KV_ASSIGN_OR_RETURN(const ProgramOutput output, RunProgram(arguments, root));
  if (output.exit_code != 0) {
    fmt::print("{}", output.text);
    return Status::Aborted(
        "tests fail, so what they cover says little; see above");
  }
  return Status::Ok();
}

Status RunCoverage(Context& context, const std::string& number) {
  if (!HasProgram("gcovr")) {
    return Status::Unavailable(
        "coverage is reported by gcovr, which is not installed. Install it "
        "with 'apt-get install gcovr' (Debian, Ubuntu); 'wb doctor' lists "
        "what else is missing.");
  }
  std::string stage;
  std::vector<std::string> filters;
  if (number.empty()) {
    filters = {"stage[0-9][0-9]_[^/]*/", "common/(base|fs|shell|testing)/"};
  } else {
    KV_ASSIGN_OR_RETURN(const PartRef part, context.FindPart(number));
    stage = part.stage->Name();
    filters = {part.stage->path.filename().string() + "/"};
  }
  const fs::path build = context.root() / "build" / "coverage";
  const fs::path html = build / "html";
  BuildRequest request;
  request.source = context.root();
  request.build = build;
  request.targets = {"all"};
  request.label =
      stage.empty() ? "everything, with counters" : stage + ", with counters";
  request.definitions = {
      "CMAKE_BUILD_TYPE=None",
      "CMAKE_CXX_FLAGS=-O0 -g --coverage",
      // It is run where equal paths of two stages are one; gcovr wants both.
      "KV_CCACHE=OFF",
      "KV_BUILD_BENCH=OFF",
      "KV_BUILD_TOOL=OFF",
      "KV_STAGES=" + (stage.empty() ? std::string("all") : stage.substr(5)),
  };
  const BuildLock lock(request.build);
  BuildError error;
  const Status built = Build(context.terminal(), request, &error);
  if (!built.ok()) {
    PrintBuildError(context.terminal(), error, context.root());
    return built;
  }
  fmt::print("running the tests (minutes: nothing is optimised)\n");
  std::fflush(stdout);
  // Counters add up over runs, and those of sources that changed are no use.
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput cleared,
      RunProgram({"find", ".", "-name", "*.gcda", "-delete"}, build));
  if (cleared.exit_code != 0) {
    return Status::IoError("old counters cannot be removed: " + cleared.text);
  }
  KV_RETURN_IF_ERROR(RunTestsForCounters(build, stage, context.root()));
  std::error_code ignored;
  fs::create_directories(html, ignored);
  std::vector<std::string> arguments = {
      "gcovr",
      "--root",
      context.root().string(),
      "--object-directory",
      build.string(),
      "--exclude",
      ".*/tests/",
      "--exclude",
      ".*_test[.]cc",
      "--exclude-throw-branches",
      "--html-details",
      (html / "index.html").string(),
      "--txt",
      "-",
      "--print-summary"};
  for (const std::string& filter : filters) {
    arguments.insert(
        arguments.end(), {"--filter", (context.root() / "").string() + filter});
  }
  arguments.push_back(build.string());
  ProgramOptions options;
  options.keep_stderr = false;
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput report,
      RunProgram(arguments, context.root(), options));
  fmt::print("{}", report.text);
  if (report.exit_code != 0) {
    return Status::IoError("gcovr failed");
  }
  if (report.text.find("lines: 0.0% (0 out of 0)") != std::string::npos) {
    return Status::Corruption(
        "gcovr found no line to count: its sources are not where the build "
        "says");
  }
  fmt::print("\nLine by line: {}\n", (html / "index.html").string());
  return Status::Ok();
}

}  // namespace

void RegisterCoverage(CLI::App& app, Context& context) {
  auto number = std::make_shared<std::string>();
  CLI::App* command = AddCommand(
      app, kGroupMaintain, "coverage", "Which lines the tests run",
      "wb coverage 02");
  command->add_option("NN", *number, "A stage; all and common if not given");
  command->callback(
      [&context, number] { context.Finish(RunCoverage(context, *number)); });
}

}  // namespace kv::tool
