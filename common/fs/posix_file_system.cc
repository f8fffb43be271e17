#include "common/fs/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

#include "common/base/mutex.h"

namespace kv {
namespace {

// What a person can do about it; empty where the reason says it all.
const char* Remedy(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "check who owns it and its permissions, or choose another path";
    case EROFS:
      return "the file system is mounted read-only; choose another path";
    case ENOSPC:
      return "free some space on that disk, then try again";
#ifdef EDQUOT
    case EDQUOT:
      return "the disk quota is used up; free some space, then try again";
#endif
    case EMFILE:
    case ENFILE:
      return "too many files are open; raise the limit (ulimit -n) or close "
             "some";
    case ENOTDIR:
      return "a part of the path is a file where a directory is needed";
    case EISDIR:
      return "a directory is there where a file is needed";
    case EEXIST:
      return "it is there already; remove it or choose another name";
    case ENOTEMPTY:
      return "the directory is not empty";
    case EXDEV:
      return "both paths must be on one file system";
    case ENAMETOOLONG:
      return "choose a shorter path";
    case EIO:
      return "the disk reports an error; see the system's log, and do not "
             "trust this disk";
    default:
      return "";
  }
}

// `what` is a verb with its object's kind: "open for reading".
Status Error(const char* what, const std::string& path, int error) {
  if (error == ENOENT) {
    return Status::NotFound();
  }
  std::string message = std::string("cannot ") + what + " '" + path +
      "': " + std::generic_category().message(error);
  const std::string remedy = Remedy(error);
  if (!remedy.empty()) {
    message += " (" + remedy + ")";
  }
  return Status::IoError(std::move(message));
}

// Where the caller makes a new name, a missing part is the parent's.
Status NewNameError(const char* what, const std::string& path, int error) {
  if (error == ENOENT) {
    return Status::IoError(
        std::string("cannot ") + what + " '" + path + "': the directory '" +
        ParentPath(path) + "' does not exist (create it first)");
  }
  return Error(what, path, error);
}

template <typename Call>
auto RetryInterrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) {
      return result;
    }
  }
}

// An open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { static_cast<void>(Close()); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

  // Not tried again when interrupted: on Linux the descriptor is gone then,
  // and may be another file's by now.
  int Close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int fd_;
};

// Reads until `scratch` is full or the file ends.
Result<std::string_view> ReadFully(
    PosixCalls* calls, int fd, const std::string& path, uint64_t offset,
    std::span<char> scratch) {
  size_t done = 0;
  while (done < scratch.size()) {
    const int64_t n = RetryInterrupted([&] {
      return calls->Read(
          fd, scratch.data() + done, scratch.size() - done, offset + done);
    });
    if (n < 0) {
      return Error("read", path, errno);
    }
    if (n == 0) {
      break;
    }
    done += static_cast<size_t>(n);
  }
  return std::string_view(scratch.data(), done);
}

class PosixAppendFile : public AppendFile {
 public:
  PosixAppendFile(PosixCalls* calls, int fd, std::string path, uint64_t size)
      : calls_(calls), file_(fd), path_(std::move(path)), size_(size) {}

  // Writes at an explicit offset, so that what a failed call left behind is
  // overwritten by the next one if nobody truncated it.
  Status Append(std::string_view data) override {
    KV_RETURN_IF_ERROR(CheckOpen());
    size_t done = 0;
    while (done < data.size()) {
      const int64_t n = RetryInterrupted([&] {
        return calls_->Write(
            file_.get(), data.data() + done, data.size() - done, size_ + done);
      });
      if (n < 0) {
        return Error("write", path_, errno);
      }
      if (n == 0) {
        return Status::IoError(
            "cannot write '" + path_ + "': the system took no bytes");
      }
      done += static_cast<size_t>(n);
    }
    size_ += data.size();
    return Status::Ok();
  }

  Status Sync() override {
    KV_RETURN_IF_ERROR(CheckOpen());
    if (RetryInterrupted([&] { return calls_->Sync(file_.get()); }) != 0) {
      return Error("sync", path_, errno);
    }
    return Status::Ok();
  }

