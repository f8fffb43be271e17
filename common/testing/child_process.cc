#include "common/testing/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace kv::testing {
namespace {

Status SystemError(const std::string& what) {
  return Status::IoError(what + ": " + std::strerror(errno));
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Status Open() {
    int ends[2];
    if (::pipe(ends) != 0) return SystemError("pipe");
    read_end = ends[0];
    write_end = ends[1];
    // Only what dup2 makes is the child's; another child must not keep this
    // one's input open either.
    ::fcntl(read_end, F_SETFD, FD_CLOEXEC);
    ::fcntl(write_end, F_SETFD, FD_CLOEXEC);
    return Status::Ok();
  }

  void Close() const {
    if (read_end >= 0) ::close(read_end);
    if (write_end >= 0) ::close(write_end);
  }
};

// In the child: never returns.
[[noreturn]] void BecomeChild(
    const Pipe& input, const Pipe& output, int (*function)(),
    char** arguments) {
  ::dup2(input.read_end, STDIN_FILENO);
  ::dup2(output.write_end, STDOUT_FILENO);
  if (function != nullptr) {
    // No exec closes these here.
    input.Close();
    output.Close();
    const int code = function();
    std::fflush(nullptr);
    ::_exit(code);
  }
  ::execv(arguments[0], arguments);
  std::fprintf(stderr, "%s: %s\n", arguments[0], std::strerror(errno));
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& each : all) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return Fork(nullptr, std::move(pointers));
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::StartFunction(
    int (*function)()) {
  return Fork(function, {});
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::Fork(
    int (*function)(), std::vector<char*> arguments) {
  Pipe input;
  Pipe output;
  KV_RETURN_IF_ERROR(input.Open());
  if (const Status opened = output.Open(); !opened.ok()) {
    input.Close();
    return opened;
  }
  // A write to a child that is dead is an error, not the end of this process.
  ::signal(SIGPIPE, SIG_IGN);
  // What is buffered would be written twice.
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) BecomeChild(input, output, function, arguments.data());
  if (pid < 0) {
    const Status failed = SystemError("fork");
    input.Close();
    output.Close();
    return failed;
  }
  ::close(input.read_end);
  ::close(output.write_end);
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(pid, input.write_end, output.read_end));
}

ChildProcess::~ChildProcess() {
  static_cast<void>(Kill());
  CloseInput();
  ::close(output_);
}

Status ChildProcess::Write(std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(input_, data.data(), data.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError("write to the child");
    }
    data.remove_prefix(static_cast<size_t>(written));
  }
  return Status::Ok();
}

void ChildProcess::CloseInput() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

Result<bool> ChildProcess::ReadMore(int timeout_ms) {
  pollfd ready = {output_, POLLIN, 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1, timeout_ms);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return SystemError("poll");
  if (count == 0) {
    return Status::TimedOut(
        "the child wrote nothing for " + std::to_string(timeout_ms) + " ms");
  }
  char bytes[4096];
  ssize_t taken = 0;
  do {
    taken = ::read(output_, bytes, sizeof(bytes));
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) return SystemError("read from the child");
  buffer_.append(bytes, static_cast<size_t>(taken));
  return taken > 0;
}

Result<std::string> ChildProcess::ReadLine(int timeout_ms) {
  for (;;) {
    const size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    KV_ASSIGN_OR_RETURN(const bool more, ReadMore(timeout_ms));
    // A line without its newline was cut by the child's death.
    if (!more) return Status::NotFound();
  }
}

Status ChildProcess::WaitForLine(std::string_view line, int timeout_ms) {
  for (;;) {
    KV_ASSIGN_OR_RETURN(const std::string read, ReadLine(timeout_ms));
    if (read == line) return Status::Ok();
  }
}

Result<std::string> ChildProcess::ReadAll(int timeout_ms) {
  for (;;) {
    KV_ASSIGN_OR_RETURN(const bool more, ReadMore(timeout_ms));
    if (!more) return std::move(buffer_);
  }
}

Status ChildProcess::Kill() {
  if (reaped_) return Status::Ok();
  if (::kill(pid_, SIGKILL) != 0) return SystemError("kill");
  const Result<int> ended = Wait();
  return ended.ok() ? Status::Ok() : ended.status();
}

Result<int> ChildProcess::Wait() {
  CloseInput();
  if (reaped_) return exit_;
  int state = 0;
  pid_t waited = 0;
  do {
    waited = ::waitpid(pid_, &state, 0);
  } while (waited < 0 && errno == EINTR);
  if (waited < 0) return SystemError("waitpid");
  reaped_ = true;
  exit_ = WIFSIGNALED(state) ? -WTERMSIG(state) : WEXITSTATUS(state);
  return exit_;
}

}  // namespace kv::testing
