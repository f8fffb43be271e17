#pragma once

// Splits a command line into words.
//
// Format: words are separated by spaces and tabs. Outside of quotes and in
//   double quotes escapes are read (common/shell/escape.h); in single quotes
//   every byte stands for itself. Quoted and unquoted pieces that touch make
//   one word, and "" is an empty one. A line whose first word begins with #
//   is a comment.

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::shell {

/// The words of `line`; none for an empty line or a comment.
/// InvalidArgument names the column, counted from 1.
Result<std::vector<std::string>> Tokenize(std::string_view line);

}  // namespace kv::shell
