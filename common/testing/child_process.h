#pragma once

// A child process with pipes at its input and output, to be killed.
//
// Contract: Start a program, or a function of this one
//   by StartFunction; talk to it; end it with Kill or Wait. The destructor
//   kills and reaps what is still running.
// Threads: one at a time.
// Limits: kill -9 leaves the page cache, so it cannot show a missing fsync;
//   that is the crash explorer's work.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::testing {

class ChildProcess {
 public:
  /// Runs `program` with `arguments` (without the program's own name).
  /// Standard error is the parent's.
  static Result<std::unique_ptr<ChildProcess>> Start(
      const std::string& program, const std::vector<std::string>& arguments);

  /// Runs `function` in a fork of this process, which ends with what it
  /// returns as exit code. Only for a process with one thread.
  static Result<std::unique_ptr<ChildProcess>> StartFunction(int (*function)());

  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Writes to the child's standard input. IoError if nobody reads it.
  Status Write(std::string_view data);
  /// The child reads the end of its input.
  void CloseInput();

  /// The next line of the child's standard output, without its newline.
  /// NotFound at the end of the output, TimedOut after `timeout_ms`.
  Result<std::string> ReadLine(int timeout_ms = 30000);
  /// The next lines up to and including one equal to `line`; errors as
  /// ReadLine.
  Status WaitForLine(std::string_view line, int timeout_ms = 30000);
  /// All output that is still to come, up to its end.
  Result<std::string> ReadAll(int timeout_ms = 30000);

  /// kill -9, and reaps. What the child had written before can still be read.
  /// Ok also if it had ended by itself.
  Status Kill();
  /// Closes the input and waits for the end. The exit code, or minus the
  /// signal that ended the child.
  Result<int> Wait();

  pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int input, int output)
      : pid_(pid), input_(input), output_(output) {}

  static Result<std::unique_ptr<ChildProcess>> Fork(
      int (*function)(), std::vector<char*> arguments);

  // Reads more output into buffer_; false at its end.
  Result<bool> ReadMore(int timeout_ms);

  pid_t pid_;
  int input_;
  int output_;
  bool reaped_ = false;
  int exit_ = 0;
  std::string buffer_;  // read, not yet given out
};

}  // namespace kv::testing
