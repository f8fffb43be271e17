// Goal: the course commands work end to end from any folder, and never leave
// anything half written. Method: a small clone with two stages in a temporary
// folder, the real program, and git.

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "common/tool/course/results.h"
#include "common/tool/tests/fixture_course.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

class CourseCommandsTest : public CourseTest {};

TEST_F(CourseCommandsTest, StartPutsAnEmptiedStarterAsOneCommit) {
  InitAndStart();
  const std::string header = Read(course_ / "stage01/index/table.h");
  EXPECT_NE(
      header.find("  explicit Table(int size) {\n"
                  "    kv::ExerciseTodo(\"1.1\");\n  }\n"),
      std::string::npos)
      << header;
  EXPECT_NE(
      header.find("#include \"common/base/exercise.h\""), std::string::npos);
  EXPECT_EQ(header.find("Locate"), std::string::npos) << header;
  EXPECT_EQ(header.find("Where a key belongs"), std::string::npos) << header;
  const std::string source = Read(course_ / "stage01/index/table.cc");
  EXPECT_NE(
      source.find("int Table::Find(int key) const {\n"
                  "  kv::ExerciseTodo(\"1.1\");\n}\n"),
      std::string::npos)
      << source;
  EXPECT_NE(source.find("ExerciseTodo(\"1.2\")"), std::string::npos);
  EXPECT_EQ(source.find("Half"), std::string::npos) << source;
  EXPECT_EQ(source.find("heart of it"), std::string::npos) << source;
  EXPECT_NE(
      Read(course_ / "stage01/tests/own/table_own_test.cc")
          .find("ExerciseTodo(\"1.3\")"),
      std::string::npos);
  EXPECT_EQ(Git({"status", "--porcelain"}), "");
  EXPECT_EQ(Git({"rev-list", "--count", "HEAD"}), "2\n");
  EXPECT_NE(Git({"log", "-1", "--format=%s"}).find("01"), std::string::npos);
}

TEST_F(CourseCommandsTest, AStarterHasAllSourcesOfItsPrograms) {
  Write(clone_ / "stage01_tiny/app/shell.cc", "int main() {}\n");
  Write(clone_ / "stage01_tiny/app/shell/words.cc", "int words = 0;\n");
  InitAndStart();
  EXPECT_EQ(Read(course_ / "stage01/app/shell.cc"), "int main() {}\n");
  EXPECT_EQ(Read(course_ / "stage01/app/shell/words.cc"), "int words = 0;\n");
}

