#pragma once

// One workload under the crash explorer. Private to the explorer.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "common/testing/crash_explorer.h"
#include "common/testing/crash_tally.h"

namespace kv::testing::internal {

/// The directory of every explored database.
inline constexpr std::string_view kCrashDirectory = "/db";

/// Takes one workload through all its crashes.
class CrashRun {
 public:
  /// Crashes at one in `sample` calls.
  CrashRun(
      CrashTally* tally, const CrashWorkload& workload, uint64_t seed,
      uint64_t sample);

  void Run();

 private:
  // What a recovered database may hold: any of these.
  struct Allowed {
    std::span<const ModelMap> contents;
    std::span<const uint64_t> hashes;
    size_t first_write = 0;  // which of the workload's writes comes next
    bool is_nested = false;

    int IndexOf(uint64_t hash) const;
  };
  // Which crash is being looked at, for the text of a failure.
  struct Point {
    CrashKind kind = CrashKind::kDropAll;
    std::string_view what;
    std::string_view nested;  // where the second crash was
  };

  // The workload, step by step.
  bool Open();
  void TakeStep(const ModelStep& step);
  Status TakeFlush(const ModelStep& step);
  void TakeReopen();
  void OnCall();
  void CrashHere();
  Allowed AllowedAfterPowerLoss() const;
  Allowed AllowedAfterProcessDeath() const;
  Allowed Writes(size_t from, size_t to) const;

  // One disk.
  void CheckDisk(
      std::unique_ptr<MemoryFileSystem> disk, const Point& point,
      const Allowed& allowed);
  void CheckProcessDeath(const Allowed& allowed);
  bool NestsOn(CrashKind kind);
  bool CheckContent(
      const ModelMap& content, const std::string& files, const Point& point,
      const Allowed& allowed, size_t* index);
  bool CheckNames(MemoryFileSystem* disk, const Point& point);
  bool CheckMoreWrites(
      MemoryFileSystem* disk, std::unique_ptr<Subject> subject,
      ModelMap content, const Point& point, size_t next_write);
  void CrashAgain(
      std::unique_ptr<MemoryFileSystem> disk, const Point& point,
      const ModelMap& content, size_t next_write);

  Result<std::unique_ptr<Subject>> OpenOn(FileSystem* fs, SeededRandom* random);
  ModelStep NextWrite(size_t index, uint64_t tag) const;
  void Fail(
      int contract, std::string promise, std::string expected,
      std::string actual, const Point& point, std::string files);
  std::string DescribeMismatch(
      const ModelMap& content, const Allowed& allowed, int* contract,
      std::string* promise) const;
  bool IsPartOfBatch(uint64_t hash) const;

  CrashTally* const tally_;
  const CrashWorkload& workload_;
  SeededRandom random_;
  const uint64_t sample_;

  // contents_[n] is what the database holds after n writes.
  std::vector<ModelMap> contents_;
  std::vector<uint64_t> hashes_;
  std::vector<const ModelStep*> writes_;

  MemoryFileSystem fs_;
  FaultFileSystem faults_{&fs_};
  SeededRandom subject_random_{1};
  std::unique_ptr<Subject> subject_;
  size_t acknowledged_ = 0;  // writes that returned Ok
  bool in_flight_ = false;  // another one is running
  size_t durable_ = 0;  // writes that a power loss must leave
  bool durable_by_reopen_ = false;
  const ModelStep* step_ = nullptr;
  bool crashing_ = false;
};

/// What is in the database, or the error that it answered.
Result<ModelMap> ReadAll(Subject* subject);

}  // namespace kv::testing::internal
