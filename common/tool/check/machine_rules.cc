// Rules about where a stage touches its surroundings: seams, standalone.

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <regex>
#include <system_error>

#include <fmt/format.h>

#include "common/tool/check/overlay.h"
#include "common/tool/check/rule.h"
#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// Symbols that bypass a seam, as regular expressions with their reasons.
constexpr const char* kForbiddenList = "common/cmake/seam_allow_list.txt";

// What an engine may need of the machine beside kv::, as far as the list above
// does not forbid it: memory, strings, containers, exceptions, locks,
// arithmetic, and messages to stderr. Shell patterns.
constexpr std::array kAllowed = {
    "kv::*",
    "* kv::*",
    "operator new*",
    "operator delete*",
    "std::*",
    "* std::*",
    "__cxxabiv1::*",
    "* __cxxabiv1::*",
    "__gnu_cxx::*",
    "typeinfo for *",
    "vtable for *",
    "VTT for *",
    "__cxa_*",
    "__gxx_personality_v0*",
    "_Unwind_*",
    "__dso_handle",
    "__libc_single_threaded",  // in std::shared_ptr
    "_GLOBAL_OFFSET_TABLE_",
    "__stack_chk_fail*",
    "__tls_get_addr*",
    "__asan_*",
    "__ubsan_*",
    "__gcov_*",
    "mem*",
    "bcmp*",
    "str*",
    "malloc*",
    "calloc*",
    "realloc*",
    "free",
    "free@*",
    "abort*",
    "__assert_fail*",
    "snprintf*",
    "vsnprintf*",
    "fprintf*",
    "vfprintf*",
    "fputs*",
    "fputc*",
    "fwrite*",
    "fflush*",
    "stderr*",
    "__*printf_chk*",
    "__mem*_chk*",
    "pthread_mutex_*",
    "pthread_cond_*",
    "pthread_rwlock_*",
    "pthread_once*",
    "pthread_self*",
    "__pthread_key_create*",
    "sqrt*",
    "log*",
    "exp*",
    "pow*",
    "ceil*",
    "floor*",
    "l?round*",
    "XXH*",
    "LZ4_*",
};

struct SeamList {
  std::vector<std::pair<std::string, std::regex>> forbidden;
};

// One regular expression a line; '#' begins a comment line.
Result<SeamList> ReadSeamList(const fs::path& file) {
  KV_ASSIGN_OR_RETURN(const std::string text, ReadText(file));
  SeamList list;
  for (const std::string& line : SplitLines(text)) {
    const std::string pattern(Trim(line));
    if (pattern.empty() || pattern[0] == '#') {
      continue;
    }
    try {
      list.forbidden.emplace_back(pattern, std::regex(pattern));
    } catch (const std::regex_error& error) {
      return Status::Corruption(
          file.string() + ": '" + pattern +
          "' is not a regular expression: " + error.what());
    }
  }
  if (list.forbidden.empty()) {
    return Status::Corruption(file.string() + " forbids nothing");
  }
  return list;
}

// Empty if the symbol is allowed.
std::string WhyForbidden(const SeamList& list, const std::string& symbol) {
  for (const auto& [pattern, regex] : list.forbidden) {
    if (std::regex_search(symbol, regex)) {
      return fmt::format("{} forbids it: {}", kForbiddenList, pattern);
    }
  }
  const bool allowed =
      std::any_of(kAllowed.begin(), kAllowed.end(), [&](const char* pattern) {
        return fnmatch(pattern, symbol.c_str(), 0) == 0;
      });
  return allowed ? "" : "it is not among what engines may use";
}

// What "nm -uC" prints: object names ending in ':', and "  U symbol" lines.
struct UndefinedSymbol {
  std::string object;
  std::string symbol;
};

