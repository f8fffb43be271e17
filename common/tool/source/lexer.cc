#include "common/tool/source/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include <fmt/format.h>

namespace kv::tool {
namespace {

// Longest first. '>' stands alone but in these.
constexpr std::array<std::string_view, 14> kOperators = {
    "<=>", "->*", "...", "::", "->", "&&", "||",
    "<=",  ">=",  "==",  "!=", "++", "--", "##",
};

bool IsIdentifierStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
      (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool IsIdentifierPart(char c) {
  return IsIdentifierStart(c) ||
      std::isdigit(static_cast<unsigned char>(c)) != 0;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Result<std::vector<Token>> Run() {
    while (SkipSpace()) {
      KV_RETURN_IF_ERROR(Next());
    }
    return std::move(tokens_);
  }

 private:
  char At(size_t offset) const {
    return offset < source_.size() ? source_[offset] : '\0';
  }
  bool StartsWith(std::string_view text) const {
    return source_.substr(at_, text.size()) == text;
  }

  // The length of a backslash and newline at `offset`, or 0.
  size_t Continuation(size_t offset) const {
    if (At(offset) != '\\') {
      return 0;
    }
    if (At(offset + 1) == '\n') {
      return 2;
    }
    return At(offset + 1) == '\r' && At(offset + 2) == '\n' ? 3 : 0;
  }

  bool SkipSpace() {
    while (at_ < source_.size()) {
      if (source_[at_] == '\n') {
        line_start_ = true;
        ++at_;
      } else if (std::isspace(static_cast<unsigned char>(source_[at_]))) {
        ++at_;
      } else if (const size_t length = Continuation(at_); length > 0) {
        at_ += length;
      } else {
        return true;
      }
    }
    return false;
  }

  void Add(TokenKind kind, size_t begin) {
    tokens_.push_back({kind, begin, at_, source_.substr(begin, at_ - begin)});
    line_start_ = line_start_ && kind == TokenKind::kComment;
  }

  Status Unterminated(std::string_view what, size_t begin) const {
    return Status::InvalidArgument(
        fmt::format("line {}: {} does not end", LineOf(source_, begin), what));
  }

  Status Next() {
    const size_t begin = at_;
    const char c = source_[at_];
    if (StartsWith("//")) {
      SkipToLineEnd();
      Add(TokenKind::kComment, begin);
      return Status::Ok();
    }
    if (StartsWith("/*")) {
      return BlockComment();
    }
    if (c == '#' && line_start_) {
      return Directive();
    }
    if (c == '"') {
      return Quoted(begin, '"', TokenKind::kString, "a string");
    }
    if (c == '\'') {
      return Quoted(begin, '\'', TokenKind::kCharacter, "a character");
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 ||
        (c == '.' &&
         std::isdigit(static_cast<unsigned char>(At(at_ + 1))) != 0)) {
      Number();
      return Status::Ok();
    }
    if (IsIdentifierStart(c)) {
      return Word();
    }
    for (const std::string_view text : kOperators) {
      if (StartsWith(text)) {
        at_ += text.size();
        Add(TokenKind::kPunctuation, begin);
        return Status::Ok();
      }
    }
    ++at_;
    Add(TokenKind::kPunctuation, begin);
    return Status::Ok();
  }

  void SkipToLineEnd() {
    while (at_ < source_.size() && source_[at_] != '\n') {
      at_ += std::max<size_t>(Continuation(at_), 1);
    }
  }

  Status BlockComment() {
    const size_t begin = at_;
    const size_t end = source_.find("*/", at_ + 2);
    if (end == std::string_view::npos) {
      return Unterminated("a comment", begin);
    }
    at_ = end + 2;
    Add(TokenKind::kComment, begin);
    return Status::Ok();
  }

  // Comments within a directive may hide its end, or be where it ends.
  Status Directive() {
    const size_t begin = at_;
    while (at_ < source_.size() && source_[at_] != '\n') {
      if (StartsWith("//")) {
        SkipToLineEnd();
      } else if (StartsWith("/*")) {
        const size_t end = source_.find("*/", at_ + 2);
        if (end == std::string_view::npos) {
          return Unterminated("a comment", at_);
        }
        at_ = end + 2;
      } else {
        at_ += std::max<size_t>(Continuation(at_), 1);
      }
    }
    Add(TokenKind::kDirective, begin);
    return Status::Ok();
  }

  Status Quoted(
      size_t begin, char quote, TokenKind kind, std::string_view what) {
    ++at_;
    while (at_ < source_.size() && source_[at_] != quote) {
      if (source_[at_] == '\n') {
        return Unterminated(what, begin);
      }
      const size_t continuation = Continuation(at_);
      at_ += continuation > 0 ? continuation : source_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= source_.size()) {
      at_ = source_.size();
      return Unterminated(what, begin);
    }
    ++at_;
    Suffix();
    Add(kind, begin);
    return Status::Ok();
  }

  Status RawString(size_t begin) {
    const size_t open = source_.find('(', at_ + 1);
    // A delimiter has at most 16 characters.
    if (open == std::string_view::npos || open - at_ - 1 > 16) {
      return Unterminated("a raw string", begin);
    }
    const std::string close =
        ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const size_t end = source_.find(close, open);
    if (end == std::string_view::npos) {
      return Unterminated("a raw string", begin);
    }
    at_ = end + close.size();
    Suffix();
    Add(TokenKind::kString, begin);
    return Status::Ok();
  }

  // The suffix of a literal, as in "text"sv.
  void Suffix() {
    while (at_ < source_.size() && IsIdentifierPart(source_[at_])) {
      ++at_;
    }
  }

  // What the standard calls a preprocessing number, 1'000 and 0x1p-3 too.
  void Number() {
    const size_t begin = at_;
    ++at_;
    while (at_ < source_.size()) {
      const char c = source_[at_];
      const char before = source_[at_ - 1];
      const bool exponent = (c == '+' || c == '-') &&
          (before == 'e' || before == 'E' || before == 'p' || before == 'P');
      const bool separator = c == '\'' && IsIdentifierPart(At(at_ + 1));
      if (!IsIdentifierPart(c) && c != '.' && !exponent && !separator) {
        break;
      }
      ++at_;
    }
    Add(TokenKind::kNumber, begin);
  }

  Status Word() {
    const size_t begin = at_;
    while (at_ < source_.size() && IsIdentifierPart(source_[at_])) {
      ++at_;
    }
    const std::string_view word = source_.substr(begin, at_ - begin);
    const char next = At(at_);
    if (next == '"' || next == '\'') {
      const std::string_view prefix =
          word.back() == 'R' ? word.substr(0, word.size() - 1) : word;
      const bool known = prefix.empty() || prefix == "u8" || prefix == "u" ||
          prefix == "U" || prefix == "L";
      if (known && next == '"' && word.back() == 'R') {
        return RawString(begin);
      }
      if (known && word.back() != 'R') {
        return next == '"'
            ? Quoted(begin, '"', TokenKind::kString, "a string")
            : Quoted(begin, '\'', TokenKind::kCharacter, "a character");
      }
    }
    Add(TokenKind::kIdentifier, begin);
    return Status::Ok();
  }

  const std::string_view source_;
  size_t at_ = 0;
  bool line_start_ = true;  // only space and comments since the newline
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view source) {
  return Lexer(source).Run();
}

size_t LineOf(std::string_view source, size_t offset) {
  const std::string_view before = source.substr(0, offset);
  return 1 +
      static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
}

}  // namespace kv::tool
