#include "common/fs/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/fs/posix_descriptor.h"
#include "common/fs/posix_error.h"

namespace kv {
namespace {

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
      return PosixError("read", path, errno);
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
        return PosixError("write", path_, errno);
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
      return PosixError("sync", path_, errno);
    }
    return Status::Ok();
  }

  Status Truncate(uint64_t size) override {
    KV_RETURN_IF_ERROR(CheckOpen());
    const int result =
        RetryInterrupted([&] { return calls_->Truncate(file_.get(), size); });
    if (result != 0) {
      return PosixError("truncate", path_, errno);
    }
    size_ = size;
    return Status::Ok();
  }

  uint64_t Size() const override { return size_; }

  Status Close() override {
    const int error = file_.Close();
    return error == 0 ? Status::Ok() : PosixError("close", path_, error);
  }

 private:
  Status CheckOpen() const {
    return file_.is_open()
        ? Status::Ok()
        : Status::IoError("'" + path_ + "' is closed already");
  }

  PosixCalls* const calls_;
  PosixDescriptor file_;
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
      return PosixError("read the size of", path_, errno);
    }
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  PosixCalls* const calls_;
  const PosixDescriptor file_;
  const std::string path_;
};

// The whole file in memory; the descriptor is not needed any more.
class PosixMappedFile : public RandomFile {
 public:
  PosixMappedFile(void* address, size_t bytes)
      : address_(address), bytes_(bytes) {}
  ~PosixMappedFile() override { ::munmap(address_, bytes_); }
  PosixMappedFile(const PosixMappedFile&) = delete;
  PosixMappedFile& operator=(const PosixMappedFile&) = delete;

  Result<std::string_view> ReadAt(
      uint64_t offset, std::span<char> scratch) const override {
    const size_t begin =
        static_cast<size_t>(std::min<uint64_t>(offset, bytes_));
    return std::string_view(
        static_cast<const char*>(address_) + begin,
        std::min(scratch.size(), bytes_ - begin));
  }

  Result<uint64_t> Size() const override { return bytes_; }

 private:
  void* const address_;
  const size_t bytes_;
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
  const PosixDescriptor file_;
  const std::string path_;
  uint64_t offset_ = 0;
};

}  // namespace

FileSystem* FileSystem::Posix() {
  static PosixFileSystem fs;
  return &fs;
}

PosixFileSystem::PosixFileSystem(PosixCalls* calls)
    : calls_(calls != nullptr ? calls : PosixCalls::System()) {}

Result<int> PosixFileSystem::Open(
    const char* what, const std::string& path, int flags) {
  constexpr unsigned kMode = 0644;
  const int fd = RetryInterrupted(
      [&] { return calls_->Open(path.c_str(), flags | O_CLOEXEC, kMode); });
  if (fd < 0) {
    return (flags & O_CREAT) != 0 ? PosixNewNameError(what, path, errno)
                                  : PosixError(what, path, errno);
  }
  struct stat info;
  int error = ::fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(info.st_mode)) {
    error = EISDIR;
  }
  if (error != 0) {
    ::close(fd);
    return PosixError(what, path, error);
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
    return PosixError("read the size of", path, error);
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

// An empty file cannot be mapped; nor can one that is longer than the address
// space, or one on a file system that knows no mapping. They are read.
Result<std::unique_ptr<RandomFile>> PosixFileSystem::OpenForMappedRead(
    const std::string& path) {
  KV_ASSIGN_OR_RETURN(const int fd, Open("open for reading", path, O_RDONLY));
  auto file = std::make_unique<PosixRandomFile>(calls_, fd, path);
  KV_ASSIGN_OR_RETURN(const uint64_t bytes, file->Size());
  if (bytes > 0 && bytes <= SIZE_MAX) {
    void* const address = calls_->Map(fd, static_cast<size_t>(bytes));
    if (address != MAP_FAILED) {
      return std::unique_ptr<RandomFile>(std::make_unique<PosixMappedFile>(
          address, static_cast<size_t>(bytes)));
    }
  }
  return std::unique_ptr<RandomFile>(std::move(file));
}

Result<std::vector<std::string>> PosixFileSystem::List(
    const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) {
    return PosixError("list", path, errno);
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
    return PosixError("list", path, error);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<uint64_t> PosixFileSystem::FileSize(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) {
    return PosixError("read the size of", path, errno);
  }
  if (S_ISDIR(info.st_mode)) {
    return PosixError("read the size of", path, EISDIR);
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
  return PosixError("look for", path, errno);
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
  return PosixNewNameError("create the directory", path, error);
}

Status PosixFileSystem::RemoveDirectory(const std::string& path) {
  return ::rmdir(path.c_str()) == 0
      ? Status::Ok()
      : PosixError("remove the directory", path, errno);
}

Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int fd = RetryInterrupted([&] {
    return calls_->Open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  });
  if (fd < 0) {
    return PosixError("open the directory", path, errno);
  }
  const PosixDescriptor directory(fd);
  const int result = RetryInterrupted([&] { return ::fsync(fd); });
  // Some network and shared file systems cannot sync a directory and say
  // EINVAL; there is nothing that a caller could do about it.
  if (result != 0 && errno != EINVAL) {
    return PosixError("sync the directory", path, errno);
  }
  return Status::Ok();
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str()) == 0
      ? Status::Ok()
      : PosixError(("rename to '" + to + "'").c_str(), from, errno);
}

Status PosixFileSystem::Remove(const std::string& path) {
  return ::unlink(path.c_str()) == 0 ? Status::Ok()
                                     : PosixError("remove", path, errno);
}

Status PosixFileSystem::HardLink(
    const std::string& from, const std::string& to) {
  return ::link(from.c_str(), to.c_str()) == 0
      ? Status::Ok()
      : PosixError(("link as '" + to + "'").c_str(), from, errno);
}

}  // namespace kv
