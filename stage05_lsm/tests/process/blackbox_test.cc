// The black-box corpus, tests/blackbox/*.kv, through kv_shell's pipe.
// Method: one test a file; the format is in common/testing/blackbox.h.
// KV_BLACKBOX_PROGRAM runs the corpus on another program, in any language.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/testing/blackbox.h"

namespace kv {
namespace {

// Through variables, since gcc 12 warns falsely where it knows a string's
// length.
std::string Corpus() {
  const char* volatile tests = KV_TESTS_PATH;
  return std::string(tests) + "/blackbox";
}

std::string Program() {
  const char* volatile shell = KV_SHELL_PATH;
  const char* program = std::getenv("KV_BLACKBOX_PROGRAM");
  return program != nullptr ? program : shell;
}

std::vector<std::string> Files() {
  const Result<std::vector<std::string>> files = ListBlackBoxFiles(Corpus());
  return files.ok() ? *files : std::vector<std::string>();
}

std::string TestName(const ::testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}

TEST(BlackBoxCorpus, HasFiles) {
  EXPECT_GE(Files().size(), 10u) << "in " << Corpus();
}

class BlackBoxTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BlackBoxTest, AnswersAsTheFileSays) {
  const Result<BlackBoxScript> script = ReadBlackBoxFile(GetParam());
  ASSERT_TRUE(script.ok()) << script.status().message();
  const Status status = RunBlackBox(*script, {Program()});
  EXPECT_TRUE(status.ok()) << status.message();
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, BlackBoxTest, ::testing::ValuesIn(Files()), TestName);

}  // namespace
}  // namespace kv
