#include "common/tool/maintain/project_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <sstream>
#include <system_error>

#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEngineFolders = {
    "kv",      "index",      "log", "memtable", "table", "cache",
    "version", "compaction", "db",  "txn",      "query", "raft",
    "shard",   "cluster",    "net", "client",
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
      text.substr(text.size() - end.size()) == end;
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

Result<std::vector<std::string>> FilesFromGit(const fs::path& root) {
  KV_ASSIGN_OR_RETURN(
      const ProgramOutput output,
      RunProgram(
          {"git", "ls-files", "-z", "--cached", "--others",
           "--exclude-standard"},
          root));
  if (output.exit_code != 0) {
    return Status::IoError(
        root.string() + ": git ls-files failed: " + output.text);
  }
  std::vector<std::string> files;
  std::istringstream names(output.text);
  for (std::string name; std::getline(names, name, '\0');) {
    // A file that was deleted and not committed yet is still in the index.
    if (fs::is_regular_file(root / name)) {
      files.push_back(name);
    }
  }
  return files;
}

std::vector<std::string> FilesFromWalk(const fs::path& root) {
  std::vector<std::string> files;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, error);
       it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == "build" || name[0] == '.')) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file()) {
      files.push_back(fs::relative(it->path(), root).generic_string());
    }
  }
  return files;
}

bool IsStageFolder(std::string_view name) {
  return name.size() > 8 && StartsWith(name, "stage") &&
      std::isdigit(static_cast<unsigned char>(name[5])) != 0 &&
      std::isdigit(static_cast<unsigned char>(name[6])) != 0 && name[7] == '_';
}

}  // namespace

bool StageTree::Has(std::string_view file) const {
  return std::binary_search(files.begin(), files.end(), file);
}

const StageTree* ProjectTree::Before(const StageTree& stage) const {
  const StageTree* before = nullptr;
  for (const StageTree& other : stages) {
    if (other.number < stage.number) {
      before = &other;
    }
  }
  return before;
}

std::string_view FileChangeName(FileChange change) {
  switch (change) {
    case FileChange::kNew:
      return "new";
    case FileChange::kSame:
      return "same";
    case FileChange::kChanged:
      return "changed";
    case FileChange::kRetired:
      return "retired";
  }
  return "";
}

Result<ProjectTree> LoadProjectTree(const fs::path& root) {
  ProjectTree project;
  project.root = root;
  if (fs::exists(root / ".git")) {
    KV_ASSIGN_OR_RETURN(project.files, FilesFromGit(root));
  } else {
    project.files = FilesFromWalk(root);
  }
  std::sort(project.files.begin(), project.files.end());
  project.files.erase(
      std::unique(project.files.begin(), project.files.end()),
      project.files.end());
  for (const std::string& file : project.files) {
    const size_t slash = file.find('/');
    const std::string folder = file.substr(0, slash);
    if (slash == std::string::npos || !IsStageFolder(folder)) {
      continue;
    }
    if (project.stages.empty() || project.stages.back().folder != folder) {
      project.stages.push_back(
          StageTree{folder.substr(5, 2), folder, root / folder, {}});
    }
    project.stages.back().files.push_back(file.substr(slash + 1));
  }
  return project;
}

bool IsEngineFile(std::string_view file) {
  const size_t slash = file.find('/');
  if (slash == std::string_view::npos ||
      !(EndsWith(file, ".cc") || EndsWith(file, ".h"))) {
    return false;
  }
  const std::string_view folder = file.substr(0, slash);
  return std::find(kEngineFolders.begin(), kEngineFolders.end(), folder) !=
      kEngineFolders.end();
}

bool IsLineageFile(std::string_view file) {
  return IsEngineFile(file) || StartsWith(file, "app/") ||
      StartsWith(file, "tests/") || StartsWith(file, "bench/");
}

std::map<std::string, FileChange> CompareStages(
    const StageTree* before, const StageTree& stage) {
  std::map<std::string, FileChange> changes;
  for (const std::string& file : stage.files) {
    if (!IsLineageFile(file)) {
      continue;
    }
    if (before == nullptr || !before->Has(file)) {
      changes[file] = FileChange::kNew;
      continue;
    }
    const Result<std::string> old_text = ReadText(before->path / file);
    const Result<std::string> new_text = ReadText(stage.path / file);
    const bool same = old_text.ok() && new_text.ok() && *old_text == *new_text;
    changes[file] = same ? FileChange::kSame : FileChange::kChanged;
  }
  if (before != nullptr) {
    for (const std::string& file : before->files) {
      if (IsLineageFile(file) && !stage.Has(file)) {
        changes[file] = FileChange::kRetired;
      }
    }
  }
  return changes;
}

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      break;
    }
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  };
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace kv::tool
