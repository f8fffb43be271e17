#include "common/fs/fault_file_system.h"

#include <utility>

#include "common/fs/memory_file_system.h"

namespace kv {
namespace {

class FaultAppendFile : public AppendFile {
 public:
  FaultAppendFile(
      FaultFileSystem* fs, std::unique_ptr<AppendFile> base, std::string path)
      : fs_(fs), base_(std::move(base)), path_(std::move(path)) {
    size_ = base_->Size();
  }

  Status Append(std::string_view data) override {
    const auto verdict = fs_->Judge(FileCall::kAppend, path_);
    if (verdict.fails) {
      if (verdict.kind == FaultKind::kShortWrite ||
          verdict.kind == FaultKind::kNoSpace) {
        // At least one byte where there is more than one, and never all.
        const std::string_view part = data.substr(0, data.size() / 2);
        KV_RETURN_IF_ERROR(WriteAtSize(part));
        remains_.insert(0, part);
      }
      return verdict.error;
    }
    KV_RETURN_IF_ERROR(WriteAtSize(data));
    size_ += data.size();
    return Status::Ok();
  }

  Status Sync() override {
    auto verdict = fs_->Judge(FileCall::kSync, path_);
    if (!verdict.fails) {
      return base_->Sync();
    }
    if (verdict.kind == FaultKind::kSyncError) {
      if (auto* memory = dynamic_cast<MemoryAppendFile*>(base_.get())) {
        memory->LoseUnsynced();
      }
    }
    return verdict.error;
  }

  Status Truncate(uint64_t size) override {
    const auto verdict = fs_->Judge(FileCall::kTruncate, path_);
    if (verdict.fails) {
      return verdict.error;
    }
    KV_RETURN_IF_ERROR(base_->Truncate(size));
    size_ = size;
    remains_.clear();
    return Status::Ok();
  }

  uint64_t Size() const override { return size_; }

  // The base is closed even if the caller is told that it failed.
  Status Close() override {
    const auto verdict = fs_->Judge(FileCall::kClose, path_);
    const Status closed = base_->Close();
    return verdict.fails ? verdict.error : closed;
  }

 private:
  // What a failed append left stands behind size_. It is written over, and if
  // it is longer, the rest of it stays behind the new bytes.
  Status WriteAtSize(std::string_view data) {
    fs_->CountAppended(data.size());
    if (remains_.empty()) {
      return base_->Append(data);
    }
    KV_RETURN_IF_ERROR(base_->Truncate(size_));
    remains_.erase(0, data.size());
    return base_->Append(std::string(data) + remains_);
  }

  FaultFileSystem* const fs_;
  const std::unique_ptr<AppendFile> base_;
  const std::string path_;
  uint64_t size_;
  std::string remains_;  // of failed appends, from size_ to the file's end
};

// Applies a verdict on a read to what the base returned.
Result<std::string_view> ReadUnder(
    const FaultFileSystem::Verdict& verdict, Result<std::string_view> read) {
  if (!verdict.fails || !read.ok()) {
    return read;
  }
  if (verdict.kind == FaultKind::kShortRead) {
    return read->substr(0, read->size() / 2);
  }
  return verdict.error;
}

class FaultRandomFile : public RandomFile {
 public:
  FaultRandomFile(
      FaultFileSystem* fs, std::unique_ptr<RandomFile> base, std::string path)
      : fs_(fs), base_(std::move(base)), path_(std::move(path)) {}

  Result<std::string_view> ReadAt(
      uint64_t offset, std::span<char> scratch) const override {
    const auto verdict = fs_->Judge(FileCall::kRead, path_);
    return ReadUnder(verdict, base_->ReadAt(offset, scratch));
  }

  Result<uint64_t> Size() const override {
    const auto verdict = fs_->Judge(FileCall::kFileSize, path_);
    if (verdict.fails) {
      return verdict.error;
    }
    return base_->Size();
  }

