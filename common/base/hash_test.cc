// A hash function for tables: equal bytes equal hashes, every byte counts,
// and all bits are used.

#include "common/base/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "common/base/random.h"

namespace kv {
namespace {

TEST(HashTest, DependsOnBytesAndSeedOnly) {
  const std::string one = "a key";
  const std::string two = "a key";
  EXPECT_EQ(HashBytes(one, 7), HashBytes(two, 7));
  EXPECT_NE(HashBytes(one, 7), HashBytes(one, 8));
}

TEST(HashTest, EveryByteAndTheLengthCount) {
  for (size_t length = 1; length < 70; ++length) {
    std::string bytes(length, 'x');
    std::set<uint64_t> hashes = {HashBytes(bytes, 7)};
    for (size_t i = 0; i < length; ++i) {
      bytes[i] = 'y';
      hashes.insert(HashBytes(bytes, 7));
      bytes[i] = 'x';
    }
    EXPECT_EQ(hashes.size(), length + 1) << length;
    EXPECT_NE(
        HashBytes(std::string(length, '\0'), 7),
        HashBytes(std::string(length + 1, '\0'), 7));
  }
}

TEST(HashTest, DoesNotNeedAlignedBytes) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (size_t offset = 0; offset < 8; ++offset) {
    const std::string moved = std::string(offset, '#') + text;
    EXPECT_EQ(
        HashBytes(std::string_view(moved).substr(offset), 7),
        HashBytes(text, 7));
  }
}

// Counting keys 0, 1, 2 … into buckets by high and by low bits: with a good
// hash 64 buckets of 1,000 on average stay within a few standard deviations
// (32) of it.
TEST(HashTest, CountersSpreadOverHighAndLowBits) {
  constexpr uint64_t kKeys = 64'000;
  std::vector<int> low(64);
  std::vector<int> high(64);
  for (uint64_t i = 0; i < kKeys; ++i) {
    const uint64_t hash = HashBytes(std::to_string(i), 7);
    ++low[hash % 64];
    ++high[hash >> 58];
  }
  for (const auto* buckets : {&low, &high}) {
    EXPECT_GT(*std::min_element(buckets->begin(), buckets->end()), 800);
    EXPECT_LT(*std::max_element(buckets->begin(), buckets->end()), 1200);
  }
}

TEST(HashTest, AFlippedBitFlipsAboutHalfOfTheHash) {
  SeededRandom random(7);
  uint64_t flipped = 0;
  constexpr int kTrials = 2'000;
  for (int i = 0; i < kTrials; ++i) {
    std::string bytes(1 + random.Below(40), '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random.Below(256));
    }
    const uint64_t before = HashBytes(bytes, 7);
    char& byte = bytes[static_cast<size_t>(random.Below(bytes.size()))];
    byte = static_cast<char>(byte ^ (1 << random.Below(8)));
    for (uint64_t d = before ^ HashBytes(bytes, 7); d != 0; d &= d - 1) {
      ++flipped;
    }
  }
  const double mean = static_cast<double>(flipped) / kTrials;
  EXPECT_GT(mean, 31.0);
  EXPECT_LT(mean, 33.0);
}

}  // namespace
}  // namespace kv
