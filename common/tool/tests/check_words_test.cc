// Rules over words and includes. Method: one file that keeps the rule, then
// planted violations.

#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

constexpr const char* kFile = "stage02_append_log/db/database.cc";

TEST(CheckNoHistory, HoldsForOrdinaryCode) {
  FixtureProject project;
  project.Write(
      kFile,
      "// The hash is used to find a key; it is staged before the write.\n"
      "Status Put() { kv::ExerciseTodo(\"2.3\"); }  // ExerciseTodo stage 02\n"
      "const char* text = \"for now\";\n");
  ExpectHolds(project.Run(CheckNoHistory));
}

class CheckHistoryPhrase : public testing::TestWithParam<const char*> {};

TEST_P(CheckHistoryPhrase, IsFound) {
  FixtureProject project;
  project.Write(kFile, std::string("int a;\n") + GetParam() + "\n");
  const Report report = project.Run(CheckNoHistory);
  ASSERT_EQ(report.violations().size(), 1u);
  EXPECT_EQ(report.violations()[0].file, kFile);
  EXPECT_EQ(report.violations()[0].line, 2u);
}

INSTANTIATE_TEST_SUITE_P(
    Planted, CheckHistoryPhrase,
    testing::Values(
        "// In memory for now.", "// Previously a map.",
        "/* Was changed to a log. */", "int stage03_index = 1;",
        "const char* name = \"stage 02\";", "// As in Stage 1."));

TEST(CheckNoHistory, LooksAtCommonToo) {
  FixtureProject project;
  project.Write("common/base/hash.h", "// Needed from stage 02 on.\n");
  ExpectViolation(
      project.Run(CheckNoHistory), "common/base/hash.h", "names a stage");
}

TEST(CheckForbiddenWords, HoldsForOrdinaryText) {
  FixtureProject project;
  project.Write(
      "docs/index.md",
      "Run common/wb. See https://example.org/packages and 127.0.0.1:7000. "
      "The root/ of a tree; a/root/around.\n");
  ExpectHolds(project.Run(CheckForbiddenWords));
}

class CheckForbiddenWord : public testing::TestWithParam<const char*> {};

TEST_P(CheckForbiddenWord, IsFound) {
  FixtureProject project;
  project.Write("docs/index.md", std::string("# Title\n\n") + GetParam());
  const Report report = project.Run(CheckForbiddenWords);
  ASSERT_EQ(report.violations().size(), 1u);
  EXPECT_EQ(report.violations()[0].line, 3u);
}

INSTANTIATE_TEST_SUITE_P(
    Planted, CheckForbiddenWord,
    testing::Values(
        "cat /root/.bashrc\n", "/home/builder/kv\n",
        "http://packages-cache/debian bookworm\n",
        "https://mirror.internal/npm/\n", "listens on 10.1.2.3\n"));

TEST(CheckLayers, HoldsDownwards) {
  FixtureProject project;
  project.Write(
      kFile,
      "#include \"db/database.h\"\n#include <map>\n"
      "#include \"common/base/status.h\"\n#include \"log/log_writer.h\"\n"
      "// #include \"app/kv_shell.h\"\n");
  project.Write(
      "stage02_append_log/tests/database/put_test.cc",
      "#include \"support/stage_files.h\"\n#include \"db/database.h\"\n");
  ExpectHolds(project.Run(CheckLayers));
}

struct BadInclude {
  const char* file;
  const char* include;
};

class CheckBadInclude : public testing::TestWithParam<BadInclude> {};

TEST_P(CheckBadInclude, IsFound) {
  FixtureProject project;
  project.Write(
      GetParam().file, std::string("#include ") + GetParam().include + "\n");
  ExpectViolation(project.Run(CheckLayers), GetParam().file, "includes ");
}

INSTANTIATE_TEST_SUITE_P(
    Planted, CheckBadInclude,
    testing::Values(
        BadInclude{"stage02_append_log/kv/coding.cc", "\"log/log_format.h\""},
        BadInclude{"stage02_append_log/log/wal.cc", "\"db/database.h\""},
        BadInclude{"stage10_network_raft/raft/raft.cc", "\"kv/options.h\""},
        BadInclude{"stage10_network_raft/client/client.cc", "\"net/server.h\""},
        BadInclude{kFile, "\"common/testing/subject.h\""},
        BadInclude{kFile, "<gtest/gtest.h>"},
        BadInclude{
            "stage02_append_log/tests/database/put_test.cc",
            "\"log/log_writer.h\""},
        BadInclude{"common/base/hash.cc", "\"common/fs/file_system.h\""},
        BadInclude{
            "common/bench/run_test.cc", "\"stage01_inmemory/db/database.h\""}));

}  // namespace
}  // namespace kv::tool
