// The command line: what is the directory, what the dump, what is refused.
// Method: a table of command lines.

#include "common/shell/arguments.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace kv::shell {
namespace {

// A file that is there, wherever the tests run.
constexpr char kFile[] = "/dev/null";

Result<ShellArguments> Parsed(const std::vector<std::string>& words) {
  static uint64_t number = 0;
  ShellSpec spec;
  spec.flags = {NumberFlag("--bytes", "a number", &number)};
  return ParseArguments(words, spec);
}

TEST(Arguments, DirectoryAndDump) {
  const struct {
    std::vector<std::string> words;
    std::string path;
    std::optional<std::string> load_file;
  } cases[] = {
      {{}, "", std::nullopt},
      {{"db"}, "db", std::nullopt},
      {{"--dump", "db"}, "db", std::nullopt},
      {{"db", "--dump"}, "db", std::nullopt},
      {{"--", "--db"}, "--db", std::nullopt},
      {{"--load"}, "", "-"},
      {{"--load", "-"}, "", "-"},
      {{"--load", kFile}, "", kFile},
      {{"--load", "no-such-file"}, "no-such-file", "-"},
      {{"--load", "/tmp"}, "/tmp", "-"},
      {{"--load", kFile, "db"}, "db", kFile},
      {{"--load", "no-such-file", "db"}, "db", "no-such-file"},
      {{"--load", "--format", "csv", kFile, "db"}, "db", kFile},
      {{"db", "--load"}, "db", "-"},
      {{"db", "--load", "-"}, "db", "-"},
      {{"db", "--load", kFile}, "db", kFile},
      {{"--load=db", "db"}, "db", "db"},
  };
  for (const auto& c : cases) {
    const Result<ShellArguments> arguments = Parsed(c.words);
    ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
    EXPECT_EQ(arguments->path, c.path) << testing::PrintToString(c.words);
    EXPECT_EQ(arguments->load_file, c.load_file)
        << testing::PrintToString(c.words);
  }
}

TEST(Arguments, OptionsTakeTheirArgumentInTwoWays) {
  uint64_t number = 0;
  ShellSpec spec;
  spec.flags = {NumberFlag("--bytes", "a number", &number)};
  ASSERT_TRUE(ParseArguments({"--bytes", "12"}, spec).ok());
  EXPECT_EQ(number, 12u);
  ASSERT_TRUE(ParseArguments({"--bytes=18446744073709551615"}, spec).ok());
  EXPECT_EQ(number, UINT64_MAX);
  const Result<ShellArguments> csv = Parsed({"--format=csv", "--dump"});
  ASSERT_TRUE(csv.ok());
  EXPECT_EQ(csv->format, DumpFormat::kCsv);
}

TEST(Arguments, AChoiceIsOneOfItsWords) {
  size_t choice = 9;
  ShellSpec spec;
  spec.flags = {ChoiceFlag(
      "--mode", "MODE", "what to do", {"stop", "go-on"},
      [&choice](size_t place) { choice = place; })};
  ASSERT_TRUE(ParseArguments({"--mode", "go-on"}, spec).ok());
  EXPECT_EQ(choice, 1u);
  ASSERT_TRUE(ParseArguments({"--mode=stop"}, spec).ok());
  EXPECT_EQ(choice, 0u);
  for (const char* wrong : {"--mode=", "--mode=Go-on", "--mode=go", "--mode"}) {
    const Status refused = ParseArguments({wrong}, spec).status();
    EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument) << wrong;
  }
  EXPECT_EQ(choice, 0u) << "a wrong word chooses nothing";
  EXPECT_NE(
      ParseArguments({"--mode=go"}, spec)
          .status()
          .message()
          .find("stop, go-on"),
      std::string_view::npos);
  EXPECT_NE(UsageText(spec).find("--mode MODE"), std::string::npos);
}

TEST(Arguments, WrongUsageIsRefused) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--frobnicate"},
        {"-x"},
        {"a", "b"},
        {""},
        {"--load", "a", "b", "c"},
        {"--dump=yes"},
        {"--format"},
        {"--format", "json"},
        {"--bytes"},
        {"--bytes", ""},
        {"--bytes", "-1"},
        {"--bytes", "12k"},
        {"--bytes", "18446744073709551616"}}) {
    const Result<ShellArguments> arguments = Parsed(words);
    EXPECT_FALSE(arguments.ok()) << testing::PrintToString(words);
    EXPECT_FALSE(arguments.status().message().empty());
  }
}

TEST(Arguments, HelpNamesEveryOption) {
  uint64_t number = 0;
  ShellSpec spec;
  spec.name = "kv_shell";
  spec.about = "About.";
  spec.flags = {NumberFlag("--bytes", "a number", &number)};
  const std::string text = UsageText(spec);
  for (const char* part :
       {"About.", "--help", "--load", "--dump", "--format", "--bytes N",
        "Exit codes"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace kv::shell
