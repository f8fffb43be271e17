#pragma once

// How much a test does, and with which random numbers.
//
// KV_TEST_SIZE is quick (the default), full or deep. The tests are the same
// in all three; only their numbers of runs, states and steps differ.
// KV_SEED is a number, or "clock" for a different one each time. Without it
// the seed is fixed, so that a verdict does not change between two runs of
// the same code.
//
// Errors: another value of either variable ends the program with exit code 2.

#include <cstdint>
#include <string>

namespace kv::testing {

enum class TestSize { kQuick, kFull, kDeep };

/// As KV_TEST_SIZE says.
TestSize CurrentTestSize();

/// The one of the three that belongs to the current size.
template <typename T>
T Pick(T quick, T full, T deep) {
  switch (CurrentTestSize()) {
    case TestSize::kQuick:
      return quick;
    case TestSize::kFull:
      return full;
    case TestSize::kDeep:
      return deep;
  }
  return quick;
}

/// The seed of this program's random tests; the same for its whole life.
uint64_t TestSeed();

/// The command that runs the current test again with the seed `seed`:
/// "KV_SEED=17 KV_TEST_SIZE=full stageNN_tests --gtest_filter=A.B".
std::string ReplayCommand(uint64_t seed);

namespace internal {

/// What KV_TEST_SIZE says; false for an unknown word.
bool ParseTestSize(const std::string& text, TestSize* size);
/// What KV_SEED says; false unless a whole decimal number below 2^64.
bool ParseSeed(const std::string& text, uint64_t* seed);

}  // namespace internal
}  // namespace kv::testing
