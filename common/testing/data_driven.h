#pragma once

// Tests written as text: input, and the output it must give.
//
//   # A deleted key is not found. (Comment lines say why.)
//   put a 1
//   delete a
//   get a
//   ---
//   ok
//   ok
//   (not found)
//
// A block is input lines, a line "---", the expected lines, and an empty line
// or the end of the file. Output that has empty lines itself stands between
// two pairs of "---" lines. Lines that begin with # above the "---" are
// comments; the file begins with one.
//
// KV_REWRITE=1 writes the actual output into the files instead of comparing:
// read the difference before you keep it.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::testing {

struct DataBlock {
  std::string comments;  ///< with their #, as they stand in the file
  std::string input;  ///< lines, each with its newline, without comments
  std::string expected;  ///< lines, each with its newline
  size_t line = 0;  ///< of the first input line, counted from 1
  // All lines from the end of the block before to the "---", unchanged.
  std::string head;
};

/// Errors: InvalidArgument with "name:line: what is wrong".
Result<std::vector<DataBlock>> ParseDataText(
    std::string_view name, std::string_view text);

/// The file that would give these blocks.
std::string FormatDataText(const std::vector<DataBlock>& blocks);

/// What differs, line by line: "  same", "- expected", "+ actual".
std::string LineDiff(std::string_view expected, std::string_view actual);

/// Gives the output of one block's input.
using BlockHandler = std::function<std::string(const std::string& input)>;

/// Runs every block of the file at `path` through `handler`, in their order,
/// and reports each one whose output differs as a failure of the calling
/// test, with file, line, the comment that says why, and the difference.
void RunDataFile(const std::string& path, const BlockHandler& handler);

/// RunDataFile for each file in `directory` whose name ends in `suffix`,
/// sorted by name, each with a handler of its own. None is a failure.
void RunDataDirectory(
    const std::string& directory, const std::string& suffix,
    const std::function<BlockHandler()>& make_handler);

}  // namespace kv::testing
