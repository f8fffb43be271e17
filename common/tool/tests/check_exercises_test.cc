// Rules over exercises, starters and mutants. Method: a stage of one file with
// a CMakeLists.txt of its own, small enough to be built by a test.

#include <functional>

#include <nlohmann/json.hpp>

#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

using Json = nlohmann::json;

constexpr const char* kEngine =
    R"(#include "db/sum.h"

namespace kv {

int Sum(int a, int b) {
  const int sum = a + b;
  return sum;
}

int Twice(int a) {
  const int twice = a + a;
  return twice;
}

}  // namespace kv
)";

constexpr const char* kTests =
    R"(#include <gtest/gtest.h>
#include "db/sum.h"
TEST(SumTest, Adds) { EXPECT_EQ(kv::Sum(1, 2), 3); }
TEST(TwiceTest, Doubles) { EXPECT_EQ(kv::Twice(2), 4); }
TEST(WholeTest, Links) { EXPECT_TRUE(true); }
)";

constexpr const char* kOwnTest =
    R"(#include <gtest/gtest.h>
#include "db/sum.h"
TEST(OwnTest, FindsIt) {
  EXPECT_EQ(kv::Sum(2, 2), 4);
}
)";

constexpr const char* kBuild =
    R"(cmake_minimum_required(VERSION 3.25)
