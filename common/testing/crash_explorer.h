#pragma once

// Cuts the power at every call of a workload, in every way that a file system
// allows, and sees whether the database keeps its promises.
//
// For each call of a workload that changes a file, every disk is built that a
// power loss there can leave (crash_states.h). Each different one is opened,
// and then:
//   1. it opens without an error;
//   2. what it holds is a prefix of the acknowledged writes, batches whole,
//      with every write that was synced, and with what an earlier opening
//      returned;
//   3. no file is there that the database does not know;
//   4. five more synced writes work, survive one more crash, and are all that
//      there is afterwards.
// A sample of them crashes once more at each call of the recovery and of the
// first new write. And at each call the process alone may die: then all
// acknowledged writes are there, and what the next process shows its readers
// survives a power loss after that.
//
// Contract: the database is deterministic for a given seed of its Random. One
//   thread calls it at a time.
// Threads: with CrashOptions::threads > 1 workloads run side by side, each
//   with its own database and file system.
// Limits: one level of nesting.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/testing/crash_states.h"
#include "common/testing/crash_workload.h"
#include "common/testing/subject.h"

namespace kv::testing {

struct CrashOptions {
  SubjectFactory open;
  Capabilities capabilities;
  /// Sizes and limits; path, file system and random are the explorer's own.
  SubjectOptions subject;

  uint64_t seed = 1;
  /// Stops after so many different states.
  uint64_t states_max = 10'000;
  unsigned threads = 1;
  /// Instead of short and random ones.
  std::vector<CrashWorkload> workloads;
};

/// A promise that did not hold.
struct CrashFailure {
  int contract = 0;  ///< its number in docs/design.md
  std::string promise;
  std::string expected;
  std::string actual;
  CrashKind kind = CrashKind::kDropAll;
  uint64_t call = 0;  ///< the mutating call of the workload, from 1
  std::string when;  ///< which step was running, and what survived
  std::vector<ModelStep> steps;
  std::string files;  ///< the disk that was opened
  uint64_t seed = 0;

  /// Everything, as the text of a failed test.
  std::string Text() const;
};

struct CrashReport {
  std::optional<CrashFailure> failure;
  /// Different disks, by what made them first and by group of workloads.
  std::map<std::string, std::array<uint64_t, kCrashKinds>> states;
  /// States built, the same ones counted again.
  std::array<uint64_t, kCrashKinds> built = {};
  uint64_t workloads = 0;
  uint64_t calls = 0;  ///< mutating calls at which the power was cut

  uint64_t AllStates() const;
  uint64_t StatesOf(CrashKind kind) const;
  /// A table by kind and group.
  std::string Text() const;
  /// Why this run proves less than it was to prove, a sentence each: a kind of
  /// which nothing was built, or which gave no new disk though every database
  /// that can have it has such; a kind that is said to be impossible, and is
  /// not; fewer states than were asked for.
  std::vector<std::string> Gaps(const CrashOptions& options) const;
};

CrashReport ExploreCrashes(const CrashOptions& options);

/// The body of a stage's test: explores `states_max` states, prints the table,
/// and fails the current test with CrashFailure::Text() or for each of the
/// Gaps.
void RunCrashExploration(const CrashOptions& options);

}  // namespace kv::testing
