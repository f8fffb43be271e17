#pragma once

// A small project in a folder of its own, for rules to look at.

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "common/tool/check/rule.h"
#include "common/tool/maintain/subprocess.h"

namespace kv::tool {

class FixtureProject {
 public:
  FixtureProject() {
    std::string name =
        (std::filesystem::temp_directory_path() / "wb-check-XXXXXX").string();
    KV_CHECK(mkdtemp(name.data()) != nullptr, "no temporary folder");
    root_ = name;
  }
  ~FixtureProject() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  FixtureProject(const FixtureProject&) = delete;
  FixtureProject& operator=(const FixtureProject&) = delete;

  const std::filesystem::path& root() const { return root_; }

  void Write(const std::string& file, std::string_view text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    ASSERT_TRUE(WriteText(root_ / file, text).ok()) << file;
  }
  std::string Read(const std::string& file) const {
    return ReadText(root_ / file).value();
  }
  void Remove(const std::string& file) {
    std::filesystem::remove(root_ / file);
  }

  void Git(std::vector<std::string> arguments) {
    arguments.insert(
        arguments.begin(),
        {"git", "-c", "user.name=test", "-c", "user.email=test@example.org"});
    const auto output = RunProgram(arguments, root_);
    ASSERT_TRUE(output.ok()) << output.status().ToString();
    ASSERT_EQ(output->exit_code, 0) << output->text;
  }
  void CommitAll() {
    if (!std::filesystem::exists(root_ / ".git")) {
      Git({"init", "-q"});
    }
    Git({"add", "-A"});
    Git({"commit", "-q", "-m", "state"});
  }

  ProjectTree Load() const {
    Result<ProjectTree> project = LoadProjectTree(root_);
    KV_CHECK(project.ok(), "the fixture cannot be read");
    return std::move(project).value();
  }

  Report Run(RuleFunction rule) const {
    Environment environment;
    environment.project = Load();
    environment.build = root_ / "build";
    Report report;
    rule(environment, report);
    return report;
  }

 private:
  std::filesystem::path root_;
};

/// The rule looked at something, and found nothing wrong.
inline void ExpectHolds(const Report& report) {
  EXPECT_FALSE(report.Failed(true));
  EXPECT_GT(report.LookedTotal(), 0u);
  for (const Violation& violation : report.violations()) {
    ADD_FAILURE() << violation.file << ":" << violation.line << ": "
                  << violation.text;
  }
}

/// One violation, in that file, whose text contains `words`.
inline void ExpectViolation(
    const Report& report, std::string_view file, std::string_view words) {
  EXPECT_TRUE(report.Failed(false));
  ASSERT_EQ(report.violations().size(), 1u);
  EXPECT_EQ(report.violations()[0].file, file);
  EXPECT_NE(report.violations()[0].text.find(words), std::string::npos)
      << report.violations()[0].text;
}

}  // namespace kv::tool
