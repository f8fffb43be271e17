#pragma once

// Files in memory that can lose power.
//
// Two uses: the private file system of a database that has no directory
// (CrashModel::kNone: nothing but the data is kept), and crash tests
// (CrashModel::kRecord), where each file remembers its writes since its last
// Sync and each directory its changes since its last SyncDirectory.
// Unsynced() shows them, and Crash() builds the disk that a power loss could
// leave.
//
// Contract: the model is as unkind as POSIX allows. What was not synced may
//   survive or not, each file and each name for itself, in any order. A
//   file's Sync says nothing about its name; SyncDirectory says nothing about
//   the content of the files in it.
// Threads: any, as for every FileSystem. The observer runs in the thread that
//   made the call, with no lock held.
// Limits: the root directory exists under the names "", "/" and "."; "." and
//   empty parts of a path are dropped; ".." is not supported.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/fs/file_system.h"
#include "common/fs/power_loss.h"

namespace kv {

/// The AppendFile of a MemoryFileSystem, for tests that reach behind it.
class MemoryAppendFile : public AppendFile {
 public:
  /// A Sync that fails the way systems do: the pages that were not durable
  /// count as clean from now on. Readers go on seeing them, a later Sync
  /// returns Ok, and a crash loses them.
  virtual void LoseUnsynced() = 0;
};

class MemoryFileSystem : public FileSystem {
 public:
  enum class CrashModel {
    kNone,  ///< nothing is recorded; Crash() is not allowed
    kRecord,
  };

  explicit MemoryFileSystem(CrashModel model = CrashModel::kRecord);
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<AppendFile>> OpenForAppend(
      const std::string& path, AppendMode mode) override;
  Result<std::unique_ptr<RandomFile>> OpenForRandomRead(
      const std::string& path) override;
  Result<std::unique_ptr<SequentialFile>> OpenForSequentialRead(
      const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Result<uint64_t> FileSize(const std::string& path) override;
  Result<bool> Exists(const std::string& path) override;
  Status CreateDirectory(const std::string& path) override;
  Status RemoveDirectory(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status HardLink(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

  /// The memory that file contents take, counted in whole chunks. O(1).
  uint64_t BytesInUse() const;

  /// How many calls that change files, names or their durability were made:
  /// Append, Sync, Truncate, create, remove, rename, link, SyncDirectory.
  uint64_t MutatingCalls() const;

  /// `observer` is called after each mutating call, with the call's number
  /// (from 1). Set it while no other thread is in a call; null: none.
  void SetObserver(std::function<void(uint64_t call)> observer);

  /// What is not durable at this moment.
  UnsyncedChanges Unsynced() const;

  /// The disk after a power loss, in which everything is durable. Handles and
  /// locks of this file system are not part of it.
  std::unique_ptr<MemoryFileSystem> Crash(const CrashChoice& choice) const;

  /// What the next process finds after the death of this one: all of it,
  /// still not durable, with no lock held.
  std::unique_ptr<MemoryFileSystem> ProcessDeath() const;

  /// A hash of all names and contents. Equal trees have equal hashes.
  uint64_t TreeHash() const;

  struct File;
  struct Directory;
  struct Entry;
  struct Shared;

 private:
  class CrashBuilder;
  class Cloner;

  // The directory that holds the last part of `path`, and that part.
  struct Place {
    Directory* directory = nullptr;
    std::string name;
  };

  Directory* FindDirectory(std::string_view path) const KV_REQUIRES(mutex_);
  Result<Place> FindPlace(const char* what, const std::string& path) const
      KV_REQUIRES(mutex_);
  Result<std::shared_ptr<File>> FindFile(
      const char* what, const std::string& path) const KV_REQUIRES(mutex_);
  void Change(
      Directory* directory, NameChange::Kind kind, const std::string& name,
      const std::string& old_name, const Entry& entry) KV_REQUIRES(mutex_);
  std::shared_ptr<File> NewFile() const;

  // Guards the tree: directories, names, and which files are locked. Contents
  // have a mutex of their own each, taken after this one.
  mutable Mutex mutex_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Directory> root_ KV_GUARDED_BY(mutex_);
};

}  // namespace kv