  Status Truncate(uint64_t size) override {
    KV_RETURN_IF_ERROR(CheckOpen());
    const int result =
        RetryInterrupted([&] { return calls_->Truncate(file_.get(), size); });
    if (result != 0) {
      return Error("truncate", path_, errno);
    }
    size_ = size;
    return Status::Ok();
  }

  uint64_t Size() const override { return size_; }

  Status Close() override {
    const int error = file_.Close();
    return error == 0 ? Status::Ok() : Error("close", path_, error);
  }

 private:
  Status CheckOpen() const {
    return file_.is_open()
        ? Status::Ok()
        : Status::IoError("'" + path_ + "' is closed already");
  }

  PosixCalls* const calls_;
  Descriptor file_;
  const std::string path_;
  uint64_t size_;
};

class PosixRandomFile : public RandomFile {
 public:
  PosixRandomFile(PosixCalls* calls, int fd, std::string path)
      : calls_(calls), file_(fd), path_(std::move(path)) {}

  Result<std::string_view> ReadAt(
      uint64_t offset, std::span<char> scratch) const override {
    return ReadFully(calls_, file_.get(), path_, offset, scratch);
  }

  Result<uint64_t> Size() const override {
    struct stat info;
    if (::fstat(file_.get(), &info) != 0) {
      return Error("read the size of", path_, errno);
    }
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  PosixCalls* const calls_;
  const Descriptor file_;
  const std::string path_;
};

class PosixSequentialFile : public SequentialFile {
 public:
  PosixSequentialFile(PosixCalls* calls, int fd, std::string path)
      : calls_(calls), file_(fd), path_(std::move(path)) {}

  Result<std::string_view> Read(std::span<char> scratch) override {
    auto piece = ReadFully(calls_, file_.get(), path_, offset_, scratch);
    if (piece.ok()) {
      offset_ += piece->size();
    }
    return piece;
  }

 private:
  PosixCalls* const calls_;
  const Descriptor file_;
  const std::string path_;
  uint64_t offset_ = 0;
};

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
  PosixFileLock(std::unique_ptr<Descriptor> file, LockTable::Id id)
      : file_(std::move(file)), id_(id) {}
  ~PosixFileLock() override {
    // In this order, so that whoever gets the system's lock next is not
    // refused by the table. Closing the file releases the former.
    LockTable::OfProcess()->Release(id_);
    file_.reset();
  }

 private:
  std::unique_ptr<Descriptor> file_;
  const LockTable::Id id_;
};

Status LockIsHeld(const std::string& path, const char* holder) {
  return Status::Busy(
      "'" + path + "' is locked by " + holder +
      " (only one may use it at a time; close that one first)");
}

PosixCalls* SystemCalls() {
  static PosixCalls calls;
  return &calls;
}

}  // namespace

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

FileSystem* FileSystem::Posix() {
  static PosixFileSystem fs;
  return &fs;
}

PosixFileSystem::PosixFileSystem(PosixCalls* calls)
    : calls_(calls != nullptr ? calls : SystemCalls()) {}

Result<int> PosixFileSystem::Open(
    const char* what, const std::string& path, int flags) {
  constexpr unsigned kMode = 0644;
  const int fd = RetryInterrupted(
      [&] { return calls_->Open(path.c_str(), flags | O_CLOEXEC, kMode); });
  if (fd < 0) {
    return (flags & O_CREAT) != 0 ? NewNameError(what, path, errno)
                                  : Error(what, path, errno);
  }
  struct stat info;
  int error = ::fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(info.st_mode)) {
    error = EISDIR;
  }
  if (error != 0) {
    ::close(fd);
    return Error(what, path, error);
  }
  return fd;
}

