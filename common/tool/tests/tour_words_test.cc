// Words of a file are counted with their first place, and survive the shell's
// command line.

#include "common/tool/tour/words.h"

#include <gtest/gtest.h>

#include "common/tool/files.h"
#include "common/tool/run/corpus.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

std::vector<Word> Count(const std::string& text, size_t words_max = 100) {
  std::string name = (fs::temp_directory_path() / "tour-words-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  EXPECT_TRUE(WriteText(folder / "a.txt", text).ok());
  const auto words = CountWords({folder / "a.txt"}, folder, words_max);
  fs::remove_all(folder);
  EXPECT_TRUE(words.ok()) << words.status().ToString();
  return words.ok() ? *words : std::vector<Word>();
}

TEST(TourWordsTest, CountsWithFirstPlace) {
  const std::vector<Word> words = Count("The log.\nthe LOG, the\n");
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, "the");
  EXPECT_EQ(words[0].Describe(), "3 times, first in a.txt, line 1");
  EXPECT_EQ(words[1].count, 2u);
}

TEST(TourWordsTest, LimitKeepsCountingKnownWords) {
  const std::vector<Word> words = Count("a b a c a", 2);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].count, 3u);
}

TEST(TourWordsTest, MostFrequentFirstAndStable) {
  const std::vector<Word> words = ByCount(Count("x y y z"));
  EXPECT_EQ(words[0].text, "y");
  EXPECT_EQ(words[1].text, "x");
}

TEST(TourWordsTest, FileWithoutWordsIsAnError) {
  EXPECT_FALSE(CountWords({"/dev/null"}, "/", 10).ok());
}

TEST(TourWordsTest, ShellWordQuotesWhatNeedsIt) {
  EXPECT_EQ(ShellWord("top:1"), "top:1");
  EXPECT_EQ(ShellWord(""), "\"\"");
  EXPECT_EQ(ShellWord("a b"), "\"a b\"");
  EXPECT_EQ(ShellWord("\"\\\xc3"), "\"\\x22\\x5c\\xc3\"");
}

TEST(TourWordsTest, NextKeysComeInTheOrderOfTheirBytes) {
  const std::vector<std::string> keys = {"b", "top:1", "\xc3", "a", "c"};
  EXPECT_EQ(
      NextKeys(keys, "b", 3), (std::vector<std::string>{"b", "c", "top:1"}));
  EXPECT_EQ(
      NextKeys(keys, "d", 9), (std::vector<std::string>{"top:1", "\xc3"}));
  EXPECT_EQ(AnsweredKey("a\xc3"), "a\\xc3");
}

TEST(CorpusTest, RandomCommandsReplayBySeed) {
  EXPECT_EQ(RandomCommands(7, 200), RandomCommands(7, 200));
  EXPECT_NE(RandomCommands(7, 200), RandomCommands(8, 200));
}

TEST(CorpusTest, DifferentAnswersAreFoundAndNamed) {
  // Two "shells": one echoes the commands, one changes each put.
  const fs::path work = fs::temp_directory_path() / "corpus-test-database";
  std::string name = (fs::temp_directory_path() / "corpus-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  ASSERT_TRUE(WriteText(folder / "a", "#!/bin/sh\ncat\n").ok());
  ASSERT_TRUE(WriteText(folder / "b", "#!/bin/sh\nsed s/^put/PUT/\n").ok());
  fs::permissions(folder / "a", fs::perms::owner_all);
  fs::permissions(folder / "b", fs::perms::owner_all);
  const auto same =
      CompareShells(folder / "a", folder / "a", work, TestSize::kQuick);
  const auto different =
      CompareShells(folder / "a", folder / "b", work, TestSize::kQuick);
  fs::remove_all(folder);
  ASSERT_TRUE(same.ok());
  ASSERT_TRUE(different.ok());
  EXPECT_TRUE((*same)[0].Passed());
  EXPECT_TRUE((*same)[1].Passed());
  EXPECT_FALSE((*different)[0].Passed());
  EXPECT_NE((*different)[0].output.find("PUT"), std::string::npos);
}

}  // namespace
}  // namespace kv::tool
