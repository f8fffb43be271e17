#pragma once

// Reads the frames of a log from its beginning to its end.
//
// Contract: Next until it returns false or an error. After Corruption,
//   Offset() is where the bad frame begins, and DurableBytesAfter says whether
//   the damage can be what a crash leaves.
// Threads: one at a time.
// Ownership: a frame's payload is a view that lives until the next call.
// Errors: Corruption, with file and offset, for bytes that are no frame;
//   IoError if the file cannot be read.
// Limits: memory for the longest frame, and no more than the file is long.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "log/log_format.h"

namespace kv {

struct Frame {
  uint64_t offset = 0;
  FrameType type = FrameType::kBatch;
  std::string_view payload;

  uint64_t End() const { return offset + kFrameHeaderBytes + payload.size(); }
};

class LogReader {
 public:
  /// Reads the first `bytes` of `file`; the header must have been read
  /// (ReadLogHeader). `name` is for messages. `*scratch` is for the reader's
  /// use, and keeps its memory from one reader to the next.
  LogReader(
      const RandomFile* file, std::string_view name, const LogIdentity& log,
      uint64_t bytes, std::string* scratch);

  /// True: `*frame` is the next one. False: the log ends here.
  Result<bool> Next(Frame* frame);

  /// Makes the frame that begins at `offset` the next one. If its length is
  /// known, `frame_bytes` is at least that, and one read gets it; 0: not known.
  void Seek(uint64_t offset, uint64_t frame_bytes = 0);

  /// Where the next frame begins, or where the bad one does.
  uint64_t Offset() const { return offset_; }

  /// The next place from `offset` on where an intact frame header stands.
  Result<std::optional<uint64_t>> FindFrameHeader(uint64_t offset);

  /// How much of the log the frames behind Offset() say was durable when they
  /// were written; 0 if there are none. More than Offset(): the bytes at
  /// Offset() had been synced, so no crash can have damaged them.
  Result<uint64_t> DurableBytesAfter();

 private:
  Result<std::string_view> Read(uint64_t offset, size_t bytes);
  Status Damaged(std::string_view what) const;

  const RandomFile* const file_;
  const std::string_view name_;
  const LogIdentity log_;
  const uint64_t bytes_;
  uint64_t offset_ = kLogHeaderBytes;
  std::string* const scratch_;
  uint64_t read_bytes_;  // how much is read at once
  std::string_view window_;  // what was read last
  uint64_t window_offset_ = 0;
};

/// What the file's header says. Errors name the file.
Result<LogIdentity> ReadLogHeader(
    const RandomFile& file, std::string_view name);

}  // namespace kv
