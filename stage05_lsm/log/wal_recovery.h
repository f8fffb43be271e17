#pragma once

// Reads a write-ahead log from its first segment to its last.
//
// What is wrong with a log is one of two things. The torn tail is what a crash
// leaves of writes that were never synced: it reaches from the first bad frame
// to the end of the last segment, and no later frame says that those bytes had
// been synced. Everything else is damage. Each RecoveryMode is an answer to
// these two.
//
// Contract: Run once; then the accessors say how the log goes on.
// Threads: one at a time.
// Durability: changes no file but for the torn tail, which is cut off, durably
//   so; unless something was skipped, what was read of the last segment is
//   durable.
// Errors: Corruption, with file and offset and what to do; IoError. Nothing of
//   the log may be used then. What a refusal names: of a torn tail under
//   kStrict, that RecoveryMode::kAutomatic would cut it off; of a missing
//   segment, "number N", at offset 0 of the first file behind the gap; of a log
//   without any segment, the first one that is needed.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "kv/options.h"
#include "kv/stats.h"
#include "kv/write_batch.h"
#include "log/log_format.h"
#include "log/log_reader.h"
#include "log/log_writer.h"
#include "log/wal.h"

namespace kv {

class WalRecovery {
 public:
  using Operations = std::vector<WriteBatch::Operation>;
  /// Takes the operations of one write; the first has the number `sequence`.
  using Apply =
      std::function<void(uint64_t sequence, const Operations& operations)>;

  /// `report` is added to. `progress`, unless empty, is called after every
  /// frame with the bytes read so far.
  WalRecovery(
      const Options& options, RecoveryReport* report, Apply apply,
      std::function<void(uint64_t bytes)> progress);

  /// Reads the segments `numbers`, in ascending order, which begin with
  /// `first`, and whose first operation has the number `sequence`. Without any,
  /// the log behind the tables is missing.
  Status Run(
      const std::vector<uint64_t>& numbers, uint64_t first, uint64_t sequence);

  // For Wal::Continue, unless something was skipped.
  const std::vector<WalSegment>& Segments() const { return segments_; }
  const LogIdentity& LastIdentity() const { return identity_; }
  const LogEnd& End() const { return end_; }

 private:
  Status ReadSegment(uint64_t number, bool is_last);
  Result<bool> ReadFrames(LogReader* reader, bool is_last);
  Status TakeFrame(const Frame& frame, uint64_t offset);
  Result<bool> IsTornTail(LogReader* reader, bool is_last);
  Result<bool> PassOver(
      LogReader* reader, uint64_t offset, const Status& damage);
  Status CutTail();
  Status Skip(uint64_t bytes, const Status& damage);
  Status Damaged(uint64_t offset, const std::string& what) const;

  const Options options_;
  FileSystem* const fs_;
  RecoveryReport* const report_;
  const Apply apply_;
  const std::function<void(uint64_t)> progress_;

  uint64_t next_sequence_ = 0;
  std::vector<WalSegment> segments_;
  bool stopped_ = false;  // at damage: nothing behind it is read
  bool passed_over_ = false;  // something, since the last write
  uint64_t bytes_before_ = 0;  // the length of the segments read

  // Of the segment being read.
  std::string name_;
  LogIdentity identity_;
  uint64_t file_bytes_ = 0;
  LogEnd end_;
  std::optional<uint64_t> durable_bytes_;  // as frames behind damage say

  std::string read_buffer_;
  Operations operations_;
};

}  // namespace kv
