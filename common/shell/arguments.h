#pragma once

// The command line of a shell program, taken apart.
//
// Format: NAME [OPTION...] [DIR]. "--option value" and "--option=value" are
//   the same; "--" ends the options. The word after --load is the file of the
//   dump; as the only word it is the database's directory unless there is
//   such a file, and the dump comes from stdin:
//   "kv_shell --dump OLD | kv_shell --load NEW".

#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/shell/run_shell.h"

namespace kv::shell {

struct ShellArguments {
  std::string path;  ///< the database's directory; empty: in memory
  bool help = false;
  bool dump = false;
  std::optional<std::string> load_file;  ///< "-" is stdin
  std::optional<DumpFormat> format;
};

/// Also calls the `set` of the spec's flags that are given.
Result<ShellArguments> ParseArguments(
    const std::vector<std::string>& words, const ShellSpec& spec);

std::string UsageText(const ShellSpec& spec);

}  // namespace kv::shell
