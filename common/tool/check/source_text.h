#pragma once

// A source file taken apart into code and comments.

#include <string>
#include <string_view>
#include <vector>

namespace kv::tool {

/// Both have as many lines as the file; what belongs to the other is left out.
/// String and character literals are code.
struct SourceText {
  std::vector<std::string> code;
  std::vector<std::string> comments;  ///< with their // or /* */
};

SourceText SplitComments(std::string_view text);

/// Whether the name is that of a C++ source or header.
bool IsSource(std::string_view file);

bool StartsWith(std::string_view text, std::string_view start);
bool EndsWith(std::string_view text, std::string_view end);

/// ASCII letters in lower case.
std::string Lower(std::string_view text);

}  // namespace kv::tool
