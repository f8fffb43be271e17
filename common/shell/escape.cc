#include "common/shell/escape.h"

#include "common/base/check.h"

namespace kv::shell {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool IsPrintable(char c) {
  return c >= ' ' && c <= '~';
}

void AppendEscaped(char c, std::string* out) {
  if (c == '\\') {
    *out += "\\\\";
  } else if (IsPrintable(c)) {
    *out += c;
  } else {
    const unsigned byte = static_cast<unsigned char>(c);
    *out += "\\x";
    *out += kHexDigits[byte >> 4];
    *out += kHexDigits[byte & 15];
  }
}

// -1 if `c` is no hexadecimal digit.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool NeedsQuotes(std::string_view bytes) {
  if (bytes.empty()) return true;
  for (const char c : bytes) {
    // '#' would make a comment of a line, and is rare enough to quote always.
    if (!IsPrintable(c) || c == ' ' || c == '"' || c == '\'' || c == '#' ||
        c == '\\') {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string EscapeBytes(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    AppendEscaped(c, &out);
  }
  return out;
}

Result<size_t> ReadEscape(std::string_view text, std::string* out) {
  KV_CHECK(!text.empty() && text[0] == '\\', "an escape begins with \\");
  if (text.size() < 2) {
    return Status::InvalidArgument(
        "a backslash at the end; write \\\\ for a backslash");
  }
  switch (text[1]) {
    case '\\':
    case '"':
    case '\'':
    case ' ':
    case '#':
      *out += text[1];
      return size_t{2};
    case 'n':
      *out += '\n';
      return size_t{2};
    case 't':
      *out += '\t';
      return size_t{2};
    case 'r':
      *out += '\r';
      return size_t{2};
    case 'x': {
      const int high = text.size() > 2 ? HexValue(text[2]) : -1;
      const int low = text.size() > 3 ? HexValue(text[3]) : -1;
      if (high < 0 || low < 0) {
        return Status::InvalidArgument(
            "\\x needs two hexadecimal digits, as in \\x0a");
      }
      *out += static_cast<char>(high * 16 + low);
      return size_t{4};
    }
    default:
      return Status::InvalidArgument(
          "'\\" + EscapeBytes(text.substr(1, 1)) +
          "' is no escape; there are \\xNN, \\n, \\t, \\r, \\\\, \\\" and \\'");
  }
}

Result<std::string> UnescapeBytes(std::string_view text, size_t column_offset) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    const Result<size_t> taken = ReadEscape(text.substr(i), &out);
    if (!taken.ok()) {
      return Status::InvalidArgument(
          "column " + std::to_string(i + 1 + column_offset) + ": " +
          std::string(taken.status().message()));
    }
    i += *taken;
  }
  return out;
}

std::string QuoteWord(std::string_view bytes) {
  if (!NeedsQuotes(bytes)) {
    return std::string(bytes);
  }
  std::string out = "\"";
  for (const char c : bytes) {
    if (c == '"') {
      out += "\\\"";
    } else {
      AppendEscaped(c, &out);
    }
  }
  out += '"';
  return out;
}

}  // namespace kv::shell
