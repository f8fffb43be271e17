#pragma once

// The difference of two folders as one HTML page.
//
// Contract: the page needs nothing but itself: no network, no script, no
//   other file. It follows the reader's choice of light or dark. The same
//   comparison gives the same bytes.

#include <string>
#include <string_view>
#include <vector>

namespace kv::tool {

/// One file that differs.
struct FileDiff {
  std::string path;
  std::string state;  ///< "new", "changed", "retired"
  int added = 0;
  int removed = 0;
  std::string text;  ///< git's, without colours, from the "diff" line on
};

struct DiffPage {
  std::string from;
  std::string to;
  std::vector<FileDiff> files;  ///< in the order shown
  bool with_lines = true;  ///< false: the table of files only
};

/// The whole page.
std::string ToHtml(const DiffPage& page);

/// Text that stands for itself in HTML, within elements and attributes.
std::string EscapeHtml(std::string_view text);

/// "3 files: 1 new, 2 changed, 0 retired; 40 lines added, 2 removed".
std::string DiffTotals(const std::vector<FileDiff>& files);

}  // namespace kv::tool
