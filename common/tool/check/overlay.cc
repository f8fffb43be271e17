#include "common/tool/check/overlay.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "common/tool/maintain/subprocess.h"
#include "common/tool/run/build.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// The first complaint in a build's output.
Status Explain(const std::string& output) {
  const BuildError error = FindBuildError(output);
  if (error.message.empty()) {
    return Status::Aborted(
        output.substr(output.size() > 400 ? output.size() - 400 : 0));
  }
  return Status::Aborted(
      error.file.empty()
          ? error.message
          : fmt::format("{}:{}: {}", error.file, error.line, error.message));
}

bool HasProcessTests(const StageTree& stage) {
  return std::any_of(
      stage.files.begin(), stage.files.end(), [](const std::string& file) {
        return file.rfind("tests/process/", 0) == 0;
      });
}

}  // namespace

Status BuildQuietly(
    const fs::path& source, const fs::path& build,
    const std::vector<std::string>& definitions,
    const std::vector<std::string>& targets) {
  std::error_code error;
  fs::create_directories(build, error);
  std::vector<std::string> configure = {
      "cmake", "-S", source.string(), "-B", build.string(), "-G", "Ninja"};
  for (const std::string& definition : definitions) {
    configure.push_back("-D" + definition);
  }
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput configured, RunProgram(configure, source));
  if (configured.exit_code != 0) {
    return Explain(configured.text);
  }
  std::vector<std::string> compile = {"cmake",
                                      "--build",
                                      build.string(),
                                      "--parallel",
                                      std::to_string(BuildJobs()),
                                      "--target"};
  compile.insert(compile.end(), targets.begin(), targets.end());
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput compiled, RunProgram(compile, source));
  return compiled.exit_code == 0 ? Status::Ok() : Explain(compiled.text);
}

OverlayBuild::OverlayBuild(
    const ProjectTree& project, const StageTree& stage, fs::path folder)
    : project_(project), stage_(stage), folder_(std::move(folder)) {}

Status OverlayBuild::WriteIfDifferent(const SourceTree& sources) const {
  const fs::path engine = folder_ / "sources";
  for (const fs::path& file : FilesUnder(engine)) {
    if (sources.count(file.generic_string()) == 0) {
      std::error_code ignored;
      fs::remove(engine / file, ignored);
    }
  }
  for (const auto& [file, text] : sources) {
    const Result<std::string> there = ReadText(engine / file);
    if (!there.ok() || *there != text) {
      KV_RETURN_IF_ERROR(WriteText(engine / file, text));
    }
  }
  return Status::Ok();
}

Status OverlayBuild::Build(const SourceTree& sources) {
  KV_RETURN_IF_ERROR(WriteIfDifferent(sources));
  const fs::path engine = folder_ / "sources";
  const std::string name = "stage" + stage_.number;
  std::vector<std::string> targets = {name + "_tests"};
  if (HasProcessTests(stage_)) {
    targets.push_back(name + "_process_tests");
  }
  return BuildQuietly(
      stage_.path, folder_ / "build",
      {
          "CMAKE_BUILD_TYPE=Release",
          "KV_ENGINE_DIR=" + engine.string(),
          "KV_TESTS_DIR=" + (stage_.path / "tests").string(),
          "KV_EXTRA_TESTS_DIR=" + (engine / "tests" / "own").string(),
          "KV_COMMON_DIR=" + (project_.root / "common").string(),
          "KV_BUILD_BENCH=OFF",
          "KV_WERROR=OFF",
      },
      targets);
}

std::vector<fs::path> OverlayBuild::Programs() const {
  const std::string name = "stage" + stage_.number;
  std::vector<fs::path> programs = {folder_ / "build" / (name + "_tests")};
  if (HasProcessTests(stage_)) {
    programs.push_back(folder_ / "build" / (name + "_process_tests"));
  }
  return programs;
}

}  // namespace kv::tool
