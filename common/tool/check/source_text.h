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

}  // namespace kv::tool