Result<std::unique_ptr<AppendFile>> PosixFileSystem::OpenForAppend(
    const std::string& path, AppendMode mode) {
  const bool create = mode == AppendMode::kCreate;
  KV_ASSIGN_OR_RETURN(
      const int fd,
      Open(
          create ? "create" : "open for writing", path,
          create ? O_WRONLY | O_CREAT | O_EXCL : O_WRONLY));
  struct stat info;
  if (::fstat(fd, &info) != 0) {
    const int error = errno;
    ::close(fd);
    return Error("read the size of", path, error);
  }
  return std::unique_ptr<AppendFile>(std::make_unique<PosixAppendFile>(
      calls_, fd, path, static_cast<uint64_t>(info.st_size)));
}

Result<std::unique_ptr<RandomFile>> PosixFileSystem::OpenForRandomRead(
    const std::string& path) {
  KV_ASSIGN_OR_RETURN(const int fd, Open("open for reading", path, O_RDONLY));
  return std::unique_ptr<RandomFile>(
      std::make_unique<PosixRandomFile>(calls_, fd, path));
}

Result<std::unique_ptr<SequentialFile>> PosixFileSystem::OpenForSequentialRead(
    const std::string& path) {
  KV_ASSIGN_OR_RETURN(const int fd, Open("open for reading", path, O_RDONLY));
  return std::unique_ptr<SequentialFile>(
      std::make_unique<PosixSequentialFile>(calls_, fd, path));
}

Result<std::vector<std::string>> PosixFileSystem::List(
    const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) {
    return Error("list", path, errno);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const struct dirent* entry = ::readdir(directory)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(std::move(name));
    }
    errno = 0;
  }
  const int error = errno;
  ::closedir(directory);
  if (error != 0) {
    return Error("list", path, error);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<uint64_t> PosixFileSystem::FileSize(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) {
    return Error("read the size of", path, errno);
  }
  if (S_ISDIR(info.st_mode)) {
    return Error("read the size of", path, EISDIR);
  }
  return static_cast<uint64_t>(info.st_size);
}

Result<bool> PosixFileSystem::Exists(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) {
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR) {
    return false;
  }
  return Error("look for", path, errno);
}

Status PosixFileSystem::CreateDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) {
    return Status::Ok();
  }
  const int error = errno;
  struct stat info;
  if (error == EEXIST && ::stat(path.c_str(), &info) == 0 &&
      S_ISDIR(info.st_mode)) {
    return Status::Ok();
  }
  return NewNameError("create the directory", path, error);
}

Status PosixFileSystem::RemoveDirectory(const std::string& path) {
  return ::rmdir(path.c_str()) == 0
      ? Status::Ok()
      : Error("remove the directory", path, errno);
}

Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int fd = RetryInterrupted([&] {
    return calls_->Open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  });
  if (fd < 0) {
    return Error("open the directory", path, errno);
  }
  const Descriptor directory(fd);
  const int result = RetryInterrupted([&] { return ::fsync(fd); });
  // Some network and shared file systems cannot sync a directory and say
  // EINVAL; there is nothing that a caller could do about it.
  if (result != 0 && errno != EINVAL) {
    return Error("sync the directory", path, errno);
  }
  return Status::Ok();
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0
      ? Status::Ok()
      : Error(("rename to '" + to + "'").c_str(), from, errno);
}

Status PosixFileSystem::Remove(const std::string& path) {
  return ::unlink(path.c_str()) == 0 ? Status::Ok()
                                     : Error("remove", path, errno);
}

Status PosixFileSystem::HardLink(
    const std::string& from, const std::string& to) {
  return ::link(from.c_str(), to.c_str()) == 0
      ? Status::Ok()
      : Error(("link as '" + to + "'").c_str(), from, errno);
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::Lock(
    const std::string& path) {
  while (true) {
    KV_ASSIGN_OR_RETURN(
        const int fd, Open("open the lock file", path, O_RDWR | O_CREAT));
    auto file = std::make_unique<Descriptor>(fd);
    if (RetryInterrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
      return errno == EWOULDBLOCK ? LockIsHeld(path, "another user of it")
                                  : Error("lock", path, errno);
    }
    struct stat held;
    if (::fstat(fd, &held) != 0) {
      return Error("lock", path, errno);
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
