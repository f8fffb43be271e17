#include "common/tool/course/chapter.h"

#include <cctype>

#include <fmt/format.h>

namespace kv::tool {
namespace {

std::string Trim(std::string_view text) {
  while (!text.empty() &&
         std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() &&
         std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

// The number of '#' that a heading begins with; 0 for other lines.
size_t HeadingLevel(std::string_view line) {
  const size_t level = line.find_first_not_of('#');
  return level != std::string_view::npos && level > 0 && line[level] == ' '
      ? level
      : 0;
}

// The lines of the section; title in `*title`. Headings within ``` fences are
// code.
bool FindSection(
    std::string_view chapter, std::string_view id, std::string* title,
    std::string_view* section) {
  const std::string wanted = fmt::format("### Exercise {}:", id);
  bool fenced = false;
  size_t begin = std::string_view::npos;
  size_t at = 0;
  while (at < chapter.size()) {
    size_t end = chapter.find('\n', at);
    end = end == std::string_view::npos ? chapter.size() : end + 1;
    const std::string_view line = chapter.substr(at, end - at);
    if (line.substr(0, 3) == "```") {
      fenced = !fenced;
    }
    const size_t level = fenced ? 0 : HeadingLevel(line);
    if (begin != std::string_view::npos && level > 0 && level <= 3) {
      *section = chapter.substr(begin, at - begin);
      return true;
    }
    if (level == 3 && line.substr(0, wanted.size()) == wanted) {
      *title = Trim(line.substr(wanted.size()));
      begin = end;
    }
    at = end;
  }
  if (begin == std::string_view::npos) {
    return false;
  }
  *section = chapter.substr(begin);
  return true;
}

}  // namespace

Result<ExerciseSection> FindExerciseSection(
    std::string_view chapter, std::string_view exercise_id) {
  constexpr std::string_view kOpen = "<details>";
  constexpr std::string_view kSummary = "<summary>";
  constexpr std::string_view kSummaryEnd = "</summary>";
  constexpr std::string_view kClose = "</details>";
  ExerciseSection result;
  std::string_view rest;
  if (!FindSection(chapter, exercise_id, &result.title, &rest)) {
    return Status::NotSupported(fmt::format(
        "there is no section '### Exercise {}: …' in it", exercise_id));
  }
  while (true) {
    const size_t open = rest.find(kOpen);
    result.text += rest.substr(0, open);
    if (open == std::string_view::npos) {
      break;
    }
    const size_t close = rest.find(kClose, open);
    if (close == std::string_view::npos) {
      return Status::Corruption(fmt::format(
          "a <details> of exercise {} has no </details>", exercise_id));
    }
    const std::string_view block =
        rest.substr(open + kOpen.size(), close - open - kOpen.size());
    const size_t name = block.find(kSummary);
    const size_t name_end = block.find(kSummaryEnd);
    const std::string wanted = fmt::format("Hint {}", result.hints.size() + 1);
    if (name == std::string_view::npos || name_end == std::string_view::npos) {
      return Status::Corruption(fmt::format(
          "a <details> of exercise {} has no <summary>", exercise_id));
    }
    const std::string summary = Trim(block.substr(
        name + kSummary.size(), name_end - name - kSummary.size()));
    if (summary.substr(0, 4) == "Hint") {
      if (summary.substr(0, wanted.size()) != wanted) {
        return Status::Corruption(fmt::format(
            "exercise {} has '{}' where '{}' is due", exercise_id, summary,
            wanted));
      }
      result.hints.push_back(Trim(block.substr(name_end + kSummaryEnd.size())));
    }
    rest.remove_prefix(close + kClose.size());
  }
  result.text = Trim(result.text);
  return result;
}

}  // namespace kv::tool
