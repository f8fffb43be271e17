#include "common/tool/check/source_text.h"

#include <cctype>
#include <cstddef>

namespace kv::tool {
namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  SourceText Split() {
    NewLine();
    while (at_ < text_.size()) {
      if (Ahead("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') {
          Comment();
        }
      } else if (Ahead("/*")) {
        Comment();
        Comment();
        while (at_ < text_.size() && !Ahead("*/")) {
          Comment();
        }
        Comment();
        Comment();
      } else if (Ahead("R\"") && !IsWord(Before())) {
        RawString();
      } else if (
          text_[at_] == '"' || (text_[at_] == '\'' && !IsWord(Before()))) {
        Literal(text_[at_]);
      } else {
        Code();
      }
    }
    return std::move(result_);
  }

 private:
  static bool IsWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  }
  char Before() const { return at_ == 0 ? ' ' : text_[at_ - 1]; }
  bool Ahead(std::string_view word) const {
    return text_.substr(at_, word.size()) == word;
  }
  void NewLine() {
    result_.code.emplace_back();
    result_.comments.emplace_back();
  }
  void Take(std::vector<std::string>& lines) {
    if (at_ >= text_.size()) {
      return;
    }
    const char c = text_[at_++];
    if (c == '\n') {
      NewLine();
    } else {
      lines.back() += c;
    }
  }
  void Code() { Take(result_.code); }
  void Comment() { Take(result_.comments); }

  void Literal(char quote) {
    Code();
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\') {
        Code();
      }
      Code();
    }
    Code();
  }

  void RawString() {
    const size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      Code();
      return;
    }
    const std::string end =
        ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const size_t close = text_.find(end, open);
    const size_t stop =
        close == std::string_view::npos ? text_.size() : close + end.size();
    while (at_ < stop) {
      Code();
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  SourceText result_;
};

}  // namespace

SourceText SplitComments(std::string_view text) {
  return Splitter(text).Split();
}

bool IsSource(std::string_view file) {
  return EndsWith(file, ".cc") || EndsWith(file, ".h");
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
      text.substr(text.size() - end.size()) == end;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lower;
}

}  // namespace kv::tool
