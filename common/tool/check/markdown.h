#pragma once

// As much of Markdown as the rules about documents need.
//
// Limits: headings with '#', fenced code, pipe tables, inline links and
//   images, HTML comments and anchors. Line numbers count from 1.

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kv::tool {

struct Heading {
  int level = 0;
  std::string text;
  std::string anchor;  ///< as GitHub makes it
  size_t line = 0;
};

struct CodeBlock {
  std::string info;  ///< what stands after the opening fence
  /// What `<!-- NAME: VALUE -->` on the line before says, if it is there.
  std::string marker_name;
  std::string marker_value;
  std::vector<std::string> lines;
  size_t line = 0;  ///< of the opening fence
};

struct Link {
  std::string target;
  size_t line = 0;
};

struct TableRow {
  std::vector<std::string> cells;  ///< trimmed
  std::string section;  ///< the heading above
  size_t line = 0;
};

struct MarkdownPage {
  std::vector<Heading> headings;
  std::vector<CodeBlock> blocks;
  std::vector<Link> links;
  std::vector<TableRow> rows;  ///< without header and separator rows
  std::set<std::string> anchors;
  /// Words of prose, without code blocks and without what is folded in
  /// <details>.
  size_t words = 0;
  /// The lines outside code blocks; those inside are empty.
  std::vector<std::string> prose;
};

MarkdownPage ParseMarkdown(std::string_view text);

}  // namespace kv::tool
