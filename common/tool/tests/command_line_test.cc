// Goal: whoever types something wrong reads what to type instead, and diff
// shows what it is asked for. Method: the real program on a small clone.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/tool/tests/fixture_course.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

class CommandLineTest : public CourseTest {};

TEST_F(CommandLineTest, WrongCommandLinesAreExplainedInSentences) {
  ExpectError({"test", "--only"}, {"--only wants a value", "wb test --help"});
  ExpectError(
      {"test", "01", "--only", "1.2", "--through", "1.3"},
      {"--only and --through do not go together"});
  ExpectError({"test", "01", "02"}, {"'02' is one word too many"});
  ExpectError({"test", "01", "--ful"}, {"no option '--ful'", "'--full'"});
  ExpectError({"hint"}, {"N.M is missing", "wb hint --help"});
  ExpectError({"--jsn"}, {"no option '--jsn'", "'--json'"});
  ExpectError({"bench", "--keys", "many"}, {"--keys wants a number"});
  ExpectError({"test", "01", "--only", "1.9"}, {"no '1.9' in 01", "1.1"});
  ExpectError({"test", "1.9"}, {"no '1.9' in 1", "1.1"});
  ExpectError({"test", "9.1"}, {"no stage or part '9'", "01"});
}

TEST_F(CommandLineTest, HelpListsEveryCommandAndExplainsOne) {
  const std::string list = Run({"--help"}).output;
  for (const char* command : {"\n  doctor ", "\n  test ", "\n  diff "}) {
    EXPECT_NE(list.find(command), std::string::npos) << command << list;
  }
  EXPECT_EQ(Run({"help"}).output, list);
  const ProcessResult one = Run({"help", "test"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(one.output, Run({"test", "--help"}).output);
  EXPECT_NE(one.output.find("--only N.M "), std::string::npos) << one.output;
  EXPECT_EQ(one.output.find("Excludes"), std::string::npos) << one.output;
}

TEST_F(CommandLineTest, UnknownNamesGetTheNearest) {
  InitAndStart();
  ExpectError({"start", "12"}, {"no stage or part '12'"});
  ExpectError({"start", "1.1"}, {"looks like an exercise"});
  ExpectError({"hint", "1.7"}, {"no exercise '1.7'", "1.1"});
  ExpectError({"hnt", "1.1"}, {"Did you mean 'wb hint'"});
  ExpectError({"reset", "2.1"}, {"not started 02"});
  ExpectError({"diff", "01"}, {"--mine"});
  ExpectError({"diff", "02", "--mine"}, {"not started 02"});
}

TEST_F(CommandLineTest, DiffShowsStagesAndMine) {
  InitAndStart();
  const std::string stages = Run({"diff", "01", "02"}).output;
  EXPECT_NE(stages.find("+int Erase(int key)"), std::string::npos) << stages;
  EXPECT_NE(stages.find("stage02_tiny/index/erase.cc"), std::string::npos)
      << stages;
  EXPECT_EQ(stages.find(clone_.string().substr(1)), std::string::npos)
      << stages;
  const std::string mine = Run({"diff", "01", "--mine", "--stat"}).output;
  EXPECT_NE(mine.find("index/table.cc"), std::string::npos) << mine;
  EXPECT_EQ(mine.find("@@"), std::string::npos) << mine;
}

TEST_F(CommandLineTest, DiffAsAPageGoesWhereTheCallerStands) {
  InitAndStart();
  const fs::path folder = base_ / "elsewhere";
  fs::create_directories(folder);
  const ProcessResult stages =
      RunIn(folder, {"diff", "01", "02", "--html", "stages.html"});
  EXPECT_EQ(stages.exit_code, 0) << stages.output;
  EXPECT_NE(stages.output.find("stages.html"), std::string::npos);
  EXPECT_EQ(stages.output.find("@@"), std::string::npos) << stages.output;
  const std::string page = Read(folder / "stages.html");
  EXPECT_NE(page.find("int Erase(int key)"), std::string::npos) << page;
  EXPECT_EQ(page.find(clone_.string()), std::string::npos) << page;
  const ProcessResult mine =
      RunIn(folder, {"diff", "01", "--mine", "--html", "new/mine.html"});
  EXPECT_EQ(mine.exit_code, 0) << mine.output;
  EXPECT_NE(
      Read(folder / "new/mine.html").find("mine/stage01"), std::string::npos);
  ExpectError({"diff", "01", "02", "--html", folder.string()}, {"is a folder"});
}

}  // namespace
}  // namespace kv::tool
