#include "common/tool/run/build.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockLinesMax = 14;

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// "file:12:34: error: text" (column optional). False if the line is another.
bool ParseErrorLine(const std::string& line, BuildError* error) {
  for (const std::string_view marker : {": fatal error: ", ": error: "}) {
    const size_t at = line.find(marker);
    if (at == std::string::npos) continue;
    std::string_view place = std::string_view(line).substr(0, at);
    int numbers[2] = {0, 0};
    int count = 0;
    while (count < 2) {
      const size_t colon = place.rfind(':');
      if (colon == std::string_view::npos) break;
      int value = 0;
      const char* end = place.data() + place.size();
      const auto parsed = std::from_chars(place.data() + colon + 1, end, value);
      if (parsed.ec != std::errc() || parsed.ptr != end) break;
      numbers[count++] = value;
      place = place.substr(0, colon);
    }
    if (count == 0) continue;
    error->file = place;
    error->line = numbers[count - 1];
    error->message = line.substr(at + marker.size());
    return true;
  }
  return false;
}

bool IsContext(const std::string& line) {
  return line.find("In file included from") != std::string::npos ||
      line.starts_with("                 from ") ||
      line.find(": In ") != std::string::npos ||
      line.find(": in instantiation") != std::string::npos;
}

bool EndsBlock(const std::string& line) {
  return line.starts_with("[") || line.starts_with("ninja:") ||
      line.starts_with("FAILED:") ||
      line.find(": error: ") != std::string::npos ||
      line.find(": warning: ") != std::string::npos ||
      line.find(" error generated") != std::string::npos ||
      line.find(" errors generated") != std::string::npos || IsContext(line);
}

// Ninja prints the failed command, which ends in "-c FILE".
std::string CompiledFile(const std::string& command) {
  const size_t at = command.rfind(" -c ");
  return at == std::string::npos ? "" : command.substr(at + 4);
}

bool FindCompilerError(
    const std::vector<std::string>& lines, BuildError* error) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0 && lines[i - 1].starts_with("FAILED: ")) {
      error->source = CompiledFile(lines[i]);
    }
    if (!ParseErrorLine(lines[i], error)) continue;
    error->block.push_back(lines[i]);
    for (size_t j = i + 1;
         j < lines.size() && error->block.size() < kBlockLinesMax; ++j) {
      if (EndsBlock(lines[j])) break;
      error->block.push_back(lines[j]);
    }
    return true;
  }
  return false;
}

bool FindLinkerError(const std::vector<std::string>& lines, BuildError* error) {
  constexpr std::string_view kUndefined = "undefined reference to ";
  for (const std::string& line : lines) {
    const size_t at = line.find(kUndefined);
    const bool multiple =
        line.find("multiple definition of ") != std::string::npos;
    if (at == std::string::npos && !multiple) continue;
    error->message = at == std::string::npos ? line : line.substr(at);
    error->block.push_back(line);
    if (at != std::string::npos) {
      std::string_view name =
          std::string_view(line).substr(at + kUndefined.size());
      if (name.size() > 2) name = name.substr(1, name.size() - 2);
      error->undefined = name;
    }
    return true;
  }
  return false;
}

bool FindCmakeError(const std::vector<std::string>& lines, BuildError* error) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with("CMake Error")) continue;
    error->message = lines[i];
    size_t blank = 0;
    for (size_t j = i; j < lines.size() && error->block.size() < kBlockLinesMax;
         ++j) {
      if (lines[j].empty() && ++blank > 2) break;
      if (lines[j].starts_with("Call Stack") ||
          lines[j].starts_with("-- Configuring incomplete")) {
        break;
      }
      error->block.push_back(lines[j]);
    }
    return true;
  }
  return false;
}

// "[12/40] Building …": how far a build is.
bool ParseProgress(std::string_view line, size_t* done, size_t* total) {
  if (!line.starts_with("[")) return false;
  const size_t slash = line.find('/');
  const size_t close = line.find(']');
  if (slash == std::string_view::npos || close == std::string_view::npos) {
    return false;
  }
  const char* end = line.data() + line.size();
  return std::from_chars(line.data() + 1, end, *done).ec == std::errc() &&
      std::from_chars(line.data() + slash + 1, end, *total).ec == std::errc() &&
      *total > 0;
}

// A folder that was configured from elsewhere, or by another compiler, cannot
// be used again.
void DropForeignBuild(const BuildRequest& request) {
  std::ifstream cache(request.build / "CMakeCache.txt");
  if (!cache) return;
  const std::string home =
      "CMAKE_HOME_DIRECTORY:INTERNAL=" + request.source.string();
  bool same = false;
  for (std::string line; std::getline(cache, line);) {
    same = same || line == home;
  }
  cache.close();
  std::error_code error;
  if (!same) fs::remove_all(request.build, error);
}

std::string Definitions(const BuildRequest& request) {
  std::ostringstream text;
  for (const std::string& definition : request.definitions) {
    text << definition << '\n';
  }
  const char* compiler = std::getenv("CXX");
  text << "CXX=" << (compiler == nullptr ? "" : compiler) << '\n';
  return std::move(text).str();
}

// Whether it was configured before with the same definitions.
bool IsConfigured(const BuildRequest& request) {
  if (!fs::exists(request.build / "build.ninja")) return false;
  std::ifstream file(request.build / "wb-definitions.txt");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str() == Definitions(request);
}

