#pragma once

// A small clone with two stages in a temporary folder, and the real program
// run in it, for tests of commands.

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "common/tool/files.h"

namespace kv::tool {

inline constexpr const char* kTableHeader = R"(#pragma once

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

inline constexpr const char* kTableSource = R"(#include "index/table.h"

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

inline constexpr const char* kOwnTest = R"(#include "index/table.h"

#include <gtest/gtest.h>

TEST(OwnTableTest, Finds) { EXPECT_EQ(kv::Table(4).Find(2), 3); }
)";

inline std::string ManifestOf(
    const std::string& stage, const std::string& rest) {
  return R"({"stage": ")" + stage + R"(", "folder": "stage)" + stage +
      R"(_tiny", "title": "Tiny", "parts": [{"id": ")" + stage +
      R"(", "title": "Tiny", "chapter": "docs/)" + stage +
      R"(.md", "question": "How?"}], "exercises": [)" + rest +
      R"(], "groups": []})";
}

inline constexpr const char* kFirstExercises = R"json(
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

inline constexpr const char* kSecondExercises = R"(
  {"id": "2.1", "part": "02", "title": "Erase", "kind": "code", "core": true,
   "points": 100, "hours": 1, "functions": ["Erase"], "needs": [],
   "tests": ["C.*"]})";

inline constexpr const char* kChapter =
    "# Tiny\n\n### Exercise 1.1: Find a key\n\nDo it.\n\n"
    "<details><summary>Hint 1</summary>\n\nLook left.\n\n</details>\n"
    "<details>\n<summary>Hint 2</summary>\nLook right.\n</details>\n"
    "\n### Exercise 1.2: Insert\n\nNothing.\n\n## Next\n";

class CourseTest : public testing::Test {
 protected:
  CourseTest() {
    std::string name =
        (std::filesystem::temp_directory_path() / "wb-course-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    base_ = std::filesystem::canonical(name);
    clone_ = base_ / "clone";
    course_ = base_ / "my course";  // a space, as real folders have
    Write(clone_ / "common/cmake/Stage.cmake", "");
    for (const char* stage : {"01", "02"}) {
      const std::filesystem::path folder =
          clone_ / ("stage" + std::string(stage) + "_tiny");
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
  ~CourseTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(base_, ignored);
  }

  static void Write(const std::filesystem::path& path, std::string_view text) {
    const Status status = WriteText(path, text);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  static std::string Read(const std::filesystem::path& path) {
    const Result<std::string> text = ReadText(path);
    EXPECT_TRUE(text.ok()) << text.status().ToString();
    return text.ok() ? *text : "";
  }
  static void Edit(
      const std::filesystem::path& path, const std::string& from,
      const std::string& to) {
    std::string text = Read(path);
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " in " << text;
    Write(path, text.replace(at, from.size(), to));
  }

  // Runs the tool; stands in `folder`.
  ProcessResult RunIn(
      const std::filesystem::path& folder,
      const std::vector<std::string>& arguments) {
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

  std::filesystem::path base_;
  std::filesystem::path clone_;
  std::filesystem::path course_;
};

}  // namespace kv::tool
