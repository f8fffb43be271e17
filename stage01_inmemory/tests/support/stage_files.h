#pragma once

// What a database test may know about the database's files.
//
// Database tests run unchanged on databases whose files differ, so they never
// name a file: they ask here. Each function takes the names that List gives
// for the database's directory, and answers with one of them, or with "".

#include <string>
#include <vector>

#include "common/testing/subject.h"

namespace kv::testing {

/// Whether data outlives Close: whether Options::path may be given.
inline constexpr bool kPersistent = false;

/// The file that the next write goes to.
inline std::string LastLogFile(const std::vector<std::string>& names) {
  return LastLogName(SubjectCapabilities(), names);
}

}  // namespace kv::testing
