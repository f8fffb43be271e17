// Goal: any byte string is a key and a value, the empty one too; what counts
// are the bytes of a view, not where they lie or what stands behind them.
// Method: keys that a solution with C strings, signed characters, fixed
// buffers or kept views would confuse, all in one database, all read back.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

TEST(BytesTest, TheEmptyKeyIsAKey) {
  auto db = OpenEmpty();
  Put(*db, "", "value of the empty key");
  EXPECT_EQ(Read(*db, ""), "value of the empty key");
  EXPECT_EQ(KeysOf(*db), std::vector<std::string>{""});
  Delete(*db, "");
  EXPECT_EQ(Read(*db, ""), "(not found)");
}

TEST(BytesTest, ADefaultViewIsTheEmptyKeyAndTheEmptyValue) {
  auto db = OpenEmpty();
  Put(*db, std::string_view(), std::string_view());
  EXPECT_EQ(Contents(*db), (Map{{"", ""}}))
      << "a view without an address is the empty string";
}

TEST(BytesTest, EverySingleByteIsAKeyOfItsOwn) {
  auto db = OpenEmpty();
  for (int byte = 0; byte < 256; ++byte) {
    Put(*db, std::string(1, static_cast<char>(byte)), std::to_string(byte));
  }
  for (int byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(
        Read(*db, std::string(1, static_cast<char>(byte))),
        std::to_string(byte))
        << "the key that is one byte of value " << byte;
  }
  EXPECT_EQ(KeysOf(*db).size(), 256u);
}

TEST(BytesTest, KeysThatDifferInZeroBytesAreDifferent) {
  auto db = OpenEmpty();
  const std::vector<std::string> keys = {
      std::string(),           std::string("\0", 1),
      std::string("\0\0", 2),  std::string("\0\0\0\0\0\0\0\0", 8),
      std::string("a"),        std::string("a\0", 2),
      std::string("a\0\0", 3), std::string("\0a", 2),
      std::string("a\0b", 3),  std::string("a\0c", 3),
  };
  for (const std::string& key : keys) Put(*db, key, "value of " + key);
  for (const std::string& key : keys) {
    EXPECT_EQ(Read(*db, key), "value of " + key)
        << "a zero byte does not end a key: " << Show(key);
  }
  EXPECT_EQ(KeysOf(*db).size(), keys.size());
}

TEST(BytesTest, KeysOfEveryLengthAreDifferent) {
  auto db = OpenEmpty();
  std::vector<size_t> lengths = {127, 128, 129, 255, 256, 257, 511, 512, 1023};
  for (size_t length = 0; length < 70; ++length) lengths.push_back(length);
  for (const char byte : {'\0', 'x', '\xff'}) {
    for (const size_t length : lengths) {
      if (byte != '\0' && length == 0) continue;
      Put(*db, std::string(length, byte), byte + std::to_string(length));
    }
  }
  for (const char byte : {'\0', 'x', '\xff'}) {
    for (const size_t length : lengths) {
      if (byte != '\0' && length == 0) continue;
      const std::string key(length, byte);
      EXPECT_EQ(Read(*db, key), byte + std::to_string(length))
          << "a key of " << length << " times the same byte: " << Show(key);
    }
  }
}

TEST(BytesTest, LongKeysThatDifferInOneByteAreDifferent) {
  auto db = OpenEmpty();
  const std::string base(1024, 'k');
  std::vector<std::string> keys = {base};
  for (const size_t place : {0u, 1u, 7u, 8u, 15u, 16u, 63u, 512u, 1023u}) {
    keys.push_back(base);
    keys.back()[place] = 'x';
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    Put(*db, keys[i], std::to_string(i));
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(Read(*db, keys[i]), std::to_string(i))
        << "every byte of a key counts; variant " << i;
  }
}

TEST(BytesTest, AValueHoldsEveryByte) {
  auto db = OpenEmpty();
  std::string value;
  for (int byte = 0; byte < 256; ++byte) value += static_cast<char>(byte);
  value += value;
  Put(*db, "key", value);
  EXPECT_EQ(Read(*db, "key"), value);
}

TEST(BytesTest, AValueOfZeroBytesKeepsItsLength) {
  auto db = OpenEmpty();
  for (const size_t length : {1u, 2u, 15u, 16u, 4096u}) {
    const std::string value(length, '\0');
    Put(*db, "key", value);
    EXPECT_TRUE(SameBytes(Read(*db, "key"), value)) << length << " zero bytes";
  }
}

TEST(BytesTest, KeysAndValuesNeedNoZeroBehindThem) {
  auto db = OpenEmpty();
  const std::string buffer = "keyvaluerest";
  const std::string_view whole = buffer;
  Put(*db, whole.substr(0, 3), whole.substr(3, 5));
  EXPECT_EQ(Contents(*db), (Map{{"key", "value"}}))
      << "a view ends where its length says";
  EXPECT_EQ(Read(*db, whole.substr(0, 3)), "value");
  EXPECT_EQ(Read(*db, whole.substr(0, 4)), "(not found)");
}