project(stage01 LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(GTest REQUIRED)
file(GLOB engine ${KV_ENGINE_DIR}/db/*.cc)
file(GLOB tests ${KV_TESTS_DIR}/unit/*.cc ${KV_EXTRA_TESTS_DIR}/*.cc)
add_executable(stage01_tests ${engine} ${tests}
  ${KV_COMMON_DIR}/base/exercise.cc ${KV_COMMON_DIR}/testing/test_main.cc)
target_include_directories(stage01_tests PRIVATE
  ${KV_ENGINE_DIR} ${KV_COMMON_DIR}/..)
target_link_libraries(stage01_tests PRIVATE GTest::gtest)
)";

constexpr const char* kMutant =
    R"(Mistake: subtracts.
Caught by: SumTest.Adds

--- a/db/sum.cc
+++ b/db/sum.cc
@@ -3,7 +3,7 @@
 namespace kv {
 
 int Sum(int a, int b) {
-  const int sum = a + b;
+  const int sum = a - b;
   return sum;
 }
 
)";

Json Exercise(
    const std::string& id, const std::string& function,
    const std::string& test) {
  return {
      {"id", id},
      {"part", "01"},
      {"title", "t"},
      {"kind", "code"},
      {"core", true},
      {"points", 30},
      {"hours", 2},
      {"functions", {function}},
      {"needs", Json::array()},
      {"tests", {test}}};
}

class CheckCourse : public testing::Test {
 protected:
  void SetUp() override {
    manifest_ = {
        {"stage", "01"},
        {"folder", "stage01_inmemory"},
        {"title", "t"},
        {"parts",
         {{{"id", "01"},
           {"title", "t"},
           {"question", "q"},
           {"chapter", "docs/stages/01_inmemory.md"}}}},
        {"exercises",
         {Exercise("1.1", "Sum", "SumTest.*"),
          Exercise("1.2", "Twice", "TwiceTest.*")}},
        {"groups",
         {{{"id", "01.proof"},
           {"part", "01"},
           {"title", "t"},
           {"tests", {"WholeTest.*"}}}}}};
    Json own = Exercise("1.3", "TEST(OwnTest, FindsIt)", "OwnTest.*");
    own["kind"] = "test";
    own["points"] = 40;
    own["needs"] = {"1.1"};
    own["file"] = "tests/own/own_test.cc";
    manifest_["exercises"].push_back(own);
    const std::string source = KV_SOURCE_ROOT;
    for (const char* file :
         {"common/base/exercise.h", "common/base/exercise.cc",
          "common/testing/test_main.cc"}) {
      project_.Write(file, ReadText(source + "/" + file).value());
    }
    const std::string stage = "stage01_inmemory/";
    project_.Write(
        stage + "db/sum.h",
        "#pragma once\nnamespace kv {\nint Sum(int a, int b);\n"
        "int Twice(int a);\n}  // namespace kv\n");
    project_.Write(stage + "db/sum.cc", kEngine);
    project_.Write(stage + "tests/unit/sum_test.cc", kTests);
    project_.Write(stage + "tests/own/own_test.cc", kOwnTest);
    project_.Write(stage + "CMakeLists.txt", kBuild);
    for (const char* name : {"1.1-a", "1.1-b", "1.1-c"}) {
      project_.Write(
          stage + "mutants/" + std::string(name) + ".patch", kMutant);
    }
    std::string twice = kMutant;
    twice.replace(
        twice.find("@@"), std::string::npos,
        "@@ -8,5 +8,5 @@\n }\n \n int Twice(int a) {\n"
        "-  const int twice = a + a;\n+  const int twice = a;\n"
        "   return twice;\n");
    twice.replace(twice.find("SumTest.Adds"), 12, "TwiceTest.Doubles");
    for (const char* name : {"1.2-a", "1.2-b", "1.2-c"}) {
      project_.Write(stage + "mutants/" + std::string(name) + ".patch", twice);
    }
  }

  Report RunOn(RuleFunction rule, bool run_programs = true) {
    project_.Write("stage01_inmemory/exercises.json", manifest_.dump(2));
    Environment environment;
    environment.project = project_.Load();
    environment.build = project_.root() / "build";
    environment.run_programs = run_programs;
    environment.all = true;
    environment.list_tests =
        [this](const StageTree&) -> Result<std::vector<std::string>> {
      return tests_;
    };
    Report report;
    rule(environment, report);
    return report;
  }

  static constexpr const char* kJson = "stage01_inmemory/exercises.json";
  static constexpr const char* kPatch = "stage01_inmemory/mutants/1.1-a.patch";
  Json manifest_;
  std::vector<std::string> tests_ = {
      "SumTest.Adds", "TwiceTest.Doubles", "WholeTest.Links",
      "OwnTest.FindsIt"};
  FixtureProject project_;
};

TEST_F(CheckCourse, ExercisesHold) {
  ExpectHolds(RunOn(CheckExercises));
}

TEST_F(CheckCourse, ExercisesFindAFunctionThatIsNotThere) {
  manifest_["exercises"][0]["functions"] = {"Sum", "Product"};
  ExpectViolation(RunOn(CheckExercises), kJson, "Product");
}

TEST_F(CheckCourse, ExercisesFindATestWithoutAnOwner) {
  tests_.push_back("SpareTest.Waits");
  ExpectViolation(RunOn(CheckExercises), kJson, "SpareTest.Waits is new");
}

TEST_F(CheckCourse, ExercisesFindATestWithTwoOwners) {
  manifest_["groups"][0]["tests"] = {"WholeTest.*", "SumTest.*"};
  ExpectViolation(RunOn(CheckExercises), kJson, "one owner");
}

TEST_F(CheckCourse, ExercisesFindAPatternThatMatchesNothing) {
  manifest_["exercises"][1]["tests"] = {"TwiceTest.*", "ThriceTest.*"};
  ExpectViolation(RunOn(CheckExercises), kJson, "ThriceTest.*");
}

TEST_F(CheckCourse, ExercisesFindTooSmallAShare) {
  std::string plumbing = "namespace kv {\n";
  for (int i = 0; i < 40; ++i) {
    plumbing += "int plumbing" + std::to_string(i) + ";\n";
  }
  project_.Write("stage01_inmemory/db/plumbing.cc", plumbing + "}\n");
  ExpectViolation(RunOn(CheckExercises), kJson, "at least 40 %");
}

// Forty lines go into a file of their own in the next stage, which adds one
// function.
TEST_F(CheckCourse, ExercisesDoNotCountLinesThatWereOnlyMoved) {
  std::string plumbing = "namespace kv {\n";
  for (int i = 0; i < 40; ++i) {
    plumbing += "int plumbing" + std::to_string(i) + ";\n";
  }
  plumbing += "}\n";
  const std::string later = "stage02_append_log/";
  for (const char* file : {"db/sum.h", "tests/own/own_test.cc"}) {
    project_.Write(
        later + file, project_.Read("stage01_inmemory/" + std::string(file)));
  }
  project_.Write("stage01_inmemory/db/sum.cc", kEngine + plumbing);
  project_.Write(later + "db/plumbing.cc", plumbing);
  std::string engine = kEngine;
  const size_t end = engine.rfind('}');
  engine.insert(end, "int Thrice(int a) {\n  return 3 * a;\n}\n\n");
  project_.Write(later + "db/sum.cc", engine);
  std::string manifest = manifest_.dump();
  const auto replace = [&manifest](
                           const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = manifest.find(from, at)) != std::string::npos;
         at += to.size()) {
      manifest.replace(at, from.size(), to);
    }
  };
  replace("\"01", "\"02");
  replace("\"1.", "\"2.");
  replace("stage01_inmemory", "stage02_append_log");
  replace("Twice\"", "Thrice\"");
  project_.Write(later + "exercises.json", manifest);
  const Report report = RunOn(CheckExercises);
  EXPECT_EQ(report.notes().size(), 2u);
  EXPECT_EQ(
      report.notes().back(),
      "stage 02: 2 of 2 lines of code that it adds to the engine are in "
      "exercises (100 %)");
}

TEST_F(CheckCourse, ExercisesFindALastOneThatIsNotToWriteATest) {
  manifest_["exercises"][2]["core"] = false;
  manifest_["exercises"][1]["hours"] = 4;
  ExpectViolation(RunOn(CheckExercises), kJson, "not to write a test");
}

TEST_F(CheckCourse, ExercisesFindAFileThatIsNotSound) {
  manifest_["exercises"][0]["points"] = 31;
  ExpectViolation(RunOn(CheckExercises), kJson, "add up to 101");
}

TEST_F(CheckCourse, MutantsApply) {
  ExpectHolds(RunOn(CheckMutants, /*run_programs=*/false));
}

