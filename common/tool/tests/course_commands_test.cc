// Goal: the course commands work end to end from any folder, and never leave
// anything half written. Method: a small clone with two stages in a temporary
// folder, the real program, and git.

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/tool/course/results.h"
#include "common/tool/files.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTableHeader = R"(#pragma once

namespace kv {

class Table {
 public:
  explicit Table(int size) : size_(size), half_{size / 2} {}

  int Find(int key) const;
  int Insert(int key);

 private:
  // Where a key belongs.
  int Locate(int key) const;

  int size_;
  int half_;
};

}  // namespace kv
)";

constexpr const char* kTableSource = R"(#include "index/table.h"

#include <string>

namespace kv {
namespace {

// Halves a number.
int Half(int x) { return x / 2; }

}  // namespace

int Table::Locate(int key) const { return Half(key) + half_; }

int Table::Find(int key) const {
  // The heart of it.
  return Locate(key);
}

int Table::Insert(int key) {
  size_ += key;
  return size_;
}

}  // namespace kv
)";

constexpr const char* kOwnTest = R"(#include "index/table.h"

#include <gtest/gtest.h>

TEST(OwnTableTest, Finds) { EXPECT_EQ(kv::Table(4).Find(2), 3); }
)";

std::string ManifestOf(const std::string& stage, const std::string& rest) {
  return R"({"stage": ")" + stage + R"(", "folder": "stage)" + stage +
      R"(_tiny", "title": "Tiny", "parts": [{"id": ")" + stage +
      R"(", "title": "Tiny", "chapter": "docs/)" + stage +
      R"(.md", "question": "How?"}], "exercises": [)" + rest +
      R"(], "groups": []})";
}

constexpr const char* kFirstExercises = R"json(
  {"id": "1.1", "part": "01", "title": "Find", "kind": "code", "core": true,
   "points": 50, "hours": 1, "functions": ["Table::Find", "Table::Table"],
   "helpers": ["Table::Locate", "Half"], "needs": [], "tests": ["A.*"]},
  {"id": "1.2", "part": "01", "title": "Insert", "kind": "code", "core": true,
   "points": 30, "hours": 1, "functions": ["Table::Insert"],
   "needs": ["1.1"], "tests": ["B.*"]},
  {"id": "1.3", "part": "01", "title": "Test", "kind": "test", "core": true,
   "points": 20, "hours": 1, "functions": ["TEST(OwnTableTest, Finds)"],
   "file": "tests/own/table_own_test.cc", "needs": ["1.1"],
   "tests": ["OwnTableTest.*"]
})json";

constexpr const char* kSecondExercises = R"(
  {"id": "2.1", "part": "02", "title": "Erase", "kind": "code", "core": true,
   "points": 100, "hours": 1, "functions": ["Erase"], "needs": [],
   "tests": ["C.*"]})";

constexpr const char* kChapter =
    "# Tiny\n\n### Exercise 1.1: Find a key\n\nDo it.\n\n"
    "<details><summary>Hint 1</summary>\n\nLook left.\n\n</details>\n"
    "<details>\n<summary>Hint 2</summary>\nLook right.\n</details>\n"
    "\n### Exercise 1.2: Insert\n\nNothing.\n\n## Next\n";

class CourseCommandsTest : public testing::Test {
 protected:
  CourseCommandsTest() {
    std::string name =
        (fs::temp_directory_path() / "wb-course-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    base_ = fs::canonical(name);
    clone_ = base_ / "clone";
    course_ = base_ / "my course";  // a space, as real folders have
    Write(clone_ / "common/cmake/Stage.cmake", "");
    for (const char* stage : {"01", "02"}) {
      const fs::path folder = clone_ / ("stage" + std::string(stage) + "_tiny");
      Write(folder / "CMakeLists.txt", "");
      Write(folder / "index/table.h", kTableHeader);
      Write(folder / "index/table.cc", kTableSource);
      Write(folder / "tests/own/table_own_test.cc", kOwnTest);
      Write(clone_ / "docs" / (std::string(stage) + ".md"), kChapter);
    }
    Write(
        clone_ / "stage02_tiny/index/erase.cc",
        "int Erase(int key) { return key; }\n");
    Write(
        clone_ / "stage01_tiny/exercises.json",
        ManifestOf("01", kFirstExercises));
    Write(
        clone_ / "stage02_tiny/exercises.json",
        ManifestOf("02", kSecondExercises));
  }
  ~CourseCommandsTest() override {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }

  static void Write(const fs::path& path, std::string_view text) {
    const Status status = WriteText(path, text);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  static std::string Read(const fs::path& path) {
    const Result<std::string> text = ReadText(path);
    EXPECT_TRUE(text.ok()) << text.status().ToString();
    return text.ok() ? *text : "";
  }
  static void Edit(
      const fs::path& path, const std::string& from, const std::string& to) {
    std::string text = Read(path);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << text;
    Write(path, text.replace(at, from.size(), to));
  }

  // Runs the tool; stands in `folder`.
  ProcessResult RunIn(
      const fs::path& folder, const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {
        "env", "KV_ROOT=" + clone_.string(), "KV_CALLER_DIR=" + folder.string(),
        "HOME=" + base_.string(), KV_WB_PATH};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunProcess(all, folder);
  }
  ProcessResult Run(const std::vector<std::string>& arguments) {
    return RunIn(base_, arguments);
  }
  void ExpectOk(const std::vector<std::string>& arguments) {
    const ProcessResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }
  // Runs what must fail, with `words` in what it says.
  void ExpectError(
      const std::vector<std::string>& arguments,
      const std::vector<std::string>& words) {
    const ProcessResult result = Run(arguments);
    EXPECT_NE(result.exit_code, 0) << result.output;
    std::string text = result.output;
    for (char& c : text) {
      c = c == '\n' ? ' ' : c;
    }
    for (const std::string& word : words) {
      EXPECT_NE(text.find(word), std::string::npos)
          << "no '" << word << "' in: " << text;
    }
  }
  std::string Git(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"git"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunProcess(all, course_).output;
  }
  void InitAndStart() {
    ExpectOk({"init", course_.string()});
    ExpectOk({"start", "01"});
  }

  fs::path base_;
  fs::path clone_;
  fs::path course_;
};

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

TEST_F(CourseCommandsTest, WrongCommandLinesAreExplainedInSentences) {
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
}

TEST_F(CourseCommandsTest, HelpListsEveryCommandAndExplainsOne) {
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

TEST_F(CourseCommandsTest, UnknownNamesGetTheNearest) {
  InitAndStart();
  ExpectError({"start", "12"}, {"no stage or part '12'"});
  ExpectError({"start", "1.1"}, {"looks like an exercise"});
  ExpectError({"hint", "1.7"}, {"no exercise '1.7'", "1.1"});
  ExpectError({"hnt", "1.1"}, {"Did you mean 'wb hint'"});
  ExpectError({"reset", "2.1"}, {"not started 02"});
  ExpectError({"diff", "01"}, {"--mine"});
  ExpectError({"diff", "02", "--mine"}, {"not started 02"});
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
  const std::string output = Run({"reset", "1.2"}).output;
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
  EXPECT_NE(stale.find("stale"), std::string::npos) << stale;
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
      output.find("nothing of yours that differs: 1.1, 1.3"), std::string::npos)
      << output;
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

TEST_F(CourseCommandsTest, DiffShowsStagesAndMine) {
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

TEST_F(CourseCommandsTest, DiffAsAPageGoesWhereTheCallerStands) {
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
