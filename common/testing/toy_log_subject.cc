#include "common/testing/toy_log_subject.h"

#include <cstring>
#include <utility>

#include "common/base/hash.h"

namespace kv::testing {
namespace {

constexpr char kHeader[] = "toy log\n";
constexpr size_t kHeaderBytes = 8;
constexpr size_t kFrameHeaderBytes = 24;

void AppendNumber(uint64_t number, std::string* to) {
  to->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

uint64_t NumberAt(std::string_view bytes, uint64_t offset) {
  uint64_t number = 0;
  std::memcpy(
      &number, bytes.data() + static_cast<size_t>(offset), sizeof(number));
  return number;
}

}  // namespace

Result<std::unique_ptr<Subject>> ToyLogSubject::Open(
    const SubjectOptions& options, ToyFault fault) {
  auto toy = std::unique_ptr<ToyLogSubject>(new ToyLogSubject(options));
  toy->fault_ = fault;
  KV_RETURN_IF_ERROR(toy->Recover(options));
  return std::unique_ptr<Subject>(std::move(toy));
}

Capabilities ToyLogSubject::ItsCapabilities() {
  Capabilities capabilities;
  capabilities.persistent = true;
  capabilities.sync = true;
  capabilities.exact_counts = true;
  capabilities.file_patterns = {"toy.log"};
  capabilities.log_pattern = "toy.log";
  return capabilities;
}

Status ToyLogSubject::Write(
    const std::vector<BatchOperation>& batch, WriteMode mode) {
  std::string payload;
  for (const BatchOperation& operation : batch) {
    KV_RETURN_IF_ERROR(Check(operation));
    payload += static_cast<char>(
        operation.kind == BatchOperation::Kind::kPut ? 'P' : 'D');
    AppendNumber(operation.key.size(), &payload);
    AppendNumber(operation.value.size(), &payload);
    payload += operation.key + operation.value;
  }
  KV_RETURN_IF_ERROR(AppendFrame(payload));
  if (mode == WriteMode::kSynced) KV_RETURN_IF_ERROR(Sync());
  return MapSubject::Write(batch, mode);
}

Status ToyLogSubject::Sync() {
  KV_RETURN_IF_ERROR(log_->Sync());
  synced_end_ = end_;
  return Status::Ok();
}

Status ToyLogSubject::Close() {
  KV_RETURN_IF_ERROR(Sync());
  KV_RETURN_IF_ERROR(AppendFrame(""));
  return log_->Close();
}

Status ToyLogSubject::AppendFrame(const std::string& payload) {
  std::string rest;
  AppendNumber(synced_end_, &rest);
  AppendNumber(payload.size(), &rest);
  rest += payload;
  std::string frame;
  AppendNumber(HashBytes(rest, end_), &frame);
  frame += rest;
  KV_RETURN_IF_ERROR(log_->Append(frame));
  end_ += frame.size();
  return Status::Ok();
}

bool ToyLogSubject::ReadFrame(
    const std::string& bytes, uint64_t offset, Frame* frame) const {
  if (offset + kFrameHeaderBytes > bytes.size()) return false;
  const uint64_t length = NumberAt(bytes, offset + 16);
  if (fault_ == ToyFault::kLengthTrusted) {
    // Great enough to be refused, not so great that the sum overflows.
    const std::vector<char> buffer(static_cast<size_t>(length >> 8));
    if (buffer.size() == SIZE_MAX) return false;
  }
  if (length > bytes.size() - offset - kFrameHeaderBytes) return false;
  const std::string_view rest = std::string_view(bytes).substr(
      static_cast<size_t>(offset) + 8, static_cast<size_t>(length) + 16);
  if (fault_ != ToyFault::kNoChecksum &&
      HashBytes(rest, offset) != NumberAt(bytes, offset)) {
    return false;
  }
  frame->synced_end = NumberAt(bytes, offset + 8);
  frame->payload = rest.substr(16);
  return true;
}

Status ToyLogSubject::Recover(const SubjectOptions& options) {
  FileSystem* fs = options.file_system;
  const std::string path = JoinPath(options.path, "toy.log");
  KV_RETURN_IF_ERROR(fs->CreateDirectory(options.path));
  KV_ASSIGN_OR_RETURN(const bool known, fs->Exists(path));
  if (!known) {
    KV_RETURN_IF_ERROR(
        WriteFile(fs, path, std::string_view(kHeader, kHeaderBytes)));
    KV_RETURN_IF_ERROR(fs->SyncDirectory(options.path));
  }
  KV_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(fs, path));
  if (bytes.compare(0, kHeaderBytes, kHeader) != 0) {
    return Damaged(0, "no header");
  }
  KV_RETURN_IF_ERROR(Replay(bytes));
  KV_ASSIGN_OR_RETURN(log_, fs->OpenForAppend(path, AppendMode::kExisting));
  if (fault_ == ToyFault::kLeavesTail) {
    end_ = bytes.size();
  } else {
    KV_RETURN_IF_ERROR(log_->Truncate(end_));
  }
  return Sync();
}

Status ToyLogSubject::Replay(const std::string& bytes) {
  end_ = kHeaderBytes;
  bool closed = false;
  while (end_ < bytes.size()) {
    Frame frame;
    if (!ReadFrame(bytes, end_, &frame)) {
      if (closed) return Damaged(end_, "bytes after the close");
      return JudgeTail(bytes);
    }
    if (!ApplyPayload(frame.payload)) return Damaged(end_, "bad payload");
    closed = frame.payload.empty();
    end_ += kFrameHeaderBytes + frame.payload.size();
  }
  return Status::Ok();
}

Status ToyLogSubject::JudgeTail(const std::string& bytes) {
  if (fault_ == ToyFault::kTrimsWhatWasSynced) return Status::Ok();
  for (uint64_t at = end_; at < bytes.size();) {
    Frame frame;
    if (ReadFrame(bytes, at, &frame)) {
      if (fault_ == ToyFault::kSkipsBadFrames) {
        ApplyPayload(frame.payload);
        at += kFrameHeaderBytes + frame.payload.size();
        end_ = at;
        continue;
      }
      if (frame.synced_end > end_ || frame.payload.empty()) {
        return Damaged(end_, "bytes that had been synced");
      }
    }
    if (fault_ == ToyFault::kNeverEnds) {
      Result<bool> ignored = options().file_system->Exists("anything");
      if (!ignored.ok()) return ignored.status();
    } else {
      ++at;
    }
  }
  return Status::Ok();
}

bool ToyLogSubject::ApplyPayload(std::string_view payload) {
  while (!payload.empty()) {
    if (payload.size() < 17) return false;
    const uint64_t key_bytes = NumberAt(payload, 1);
    const uint64_t value_bytes = NumberAt(payload, 9);
    if (key_bytes > payload.size() - 17 ||
        value_bytes > payload.size() - 17 - key_bytes) {
      return false;
    }
    BatchOperation operation;
    operation.kind = payload[0] == 'P' ? BatchOperation::Kind::kPut
                                       : BatchOperation::Kind::kDelete;
    operation.key = payload.substr(17, key_bytes);
    operation.value = payload.substr(17 + key_bytes, value_bytes);
    Apply(operation);
    payload.remove_prefix(17 + key_bytes + value_bytes);
  }
  return true;
}

Status ToyLogSubject::Damaged(uint64_t offset, const char* what) const {
  return Status::Corruption(
      std::string(fault_ == ToyFault::kNamesNoFile ? "it" : "toy.log") +
      " at offset " + std::to_string(offset) + ": " + what);
}

}  // namespace kv::testing
