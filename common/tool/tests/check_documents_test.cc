// Rules over documents. Method: pages that keep each rule, then one planted
// violation a test.

#include "common/tool/check/markdown.h"
#include "common/tool/tests/fixture_project.h"

namespace kv::tool {
namespace {

constexpr const char* kPage =
    "# Title\n\n## Some *words*, `code`\n\nA [link](other.md#part-two), "
    "[another](#some-words-code), [a folder](../common/), "
    "[outside](https://example.org/x), ![p](a.svg), `[not](one)`\n";

class CheckLinksTest : public testing::Test {
 protected:
  void SetUp() override {
    project_.Write("common/wb", "");
    project_.Write("docs/page.md", kPage);
    project_.Write("docs/other.md", "# Other\n\n## Part two\n");
    project_.Write("docs/a.svg", "<svg/>");
  }
  FixtureProject project_;
};

TEST_F(CheckLinksTest, Holds) {
  ExpectHolds(project_.Run(CheckLinks));
}

TEST_F(CheckLinksTest, FindsAMissingFile) {
  project_.Write("docs/page.md", "# T\n\nA [link](absent.md).\n");
  ExpectViolation(project_.Run(CheckLinks), "docs/page.md", "docs/absent.md");
}

TEST_F(CheckLinksTest, FindsAMissingAnchor) {
  project_.Write("docs/page.md", "# T\n\nA [link](other.md#part-three).\n");
  ExpectViolation(project_.Run(CheckLinks), "docs/page.md", "#part-three");
}

TEST_F(CheckLinksTest, FindsAMissingPicture) {
  project_.Write("docs/page.md", "# T\n\n<img src=\"b.svg\">\n");
  ExpectViolation(project_.Run(CheckLinks), "docs/page.md", "docs/b.svg");
}

class CheckQuotes : public testing::Test {
 protected:
  void SetUp() override {
    project_.Write(
        "stage01_inmemory/index/table.cc",
        "int Find() {\n  if (a) {\n    return 1;\n  }\n  return 2;\n}\n"
        "int Last() { return 3; }\n");
  }
  Report Quote(const std::string& code) {
    project_.Write(
        "docs/stages/01_inmemory.md",
        "# One\n\n<!-- quote: index/table.cc -->\n```cpp\n" + code + "```\n");
    return project_.Run(CheckQuotedCode);
  }
  FixtureProject project_;
};

TEST_F(CheckQuotes, HoldForLinesThatStandThere) {
  ExpectHolds(Quote("if (a) {\n  return 1;\n}\n"));
  ExpectHolds(Quote("int Find() {\n  // ...\n  return 2;\n}\n"));
}

TEST_F(CheckQuotes, HoldForAFileNamedAfterTheFence) {
  project_.Write(
      "docs/design.md",
      "```cpp file=stage01_inmemory/index/table.cc\nreturn 2;\n```\n");
  ExpectHolds(project_.Run(CheckQuotedCode));
}

TEST_F(CheckQuotes, FindALineThatDoesNotStandThere) {
  ExpectViolation(
      Quote("if (b) {\n  return 1;\n}\n"), "docs/stages/01_inmemory.md",
      "do not stand");
}

TEST_F(CheckQuotes, FindPartsInTheWrongOrder) {
  ExpectViolation(
      Quote("int Last() { return 3; }\n...\nint Find() {\n"),
      "docs/stages/01_inmemory.md", "do not stand");
}

TEST_F(CheckQuotes, FindAFileThatIsNotThere) {
  project_.Remove("stage01_inmemory/index/table.cc");
  project_.Write("stage01_inmemory/index/other.cc", "");
  ExpectViolation(
      Quote("if (a) {\n"), "docs/stages/01_inmemory.md", "not there");
}

constexpr const char* kSections[] = {
    "Learning goals",
    "What you need to know first",
    "What the last stage cannot do",
    "What you will have",
    "Invariants",
    "Ideas",
    "Bytes on disk",
    "Predict first",
    "A tour of the diff",
    "Exercises",
    "Checkpoint",
    "Measure it",
    "Break it",
    "Questions",
    "What real systems do instead",
    "Bonus",
    "You can now",
    "Further reading",
};

constexpr const char* kManifest = R"({
  "stage": "01", "folder": "stage01_inmemory", "title": "t",
  "parts": [{"id": "01", "title": "t", "question": "q",
             "chapter": "docs/stages/01_inmemory.md"}],
  "exercises": [{"id": "1.1", "part": "01", "title": "t", "kind": "code",
    "core": true, "points": 100, "hours": 5, "functions": ["Find"],
    "needs": [], "tests": ["FindTest.*"]}],
  "groups": []})";

