#pragma once

// A database filled on purpose for damage: what it held after each write, and
// the bytes that lay in its directory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/testing/damage.h"
#include "common/testing/subject.h"

namespace kv::testing {

/// One write, which is one frame of the log, and the state after it.
struct HistoryWrite {
  std::map<std::string, std::string> after;
  std::string log;  ///< the log it went to; empty if there is none
  uint64_t log_begin = 0;  ///< where its frame begins
  uint64_t log_end = 0;  ///< where its frame ends
  /// How far this log had been synced when the frame was written.
  uint64_t synced_end = 0;
};

struct DatabaseHistory {
  /// [0] is the new, empty database.
  std::vector<HistoryWrite> writes;
  /// The directory after the last write, as the death of the process would
  /// leave it.
  DirectoryImage died;
  /// The directory after Close, and what Close appended to the log.
  DirectoryImage closed;
  HistoryWrite close;
  /// The directory at some earlier moments, oldest first.
  std::vector<DirectoryImage> older;
};

struct HistoryPlan {
  size_t writes = 112;
  size_t keys = 8;
  uint64_t value_bytes_max = 250;
  bool tiny_sizes = true;
  uint64_t seed = 1;
};

/// Puts, deletes, batches and renames, a fifth of them synced, with a Close
/// and Open in the middle; Flush, Checkpoint and Compact where they are there.
Result<DatabaseHistory> RecordHistory(
    const SubjectFactory& open, const Capabilities& capabilities,
    const HistoryPlan& plan);

}  // namespace kv::testing