Status Failed(
    const BuildRequest& request, const std::string& output, BuildError* error) {
  *error = FindBuildError(output);
  const fs::path log = request.build / "wb-build.log";
  if (error->message.empty()) {
    const std::vector<std::string> lines = Lines(output);
    const size_t first = lines.size() > 10 ? lines.size() - 10 : 0;
    error->message = "the build failed";
    error->block.assign(
        lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end());
  }
  return Status::Aborted(
      request.label + " does not build (all of it: " + log.string() + ")");
}

void WriteLog(const BuildRequest& request, const std::string& output) {
  std::ofstream(request.build / "wb-build.log") << output;
}

}  // namespace

int BuildJobs() {
  if (const char* level = std::getenv("CMAKE_BUILD_PARALLEL_LEVEL")) {
    const int jobs = std::atoi(level);
    if (jobs > 0) return jobs;
  }
  const unsigned cores = std::thread::hardware_concurrency();
  return cores == 0 ? 2 : static_cast<int>(cores);
}

BuildError FindBuildError(std::string_view output) {
  const std::vector<std::string> lines = Lines(output);
  BuildError error;
  if (FindCompilerError(lines, &error) || FindLinkerError(lines, &error) ||
      FindCmakeError(lines, &error)) {
    return error;
  }
  return BuildError();
}

Status Build(
    const Terminal& terminal, const BuildRequest& request, BuildError* error) {
  DropForeignBuild(request);
  std::error_code failed;
  fs::create_directories(request.build, failed);
  if (failed) {
    return Status::IoError(
        "cannot make the build folder " + request.build.string() + ": " +
        failed.message());
  }
  const bool first = !fs::exists(request.build / "wb-build.log");
  bool announced = false;
  const auto announce = [&](std::string_view what) {
    if (announced || terminal.interactive() || request.quiet) return;
    announced = true;
    fmt::print(
        "building {}{} {}\n", request.label,
        first ? ", for the first time: some minutes" : "", what);
    std::fflush(stdout);
  };
  // In a pipe a line now and then says that it goes on.
  constexpr std::chrono::seconds kQuietMax(10);
  const auto begin = std::chrono::steady_clock::now();
  auto spoken = begin;
  const auto speak = [&](size_t done, size_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (terminal.interactive() || request.quiet || now - spoken < kQuietMax) {
      return;
    }
    spoken = now;
    fmt::print(
        "  {} of {} steps, {} s\n", done, total,
        std::chrono::duration_cast<std::chrono::seconds>(now - begin).count());
    std::fflush(stdout);
  };
  const Terminal silent = Terminal::Plain();
  ProgressBar bar(request.quiet ? silent : terminal, 1000);
  if (!IsConfigured(request)) {
    bar.Show(0, "configuring " + request.label);
    announce("…");
    ProcessOptions configure;
    configure.arguments = {
        "cmake", "-S",   request.source.string(), "-B", request.build.string(),
        "-G",    "Ninja"};
    for (const std::string& definition : request.definitions) {
      configure.arguments.push_back("-D" + definition);
    }
    KV_ASSIGN_OR_RETURN(const ChildResult result, RunChild(configure));
    if (!result.exit.Succeeded()) {
      bar.Clear();
      WriteLog(request, result.output);
      return Failed(request, result.output, error);
    }
    std::ofstream(request.build / "wb-definitions.txt") << Definitions(request);
  }
  ProcessOptions build;
  build.arguments = {
      "cmake",
      "--build",
      request.build.string(),
      "--parallel",
      std::to_string(BuildJobs()),
      "--target"};
  for (const std::string& target : request.targets) {
    build.arguments.push_back(target);
  }
  build.environment = {{"NINJA_STATUS", "[%f/%t] "}};
  KV_ASSIGN_OR_RETURN(
      const ChildResult result,
      RunChild(build, std::chrono::milliseconds(0), [&](std::string_view line) {
        size_t done = 0;
        size_t total = 1;
        // Step 0 looks whether files came or went.
        if (!ParseProgress(line, &done, &total) || done == 0) return;
        announce("…");
        speak(done, total);
        bar.Show(1000 * done / total, "building " + request.label);
      }));
  bar.Clear();
  WriteLog(request, result.output);
  if (!result.exit.Succeeded()) return Failed(request, result.output, error);
  return Status::Ok();
}

void PrintBuildError(
    const Terminal& terminal, const BuildError& error, const fs::path& base) {
  const std::string prefix = base.string() + "/";
  const auto shorten = [&](std::string text) {
    size_t at = 0;
    while ((at = text.find(prefix, at)) != std::string::npos) {
      text.erase(at, prefix.size());
    }
    return text;
  };
  if (!error.file.empty()) {
    fmt::print(
        "\n{}\n",
        terminal.Bold(
            fmt::format("{}, line {}", shorten(error.file), error.line)));
    if (!error.source.empty() && !error.file.ends_with(error.source) &&
        !error.source.ends_with(error.file)) {
      fmt::print("  (while compiling {})\n", shorten(error.source));
    }
    fmt::print("  {}\n", terminal.Red(error.message));
    for (size_t i = 1; i < error.block.size(); ++i) {
      fmt::print("  {}\n", shorten(error.block[i]));
    }
    return;
  }
  fmt::print("\n");
  if (!error.undefined.empty()) {
    fmt::print(
        "  {}\n  declared and called, but nowhere defined: a function that was "
        "removed or renamed,\n  or a missing '{}' before its name.\n",
        terminal.Red("no definition of " + error.undefined), "Class::");
    return;
  }
  for (const std::string& line : error.block) {
    fmt::print("  {}\n", shorten(line));
  }
}

}  // namespace kv::tool
