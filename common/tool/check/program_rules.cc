// Rules that ask another program: format, doxygen, ccache.

#include <algorithm>
#include <cctype>
#include <sstream>

#include <fmt/format.h>

#include "common/tool/check/rule.h"
#include "common/tool/check/source_text.h"
#include "common/tool/maintain/site.h"
#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

// clang-format 14 by either of its names; empty if there is none.
std::string ClangFormat(const std::filesystem::path& root) {
  if (HasProgram("clang-format-14")) {
    return "clang-format-14";
  }
  if (HasProgram("clang-format")) {
    const auto version = RunProgram({"clang-format", "--version"}, root);
    if (version.ok() &&
        version->text.find("version 14.") != std::string::npos) {
      return "clang-format";
    }
  }
  return "";
}

}  // namespace

void CheckFormat(Environment& environment, Report& report) {
  const std::string program = ClangFormat(environment.project.root);
  std::vector<std::string> sources;
  for (const std::string& file : environment.project.files) {
    if (IsSource(file)) {
      sources.push_back(file);
    }
  }
  if (program.empty()) {
    report.Skip("clang-format-14", fmt::format("{} sources", sources.size()));
    return;
  }
  report.Looked(sources.size(), "sources");
  if (sources.empty()) {
    return;
  }
  std::vector<std::string> arguments = {
      program, "--dry-run", "--Werror", "--style=file"};
  arguments.insert(arguments.end(), sources.begin(), sources.end());
  const auto output = RunProgram(arguments, environment.project.root);
  if (!output.ok()) {
    report.Violate("", 0, output.status().ToString());
    return;
  }
  // "FILE:LINE:COLUMN: error: code should be clang-formatted …", one a place;
  // the first of each file is enough.
  std::string last;
  for (const std::string& line : SplitLines(output->text)) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos ||
        line.find("clang-format") == std::string::npos) {
      continue;
    }
    const std::string file = line.substr(0, colon);
    if (file != last) {
      last = file;
      report.Violate(
          file, static_cast<size_t>(std::atol(line.c_str() + colon + 1)),
          "is not as " + program + " formats it: " + program + " -i " + file);
    }
  }
  if (output->exit_code != 0 && report.violations().empty()) {
    report.Violate("", 0, program + " failed: " + output->text);
  }
}

void CheckDoxygen(Environment& environment, Report& report) {
  if (!HasProgram("doxygen")) {
    report.Skip("doxygen", "the API reference");
    return;
  }
  const Result<SiteResult> site =
      BuildSite(environment.project, environment.build / "check-site");
  if (!site.ok()) {
    report.Violate("", 0, site.status().ToString());
    return;
  }
  report.Looked(site->inputs, "sources and pages");
  for (const std::string& warning : site->warnings) {
    report.Violate("", 0, warning);
  }
}

void CheckCcache(Environment& environment, Report& report) {
  if (!HasProgram("ccache")) {
    report.Skip("ccache", "the hit rate");
    return;
  }
  const auto output =
      RunProgram({"ccache", "--print-stats"}, environment.project.root);
  if (!output.ok() || output->exit_code != 0) {
    report.Violate("", 0, "ccache --print-stats failed");
    return;
  }
  size_t hits = 0;
  size_t misses = 0;
  std::istringstream lines(output->text);
  std::string name;
  for (size_t value = 0; lines >> name >> value;) {
    if (name == "direct_cache_hit" || name == "preprocessed_cache_hit") {
      hits += value;
    } else if (name == "cache_miss") {
      misses += value;
    }
  }
  report.Looked(hits + misses, "compilations");
  if (hits + misses > 0) {
    report.Note(fmt::format(
        "hit rate {:.1f} %: {} of {} compilations since the cache was made",
        100.0 * static_cast<double>(hits) / static_cast<double>(hits + misses),
        hits, hits + misses));
  }
}

}  // namespace kv::tool
