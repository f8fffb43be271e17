#pragma once

// Black-box tests: commands and the answers that a program must give, kept in
// files that need no compiler, so that they can be run on any program.
//
// Format: a file begins with comment lines ("# why"), which say what it is
//   about. Then come blocks, with an empty line between them:
//
//     # why this matters
//     put a 1
//     get a
//     ---
//     ok
//     1
//
//   Comment lines, one or more lines that the program reads from stdin, "---",
//   and the lines that it must print to stdout for them; none if a command
//   prints nothing. A block's comment is shown when the block fails. All
//   blocks of a file are one run of the program.
//   An expected line that begins with "error: " and ends with "..." matches
//   every line that begins with what stands before the dots: the code of an
//   error is a promise, the rest of its text is not.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv {

struct BlackBoxBlock {
  std::string why;  // the comment lines, without '#'
  int line = 0;  // of the first command
  std::vector<std::string> commands;
  int expected_line = 0;  // of the first expected line
  std::vector<std::string> expected;
};

struct BlackBoxScript {
  std::string name;  // the file, as messages show it
  std::string why;  // the file's first comment
  std::vector<BlackBoxBlock> blocks;
};

/// InvalidArgument names file and line of what is no script.
Result<BlackBoxScript> ParseBlackBox(
    std::string_view name, std::string_view text);

/// Reads and parses a file.
Result<BlackBoxScript> ReadBlackBoxFile(const std::string& path);

/// The paths of all NAME.kv in `directory`, sorted.
Result<std::vector<std::string>> ListBlackBoxFiles(
    const std::string& directory);

/// Ok if `output` is what the script expects; else Aborted with file, line,
/// why, commands, expected and actual lines.
Status CompareBlackBox(const BlackBoxScript& script, std::string_view output);

struct ProgramOutput {
  std::string out;  // stdout
  std::string err;  // stderr
  int exit_code = -1;  // -1 if a signal ended the program
  int signal = 0;
};

/// Runs a program (`words[0]`, looked up in PATH) with `input` on stdin to its
/// end. TimedOut after `timeout`, when it is killed; IoError if it cannot be
/// started.
Result<ProgramOutput> RunWithInput(
    const std::vector<std::string>& words, std::string_view input,
    std::chrono::milliseconds timeout);

/// Runs a script through a program and compares. The program must end by
/// itself at the end of its input, with 1 if the script expects an error and
/// 0 if not.
Status RunBlackBox(
    const BlackBoxScript& script, const std::vector<std::string>& words,
    std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace kv
