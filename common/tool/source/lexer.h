#pragma once

// Splits C++ source into tokens, as far as finding functions needs it.
//
// Contract: tokens are in order and do not overlap; what lies between them is
//   white space. A preprocessor directive, with its continued lines, is one
//   token. '>' is always a token of its own, so that template brackets match.
// Errors: InvalidArgument with the line of a comment or literal that does not
//   end.
// Limits: trigraphs and digraphs are not known.

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

enum class TokenKind {
  kIdentifier,  ///< keywords too
  kNumber,
  kString,  ///< with its prefix, quotes and suffix; raw strings too
  kCharacter,
  kPunctuation,
  kDirective,  ///< from # to the end of its last line
  kComment,
};

struct Token {
  TokenKind kind;
  size_t begin;  ///< offset of its first byte
  size_t end;  ///< offset after its last byte
  std::string_view text;

  bool Is(std::string_view other) const { return text == other; }
};

/// The views point into `source`.
Result<std::vector<Token>> Tokenize(std::string_view source);

/// The line of an offset, counted from 1.
size_t LineOf(std::string_view source, size_t offset);

}  // namespace kv::tool
