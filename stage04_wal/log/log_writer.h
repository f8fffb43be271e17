#pragma once

// Appends frames to a log, one write a frame.
//
// Threads: one at a time.
// Durability: after Append the frame survives the death of the process; after
//   Sync it, and all before it, survive a power loss.
// Errors: a failed Append leaves the log as it was before. After a failed Sync,
//   or when the remains of a failed Append cannot be removed, every later call
//   returns ReadOnly: pages that the system failed to write may be marked
//   clean, so another sync that succeeds would prove nothing.
// Format: docs/format/log.md

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "log/log_format.h"

namespace kv {

/// Where a reader found the end of an existing log.
struct LogEnd {
  /// Where the next frame goes.
  uint64_t offset = kLogHeaderBytes;
  /// Whether a close frame stands at `offset`, as the last bytes of the file.
  bool closed = false;
};

class LogWriter {
 public:
  /// A log of `file`, which begins with the header of `log` and ends at `end`.
  /// All of it must be durable. `name` is for messages.
  LogWriter(
      std::unique_ptr<AppendFile> file, std::string name,
      const LogIdentity& log, const LogEnd& end);

  /// Writes one frame.
  Status Append(FrameType type, std::string_view payload);

  /// Makes everything appended so far durable.
  Status Sync();

  /// Unless the log ends in a close frame: syncs, appends one, and syncs. The
  /// next Append removes that frame again.
  Status Seal();

  /// Seals the log and closes the file. Append and Sync must not be called
  /// afterwards.
  Status Close();

  /// Whether every later call returns ReadOnly.
  bool IsReadOnly() const { return !failure_.ok(); }

  /// The length of the file, in bytes.
  uint64_t FileBytes() const { return file_->Size(); }

  /// Where the next frame will begin, in bytes from the start of the file.
  uint64_t Offset() const { return offset_; }

  /// The bytes that the frame of such a payload takes.
  static uint64_t FrameBytes(size_t payload_bytes) {
    return kFrameHeaderBytes + payload_bytes;
  }

 private:
  /// Only while closed_.
  Status RemoveCloseFrame();
  /// Makes every later call return ReadOnly, with the file's name, what was
  /// being done and the cause's message. Returns `cause`.
  Status Fail(const Status& cause, std::string_view doing);

  const std::unique_ptr<AppendFile> file_;
  const std::string name_;
  const LogIdentity log_;
  uint64_t offset_;
  uint64_t synced_bytes_;
  bool closed_;  // a close frame stands at offset_
  Status failure_;  // what made the log read-only
  std::string buffer_;  // the frame being written; keeps its memory
};

/// Writes a new, empty log to `path`: the file and its content are durable,
/// its name in the directory is not. `*sync_failed`, if it is given, becomes
/// true if the error is that of the sync.
Status CreateLog(
    FileSystem* fs, const std::string& path, const LogIdentity& log,
    bool* sync_failed = nullptr);

}  // namespace kv