TEST_F(CourseCommandsTest, AStarterCompiles) {
  InitAndStart();
  const ProcessResult result = RunProcess(
      {"c++", "-std=c++20", "-fsyntax-only",
       "-I" + (course_ / "stage01").string(),
       "-I" + std::string(KV_SOURCE_ROOT),
       (course_ / "stage01/index/table.cc").string()},
      base_);
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

TEST_F(CourseCommandsTest, WorksFromWithinTheCourseAndFromTheClone) {
  ExpectOk({"init", course_.string()});
  EXPECT_EQ(RunIn(clone_ / "docs", {"start", "01"}).exit_code, 0);
  EXPECT_EQ(RunIn(course_ / "stage01/index", {"status"}).exit_code, 0);
  EXPECT_EQ(RunIn("/", {"status"}).exit_code, 0);
}

TEST_F(CourseCommandsTest, StartRefusesToOverwrite) {
  InitAndStart();
  ExpectError({"start", "01"}, {"started 01 already", "--again"});
  Edit(
      course_ / "stage01/index/table.cc", "kv::ExerciseTodo(\"1.2\");",
      "return 7;");
  const std::string mine = Read(course_ / "stage01/index/table.cc");
  ExpectError({"start", "01", "--again"}, {"not committed", "index/table.cc"});
  EXPECT_EQ(Read(course_ / "stage01/index/table.cc"), mine);
  Git({"-c", "user.name=n", "-c", "user.email=e", "commit", "-qam", "Mine"});
  ExpectOk({"start", "01", "--again"});
  EXPECT_NE(
      Read(course_ / "stage01/index/table.cc").find("ExerciseTodo(\"1.2\")"),
      std::string::npos);
  EXPECT_EQ(Git({"status", "--porcelain"}), "");
  // Nothing left to do is not an error.
  const std::string commits = Git({"log", "--oneline"});
  ExpectOk({"start", "01", "--again"});
  EXPECT_EQ(Git({"log", "--oneline"}), commits);
}

TEST_F(CourseCommandsTest, StartWithoutAFolderSaysWhatToDo) {
  ExpectError({"start", "01"}, {"init", "kv-course"});
  EXPECT_FALSE(fs::exists(base_ / "kv-course"));
  ExpectOk({"start", "01", "--yes"});
  EXPECT_TRUE(fs::exists(base_ / "kv-course/stage01/index/table.cc"));
}

TEST_F(CourseCommandsTest, InitRefusesFoldersThatAreNotItsOwn) {
  Write(base_ / "full/file", "x");
  ExpectError({"init", "full"}, {"holds something already"});
  ExpectError({"init", "full/file"}, {"is a file"});
  ExpectError({"init", (clone_ / "mine").string()}, {"inside the workbook"});
  EXPECT_FALSE(fs::exists(clone_ / "mine"));
  ExpectOk({"init", course_.string()});
  ExpectOk({"init", course_.string()});  // again: only remembered
}

TEST_F(CourseCommandsTest, ALostFolderIsNamed) {
  InitAndStart();
  fs::rename(course_, base_ / "moved");
  ExpectError({"status"}, {course_.string(), "init"});
  ExpectOk({"init", "moved"});
  ExpectOk({"status"});
}

TEST_F(CourseCommandsTest, ABrokenManifestLeavesNothingBehind) {
  ExpectOk({"init", course_.string()});
  Edit(clone_ / "stage01_tiny/exercises.json", "Table::Insert", "Table::Insrt");
  ExpectError({"start", "01"}, {"1.2", "Table::Insrt", "Table::Insert"});
  EXPECT_FALSE(fs::exists(course_ / "stage01"));
  EXPECT_EQ(Git({"status", "--porcelain"}), "");
}

TEST_F(CourseCommandsTest, AHelperInUseElsewhereIsAnError) {
  ExpectOk({"init", course_.string()});
  Edit(
      clone_ / "stage01_tiny/exercises.json", "\"functions\": [\"Table::Find\"",
      "\"functions\": [\"Table::Insert\"");
  Edit(
      clone_ / "stage01_tiny/exercises.json",
      "[\"Table::Insert\"],\n   \"needs", "[\"Table::Find\"],\n   \"needs");
  ExpectOk({"start", "01"});  // both are emptied: the helper may go
  Edit(
      clone_ / "stage01_tiny/index/table.h", "int Insert(int key);",
      "int Insert(int key);\n  int More() { return Locate(1); }");
  ExpectError({"start", "01", "--again"}, {"Table::Locate", "still uses"});
}

TEST_F(CourseCommandsTest, HintsComeOneAtATime) {
  InitAndStart();
  const std::string first = Run({"hint", "1.1"}).output;
  EXPECT_NE(first.find("Look left."), std::string::npos) << first;
  EXPECT_EQ(first.find("Look right."), std::string::npos) << first;
  const std::string second = Run({"hint", "1.1"}).output;
  EXPECT_EQ(second.find("Look left."), std::string::npos) << second;
  EXPECT_NE(second.find("Look right."), std::string::npos) << second;
  EXPECT_NE(second.find("solution 1.1"), std::string::npos) << second;
  ExpectError({"hint", "1.2"}, {"has no hints"});
  ExpectError({"hint", "1.3"}, {"no section"});
  fs::remove(clone_ / "docs/01.md");
  ExpectError({"hint", "1.1"}, {"chapter", "missing"});
}

TEST_F(CourseCommandsTest, SolutionAsksAndShowsFunctionsAndHelpers) {
  InitAndStart();
  ExpectError({"solution", "1.1"}, {"--yes"});
  const std::string text = Run({"solution", "1.1", "--yes"}).output;
  EXPECT_NE(text.find("The heart of it."), std::string::npos) << text;
  EXPECT_NE(text.find("int Half(int x)"), std::string::npos) << text;
  EXPECT_NE(Run({"status"}).output.find("solution seen"), std::string::npos);
}

TEST_F(CourseCommandsTest, ResetEmptiesAndKeepsACopy) {
  InitAndStart();
  const fs::path source = course_ / "stage01/index/table.cc";
  Edit(source, "kv::ExerciseTodo(\"1.2\");", "return 7;");
  const std::string mine = Read(source);
  // Nobody can be asked here.
  ExpectError({"reset", "1.2"}, {"nothing changed", "reset 1.2 --yes"});
  EXPECT_EQ(Read(source), mine);
  const std::string output = Run({"reset", "1.2", "--yes"}).output;
  EXPECT_NE(output.find("reset 1.2 --undo"), std::string::npos) << output;
  EXPECT_NE(Read(source).find("ExerciseTodo(\"1.2\")"), std::string::npos);
  size_t copies = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(course_ / ".wb/backup")) {
    if (entry.is_regular_file()) {
      EXPECT_NE(Read(entry.path()).find("return 7;"), std::string::npos);
      ++copies;
    }
  }
  EXPECT_EQ(copies, 1u) << output;
  EXPECT_NE(Run({"reset", "1.2"}).output.find("already"), std::string::npos);
  ExpectOk({"reset", "1.2", "--undo"});
  EXPECT_EQ(Read(source), mine);
  ExpectError({"reset", "1.2", "--undo"}, {"not empty"});
  ExpectError({"reset", "1.1", "--undo"}, {"no reset of 1.1"});
  Edit(source, "int Table::Insert(", "int Table::Insert2(");
  ExpectError({"reset", "1.2"}, {"Table::Insert"});
}

