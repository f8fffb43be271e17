#include "common/testing/subject.h"

namespace kv::testing {
namespace {

Status NotThere(const char* operation) {
  return Status::NotSupported(
      std::string(operation) + ": this database does not have it");
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits that `text` begins with, without leading zeros.
std::string_view TakeDigits(std::string_view* text) {
  size_t zeros = 0;
  while (zeros < text->size() && (*text)[zeros] == '0') ++zeros;
  text->remove_prefix(zeros);
  size_t digits = 0;
  while (digits < text->size() && IsDigit((*text)[digits])) ++digits;
  const std::string_view taken = text->substr(0, digits);
  text->remove_prefix(digits);
  return taken;
}

// Whether `a` stands before `b`, with digits compared as numbers.
bool IsBefore(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (IsDigit(a.front()) && IsDigit(b.front())) {
      const std::string_view one = TakeDigits(&a);
      const std::string_view other = TakeDigits(&b);
      if (one.size() != other.size()) return one.size() < other.size();
      if (one != other) return one < other;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front();
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() < b.size();
}

}  // namespace

Status Subject::Sync() {
  return NotThere("Sync");
}
Status Subject::Checkpoint() {
  return NotThere("Checkpoint");
}
Status Subject::Flush() {
  return NotThere("Flush");
}
Status Subject::Compact() {
  return NotThere("Compact");
}

Result<std::vector<std::pair<std::string, std::string>>> Subject::Scan(
    std::string_view start, std::string_view end) {
  static_cast<void>(start);
  static_cast<void>(end);
  return NotThere("Scan");
}

bool MatchesFilePattern(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  const char first = pattern.front();
  const std::string_view rest = pattern.substr(1);
  if (first == '*' || first == '#') {
    // Patterns are short and written by us: plain backtracking will do.
    size_t taken = first == '*' ? 0 : 1;
    for (; taken <= name.size(); ++taken) {
      if (first == '#' && !IsDigit(name[taken - 1])) return false;
      if (MatchesFilePattern(name.substr(taken), rest)) return true;
    }
    return false;
  }
  return !name.empty() && name.front() == first &&
      MatchesFilePattern(name.substr(1), rest);
}

std::string LastLogName(
    const Capabilities& capabilities, const std::vector<std::string>& names) {
  std::string last;
  if (capabilities.log_pattern.empty()) return last;
  for (const std::string& name : names) {
    if (MatchesFilePattern(name, capabilities.log_pattern) &&
        (last.empty() || IsBefore(last, name))) {
      last = name;
    }
  }
  return last;
}

}  // namespace kv::testing
