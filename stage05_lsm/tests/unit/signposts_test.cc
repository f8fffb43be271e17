// Goal: a signpost never points the wrong way, and a search that passes by them
// always gets on.
// Method: every range of places near each other, and random pairs of keys.

#include "table/signposts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/random.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

TEST(SignpostsTest, TheMiddleLiesBetweenBeginAndEnd) {
  for (uint64_t begin = 0; begin < 100; ++begin) {
    for (uint64_t end = begin + 1; end < 200; ++end) {
      const uint64_t middle = Signposts::Middle(begin, end);
      ASSERT_GE(middle, begin) << begin << " to " << end;
      ASSERT_LT(middle, end) << begin << " to " << end;
      ASSERT_TRUE(
          Signposts::IsPlace(middle) || end - begin <= Signposts::kInterval)
          << begin << " to " << end << ": " << middle;
    }
  }
}

TEST(SignpostsTest, WordsStandInTheOrderOfTheirKeys) {
  SeededRandom random(8);
  for (const std::string& prefix : std::vector<std::string>{
           "", "\x01", "\x01key", "\x02key", std::string("\x01\0\0", 3)}) {
    const Signposts signposts(100, prefix);
    const auto random_key = [&](std::string* user_key) {
      InternalKey key;
      key.space = static_cast<KeySpace>(1 + random.Below(2));
      if (!prefix.empty() && !random.OneIn(4)) {
        key.space = static_cast<KeySpace>(prefix.front());
        *user_key = prefix.substr(1);
      }
      const uint64_t bytes = random.Below(12);
      for (uint64_t i = 0; i < bytes; ++i) {
        *user_key += static_cast<char>(random.OneIn(2) ? 0 : random.Next());
      }
      key.user_key = *user_key;
      return key;
    };
    for (int i = 0; i < 5000; ++i) {
      std::string a_key;
      std::string b_key;
      const InternalKey a = random_key(&a_key);
      const InternalKey b = random_key(&b_key);
      const uint64_t a_word = signposts.WordOf(a);
      const uint64_t b_word = signposts.WordOf(b);
      if (a_word == 0 || b_word == 0 || a_word == b_word) continue;
      ASSERT_EQ(a_word < b_word, Compare(a, b) < 0)
          << Show(a_key) << " and " << Show(b_key);
    }
  }
}

TEST(SignpostsTest, AKeyThatBeginsOtherwiseHasNone) {
  const Signposts signposts(100, "\x01key");
  const auto word_of = [&signposts](KeySpace space, std::string_view key) {
    return signposts.WordOf({.space = space, .user_key = key});
  };
  EXPECT_EQ(word_of(KeySpace::kUser, "key1"), uint64_t{'1'} << 56);
  EXPECT_EQ(word_of(KeySpace::kUser, "key12345678"), 0x3132333435363738u);
  EXPECT_EQ(word_of(KeySpace::kUser, "key123456789"), 0x3132333435363738u);
  EXPECT_EQ(word_of(KeySpace::kUser, "ke"), 0u);
  EXPECT_EQ(word_of(KeySpace::kUser, "kez"), 0u);
  EXPECT_EQ(word_of(KeySpace::kUser, ""), 0u);
  EXPECT_EQ(word_of(KeySpace::kDocument, "key1"), 0u);
}

TEST(SignpostsTest, WhatIsSetIsKnown) {
  Signposts signposts(33, "");
  for (const uint64_t number : std::vector<uint64_t>{0, 16, 32}) {
    EXPECT_EQ(signposts.At(number), 0u);
    signposts.Set(number, number + 1);
    EXPECT_EQ(signposts.At(number), number + 1);
  }
}

}  // namespace
}  // namespace kv
