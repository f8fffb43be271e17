// The rule layers: includes point downwards only.

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"

namespace kv::tool {
namespace {

// A folder may include those with a smaller number, and itself.
const std::map<std::string, int>& Layers() {
  static const std::map<std::string, int> kLayers = {
      {"kv", 1},     {"log", 2},      {"cache", 3},   {"memtable", 4},
      {"table", 4},  {"index", 4},    {"version", 5}, {"compaction", 6},
      {"db", 7},     {"txn", 8},      {"raft", 9},    {"query", 9},
      {"shard", 10}, {"cluster", 11}, {"net", 12},    {"client", 12},
      {"app", 13},
  };
  return kLayers;
}

// What some folders may include, where that is less than the layers allow.
const std::map<std::string, std::vector<std::string>>& Restricted() {
  static const std::map<std::string, std::vector<std::string>> kRestricted = {
      {"raft", {"raft/", "common/base/", "kv/coding.h"}},
      {"shard", {"shard/", "common/base/", "kv/coding.h"}},
      {"client", {"client/", "net/resp.h", "common/base/", "kv/"}},
      {"tests/database", {"kv/", "db/database.h", "support/", "common/"}},
      {"common/base", {"common/base/"}},
      {"common/fs", {"common/base/", "common/fs/"}},
      {"common/shell", {"common/base/", "common/fs/", "common/shell/"}},
      {"common/testing", {"common/base/", "common/fs/", "common/testing/"}},
  };
  return kRestricted;
}

struct Include {
  std::string path;
  bool quoted = false;
  size_t line = 0;
};

std::vector<Include> IncludesOf(const std::string& text) {
  std::vector<Include> includes;
  const SourceText source = SplitComments(text);
  for (size_t i = 0; i < source.code.size(); ++i) {
    std::string_view line = Trim(source.code[i]);
    if (line.substr(0, 1) != "#") {
      continue;
    }
    line = Trim(line.substr(1));
    if (line.substr(0, 7) != "include") {
      continue;
    }
    line = Trim(line.substr(7));
    if (line.size() < 2) {
      continue;
    }
    const bool quoted = line[0] == '"';
    const size_t end = line.find(quoted ? '"' : '>', 1);
    includes.push_back({std::string(line.substr(1, end - 1)), quoted, i + 1});
  }
  return includes;
}

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.find('/'));
}

bool Allowed(const std::vector<std::string>& allowed, const std::string& path) {
  return std::any_of(
      allowed.begin(), allowed.end(), [&](const std::string& start) {
        return path.compare(0, start.size(), start) == 0;
      });
}

// Empty if the include is allowed.
std::string WhyNot(const std::string& folder, const Include& include) {
  const bool gtest =
      FolderOf(include.path) == "gtest" || FolderOf(include.path) == "gmock";
  const auto own = Layers().find(folder);
  if (own != Layers().end() &&
      (gtest || include.path.rfind("common/testing/", 0) == 0)) {
    return "engine code does not include what tests are made of";
  }
  if (!include.quoted) {
    return "";
  }
  const auto restricted = Restricted().find(folder);
  if (restricted != Restricted().end()) {
    return Allowed(restricted->second, include.path)
        ? ""
        : fmt::format(
              "{} includes only {}", folder,
              fmt::join(restricted->second, ", "));
  }
  const auto other = Layers().find(FolderOf(include.path));
  if (own == Layers().end() || other == Layers().end() ||
      own->first == other->first || other->second < own->second) {
    return "";
  }
  return fmt::format("{} stands below {}", folder, other->first);
}

void CheckFile(
    const std::string& name, const std::string& folder,
    const std::filesystem::path& path, Report& report) {
  const Result<std::string> text = ReadText(path);
  if (!text.ok()) {
    return;
  }
  for (const Include& include : IncludesOf(*text)) {
    report.Looked(1, "includes");
    const std::string why = WhyNot(folder, include);
    if (!why.empty()) {
      report.Violate(
          name, include.line, "includes " + include.path + ": " + why);
    }
  }
}

}  // namespace

void CheckLayers(Environment& environment, Report& report) {
  for (const StageTree& stage : environment.project.stages) {
    for (const std::string& file : stage.files) {
      if (!IsSource(file)) {
        continue;
      }
      const bool database_test = file.rfind("tests/database/", 0) == 0;
      if (IsEngineFile(file) || file.rfind("app/", 0) == 0 || database_test) {
        CheckFile(
            stage.folder + "/" + file,
            database_test ? "tests/database" : FolderOf(file),
            stage.path / file, report);
      }
    }
  }
  for (const std::string& file : environment.project.files) {
    if (file.rfind("common/", 0) != 0 || !IsSource(file)) {
      continue;
    }
    const size_t slash = file.find('/', 7);
    const bool test =
        file.size() > 8 && file.substr(file.size() - 8) == "_test.cc";
    // What tests are made of, tests may use.
    if (!test) {
      CheckFile(
          file, file.substr(0, slash), environment.project.root / file, report);
    }
    const Result<std::string> text = ReadText(environment.project.root / file);
    for (const Include& include : IncludesOf(text.ok() ? *text : "")) {
      if (include.path.rfind("stage", 0) == 0) {
        report.Violate(file, include.line, "common/ never includes a stage");
      }
    }
  }
}

}  // namespace kv::tool
