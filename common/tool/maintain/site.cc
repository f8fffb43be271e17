#include "common/tool/maintain/site.h"

#include <system_error>

#include <fmt/format.h>

#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

bool StartsWith(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

bool EndsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() &&
      text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Headers of common/ and of the last stage (earlier ones declare the same
// names), and all documents.
std::vector<std::string> Inputs(const ProjectTree& project) {
  std::vector<std::string> inputs;
  for (const std::string& file : project.files) {
    if (EndsWith(file, ".md") && file[0] != '.') {
      inputs.push_back(file);
    } else if (
        EndsWith(file, ".h") && StartsWith(file, "common/") &&
        !StartsWith(file, "common/tool/")) {
      inputs.push_back(file);
    }
  }
  if (!project.stages.empty()) {
    const StageTree& last = project.stages.back();
    for (const std::string& file : last.files) {
      if (IsEngineFile(file) && EndsWith(file, ".h")) {
        inputs.push_back(last.folder + "/" + file);
      }
    }
  }
  return inputs;
}

}  // namespace

Result<SiteResult> BuildSite(
    const ProjectTree& project, const fs::path& output) {
  SiteResult result;
  const std::vector<std::string> inputs = Inputs(project);
  result.inputs = inputs.size();
  if (inputs.empty()) {
    return Status::InvalidArgument(
        project.root.string() + " has no documents and no headers");
  }
  KV_ASSIGN_OR_RETURN(
      std::string settings,
      ReadText(project.root / "common/tool/site/Doxyfile"));
  const fs::path log = output / "doxygen.log";
  settings += fmt::format(
      "OUTPUT_DIRECTORY = \"{}\"\nHTML_OUTPUT = .\nWARN_LOGFILE = \"{}\"\n"
      "STRIP_FROM_PATH = \"{}\"\nSTRIP_FROM_INC_PATH = \"{}\"\nINPUT =",
      output.string(), log.string(), project.root.string(),
      project.root.string());
  for (const std::string& input : inputs) {
    settings += fmt::format(" \\\n  \"{}\"", (project.root / input).string());
  }
  settings += fmt::format(
      "\nUSE_MDFILE_AS_MAINPAGE = \"{}\"\nIMAGE_PATH =",
      (project.root / "README.md").string());
  for (const char* folder : {"docs", "docs/stages", "docs/pictures"}) {
    if (fs::is_directory(project.root / folder)) {
      settings += fmt::format(" \"{}\"", (project.root / folder).string());
    }
  }
  settings += "\n";
  std::error_code error;
  fs::remove_all(output, error);
  fs::create_directories(output, error);
  const fs::path file = output / "Doxyfile";
  KV_RETURN_IF_ERROR(WriteText(file, settings));
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput run,
      RunProgram({"doxygen", file.string()}, project.root));
  if (run.exit_code != 0) {
    return Status::IoError("doxygen failed: " + run.text);
  }
  const Result<std::string> warnings = ReadText(log);
  if (warnings.ok()) {
    for (std::string line : SplitLines(*warnings)) {
      const std::string root = project.root.string() + "/";
      if (StartsWith(line, root)) {
        line.erase(0, root.size());
      }
      result.warnings.push_back(line);
    }
  }
  result.index = output / "index.html";
  return result;
}

}  // namespace kv::tool
