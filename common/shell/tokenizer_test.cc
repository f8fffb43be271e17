// The tokenizer: how a line becomes words, and what is refused.
// Method: tables, and random lines that must give words or an error with a
// column in the line.

#include "common/shell/tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/shell/random_bytes.h"

namespace kv::shell {
namespace {

using Words = std::vector<std::string>;

TEST(Tokenizer, SplitsWordsAndQuotes) {
  const struct {
    std::string line;
    Words words;
  } cases[] = {
      {"", {}},
      {" \t ", {}},
      {"put a 1", {"put", "a", "1"}},
      {"  put\t a  1 ", {"put", "a", "1"}},
      {"get \"a b\"", {"get", "a b"}},
      {"get 'a b'", {"get", "a b"}},
      {"get a\" \"b' 'c", {"get", "a b c"}},
      {"get \"\" ''", {"get", "", ""}},
      {"get \"'\" '\"'", {"get", "'", "\""}},
      {"get \\x00\\n\\t\\\\", {"get", std::string("\0\n\t\\", 4)}},
      {"get \"\\\"\"", {"get", "\""}},
      {"get '\\n'", {"get", "\\n"}},
      {"get a\\ b", {"get", "a b"}},
      {"# get a", {}},
      {"  # 'open", {}},
      {"get # a", {"get", "#", "a"}},
      {"get caf\xc3\xa9", {"get", "caf\xc3\xa9"}},
  };
  for (const auto& c : cases) {
    const Result<Words> words = Tokenize(c.line);
    ASSERT_TRUE(words.ok()) << c.line << ": " << words.status().ToString();
    EXPECT_EQ(*words, c.words) << c.line;
  }
}

TEST(Tokenizer, ErrorsNameTheColumn) {
  const struct {
    std::string line;
    std::string prefix;
  } cases[] = {
      {"get \"a", "column 5: this quote is not closed"},
      {"get 'a\\'b'", "column 10: this quote is not closed"},
      {"get a\\q", "column 6: '\\q' is no escape"},
      {"get a\\x1", "column 6: \\x needs two"},
      {"get a\\", "column 6: a backslash at the end"},
  };
  for (const auto& c : cases) {
    const Result<Words> words = Tokenize(c.line);
    ASSERT_FALSE(words.ok()) << c.line;
    EXPECT_EQ(words.status().code(), StatusCode::kInvalidArgument);
    EXPECT_TRUE(words.status().message().starts_with(c.prefix))
        << words.status().message();
  }
}

TEST(Tokenizer, RandomLinesGiveWordsOrAColumnInTheLine) {
  SeededRandom random = TestRandom();
  size_t refused = 0;
  constexpr size_t kLines = 20000;
  for (size_t i = 0; i < kLines; ++i) {
    const std::string line = RandomBytes(&random, 30);
    const Result<Words> words = Tokenize(line);
    if (words.ok()) continue;
    ++refused;
    const std::string message(words.status().message());
    ASSERT_TRUE(message.starts_with("column ")) << message;
    const size_t column = std::stoul(message.substr(7));
    ASSERT_GE(column, 1u);
    ASSERT_LE(column, line.size());
  }
  // The lines reach both outcomes.
  EXPECT_GT(refused, kLines / 10);
  EXPECT_LT(refused, kLines);
}

}  // namespace
}  // namespace kv::shell
