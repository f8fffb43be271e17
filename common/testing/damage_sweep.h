#pragma once

// Damages a database in every way of damage.h, opens it, and reads all of it.
//
// The promise: no read returns a wrong value. Damage to any file but the last
// log gives the right value or an explicit error, from Open or from the read.
// Damage to the last log gives an error, or a state of the database's own
// history that still has
//   1. every write whose frame ends before the first damaged byte, and
//   2. every write that an intact frame behind the damage says was synced,
//   3. every write that lies in another file.
// Nothing asks for more than options.allocation_bytes_max at once, and an
// open with all its reads makes at most options.calls_max file-system calls.
//
// Limits: an explicit error is Corruption (naming a file of the directory),
//   IoError or NotSupported. A hang without file-system calls is for the time
//   limit of the test program.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/damage.h"
#include "common/testing/database_history.h"
#include "common/testing/subject.h"

namespace kv::testing {

struct DamageSweepOptions {
  SubjectFactory open;
  Capabilities capabilities;
  /// The path, file system and random source are the sweep's own.
  SubjectOptions subject;

  DirectoryImage image;
  std::vector<DirectoryImage> older;
  /// The writes behind `image`, the close with them if it was closed.
  std::vector<HistoryWrite> writes;

  DamagePlan plan;
  size_t allocation_bytes_max = 64 * 1024 * 1024;
  uint64_t calls_max = 1000000;
  /// After each so many databases that opened and read without an error, a
  /// put, a close and another open must work too. 0: never.
  uint64_t write_after_every = 16;
  /// The sweep ends after so many broken promises.
  size_t failures_max = 5;
};

/// How damages of one kind to one file ended.
struct DamageCounts {
  uint64_t refused = 0;  ///< Open gave an error
  uint64_t read_errors = 0;  ///< some reads gave an error, the rest was right
  uint64_t unharmed = 0;  ///< everything reads right
  uint64_t earlier = 0;  ///< an allowed earlier state
  uint64_t failed = 0;

  uint64_t Total() const {
    return refused + read_errors + unharmed + earlier + failed;
  }
};

struct DamageSweepReport {
  /// By file and kind; damages that change no byte are not counted.
  std::map<std::pair<std::string, DamageKind>, DamageCounts> counts;
  /// Each names the damage, the promise, expected and actual.
  std::vector<std::string> failures;

  uint64_t Total() const;
  /// The counts as a table.
  std::string Table() const;
};

DamageSweepReport RunDamageSweep(const DamageSweepOptions& options);

}  // namespace kv::testing
