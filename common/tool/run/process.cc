#include "common/tool/run/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

extern char** environ;

namespace kv::tool {
namespace {

// Live groups, for the signal handler, which can reach nothing else.
constexpr size_t kGroupsMax = 16;
std::array<std::atomic<pid_t>, kGroupsMax> live_groups;

void RememberGroup(pid_t group) {
  for (std::atomic<pid_t>& slot : live_groups) {
    pid_t expected = 0;
    if (slot.compare_exchange_strong(expected, group)) return;
  }
}

void ForgetGroup(pid_t group) {
  for (std::atomic<pid_t>& slot : live_groups) {
    pid_t expected = group;
    if (slot.compare_exchange_strong(expected, 0)) return;
  }
}

// Children are in groups of their own, which Ctrl-C does not reach.
void EndChildrenAndDie(int signal_number) {
  for (const std::atomic<pid_t>& slot : live_groups) {
    const pid_t group = slot.load();
    if (group > 0) kill(-group, SIGKILL);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void InstallSignalHandlers() {
  static const bool installed = [] {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction action = {};
      action.sa_handler = &EndChildrenAndDie;
      sigaction(number, &action, nullptr);
    }
    return true;
  }();
  (void)installed;
}

Status Errno(const std::string& what) {
  return Status::IoError(what + ": " + std::strerror(errno));
}

// A file that holds `text`, read from its beginning. A pipe would need a
// second thread to write into it while the child's output is read.
int InputFile(const std::string& text) {
  if (text.empty()) return open("/dev/null", O_RDONLY | O_CLOEXEC);
  const char* folder = std::getenv("TMPDIR");
  std::string path =
      std::string(folder == nullptr ? "/tmp" : folder) + "/wb-input-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return -1;
  unlink(path.c_str());
  fcntl(file, F_SETFD, FD_CLOEXEC);
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      close(file);
      return -1;
    }
    done += static_cast<size_t>(written);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

// Everything that the child needs, made before fork: after it, only calls
// that are safe between fork and exec.
struct Prepared {
  std::vector<std::string> environment;
  std::vector<char*> arguments;
  std::vector<char*> environment_pointers;

  explicit Prepared(const ProcessOptions& options) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      const std::string_view name = text.substr(0, text.find('='));
      bool replaced = false;
      for (const auto& [key, value] : options.environment) {
        replaced = replaced || key == name;
      }
      if (!replaced) environment.emplace_back(text);
    }
    for (const auto& [key, value] : options.environment) {
      environment.push_back(key + "=" + value);
    }
    for (std::string& entry : environment) {
      environment_pointers.push_back(entry.data());
    }
    environment_pointers.push_back(nullptr);
    for (const std::string& argument : options.arguments) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
  }
};

[[noreturn]] void BecomeProgram(
    const ProcessOptions& options, const Prepared& prepared,
    const char* program, int error_pipe) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    signal(number, SIG_DFL);
  }
  if (options.directory.empty() || chdir(options.directory.c_str()) == 0) {
    execve(
        program, prepared.arguments.data(),
        prepared.environment_pointers.data());
  }
  const int error = errno;
  if (write(error_pipe, &error, sizeof(error)) < 0) {
    // The parent sees a child that ended with 127.
  }
  _exit(127);
}

}  // namespace

std::string ExitState::ToString() const {
  if (signal != 0) {
    return fmt::format("killed by signal {} ({})", signal, strsignal(signal));
  }
  return fmt::format("exit code {}", exit_code);
}

std::filesystem::path FindProgram(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return access(std::string(name).c_str(), X_OK) == 0
        ? std::filesystem::path(name)
        : std::filesystem::path();
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (true) {
    const size_t colon = rest.find(':');
    const std::filesystem::path candidate =
        std::filesystem::path(rest.substr(0, colon)) / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    if (colon == std::string_view::npos) return {};
    rest.remove_prefix(colon + 1);
  }
}

