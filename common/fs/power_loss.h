#pragma once

// What a power loss could take away from a MemoryFileSystem, and a choice of
// what it does take.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kv {

/// One change of a file's content that is not durable yet.
struct UnsyncedWrite {
  bool is_truncate = false;
  uint64_t offset = 0;  ///< of a truncate: the new length
  std::string data;  ///< empty for a truncate
};

/// A file that a power loss could change.
struct DirtyFile {
  uint64_t id = 0;
  std::string path;  ///< one of its names now; empty if it has none
  std::string durable;  ///< its content if nothing unsynced survives
  std::vector<UnsyncedWrite> writes;  ///< oldest first
};

/// One change of a directory that is not durable yet.
struct NameChange {
  enum class Kind { kAdd, kRemove, kRename };

  Kind kind = Kind::kAdd;
  std::string name;  ///< added, removed, or the new name
  std::string old_name;  ///< of a rename within the directory
};

/// A directory that a power loss could change.
struct DirtyDirectory {
  uint64_t id = 0;
  std::string path;
  std::vector<NameChange> changes;  ///< oldest first
};

/// All that a power loss at this moment could take away.
struct UnsyncedChanges {
  std::vector<DirtyFile> files;
  std::vector<DirtyDirectory> directories;
};

/// What survives a crash.
struct CrashChoice {
  /// For every file and directory that is not named below: all of its
  /// unsynced changes, or none.
  bool keep_unsynced = false;
  /// The content of these dirty files (DirtyFile::id).
  std::map<uint64_t, std::string> contents;
  /// Which changes of these directories (DirtyDirectory::id) survive, one
  /// flag for each.
  std::map<uint64_t, std::vector<bool>> names;
};

/// `content` after `write`; a gap is filled with zeros.
void ApplyWrite(const UnsyncedWrite& write, std::string* content);

}  // namespace kv
