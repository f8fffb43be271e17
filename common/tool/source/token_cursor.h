#pragma once

// The tokens of a C++ source file that count, and steps over what belongs
// together: brackets, template arguments, qualified names.
//
// Contract: positions are indices into the tokens. Asking what is there is
//   allowed anywhere; stepping over a bracket, only from one.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/tool/source/lexer.h"

namespace kv::tool {

/// Whether `text` is one of `words`.
bool IsOneOf(std::string_view text, std::initializer_list<const char*> words);

class TokenCursor {
 public:
  /// Reads `source`, which must outlive the result. Comments and directives
  /// are left out, and of each #if all branches but one.
  /// Errors: InvalidArgument for a bracket without its other half.
  static Result<TokenCursor> Make(std::string_view source);

  size_t size() const { return tokens_.size(); }
  const Token& operator[](size_t i) const { return tokens_[i]; }

  bool Is(size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].text == text &&
        (tokens_[i].kind == TokenKind::kPunctuation ||
         tokens_[i].kind == TokenKind::kIdentifier);
  }
  bool IsName(size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::kIdentifier;
  }
  bool IsOpen(size_t i) const { return Is(i, "(") || Is(i, "[") || Is(i, "{"); }
  /// The bracket that closes the one at `i`.
  size_t Closing(size_t i) const { return match_[i]; }
  size_t AfterBracket(size_t i) const { return match_[i] + 1; }

  /// After the '>' that closes the '<' at `i`; nothing if it is a less-than.
  std::optional<size_t> AfterAngles(size_t i) const;
  /// The same, or after the less-than.
  size_t SkipAngles(size_t i) const { return AfterAngles(i).value_or(i + 1); }
  /// After the ';' that ends what begins at `i`.
  size_t AfterSemicolon(size_t i, size_t end) const;
  /// After the condition of the `requires` at `i`.
  size_t AfterRequires(size_t i) const;
  /// After "a::b<c>::d".
  size_t AfterQualifiedName(size_t i) const;

 private:
  TokenCursor(std::string_view source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}
  Status MatchBrackets();

  std::string_view source_;
  std::vector<Token> tokens_;
  std::vector<size_t> match_;  // of an opening bracket: its closing one
};

}  // namespace kv::tool
