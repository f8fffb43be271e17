#pragma once

// Whole-database tests that are the same for every stage, ready to be called
// from a TEST body:
//
//   TEST(DatabaseModelTest, AgreesWithAMap) { RunDatabaseModelTest(); }
//
// Failures are reported as GoogleTest failures of the calling test. The
// functions here only hand the stage's own OpenSubject to the tools.

#include <cstddef>

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

}  // namespace kv::testing
