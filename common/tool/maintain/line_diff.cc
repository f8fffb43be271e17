#include "common/tool/maintain/line_diff.h"

#include <algorithm>
#include <cstdint>

namespace kv::tool {

std::vector<Hunk> DiffLines(
    const std::vector<std::string>& old_lines,
    const std::vector<std::string>& new_lines, size_t context) {
  size_t begin = 0;
  const size_t shorter = std::min(old_lines.size(), new_lines.size());
  while (begin < shorter && old_lines[begin] == new_lines[begin]) {
    ++begin;
  }
  size_t end = 0;
  while (end < shorter - begin &&
         old_lines[old_lines.size() - 1 - end] ==
             new_lines[new_lines.size() - 1 - end]) {
    ++end;
  }
  const size_t rows = old_lines.size() - begin - end;
  const size_t columns = new_lines.size() - begin - end;
  // common[i][j]: length of the longest common subsequence of what is left
  // from old line i and new line j on.
  std::vector<uint32_t> common((rows + 1) * (columns + 1), 0);
  const auto at = [&](size_t i, size_t j) -> uint32_t& {
    return common[i * (columns + 1) + j];
  };
  for (size_t i = rows; i-- > 0;) {
    for (size_t j = columns; j-- > 0;) {
      at(i, j) = old_lines[begin + i] == new_lines[begin + j]
          ? at(i + 1, j + 1) + 1
          : std::max(at(i + 1, j), at(i, j + 1));
    }
  }

  std::vector<Hunk> hunks;
  size_t i = 0;
  size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns &&
        old_lines[begin + i] == new_lines[begin + j]) {
      ++i;
      ++j;
      continue;
    }
    Hunk hunk{begin + i, begin + i, begin + j, begin + j};
    while ((i < rows || j < columns) &&
           !(i < rows && j < columns &&
             old_lines[begin + i] == new_lines[begin + j])) {
      if (j == columns || (i < rows && at(i + 1, j) >= at(i, j + 1))) {
        ++i;
      } else {
        ++j;
      }
    }
    hunk.old_end = begin + i;
    hunk.new_end = begin + j;
    if (!hunks.empty() && hunk.old_begin - hunks.back().old_end <= context &&
        context > 0) {
      hunks.back().old_end = hunk.old_end;
      hunks.back().new_end = hunk.new_end;
    } else {
      hunks.push_back(hunk);
    }
  }
  return hunks;
}

}  // namespace kv::tool
