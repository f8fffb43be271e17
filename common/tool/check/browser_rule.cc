// The engine compiles for a browser too: what a playground runs is the real
// one.
//
// Method: emscripten's compiler, 3.1.6 or newer, looks at every source of the
// last stage, and of those whose turn it is, from 05 on; nothing is linked.

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"
#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr char kFirstBrowserStage[] = "05";

// A page has no sockets.
bool IsForBrowsers(const std::string& file) {
  return IsEngineFile(file) && file.ends_with(".cc") &&
      !file.starts_with("net/") && !file.starts_with("client/") &&
      !file.starts_with("cluster/");
}

// A folder with xxHash's headers and no others: those of this machine's C
// library must not be found.
Result<fs::path> HashHeaders(Environment& environment) {
  const fs::path folder = environment.build / "check-browser";
  const auto linked = RunProgram(
      {"sh", "-c",
       "set -e; header=$(echo '#include <xxhash.h>' | "
       "${CXX:-c++} -E -x c++ - | sed -n 's/^# 1 \"\\(.*xxhash.h\\)\".*/\\1/p' "
       "| head -n 1); test -n \"$header\"; mkdir -p \"$1\"; "
       "ln -sf \"$(dirname \"$header\")\"/xxh*.h \"$1\"",
       "sh", folder.string()},
      environment.project.root);
  KV_RETURN_IF_ERROR(linked.status());
  if (linked->exit_code != 0) {
    return Status::IoError("xxhash.h is not found: " + linked->text);
  }
  return folder;
}

// "FILE:LINE:COLUMN: error: what".
void ViolateEachError(const std::string& output, Report& report) {
  for (const std::string& line : SplitLines(output)) {
    const size_t error = line.find(": error: ");
    const size_t colon = line.find(':');
    if (error == std::string::npos || colon >= error) {
      continue;
    }
    report.Violate(
        line.substr(0, colon),
        static_cast<size_t>(std::atol(line.c_str() + colon + 1)),
        line.substr(error + 2) + " (in a browser)");
  }
}

}  // namespace

void CheckBrowser(Environment& environment, Report& report) {
  const ProjectTree& project = environment.project;
  std::vector<const StageTree*> stages;
  for (const StageTree& stage : project.stages) {
    if (stage.number >= kFirstBrowserStage) {
      stages.push_back(&stage);
    }
  }
  if (!HasProgram("em++")) {
    report.Skip("em++", fmt::format("{} stages", stages.size()));
    return;
  }
  const Result<fs::path> headers = HashHeaders(environment);
  if (!headers.ok()) {
    report.Violate("", 0, headers.status().ToString());
    return;
  }
  std::set<size_t> turn = environment.Turn(stages.size());
  if (!stages.empty()) {
    turn.insert(stages.size() - 1);
  }
  for (const size_t number : turn) {
    const StageTree& stage = *stages[number];
    std::vector<std::string> arguments = {
        "em++",           "-std=c++20", "-fsyntax-only",     "-Wall",
        "-Wextra",        "-Wpedantic", "-Wshadow",          "-Wconversion",
        "-Werror",        "-I.",        "-I" + stage.folder, "-isystem",
        headers->string()};
    const size_t flags = arguments.size();
    for (const std::string& file : stage.files) {
      if (IsForBrowsers(file)) {
        arguments.push_back(stage.folder + "/" + file);
      }
    }
    for (const std::string& file : project.files) {
      if ((file.starts_with("common/base/") ||
           file.starts_with("common/fs/")) &&
          file.ends_with(".cc") && !file.ends_with("_test.cc")) {
        arguments.push_back(file);
      }
    }
    report.Looked(arguments.size() - flags, "sources");
    const auto output = RunProgram(arguments, project.root);
    if (!output.ok()) {
      report.Violate("", 0, output.status().ToString());
      continue;
    }
    ViolateEachError(output->text, report);
    if (output->exit_code != 0 && report.violations().empty()) {
      report.Violate("", 0, "em++ failed: " + output->text);
    }
  }
}

}  // namespace kv::tool
