#pragma once

// The commands of a shell: their names, arguments, help and handlers.
//
// Contract: Add every command, then Run lines of words. Groups are printed by
//   `help` in the order in which they first appear, commands in the order in
//   which they were added.

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::shell {

/// What a handler is given.
struct CommandCall {
  const std::vector<std::string>& arguments;  // without the command's name
  std::ostream& out;
};

struct Command {
  std::string name;
  /// As help prints them: "KEY VALUE", "[PREFIX]", "KEY ...". The number of
  /// arguments allowed is read from it: words in [] may be left out, "..."
  /// allows any number more.
  std::string arguments;
  std::string help;  ///< one line
  std::string more_help;  ///< further lines for `help NAME`; may be empty
  std::function<Status(const CommandCall&)> handler;
};

class CommandTable {
 public:
  CommandTable();
  CommandTable(const CommandTable&) = delete;  // `help` points back to it
  CommandTable& operator=(const CommandTable&) = delete;

  /// `name` must not be there yet.
  void Add(std::string_view group, Command command);

  /// Runs words[0] with the other words. InvalidArgument for an unknown name
  /// (with the nearest known one) and for a wrong number of arguments; else
  /// what the handler returns.
  Status Run(const std::vector<std::string>& words, std::ostream& out) const;

  /// The names that begin with `prefix`, sorted.
  std::vector<std::string> NamesWithPrefix(std::string_view prefix) const;

  void PrintHelp(std::ostream& out) const;

 private:
  struct Entry {
    std::string group;
    Command command;
  };

  const Command* Find(std::string_view name) const;
  Status UnknownCommand(std::string_view name) const;
  Status PrintHelpFor(std::string_view name, std::ostream& out) const;

  std::vector<Entry> entries_;
};

/// How many insertions, removals, replacements and swaps of neighbours make
/// `b` of `a`.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace kv::shell