Result<std::unique_ptr<Process>> Process::Start(const ProcessOptions& options) {
  KV_CHECK(!options.arguments.empty(), "a process needs a program");
  InstallSignalHandlers();
  const std::filesystem::path program = FindProgram(options.arguments[0]);
  if (program.empty()) {
    return Status::InvalidArgument(
        "there is no program '" + options.arguments[0] +
        "' that can be run; 'wb doctor' says what is missing");
  }
  const Prepared prepared(options);
  const int input = InputFile(options.input);
  if (input < 0) return Errno("preparing the input of a program");
  int output[2];
  int errors[2];
  if (pipe(output) != 0) {
    close(input);
    return Errno("pipe");
  }
  if (pipe(errors) != 0) {
    close(input);
    close(output[0]);
    close(output[1]);
    return Errno("pipe");
  }
  for (const int end : {output[0], output[1], errors[0], errors[1]}) {
    fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    dup2(input, STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    if (options.errors == ErrorStream::kMerge) {
      dup2(output[1], STDERR_FILENO);
    } else if (options.errors == ErrorStream::kDiscard) {
      const int null = open("/dev/null", O_WRONLY);
      dup2(null, STDERR_FILENO);
    }
    BecomeProgram(options, prepared, program.c_str(), errors[1]);
  }
  const int fork_error = errno;
  close(input);
  close(output[1]);
  close(errors[1]);
  if (child < 0) {
    close(output[0]);
    close(errors[0]);
    errno = fork_error;
    return Errno("starting " + program.string());
  }
  setpgid(child, child);  // whoever comes first, child or parent
  RememberGroup(child);
  std::unique_ptr<Process> process(new Process(child, output[0]));
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(errors[0], &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  close(errors[0]);
  if (got == static_cast<ssize_t>(sizeof(error))) {
    process->Wait();
    errno = error;
    return Errno("running " + program.string());
  }
  return process;
}

Process::~Process() {
  if (!reaped_) {
    Kill();
    Wait();
  }
  if (output_ >= 0) close(output_);
}

bool Process::Reap(int flags) {
  if (reaped_) return true;
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(process_id_, &status, flags);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return false;
  reaped_ = true;
  if (got == process_id_ && WIFSIGNALED(status)) {
    state_.signal = WTERMSIG(status);
  } else if (got == process_id_) {
    state_.exit_code = WEXITSTATUS(status);
  }
  // Whatever it left running must not keep the pipe open.
  kill(-process_id_, SIGKILL);
  ForgetGroup(process_id_);
  return true;
}

Process::Read Process::ReadLine(std::string* line, Clock::time_point deadline) {
  while (true) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      line->assign(buffer_, 0, end);
      buffer_.erase(0, end + 1);
      return Read::kLine;
    }
    if (end_of_output_) {
      if (buffer_.empty()) return Read::kEnd;
      line->swap(buffer_);
      buffer_.clear();
      return Read::kLine;
    }
    const auto now = Clock::now();
    if (now >= deadline) return Read::kTimeout;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now);
    pollfd waiting = {output_, POLLIN, 0};
    const int timeout = static_cast<int>(
        std::min<std::chrono::milliseconds::rep>(left.count() + 1, 100));
    const int ready = poll(&waiting, 1, timeout);
    if (ready == 0) {
      // Quiet for a while after the end: a stray process that left the group
      // still holds the pipe, and has nothing to say that matters.
      if (reaped_) {
        end_of_output_ = true;
      } else {
        Reap(WNOHANG);
      }
      continue;
    }
    if (ready < 0) continue;  // interrupted
    char chunk[16384];
    const ssize_t got = read(output_, chunk, sizeof(chunk));
    if (got > 0) {
      buffer_.append(chunk, static_cast<size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      end_of_output_ = true;
    }
  }
}

void Process::Kill() {
  if (!reaped_) kill(-process_id_, SIGKILL);
}

ExitState Process::Wait() {
  Reap(0);
  return state_;
}

Result<ChildResult> RunChild(
    const ProcessOptions& options, std::chrono::milliseconds time_limit,
    const std::function<void(std::string_view)>& on_line) {
  KV_ASSIGN_OR_RETURN(auto process, Process::Start(options));
  const Process::Clock::time_point deadline = time_limit.count() == 0
      ? Process::Clock::now() + std::chrono::hours(24)
      : Process::Clock::now() + time_limit;
  ChildResult result;
  std::string line;
  while (true) {
    const Process::Read read = process->ReadLine(&line, deadline);
    if (read == Process::Read::kEnd) break;
    if (read == Process::Read::kTimeout) {
      result.timed_out = true;
      process->Kill();
      break;
    }
    result.output += line;
    result.output += '\n';
    if (on_line) on_line(line);
  }
  result.exit = process->Wait();
  return result;
}

Result<int> RunInForeground(const ProcessOptions& options) {
  KV_CHECK(!options.arguments.empty(), "a process needs a program");
  const std::filesystem::path program = FindProgram(options.arguments[0]);
  if (program.empty()) {
    return Status::InvalidArgument(
        "there is no program '" + options.arguments[0] + "'");
  }
  const Prepared prepared(options);
  // The terminal sends Ctrl-C to both; the child alone answers it.
  struct sigaction ignore = {};
  struct sigaction before = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &before);
  const pid_t child = fork();
  if (child == 0) {
    BecomeProgram(options, prepared, program.c_str(), STDERR_FILENO);
  }
  int status = 0;
  pid_t got = child;
  if (child > 0) {
    do {
      got = waitpid(child, &status, 0);
    } while (got < 0 && errno == EINTR);
  }
  sigaction(SIGINT, &before, nullptr);
  if (child < 0 || got < 0) return Errno("running " + program.string());
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace kv::tool
