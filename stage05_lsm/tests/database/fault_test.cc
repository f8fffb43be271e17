// Goal: whichever call of the file system fails, once or from then on, no
// acknowledged write is lost, no failed one changes anything, no read is
// wrong, and after the fault the database works again.
// Method: random workloads; the Nth call of each kind fails, for N = 1, 2, 3 …
// until a workload ends without having met the fault. Beside the database run
// all states that it may be in: two after a sync that failed, else one.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/random.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "common/testing/crash_workload.h"
#include "common/testing/model_step.h"
#include "common/testing/subject.h"
#include "common/testing/test_size.h"

namespace kv {
namespace {

using testing::ModelMap;
using testing::ModelStep;
using testing::Subject;
using testing::WriteMode;

// What the run is for.
enum class Ending {
  kWorkOn,  ///< the whole workload; then the device is well and all is there
  kLosePower,  ///< the power fails when a call has failed
  /// The power fails later, before the database is opened again: what it
  /// acknowledged as synced in between must be durable.
  kLosePowerLater,
};

// Kinds that cannot hit a sync: a write that fails under them did not happen.
bool LeavesNoDoubt(FaultKind kind) {
  switch (kind) {
    case FaultKind::kReadError:
    case FaultKind::kWriteError:
    case FaultKind::kNoSpace:
    case FaultKind::kShortWrite:
    case FaultKind::kShortRead:
    case FaultKind::kInterrupted:
    case FaultKind::kSyncDirectoryError:
    case FaultKind::kRenameError:
    case FaultKind::kTooManyFiles:
      return true;
    case FaultKind::kSyncError:
    case FaultKind::kAny:
      return false;
  }
  return false;
}

std::string Describe(const ModelMap& state) {
  std::string text = "{";
  for (const auto& [key, value] : state) {
    text += (text.size() > 1 ? ", " : "") + testing::QuoteBytes(key) + ": " +
        testing::QuoteBytes(value);
  }
  return text + "}";
}

// One workload under one fault.
class FaultRun {
 public:
  FaultRun(
      const testing::CrashWorkload& workload, const Fault& fault, Ending ending)
      : workload_(workload), fault_(fault), ending_(ending) {}

  // Returns whether the fault has struck.
  bool Run() {
    faults_.Inject(fault_);
    OpenAgain();
    for (const ModelStep& step : workload_.steps) {
      if (::testing::Test::HasFailure()) break;
      if (stopped_) break;
      TakeStep(step);
    }
    const bool fired = faults_.FaultsFired() > 0;
    if (!::testing::Test::HasFailure()) {
      if (ending_ == Ending::kWorkOn) {
        EndWell();
      } else {
        EndInTheDark();
      }
    }
    return fired;
  }

 private:
  static constexpr char kPath[] = "/db";

  std::string Where() const {
    return std::string(FaultKindName(fault_.kind)) + " at call " +
        std::to_string(fault_.nth) + (fault_.persistent ? " and later" : "") +
        ", step " + std::to_string(steps_) + ": " + step_;
  }

  Result<std::unique_ptr<Subject>> Open(FileSystem* fs) {
    testing::SubjectOptions options;
    options.path = kPath;
    options.file_system = fs;
    options.random = &random_;
    options.tiny_sizes = true;
    return testing::OpenSubject(options);
  }

  void ExpectExcused(const Status& status) {
    EXPECT_GT(faults_.FaultsFired(), 0u)
        << Where() << " failed without a cause: " << status.ToString();
    EXPECT_FALSE(status.message().empty()) << Where();
    EXPECT_NE(status.code(), StatusCode::kCorruption)
        << Where() << ": a call that fails is no damage: " << status.ToString();
    if (ending_ == Ending::kLosePower) stopped_ = true;
  }

