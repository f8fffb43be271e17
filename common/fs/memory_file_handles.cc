#include "common/fs/memory_file_handles.h"

#include <utility>

namespace kv {
namespace {

using File = MemoryFileSystem::File;

class AppendHandle : public MemoryAppendFile {
 public:
  AppendHandle(std::shared_ptr<File> file, std::string path, uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}

  Status Append(std::string_view data) override {
    KV_RETURN_IF_ERROR(CheckOpen());
    if (data.empty()) {
      return Status::Ok();
    }
    file_->Append(data);
    size_ += data.size();
    file_->shared->CountCall();
    return Status::Ok();
  }

  Status Sync() override {
    KV_RETURN_IF_ERROR(CheckOpen());
    file_->Sync();
    file_->shared->CountCall();
    return Status::Ok();
  }

  Status Truncate(uint64_t size) override {
    KV_RETURN_IF_ERROR(CheckOpen());
    if (!file_->Truncate(size)) {
      return Status::IoError(
          "cannot truncate '" + path_ +
          "': the new length is greater than the file's");
    }
    size_ = size;
    file_->shared->CountCall();
    return Status::Ok();
  }

  uint64_t Size() const override { return size_; }

  Status Close() override {
    is_open_ = false;
    return Status::Ok();
  }

  void LoseUnsynced() override { file_->LoseUnsynced(); }

 private:
  Status CheckOpen() const {
    return is_open_ ? Status::Ok()
                    : Status::IoError("'" + path_ + "' is closed already");
  }

  const std::shared_ptr<File> file_;
  const std::string path_;
  uint64_t size_;
  bool is_open_ = true;
};

class RandomHandle : public RandomFile {
 public:
  explicit RandomHandle(std::shared_ptr<File> file) : file_(std::move(file)) {}

  Result<std::string_view> ReadAt(
      uint64_t offset, std::span<char> scratch) const override {
    const MutexLock lock(&file_->mutex);
    return file_->content.Read(offset, scratch);
  }

  Result<uint64_t> Size() const override {
    const MutexLock lock(&file_->mutex);
    return file_->content.size();
  }

 private:
  const std::shared_ptr<File> file_;
};

class SequentialHandle : public SequentialFile {
 public:
  explicit SequentialHandle(std::shared_ptr<File> file)
      : file_(std::move(file)) {}

  Result<std::string_view> Read(std::span<char> scratch) override {
    const MutexLock lock(&file_->mutex);
    const std::string_view piece = file_->content.Read(offset_, scratch);
    offset_ += piece.size();
    return piece;
  }

 private:
  const std::shared_ptr<File> file_;
  uint64_t offset_ = 0;
};

class LockHandle : public FileLock {
 public:
  explicit LockHandle(std::shared_ptr<File> file) : file_(std::move(file)) {}
  ~LockHandle() override { file_->is_locked = false; }

 private:
  const std::shared_ptr<File> file_;
};

}  // namespace

std::unique_ptr<AppendFile> NewAppendHandle(
    std::shared_ptr<File> file, const std::string& path, uint64_t size) {
  return std::make_unique<AppendHandle>(std::move(file), path, size);
}

std::unique_ptr<RandomFile> NewRandomHandle(std::shared_ptr<File> file) {
  return std::make_unique<RandomHandle>(std::move(file));
}

std::unique_ptr<SequentialFile> NewSequentialHandle(
    std::shared_ptr<File> file) {
  return std::make_unique<SequentialHandle>(std::move(file));
}

std::unique_ptr<FileLock> NewLockHandle(std::shared_ptr<File> file) {
  return std::make_unique<LockHandle>(std::move(file));
}

}  // namespace kv
