#pragma once

// The database: keys and values are byte strings of any content.
//
// Contract: open with Database::Open; every call returns a Status or a Result
//   that must be looked at. Two keys are the same if their bytes are.
// Threads: one thread at a time; a second one inside a call is a check
//   failure.
// Durability: a write that returned Ok with WriteOptions::sync, or under
//   SyncPolicy::kEveryWrite, survives a power loss; one without survives the
//   death of the process. After a power loss what is there is a beginning of
//   the acknowledged writes, with every synced one in it.
// Errors: InvalidArgument for a key or value over its limit,
//   ResourceExhausted for memory over its limit, IoError for a file that cannot
//   be written; a write that fails changes nothing. After a failed sync whether
//   its write happened is not known, and every later write returns ReadOnly.
//   Corruption, with file and offset, for bytes that are not what was written.
// Format: docs/format/log.md, table.md, manifest.md. A directory has tables,
//   the segments of the log behind them, a manifest, CURRENT, and a LOCK.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/fs/file_system.h"
#include "db/read_view.h"
#include "kv/iterator.h"
#include "kv/options.h"
#include "kv/stats.h"
#include "kv/write_batch.h"
#include "log/wal.h"
#include "version/version_set.h"

namespace kv {

struct KeyValue {
  std::string key;
  std::string value;
};

class Database {
 public:
  /// Opens the database in the directory `options.path`, or makes it. Cuts off
  /// what a crash left of the last writes.
  /// Errors: InvalidArgument for a limit of 0, a directory that holds other
  /// files and no database, a missing parent directory, and if there is no
  /// database and create_if_missing is false; Busy if it is open already;
  /// Corruption; NotSupported for a newer or an earlier form; IoError.
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

  /// The keys with start <= key < end and their values, in ascending order; an
  /// empty `end` is no bound.
  Result<std::vector<KeyValue>> Scan(
      std::string_view start, std::string_view end,
      const ReadOptions& options = {});

  /// As Scan, for the keys that begin with `prefix`.
  Result<std::vector<KeyValue>> ScanPrefix(
      std::string_view prefix, const ReadOptions& options = {});

  /// An iterator over all keys as they are at this moment, in ascending order.
  /// No later write or flush changes what it gives. It ends before the
  /// database.
  Result<std::unique_ptr<Iterator>> NewIterator(
      const ReadOptions& options = {});

  /// As Flush: everything is in tables then, and the log is empty.
  Status Checkpoint();

  Result<WalStatus> GetWalStatus();

  /// Ends the log's segment, unless it is empty, and begins another.
  Status RotateWal();

  /// As Flush, and drops the archived segments too.
  Status ClearWal();

  /// What Open found.
  Result<RecoveryReport> GetRecoveryReport();

  /// Writes what is in memory to a table, durably, and drops the log of it.
  Status Flush();

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
  Result<bool> FindDatabase(const std::vector<std::string>& names) const;
  Status Create(const std::vector<std::string>& names);
  Status Recover(const std::vector<std::string>& names);
  Status RecoverLog(const std::vector<std::string>& names);
  Status ReplaceDamagedFiles(const std::vector<std::string>& names);
  Result<uint64_t> KeepDamagedFiles(
      const std::vector<std::string>& names) const;
  Status RemoveOrphans();
  void ReportProgress(uint64_t bytes_done);

  Result<std::optional<std::string_view>> Find(std::string_view key);
  Result<std::vector<KeyValue>> Collect(
      std::string_view start,
      const std::function<bool(std::string_view key)>& is_in);

  Status CheckBatch(const WriteBatch& batch) const;
  Status MakeRoom(const WriteBatch& batch);
  uint64_t MemoryBytes() const;
  uint64_t DiskBytes() const;
  Status Apply(const WriteBatch& batch, const WriteOptions& options);

  Status FlushMemTable();
  void BeginMemTable();
  Status FlushImmutable();
  Result<TableMetadata> WriteTable(const MemTable& memtable);

  const Options options_;
  const std::unique_ptr<FileSystem> private_fs_;
  FileSystem* const fs_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Wal> wal_;
  std::unique_ptr<VersionSet> versions_;
  ReadView view_;  // what reads look at; only a flush changes it
  uint64_t last_sequence_ = 0;  // of the last write
  // What is behind the immutable memtable in the log, and its last write.
  uint64_t immutable_end_segment_ = 0;
  uint64_t immutable_last_sequence_ = 0;
  // Its table, if that is written and only the manifest does not name it.
  std::optional<Version::Table> unnamed_table_;
  RecoveryReport recovery_;
  // What Open has to read of the log.
  uint64_t open_bytes_total_ = 0;
  uint64_t records_read_ = 0;  // by Open
  uint64_t reported_nanos_ = 0;  // when Open last reported, or began
  WriteBatch batch_;  // of Put, Delete and Rename; keeps its memory
  std::string read_buffer_;  // of Find; keeps its memory
  Stats stats_;
  bool closed_ = false;
  std::atomic<bool> in_call_ = false;
};

}  // namespace kv
