#include "common/tool/run/stage_build.h"

#include <fmt/format.h>

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

bool HasSources(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".cc") return true;
  }
  return false;
}

void NamePrograms(const fs::path& folder, StageBuild* build) {
  const std::string name = build->stage->Name();
  build->tests_program = folder / (name + "_tests");
  build->process_tests_program = folder / (name + "_process_tests");
  build->shell_program = folder / (name + "_kv_shell");
  build->request.targets = {name + "_tests", name + "_kv_shell"};
  if (build->HasProcessTests()) {
    build->request.targets.push_back(name + "_process_tests");
  }
}

}  // namespace

std::string TestSizeName(TestSize size) {
  switch (size) {
    case TestSize::kQuick:
      return "quick";
    case TestSize::kFull:
      return "full";
    case TestSize::kDeep:
      return "deep";
  }
  return "quick";
}

bool StageBuild::HasProcessTests() const {
  return HasSources(tests_dir / "process");
}

fs::path ReferenceBuildDir(const Context& context) {
  return context.root() / "build" / "reference";
}

BuildRequest ReferenceRequest(const Context& context) {
  BuildRequest request;
  request.source = context.root();
  request.build = ReferenceBuildDir(context);
  request.definitions = {
      "CMAKE_BUILD_TYPE=Release", "KV_STAGES=all",    "KV_BUILD_TESTS=ON",
      "KV_BUILD_BENCH=OFF",       "KV_BUILD_TOOL=ON",
  };
  return request;
}

StageBuild ReferenceBuild(const Context& context, const Stage& stage) {
  StageBuild build;
  build.stage = &stage;
  build.part = stage.number;
  build.base = context.root();
  build.tests_dir = stage.path / "tests";
  build.request = ReferenceRequest(context);
  build.request.label = fmt::format("stage {}, the reference", stage.number);
  NamePrograms(build.request.build / stage.path.filename(), &build);
  return build;
}

Result<StageBuild> LearnerBuild(
    const Context& context, const Course& course, const Stage& stage,
    const std::string& part) {
  StageBuild build;
  build.stage = &stage;
  build.part = part;
  build.base = course.EngineDir(part);
  build.tests_dir = stage.path / "tests";
  if (!fs::is_directory(build.base)) {
    return Status::NotSupported(fmt::format(
        "{} is not there yet: '{} start {}' puts the starter into it",
        build.base.string(), context.CommandName(), part));
  }
  build.request.source = stage.path;
  build.request.build = course.BuildDir(part);
  build.request.label = fmt::format("your stage {}", part);
  build.request.definitions = {
      "CMAKE_BUILD_TYPE=Release",
      "KV_ENGINE_DIR=" + build.base.string(),
      "KV_TESTS_DIR=" + build.tests_dir.string(),
      "KV_EXTRA_TESTS_DIR=" + course.OwnTestsDir(part).string(),
      "KV_COMMON_DIR=" + (context.root() / "common").string(),
      "KV_BUILD_BENCH=OFF",
      // A starter has unused parameters and members until it is solved.
      "KV_WERROR=OFF",
  };
  NamePrograms(build.request.build, &build);
  return build;
}

}  // namespace kv::tool
