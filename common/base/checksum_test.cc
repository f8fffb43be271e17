// Checksums are on disk, so their values are part of the format.

#include "common/base/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace kv {
namespace {

TEST(ChecksumTest, IsXxh3AndKeepsItsValues) {
  // The first is in the test vectors of xxHash: XXH3-64 of nothing.
  EXPECT_EQ(Checksum64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(Checksum32(""), 0x38d394c2u);
  EXPECT_EQ(Checksum64("abc"), 0x78af5f94892f3950u);
}

TEST(ChecksumTest, TheSeedChangesIt) {
  EXPECT_NE(Checksum32("abc", 1), Checksum32("abc", 2));
  EXPECT_NE(Checksum64("", 1), Checksum64("", 2));
}

TEST(ChecksumTest, EveryFlippedBitShows) {
  std::string bytes(100, 'x');
  const uint32_t checksum = Checksum32(bytes);
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    EXPECT_NE(Checksum32(bytes), checksum) << i;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
  }
}

TEST(ChecksumTest, ALengthOfZerosShows) {
  EXPECT_NE(Checksum32(std::string(8, '\0')), Checksum32(std::string(9, '\0')));
}

}  // namespace
}  // namespace kv
