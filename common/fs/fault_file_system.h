#pragma once

// A file system over another one that fails on demand and counts calls.
//
// Contract: inject a fault, run the workload, look at FaultsFired(): a
//   workload that ended with none fired had no such call left, which is how
//   "fail the Nth call, for N = 1, 2, 3 …" knows its end. Counts show what an
//   operation cost: "a synced put is one Append and one Sync".
// Threads: any.
// Ownership: the base is borrowed; it outlives this and all handles.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/fs/fault_kinds.h"
#include "common/fs/file_system.h"

namespace kv {

struct Fault {
  FaultKind kind = FaultKind::kAny;
  /// The first of the calls that this kind can fail that does fail, from 1,
  /// counted from Inject on.
  uint64_t nth = 1;
  /// Whether all later ones fail too.
  bool persistent = false;
  /// Only calls whose path contains this.
  std::string path_part;
};

class FaultFileSystem : public FileSystem {
 public:
  explicit FaultFileSystem(FileSystem* base);
  ~FaultFileSystem() override;

  /// From now on; several faults may be active. One call meets at most one.
  void Inject(const Fault& fault);
  /// The device is well again.
  void ClearFaults();
  /// How often an injected fault has struck since Inject of the first one
  /// after ClearFaults or the beginning.
  uint64_t FaultsFired() const;

  /// Calls since the beginning or ResetCounts, failed ones included.
  uint64_t Calls(FileCall call) const;
  uint64_t AllCalls() const;
  uint64_t BytesAppended() const;
  void ResetCounts();

  Result<std::unique_ptr<AppendFile>> OpenForAppend(
      const std::string& path, AppendMode mode) override;
  Result<std::unique_ptr<RandomFile>> OpenForRandomRead(
      const std::string& path) override;
  Result<std::unique_ptr<SequentialFile>> OpenForSequentialRead(
      const std::string& path) override;
  Result<std::unique_ptr<RandomFile>> OpenForMappedRead(
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

  /// What is to happen to a call. Used by the handles.
  struct Verdict {
    bool fails = false;
    FaultKind kind = FaultKind::kAny;
    Status error;
  };
  Verdict Judge(FileCall call, const std::string& path);
  void CountAppended(size_t bytes);

 private:
  struct Active {
    Fault fault;
    uint64_t seen = 0;
  };

  FileSystem* const base_;
  mutable Mutex mutex_;
  std::vector<Active> faults_ KV_GUARDED_BY(mutex_);
  uint64_t fired_ KV_GUARDED_BY(mutex_) = 0;
  uint64_t bytes_appended_ KV_GUARDED_BY(mutex_) = 0;
  std::array<uint64_t, kFileCallKinds> calls_ KV_GUARDED_BY(mutex_) = {};
};

}  // namespace kv
