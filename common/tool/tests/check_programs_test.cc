// Rules that ask another program. Method: as for the other rules; a test whose
// program is not installed says so.

#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

TEST(CheckFormatTest, HoldsAndFindsAViolation) {
  if (!HasProgram("clang-format-14")) {
    GTEST_SKIP() << "clang-format-14 is not installed";
  }
  FixtureProject project;
  project.Write(".clang-format", "BasedOnStyle: Google\n");
  project.Write("common/base/a.cc", "int a;\n");
  ExpectHolds(project.Run(CheckFormat));
  project.Write("common/base/b.cc", "int a;\nint  b ;\nint  c ;\n");
  ExpectViolation(project.Run(CheckFormat), "common/base/b.cc", "formats");
}

TEST(CheckDoxygenTest, HoldsAndFindsAWarning) {
  if (!HasProgram("doxygen")) {
    GTEST_SKIP() << "doxygen is not installed";
  }
  FixtureProject project;
  project.Write(
      "common/tool/site/Doxyfile",
      ReadText(
          std::filesystem::path(KV_SOURCE_ROOT) / "common/tool/site/Doxyfile")
          .value());
  project.Write("README.md", "# Title\n\nWords.\n");
  project.Write("common/base/a.h", "/// Adds.\nint Add(int a, int b);\n");
  ExpectHolds(project.Run(CheckDoxygen));
  project.Write(
      "common/base/b.h",
      "/// Adds.\n/// @param absent is not there\nint Sum(int a, int b);\n");
  const Report report = project.Run(CheckDoxygen);
  EXPECT_TRUE(report.Failed(false));
  ASSERT_FALSE(report.violations().empty());
  EXPECT_NE(report.violations()[0].text.find("absent"), std::string::npos)
      << report.violations()[0].text;
}

TEST(CheckCcacheTest, NoCompilationIsAFailure) {
  if (!HasProgram("ccache")) {
    GTEST_SKIP() << "ccache is not installed";
  }
  FixtureProject project;
  // An empty cache has compiled nothing.
  const char* old_value = getenv("CCACHE_DIR");
  const std::string old_folder = old_value != nullptr ? old_value : "";
  setenv("CCACHE_DIR", (project.root() / "cache").c_str(), 1);
  const Report report = project.Run(CheckCcache);
  if (old_folder.empty()) {
    unsetenv("CCACHE_DIR");
  } else {
    setenv("CCACHE_DIR", old_folder.c_str(), 1);
  }
  EXPECT_TRUE(report.Failed(false));
}

TEST(CheckBrowserTest, HoldsAndFindsWhatOnlyABrowserRefuses) {
  if (!HasProgram("em++")) {
    GTEST_SKIP() << "em++ is not installed";
  }
  FixtureProject project;
  project.Write("common/base/a.cc", "#include <xxhash.h>\n");
  project.Write(
      "stage05_lsm/table/sum.cc",
      "#include <cstddef>\n#include <cstdint>\n"
      "uint64_t Wide(size_t narrow) { return narrow; }\n");
  project.Write("stage05_lsm/net/socket.cc", "#error not for browsers\n");
  project.Write("stage04_wal/table/old.cc", "#error before stage 05\n");
  ExpectHolds(project.Run(CheckBrowser));
  project.Write(
      "stage05_lsm/table/sum.cc",
      "#include <cstddef>\n#include <cstdint>\n"
      "size_t Narrow(uint64_t wide) { return wide; }\n");
  ExpectViolation(
      project.Run(CheckBrowser), "stage05_lsm/table/sum.cc", "precision");
}

// An engine's library with one function.
class CheckSeamsTest : public testing::Test {
 protected:
  Report RunOn(const std::string& source) {
    project_.Write("stage02_append_log/db/database.cc", source);
    project_.Write(
        "common/cmake/seam_allow_list.txt",
        "# what bypasses a seam\n^(open|close)(@|$)\n"
        "^std::chrono::(_V2::)?system_clock::now\n");
    const char* compiler = getenv("CXX");
    const auto compiled = RunProgram(
        {"sh", "-c",
         "\"$1\" -O0 -c stage02_append_log/db/database.cc -o o.o && "
         "ar rc lib.a o.o",
         "sh", compiler != nullptr ? compiler : "c++"},
        project_.root());
    EXPECT_TRUE(compiled.ok() && compiled->exit_code == 0) << compiled->text;
    Environment environment;
    environment.project = project_.Load();
    environment.engine_library =
        [this](const StageTree&) -> Result<std::filesystem::path> {
      return project_.root() / "lib.a";
    };
    Report report;
    CheckSeams(environment, report);
    return report;
  }
  FixtureProject project_;
};

TEST_F(CheckSeamsTest, HoldForWhatIsAllowed) {
  ExpectHolds(
      RunOn("namespace kv { void Write(); void Put() { Write(); } }\n"));
}

TEST_F(CheckSeamsTest, FindAFileThatIsOpenedPastTheSeam) {
  ExpectViolation(
      RunOn("extern \"C\" int open(const char*, int, ...);\n"
            "int Put() { return open(\"data.log\", 0); }\n"),
      "stage02_append_log", "uses open");
}

TEST_F(CheckSeamsTest, FindAClockPastTheSeam) {
  ExpectViolation(
      RunOn("#include <chrono>\nlong Now() {\n  return "
            "std::chrono::system_clock::now().time_since_epoch().count(); }\n"),
      "stage02_append_log", "std::chrono");
}

TEST_F(CheckSeamsTest, FindWhatNobodyThoughtOf) {
  ExpectViolation(
      RunOn("extern \"C\" int surprise();\nint Put() { return surprise(); }\n"),
      "stage02_append_log", "uses surprise");
}

// A stage whose only test is cmake itself.
class CheckStandaloneTest : public testing::Test {
 protected:
  Report RunOn(const std::string& first_line) {
    project_.Write("common/a.cmake", "enable_testing()\n");
    project_.Write("docs/b.cmake", "\n");
    project_.Write(
        "stage01_inmemory/CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.25)\nproject(one LANGUAGES NONE)\n"
        "include(../common/a.cmake)\n" +
            first_line +
            "\nset_tests_properties(t PROPERTIES LABELS stage01)\n");
    return project_.Run(CheckStandalone);
  }
  FixtureProject project_;
};

TEST_F(CheckStandaloneTest, Holds) {
  ExpectHolds(RunOn("add_test(NAME t COMMAND ${CMAKE_COMMAND} -E true)"));
}

TEST_F(CheckStandaloneTest, FindsAStageThatNeedsMoreThanCommon) {
  ExpectViolation(
      RunOn("add_test(NAME t COMMAND ${CMAKE_COMMAND} -E true)\n"
            "include(../docs/b.cmake)"),
      "stage01_inmemory", "does not build alone");
}

TEST_F(CheckStandaloneTest, FindsAStageThatDoesNotPass) {
  ExpectViolation(
      RunOn("add_test(NAME t COMMAND ${CMAKE_COMMAND} -E false)"),
      "stage01_inmemory", "does not pass alone");
}

}  // namespace
}  // namespace kv::tool
