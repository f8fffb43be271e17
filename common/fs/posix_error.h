#pragma once

// Statuses from errno. Private to the sources of PosixFileSystem.

#include <string>

#include "common/base/status.h"

namespace kv {

/// What failed, on which path, the system's reason and the remedy; NotFound
/// for ENOENT. `what` is a verb with its object's kind: "open for reading".
Status PosixError(const char* what, const std::string& path, int error);

/// The same where the caller makes a new name: a missing part is the parent's,
/// and an IoError.
Status PosixNewNameError(const char* what, const std::string& path, int error);

}  // namespace kv
