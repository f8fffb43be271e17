#pragma once

// The database: keys and values are byte strings of any content.
//
// Contract: open with Database::Open; every call returns a Status or a Result
//   that must be looked at. Two keys are the same if their bytes are.
// Threads: one thread at a time; a second one inside a call is a check
//   failure.
// Durability: a write that returned Ok with WriteOptions::sync survives a power
//   loss; one without survives the death of the process. After a power loss
//   what is there is a beginning of the acknowledged writes, with every synced
//   one in it.
// Errors: InvalidArgument for a key or value over its limit,
//   ResourceExhausted for memory over its limit, IoError for a file that cannot
//   be written; a write that fails changes nothing. After a failed sync whether
//   its write happened is not known, and every later write returns ReadOnly.
//   Corruption, with file and offset, for bytes that are not what was written.
// Format: docs/format/log.md. A directory has a data.log and a LOCK.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "index/hash_index.h"
#include "index/hash_table.h"
#include "kv/options.h"
#include "kv/stats.h"
#include "kv/write_batch.h"
#include "log/log_format.h"
#include "log/log_reader.h"
#include "log/log_writer.h"

namespace kv {

class Database {
 public:
  /// Opens the database in the directory `options.path`, or makes it. Cuts off
  /// what a crash left of the last writes.
  /// Errors: InvalidArgument for a limit of 0, a directory that holds other
  /// files and no database, a missing parent directory, and if there is no
  /// database and create_if_missing is false; Busy if it is open already;
  /// Corruption; NotSupported for a newer format; IoError.
  static Result<std::unique_ptr<Database>> Open(Options options);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Makes all writes durable, ends the database and returns the last error.
  /// Every later call but Close returns InvalidArgument. The destructor calls
  /// it.
  Status Close();

  /// Sets the value of `key`, whether it had one or not.
  Status Put(
      std::string_view key, std::string_view value,
      const WriteOptions& options = {});

  /// Removes `key`. Ok also if it is not there.
  Status Delete(std::string_view key, const WriteOptions& options = {});

  /// Applies all operations of `batch`, or on an error none.
  Status Write(const WriteBatch& batch, const WriteOptions& options = {});

  /// Gives the value of `from` to `to`, replacing what `to` had, and removes
  /// `from`, all or nothing. NotFound if `from` has no value. Renaming a key
  /// to itself changes nothing.
  Status Rename(
      std::string_view from, std::string_view to,
      const WriteOptions& options = {});

  /// The value of `key`, or NotFound.
  Result<std::string> Get(
      std::string_view key, const ReadOptions& options = {});

  /// As Get, into `*value`; allocates nothing if its capacity suffices. On an
  /// error or NotFound `*value` is left as it was.
  Status GetInto(
      std::string_view key, std::string* value,
      const ReadOptions& options = {});

  /// The results of Get for each key, in their order.
  std::vector<Result<std::string>> MultiGet(
      const std::vector<std::string_view>& keys,
      const ReadOptions& options = {});

  Result<bool> Exists(std::string_view key, const ReadOptions& options = {});

  /// The keys that begin with `prefix`, sorted as unsigned bytes.
  Result<std::vector<std::string>> Keys(
      std::string_view prefix = {}, const ReadOptions& options = {});

  Result<Stats> GetStats();

  /// Makes all writes so far durable.
  Status Sync();

 private:
  // Marks that a call is under way, so that a second thread is caught.
  class Call {
   public:
    explicit Call(Database* database);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// Ok unless the database is closed.
    Status Admit() const;

   private:
    Database* const database_;
  };

  Database(const Options& options, std::unique_ptr<FileSystem> private_fs);

  Status OpenDirectory();
  Status CheckNoForeignFiles();
  Status CreateDataLog();
  Status Recover();
  Result<LogEnd> ReadLog(uint64_t file_bytes);
  void ReportProgress(uint64_t file_bytes);
  Status CheckTornTail(
      LogReader* reader, const LogEnd& end, const Status& damage);

  Status CheckBatch(const WriteBatch& batch) const;
  Status CheckMemory(const WriteBatch& batch) const;
  Status Apply(const WriteBatch& batch, const WriteOptions& options);

  Status VisitLog(
      const std::function<
          void(uint64_t frame, const WriteBatch::Operation& operation)>& visit);
  // What one operation of a batch will change in the index.
  struct IndexChange {
    std::string_view key;  // in the payload
    uint32_t hash;
    bool is_put;
    uint32_t record;  // where the operation begins in the payload
    uint64_t record_bytes;  // how long it is there
    std::optional<Location> old;
    uint64_t old_bytes;
  };
  struct Record {
    Location location;
    uint64_t bytes;  // of the operation in the payload
    std::string_view value;  // in record_buffer_, until the next read
  };

  uint32_t Hash(std::string_view key) const;
  Result<std::optional<Record>> FindRecord(std::string_view key);
  Status PlanIndex(std::string_view payload);
  void ApplyIndex(uint64_t frame, uint64_t frame_bytes);
  Result<HashTable> LiveKeys(std::string_view prefix);

  const Options options_;
  const std::unique_ptr<FileSystem> private_fs_;
  FileSystem* const fs_;
  const std::string log_name_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<RandomFile> file_;  // the log, for reading
  LogIdentity identity_;
  std::unique_ptr<LogWriter> log_;
  uint64_t log_bytes_ = 0;  // how much of the log is read
  std::string read_buffer_;  // of readers of the log; keeps its memory
  std::string record_buffer_;  // of readers of one record; likewise
  const uint64_t hash_seed_;
  HashIndex index_;
  std::vector<IndexChange> changes_;  // of the frame in hand
  uint64_t frames_read_ = 0;  // by Open
  uint64_t reported_nanos_ = 0;  // when Open last reported
  uint64_t live_bytes_ = 0;
  uint64_t dead_bytes_ = 0;
  WriteBatch batch_;  // of Put, Delete and Rename; keeps its memory
  Stats stats_;
  bool closed_ = false;
  std::atomic<bool> in_call_ = false;
};

}  // namespace kv