std::vector<UndefinedSymbol> ParseUndefined(const std::string& text) {
  std::vector<UndefinedSymbol> symbols;
  std::string object;
  for (const std::string& raw : SplitLines(text)) {
    const std::string_view line = Trim(raw);
    if (!line.empty() && line.back() == ':') {
      object = line.substr(0, line.size() - 1);
    } else if (
        line.size() > 2 && (line[0] == 'U' || line[0] == 'w') &&
        line[1] == ' ') {
      symbols.push_back({object, std::string(Trim(line.substr(2)))});
    }
  }
  return symbols;
}

void CheckStageSeams(
    Environment& environment, const StageTree& stage, const SeamList& list,
    Report& report) {
  const Result<fs::path> library = environment.engine_library(stage);
  if (!library.ok()) {
    report.Violate(stage.folder, 0, library.status().ToString());
    return;
  }
  const auto output =
      RunProgram({"nm", "-uC", library->string()}, environment.project.root);
  if (!output.ok() || output->exit_code != 0) {
    report.Violate(
        stage.folder, 0,
        "nm failed: " +
            (output.ok() ? output->text : output.status().ToString()));
    return;
  }
  std::set<std::string> reported;
  for (const UndefinedSymbol& undefined : ParseUndefined(output->text)) {
    report.Looked(1, "undefined symbols");
    const std::string why = WhyForbidden(list, undefined.symbol);
    if (!why.empty() && reported.insert(undefined.symbol).second) {
      report.Violate(
          stage.folder, 0,
          fmt::format(
              "{} uses {} past the seams ({}): files, time, threads and random "
              "numbers go through FileSystem, Clock, Executor and Random",
              undefined.object, undefined.symbol, why));
    }
  }
}

}  // namespace

void CheckSeams(Environment& environment, Report& report) {
  const Result<SeamList> list =
      ReadSeamList(environment.project.root / kForbiddenList);
  if (!list.ok()) {
    report.Violate(kForbiddenList, 0, list.status().ToString());
    return;
  }
  if (!HasProgram("nm")) {
    report.Skip("nm", "the symbols of the engines");
    return;
  }
  for (const StageTree& stage : environment.project.stages) {
    CheckStageSeams(environment, stage, *list, report);
  }
}

void CheckStandalone(Environment& environment, Report& report) {
  const auto& stages = environment.project.stages;
  std::vector<size_t> turn;
  if (environment.all) {
    for (size_t i = 0; i < stages.size(); ++i) {
      turn.push_back(i);
    }
  } else if (!stages.empty()) {
    turn.push_back(environment.rotation % stages.size());
  }
  const fs::path elsewhere = environment.build / "check" / "standalone";
  for (const size_t index : turn) {
    const StageTree& stage = stages[index];
    std::error_code error;
    for (const char* part : {"common", stage.folder.c_str()}) {
      fs::remove_all(elsewhere / part, error);
    }
    for (const std::string& file : environment.project.files) {
      if (file.rfind("common/", 0) == 0 ||
          file.rfind(stage.folder + "/", 0) == 0) {
        fs::create_directories((elsewhere / file).parent_path(), error);
        fs::copy_file(environment.project.root / file, elsewhere / file, error);
        report.Looked(1, "files copied");
      }
    }
    const fs::path build = elsewhere / ("build-" + stage.number);
    const Status built = BuildQuietly(
        elsewhere / stage.folder, build, {"KV_BUILD_BENCH=ON"}, {"all"});
    if (!built.ok()) {
      report.Violate(
          stage.folder, 0, "does not build alone: " + built.ToString());
      continue;
    }
    const auto tested = RunProgram(
        {"ctest", "--test-dir", build.string(), "-L", "stage" + stage.number,
         "--no-tests=error", "--output-on-failure"},
        elsewhere);
    if (!tested.ok() || tested->exit_code != 0) {
      const std::string text =
          tested.ok() ? tested->text : tested.status().ToString();
      report.Violate(
          stage.folder, 0,
          "does not pass alone: " +
              text.substr(text.size() > 2000 ? text.size() - 2000 : 0));
      continue;
    }
    report.Looked(1, "stages built alone");
    report.Note("stage " + stage.number + " builds and passes alone");
  }
}

}  // namespace kv::tool
