// Annotated bytes: offsets, hexadecimal digits and meanings in their columns.
// Method: small fields, compared as text.

#include "common/shell/annotate.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace kv::shell {
namespace {

std::string Printed(
    uint64_t offset, const std::vector<ByteField>& fields, uint64_t max) {
  std::ostringstream out;
  PrintFields(offset, fields, max, out);
  return out.str();
}

TEST(Annotate, AFieldALineWithItsOffset) {
  EXPECT_EQ(
      Printed(8, {{"\x01\x02\xff", "version"}, {"ab", "key"}}, 32),
      "00000008  01 02 ff                 version\n"
      "0000000b  61 62                    key\n");
}

TEST(Annotate, LongFieldsGoOnInTheNextRowAndAreCut) {
  EXPECT_EQ(
      Printed(0, {{"0123456789abcdef0", "value"}, {"x", "next"}}, 16),
      "00000000  30 31 32 33 34 35 36 37  value\n"
      "00000008  38 39 61 62 63 64 65 66\n"
      "          ... 1 bytes more\n"
      "00000011  78                       next\n");
}

TEST(Annotate, AnEmptyFieldIsSaidToBeThere) {
  EXPECT_EQ(
      Printed(0, {{"", "key \"\""}}, 16), std::string(35, ' ') + "key \"\"\n");
}

TEST(Annotate, OffsetsBeyondFourGiBAreWhole) {
  EXPECT_TRUE(
      Printed(0x123456789a, {{"x", "y"}}, 1).starts_with("123456789a  78"));
}

TEST(Annotate, SamplesAreEscapedAndCut) {
  EXPECT_EQ(QuotedSample(std::string("a\0b", 3)), "\"a\\x00b\"");
  EXPECT_EQ(
      QuotedSample(std::string(25, 'x')),
      "\"" + std::string(24, 'x') + "\"...");
}

TEST(Annotate, NumbersHaveTheLowestByteFirst) {
  EXPECT_EQ(LittleEndian(""), 0u);
  EXPECT_EQ(LittleEndian("\x01\x02"), 0x0201u);
  EXPECT_EQ(LittleEndian("\xff\xff\xff\xff\xff\xff\xff\xff"), UINT64_MAX);
}

}  // namespace
}  // namespace kv::shell
