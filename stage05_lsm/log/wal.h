#pragma once

// The write-ahead log, in segments: what is in no table yet.
//
// Contract: Create or Continue first; Close last. Sequence numbers go up by
//   one for each operation.
// Threads: one at a time.
// Durability: as log/log_writer.h. All segments but the last are sealed and
//   durable before the next one exists.
// Errors: a failed Append leaves the log as it was. After a failed sync of a
//   file or of the directory every later write returns ReadOnly.
// Format: docs/format/log.md. The payload of a kBatch frame is
//
//   offset  size
//        0     8  sequence number of the first operation
//        8     8  when it was written: microseconds since 1970-01-01 UTC
//       16     4  how many operations
//       20        the operations, as kv/write_batch.h has them

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "kv/options.h"
#include "kv/stats.h"
#include "kv/write_batch.h"
#include "log/log_writer.h"

namespace kv {

inline constexpr size_t kBatchHeaderBytes = 20;

/// A write as it stands in the log.
struct SequencedBatch {
  uint64_t sequence = 0;  ///< of the first operation
  uint64_t wall_micros = 0;
  uint32_t count = 0;
  std::string_view operations;
};

/// Appends the payload of a frame.
void EncodeSequencedBatch(const SequencedBatch& batch, std::string* output);

/// Errors: Corruption if the bytes are too short, or sequence plus count is
/// above kSequenceMax; the operations are not looked at.
Result<SequencedBatch> DecodeSequencedBatch(std::string_view payload);

struct WalSegment {
  uint64_t number = 0;
  uint64_t bytes = 0;  ///< its length as a file
};

class Wal {
 public:
  /// Of `options` all pointers are set.
  explicit Wal(const Options& options);

  /// Begins a log with an empty segment, behind writes up to `last_sequence`.
  Status Create(uint64_t number, uint64_t last_sequence);

  /// Goes on behind `segments`, in ascending order, of which the last one ends
  /// at `end`. Everything in them is durable.
  Status Continue(
      std::vector<WalSegment> segments, const LogIdentity& last,
      const LogEnd& end, uint64_t last_sequence);

  /// Writes `batch`, which is not empty, as one frame; `sequence` is that of
  /// its first operation, the number after the last one's.
  Status Append(uint64_t sequence, const WriteBatch& batch);

  /// Makes everything durable.
  Status Sync();

  /// Syncs if `wanted`, or if it is not set and the policy asks for it.
  Status SyncIfDue(std::optional<bool> wanted);

  /// Seals the segment being written and begins the next; changes nothing if
  /// there is no write in it.
  Status Rotate();

  /// Removes the segments with smaller numbers, or moves them to the archive.
  /// What is in them is durable in tables. One whose file is gone already
  /// counts as removed.
  Status RemoveBefore(uint64_t number);

  /// Removes all segments in the archive, those of the same number too,
  /// durably so.
  Status RemoveArchived();

  /// Seals and closes.
  Status Close();

  /// Every later write returns ReadOnly. Returns `cause`.
  Status Fail(const Status& cause, std::string_view doing);

  /// The segment being written.
  uint64_t LastSegment() const { return segments_.back().number; }

  /// The length of all segments, in bytes.
  uint64_t Bytes() const;

  Result<WalStatus> GetStatus() const;

 private:
  Status BeginSegment(uint64_t number);
  Status Archive(const std::string& segment);
  Result<std::vector<std::string>> ArchivedSegments() const;

  const Options options_;
  FileSystem* const fs_;
  std::vector<WalSegment> segments_;  // the last one's bytes: see Bytes()
  std::unique_ptr<LogWriter> writer_;  // of the last segment
  bool rotation_due_ = false;  // the last segment is sealed; a next may exist
  uint64_t last_sequence_ = 0;
  uint64_t synced_sequence_ = 0;
  uint64_t unsynced_since_nanos_ = 0;  // when the oldest unsynced write came
  Status failure_;  // what made the log read-only
  std::string payload_;  // of the frame being written; keeps its memory
};

}  // namespace kv
