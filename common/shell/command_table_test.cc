// The command table: dispatch, argument counts, suggestions, help.
// Method: a small table, and what it answers.

#include "common/shell/command_table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace kv::shell {
namespace {

void AddTwo(CommandTable* table) {
  const auto print = [](const CommandCall& call) {
    call.out << call.arguments.size() << "\n";
    return Status::Ok();
  };
  table->Add("Writing", {"put", "KEY VALUE", "sets", "At once.", print});
  table->Add("Reading", {"keys", "[PREFIX]", "lists", "", print});
  table->Add("Reading", {"mget", "KEY ...", "prints", "", print});
}

std::string Answer(const std::vector<std::string>& words) {
  CommandTable table;
  AddTwo(&table);
  std::ostringstream out;
  const Status status = table.Run(words, out);
  return status.ok() ? out.str() : std::string(status.message());
}

TEST(CommandTable, RunsTheHandlerWithTheArguments) {
  EXPECT_EQ(Answer({"put", "a", "b"}), "2\n");
  EXPECT_EQ(Answer({"keys"}), "0\n");
  EXPECT_EQ(Answer({"keys", "a"}), "1\n");
  EXPECT_EQ(Answer({"mget", "a", "b", "c"}), "3\n");
}

TEST(CommandTable, AWrongNumberOfArgumentsShowsTheUsage) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"put", "a"},
        {"put", "a", "b", "c"},
        {"keys", "a", "b"},
        {"mget"}}) {
    EXPECT_NE(
        Answer(words).find("the command is '" + words[0] + " "),
        std::string::npos)
        << Answer(words);
  }
}

TEST(CommandTable, AnUnknownCommandSuggestsTheNearest) {
  EXPECT_NE(Answer({"ptu"}).find("did you mean 'put'?"), std::string::npos);
  EXPECT_NE(Answer({"PUT"}).find("did you mean 'put'?"), std::string::npos);
  EXPECT_NE(Answer({"kesy"}).find("did you mean 'keys'?"), std::string::npos);
  EXPECT_NE(Answer({"frobnicate"}).find("'help' lists"), std::string::npos);
  EXPECT_NE(Answer({"help", "mgte"}).find("'mget'?"), std::string::npos);
  EXPECT_NE(
      Answer({std::string(100000, 'p')}).find("'help' lists"),
      std::string::npos);
}

TEST(CommandTable, HelpPrintsGroupsInOrderWithTheShellLast) {
  const std::string help = Answer({"help"});
  const size_t writing = help.find("Writing\n  put KEY VALUE");
  const size_t reading = help.find("Reading\n  keys [PREFIX]");
  const size_t shell = help.find("Shell\n  help [COMMAND]");
  ASSERT_NE(writing, std::string::npos) << help;
  ASSERT_NE(reading, std::string::npos) << help;
  ASSERT_NE(shell, std::string::npos) << help;
  EXPECT_LT(writing, reading);
  EXPECT_LT(reading, shell);
}

TEST(CommandTable, HelpForACommandPrintsAllOfIt) {
  EXPECT_EQ(Answer({"help", "put"}), "put KEY VALUE\n  sets\n  At once.\n");
}

TEST(CommandTable, NamesWithPrefixAreSorted) {
  CommandTable table;
  AddTwo(&table);
  EXPECT_EQ(
      table.NamesWithPrefix(""),
      (std::vector<std::string>{"help", "keys", "mget", "put"}));
  EXPECT_EQ(table.NamesWithPrefix("p"), (std::vector<std::string>{"put"}));
  EXPECT_TRUE(table.NamesWithPrefix("x").empty());
}

TEST(CommandTable, EditDistanceCountsSteps) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("put", ""), 3u);
  EXPECT_EQ(EditDistance("put", "put"), 0u);
  EXPECT_EQ(EditDistance("put", "ptu"), 1u);
  EXPECT_EQ(EditDistance("put", "puts"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

TEST(CommandTableDeathTest, ACommandIsAddedOnce) {
  CommandTable table;
  AddTwo(&table);
  EXPECT_DEATH(AddTwo(&table), "added once");
}

}  // namespace
}  // namespace kv::shell
