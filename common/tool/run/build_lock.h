#pragma once

// Keeps two runs of the tool from building and testing in one folder at a time.
//
// Contract: take it before the first look at the folder's programs or at the
//   sources that they are built from, and keep it until the tests have run.
//   Folders are locked from the one of a command to those that it uses, never
//   the other way round.
// Ownership: the lock is on the file FOLDER.lock, beside the folder, since a
//   build may remove the folder itself. It ends with the process, whatever ends
//   that, and children do not inherit it.

#include <filesystem>

namespace kv::tool {

class BuildLock {
 public:
  /// Waits for whoever holds it, and says so first, on stderr. Where no lock
  /// can be had (a file system without them), goes on without.
  explicit BuildLock(const std::filesystem::path& folder);
  ~BuildLock();
  BuildLock(const BuildLock&) = delete;
  BuildLock& operator=(const BuildLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace kv::tool