class CheckChapter : public testing::Test {
 protected:
  // A chapter of so many words, without the section `leave_out`.
  std::string Chapter(
      size_t words, size_t hints, const std::string& leave_out = "") {
    std::string text = "# One\n\n";
    for (const char* section : kSections) {
      if (section == leave_out) {
        continue;
      }
      text += std::string("## ") + section + "\n\n";
      if (section == std::string("Ideas")) {
        for (size_t i = 0; i < words; ++i) {
          text += i % 12 == 11 ? "word\n" : "word ";
        }
        text += "\n";
      }
      if (section == std::string("Exercises")) {
        text += "### Exercise 1.1: Find\n\n";
        for (size_t i = 1; i <= hints; ++i) {
          text += "<details><summary>Hint " + std::to_string(i) +
              "</summary>\nhidden words do not count\n</details>\n\n";
        }
      }
    }
    return text;
  }
  Report RunOn(const std::string& chapter) {
    project_.Write("stage01_inmemory/exercises.json", kManifest);
    project_.Write("docs/stages/01_inmemory.md", chapter);
    return project_.Run(CheckChapters);
  }
  static constexpr const char* kFile = "docs/stages/01_inmemory.md";
  FixtureProject project_;
};

TEST_F(CheckChapter, Holds) {
  ExpectHolds(RunOn(Chapter(2000, 3)));
}

TEST_F(CheckChapter, FindsAMissingSection) {
  ExpectViolation(
      RunOn(Chapter(2000, 3, "Invariants")), kFile, "\"Invariants\"");
}

TEST_F(CheckChapter, FindsSectionsInTheWrongOrder) {
  std::string chapter = Chapter(2000, 3, "Learning goals");
  chapter += "## Learning goals\n";
  ExpectViolation(RunOn(chapter), kFile, "comes after");
}

TEST_F(CheckChapter, FindsAMissingHint) {
  ExpectViolation(RunOn(Chapter(2000, 2)), kFile, "2 hints");
}

TEST_F(CheckChapter, FindsAMissingExercise) {
  std::string chapter = Chapter(2000, 3);
  chapter.replace(chapter.find("Exercise 1.1"), 12, "Exercise 1.2");
  ExpectViolation(RunOn(chapter), kFile, "\"Exercise 1.1\"");
}

TEST_F(CheckChapter, FindsTooFewAndTooManyWords) {
  ExpectViolation(RunOn(Chapter(1300, 3)), kFile, "1500 to 3000");
  ExpectViolation(RunOn(Chapter(3100, 3)), kFile, "1500 to 3000");
}

TEST(Markdown, AnchorsAreThoseOfGitHub) {
  const MarkdownPage page = ParseMarkdown(
      "# What you'll have: `Get`, *Put* & more\n\n## Again\n\n## Again\n\n"
      "```\n# not a heading\n```\n");
  EXPECT_EQ(page.anchors.count("what-youll-have-get-put--more"), 1u);
  EXPECT_EQ(page.anchors.count("again"), 1u);
  EXPECT_EQ(page.anchors.count("again-1"), 1u);
  EXPECT_EQ(page.headings.size(), 3u);
}

}  // namespace
}  // namespace kv::tool
