// The part of PosixFileSystem that locks.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>
#include <utility>

#include "common/base/mutex.h"
#include "common/fs/posix_descriptor.h"
#include "common/fs/posix_error.h"
#include "common/fs/posix_file_system.h"

namespace kv {
namespace {

// The locks that this process holds, by device and inode. flock alone is not
// enough: on network file systems it may be kept per process.
class LockTable {
 public:
  using Id = std::pair<uint64_t, uint64_t>;

  bool Take(const Id& id) {
    const MutexLock lock(&mutex_);
    return held_.insert(id).second;
  }
  void Release(const Id& id) {
    const MutexLock lock(&mutex_);
    held_.erase(id);
  }

  static LockTable* OfProcess() {
    static LockTable table;
    return &table;
  }

 private:
  Mutex mutex_;
  std::set<Id> held_ KV_GUARDED_BY(mutex_);
};

LockTable::Id IdOf(const struct stat& info) {
  return {
      static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
}

class PosixFileLock : public FileLock {
 public:
  PosixFileLock(std::unique_ptr<PosixDescriptor> file, LockTable::Id id)
      : file_(std::move(file)), id_(id) {}
  ~PosixFileLock() override {
    // In this order, so that whoever gets the system's lock next is not
    // refused by the table. Closing the file releases the former.
    LockTable::OfProcess()->Release(id_);
    file_.reset();
  }

 private:
  std::unique_ptr<PosixDescriptor> file_;
  const LockTable::Id id_;
};

Status LockIsHeld(const std::string& path, const char* holder) {
  return Status::Busy(
      "'" + path + "' is locked by " + holder +
      " (only one may use it at a time; close that one first)");
}

}  // namespace

Result<std::unique_ptr<FileLock>> PosixFileSystem::Lock(
    const std::string& path) {
  while (true) {
    KV_ASSIGN_OR_RETURN(
        const int fd, Open("open the lock file", path, O_RDWR | O_CREAT));
    auto file = std::make_unique<PosixDescriptor>(fd);
    if (RetryInterrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
      return errno == EWOULDBLOCK ? LockIsHeld(path, "another user of it")
                                  : PosixError("lock", path, errno);
    }
    struct stat held;
    if (::fstat(fd, &held) != 0) {
      return PosixError("lock", path, errno);
    }
    // Somebody may have removed the file before the lock was taken: then the
    // lock is on a file that nobody else will find.
    struct stat named;
    if (::stat(path.c_str(), &named) != 0 || IdOf(named) != IdOf(held)) {
      continue;
    }
    if (!LockTable::OfProcess()->Take(IdOf(held))) {
      return LockIsHeld(path, "this process");
    }
    return std::unique_ptr<FileLock>(
        std::make_unique<PosixFileLock>(std::move(file), IdOf(held)));
  }
}

}  // namespace kv
