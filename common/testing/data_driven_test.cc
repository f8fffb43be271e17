// Goal: a data file is compared block by block, a difference is shown with
// its place, and rewriting keeps all but the expected output.

#include "common/testing/data_driven.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "common/fs/file_system.h"

namespace kv::testing {
namespace {

constexpr char kText[] =
    "# Upper case is what this file is about.\n"
    "\n"
    "# One line.\n"
    "hello\n"
    "---\n"
    "HELLO\n"
    "\n"
    "# Two lines, one of them\n"
    "a\n"
    "# with a comment between them.\n"
    "b\n"
    "---\n"
    "A\n"
    "B\n"
    "\n"
    "# No output at all.\n"
    "silence\n"
    "---\n"
    "\n"
    "# Output with an empty line.\n"
    "gap\n"
    "---\n"
    "---\n"
    "G\n"
    "\n"
    "P\n"
    "---\n"
    "---\n";

std::string UpperCase(const std::string& input) {
  if (input == "silence\n") return "";
  if (input == "gap\n") return "G\n\nP\n";
  std::string output;
  for (const char c : input) output += static_cast<char>(std::toupper(c));
  return output;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(
            ::testing::TempDir() + "data_driven_" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name() +
            ".txt") {
    const Status status = WriteFile(FileSystem::Posix(), path_, text);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  ~TemporaryFile() {
    const Status status = FileSystem::Posix()->Remove(path_);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  const std::string& path() const { return path_; }
  std::string Read() const {
    const Result<std::string> text = ReadFile(FileSystem::Posix(), path_);
    EXPECT_TRUE(text.ok());
    return text.ok() ? *text : "";
  }

 private:
  const std::string path_;
};

TEST(ParseDataText, SplitsIntoBlocks) {
  const auto blocks = ParseDataText("x", kText);
  ASSERT_TRUE(blocks.ok()) << blocks.status().ToString();
  ASSERT_EQ(blocks->size(), 4u);
  EXPECT_EQ((*blocks)[0].input, "hello\n");
  EXPECT_EQ((*blocks)[0].line, 4u);
  EXPECT_EQ((*blocks)[1].input, "a\nb\n");
  EXPECT_EQ((*blocks)[1].expected, "A\nB\n");
  EXPECT_EQ(
      (*blocks)[1].comments,
      "# Two lines, one of them\n# with a comment between them.\n");
  EXPECT_EQ((*blocks)[2].expected, "");
  EXPECT_EQ((*blocks)[3].expected, "G\n\nP\n");
}

TEST(ParseDataText, IsUndoneByFormatting) {
  const auto blocks = ParseDataText("x", kText);
  ASSERT_TRUE(blocks.ok());
  EXPECT_EQ(FormatDataText(*blocks), kText);
}

TEST(ParseDataText, RefusesWhatWouldBeSkippedInSilence) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"", "x:1: the file must begin with a comment"},
      {"a\n---\nA\n", "x:1: the file must begin with a comment"},
      {"# why\n", "x:1: there is no block"},
      {"# why\na\n", "x:2: input without a line"},
      {"# why\na\n\nb\n---\nB\n", "x:3: an empty line before"},
      {"# why\n---\nB\n", "x:2: \"---\" without input"},
      {"# why\na\n---\n---\nB\n", "x:4: two lines \"---\""},
  };
  for (const auto& each : kCases) {
    const auto blocks = ParseDataText("x", each.text);
    ASSERT_FALSE(blocks.ok()) << each.text;
    EXPECT_NE(
        blocks.status().message().find(each.error), std::string_view::npos)
        << blocks.status().ToString();
  }
}

TEST(LineDiff, ShowsWhatChangedBetweenWhatStayed) {
  EXPECT_EQ(
      LineDiff("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n"),
      "  a\n- b\n+ x\n  c\n  d\n+ e\n");
  EXPECT_EQ(LineDiff("", "a\n"), "+ a\n");
  EXPECT_EQ(LineDiff("a\n", ""), "- a\n");
}

TEST(RunDataFile, PassesWhenAllBlocksAgree) {
  TemporaryFile file(kText);
  RunDataFile(file.path(), UpperCase);
}

TEST(RunDataFile, ReportsADifferenceWithCommentInputAndDiff) {
  TemporaryFile file("# Greets.\nhello\n---\nHELLO\n");
  ::testing::TestPartResultArray failures;
  {
    ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &failures);
    RunDataFile(file.path(), [](const std::string& input) { return input; });
  }
  ASSERT_EQ(failures.size(), 1);
  const ::testing::TestPartResult& failure = failures.GetTestPartResult(0);
  EXPECT_EQ(failure.line_number(), 2);
  EXPECT_EQ(failure.file_name(), file.path());
  const std::string message = failure.message();
  for (const char* part : {"# Greets.\n", "hello\n", "- HELLO\n+ hello\n"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

TEST(RunDataFile, RewritesTheExpectedOutputAndNothingElse) {
  TemporaryFile file(
      "# Greets.\n\n# One.\nhello\n---\nhullo\nthere\n\n"
      "# Two.\ngap\n---\nx\n");
  ::setenv("KV_REWRITE", "1", 1);
  RunDataFile(file.path(), UpperCase);
  ::unsetenv("KV_REWRITE");
  EXPECT_EQ(
      file.Read(),
      "# Greets.\n\n# One.\nhello\n---\nHELLO\n\n"
      "# Two.\ngap\n---\n---\nG\n\nP\n---\n---\n");
}

TEST(RunDataDirectory, FailsWhereThereIsNoFile) {
  ::testing::TestPartResultArray failures;
  {
    ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &failures);
    RunDataDirectory(::testing::TempDir(), ".no_such_suffix", [] {
      return BlockHandler(UpperCase);
    });
  }
  EXPECT_EQ(failures.size(), 1);
}

}  // namespace
}  // namespace kv::testing
