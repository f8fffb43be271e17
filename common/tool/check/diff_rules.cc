// Rules over the lines that change from stage to stage: removed-lines, noise.

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"
#include "common/tool/maintain/line_diff.h"

namespace kv::tool {
namespace {

using Lines = std::vector<std::string>;

// Lines of braces and the like move about without meaning anything.
bool CountsAsLine(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
  });
}

struct LineCounts {
  size_t added = 0;
  std::map<std::string, size_t> added_lines;
  std::vector<std::string> removed_lines;

  void Add(const std::string& line) {
    if (CountsAsLine(line)) {
      ++added;
      ++added_lines[std::string(Trim(line))];
    }
  }
  void Remove(const std::string& line) {
    if (CountsAsLine(line)) {
      removed_lines.emplace_back(Trim(line));
    }
  }
  // Lines that are gone, and did not turn up elsewhere.
  size_t Removed() const {
    std::map<std::string, size_t> elsewhere = added_lines;
    size_t removed = 0;
    for (const std::string& line : removed_lines) {
      const auto it = elsewhere.find(line);
      if (it != elsewhere.end() && it->second > 0) {
        --it->second;
      } else {
        ++removed;
      }
    }
    return removed;
  }
};

LineCounts CountLines(const StageTree& before, const StageTree& stage) {
  LineCounts counts;
  for (const auto& [file, change] : CompareStages(&before, stage)) {
    if (!IsEngineFile(file) || change == FileChange::kRetired ||
        change == FileChange::kSame) {
      continue;
    }
    const Lines now = SplitLines(ReadText(stage.path / file).value());
    if (change == FileChange::kNew) {
      for (const std::string& line : now) {
        counts.Add(line);
      }
      continue;
    }
    const Lines old = SplitLines(ReadText(before.path / file).value());
    for (const Hunk& hunk : DiffLines(old, now)) {
      for (size_t i = hunk.new_begin; i < hunk.new_end; ++i) {
        counts.Add(now[i]);
      }
      for (size_t i = hunk.old_begin; i < hunk.old_end; ++i) {
        counts.Remove(old[i]);
      }
    }
  }
  return counts;
}

size_t PercentAllowed(const StageTree& stage) {
  const bool large =
      stage.number == "04" || stage.number == "06" || stage.number == "08";
  return large ? 25 : 10;
}

// A README may say why a stage removes more: a line "Removed lines: …".
bool ExplainsRemovals(const StageTree& stage) {
  const Result<std::string> text = ReadText(stage.path / "README.md");
  return text.ok() && text->find("Removed lines:") != std::string::npos;
}

// White space left out.
std::string Squeeze(const Lines& lines, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) {
    for (const char c : lines[i]) {
      if (std::isspace(static_cast<unsigned char>(c)) == 0) {
        text += c;
      }
    }
  }
  return text;
}

// Comments that state a contract: what opens a file, and /// comments. They
// change when the promise changes, though the line below does not.
bool IsContractComment(const SourceText& source, size_t begin, size_t end) {
  bool opening = true;
  for (size_t i = 0; i < end; ++i) {
    const std::string_view code = Trim(source.code[i]);
    opening = opening && (code.empty() || code == "#pragma once");
    const std::string_view comment = Trim(source.comments[i]);
    if (i >= begin && !opening && !comment.empty() &&
        comment.substr(0, 3) != "///") {
      return false;
    }
  }
  return true;
}

bool IsContractHunk(
    const SourceText& old_source, const SourceText& new_source,
    const Hunk& hunk) {
  return IsContractComment(old_source, hunk.old_begin, hunk.old_end) &&
      IsContractComment(new_source, hunk.new_begin, hunk.new_end);
}

void CheckNoiseInFile(
    const std::string& name, const std::string& old_text,
    const std::string& new_text, size_t* contract_comments, Report& report) {
  const Lines old_lines = SplitLines(old_text);
  const Lines new_lines = SplitLines(new_text);
  const SourceText old_source = SplitComments(old_text);
  const SourceText new_source = SplitComments(new_text);
  const std::vector<Hunk> changes = DiffLines(old_lines, new_lines);
  constexpr size_t kContext = 6;  // twice the three lines that a diff shows
  for (const Hunk& hunk : DiffLines(old_lines, new_lines, kContext)) {
    report.Looked(1, "hunks");
    if (Squeeze(old_source.code, hunk.old_begin, hunk.old_end) !=
        Squeeze(new_source.code, hunk.new_begin, hunk.new_end)) {
      continue;
    }
    if (Squeeze(old_lines, hunk.old_begin, hunk.old_end) ==
        Squeeze(new_lines, hunk.new_begin, hunk.new_end)) {
      report.Violate(
          name, hunk.new_begin + 1,
          "only white space differs from the stage "
          "before");
    } else if (std::all_of(
                   changes.begin(), changes.end(), [&](const Hunk& change) {
                     return change.new_begin < hunk.new_begin ||
                         change.new_end > hunk.new_end ||
                         change.old_begin < hunk.old_begin ||
                         change.old_end > hunk.old_end ||
                         IsContractHunk(old_source, new_source, change);
                   })) {
      ++*contract_comments;
    } else {
      report.Violate(
          name, hunk.new_begin + 1,
          "only comments differ from the stage before");
    }
  }
}

}  // namespace

void CheckRemovedLines(Environment& environment, Report& report) {
  for (const StageTree& stage : environment.project.stages) {
    const StageTree* before = environment.project.Before(stage);
    if (before == nullptr) {
      continue;
    }
    const LineCounts counts = CountLines(*before, stage);
    const size_t removed = counts.Removed();
    const size_t allowed = PercentAllowed(stage);
    report.Looked(counts.added, "engine lines added");
    const double percent = counts.added == 0 ? 0
                                             : 100.0 *
            static_cast<double>(removed) / static_cast<double>(counts.added);
    report.Note(fmt::format(
        "stage {}: {} added, {} removed ({:.1f} %, at most {} %)", stage.number,
        counts.added, removed, percent, allowed));
    if (removed * 100 <= counts.added * allowed) {
      continue;
    }
    if (ExplainsRemovals(stage)) {
      report.Note(fmt::format(
          "stage {} is over, and its README says why", stage.number));
      continue;
    }
    report.Violate(
        stage.folder, 0,
        fmt::format(
            "{} engine lines are removed and {} added: {:.1f} %, where {} % "
            "are allowed; if it must be, the README says why in a line that "
            "begins with \"Removed lines:\"",
            removed, counts.added, percent, allowed));
  }
}

void CheckNoise(Environment& environment, Report& report) {
  size_t contract_comments = 0;
  for (const StageTree& stage : environment.project.stages) {
    const StageTree* before = environment.project.Before(stage);
    if (before == nullptr) {
      continue;
    }
    for (const auto& [file, change] : CompareStages(before, stage)) {
      const bool source = file.size() > 3 &&
          (file.substr(file.size() - 3) == ".cc" ||
           file.substr(file.size() - 2) == ".h");
      if (!source || change != FileChange::kChanged) {
        continue;
      }
      CheckNoiseInFile(
          stage.folder + "/" + file, ReadText(before->path / file).value(),
          ReadText(stage.path / file).value(), &contract_comments, report);
    }
  }
  report.Note(fmt::format(
      "{} hunks change the words of a contract comment only",
      contract_comments));
}

}  // namespace kv::tool
