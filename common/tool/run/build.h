#pragma once

// Configures and builds targets with CMake and Ninja, quietly, and explains
// the first error where that fails.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/tool/terminal.h"

namespace kv::tool {

/// The first thing that a compiler, linker or CMake complained about.
struct BuildError {
  std::string file;  ///< as printed; empty for linker and CMake
  int line = 0;
  std::string source;  ///< what was being compiled, where that is known
  std::string message;  ///< without "error:"
  std::vector<std::string> block;  ///< the whole complaint as printed
  std::string undefined;  ///< the linker's missing name, if that
};

/// Finds it in the output of a build; an empty message if there is none.
BuildError FindBuildError(std::string_view output);

struct BuildRequest {
  std::filesystem::path source;  ///< holds the CMakeLists.txt
  std::filesystem::path build;
  std::vector<std::string> definitions;  ///< "KV_ENGINE_DIR=/…"
  std::vector<std::string> targets;
  std::string label;  ///< "stage 01", for the progress line
  bool quiet = false;  ///< no progress, as where stdout is JSON
};

/// Configures if needed and builds. In a terminal a progress bar shows how far
/// it is; in a pipe one line says that something is built, if anything is.
/// Errors: Aborted if it does not compile; the BuildError is in `error`, the
/// whole output in `<build>/wb-build.log`.
Status Build(
    const Terminal& terminal, const BuildRequest& request, BuildError* error);

/// Prints the error for a person: file and line relative to `base`, the
/// message and the code.
void PrintBuildError(
    const Terminal& terminal, const BuildError& error,
    const std::filesystem::path& base);

/// How many compilers at a time: CMAKE_BUILD_PARALLEL_LEVEL, or the cores.
int BuildJobs();

}  // namespace kv::tool