TEST_F(CourseCommandsTest, StatusIsBoundToTheSources) {
  InitAndStart();
  const fs::path folder = course_ / "stage01";
  Result<ResultStore> store = ResultStore::Load(course_ / ".wb");
  ASSERT_TRUE(store.ok());
  TestResult result;
  result.id = "1.1";
  result.outcome = Outcome::kPassed;
  result.sources = *HashSources(folder, clone_ / "stage01_tiny/tests");
  store->Record(result);
  ASSERT_TRUE(store->Save().ok());
  EXPECT_NE(Run({"status"}).output.find("50 of 200"), std::string::npos);
  Edit(folder / "index/table.cc", "kv::ExerciseTodo(\"1.2\");", "return 7;");
  const std::string stale = Run({"status"}).output;
  EXPECT_NE(stale.find("passed before the last edit"), std::string::npos)
      << stale;
  EXPECT_NE(stale.find("50 before the last edit"), std::string::npos) << stale;
  EXPECT_NE(stale.find("0 of 200"), std::string::npos) << stale;
  const std::string json = Run({"status", "--json"}).output;
  EXPECT_NE(json.find("\"stale\": true"), std::string::npos) << json;
}

TEST_F(CourseCommandsTest, CarryBringsWhatStillFits) {
  InitAndStart();
  const fs::path source = course_ / "stage01/index/table.cc";
  // 1.1 is solved with a function of the learner's own, 1.2 without.
  Edit(
      source, "int Table::Find(int key) const {\n  kv::ExerciseTodo(\"1.1\");",
      "static int Mine(int k) { return k; }\n\n"
      "int Table::Find(int key) const {\n  return Mine(key);");
  Edit(source, "kv::ExerciseTodo(\"1.2\");", "return key + 42;");
  const std::string output = Run({"start", "02", "--carry"}).output;
  const std::string carried = Read(course_ / "stage02/index/table.cc");
  EXPECT_NE(carried.find("return key + 42;"), std::string::npos) << carried;
  EXPECT_NE(carried.find("The heart of it."), std::string::npos) << carried;
  EXPECT_NE(output.find("it uses 'Mine'"), std::string::npos) << output;
  EXPECT_NE(
      output.find("1.2   carried from 01, not tested in 01"), std::string::npos)
      << output;
  EXPECT_NE(output.find("1.3   still empty"), std::string::npos) << output;
  EXPECT_NE(
      output.find("what you changed in\nstage01/index/table.cc"),
      std::string::npos)
      << output;
  EXPECT_LT(output.find("1.3   still"), output.find("Next: ")) << output;
}

