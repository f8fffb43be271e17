#include "common/tool/run/build_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace kv::tool {
namespace {

// False if another one has it and we do not wait, or if there are no locks.
bool Lock(int file, int how) {
  int result = 0;
  do {
    result = flock(file, how);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

}  // namespace

BuildLock::BuildLock(const std::filesystem::path& folder) {
  std::error_code ignored;  // the build says what is wrong with the folder
  std::filesystem::create_directories(folder.parent_path(), ignored);
  const std::string path = folder.string() + ".lock";
  constexpr int kMode = 0644;
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (file_ < 0 || Lock(file_, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK) {
    return;
  }
  fmt::print(
      stderr, "another wb is building in {}; waiting\n", folder.string());
  Lock(file_, LOCK_EX);
}

BuildLock::~BuildLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace kv::tool
