// The system's own calls.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "common/fs/posix_file_system.h"

namespace kv {

PosixCalls* PosixCalls::System() {
  static PosixCalls calls;
  return &calls;
}

int PosixCalls::Open(const char* path, int flags, unsigned mode) {
  const int fd = ::open(path, flags, mode);
  if (fd < 0 || fd > STDERR_FILENO) {
    return fd;
  }
  // A process that was started with a standard stream closed would print into
  // the file.
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(fd);
  errno = error;
  return moved;
}

int64_t PosixCalls::Write(int fd, const char* data, size_t n, uint64_t offset) {
  return ::pwrite(fd, data, n, static_cast<off_t>(offset));
}

int64_t PosixCalls::Read(int fd, char* data, size_t n, uint64_t offset) {
  return ::pread(fd, data, n, static_cast<off_t>(offset));
}

int PosixCalls::Sync(int fd) {
#if defined(__APPLE__)
  // Not every file system there knows F_FULLFSYNC; fsync is what is left.
  return ::fcntl(fd, F_FULLFSYNC) == 0 ? 0 : ::fsync(fd);
#else
  return ::fdatasync(fd);
#endif
}

int PosixCalls::Truncate(int fd, uint64_t size) {
  return ::ftruncate(fd, static_cast<off_t>(size));
}

void* PosixCalls::Map(int fd, size_t n) {
  return ::mmap(nullptr, n, PROT_READ, MAP_SHARED, fd, 0);
}

}  // namespace kv
