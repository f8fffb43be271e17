#pragma once

// File descriptors, and calls that signals interrupt. Private to the sources
// of PosixFileSystem.

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace kv {

/// Makes `call` again until it is not interrupted.
template <typename Call>
auto RetryInterrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) {
      return result;
    }
  }
}

/// An open file descriptor, closed by the destructor.
class PosixDescriptor {
 public:
  explicit PosixDescriptor(int fd) : fd_(fd) {}
  ~PosixDescriptor() { static_cast<void>(Close()); }
  PosixDescriptor(const PosixDescriptor&) = delete;
  PosixDescriptor& operator=(const PosixDescriptor&) = delete;

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

  /// The errno, or 0. Not tried again when interrupted: on Linux the descriptor
  /// is gone then, and may be another file's by now.
  int Close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int fd_;
};

}  // namespace kv