 private:
  FaultFileSystem* const fs_;
  const std::unique_ptr<RandomFile> base_;
  const std::string path_;
};

class FaultSequentialFile : public SequentialFile {
 public:
  FaultSequentialFile(
      FaultFileSystem* fs, std::unique_ptr<SequentialFile> base,
      std::string path)
      : fs_(fs), base_(std::move(base)), path_(std::move(path)) {}

  // A short read is where this file ends from then on.
  Result<std::string_view> Read(std::span<char> scratch) override {
    if (ended_) {
      return std::string_view();
    }
    const auto verdict = fs_->Judge(FileCall::kRead, path_);
    ended_ = verdict.fails && verdict.kind == FaultKind::kShortRead;
    return ReadUnder(verdict, base_->Read(scratch));
  }

 private:
  FaultFileSystem* const fs_;
  const std::unique_ptr<SequentialFile> base_;
  const std::string path_;
  bool ended_ = false;
};

}  // namespace

FaultFileSystem::FaultFileSystem(FileSystem* base) : base_(base) {}

FaultFileSystem::~FaultFileSystem() = default;

void FaultFileSystem::Inject(const Fault& fault) {
  const MutexLock lock(&mutex_);
  faults_.push_back(Active{fault, 0});
}

void FaultFileSystem::ClearFaults() {
  const MutexLock lock(&mutex_);
  faults_.clear();
  fired_ = 0;
}

uint64_t FaultFileSystem::FaultsFired() const {
  const MutexLock lock(&mutex_);
  return fired_;
}

uint64_t FaultFileSystem::Calls(FileCall call) const {
  const MutexLock lock(&mutex_);
  return calls_[static_cast<size_t>(call)];
}

uint64_t FaultFileSystem::AllCalls() const {
  const MutexLock lock(&mutex_);
  uint64_t sum = 0;
  for (const uint64_t count : calls_) {
    sum += count;
  }
  return sum;
}

uint64_t FaultFileSystem::BytesAppended() const {
  const MutexLock lock(&mutex_);
  return bytes_appended_;
}

void FaultFileSystem::ResetCounts() {
  const MutexLock lock(&mutex_);
  calls_.fill(0);
  bytes_appended_ = 0;
}

void FaultFileSystem::CountAppended(size_t bytes) {
  const MutexLock lock(&mutex_);
  bytes_appended_ += bytes;
}

FaultFileSystem::Verdict FaultFileSystem::Judge(
    FileCall call, const std::string& path) {
  const MutexLock lock(&mutex_);
  ++calls_[static_cast<size_t>(call)];
  Verdict verdict;
  for (Active& active : faults_) {
    const Fault& fault = active.fault;
    if (!CanStrike(fault.kind, call) ||
        path.find(fault.path_part) == std::string::npos) {
      continue;
    }
    ++active.seen;
    const bool strikes =
        fault.persistent ? active.seen >= fault.nth : active.seen == fault.nth;
    if (!strikes || verdict.fails) {
      continue;
    }
    ++fired_;
    if (fault.kind == FaultKind::kInterrupted) {
      continue;
    }
    verdict.fails = true;
    verdict.kind = fault.kind;
    verdict.error = Status::IoError(
        "cannot " + std::string(FileCallName(call)) + " '" + path +
        "': " + FaultReason(fault.kind) + " (injected)");
  }
  return verdict;
}

Result<std::unique_ptr<AppendFile>> FaultFileSystem::OpenForAppend(
    const std::string& path, AppendMode mode) {
  const auto verdict = Judge(
      mode == AppendMode::kCreate ? FileCall::kCreate : FileCall::kOpen, path);
  if (verdict.fails) {
    return verdict.error;
  }
  KV_ASSIGN_OR_RETURN(auto file, base_->OpenForAppend(path, mode));
  return std::unique_ptr<AppendFile>(
      std::make_unique<FaultAppendFile>(this, std::move(file), path));
}

Result<std::unique_ptr<RandomFile>> FaultFileSystem::OpenForRandomRead(
    const std::string& path) {
  const auto verdict = Judge(FileCall::kOpen, path);
  if (verdict.fails) {
    return verdict.error;
  }
  KV_ASSIGN_OR_RETURN(auto file, base_->OpenForRandomRead(path));
  return std::unique_ptr<RandomFile>(
      std::make_unique<FaultRandomFile>(this, std::move(file), path));
}

Result<std::unique_ptr<SequentialFile>> FaultFileSystem::OpenForSequentialRead(
    const std::string& path) {
  const auto verdict = Judge(FileCall::kOpen, path);
  if (verdict.fails) {
    return verdict.error;
  }
  KV_ASSIGN_OR_RETURN(auto file, base_->OpenForSequentialRead(path));
  return std::unique_ptr<SequentialFile>(
      std::make_unique<FaultSequentialFile>(this, std::move(file), path));
}

// Reads of it fail with a Status, which those of a mapped file cannot.
Result<std::unique_ptr<RandomFile>> FaultFileSystem::OpenForMappedRead(
    const std::string& path) {
  const auto verdict = Judge(FileCall::kOpen, path);
  if (verdict.fails) {
    return verdict.error;
  }
  KV_ASSIGN_OR_RETURN(auto file, base_->OpenForMappedRead(path));
  return std::unique_ptr<RandomFile>(
      std::make_unique<FaultRandomFile>(this, std::move(file), path));
}

Result<std::vector<std::string>> FaultFileSystem::List(
    const std::string& path) {
  const auto verdict = Judge(FileCall::kList, path);
  if (verdict.fails) {
    return verdict.error;
  }
  return base_->List(path);
}

Result<uint64_t> FaultFileSystem::FileSize(const std::string& path) {
  const auto verdict = Judge(FileCall::kFileSize, path);
  if (verdict.fails) {
    return verdict.error;
  }
  return base_->FileSize(path);
}

Result<bool> FaultFileSystem::Exists(const std::string& path) {
  const auto verdict = Judge(FileCall::kExists, path);
  if (verdict.fails) {
    return verdict.error;
  }
  return base_->Exists(path);
}

Status FaultFileSystem::CreateDirectory(const std::string& path) {
  const auto verdict = Judge(FileCall::kCreateDirectory, path);
  return verdict.fails ? verdict.error : base_->CreateDirectory(path);
}

Status FaultFileSystem::RemoveDirectory(const std::string& path) {
  const auto verdict = Judge(FileCall::kRemoveDirectory, path);
  return verdict.fails ? verdict.error : base_->RemoveDirectory(path);
}

Status FaultFileSystem::SyncDirectory(const std::string& path) {
  const auto verdict = Judge(FileCall::kSyncDirectory, path);
  return verdict.fails ? verdict.error : base_->SyncDirectory(path);
}

Status FaultFileSystem::Rename(const std::string& from, const std::string& to) {
  const auto verdict = Judge(FileCall::kRename, from);
  return verdict.fails ? verdict.error : base_->Rename(from, to);
}

Status FaultFileSystem::Remove(const std::string& path) {
  const auto verdict = Judge(FileCall::kRemove, path);
  return verdict.fails ? verdict.error : base_->Remove(path);
}

Status FaultFileSystem::HardLink(
    const std::string& from, const std::string& to) {
  const auto verdict = Judge(FileCall::kHardLink, from);
  return verdict.fails ? verdict.error : base_->HardLink(from, to);
}

Result<std::unique_ptr<FileLock>> FaultFileSystem::Lock(
    const std::string& path) {
  const auto verdict = Judge(FileCall::kLock, path);
  if (verdict.fails) {
    return verdict.error;
  }
  return base_->Lock(path);
}

}  // namespace kv
