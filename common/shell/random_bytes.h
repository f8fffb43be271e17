#pragma once

// Random input for the shell's tests.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "common/base/random.h"

namespace kv::shell {

/// Seeded by KV_SEED, and by a number of its own without it; the seed is in
/// the test's output.
inline SeededRandom TestRandom() {
  const char* text = std::getenv("KV_SEED");
  const uint64_t seed =
      text != nullptr ? std::strtoull(text, nullptr, 10) : 20240229;
  testing::Test::RecordProperty("KV_SEED", std::to_string(seed));
  return SeededRandom(seed);
}

/// Up to `bytes_max` bytes. Half of them are those that formats stumble over.
inline std::string RandomBytes(Random* random, uint64_t bytes_max) {
  constexpr std::string_view kAwkward("\"'\\,\t\n\r #\0xn0", 14);
  std::string bytes(random->Below(bytes_max + 1), '\0');
  for (char& c : bytes) {
    c = random->OneIn(2) ? kAwkward[random->Below(kAwkward.size())]
                         : static_cast<char>(random->Below(256));
  }
  return bytes;
}

}  // namespace kv::shell
