#pragma once

// What the tool remembers about a learner besides results: hints shown,
// solutions looked at.
//
// Format: <folder>/notes.json.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/tool/context.h"

namespace kv::tool {

class Notes {
 public:
  /// None is empty. Errors: Corruption for a file that is not ours.
  static Result<Notes> Load(const std::filesystem::path& folder);

  size_t HintsShown(std::string_view exercise) const;
  void SetHintsShown(std::string_view exercise, size_t count);

  /// Seconds since 1970 of the first look at the solution; 0: never.
  int64_t SolutionSeen(std::string_view exercise) const;
  void RecordSolutionSeen(std::string_view exercise);

  Status Save() const;

 private:
  std::filesystem::path path_;
  std::map<std::string, size_t, std::less<>> hints_;
  std::map<std::string, int64_t, std::less<>> solutions_;
};

/// The learner's folder, else a place in the clone's build folder, so that a
/// reader without a folder gets hints one by one too.
std::filesystem::path NotesFolder(Context& context);

}  // namespace kv::tool
