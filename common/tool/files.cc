#include "common/tool/files.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<std::string> ReadText(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return Status::IoError(path.string() + " is a folder, not a file");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    const int code = errno;
    return Status::IoError(fmt::format(
        "{} cannot be read: {}", path.string(), std::strerror(code)));
  }
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Status WriteText(const fs::path& path, std::string_view text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) {
    return Status::IoError(fmt::format(
        "{} cannot be made: {}", path.parent_path().string(), error.message()));
  }
  fs::path temporary = path;
  temporary += fmt::format(".{}.tmp", getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) {
      const int code = errno;
      fs::remove(temporary, error);
      return Status::IoError(fmt::format(
          "{} cannot be written: {}", path.string(), std::strerror(code)));
    }
  }
  fs::rename(temporary, path, error);
  if (error) {
    const std::string reason = error.message();
    fs::remove(temporary, error);
    return Status::IoError(
        fmt::format("{} cannot be replaced: {}", path.string(), reason));
  }
  return Status::Ok();
}

std::vector<fs::path> FilesUnder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  while (!error && it != fs::recursive_directory_iterator()) {
    const std::string name = it->path().filename().string();
    if (name.substr(0, 1) == ".") {
      if (it->is_directory(error)) {
        it.disable_recursion_pending();
      }
    } else if (it->is_regular_file(error)) {
      files.push_back(it->path().lexically_relative(folder));
    }
    it.increment(error);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ShellQuote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

ProcessResult RunProcess(
    const std::vector<std::string>& arguments, const fs::path& folder,
    bool with_stderr) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return {127, std::strerror(errno)};
  }
  const std::string where = folder.string();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    if (with_stderr) {
      dup2(ends[1], STDERR_FILENO);
    }
    if (!where.empty() && chdir(where.c_str()) != 0) {
      _exit(127);
    }
    execvp(argv[0], argv.data());
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], std::strerror(errno));
    _exit(127);
  }
  close(ends[1]);
  ProcessResult result;
  if (child < 0) {
    close(ends[0]);
    return {127, std::strerror(errno)};
  }
  char buffer[4096];
  while (true) {
    const ssize_t count = read(ends[0], buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    result.output.append(buffer, static_cast<size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code =
      WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace kv::tool
