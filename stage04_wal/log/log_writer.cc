#include "log/log_writer.h"

#include <utility>

#include "common/base/check.h"

namespace kv {

LogWriter::LogWriter(
    std::unique_ptr<AppendFile> file, std::string name, const LogIdentity& log,
    const LogEnd& end)
    : file_(std::move(file)),
      name_(std::move(name)),
      log_(log),
      offset_(end.offset),
      synced_bytes_(end.offset),
      closed_(end.closed) {
  const uint64_t tail = closed_ ? FrameBytes(0) : 0;
  KV_CHECK(file_->Size() == offset_ + tail, "a log is continued where it ends");
}

Status LogWriter::Append(FrameType type, std::string_view payload) {
  KV_RETURN_IF_ERROR(failure_);
  if (closed_) {
    KV_RETURN_IF_ERROR(RemoveCloseFrame());
  }
  buffer_.clear();
  EncodeFrame(log_, offset_, synced_bytes_, type, payload, &buffer_);
  Status appended = file_->Append(buffer_);
  if (!appended.ok()) {
    // Whatever part of the frame was written must not stand before the next.
    const Status removed = file_->Truncate(offset_);
    if (!removed.ok()) {
      return Fail(removed, "removing the remains of a failed write");
    }
    return appended;
  }
  offset_ += buffer_.size();
  return Status::Ok();
}

Status LogWriter::Sync() {
  KV_RETURN_IF_ERROR(failure_);
  const Status synced = file_->Sync();
  if (!synced.ok()) {
    return Fail(synced, "syncing");
  }
  synced_bytes_ = offset_;
  return Status::Ok();
}

// Goes first, and durably: nothing ever stands behind a close frame, so bytes
// that do are damage and not a torn write.
Status LogWriter::RemoveCloseFrame() {
  KV_RETURN_IF_ERROR(file_->Truncate(offset_));
  closed_ = false;
  return Sync();
}

Status LogWriter::Seal() {
  KV_RETURN_IF_ERROR(failure_);
  if (closed_) {
    return Status::Ok();
  }
  // All that stands before a close frame is durable before the frame is
  // written: that is what the frame says.
  KV_RETURN_IF_ERROR(Sync());
  const uint64_t end = offset_;
  KV_RETURN_IF_ERROR(Append(FrameType::kClose, {}));
  offset_ = end;
  closed_ = true;
  return Sync();
}

Status LogWriter::Close() {
  KV_RETURN_IF_ERROR(Seal());
  return file_->Close();
}

Status LogWriter::Fail(const Status& cause, std::string_view doing) {
  failure_ = Status::ReadOnly(
      name_ + ": " + std::string(doing) + " failed earlier (" +
      cause.ToString() + "); the database can be read, and written again " +
      "after it was closed and opened");
  return cause;
}

Status CreateLog(
    FileSystem* fs, const std::string& path, const LogIdentity& log,
    bool* sync_failed) {
  // What a try that failed has left.
  KV_ASSIGN_OR_RETURN(const bool left, fs->Exists(path));
  if (left) {
    KV_RETURN_IF_ERROR(fs->Remove(path));
  }
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<AppendFile> file,
      fs->OpenForAppend(path, AppendMode::kCreate));
  std::string header;
  EncodeLogHeader(log, &header);
  KV_RETURN_IF_ERROR(file->Append(header));
  const Status synced = file->Sync();
  if (!synced.ok()) {
    if (sync_failed != nullptr) {
      *sync_failed = true;
    }
    return synced;
  }
  return file->Close();
}

}  // namespace kv
