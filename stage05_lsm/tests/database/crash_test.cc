// Goal: whatever a power loss or the death of the process leaves, the database
// opens, holds a beginning of the acknowledged writes with every synced one in
// it, and goes on from there.
// Method: common/testing/crash_explorer.h cuts the power at every call of
// many workloads in every way that a file system allows.

#include <gtest/gtest.h>

#include "common/testing/crash_explorer.h"
#include "common/testing/subject.h"
#include "common/testing/test_size.h"

namespace kv {
namespace {

TEST(CrashTest, EveryCrashLeavesABeginningOfHistory) {
  testing::CrashOptions options;
  options.open = testing::OpenSubject;
  options.capabilities = testing::SubjectCapabilities();
  options.subject.tiny_sizes = true;
  options.seed = testing::TestSeed();
  options.states_max = testing::Pick<uint64_t>(10'000, 150'000, 5'000'000);
  options.threads = 2;
  testing::RunCrashExploration(options);
}

}  // namespace
}  // namespace kv
