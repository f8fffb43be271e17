#pragma once

// Small helpers over files that the tool reads and writes.
//
// Durability: WriteText writes beside the file and renames, so that a file is
//   never seen half written.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

/// The whole file. NotFound if it is not there, with the path.
Result<std::string> ReadText(const std::filesystem::path& path);

/// Replaces or creates the file, and the folders above it.
Status WriteText(const std::filesystem::path& path, std::string_view text);

/// All regular files under `folder`, relative to it, sorted. Files and
/// folders whose names begin with a dot are left out. Empty if the folder is
/// not there.
std::vector<std::filesystem::path> FilesUnder(
    const std::filesystem::path& folder);

/// "text" in single quotes, as a shell wants it.
std::string ShellQuote(std::string_view text);

/// What a program said and how it ended.
struct ProcessResult {
  int exit_code = 0;  ///< 128 + N for signal N; 127 if it could not be run
  std::string output;
};

/// Runs `arguments` (the first is the program, looked up in PATH) in `folder`
/// and collects stdout, and stderr with it if `with_stderr`.
ProcessResult RunProcess(
    const std::vector<std::string>& arguments,
    const std::filesystem::path& folder, bool with_stderr = true);

}  // namespace kv::tool
