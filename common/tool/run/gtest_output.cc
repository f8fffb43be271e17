#include "common/tool/run/gtest_output.h"

#include <cctype>
#include <charconv>

namespace kv::tool {
namespace {

constexpr std::string_view kRunMarker = "[ RUN      ] ";
constexpr std::string_view kOkMarker = "[       OK ] ";
constexpr std::string_view kFailedMarker = "[  FAILED  ] ";
constexpr std::string_view kSkippedMarker = "[  SKIPPED ] ";

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view TrimRight(std::string_view text) {
  while (!text.empty() &&
         std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

// The number in "(123 ms)" after the test's name.
int Milliseconds(std::string_view text) {
  const size_t open = text.rfind('(');
  if (open == std::string_view::npos) return 0;
  int value = 0;
  std::from_chars(text.data() + open + 1, text.data() + text.size(), value);
  return value;
}

bool IsFailureHead(std::string_view line) {
  return line.ends_with(": Failure") || line == "unknown file: Failure";
}

std::string StripPrefix(std::string_view line, std::string_view strip) {
  std::string text(line);
  if (strip.empty()) return text;
  std::string prefix(strip);
  if (prefix.back() != '/') prefix += '/';
  size_t at = 0;
  while ((at = text.find(prefix, at)) != std::string::npos) {
    text.erase(at, prefix.size());
  }
  return text;
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  // Where to resume after the last star, should the rest not fit.
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (
        p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool MatchesAny(
    const std::vector<std::string>& patterns, std::string_view name) {
  for (const std::string& pattern : patterns) {
    if (MatchesPattern(pattern, name)) return true;
  }
  return false;
}

std::vector<std::string> ParseTestList(std::string_view output) {
  std::vector<std::string> tests;
  std::string suite;
  for (std::string_view line : SplitLines(output)) {
    line = TrimRight(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    if (line.front() != ' ') {
      // Suites end in a dot; anything else is a line that main printed.
      suite = line.back() == '.' ? std::string(line) : std::string();
      continue;
    }
    if (suite.empty()) continue;
    const std::string_view name = line.substr(line.find_first_not_of(' '));
    if (name.starts_with("DISABLED_") || suite.starts_with("DISABLED_")) {
      continue;
    }
    tests.push_back(suite + std::string(name));
  }
  return tests;
}

GtestLine ParseGtestLine(std::string_view line, std::string_view current) {
  GtestLine result;
  if (current.empty()) {
    if (line.starts_with(kRunMarker)) {
      result.kind = GtestLine::Kind::kRun;
      result.test = TrimRight(line.substr(kRunMarker.size()));
    }
    return result;
  }
  const std::pair<std::string_view, GtestLine::Kind> ends[] = {
      {kOkMarker, GtestLine::Kind::kOk},
      {kFailedMarker, GtestLine::Kind::kFailed},
      {kSkippedMarker, GtestLine::Kind::kSkipped},
  };
  for (const auto& [marker, kind] : ends) {
    const size_t at = line.find(marker);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + marker.size());
    if (!rest.starts_with(current)) continue;
    const std::string_view after = rest.substr(current.size());
    if (!after.starts_with(" (") && !after.starts_with(", where ")) continue;
    result.kind = kind;
    result.test = current;
    result.milliseconds = Milliseconds(after);
    result.before = line.substr(0, at);
    return result;
  }
  return result;
}

std::string FindTodo(std::string_view output) {
  constexpr std::string_view kBegin = "exercise ";
  constexpr std::string_view kEnd = " is not written yet";
  const size_t end = output.find(kEnd);
  if (end == std::string_view::npos) return {};
  const size_t begin = output.rfind(kBegin, end);
  if (begin == std::string_view::npos) return {};
  const std::string_view id =
      output.substr(begin + kBegin.size(), end - begin - kBegin.size());
  return id.find(' ') == std::string_view::npos ? std::string(id)
                                                : std::string();
}

std::string FindTodoPlace(std::string_view output) {
  constexpr std::string_view kBefore = " is not written yet (";
  const size_t begin = output.find(kBefore);
  if (begin == std::string_view::npos) return {};
  output.remove_prefix(begin + kBefore.size());
  // "operator()" has parentheses of its own: the place ends before the colon.
  const size_t end = output.find("): ");
  const size_t line_end = output.find('\n');
  if (end == std::string_view::npos || end > line_end) return {};
  return std::string(output.substr(0, end));
}

std::string SkipReason(std::string_view output) {
  const std::vector<std::string_view> lines = SplitLines(output);
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    if (!lines[i].ends_with(": Skipped")) continue;
    const std::string_view reason = TrimRight(lines[i + 1]);
    if (!reason.empty()) return std::string(reason);
  }
  return "no reason given";
}

std::vector<std::string> TrimFailure(
    std::string_view output, std::string_view strip, size_t lines_max) {
  std::vector<std::string> result;
  bool in_failure = false;
  size_t skipped = 0;
  const std::vector<std::string_view> lines = SplitLines(output);
  for (std::string_view line : lines) {
    line = TrimRight(line);
    if (IsFailureHead(line)) {
      if (in_failure) break;  // the first failure says what broke
      in_failure = true;
      if (line.starts_with("unknown file")) continue;
      line.remove_suffix(std::string_view(": Failure").size());
    } else if (!in_failure || line.empty()) {
      continue;
    }
    if (line.starts_with("Google Test trace:") && result.empty()) continue;
    if (result.size() < lines_max) {
      result.push_back(StripPrefix(line, strip));
    } else {
      ++skipped;
    }
  }
  if (!in_failure) {
    // No assertion: a crash. Its last words are what there is.
    for (size_t i = lines.size(); i-- > 0 && result.size() < lines_max;) {
      const std::string_view line = TrimRight(lines[i]);
      if (!line.empty())
        result.insert(result.begin(), StripPrefix(line, strip));
    }
  } else if (skipped > 0) {
    result.push_back("(" + std::to_string(skipped) + " more lines)");
  }
  return result;
}

}  // namespace kv::tool
