// The main of every test program.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "common/base/exercise.h"

int main(int argc, char** argv) {
  kv::InstallExerciseTerminateHandler();
  testing::InitGoogleTest(&argc, argv);
  const int failed = RUN_ALL_TESTS();
  // A filter that selects nothing must not look like success.
  if (!GTEST_FLAG_GET(list_tests) &&
      std::getenv("KV_ALLOW_NO_TESTS") == nullptr &&
      testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::fprintf(stderr, "no test matches the filter\n");
    return 1;
  }
  return failed;
}
