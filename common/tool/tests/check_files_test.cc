// Rules over files. Method: a project of two stages that keeps each rule, then
// one planted violation a test.

#include "common/tool/commands/lineage.h"
#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

constexpr const char* kReadme1 =
    "# One\n\n## What changed\n\n| file | status | why |\n|---|---|---|\n"
    "| `kv/options.h`, `db/database.{h,cc}` | new | the start |\n"
    "| `tests/database/` | new | promises |\n"
    "| `tests/unit/*.cc` | new | units |\n";
constexpr const char* kReadme2 =
    "# Two\n\n## What changed\n\n| file | status | why |\n|---|---|---|\n"
    "| `log/log_writer.cc` | new | a log |\n"
    "| `db/database.cc` | changed | writes the log |\n"
    "| `tests/unit/table_test.cc` | retired | its unit retires |\n";

class CheckFiles : public testing::Test {
 protected:
  void SetUp() override {
    project_.Write("README.md", "");
    project_.Write(".gitignore", "/build/\n");
    project_.Write("common/wb", "");
    const std::string one = "stage01_inmemory/";
    const std::string two = "stage02_append_log/";
    for (const std::string& stage : {one, two}) {
      project_.Write(stage + "kv/options.h", "struct Options {};\n");
      project_.Write(stage + "db/database.h", "class Database;\n");
      project_.Write(stage + "tests/database/put_test.cc", "put\n");
    }
    project_.Write(one + "tests/unit/table_test.cc", "table\n");
    project_.Write(one + "db/database.cc", "int memory;\n");
    project_.Write(two + "db/database.cc", "int log;\n");
    project_.Write(two + "log/log_writer.cc", "int writer;\n");
    project_.Write(one + "README.md", kReadme1);
    project_.Write(two + "README.md", kReadme2);
  }

  FixtureProject project_;
};

TEST_F(CheckFiles, TopLevelHolds) {
  ExpectHolds(project_.Run(CheckTopLevel));
}

TEST_F(CheckFiles, TopLevelFindsAStrangeFolder) {
  project_.Write("scripts/run.sh", "");
  ExpectViolation(project_.Run(CheckTopLevel), "scripts", "top");
}

TEST_F(CheckFiles, TopLevelFindsAStrangeFileThatGitTracks) {
  project_.CommitAll();
  ExpectHolds(project_.Run(CheckTopLevel));
  project_.Write("notes.txt", "");
  project_.CommitAll();
  ExpectViolation(project_.Run(CheckTopLevel), "notes.txt", "top");
}

TEST_F(CheckFiles, WhatChangedHolds) {
  ExpectHolds(project_.Run(CheckWhatChanged));
}

TEST_F(CheckFiles, WhatChangedFindsAFileThatTheTableForgets) {
  project_.Write("stage02_append_log/log/log_reader.cc", "int reader;\n");
  ExpectViolation(
      project_.Run(CheckWhatChanged), "stage02_append_log/README.md",
      "log/log_reader.cc is new");
}

TEST_F(CheckFiles, WhatChangedFindsARowThatIsNotTrue) {
  project_.Write("stage02_append_log/db/database.cc", "int memory;\n");
  ExpectViolation(
      project_.Run(CheckWhatChanged), "stage02_append_log/README.md",
      "says that db/database.cc is changed, but it is same");
}

TEST_F(CheckFiles, WhatChangedFindsARowForAFileThatIsNotThere) {
  project_.Write(
      "stage02_append_log/README.md",
      std::string(kReadme2) + "| `log/log_format.h` | new | x |\n");
  ExpectViolation(
      project_.Run(CheckWhatChanged), "stage02_append_log/README.md",
      "log/log_format.h is new, but it is not there");
}

TEST_F(CheckFiles, WhatChangedFindsAMissingReadme) {
  project_.Remove("stage02_append_log/README.md");
  ExpectViolation(
      project_.Run(CheckWhatChanged), "stage02_append_log/README.md",
      "missing");
}

TEST_F(CheckFiles, FrozenTestsHold) {
  ExpectHolds(project_.Run(CheckFrozenTests));
}

TEST_F(CheckFiles, FrozenTestsFindAChangedDatabaseTest) {
  project_.Write("stage02_append_log/tests/database/put_test.cc", "other\n");
  ExpectViolation(
      project_.Run(CheckFrozenTests),
      "stage02_append_log/tests/database/put_test.cc", "changed");
}

TEST_F(CheckFiles, FrozenTestsFindADatabaseTestThatIsGone) {
  project_.Remove("stage02_append_log/tests/database/put_test.cc");
  ExpectViolation(
      project_.Run(CheckFrozenTests),
      "stage02_append_log/tests/database/put_test.cc", "retired");
}

TEST_F(CheckFiles, FrozenTestsFindAUnitTestWithoutAReason) {
  project_.Write("stage02_append_log/README.md", "# Two\n");
  ExpectViolation(
      project_.Run(CheckFrozenTests),
      "stage02_append_log/tests/unit/table_test.cc", "does not say why");
}

TEST_F(CheckFiles, LineageShowsEachFileInEachStage) {
  const std::string table = LineageTable(project_.Load());
  EXPECT_NE(table.find("db/database.cc"), std::string::npos);
  EXPECT_NE(table.find("  new      changed\n"), std::string::npos) << table;
  EXPECT_NE(table.find("  new      same\n"), std::string::npos) << table;
  EXPECT_NE(table.find("  new      retired\n"), std::string::npos) << table;
  EXPECT_NE(table.find("           new\n"), std::string::npos) << table;
}

TEST(CheckReport, NothingLookedAtIsAFailure) {
  Report report;
  EXPECT_TRUE(report.Failed(false));
  report.Looked(1, "files");
  EXPECT_FALSE(report.Failed(true));
}

TEST(CheckReport, AnAbsentToolIsAFailureOnlyWhereAllMustBeThere) {
  Report report;
  report.Skip("clang-format-14", "3 sources");
  EXPECT_FALSE(report.Failed(false));
  EXPECT_TRUE(report.Failed(true));
}

TEST(CheckTurn, TenTurnsCoverEverything) {
  std::set<size_t> seen;
  for (uint64_t rotation = 0; rotation < 10; ++rotation) {
    Environment environment;
    environment.rotation = rotation;
    const std::set<size_t> turn = environment.Turn(23);
    EXPECT_LE(turn.size(), 3u);
    seen.insert(turn.begin(), turn.end());
  }
  EXPECT_EQ(seen.size(), 23u);
}

}  // namespace
}  // namespace kv::tool
