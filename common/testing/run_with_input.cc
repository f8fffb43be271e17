// RunWithInput of common/testing/blackbox.h: a child process with three pipes.

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "common/base/check.h"
#include "common/testing/blackbox.h"

namespace kv {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

// One end of a pipe, closed with the object.
class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;

  bool Open() {
    int fds[2];
    if (pipe(fds) != 0) return false;
    // The child must not hold the other ends. (pipe2 is not everywhere.)
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    read.Reset(fds[0]);
    write.Reset(fds[1]);
    return true;
  }
};

[[noreturn]] void BecomeProgram(
    const std::vector<char*>& words, const Pipe& in, const Pipe& out,
    const Pipe& err) {
  dup2(in.read.get(), STDIN_FILENO);
  dup2(out.write.get(), STDOUT_FILENO);
  dup2(err.write.get(), STDERR_FILENO);
  execvp(words[0], words.data());
  constexpr int kCannotExecute = 127;
  _exit(kCannotExecute);
}

// Reads what is there; closes `from` at its end.
void Drain(Descriptor* from, std::string* to) {
  char buffer[16 * 1024];
  const ssize_t size = read(from->get(), buffer, sizeof(buffer));
  if (size > 0) {
    to->append(buffer, static_cast<size_t>(size));
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    from->Close();
  }
}

// Writes what fits; closes `to` when all is written or nobody reads it.
void Feed(Descriptor* to, std::string_view* input) {
  const ssize_t size = write(to->get(), input->data(), input->size());
  if (size >= 0) {
    input->remove_prefix(static_cast<size_t>(size));
  } else if (errno != EAGAIN && errno != EINTR) {
    input->remove_prefix(input->size());
  }
  if (input->empty()) to->Close();
}

// False at the deadline.
bool Exchange(
    Descriptor* in, Descriptor* out, Descriptor* err, std::string_view input,
    Deadline deadline, ProgramOutput* result) {
  if (input.empty()) in->Close();
  while (out->open() || err->open()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    // poll skips the entries whose descriptor is -1.
    pollfd polled[] = {
        {in->get(), POLLOUT, 0},
        {out->get(), POLLIN, 0},
        {err->get(), POLLIN, 0},
    };
    poll(polled, 3, static_cast<int>(left.count()));
    if (polled[0].revents != 0) Feed(in, &input);
    if (polled[1].revents != 0) Drain(out, &result->out);
    if (polled[2].revents != 0) Drain(err, &result->err);
  }
  return true;
}

}  // namespace

Result<ProgramOutput> RunWithInput(
    const std::vector<std::string>& words, std::string_view input,
    std::chrono::milliseconds timeout) {
  KV_CHECK(!words.empty(), "a program has a name");
  std::vector<char*> argv;
  for (const std::string& word : words) {
    argv.push_back(const_cast<char*>(word.c_str()));  // as execvp wants it
  }
  argv.push_back(nullptr);
  Pipe in;
  Pipe out;
  Pipe err;
  if (!in.Open() || !out.Open() || !err.Open()) {
    return Status::IoError(std::string("pipe: ") + std::strerror(errno));
  }
  // A program that ends early must not end this one with it.
  std::signal(SIGPIPE, SIG_IGN);
  const pid_t child = fork();
  if (child < 0) {
    return Status::IoError(std::string("fork: ") + std::strerror(errno));
  }
  if (child == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    BecomeProgram(argv, in, out, err);
  }
  in.read.Close();
  out.write.Close();
  err.write.Close();
  for (const int fd : {in.write.get(), out.read.get(), err.read.get()}) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
  ProgramOutput result;
  const bool in_time = Exchange(
      &in.write, &out.read, &err.read, input,
      std::chrono::steady_clock::now() + timeout, &result);
  if (!in_time) kill(child, SIGKILL);
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) {
    return Status::TimedOut(
        "'" + words[0] + "' was killed after " +
        std::to_string(timeout.count()) + " ms; it had printed:\n" +
        result.out);
  }
  if (WIFEXITED(state)) result.exit_code = WEXITSTATUS(state);
  if (WIFSIGNALED(state)) result.signal = WTERMSIG(state);
  if (result.exit_code == 127 && result.out.empty()) {
    return Status::IoError("'" + words[0] + "' cannot be started");
  }
  return result;
}

}  // namespace kv
