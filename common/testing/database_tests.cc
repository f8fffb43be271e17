#include "common/testing/database_tests.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "common/fs/memory_file_system.h"
#include "common/testing/model_tester.h"
#include "common/testing/test_size.h"

namespace kv::testing {
namespace {

ModelTestOptions RunOptions(
    const SubjectFactory& open, const Capabilities& capabilities,
    uint64_t seed) {
  ModelTestOptions options;
  options.open = open;
  options.capabilities = capabilities;
  options.seed = seed;
  // Small enough to meet it often; more than two bytes of length.
  options.subject.value_bytes_max = 70000;
  if (capabilities.persistent && seed % 3 != 0) {
    options.subject.path = "db";
    options.subject.tiny_sizes = seed % 3 == 1;
    options.make_file_system = [] {
      return std::make_shared<MemoryFileSystem>(
          MemoryFileSystem::CrashModel::kNone);
    };
  }
  return options;
}

}  // namespace

ModelTestPlan DefaultModelTestPlan() {
  ModelTestPlan plan;
  plan.runs = Pick<size_t>(150, 3000, 100000);
  return plan;
}

void RunModelTests(
    const SubjectFactory& open, const Capabilities& capabilities,
    const ModelTestPlan& plan) {
  std::map<ModelStep::Kind, uint64_t> steps;
  for (size_t run = 0; run < plan.runs; ++run) {
    // With KV_SEED=N the first run is the one whose report said N. Which
    // kind of run it was follows from the seed, not from its place.
    const uint64_t seed = TestSeed() + run;
    ModelTestOptions options = RunOptions(open, capabilities, seed);
    options.steps = plan.steps;
    const ModelTestResult result = RunModelTest(options);
    for (const auto& [kind, count] : result.steps_by_kind) {
      steps[kind] += count;
    }
    if (result.failure) {
      FAIL() << result.failure->Text();
    }
  }
  // A tester that never took a kind of step proves nothing about it.
  for (const auto kind :
       {ModelStep::Kind::kPut, ModelStep::Kind::kDelete,
        ModelStep::Kind::kWrite, ModelStep::Kind::kRename,
        ModelStep::Kind::kGet, ModelStep::Kind::kExists,
        ModelStep::Kind::kMultiGet, ModelStep::Kind::kKeys,
        ModelStep::Kind::kReopen}) {
    EXPECT_GT(steps[kind], 0u) << StepName(kind) << " was never called";
  }
}

}  // namespace kv::testing
