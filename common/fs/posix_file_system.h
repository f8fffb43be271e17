#pragma once

// The machine's own files, through POSIX calls.
//
// Durability: Sync is fdatasync, which on Linux also makes a changed length
//   durable; on macOS it is F_FULLFSYNC, since fsync leaves the bytes in the
//   drive's cache there.
// Errors: each message says what was tried, on which path, the system's
//   reason, and where there is one the remedy. Interrupted and short calls
//   are carried on, and never seen by a caller.
// Limits: a read error of the disk in a mapped file kills the process (SIGBUS),
//   and so does a file that another program cuts short while it is mapped.
// Threads: any.

#include <cstddef>
#include <cstdint>

#include "common/fs/file_system.h"

namespace kv {

/// The system calls that move and keep data. Each returns what the POSIX call
/// of that name returns, and sets errno. Tests put interrupted, short and
/// failing ones in their place.
class PosixCalls {
 public:
  virtual ~PosixCalls() = default;
  virtual int Open(const char* path, int flags, unsigned mode);
  virtual int64_t Write(int fd, const char* data, size_t n, uint64_t offset);
  virtual int64_t Read(int fd, char* data, size_t n, uint64_t offset);
  virtual int Sync(int fd);
  virtual int Truncate(int fd, uint64_t size);
  virtual void* Map(int fd, size_t n);  // mmap: the first n bytes, to be read

  /// The calls as they are.
  static PosixCalls* System();
};

class PosixFileSystem : public FileSystem {
 public:
  /// `calls` is borrowed; null means the system's own.
  explicit PosixFileSystem(PosixCalls* calls = nullptr);

  Result<std::unique_ptr<AppendFile>> OpenForAppend(
      const std::string& path, AppendMode mode) override;
  Result<std::unique_ptr<RandomFile>> OpenForRandomRead(
      const std::string& path) override;
  Result<std::unique_ptr<SequentialFile>> OpenForSequentialRead(
      const std::string& path) override;
  Result<std::unique_ptr<RandomFile>> OpenForMappedRead(
      const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Result<uint64_t> FileSize(const std::string& path) override;
  Result<bool> Exists(const std::string& path) override;
  Status CreateDirectory(const std::string& path) override;
  Status RemoveDirectory(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status HardLink(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  Result<int> Open(const char* what, const std::string& path, int flags);

  PosixCalls* const calls_;
};

}  // namespace kv
