#pragma once

// Child processes: started in a group of their own, read line by line, ended
// with everything they started.
//
// Contract: Start, then ReadLine until kEnd (or Kill), then Wait once. The
//   destructor kills what still runs.
// Threads: one thread a Process. Ctrl-C and SIGTERM to the tool end all
//   children first.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

/// Where a child's stderr goes.
enum class ErrorStream {
  kMerge,  ///< among the lines of stdout
  kDiscard,  ///< nowhere
  kInherit,  ///< to the tool's own
};

struct ProcessOptions {
  /// The program (looked up in PATH if it has no slash) and its arguments.
  std::vector<std::string> arguments;
  /// Working directory; empty: the tool's.
  std::filesystem::path directory;
  /// Variables set on top of the tool's environment.
  std::vector<std::pair<std::string, std::string>> environment;
  /// What the child reads on stdin; then end of file.
  std::string input;
  ErrorStream errors = ErrorStream::kMerge;
};

/// How a process ended.
struct ExitState {
  int exit_code = 0;
  int signal = 0;  ///< 0: it exited by itself
  bool Succeeded() const { return exit_code == 0 && signal == 0; }
  /// "exit code 1", "killed by signal 11 (Segmentation fault)".
  std::string ToString() const;
};

class Process {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Read { kLine, kEnd, kTimeout };

  /// Errors: NotFound if there is no such program; IoError.
  static Result<std::unique_ptr<Process>> Start(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The next line of output, without its end. kEnd once the child is gone
  /// and everything that it printed was read; a last line without an end of
  /// line counts as a line.
  Read ReadLine(std::string* line, Clock::time_point deadline);

  /// Writes no more and kills the whole group with SIGKILL.
  void Kill();

  /// Waits for the end and returns how it came.
  ExitState Wait();

  int id() const { return process_id_; }

 private:
  Process(int process_id, int output)
      : process_id_(process_id), output_(output) {}
  /// False if WNOHANG is among the flags and the child still runs.
  bool Reap(int flags);

  int process_id_;
  int output_;
  bool reaped_ = false;
  bool end_of_output_ = false;
  ExitState state_;
  std::string buffer_;
};

struct ChildResult {
  ExitState exit;
  bool timed_out = false;
  std::string output;
};

/// Runs to the end; `on_line` (may be empty) sees each line as it comes.
/// A `time_limit` of zero means none.
Result<ChildResult> RunChild(
    const ProcessOptions& options,
    std::chrono::milliseconds time_limit = std::chrono::milliseconds(0),
    const std::function<void(std::string_view)>& on_line = {});

/// Runs with the tool's own terminal (a debugger, an editor) and returns the
/// exit code.
Result<int> RunInForeground(const ProcessOptions& options);

/// The full path of a program in PATH; empty if there is none.
std::filesystem::path FindProgram(std::string_view name);

}  // namespace kv::tool
