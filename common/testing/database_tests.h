#pragma once

// Whole-database tests that are the same for every stage, ready to be called
// from a TEST body:
//
//   TEST(DatabaseModelTest, AgreesWithAMap) { RunDatabaseModelTest(); }
//
// Failures are reported as GoogleTest failures of the calling test. The
// functions here only hand the stage's own OpenSubject to the tools.

#include <cstddef>
#include <cstdint>

#include "common/testing/damage.h"
#include "common/testing/database_history.h"
#include "common/testing/subject.h"

namespace kv::testing {

struct ModelTestPlan {
  size_t runs = 0;  ///< each with a seed of its own
  size_t steps = 500;  ///< operations a run
};

/// Runs as many random lists of operations as KV_TEST_SIZE asks for.
ModelTestPlan DefaultModelTestPlan();

/// Compares the database with std::map. Every third run is in memory; the
/// others, where the database is persistent, in a directory, half of them
/// with the smallest sizes. Stops at the first run that breaks a promise.
void RunModelTests(
    const SubjectFactory& open, const Capabilities& capabilities,
    const ModelTestPlan& plan);

inline void RunDatabaseModelTest(
    const ModelTestPlan& plan = DefaultModelTestPlan()) {
  RunModelTests(OpenSubject, SubjectCapabilities(), plan);
}

struct DamageTestPlan {
  DamagePlan damage;
  HistoryPlan history;
  /// At least 2. Of more files of a kind than this the others get one damage
  /// of each kind.
  size_t whole_files_max = SIZE_MAX;
  /// Fewer damages than this in all are a failure.
  uint64_t damages_min = 0;
};

/// Every `stride`-th byte in the quick size, every byte in the full one and
/// every bit in the deep one.
DamageTestPlan DefaultDamageTestPlan();

/// Records a history, damages the directory as it was after Close and as the
/// death of the process leaves it, and prints how the damages ended. Each
/// kind of damage must have been tried on each file that is not empty, and
/// some must have been refused; each kind of file must be there. A database
/// with checkpoints gets more keys and longer values than the plan says, since
/// its files do not hold all that was written. For persistent databases only.
void RunDamageTests(
    const SubjectFactory& open, const Capabilities& capabilities,
    const DamageTestPlan& plan);

inline void RunDatabaseDamageTest(
    const DamageTestPlan& plan = DefaultDamageTestPlan()) {
  RunDamageTests(OpenSubject, SubjectCapabilities(), plan);
}

}  // namespace kv::testing
