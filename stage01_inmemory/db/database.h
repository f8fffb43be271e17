#pragma once

// The database: keys and values are byte strings of any content.
//
// Contract: open with Database::Open; every call returns a Status or a Result
//   that must be looked at. Two keys are the same if their bytes are.
// Threads: one thread at a time; a second one inside a call is a check
//   failure.
// Durability: none. The data ends with the object.
// Errors: InvalidArgument for a key or value over its limit,
//   ResourceExhausted for memory over its limit; a write that fails changes
//   nothing.

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "index/hash_table.h"
#include "kv/options.h"
#include "kv/stats.h"
#include "kv/write_batch.h"

namespace kv {

class Database {
 public:
  /// Errors: NotSupported for a path, since nothing is kept on disk;
  /// InvalidArgument for a limit of 0.
  static Result<std::unique_ptr<Database>> Open(Options options);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Ends the database and returns the last error. Every later call but
  /// Close returns InvalidArgument. The destructor calls it.
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

  explicit Database(const Options& options);

  Status CheckBatch(const WriteBatch& batch) const;
  Status CheckMemory(const WriteBatch& batch) const;
  Status Apply(const WriteBatch& batch);

  const Options options_;
  HashTable table_;
  WriteBatch batch_;  // of Put, Delete and Rename; keeps its memory
  Stats stats_;
  bool closed_ = false;
  std::atomic<bool> in_call_ = false;
};

}  // namespace kv
