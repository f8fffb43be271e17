#pragma once

// The difference of two texts, line by line.

#include <cstddef>
#include <string>
#include <vector>

namespace kv::tool {

/// A run of changes; line numbers count from 0.
struct Hunk {
  size_t old_begin = 0;
  size_t old_end = 0;
  size_t new_begin = 0;
  size_t new_end = 0;
};

/// The shortest set of hunks. Hunks with at most `context` equal lines between
/// them become one, as they do when a diff is read with that much context.
std::vector<Hunk> DiffLines(
    const std::vector<std::string>& old_lines,
    const std::vector<std::string>& new_lines, size_t context = 0);

}  // namespace kv::tool
