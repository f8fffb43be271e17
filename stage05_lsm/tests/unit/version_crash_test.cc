// Goal: an edit that was applied is there after every crash and every error,
// one that was not is not, and neither is half of one.
// Method: a crash at every call, in every form that the disk may take, with
// another one at every call of the recovery; a fault of each kind at every
// call.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "common/testing/crash_states.h"
#include "support/version_verbs.h"

namespace kv {
namespace {

// The disk must open as one of `allowed`, without orphans go on with a flush,
// and open again. `nested` crashes its recovery too.
void CheckCrash(
    MemoryFileSystem& fs, const std::set<std::string>& allowed, bool nested,
    const std::string& what) {
  SCOPED_TRACE(what);
  const Options options =
      OptionsFor(&fs, RecoveryMode::kAutomatic, kTinyManifest);
  if (nested) {
    fs.SetObserver([&](uint64_t call) {
      for (const bool keep : {false, true}) {
        CrashChoice choice;
        choice.keep_unsynced = keep;
        CheckCrash(
            *fs.Crash(choice), allowed, false,
            "and call " + std::to_string(call) + " of the recovery");
      }
    });
  }
  VersionSet set(options);
  const Result<bool> exists = IsDatabase(&fs);
  ASSERT_TRUE(exists.ok()) << exists.status().ToString();
  const Status begun = *exists ? RecoverAll(set) : set.Create();
  ASSERT_TRUE(begun.ok()) << begun.ToString();
  ASSERT_TRUE(allowed.count(*exists ? Describe(set) : kNone) > 0)
      << "found " << (*exists ? Describe(set) : kNone) << ", allowed is "
      << *allowed.begin() << " or " << *allowed.rbegin();
  MustBeOk(RemoveOrphans(&fs, set), "RemoveOrphans");
  fs.SetObserver(nullptr);
  const std::string found = Describe(set);
  // What was read is durable.
  {
    const auto after = fs.Crash({});
    VersionSet same(OptionsFor(after.get()));
    const Status status = RecoverAll(same);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(Describe(same), found);
  }
  MustBeOk(Flush(&fs, set), "Flush");
  const auto after = fs.Crash({});
  VersionSet later(OptionsFor(after.get()));
  const Status status = RecoverAll(later);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_EQ(Describe(later), Describe(set));
}

TEST(VersionSetCrashTest, EveryCrashLeavesTheOldStateOrTheNewOne) {
  Directory directory;
  directory.manifest_bytes_max = kTinyManifest;
  MemoryFileSystem& memory = directory.disk.memory();
  std::set<std::string> allowed = {kNone, AfterFlushes(0)};
  std::set<uint64_t> seen;
  uint64_t states = 0;
  memory.SetObserver([&](uint64_t call) {
    if (::testing::Test::HasFailure()) return;
    const auto check = [&](const std::string& what, auto fs) {
      std::string key;
      for (const std::string& state : allowed) key += state + "|";
      if (!seen.insert(fs->TreeHash() ^ std::hash<std::string>()(key)).second) {
        return;
      }
      ++states;
      CheckCrash(
          *fs, allowed, true, "call " + std::to_string(call) + ": " + what);
    };
    check("the process dies", memory.ProcessDeath());
    testing::ForEachCrashState(
        memory.Unsynced(), [&](const testing::CrashState& state) {
          check(state.what, memory.Crash(state.choice));
          return !::testing::Test::HasFailure();
        });
  });
  const uint64_t flushes = testing::Pick<uint64_t>(4, 9, 20);
  auto set = directory.Create();
  for (uint64_t i = 0; i < flushes; ++i) {
    allowed = {AfterFlushes(i), AfterFlushes(i + 1)};
    directory.Flush(*set);
    allowed = {AfterFlushes(i + 1)};
    if (i % 2 == 1) {
      MustBeOk(set->Close(), "Close");
      set = directory.Recover();
    }
  }
  memory.SetObserver(nullptr);
  EXPECT_NE(set->ManifestName(), kFirstManifest) << "none was followed";
  EXPECT_GT(states, 200u);
  RecordProperty("states", std::to_string(states));
}

// What Describe says after one more call of Flush.
std::string AfterOneMore(const VersionSet& set) {
  const std::string now = Describe(set);
  return "segment " + std::to_string(set.FirstSegment() + 1) + ", sequence " +
      std::to_string(set.LastSequence() + 10) + ", tables " +
      std::to_string(set.NextTableNumber()) +
      now.substr(now.find(", tables") + 8);
}

// Creates and flushes with faults about. What fails must change nothing.
// Returns what the disk may say afterwards.
std::set<std::string> RunWithFaults(
    Directory& directory, std::unique_ptr<VersionSet>* set) {
  std::set<std::string> allowed = {AfterFlushes(0)};
  *set = directory.New({});
  if (!(*set)->Create().ok()) return {kNone, AfterFlushes(0)};
  for (int i = 0; i < 4; ++i) {
    const std::string before = Describe(**set);
    const std::string tried = AfterOneMore(**set);
    const uint64_t number = (*set)->NextTableNumber();
    const Status flushed = Flush(&directory.fs(), **set);
    if (flushed.ok()) {
      allowed = {Describe(**set)};
      continue;
    }
    EXPECT_NE(flushed.code(), StatusCode::kCorruption) << flushed.ToString();
    EXPECT_EQ(Describe(**set), before) << flushed.ToString();
    // What the edit would have led to, which a crash may bring back.
    if ((*set)->NextTableNumber() > number) allowed.insert(tried);
  }
  return allowed;
}

TEST(VersionSetFaultTest, ACallThatFailsChangesNothing) {
  uint64_t runs = 0;
  uint64_t went_on = 0;
  for (size_t kind = 0; kind < kFaultKinds; ++kind) {
    for (const bool persistent : {false, true}) {
      for (const bool keep_unsynced : {false, true}) {
        for (uint64_t nth = 1;; ++nth) {
          Fault fault;
          fault.kind = static_cast<FaultKind>(kind);
          fault.nth = nth;
          fault.persistent = persistent;
          SCOPED_TRACE(
              std::string(FaultKindName(fault.kind)) + " at " +
              std::to_string(nth) + (persistent ? " and after" : ""));
          Directory directory;
          directory.manifest_bytes_max = kTinyManifest;
          directory.fs().Inject(fault);
          std::unique_ptr<VersionSet> set;
          std::set<std::string> allowed = RunWithFaults(directory, &set);
          const uint64_t fired = directory.fs().FaultsFired();
          directory.fs().ClearFaults();
          if (fired == 0) break;
          ++runs;
          const bool was_created = allowed.count(kNone) == 0;
          if (was_created && set->ReadOnlyCause().ok()) {
            ++went_on;
            directory.Flush(*set);
            allowed = {Describe(*set)};
          }
          directory.disk.LosePower(keep_unsynced);
          const auto again = directory.New({});
          const Result<bool> exists = directory.Exists();
          ASSERT_TRUE(exists.ok()) << exists.status().ToString();
          if (*exists) MustBeOk(RecoverAll(*again), "Recover");
          const std::string found = *exists ? Describe(*again) : kNone;
          ASSERT_TRUE(allowed.count(found) > 0)
              << "found " << found << ", allowed is " << *allowed.begin()
              << " or " << *allowed.rbegin();
          ASSERT_LT(nth, 1000u);
        }
      }
    }
  }
  EXPECT_GT(runs, 500u);
  EXPECT_GT(went_on, 100u);
}

TEST(VersionSetFaultTest, AFaultWhileRecoveringIsNeverTakenForDamage) {
  for (size_t kind = 0; kind < kFaultKinds; ++kind) {
    for (const RecoveryMode mode : kModes) {
      for (uint64_t nth = 1;; ++nth) {
        Directory directory(3, false);
        const std::string torn =
            directory.disk.Content(kFirstManifest) + std::string(50, 'x');
        if (mode != RecoveryMode::kStrict) {
          directory.disk.SetContent(kFirstManifest, torn);
        }
        Fault fault;
        fault.kind = static_cast<FaultKind>(kind);
        fault.nth = nth;
        directory.fs().Inject(fault);
        const auto set = directory.New(mode);
        const Status status = RecoverAll(*set);
        const uint64_t fired = directory.fs().FaultsFired();
        directory.fs().ClearFaults();
        SCOPED_TRACE(
            std::string(FaultKindName(fault.kind)) + " at " +
            std::to_string(nth) + ": " + status.ToString());
        if (status.ok()) {
          ASSERT_EQ(Describe(*set), AfterFlushes(3));
          ASSERT_TRUE(set->Skipped().empty());
        }
        ASSERT_NE(status.code(), StatusCode::kCorruption);
        ASSERT_EQ(directory.Found(mode), AfterFlushes(3));
        if (fired == 0) break;
      }
    }
  }
}

// A rename that says it failed may have been done all the same.
class LyingFileSystem : public FaultFileSystem {
 public:
  using FaultFileSystem::FaultFileSystem;
  Status Rename(const std::string& from, const std::string& to) override {
    KV_RETURN_IF_ERROR(FaultFileSystem::Rename(from, to));
    return lies ? Status::IoError("rename: no luck") : Status::Ok();
  }
  bool lies = false;
};

TEST(VersionSetFaultTest, ARenameThatFailedAfterTheDeedMakesItReadOnly) {
  Directory directory;
  LyingFileSystem fs(&directory.disk.memory());
  VersionSet set(OptionsFor(&fs, RecoveryMode::kAutomatic, kTinyManifest));
  MustBeOk(set.Create(), "Create");
  std::string last = Describe(set);
  fs.lies = true;
  Status status;
  for (int i = 0; i < 20 && status.ok(); ++i) {
    last = Describe(set);
    status = Flush(&fs, set);
  }
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Describe(set), last);
  EXPECT_FALSE(set.ReadOnlyCause().ok())
      << "an edit in the old manifest would be lost";
}

// Refuses to remove a manifest, once.
class KeepingFileSystem : public FaultFileSystem {
 public:
  using FaultFileSystem::FaultFileSystem;
  Status Remove(const std::string& path) override {
    if (keeps && ManifestNumber(BaseName(path)).has_value()) {
      keeps = false;
      return Status::IoError("remove: no luck");
    }
    return FaultFileSystem::Remove(path);
  }
  bool keeps = true;
};

// CURRENT names the new one by then: edits in the old one would be lost.
TEST(VersionSetFaultTest, AnOldManifestThatIsNotRemovedDoesNotCountAllTheSame) {
  Directory directory;
  MemoryFileSystem& memory = directory.disk.memory();
  KeepingFileSystem fs(&memory);
  VersionSet set(OptionsFor(&fs, RecoveryMode::kAutomatic, kTinyManifest));
  MustBeOk(set.Create(), "Create");
  std::set<std::string> allowed;
  memory.SetObserver([&](uint64_t call) {
    for (const bool keep : {false, true}) {
      if (::testing::Test::HasFailure()) return;
      CrashChoice choice;
      choice.keep_unsynced = keep;
      CheckCrash(
          *memory.Crash(choice), allowed, false,
          "call " + std::to_string(call) + ", keep " + std::to_string(keep));
    }
  });
  for (int i = 0; i < 8; ++i) {
    allowed.insert({Describe(set), AfterOneMore(set)});
    if (Flush(&fs, set).ok()) allowed = {Describe(set)};
  }
  memory.SetObserver(nullptr);
  EXPECT_FALSE(fs.keeps) << "no manifest was followed by another";
  EXPECT_TRUE(set.ReadOnlyCause().ok()) << "no sync has failed";
  EXPECT_EQ(directory.Found(), Describe(set));
}

}  // namespace
}  // namespace kv
