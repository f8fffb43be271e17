#pragma once

// What the tool reads out of a chapter: an exercise's section and its hints.
//
// Format: `### Exercise 1.2: Title` begins a section, the next heading of
//   that level or above ends it. A hint is `<details><summary>Hint 1</summary>`
//   to `</details>`.

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

struct ExerciseSection {
  std::string title;
  std::string text;  ///< without the hints
  std::vector<std::string> hints;  ///< in their order
};

/// Errors: NotSupported if the chapter has no such section; Corruption for a
/// hint that does not end, or that is out of order.
Result<ExerciseSection> FindExerciseSection(
    std::string_view chapter, std::string_view exercise_id);

}  // namespace kv::tool
