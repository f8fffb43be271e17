#pragma once

// Where command lines come from: a terminal with history and completion
// (where libedit is there), a terminal without, or a pipe.

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kv::shell {

class LineReader {
 public:
  virtual ~LineReader() = default;

  /// The next line without its line end (also without the CR of a CR LF);
  /// nothing at the end of input. Readers of a pipe ignore `prompt`.
  virtual std::optional<std::string> ReadLine(const std::string& prompt) = 0;
};

/// The names that begin with a prefix.
using Completer = std::function<std::vector<std::string>(std::string_view)>;

/// Reads `in` without prompts.
std::unique_ptr<LineReader> NewPipeReader(std::istream* in);

/// Prints prompts to `out` and reads `in`.
std::unique_ptr<LineReader> NewPlainReader(std::istream* in, std::ostream* out);

/// Reads stdin and stdout, which are a terminal, with line editing and
/// completion; as NewPlainReader where libedit is missing. The history is
/// kept in `history_file` (none if empty), whose directory is created.
/// Contract: one at a time in a process.
std::unique_ptr<LineReader> NewTerminalReader(
    std::string history_file, Completer completer);

/// $XDG_STATE_HOME/NAME, ~/.local/state/NAME without it, "" without both.
std::string DefaultHistoryFile(std::string_view name);

}  // namespace kv::shell
