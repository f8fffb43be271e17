// The launcher in bash: its package table, its version arithmetic, doctor with
// tools missing or too old, and the refusal to install.

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "common/tool/files.h"
#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

const fs::path kLauncher = fs::path(KV_SOURCE_ROOT) / "common" / "wb";

ChildResult Bash(
    const std::string& script,
    std::vector<std::pair<std::string, std::string>> environment = {}) {
  ProcessOptions options;
  options.arguments = {"bash", "-c", script};
  options.environment = std::move(environment);
  const auto result = RunChild(options, std::chrono::seconds(60));
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  return result.ok() ? *result : ChildResult();
}

// Runs with the launcher's functions defined.
ChildResult WithFunctions(const std::string& script) {
  return Bash(
      "KV_WB_FUNCTIONS_ONLY=1; . '" + kLauncher.string() + "'; " + script);
}

// A machine on which the compiler and CMake are old and the rest is missing.
class OldMachine {
 public:
  OldMachine() {
    std::string name = (fs::temp_directory_path() / "old-XXXXXX").string();
    bin_ = mkdtemp(name.data());
    for (const char* tool :
         {"bash", "sed", "head", "uname", "grep", "find", "dirname", "readlink",
          "tr", "cat", "mkdir", "tail", "rm", "id"}) {
      fs::create_symlink(FindProgram(tool), bin_ / tool);
    }
    Script(
        "g++",
        "case $* in *dump*) echo 9.4.0;; *) echo 'g++ (X 9.4.0) 9.4.0';; "
        "esac\n");
    Script("cmake", "echo cmake version 3.22.1\n");
  }
  ~OldMachine() { fs::remove_all(bin_); }

  void Script(const std::string& name, const std::string& body) {
    std::error_code ignored;
    fs::remove(bin_ / name, ignored);
    ASSERT_TRUE(WriteText(bin_ / name, "#!/bin/sh\n" + body).ok());
    fs::permissions(bin_ / name, fs::perms::owner_all);
  }

  ChildResult Run(const std::string& arguments, const std::string& manager) {
    return Bash(
        "bash '" + kLauncher.string() + "' " + arguments,
        {{"PATH", bin_.string()},
         {"CXX", ""},
         {"KV_PACKAGE_MANAGER", manager}});
  }

 private:
  fs::path bin_;
};

TEST(LauncherTest, VersionsCompareByNumbers) {
  const ChildResult result = WithFunctions(
      "for pair in '3.25 3.25' '3.25.1 3.25' '3.100 3.25' '12 11' "
      "'3.22.1 3.25' '9.4.0 11' '3 3.25' 'junk 1'; do set -- $pair; "
      "version_at_least $1 $2 && echo yes || echo no; done");
  EXPECT_EQ(result.output, "yes\nyes\nyes\nyes\nno\nno\nno\nno\n");
}

TEST(LauncherTest, EveryRowOfThePackageTableIsWhole) {
  const ChildResult result = WithFunctions("packages");
  std::istringstream rows(result.output);
  std::string row;
  int required = 0;
  int count = 0;
  while (std::getline(rows, row)) {
    EXPECT_EQ(std::count(row.begin(), row.end(), '|'), 6) << row;
    EXPECT_EQ(row.find("||"), std::string::npos) << row;
    required += row.starts_with("required|") ? 1 : 0;
    ++count;
  }
  EXPECT_GE(required, 9);
  EXPECT_GT(count, required);
}

TEST(LauncherTest, DoctorNamesOldAndMissingAndHowToGetThem) {
  OldMachine machine;
  const ChildResult apt = machine.Run("doctor", "apt");
  EXPECT_EQ(apt.exit.exit_code, 1);
  EXPECT_NE(apt.output.find("gcc 9.4.0"), std::string::npos) << apt.output;
  EXPECT_NE(apt.output.find("3.22.1 is too old"), std::string::npos);
  EXPECT_NE(apt.output.find("ninja-build"), std::string::npos);
  const ChildResult dnf = machine.Run("doctor", "dnf");
  EXPECT_NE(dnf.output.find("dnf install -y gcc-c++"), std::string::npos);
  const ChildResult brew = machine.Run("doctor", "brew");
  EXPECT_NE(brew.output.find("brew install cmake ninja"), std::string::npos);
}

TEST(LauncherTest, HelpInstallsNothing) {
  // In a copy, where no tool is built yet.
  OldMachine machine;
  std::string name = (fs::temp_directory_path() / "clone-XXXXXX").string();
  const fs::path clone = mkdtemp(name.data());
  fs::create_directories(clone / "common" / "tool");
  fs::copy_file(kLauncher, clone / "common" / "wb");
  machine.Script("apt-get", "echo CALLED; exit 1\n");
  const std::string call =
      "PATH=$PATH bash '" + (clone / "common" / "wb").string() + "' ";
  const ChildResult help =
      machine.Run("doctor >/dev/null; " + call + "--help", "apt");
  EXPECT_EQ(help.exit.exit_code, 0);
  EXPECT_EQ(help.output.find("CALLED"), std::string::npos) << help.output;
  EXPECT_NE(help.output.find("wb tour"), std::string::npos) << help.output;
  const ChildResult refused =
      machine.Run("doctor >/dev/null; " + call + "tour --no-install", "apt");
  EXPECT_NE(refused.exit.exit_code, 0);
  EXPECT_EQ(refused.output.find("CALLED"), std::string::npos);
  EXPECT_NE(refused.output.find("apt-get install"), std::string::npos);
  fs::remove_all(clone);
}

TEST(LauncherTest, FailedInstallationSaysWhatToRun) {
  OldMachine machine;
  std::string name = (fs::temp_directory_path() / "clone-XXXXXX").string();
  const fs::path clone = mkdtemp(name.data());
  fs::create_directories(clone / "common" / "tool");
  fs::copy_file(kLauncher, clone / "common" / "wb");
  machine.Script("apt-get", "echo no network >&2; exit 100\n");
  machine.Script("id", "echo 0\n");
  machine.Script("env", "shift; \"$@\"\n");
  const ChildResult result = machine.Run(
      "doctor >/dev/null; bash '" + (clone / "common" / "wb").string() +
          "' test",
      "apt");
  EXPECT_NE(result.exit.exit_code, 0);
  EXPECT_NE(result.output.find("no network"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("apt-get install -y"), std::string::npos);
  fs::remove_all(clone);
}

TEST(LauncherTest, WorksThroughASymlinkFromAnywhere) {
  std::string name = (fs::temp_directory_path() / "link-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  fs::create_symlink(kLauncher, folder / "wb");
  const ChildResult result = Bash(
      "cd / && KV_WB_FUNCTIONS_ONLY=1; . '" + (folder / "wb").string() +
      "'; echo $root; echo $caller_dir");
  EXPECT_EQ(
      result.output,
      fs::canonical(fs::path(KV_SOURCE_ROOT)).string() + "\n/\n");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace kv::tool
