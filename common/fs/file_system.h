#pragma once

// The one door to files and directories.
//
// Contract: engine code touches files through this interface only. Paths are
//   separated by '/'. A file that is open may be renamed or removed; its
//   handle goes on working.
// Durability: what Append wrote is durable after that file's Sync returned
//   Ok. That a file exists under a name, has moved to another name, or is
//   gone, is durable after SyncDirectory of the directory returned Ok.
// Errors: NotFound for a path that is not there; Busy for a lock that is
//   held; IoError, with path and the system's reason, for the rest.
// Threads: the file system may be used by any thread; an AppendFile or a
//   SequentialFile by one at a time; a RandomFile by any.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv {

/// A file that grows at its end.
class AppendFile {
 public:
  virtual ~AppendFile() = default;

  /// Adds `data` at the end, with one write where the system allows. The
  /// bytes belong to the operating system when this returns: they survive the
  /// death of the process, but not yet a power loss. After an error any
  /// prefix of `data` may have been written; Size() does not count it, and
  /// Truncate(Size()) removes it.
  virtual Status Append(std::string_view data) = 0;

  /// Makes data and size durable. After an error nothing is known about what
  /// was appended since the last Ok, and calling again proves nothing.
  virtual Status Sync() = 0;

  /// Cuts the file to its first `size` bytes; size <= the length on disk.
  virtual Status Truncate(uint64_t size) = 0;

  /// The length in bytes, as this handle knows it.
  virtual uint64_t Size() const = 0;

  /// Closes without syncing. The destructor calls it and drops the error.
  virtual Status Close() = 0;
};

/// A file that is read at any offset.
class RandomFile {
 public:
  virtual ~RandomFile() = default;

  /// Up to scratch.size() bytes from `offset`; fewer only at the end of the
  /// file. The view lies in `scratch`, or in memory that stays valid until
  /// the file is next changed or this handle is closed.
  virtual Result<std::string_view> ReadAt(
      uint64_t offset, std::span<char> scratch) const = 0;

  /// The length in bytes at this moment.
  virtual Result<uint64_t> Size() const = 0;
};

/// A file that is read once from its beginning to its end.
class SequentialFile {
 public:
  virtual ~SequentialFile() = default;

  /// The next up to scratch.size() bytes; empty at the end of the file.
  virtual Result<std::string_view> Read(std::span<char> scratch) = 0;
};

/// Held while it lives; released by its destructor.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class AppendMode {
  kCreate,  ///< a new file; IoError if the path exists
  kExisting,  ///< an existing file, from its end; NotFound if absent
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<AppendFile>> OpenForAppend(
      const std::string& path, AppendMode mode) = 0;
  virtual Result<std::unique_ptr<RandomFile>> OpenForRandomRead(
      const std::string& path) = 0;
  virtual Result<std::unique_ptr<SequentialFile>> OpenForSequentialRead(
      const std::string& path) = 0;

  /// For a file that nobody changes any more, until the handle is closed: its
  /// bytes may be mapped into memory. What ReadAt gives without copying then
  /// lives as long as the handle.
  /// Limits: if the file is changed all the same, or the disk cannot give a
  /// page of it, there is no Status: where it is mapped, the system kills the
  /// process with SIGBUS.
  virtual Result<std::unique_ptr<RandomFile>> OpenForMappedRead(
      const std::string& path);

  /// Names in the directory, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  virtual Result<uint64_t> FileSize(const std::string& path) = 0;
  /// Whether a file or a directory is there.
  virtual Result<bool> Exists(const std::string& path) = 0;

  /// Ok if the directory is there already. Its parent must exist.
  virtual Status CreateDirectory(const std::string& path) = 0;
  /// Removes an empty directory.
  virtual Status RemoveDirectory(const std::string& path) = 0;
  /// Makes the names in the directory durable.
  virtual Status SyncDirectory(const std::string& path) = 0;

  /// Replaces `to` if it exists.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status HardLink(const std::string& from, const std::string& to) = 0;

  /// Takes the lock file, creating it if needed. Busy if another handle, in
  /// this process or another, holds it.
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;

  /// The machine's own file system.
  static FileSystem* Posix();
};

/// "a" and "b" give "a/b".
std::string JoinPath(std::string_view directory, std::string_view name);
/// The directory part: of "a/b" it is "a", of "b" it is ".".
std::string ParentPath(std::string_view path);
/// The last part: of "a/b" it is "b".
std::string BaseName(std::string_view path);

/// The whole content of a file.
Result<std::string> ReadFile(FileSystem* fs, const std::string& path);
/// Writes `content` to a new or replaced file, and syncs it, not its name.
Status WriteFile(
    FileSystem* fs, const std::string& path, std::string_view content);

}  // namespace kv
