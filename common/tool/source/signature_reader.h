#pragma once

// What stands around a function's name: the classes before it, its
// parameters, and what follows them up to the body.

#include <cstddef>
#include <string>
#include <vector>

#include "common/tool/source/token_cursor.h"

namespace kv::tool {

/// How what follows a parameter list goes on. Positions are token indices.
struct Trailer {
  enum class Kind { kBody, kDeclaration, kOther };
  Kind kind = Kind::kOther;
  size_t next = 0;  ///< body: the '{'; declaration: after the ';'
  size_t signature_end = 0;
  size_t initialisers = 0;  ///< of the ':', or of the '{'
  bool is_const = false;
  bool is_default = false;
  bool is_try = false;
  bool has_trailing_type = false;
};

/// Reads on from `i`, right after the ')' of the parameters.
Trailer ReadTrailer(const TokenCursor& tokens, size_t i);

/// "A" and "B" of "A::B<int>::Name"; adds the '~' of a destructor to `name`,
/// which is the token at `i`.
std::vector<std::string> QualifiersBefore(
    const TokenCursor& tokens, size_t i, std::string* name);

/// The tokens of each parameter, without default arguments; the '(' is at
/// `open`.
std::vector<std::vector<std::string>> ReadParameters(
    const TokenCursor& tokens, size_t open);

}  // namespace kv::tool
