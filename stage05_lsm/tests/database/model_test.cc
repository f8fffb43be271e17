// Goal: a database behaves as std::map does, whatever the order of calls.
// Method: random operations, each compared with the map; a failure is shrunk
// to a few calls and printed as code, with the seed that replays it.

#include <gtest/gtest.h>

#include <cstdint>

#include "common/testing/model_tester.h"
#include "common/testing/subject.h"
#include "common/testing/test_size.h"

namespace kv {
namespace {

using testing::ModelTestOptions;
using testing::ModelTestResult;

// Runs `runs` databases through `steps` random operations each.
void ExpectLikeTheMap(ModelTestOptions options, uint64_t runs, size_t steps) {
  options.open = testing::OpenSubject;
  options.capabilities = testing::SubjectCapabilities();
  options.capabilities.persistent = false;  // the path is empty
  options.steps = steps;
  for (uint64_t run = 0; run < runs; ++run) {
    options.seed = testing::TestSeed() + run;
    const ModelTestResult result = testing::RunModelTest(options);
    ASSERT_FALSE(result.failure.has_value()) << result.failure->Text();
  }
}

TEST(ModelTest, ManyShortLivesAreLikeTheMap) {
  ExpectLikeTheMap({}, testing::Pick<uint64_t>(100, 1000, 20000), 50);
}

TEST(ModelTest, LongLivesAreLikeTheMap) {
  ExpectLikeTheMap({}, testing::Pick<uint64_t>(4, 30, 1000), 1000);
}

TEST(ModelTest, TinyLimitsAreKept) {
  ModelTestOptions options;
  options.subject.key_bytes_max = 5;
  options.subject.value_bytes_max = 9;
  ExpectLikeTheMap(options, testing::Pick<uint64_t>(50, 500, 10000), 100);
}

TEST(ModelTest, TinyStructuresAreLikeTheMap) {
  ModelTestOptions options;
  options.subject.tiny_sizes = true;
  ExpectLikeTheMap(options, testing::Pick<uint64_t>(4, 30, 1000), 1000);
}

}  // namespace
}  // namespace kv
