// Rules over which files there are: top-level, what-changed, frozen-tests.

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "common/tool/check/markdown.h"
#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"

namespace kv::tool {
namespace {

constexpr std::array kTopFiles = {
    "CMakeLists.txt",
    "CMakePresets.json",
    "LICENSE",
    "README.md",
};

constexpr std::array kTopFolders = {
    "stage01_inmemory",
    "stage02_append_log",
    "stage03_hash_index",
    "stage04_wal",
    "stage05_lsm",
    "stage06_sstable_blocks",
    "stage07_compaction",
    "stage08_concurrency_ttl_lru",
    "stage09_transactions",
    "stage10_network_raft",
    "common",
    "docs",
};

template <typename Names>
bool Among(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "kv/coding.{h,cc}" names two files.
std::vector<std::string> ExpandBraces(const std::string& pattern) {
  const size_t open = pattern.find('{');
  const size_t close = pattern.find('}', open);
  if (open == std::string::npos || close == std::string::npos) {
    return {pattern};
  }
  std::vector<std::string> names;
  size_t begin = open + 1;
  while (begin <= close) {
    const size_t end = std::min(pattern.find(',', begin), close);
    for (const std::string& tail : ExpandBraces(pattern.substr(close + 1))) {
      names.push_back(
          pattern.substr(0, open) + pattern.substr(begin, end - begin) + tail);
    }
    begin = end + 1;
  }
  return names;
}

// The patterns of a table's first cell: "`a.cc`, `b/*.h`, `tests/x/`".
std::vector<std::string> PatternsOf(const std::string& cell) {
  std::vector<std::string> patterns;
  std::string word;
  size_t braces = 0;
  for (const char c : cell + " ") {
    const bool splits = braces == 0 && (c == ',' || c == ' ');
    if (c == '`' || splits) {
      if (splits && !word.empty()) {
        const std::vector<std::string> names = ExpandBraces(word);
        patterns.insert(patterns.end(), names.begin(), names.end());
        word.clear();
      }
      continue;
    }
    braces += c == '{' ? 1u : 0u;
    braces -= c == '}' && braces > 0 ? 1u : 0u;
    // Links show the name in brackets and the target in parentheses.
    word += c;
  }
  for (std::string& pattern : patterns) {
    const size_t link = pattern.find("](");
    if (pattern[0] == '[' && link != std::string::npos) {
      pattern = pattern.substr(1, link - 1);
    }
    if (!pattern.empty() && pattern.back() == '/') {
      pattern += '*';
    }
  }
  return patterns;
}

bool Matches(const std::string& pattern, const std::string& file) {
  return fnmatch(pattern.c_str(), file.c_str(), 0) == 0;
}

struct ReadmeRow {
  std::vector<std::string> patterns;
  std::string status;
  std::string why;
  size_t line = 0;
};

// The rows of all tables under a heading that begins with "What changed".
std::vector<ReadmeRow> WhatChangedRows(const MarkdownPage& page) {
  std::vector<ReadmeRow> rows;
  for (const TableRow& row : page.rows) {
    if (Lower(row.section).rfind("what changed", 0) != 0 ||
        row.cells.size() < 2) {
      continue;
    }
    rows.push_back(
        {PatternsOf(row.cells[0]), Lower(row.cells[1]),
         row.cells.size() > 2 ? row.cells[2] : "", row.line});
  }
  return rows;
}

Result<std::vector<ReadmeRow>> ReadmeRows(const StageTree& stage) {
  KV_ASSIGN_OR_RETURN(
      const std::string text, ReadText(stage.path / "README.md"));
  return WhatChangedRows(ParseMarkdown(text));
}

void CompareReadme(
    const StageTree& stage, const std::map<std::string, FileChange>& changes,
    const std::vector<ReadmeRow>& rows, Report& report) {
  const std::string readme = stage.folder + "/README.md";
  std::map<std::string, size_t> named;  // file to the line that names it
  for (const ReadmeRow& row : rows) {
    if (row.status != "new" && row.status != "changed" &&
        row.status != "retired") {
      report.Violate(
          readme, row.line,
          "'" + row.status + "' is not one of new, changed, retired");
      continue;
    }
    for (const std::string& pattern : row.patterns) {
      bool found = false;
      for (const auto& [file, change] : changes) {
        if (Matches(pattern, file) && FileChangeName(change) == row.status) {
          found = true;
          named[file] = row.line;
        }
      }
      if (!found) {
        const auto change = changes.find(pattern);
        report.Violate(
            readme, row.line,
            fmt::format(
                "says that {} is {}, but it {}", pattern, row.status,
                change == changes.end()
                    ? "is not there"
                    : fmt::format("is {}", FileChangeName(change->second))));
      }
    }
  }
  for (const auto& [file, change] : changes) {
    if (change != FileChange::kSame && named.count(file) == 0) {
      report.Violate(
          readme, 0,
          fmt::format(
              "the table \"What changed\" does not say that {} is {}", file,
              FileChangeName(change)));
    }
  }
}

}  // namespace

void CheckTopLevel(Environment& environment, Report& report) {
  std::set<std::string> names;
  for (const std::string& file : environment.project.files) {
    const size_t slash = file.find('/');
    const std::string name = file.substr(0, slash);
    if (!names.insert(name).second || name[0] == '.') {
      continue;
    }
    const bool allowed = slash == std::string::npos ? Among(kTopFiles, name)
                                                    : Among(kTopFolders, name);
    if (!allowed) {
      report.Violate(
          name, 0,
          "does not belong at the top: stages, common, docs, the build files, "
          "README.md, LICENSE and dot files do");
    }
  }
  report.Looked(names.size(), "names at the top");
}

void CheckWhatChanged(Environment& environment, Report& report) {
  for (const StageTree& stage : environment.project.stages) {
    const auto changes =
        CompareStages(environment.project.Before(stage), stage);
    const Result<std::vector<ReadmeRow>> rows = ReadmeRows(stage);
    if (!rows.ok()) {
      report.Violate(
          stage.folder + "/README.md", 0, "is missing or cannot be read");
      continue;
    }
    report.Looked(changes.size(), "files");
    report.Looked(rows->size(), "table rows");
    CompareReadme(stage, changes, *rows, report);
  }
}

void CheckFrozenTests(Environment& environment, Report& report) {
  for (const StageTree& stage : environment.project.stages) {
    const StageTree* before = environment.project.Before(stage);
    if (before == nullptr) {
      for (const std::string& file : stage.files) {
        if (StartsWith(file, "tests/database/")) {
          report.Looked(1, "database tests at birth");
        }
      }
      continue;
    }
    const Result<std::vector<ReadmeRow>> rows = ReadmeRows(stage);
    for (const auto& [file, change] : CompareStages(before, stage)) {
      const bool database = StartsWith(file, "tests/database/");
      const bool corpus = StartsWith(file, "tests/blackbox/");
      const bool unit = StartsWith(file, "tests/unit/");
      if ((!database && !corpus && !unit) || change == FileChange::kNew) {
        continue;
      }
      report.Looked(
          1,
          database     ? "database tests"
              : corpus ? "black-box files"
                       : "unit tests");
      if (change == FileChange::kSame) {
        continue;
      }
      if (!unit) {
        report.Violate(
            stage.folder + "/" + file, 0,
            fmt::format(
                "is {} since stage {}, and must stay as it was born",
                FileChangeName(change), before->number));
        continue;
      }
      const bool explained = rows.ok() &&
          std::any_of(rows->begin(), rows->end(), [&](const ReadmeRow& row) {
                               return !row.why.empty() &&
                                   row.status == FileChangeName(change) &&
                                   std::any_of(
                                       row.patterns.begin(), row.patterns.end(),
                                       [&](const std::string& pattern) {
                                         return Matches(pattern, file);
                                       });
                             });
      if (!explained) {
        report.Violate(
            stage.folder + "/" + file, 0,
            fmt::format(
                "is {} since stage {}, and the README's table does not say "
                "why",
                FileChangeName(change), before->number));
      }
    }
  }
}

}  // namespace kv::tool
