#include "common/testing/test_size.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "common/base/clock.h"

namespace kv::testing {
namespace {

constexpr uint64_t kFixedSeed = 20260101;

[[noreturn]] void Refuse(const char* variable, const char* text) {
  std::fprintf(
      stderr, "%s=%s: %s\n", variable, text,
      "KV_TEST_SIZE is quick, full or deep; KV_SEED is a number or \"clock\"");
  std::exit(2);
}

TestSize ReadTestSize() {
  const char* text = std::getenv("KV_TEST_SIZE");
  TestSize size = TestSize::kQuick;
  if (text != nullptr && !internal::ParseTestSize(text, &size)) {
    Refuse("KV_TEST_SIZE", text);
  }
  return size;
}

uint64_t ReadSeed() {
  const char* text = std::getenv("KV_SEED");
  if (text == nullptr || *text == '\0') return kFixedSeed;
  uint64_t seed = 0;
  if (std::string(text) == "clock") {
    // Six digits: easy to copy by hand.
    seed = Clock::System()->WallMicros() % 1000000;
  } else if (!internal::ParseSeed(text, &seed)) {
    Refuse("KV_SEED", text);
  }
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

const char* SizeName(TestSize size) {
  switch (size) {
    case TestSize::kQuick:
      return "quick";
    case TestSize::kFull:
      return "full";
    case TestSize::kDeep:
      return "deep";
  }
  return "?";
}

std::string ProgramName() {
  const std::vector<std::string> arguments = ::testing::internal::GetArgvs();
  if (arguments.empty()) return "the test program";
  const size_t slash = arguments[0].rfind('/');
  return slash == std::string::npos ? arguments[0]
                                    : arguments[0].substr(slash + 1);
}

}  // namespace

namespace internal {

bool ParseTestSize(const std::string& text, TestSize* size) {
  for (TestSize each : {TestSize::kQuick, TestSize::kFull, TestSize::kDeep}) {
    if (text == SizeName(each)) {
      *size = each;
      return true;
    }
  }
  return text.empty();
}

bool ParseSeed(const std::string& text, uint64_t* seed) {
  if (text.empty() ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  errno = 0;
  *seed = std::strtoull(text.c_str(), nullptr, 10);
  return errno == 0;
}

}  // namespace internal

TestSize CurrentTestSize() {
  static const TestSize size = ReadTestSize();
  return size;
}

uint64_t TestSeed() {
  static const uint64_t seed = ReadSeed();
  return seed;
}

std::string ReplayCommand(uint64_t seed) {
  std::string command = "KV_SEED=" + std::to_string(seed) +
      " KV_TEST_SIZE=" + SizeName(CurrentTestSize()) + " " + ProgramName();
  const ::testing::TestInfo* test =
      ::testing::UnitTest::GetInstance()->current_test_info();
  if (test != nullptr) {
    command += std::string(" --gtest_filter=") + test->test_suite_name() + "." +
        test->name();
  }
  return command;
}

}  // namespace kv::testing
