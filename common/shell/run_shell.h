#pragma once

// A whole shell program: options, --load and --dump, and the loop that reads
// commands and runs them.
//
// Contract: main fills a ShellSpec and returns what RunShell returns. What
//   belongs to one kind of database is in its ShellSession.
// Errors: the exit codes below. In the loop an error is printed to stdout as
//   "error: Code: message", where a script sees it in order with the other
//   answers, and the loop goes on; everything else that goes wrong is printed
//   to stderr.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/shell/command_table.h"
#include "common/shell/text_format.h"

namespace kv::shell {

inline constexpr int kExitOk = 0;
inline constexpr int kExitCommandFailed = 1;  // also a failed load or dump
inline constexpr int kExitUsage = 2;
inline constexpr int kExitCannotOpen = 3;

/// An open database, as the shell sees it.
class ShellSession {
 public:
  using PairVisitor =
      std::function<void(std::string_view key, std::string_view value)>;

  virtual ~ShellSession() = default;

  virtual void AddCommands(CommandTable* table) = 0;

  /// Applies all of `operations`, or on an error none.
  virtual Status Apply(const std::vector<DumpOperation>& operations) = 0;

  /// Calls `visit` for every key and its value, in the order of the keys.
  virtual Status ForEach(const PairVisitor& visit) = 0;

  /// Called when the commands have come to their end: an error if something
  /// was begun and not finished.
  virtual Status EndOfCommands() { return Status::Ok(); }

  /// Called once, at the end.
  virtual Status Close() = 0;

  virtual std::string Prompt() const { return "kv> "; }
};

/// An option of the program besides those that every shell has.
struct ShellFlag {
  std::string name;  ///< "--key-bytes-max"
  std::string argument;  ///< "N"; empty: the option takes none
  std::string help;
  std::function<Status(std::string_view argument)> set;
};

struct ShellSpec {
  std::string name;  ///< as in messages: "kv_shell"
  std::string about;  ///< the first lines of --help
  std::vector<ShellFlag> flags;
  std::function<DumpLimits()> limits;
  /// An empty path: a database in memory. Unless `create` is set, a database
  /// that is not there is an error and is not made.
  std::function<Result<std::unique_ptr<ShellSession>>(
      const std::string& path, bool create)>
      open;
};

/// Sets `*number` from decimal digits. InvalidArgument for anything else.
ShellFlag NumberFlag(std::string name, std::string help, uint64_t* number);

/// Calls `set` with the place of the argument in `words`. InvalidArgument, with
/// all of them, for anything else.
ShellFlag ChoiceFlag(
    std::string name, std::string argument, std::string help,
    std::vector<std::string> words, std::function<void(size_t)> set);

int RunShell(int argc, char** argv, const ShellSpec& spec);

}  // namespace kv::shell
