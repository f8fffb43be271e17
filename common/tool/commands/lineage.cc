#include "common/tool/commands/lineage.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kv::tool {
namespace {

// Which row of the table a file belongs to: its folder's place in the tree
// matters more to a reader than the alphabet.
std::string SortKey(const std::string& file) {
  if (IsEngineFile(file)) {
    return "0" + file;
  }
  return (file.substr(0, 4) == "app/" ? "1" : "2") + file;
}

struct Lineage {
  // File to one change a stage; a file that a stage does not know has none.
  std::map<std::string, std::vector<std::string>> rows;
  // For each stage: new, same, changed, retired.
  std::vector<std::array<size_t, 4>> totals;
};

Lineage Trace(const ProjectTree& project) {
  Lineage lineage;
  lineage.totals.resize(project.stages.size());
  for (size_t i = 0; i < project.stages.size(); ++i) {
    const StageTree* before = i == 0 ? nullptr : &project.stages[i - 1];
    for (const auto& [file, change] :
         CompareStages(before, project.stages[i])) {
      std::vector<std::string>& row = lineage.rows[SortKey(file)];
      row.resize(project.stages.size());
      row[i] = FileChangeName(change);
      ++lineage.totals[i][static_cast<size_t>(change)];
    }
  }
  return lineage;
}

void RunLineage(Context& context) {
  const Result<ProjectTree> project = LoadProjectTree(context.root());
  if (!project.ok()) {
    context.Finish(project.status());
    return;
  }
  if (project->stages.empty()) {
    context.Finish(Status::InvalidArgument(
        context.root().string() + " has no stage folder"));
    return;
  }
  if (!context.json()) {
    fmt::print("{}", LineageTable(*project));
    return;
  }
  const Lineage lineage = Trace(*project);
  nlohmann::ordered_json json;
  for (const auto& [key, row] : lineage.rows) {
    nlohmann::ordered_json& entry = json["files"][key.substr(1)];
    for (size_t i = 0; i < row.size(); ++i) {
      if (!row[i].empty()) {
        entry[project->stages[i].number] = row[i];
      }
    }
  }
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

std::string LineageTable(const ProjectTree& project) {
  const Lineage lineage = Trace(project);
  size_t width = 8;
  for (const auto& [key, row] : lineage.rows) {
    width = std::max(width, key.size() - 1);
  }
  std::string text = fmt::format("{:<{}}", "file", width);
  for (const StageTree& stage : project.stages) {
    text += fmt::format("  {:<7}", stage.number);
  }
  text += '\n';
  const auto end_line = [&text] {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  };
  for (const auto& [key, row] : lineage.rows) {
    text += fmt::format("{:<{}}", key.substr(1), width);
    for (const std::string& change : row) {
      text += fmt::format("  {:<7}", change);
    }
    end_line();
  }
  text += '\n';
  constexpr std::array kChanges = {
      FileChange::kNew,
      FileChange::kSame,
      FileChange::kChanged,
      FileChange::kRetired,
  };
  for (const FileChange change : kChanges) {
    text += fmt::format("{:<{}}", FileChangeName(change), width);
    for (const auto& totals : lineage.totals) {
      text += fmt::format("  {:<7}", totals[static_cast<size_t>(change)]);
    }
    end_line();
  }
  return text;
}

void RegisterLineage(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupMaintain, "lineage",
      "Which files each stage adds, keeps, changes and retires", "wb lineage");
  command->callback([&context] { RunLineage(context); });
}

}  // namespace kv::tool
