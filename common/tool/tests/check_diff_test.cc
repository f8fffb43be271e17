// Rules over changed lines. Method: one source in two stages, and what each
// rule says about the difference.

#include "common/tool/maintain/line_diff.h"
#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

std::string Numbered(int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    text += "int value" + std::to_string(i) + ";\n";
  }
  return text;
}

class CheckDiff : public testing::Test {
 protected:
  void Write(std::string_view before, std::string_view after) {
    project_.Write("stage01_inmemory/db/database.cc", before);
    project_.Write("stage02_append_log/db/database.cc", after);
  }
  Report Removed() { return project_.Run(CheckRemovedLines); }
  Report Noise() { return project_.Run(CheckNoise); }

  static constexpr const char* kFile = "stage02_append_log/db/database.cc";
  FixtureProject project_;
};

TEST_F(CheckDiff, RemovedLinesUnderTheLimitHold) {
  Write(Numbered(0, 5), Numbered(1, 25));  // 1 removed, 20 added
  ExpectHolds(Removed());
}

TEST_F(CheckDiff, RemovedLinesOverTheLimitAreFound) {
  Write(Numbered(0, 5), Numbered(3, 25));  // 3 removed, 20 added
  ExpectViolation(Removed(), "stage02_append_log", "3 engine lines");
}

TEST_F(CheckDiff, RemovedLinesMayBeMoreIfTheReadmeSaysWhy) {
  Write(Numbered(0, 5), Numbered(3, 25));
  project_.Write(
      "stage02_append_log/README.md", "Removed lines: the map goes.\n");
  ExpectHolds(Removed());
}

TEST_F(CheckDiff, MovedLinesAreNotRemoved) {
  Write(
      Numbered(0, 5) + Numbered(50, 60),
      Numbered(50, 60) + Numbered(0, 5) + Numbered(5, 7));
  ExpectHolds(Removed());
}

TEST_F(CheckDiff, RetiredFilesAreNotRemovedLines) {
  Write(Numbered(0, 5), Numbered(0, 8));
  project_.Write("stage01_inmemory/index/hash_table.h", Numbered(70, 90));
  ExpectHolds(Removed());
}

TEST_F(CheckDiff, NoiseHoldsWhereCodeChanges) {
  Write("int a;\nint b;\n", "int a;\n// Why c.\nint c;\n");
  ExpectHolds(Noise());
}

TEST_F(CheckDiff, NoiseFindsWhiteSpace) {
  Write("int a;\nint b = f(1);\n", "int a;\nint b =\n    f(1);\n");
  ExpectViolation(Noise(), kFile, "white space");
}

TEST_F(CheckDiff, NoiseFindsABlankLine) {
  Write("int a;\nint b;\n", "int a;\n\nint b;\n");
  ExpectViolation(Noise(), kFile, "white space");
}

TEST_F(CheckDiff, NoiseFindsAReworkedComment) {
  Write("int a;  // first\n", "int a;  // the first\n");
  ExpectViolation(Noise(), kFile, "only comments");
}

TEST_F(CheckDiff, AContractMayChangeItsWords) {
  Write(
      "// Kept in memory.\nint a;\n/// Memory.\nint b;\n",
      "// Kept in a file.\nint a;\n/// A file.\nint b;\n");
  ExpectHolds(Noise());
}

TEST_F(CheckDiff, ASlashInAStringIsNotAComment) {
  Write("auto a = \"x//y\";\n", "auto a = \"x//z\";\n");
  ExpectHolds(Noise());
}

TEST(LineDiff, FindsTheShortestHunks) {
  const auto hunks =
      DiffLines({"a", "b", "c", "d", "e"}, {"a", "x", "c", "d", "e", "f"});
  ASSERT_EQ(hunks.size(), 2u);
  EXPECT_EQ(hunks[0].old_begin, 1u);
  EXPECT_EQ(hunks[0].old_end, 2u);
  EXPECT_EQ(hunks[0].new_end, 2u);
  EXPECT_EQ(hunks[1].old_begin, 5u);
  EXPECT_EQ(hunks[1].old_end, 5u);
  EXPECT_EQ(hunks[1].new_begin, 5u);
  EXPECT_EQ(hunks[1].new_end, 6u);
}

TEST(LineDiff, JoinsHunksThatShareContext) {
  EXPECT_EQ(
      DiffLines({"a", "b", "c"}, {"x", "b", "y"}, /*context=*/1).size(), 1u);
  EXPECT_EQ(DiffLines({"a", "b", "c"}, {"x", "b", "y"}).size(), 2u);
}

TEST(LineDiff, EqualTextsHaveNone) {
  EXPECT_TRUE(DiffLines({"a", "b"}, {"a", "b"}).empty());
  EXPECT_TRUE(DiffLines({}, {}).empty());
}

}  // namespace
}  // namespace kv::tool
