#include "log/log_reader.h"

#include <algorithm>
#include <array>
#include <span>

#include "common/base/check.h"

namespace kv {
namespace {

// How much is read at once; a frame that is longer is read whole.
constexpr size_t kWindowBytes = 256 * 1024;

Status ShortRead(std::string_view name) {
  return Status::IoError(
      std::string(name) +
      ": a read gave fewer bytes than the file has; try again");
}

}  // namespace

LogReader::LogReader(
    const RandomFile* file, std::string_view name, const LogIdentity& log,
    uint64_t bytes, std::string* scratch)
    : file_(file),
      name_(name),
      log_(log),
      bytes_(bytes),
      scratch_(scratch),
      read_bytes_(kWindowBytes) {}

void LogReader::Seek(uint64_t offset, uint64_t frame_bytes) {
  offset_ = offset;
  read_bytes_ = frame_bytes > 0 ? frame_bytes : kWindowBytes;
}

Result<bool> LogReader::Next(Frame* frame) {
  if (offset_ >= bytes_) {
    return false;
  }
  const uint64_t left = bytes_ - offset_;
  if (left < kFrameHeaderBytes) {
    return Damaged("the file ends within a frame's header");
  }
  KV_ASSIGN_OR_RETURN(
      const std::string_view header_bytes, Read(offset_, kFrameHeaderBytes));
  const std::optional<FrameHeader> header =
      DecodeFrameHeader(log_, offset_, header_bytes);
  if (!header.has_value()) {
    return Damaged("no intact frame header");
  }
  // The length is checked against the file before anything is read or
  // allocated for it.
  if (header->payload_bytes > left - kFrameHeaderBytes) {
    return Damaged("the file ends within a frame's payload");
  }
  KV_ASSIGN_OR_RETURN(
      const std::string_view payload,
      Read(offset_ + kFrameHeaderBytes, header->payload_bytes));
  if (!PayloadIsIntact(log_, offset_, *header, payload)) {
    return Damaged("the frame's payload does not match its checksum");
  }
  frame->offset = offset_;
  frame->type = header->type;
  frame->payload = payload;
  offset_ = frame->End();
  return true;
}

Result<std::optional<uint64_t>> LogReader::FindFrameHeader(uint64_t offset) {
  for (; offset + kFrameHeaderBytes <= bytes_; ++offset) {
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes, Read(offset, kFrameHeaderBytes));
    if (DecodeFrameHeader(log_, offset, bytes).has_value()) {
      return std::optional<uint64_t>(offset);
    }
  }
  return std::optional<uint64_t>();
}

Result<uint64_t> LogReader::DurableBytesAfter() {
  uint64_t durable = 0;
  uint64_t from = offset_ + 1;
  for (;;) {
    KV_ASSIGN_OR_RETURN(
        const std::optional<uint64_t> found, FindFrameHeader(from));
    if (!found.has_value()) {
      return durable;
    }
    KV_ASSIGN_OR_RETURN(
        const std::string_view bytes, Read(*found, kFrameHeaderBytes));
    const std::optional<FrameHeader> header =
        DecodeFrameHeader(log_, *found, bytes);
    KV_CHECK(header.has_value(), "the header that was just found");
    durable = std::max(durable, header->synced_bytes);
    from = *found + kFrameHeaderBytes;
  }
}

Result<std::string_view> LogReader::Read(uint64_t offset, size_t bytes) {
  if (offset < window_offset_ ||
      offset + bytes > window_offset_ + window_.size()) {
    const uint64_t wanted =
        std::min(std::max<uint64_t>(bytes, read_bytes_), bytes_ - offset);
    if (scratch_->size() < wanted) {
      scratch_->resize(static_cast<size_t>(wanted));
    }
    window_ = {};
    KV_ASSIGN_OR_RETURN(
        window_,
        file_->ReadAt(
            offset, std::span(scratch_->data(), static_cast<size_t>(wanted))));
    window_offset_ = offset;
    // Not damage: what is there cannot be told from what was not read, and a
    // tail that is taken for torn is cut off.
    if (window_.size() < bytes) {
      return ShortRead(name_);
    }
  }
  return window_.substr(static_cast<size_t>(offset - window_offset_), bytes);
}

Status LogReader::Damaged(std::string_view what) const {
  return Status::Corruption(
      std::string(name_) + " at offset " + std::to_string(offset_) + ": " +
      std::string(what));
}

Result<LogIdentity> ReadLogHeader(
    const RandomFile& file, std::string_view name) {
  std::array<char, kLogHeaderBytes> scratch;
  KV_ASSIGN_OR_RETURN(const std::string_view bytes, file.ReadAt(0, scratch));
  KV_ASSIGN_OR_RETURN(const uint64_t file_bytes, file.Size());
  if (bytes.size() < std::min<uint64_t>(file_bytes, kLogHeaderBytes)) {
    return ShortRead(name);
  }
  Result<LogIdentity> log = DecodeLogHeader(bytes);
  if (log.ok()) {
    return log;
  }
  const std::string message =
      std::string(name) + ": " + std::string(log.status().message());
  return log.status().code() == StatusCode::kNotSupported
      ? Status::NotSupported(message)
      : Status::Corruption(message);
}

}  // namespace kv
