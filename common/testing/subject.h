#pragma once

// The adapter through which the testing tools reach a stage's Database.
//
// A stage's test support (tests/support/subject.cc) defines the two functions
// OpenSubject and SubjectCapabilities over its own kv::Database. The tools in
// common/testing see a Subject only, so that one model tester, one crash
// explorer and one damage sweep serve every stage, and so that a planted
// wrong database can be put in a right one's place to prove the tools.
//
// Contract: the adapter passes calls on and adds nothing: no cache, no retry,
//   no check of its own. A call that SubjectCapabilities() says is not there
//   returns NotSupported.
// Threads: as the stage's Database.
// Ownership: the pointers in SubjectOptions are borrowed and outlive the
//   Subject.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "common/testing/crash_states.h"

namespace kv::testing {

/// What a write that returned Ok has promised.
enum class WriteMode {
  kUnsynced,  ///< survives the death of the process
  kSynced,  ///< survives power loss
};

/// One operation of a batch.
struct BatchOperation {
  enum class Kind { kPut, kDelete };

  Kind kind = Kind::kPut;
  std::string key;
  std::string value;  ///< empty for a delete
};

struct SubjectOptions {
  /// The database's directory; empty for a private database in memory. A
  /// stage that keeps nothing on disk answers NotSupported to a path.
  std::string path;
  /// Null: the machine's own.
  FileSystem* file_system = nullptr;
  /// Null: Random::System().
  Random* random = nullptr;

  uint64_t key_bytes_max = 1024;
  uint64_t value_bytes_max = 1024 * 1024;
  uint64_t memory_bytes_max = 1024 * 1024 * 1024;

  /// Buffers, blocks and segments as small as the stage allows (memtable
  /// 1 KiB, block 128 B, segment 512 B), so that a few dozen operations
  /// reach flushes, rotations and compactions.
  bool tiny_sizes = false;
};

/// What a stage's Database can do, and what lies in its directory.
struct Capabilities {
  bool persistent = false;  ///< a path may be given; data outlives Close
  bool sync = false;  ///< Sync() and WriteMode::kSynced
  bool scan = false;  ///< Scan()
  bool checkpoint = false;  ///< Checkpoint()
  bool flush = false;  ///< Flush()
  bool compact = false;  ///< Compact()
  bool exact_counts = false;  ///< EstimatedKeys() is the exact number
  /// A Flush or Checkpoint that finds the disk full changes nothing, and writes
  /// go on.
  bool survives_full_disk = false;

  /// What no crash of this database can leave, each with the reason beside it.
  std::vector<CrashKind> crash_kinds_never;

  /// Every name that may stand in the directory after a clean open, as
  /// patterns for MatchesFilePattern. Another name is an orphan.
  std::vector<std::string> file_patterns;
  /// The logs among them, as a pattern; the last log is the one with the
  /// greatest number. Empty where there is no log.
  std::string log_pattern;
};

/// An open database.
class Subject {
 public:
  virtual ~Subject() = default;

  virtual Status Put(
      std::string_view key, std::string_view value, WriteMode mode) = 0;
  virtual Status Delete(std::string_view key, WriteMode mode) = 0;
  /// One WriteBatch.
  virtual Status Write(
      const std::vector<BatchOperation>& batch, WriteMode mode) = 0;
  virtual Status Rename(
      std::string_view from, std::string_view to, WriteMode mode) = 0;

  virtual Result<std::string> Get(std::string_view key) = 0;
  virtual Result<bool> Exists(std::string_view key) = 0;
  virtual std::vector<Result<std::string>> MultiGet(
      const std::vector<std::string>& keys) = 0;
  virtual Result<std::vector<std::string>> Keys(std::string_view prefix) = 0;
  /// Stats::estimated_keys.
  virtual Result<uint64_t> EstimatedKeys() = 0;

  /// The database is closed afterwards, whatever this returns; the Subject
  /// may only be destroyed. Destroying it without Close is a close too; a
  /// crash is made with the file system, not here.
  virtual Status Close() = 0;

  virtual Status Sync();
  virtual Status Checkpoint();
  virtual Status Flush();
  virtual Status Compact();
  /// Entries with start <= key < end, in order; an empty `end` has no bound.
  virtual Result<std::vector<std::pair<std::string, std::string>>> Scan(
      std::string_view start, std::string_view end);
};

/// How a tool opens a database: OpenSubject, or a planted fault.
using SubjectFactory =
    std::function<Result<std::unique_ptr<Subject>>(const SubjectOptions&)>;

/// Opens the stage's Database, creating it if it is not there. Defined in the
/// stage's tests/support/subject.cc.
Result<std::unique_ptr<Subject>> OpenSubject(const SubjectOptions& options);

/// Defined in the stage's tests/support/subject.cc.
Capabilities SubjectCapabilities();

/// Whether `name` is `pattern`, in which `*` stands for any bytes, none too,
/// and `#` for one or more decimal digits: "data.log", "#.sst", "LOCK".
bool MatchesFilePattern(std::string_view name, std::string_view pattern);

/// The greatest of `names` that matches capabilities.log_pattern, or "". Digits
/// in them are compared as numbers: "1000000.wal" is behind "999999.wal".
std::string LastLogName(
    const Capabilities& capabilities, const std::vector<std::string>& names);

}  // namespace kv::testing
