// Goal: numbers and strings become exactly the bytes of docs/format/coding.md,
// and only those bytes become them again.
// Method: golden bytes, each length's first and last value, every truncation,
// encodings that are longer than they need to be. What is refused must leave
// the input as it was.

#include "kv/coding.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/random.h"

namespace kv {
namespace {

using namespace std::string_view_literals;

// The bytes as two hexadecimal digits each.
std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!hex.empty()) hex += ' ';
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string Fixed32(uint32_t value) {
  std::string bytes;
  PutFixed32(&bytes, value);
  return bytes;
}
std::string Fixed64(uint64_t value) {
  std::string bytes;
  PutFixed64(&bytes, value);
  return bytes;
}
std::string Varint32(uint32_t value) {
  std::string bytes;
  PutVarint32(&bytes, value);
  return bytes;
}
std::string Varint64(uint64_t value) {
  std::string bytes;
  PutVarint64(&bytes, value);
  return bytes;
}

// A Get function must refuse `bytes` and change nothing.
template <typename Value>
void ExpectRefused(
    bool (*get)(std::string_view*, Value*), std::string_view bytes,
    std::string_view why) {
  std::string_view input = bytes;
  Value value = {};
  EXPECT_FALSE(get(&input, &value)) << Hex(bytes) << ": " << why;
  EXPECT_TRUE(input.data() == bytes.data() && input.size() == bytes.size())
      << Hex(bytes) << ": what is refused leaves the input as it was";
}

template <typename Value>
Value ExpectRead(
    bool (*get)(std::string_view*, Value*), const std::string& bytes) {
  const std::string followed = bytes + "rest";
  std::string_view input = followed;
  Value value = {};
  EXPECT_TRUE(get(&input, &value)) << Hex(bytes);
  EXPECT_EQ(input, "rest") << Hex(bytes) << ": takes exactly its own bytes";
  return value;
}

TEST(CodingTest, FixedWidthIntegersAreLittleEndian) {
  EXPECT_EQ(Hex(Fixed32(0)), "00 00 00 00");
  EXPECT_EQ(Hex(Fixed32(1)), "01 00 00 00");
  EXPECT_EQ(Hex(Fixed32(0x01020304)), "04 03 02 01");
  EXPECT_EQ(Hex(Fixed32(0x80000000u)), "00 00 00 80");
  EXPECT_EQ(Hex(Fixed32(0xffffffffu)), "ff ff ff ff");
  EXPECT_EQ(Hex(Fixed64(1)), "01 00 00 00 00 00 00 00");
  EXPECT_EQ(Hex(Fixed64(0x0102030405060708u)), "08 07 06 05 04 03 02 01");
  EXPECT_EQ(Hex(Fixed64(UINT64_MAX)), "ff ff ff ff ff ff ff ff");
}

TEST(CodingTest, FixedWidthIntegersComeBack) {
  for (const uint32_t value :
       {0u, 1u, 0x7fu, 0x80u, 0xffu, 0x100u, 0x7fffffffu, 0x80000000u,
        0xfffffffeu, 0xffffffffu}) {
    EXPECT_EQ(ExpectRead(GetFixed32, Fixed32(value)), value);
  }
  for (unsigned shift = 0; shift < 64; ++shift) {
    const uint64_t value = uint64_t{1} << shift;
    EXPECT_EQ(ExpectRead(GetFixed64, Fixed64(value)), value);
    EXPECT_EQ(ExpectRead(GetFixed64, Fixed64(value - 1)), value - 1);
  }
  EXPECT_EQ(ExpectRead(GetFixed64, Fixed64(UINT64_MAX)), UINT64_MAX);
}

TEST(CodingTest, PutAppendsToWhatIsThere) {
  std::string bytes = "x";
  PutFixed32(&bytes, 1);
  PutVarint32(&bytes, 300);
  PutLengthPrefixed(&bytes, "ab");
  PutFixed64(&bytes, 2);
  EXPECT_EQ(
      Hex(bytes), "78 01 00 00 00 ac 02 02 61 62 02 00 00 00 00 00 00 00");
}

TEST(CodingTest, VarintsHaveSevenBitsAByteTheLowestFirst) {
  EXPECT_EQ(Hex(Varint32(0)), "00");
  EXPECT_EQ(Hex(Varint32(1)), "01");
  EXPECT_EQ(Hex(Varint32(127)), "7f");
  EXPECT_EQ(Hex(Varint32(128)), "80 01");
  EXPECT_EQ(Hex(Varint32(300)), "ac 02");
  EXPECT_EQ(Hex(Varint32(16383)), "ff 7f");
  EXPECT_EQ(Hex(Varint32(16384)), "80 80 01");
  EXPECT_EQ(Hex(Varint32(UINT32_MAX)), "ff ff ff ff 0f");
  EXPECT_EQ(Hex(Varint64(300)), "ac 02");
  EXPECT_EQ(Hex(Varint64(UINT32_MAX)), "ff ff ff ff 0f");
  EXPECT_EQ(Hex(Varint64(UINT64_MAX)), "ff ff ff ff ff ff ff ff ff 01");
}

TEST(CodingTest, VarintsComeBackAtEveryBoundaryOfLength) {
  for (unsigned bits = 0; bits < 32; ++bits) {
    const uint32_t value = uint32_t{1} << bits;
    for (const uint32_t near : {value - 1, value, value + 1}) {
      EXPECT_EQ(ExpectRead(GetVarint32, Varint32(near)), near);
    }
  }
  for (unsigned bits = 0; bits < 64; ++bits) {
    const uint64_t value = uint64_t{1} << bits;
    for (const uint64_t near : {value - 1, value, value + 1}) {
      EXPECT_EQ(ExpectRead(GetVarint64, Varint64(near)), near);
    }
  }
  EXPECT_EQ(ExpectRead(GetVarint32, Varint32(UINT32_MAX)), UINT32_MAX);
  EXPECT_EQ(ExpectRead(GetVarint64, Varint64(UINT64_MAX)), UINT64_MAX);
}

TEST(CodingTest, AVarintIsAsLongAsItsSignificantBitsNeed) {
  EXPECT_EQ(Varint32(UINT32_MAX).size(), kVarint32BytesMax);
  EXPECT_EQ(Varint64(UINT64_MAX).size(), kVarint64BytesMax);
  for (unsigned bits = 1; bits <= 63; ++bits) {
    const uint64_t greatest = (uint64_t{1} << bits) - 1;
    EXPECT_EQ(Varint64(greatest).size(), (bits + 6) / 7) << bits << " bits";
  }
}

TEST(CodingTest, BytesThatEndTooEarlyAreRefused) {
  const auto each_prefix = [](const std::string& bytes, auto get) {
    for (size_t length = 0; length < bytes.size(); ++length) {
      ExpectRefused(
          get, std::string_view(bytes).substr(0, length), "the bytes end");
    }
  };
  each_prefix(Fixed32(0x01020304), GetFixed32);
  each_prefix(Fixed64(0x0102030405060708u), GetFixed64);
  each_prefix(Varint32(UINT32_MAX), GetVarint32);
  each_prefix(Varint32(128), GetVarint32);
  each_prefix(Varint64(UINT64_MAX), GetVarint64);
  std::string prefixed;
  PutLengthPrefixed(&prefixed, std::string(200, 'x'));
  each_prefix(prefixed, GetLengthPrefixed);
}

TEST(CodingTest, NothingIsReadBehindTheView) {
  // The byte behind would complete the number.
  const std::string bytes = "\xff\x01";
  ExpectRefused(
      GetVarint32, std::string_view(bytes).substr(0, 1), "the view ends");
  const std::string fixed = Fixed32(7);
  ExpectRefused(
      GetFixed32, std::string_view(fixed).substr(0, 3), "the view ends");
}

TEST(CodingTest, AVarintThatIsLongerThanItNeedsToBeIsRefused) {
  const std::string_view why = "each value has exactly one encoding";
  ExpectRefused(GetVarint32, "\x80\x00"sv, why);
  ExpectRefused(GetVarint32, "\xff\x00"sv, why);
  ExpectRefused(GetVarint32, "\xac\x82\x00"sv, why);
  ExpectRefused(GetVarint32, "\x80\x80\x80\x80\x00"sv, why);
  ExpectRefused(GetVarint64, "\x80\x00"sv, why);
  ExpectRefused(GetVarint64, "\xff\xff\xff\xff\x00"sv, why);
  ExpectRefused(GetVarint64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"sv, why);
}

TEST(CodingTest, AVarintThatDoesNotFitIsRefused) {
  const std::string_view why = "the value does not fit";
  ExpectRefused(GetVarint32, "\xff\xff\xff\xff\x1f"sv, why);
  ExpectRefused(GetVarint32, "\xff\xff\xff\xff\x7f"sv, why);
  ExpectRefused(GetVarint32, "\x80\x80\x80\x80\x10"sv, why);
  ExpectRefused(GetVarint32, Varint64(uint64_t{UINT32_MAX} + 1), why);
  ExpectRefused(GetVarint32, Varint64(UINT64_MAX), why);
  ExpectRefused(GetVarint64, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv, why);
  ExpectRefused(GetVarint64, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"sv, why);
}

TEST(CodingTest, AVarintWithoutAnEndIsRefused) {
  const std::string endless(100, '\xff');
  ExpectRefused(GetVarint32, endless, "no last byte within five");
  ExpectRefused(GetVarint64, endless, "no last byte within ten");
  const std::string zeros(100, '\x80');
  ExpectRefused(GetVarint32, zeros, "no last byte within five");
  ExpectRefused(GetVarint64, zeros, "no last byte within ten");
}

TEST(CodingTest, LengthPrefixedStringsAreLengthThenBytes) {
  std::string bytes;
  PutLengthPrefixed(&bytes, "");
  PutLengthPrefixed(&bytes, "abc");
  PutLengthPrefixed(&bytes, "\0\xff"sv);
  EXPECT_EQ(Hex(bytes), "00 03 61 62 63 02 00 ff");
}

TEST(CodingTest, LengthPrefixedStringsComeBack) {
  for (const size_t length : {0u, 1u, 127u, 128u, 129u, 16383u, 16384u}) {
    const std::string value(length, 'v');
    std::string bytes;
    PutLengthPrefixed(&bytes, value);
    bytes += "rest";
    std::string_view input = bytes;
    std::string_view read;
    ASSERT_TRUE(GetLengthPrefixed(&input, &read)) << length << " bytes";
    EXPECT_TRUE(read == value) << length << " bytes";
    EXPECT_EQ(input, "rest") << length << " bytes";
  }
}

TEST(CodingTest, AStringIsAViewIntoTheInput) {
  std::string bytes;
  PutLengthPrefixed(&bytes, "abc");
  std::string_view input = bytes;
  std::string_view value;
  ASSERT_TRUE(GetLengthPrefixed(&input, &value));
  EXPECT_EQ(value.data(), bytes.data() + 1) << "nothing is copied";
}

TEST(CodingTest, ALengthThatIsNotThereIsRefused) {
  ExpectRefused(
      GetLengthPrefixed,
      "\x04"
      "abc"sv,
      "one byte is missing");
  ExpectRefused(
      GetLengthPrefixed,
      "\xff\xff\xff\xff\x0f"
      "abc"sv,
      "4 GiB are not there, and a sum must not overflow");
  ExpectRefused(
      GetLengthPrefixed,
      "\x83\x00"
      "abc"sv,
      "the length is no varint");
}

TEST(CodingTest, NumbersStandOneAfterAnother) {
  SeededRandom random(1);
  std::string bytes;
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 2000; ++i) {
    // Of all lengths alike.
    const uint64_t number = random.Next() >> random.Below(64);
    numbers.push_back(number);
    PutVarint64(&bytes, number);
    PutVarint32(&bytes, static_cast<uint32_t>(number));
    PutFixed64(&bytes, number);
    PutFixed32(&bytes, static_cast<uint32_t>(number));
  }
  std::string_view input = bytes;
  for (const uint64_t number : numbers) {
    uint64_t wide = 0;
    uint32_t narrow = 0;
    ASSERT_TRUE(GetVarint64(&input, &wide));
    ASSERT_EQ(wide, number);
    ASSERT_TRUE(GetVarint32(&input, &narrow));
    ASSERT_EQ(narrow, static_cast<uint32_t>(number));
    ASSERT_TRUE(GetFixed64(&input, &wide));
    ASSERT_EQ(wide, number);
    ASSERT_TRUE(GetFixed32(&input, &narrow));
    ASSERT_EQ(narrow, static_cast<uint32_t>(number));
  }
  EXPECT_TRUE(input.empty());
}

// Whatever the bytes are: what is read is the only encoding of its value, and
// the rest begins behind it.
TEST(CodingTest, RandomBytesAreReadAsWhatWouldHaveWrittenThem) {
  SeededRandom random(2);
  uint64_t read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random.Below(12), '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(
          random.OneIn(2) ? random.Next() & 0xff : 0x80 | (random.Next() & 1));
    }
    std::string_view input = bytes;
    uint32_t narrow = 0;
    if (GetVarint32(&input, &narrow)) {
      ++read;
      ASSERT_EQ(Varint32(narrow) + std::string(input), bytes);
    }
    input = bytes;
    uint64_t wide = 0;
    if (GetVarint64(&input, &wide)) {
      ASSERT_EQ(Varint64(wide) + std::string(input), bytes);
    }
  }
  EXPECT_GT(read, 5000u) << "most of them begin with a number";
}

}  // namespace
}  // namespace kv
