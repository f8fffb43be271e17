#pragma once

// Byte strings as printable text, and back.
//
// Format: printable ASCII stands for itself, a backslash is \\, every other
//   byte is \xNN with two hexadecimal digits. When read, \n, \t, \r, \", \',
//   \# and "\ " (a backslash and a space) are understood too, and bytes that
//   are not ASCII stand for themselves.

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv::shell {

/// `bytes` in printable ASCII, without a line end.
std::string EscapeBytes(std::string_view bytes);

/// The bytes that `text` stands for. InvalidArgument names the column of an
/// escape that is none, counted from 1 plus `column_offset`.
Result<std::string> UnescapeBytes(
    std::string_view text, size_t column_offset = 0);

/// Reads the escape at the beginning of `text`, which begins with a
/// backslash: appends its byte to `*out` and returns how many characters of
/// text it took. InvalidArgument says what is wrong, without a place.
Result<size_t> ReadEscape(std::string_view text, std::string* out);

/// `bytes` as one word of a command line: as it is if that is possible, else
/// in double quotes. Tokenize gives the same bytes back.
std::string QuoteWord(std::string_view bytes);

}  // namespace kv::shell
