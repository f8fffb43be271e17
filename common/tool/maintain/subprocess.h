#pragma once

// Runs another program to its end and returns what it printed: run/process.h
// for callers that want no more than that.

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

struct ProgramOutput {
  /// 128 + signal if a signal ended it.
  int exit_code = 0;
  bool timed_out = false;
  /// stdout, and stderr too unless asked otherwise, line by line.
  std::string text;
};

struct ProgramOptions {
  std::vector<std::pair<std::string, std::string>> environment;
  /// Zero: no limit. After it the program and its children are killed.
  std::chrono::seconds limit{0};
  bool keep_stderr = true;
};

/// Runs `arguments[0]`, found through PATH, in `directory`.
Result<ProgramOutput> RunProgram(
    const std::vector<std::string>& arguments,
    const std::filesystem::path& directory, const ProgramOptions& options = {});

/// Whether PATH has the program.
bool HasProgram(const std::string& name);

}  // namespace kv::tool