  // The database's content, if it can be read; must be a possible state.
  void Compare() {
    if (subject_ == nullptr) return;
    ModelMap content;
    const Result<std::vector<std::string>> keys = subject_->Keys("");
    if (!keys.ok()) return ExpectExcused(keys.status());
    for (const std::string& key : *keys) {
      Result<std::string> value = subject_->Get(key);
      if (!value.ok()) {
        EXPECT_FALSE(value.status().IsNotFound())
            << Where() << ": Keys names " << testing::QuoteBytes(key);
        return ExpectExcused(value.status());
      }
      content[key] = std::move(value).value();
    }
    Settle(content);
  }

  void Settle(const ModelMap& content) {
    if (possible_.count(content) == 0) {
      std::string expected;
      for (const ModelMap& state : possible_) {
        expected += "\n  " + Describe(state);
      }
      ADD_FAILURE() << Where() << ":\nthe database holds\n  "
                    << Describe(content) << "\nand should hold" << expected;
    }
    possible_ = {content};
  }

  // Opens until it works; a fault that stays is taken away after some tries.
  void OpenAgain() {
    for (int tries = 1; subject_ == nullptr; ++tries) {
      Result<std::unique_ptr<Subject>> opened = Open(&faults_);
      if (opened.ok()) {
        subject_ = std::move(opened).value();
        break;
      }
      ExpectExcused(opened.status());
      if (ending_ != Ending::kWorkOn) stopped_ = true;
      if (stopped_ || ::testing::Test::HasFailure()) return;
      if (tries == 2) faults_.ClearFaults();
      if (tries > 2) {
        ADD_FAILURE() << Where() << ": does not open on a device that is well: "
                      << opened.status().ToString();
        return;
      }
    }
    Compare();
    durable_ = possible_;
  }

  void TakeStep(const ModelStep& step) {
    ++steps_;
    step_ = testing::StepLine(step);
    if (subject_ == nullptr) return;
    if (step.kind == ModelStep::Kind::kReopen &&
        ending_ == Ending::kLosePowerLater && faults_.FaultsFired() > 0) {
      stopped_ = true;
      return;
    }
    if (testing::IsWrite(step)) {
      TakeWrite(step);
      return;
    }
    Status status;
    switch (step.kind) {
      case ModelStep::Kind::kSync:
        status = subject_->Sync();
        break;
      case ModelStep::Kind::kFlush:
        status = subject_->Flush();
        break;
      case ModelStep::Kind::kCheckpoint:
        status = subject_->Checkpoint();
        break;
      case ModelStep::Kind::kCompact:
        status = subject_->Compact();
        break;
      case ModelStep::Kind::kReopen:
        status = subject_->Close();
        subject_.reset();
        break;
      default:
        break;
    }
    if (!status.ok()) ExpectExcused(status);
    if (step.kind == ModelStep::Kind::kReopen) {
      if (status.ok()) {
        durable_ = possible_;
      } else if (ending_ == Ending::kLosePowerLater) {
        stopped_ = true;
      }
      if (!stopped_) OpenAgain();
    } else if (status.ok() && step.kind == ModelStep::Kind::kSync) {
      durable_ = possible_;
    }
  }

  void TakeWrite(const ModelStep& step) {
    const Status status = ApplyToSubject(step, step.mode, subject_.get());
    std::set<ModelMap> after;
    for (ModelMap state : possible_) {
      ApplyToModel(step, &state);
      after.insert(std::move(state));
    }
    if (status.ok()) {
      possible_ = std::move(after);
      if (step.mode == WriteMode::kSynced) durable_.clear();
      durable_.insert(possible_.begin(), possible_.end());
      return;
    }
    if (status.IsNotFound() && step.kind == ModelStep::Kind::kRename) return;
    ExpectExcused(status);
    if (!LeavesNoDoubt(fault_.kind)) {
      durable_.insert(after.begin(), after.end());
      possible_.insert(after.begin(), after.end());
    }
    if (!stopped_) Compare();
  }

