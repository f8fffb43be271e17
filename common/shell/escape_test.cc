// Escaping: what is printed, what is read, and that one undoes the other.
// Method: tables, and random bytes from a printed seed.

#include "common/shell/escape.h"

#include <gtest/gtest.h>

#include <string>

#include "common/shell/random_bytes.h"
#include "common/shell/tokenizer.h"

namespace kv::shell {
namespace {

TEST(Escape, PrintableAsciiStandsForItself) {
  EXPECT_EQ(EscapeBytes("Az 09~\"'#"), "Az 09~\"'#");
  EXPECT_EQ(EscapeBytes(""), "");
}

TEST(Escape, OtherBytesAreHexadecimalAndABackslashIsTwo) {
  const std::string bytes("\0\n\x1f\x7f\x80\xff\\", 7);
  EXPECT_EQ(EscapeBytes(bytes), "\\x00\\x0a\\x1f\\x7f\\x80\\xff\\\\");
}

TEST(Escape, UnescapeReadsEveryEscape) {
  const Result<std::string> bytes =
      UnescapeBytes("\\x41\\xfF\\n\\t\\r\\\\\\\"\\'\\ \\#\xc3\xa9");
  ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
  EXPECT_EQ(*bytes, "A\xff\n\t\r\\\"' #\xc3\xa9");
}

TEST(Escape, WhatIsNoEscapeIsRefusedWithItsColumn) {
  for (const char* text : {"ab\\q", "ab\\", "ab\\x", "ab\\x4", "ab\\xg0"}) {
    const Result<std::string> bytes = UnescapeBytes(text);
    ASSERT_FALSE(bytes.ok()) << text;
    EXPECT_TRUE(bytes.status().message().starts_with("column 3: "))
        << bytes.status().message();
  }
}

TEST(Escape, UnescapeUndoesEscapeForRandomBytes) {
  SeededRandom random = TestRandom();
  for (int i = 0; i < 5000; ++i) {
    const std::string bytes = RandomBytes(&random, 40);
    const Result<std::string> back = UnescapeBytes(EscapeBytes(bytes));
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    ASSERT_EQ(*back, bytes);
  }
}

TEST(Escape, QuoteWordLeavesPlainWordsAlone) {
  EXPECT_EQ(QuoteWord("key:1,2=[x]"), "key:1,2=[x]");
  EXPECT_EQ(QuoteWord(""), "\"\"");
  EXPECT_EQ(QuoteWord("two words"), "\"two words\"");
  EXPECT_EQ(QuoteWord("#"), "\"#\"");
  EXPECT_EQ(QuoteWord("\"\\\n"), "\"\\\"\\\\\\x0a\"");
}

TEST(Escape, TokenizeUndoesQuoteWordForRandomBytes) {
  SeededRandom random = TestRandom();
  for (int i = 0; i < 5000; ++i) {
    const std::string a = RandomBytes(&random, 20);
    const std::string b = RandomBytes(&random, 20);
    const Result<std::vector<std::string>> words =
        Tokenize(QuoteWord(a) + " " + QuoteWord(b));
    ASSERT_TRUE(words.ok()) << words.status().ToString();
    ASSERT_EQ(*words, (std::vector<std::string>{a, b}));
  }
}

}  // namespace
}  // namespace kv::shell