TEST(BytesTest, TheSameBytesElsewhereAreTheSameKey) {
  auto db = OpenEmpty();
  const std::string key = "a key of some twenty bytes";
  Put(*db, key, "value");
  for (size_t offset = 0; offset < 9; ++offset) {
    const std::string moved = std::string(offset, '#') + key + "##";
    EXPECT_EQ(
        Read(*db, std::string_view(moved).substr(offset, key.size())), "value")
        << "a key is its bytes, at any address";
  }
}

TEST(BytesTest, TheCallerMayChangeItsStringsAfterACall) {
  auto db = OpenEmpty();
  std::string key = "a key that is longer than a short string";
  std::string value = "a value that is longer than a short string";
  const std::string old_key = key;
  const std::string old_value = value;
  Put(*db, key, value);
  key.assign(key.size(), 'x');
  value.assign(value.size(), 'x');
  EXPECT_EQ(Contents(*db), (Map{{old_key, old_value}}))
      << "the database holds copies";
}

TEST(BytesTest, KeyAndValueMayBeTheSameBytes) {
  auto db = OpenEmpty();
  const std::string text = "the same text";
  Put(*db, text, text);
  EXPECT_EQ(Contents(*db), (Map{{text, text}}));
}

TEST(BytesTest, KeyAndValueMayOverlap) {
  auto db = OpenEmpty();
  const std::string text = "0123456789";
  const std::string_view whole = text;
  Put(*db, whole.substr(2, 5), whole);
  Put(*db, whole, whole.substr(3, 3));
  EXPECT_EQ(Contents(*db), (Map{{"0123456789", "345"}, {"23456", text}}));
}

TEST(BytesTest, WhatWasReadMayBePutAgain) {
  auto db = OpenEmpty();
  Put(*db, "a", "a value that is longer than a short string");
  std::string value;
  for (int i = 0; i < 50; ++i) {
    MustBeOk(db->GetInto("a", &value), "GetInto");
    Put(*db, value, value);
    Put(*db, "copy" + std::to_string(i), value);
    Put(*db, "a", value);
  }
  for (const std::string& key : KeysOf(*db)) {
    EXPECT_EQ(Read(*db, key), "a value that is longer than a short string")
        << key;
  }
  EXPECT_EQ(KeysOf(*db).size(), 52u);
}

TEST(BytesTest, WhatKeysGaveMayBeDeletedAndRenamed) {
  auto db = OpenEmpty();
  for (int i = 0; i < 100; ++i) Put(*db, "key" + std::to_string(i), "value");
  size_t turn = 0;
  for (const std::string& key : KeysOf(*db)) {
    if (turn++ % 2 == 0) {
      Delete(*db, key);
    } else {
      Rename(*db, key, std::string_view(key).substr(1));
    }
  }
  EXPECT_EQ(KeysOf(*db).size(), 50u);
  EXPECT_EQ(KeysOf(*db, "ey").size(), 50u) << "the renamed half";
}

// Keys as programs make them: numbers, long common prefixes, long common
// suffixes, few bits set. A weak hash or a comparison that gives up early
// would mix them up.
std::vector<std::string> PatternedKeys(int pattern, int count) {
  std::vector<std::string> keys;
  for (int i = 0; i < count; ++i) {
    std::string number(4, '\0');
    for (size_t byte = 0; byte < 4; ++byte) {
      number[byte] = static_cast<char>(i >> (8 * byte));
    }
    switch (pattern) {
      case 0:  // little-endian integers
        keys.push_back(number);
        break;
      case 1:  // big-endian integers
        keys.push_back(std::string(number.rbegin(), number.rend()));
        break;
      case 2:  // a long common prefix
        keys.push_back(std::string(200, 'p') + std::to_string(i));
        break;
      case 3:  // a long common suffix
        keys.push_back(std::to_string(i) + std::string(200, 's'));
        break;
      case 4:  // multiples of a power of two
        keys.push_back(std::to_string(static_cast<long long>(i) << 16));
        break;
      default:  // the same bytes in another place
        keys.push_back(
            std::string(static_cast<size_t>(i), '\0') + "x" +
            std::string(static_cast<size_t>(count - i), '\0'));
    }
  }
  return keys;
}

TEST(BytesTest, KeysThatFollowAPatternAreNotMixedUp) {
  constexpr int kKeys = 500;
  for (int pattern = 0; pattern < 6; ++pattern) {
    const std::vector<std::string> keys = PatternedKeys(pattern, kKeys);
    auto db = OpenEmpty();
    for (size_t i = 0; i < keys.size(); ++i) {
      Put(*db, keys[i], std::to_string(i));
    }
    for (size_t i = 0; i < keys.size(); i += 3) Delete(*db, keys[i]);
    for (size_t i = 0; i < keys.size(); ++i) {
      ASSERT_EQ(
          Read(*db, keys[i]), i % 3 == 0 ? "(not found)" : std::to_string(i))
          << "pattern " << pattern << ", key " << Show(keys[i]);
    }
    EXPECT_EQ(KeysOf(*db).size(), 333u) << "pattern " << pattern;
  }
}

}  // namespace
}  // namespace kv