TEST_F(CheckCourse, MutantsFindAPatchThatDoesNotApply) {
  std::string spoilt = kMutant;
  spoilt.replace(spoilt.find("   return sum;"), 14, "   return total;");
  project_.Write(kPatch, spoilt);
  ExpectViolation(
      RunOn(CheckMutants, /*run_programs=*/false), kPatch, "does not apply");
}

TEST_F(CheckCourse, MutantsFindAPatchWithoutItsHeader) {
  project_.Write(
      kPatch, std::string(kMutant).substr(std::string(kMutant).find("Caught")));
  ExpectViolation(
      RunOn(CheckMutants, /*run_programs=*/false), kPatch, "Mistake");
}

TEST_F(CheckCourse, MutantsFindTooFewOfThem) {
  project_.Remove(kPatch);
  ExpectViolation(
      RunOn(CheckMutants, /*run_programs=*/false), "stage01_inmemory/mutants",
      "2 mutants");
}

// One build folder for all of these, since building is what takes long.
TEST_F(CheckCourse, StartersAndMutantsAreBuiltAndRun) {
  ExpectHolds(RunOn(CheckStarters));
  ExpectHolds(RunOn(CheckMutants));

  std::string harmless = kMutant;
  harmless.replace(harmless.find("a - b"), 5, "b + a");
  project_.Write(kPatch, harmless);
  ExpectViolation(RunOn(CheckMutants), kPatch, "no assertion");
  project_.Write(kPatch, kMutant);

  // A test that fails by itself, though the exercise is empty.
  project_.Write(
      "stage01_inmemory/tests/unit/whole_test.cc",
      "#include <gtest/gtest.h>\n"
      "TEST(WholeTest, Fails) { EXPECT_EQ(1, 2); }\n");
  ExpectViolation(
      RunOn(CheckStarters), "stage01_inmemory", "without naming an exercise");
  project_.Remove("stage01_inmemory/tests/unit/whole_test.cc");

  // Sum is solved, and its test needs Twice, which is not among its needs.
  std::string tests = kTests;
  tests.replace(tests.find("kv::Sum(1, 2), 3"), 16, "kv::Twice(1), 2");
  project_.Write("stage01_inmemory/tests/unit/sum_test.cc", tests);
  ExpectViolation(RunOn(CheckStarters), "stage01_inmemory", "is solved");
}

}  // namespace
}  // namespace kv::tool