  // Everything acknowledged is there, and new writes work.
  void EndWell() {
    faults_.ClearFaults();
    step_ = "the device is well again";
    Compare();
    if (subject_ != nullptr) static_cast<void>(subject_->Close());
    subject_.reset();
    OpenAgain();
    if (subject_ == nullptr) return;
    const Status put = subject_->Put("probe", "1", WriteMode::kSynced);
    EXPECT_TRUE(put.ok()) << Where() << ": " << put.ToString();
    std::set<ModelMap> after;
    for (ModelMap state : possible_) {
      state["probe"] = "1";
      after.insert(state);
    }
    possible_ = after;
    const Status closed = subject_->Close();
    EXPECT_TRUE(closed.ok()) << Where() << ": " << closed.ToString();
    subject_.reset();
    OpenAgain();
  }

  // What a power loss leaves that takes all that it can.
  void EndInTheDark() {
    step_ = "the power fails";
    const std::unique_ptr<MemoryFileSystem> disk = memory_.Crash({});
    subject_.reset();
    Result<std::unique_ptr<Subject>> opened = Open(disk.get());
    ASSERT_TRUE(opened.ok()) << Where() << ": " << opened.status().ToString();
    subject_ = std::move(opened).value();
    possible_ = durable_;
    Compare();
    subject_.reset();
  }

  const testing::CrashWorkload& workload_;
  const Fault fault_;
  const Ending ending_;
  SeededRandom random_{1};
  MemoryFileSystem memory_;
  FaultFileSystem faults_{&memory_};
  std::unique_ptr<Subject> subject_;
  std::set<ModelMap> possible_ = {ModelMap()};
  // What a power loss may leave: what is known to be durable, and the states
  // since then.
  std::set<ModelMap> durable_ = {ModelMap()};
  size_t steps_ = 0;
  std::string step_ = "Open";
  bool stopped_ = false;
};

TEST(FaultTest, TheNthCallFails) {
  const uint64_t workloads = testing::Pick<uint64_t>(1, 4, 100);
  std::array<uint64_t, kFaultKinds> struck = {};
  uint64_t runs = 0;
  for (uint64_t i = 0; i < workloads; ++i) {
    const uint64_t seed = testing::TestSeed() + i;
    testing::CrashWorkload workload =
        testing::RandomWorkload(testing::SubjectCapabilities(), seed);
    const size_t steps_max = testing::Pick<size_t>(40, 100, 200);
    workload.steps.resize(std::min(workload.steps.size(), steps_max));
    // Some databases read their files only when they are opened.
    ModelStep reopen;
    reopen.kind = ModelStep::Kind::kReopen;
    workload.steps.insert(
        workload.steps.begin() +
            static_cast<std::ptrdiff_t>(workload.steps.size() / 2),
        reopen);
    for (size_t kind = 0; kind < kFaultKinds; ++kind) {
      for (const bool persistent : {false, true}) {
        for (const Ending ending :
             {Ending::kWorkOn, Ending::kLosePower, Ending::kLosePowerLater}) {
          Fault fault;
          fault.kind = static_cast<FaultKind>(kind);
          fault.persistent = persistent;
          // One that stays ends a run that stops at it as one that does not,
          // and lets nothing be acknowledged later.
          if (persistent && ending != Ending::kWorkOn) continue;
          for (fault.nth = 1;; ++fault.nth) {
            ++runs;
            const bool fired = FaultRun(workload, fault, ending).Run();
            if (::testing::Test::HasFailure()) {
              ADD_FAILURE() << "Replay: " << testing::ReplayCommand(seed);
              return;
            }
            if (!fired) break;
            ++struck[kind];
          }
        }
      }
    }
  }
  std::printf("%llu runs\n", static_cast<unsigned long long>(runs));
  for (size_t kind = 0; kind < kFaultKinds; ++kind) {
    const auto name = FaultKindName(static_cast<FaultKind>(kind));
    std::printf(
        "%-22.*s %8llu\n", static_cast<int>(name.size()), name.data(),
        static_cast<unsigned long long>(struck[kind]));
    // An interrupted call is carried on below this interface.
    if (static_cast<FaultKind>(kind) == FaultKind::kInterrupted) continue;
    EXPECT_GT(struck[kind], 0u) << name << " never struck";
  }
  EXPECT_GE(runs, testing::Pick<uint64_t>(100, 5000, 100000));
}

}  // namespace
}  // namespace kv