TEST_F(CourseCommandsTest, StatusGoesOnWhereTheLearnerIs) {
  ExpectOk({"init", course_.string()});
  EXPECT_NE(Run({"status"}).output.find("start 01"), std::string::npos);
  const std::string started = Run({"start", "02"}).output;
  EXPECT_NE(started.find("as the reference has them"), std::string::npos)
      << started;
  const std::string text = Run({"status"}).output;
  EXPECT_NE(text.find("test 02"), std::string::npos) << text;
  EXPECT_EQ(text.find("start 01"), std::string::npos) << text;
}

TEST_F(CourseCommandsTest, InitSaysThatTheFolderChanges) {
  ExpectOk({"init", course_.string()});
  const std::string again = Run({"init", course_.string()}).output;
  EXPECT_EQ(again.find("Until now"), std::string::npos) << again;
  const std::string other = Run({"init", "other"}).output;
  EXPECT_NE(
      other.find("Until now the workbook worked with " + course_.string()),
      std::string::npos)
      << other;
}

TEST_F(CourseCommandsTest, DiffWarnsOfSolutionsWhileExercisesAreOpen) {
  const std::string reader = Run({"diff", "01", "02"}).output;
  EXPECT_EQ(reader.find("solutions"), std::string::npos) << reader;
  InitAndStart();
  const std::string learner = Run({"diff", "01", "02"}).output;
  EXPECT_NE(learner.find("solutions of 02"), std::string::npos) << learner;
  EXPECT_EQ(
      Run({"diff", "01", "02", "--stat"}).output.find("solutions"),
      std::string::npos);
  const fs::path source = course_ / "stage01/index/table.cc";
  Write(
      source,
      "#include \"common/base/exercise.h\"\n" + std::string(kTableSource));
  const std::string mine = Run({"diff", "01", "--mine"}).output;
  EXPECT_EQ(mine.find("table.cc"), std::string::npos) << mine;
  EXPECT_NE(mine.find("tests/own/table_own_test.cc"), std::string::npos)
      << mine;
}

TEST_F(CourseCommandsTest, CarryLeavesWhatTheStageChanges) {
  InitAndStart();
  Edit(
      clone_ / "stage02_tiny/index/table.cc", "size_ += key;",
      "size_ += 2 * key;");
  Edit(
      course_ / "stage01/index/table.cc", "kv::ExerciseTodo(\"1.2\");",
      "return key + 42;");
  const std::string output = Run({"start", "02", "--carry"}).output;
  EXPECT_NE(output.find("changes in this stage"), std::string::npos) << output;
  EXPECT_NE(
      Read(course_ / "stage02/index/table.cc").find("size_ += 2 * key;"),
      std::string::npos);
}

TEST_F(CourseCommandsTest, WithoutCarryEarlierExercisesAreTheReference) {
  InitAndStart();
  ExpectOk({"start", "02"});
  EXPECT_EQ(
      Read(course_ / "stage02/index/table.cc"), std::string(kTableSource));
}

}  // namespace
}  // namespace kv::tool
