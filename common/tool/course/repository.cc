#include "common/tool/course/repository.h"

#include <unistd.h>

#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/tool/files.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGitignore =
    "# What can be built again, and the tool's own notes.\n"
    "/build/\n"
    "/.wb/\n"
    "compile_commands.json\n"
    ".cache/\n";

constexpr const char* kReadme =
    "# My databases\n"
    "\n"
    "One folder a stage: the starter, and then what I make of it.\n"
    "\n"
    "    ./wb start 01     the next starter; each is one commit\n"
    "    ./wb test 01      build it and run its tests, exercise by exercise\n"
    "    ./wb hint 1.1     a nudge\n"
    "    ./wb status       how far I am\n"
    "    git diff          what I have written since my last commit\n"
    "\n"
    "`./wb --help` lists the rest.\n";

// Finds the clone by what the tool wrote down, so that the folder can be
// moved; a clone that has moved is mended by running its common/wb once.
constexpr const char* kLauncher =
    "#!/usr/bin/env bash\n"
    "# Runs the workbook's tool.\n"
    "here=$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd -P)\n"
    "clone=$(sed -n 's/^ *\"clone\": \"\\(.*\\)\",*$/\\1/p' "
    "\"$here/.kv-course.json\")\n"
    "if [ ! -x \"$clone/common/wb\" ]; then\n"
    "  echo \"wb: the workbook was in '$clone', and is not there any more. "
    "Run CLONE/common/wb init '$here' from where it is now.\" >&2\n"
    "  exit 1\n"
    "fi\n"
    "exec \"$clone/common/wb\" \"$@\"\n";

ProcessResult Git(
    const fs::path& folder, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {
      "git", "-c", "commit.gpgsign=false", "-c", "core.quotepath=off"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunProcess(all, folder);
}

Status GitError(
    const fs::path& folder, const std::string& what,
    const ProcessResult& result) {
  if (result.exit_code == 127) {
    return Status::NotSupported(
        "git was not found. 'common/wb doctor' says how to get it.");
  }
  std::string text = result.output;
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return Status::IoError(
      fmt::format("git {} failed in {}: {}", what, folder.string(), text));
}

Status Commit(
    const fs::path& folder, const std::string& below,
    const std::string& message) {
  ProcessResult result = Git(folder, {"add", "--all", "--", below});
  if (result.exit_code != 0) {
    return GitError(folder, "add", result);
  }
  // Exit code 0: the index is as HEAD has it, and there is nothing to keep.
  const std::vector<std::string> compare = {"diff", "--cached", "--quiet",
                                            "HEAD", "--",       below};
  if (Git(folder, compare).exit_code == 0) return Status::Ok();
  std::vector<std::string> arguments;
  // Someone who has not told git a name yet must not be stopped by that.
  if (Git(folder, {"config", "user.email"}).exit_code != 0) {
    arguments = {"-c", "user.name=Learner", "-c", "user.email=learner@local"};
  }
  const std::vector<std::string> commit = {
      "commit", "--quiet", "--no-verify", "-m", message, "--", below};
  arguments.insert(arguments.end(), commit.begin(), commit.end());
  result = Git(folder, arguments);
  return result.exit_code == 0 ? Status::Ok()
                               : GitError(folder, "commit", result);
}

std::string CourseJson(const Context& context) {
  const nlohmann::json json = {
      {"clone", context.root().string()},
      {"version", 1},
  };
  return json.dump(2) + "\n";
}

bool IsInside(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

Status Fill(const Context& context, const fs::path& folder) {
  KV_RETURN_IF_ERROR(
      WriteText(folder / ".kv-course.json", CourseJson(context)));
  KV_RETURN_IF_ERROR(WriteText(folder / ".gitignore", kGitignore));
  KV_RETURN_IF_ERROR(WriteText(folder / "README.md", kReadme));
  KV_RETURN_IF_ERROR(WriteText(folder / "wb", kLauncher));
  std::error_code error;
  fs::permissions(
      folder / "wb", fs::perms(0755), fs::perm_options::replace, error);
  const ProcessResult result =
      Git(folder, {"-c", "init.defaultBranch=main", "init", "--quiet"});
  if (result.exit_code != 0) {
    return GitError(folder, "init", result);
  }
  return Commit(folder, ".", "Begin the course");
}

}  // namespace

Status MakeCourse(Context& context, const fs::path& wanted, bool* made) {
  std::error_code error;
  *made = false;
  const fs::path folder = fs::weakly_canonical(wanted, error);
  if (error) {
    return Status::IoError(
        fmt::format("{}: {}", wanted.string(), error.message()));
  }
  if (IsInside(folder, context.root())) {
    return Status::InvalidArgument(fmt::format(
        "{} lies inside the workbook ({}). Your work has a repository of its "
        "own: choose a folder outside, for example {}.",
        folder.string(), context.root().string(),
        (context.root().parent_path() / "kv-course").string()));
  }
  if (fs::exists(folder / ".kv-course.json", error)) {
    KV_RETURN_IF_ERROR(
        WriteText(folder / ".kv-course.json", CourseJson(context)));
    return context.RememberCourse(folder);
  }
  if (fs::exists(folder, error)) {
    if (!fs::is_directory(folder, error)) {
      return Status::InvalidArgument(
          folder.string() + " is a file. Choose another name.");
    }
    if (!fs::is_empty(folder, error) || error) {
      return Status::InvalidArgument(fmt::format(
          "{} holds something already, and is not a course folder. Choose an "
          "empty or a new one.",
          folder.string()));
    }
  }
  // Built beside its place, so that there is never half a folder.
  fs::path temporary = folder;
  temporary += fmt::format(".{}.tmp", getpid());
  const Status status = Fill(context, temporary);
  if (status.ok()) {
    fs::remove(folder, error);  // if it is there, it is empty
    fs::rename(temporary, folder, error);
  }
  if (!status.ok() || error) {
    const std::string reason = error.message();
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    return status.ok() ? Status::IoError(fmt::format(
                             "{} cannot be made: {}", folder.string(), reason))
                       : status;
  }
  *made = true;
  return context.RememberCourse(folder);
}

Result<std::vector<std::string>> UncommittedFiles(
    const Course& course, const std::string& below) {
  const ProcessResult result =
      Git(course.path, {"status", "--porcelain", "--", below});
  if (result.exit_code != 0) {
    return GitError(course.path, "status", result);
  }
  std::vector<std::string> files;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 3) {
      files.push_back(line.substr(3));
    }
  }
  return files;
}

Status CommitFolder(
    const Course& course, const std::string& below,
    const std::string& message) {
  return Commit(course.path, below, message);
}

}  // namespace kv::tool
