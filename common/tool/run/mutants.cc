#include "common/tool/run/mutants.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "common/tool/files.h"
#include "common/tool/run/gtest_output.h"
#include "common/tool/run/process.h"
#include "common/tool/run/test_runner.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// Long enough for every test in its quick size, short enough for mutants that
// loop.
constexpr std::chrono::seconds kTimeLimit(30);

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// Folders of a stage that are no engine.
bool IsEngineFile(const fs::path& relative) {
  const std::string first = relative.begin()->string();
  static const std::set<std::string> others = {
      "tests",          "mutants",   "bench",
      "CMakeLists.txt", "README.md", "exercises.json",
  };
  return !others.contains(first);
}

// Copies what differs, so that Ninja rebuilds only that; removes what is too
// much.
Status CopyTree(
    const fs::path& from, const fs::path& to,
    const std::function<bool(const fs::path&)>& wanted) {
  std::set<fs::path> kept;
  for (const fs::path& file : FilesUnder(from)) {
    if (!wanted(file)) continue;
    kept.insert(file);
    KV_ASSIGN_OR_RETURN(const std::string text, ReadText(from / file));
    const Result<std::string> old = ReadText(to / file);
    if (!old.ok() || *old != text)
      KV_RETURN_IF_ERROR(WriteText(to / file, text));
  }
  for (const fs::path& file : FilesUnder(to)) {
    std::error_code ignored;
    if (!kept.contains(file)) fs::remove(to / file, ignored);
  }
  return Status::Ok();
}

}  // namespace

Result<Mutant> ParseMutant(const fs::path& patch, std::string_view text) {
  Mutant mutant;
  mutant.patch = patch;
  mutant.name = patch.stem().string();
  mutant.exercise = mutant.name.substr(0, mutant.name.find('-'));
  bool has_diff = false;
  std::string* continued = nullptr;
  std::string caught_by;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("--- ") || line.starts_with("diff ")) {
      has_diff = true;
      break;
    }
    constexpr std::string_view kMistake = "Mistake:";
    constexpr std::string_view kCaughtBy = "Caught by:";
    if (line.starts_with(kMistake)) {
      mutant.mistake = Trim(line.substr(kMistake.size()));
      continued = &mutant.mistake;
    } else if (line.starts_with(kCaughtBy)) {
      caught_by += fmt::format(",{}", line.substr(kCaughtBy.size()));
      continued = &caught_by;
    } else if (continued != nullptr && !Trim(line).empty()) {
      *continued += continued == &caught_by ? "," : " ";
      *continued += Trim(line);
    } else {
      continued = nullptr;
    }
  }
  std::string_view rest = caught_by;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view name = Trim(rest.substr(0, comma));
    if (!name.empty()) mutant.caught_by.emplace_back(name);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  const char* missing = !has_diff ? "a diff"
      : mutant.mistake.empty()    ? "a line 'Mistake: …'"
      : mutant.caught_by.empty()  ? "a line 'Caught by: Suite.Test'"
                                  : nullptr;
  if (missing != nullptr) {
    return Status::Corruption(
        fmt::format("{} lacks {}", patch.string(), missing));
  }
  return mutant;
}

Result<std::vector<Mutant>> LoadMutants(const Stage& stage) {
  std::vector<Mutant> mutants;
  for (const fs::path& file : FilesUnder(stage.path / "mutants")) {
    if (file.extension() != ".patch") continue;
    const fs::path path = stage.path / "mutants" / file;
    KV_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
    KV_ASSIGN_OR_RETURN(Mutant mutant, ParseMutant(path, text));
    mutants.push_back(std::move(mutant));
  }
  return mutants;
}

std::vector<Mutant> RotatingTenth(
    const std::vector<Mutant>& mutants, size_t turn) {
  const size_t count =
      std::min(mutants.size(), std::max<size_t>(3, (mutants.size() + 9) / 10));
  std::vector<Mutant> chosen;
  for (size_t i = 0; i < count; ++i) {
    chosen.push_back(mutants[(turn * count + i) % mutants.size()]);
  }
  return chosen;
}

std::string_view MutantVerdictName(MutantVerdict verdict) {
  switch (verdict) {
    case MutantVerdict::kKilled:
      return "killed";
    case MutantVerdict::kSurvived:
      return "survived";
    case MutantVerdict::kDoesNotBuild:
      return "does not build";
    case MutantVerdict::kDoesNotApply:
      return "does not apply";
  }
  return "unknown";
}

nlohmann::json ToJson(const MutantReport& report) {
  return {
      {"name", report.mutant.name},
      {"exercise", report.mutant.exercise},
      {"mistake", report.mutant.mistake},
      {"verdict", MutantVerdictName(report.verdict)},
      {"by", report.by},
      {"how", report.how},
      {"as_named", report.as_named},
      {"message", report.message},
  };
}

MutantLab::MutantLab(
    const Context& context, const Stage& stage, fs::path work,
    std::optional<fs::path> own_tests)
    : context_(context),
      stage_(stage),
      work_(std::move(work)),
      own_tests_(std::move(own_tests)) {
  build_ = ReferenceBuild(context, stage);
  build_.base = work_ / "engine";
  build_.tests_dir = own_tests_ ? work_ / "tests" : stage.path / "tests";
  build_.request.source = stage.path;
  build_.request.build = work_ / "build";
  build_.request.label = fmt::format("stage {} for mutants", stage.number);
  build_.request.definitions = {
      "CMAKE_BUILD_TYPE=Release",
      "KV_ENGINE_DIR=" + build_.base.string(),
      "KV_TESTS_DIR=" + build_.tests_dir.string(),
      "KV_COMMON_DIR=" + (context.root() / "common").string(),
      "KV_BUILD_BENCH=OFF",
      // What a mistake leaves unused must not stop the build.
      "KV_WERROR=OFF",
  };
  build_.tests_program = work_ / "build" / (stage.Name() + "_tests");
  build_.process_tests_program =
      work_ / "build" / (stage.Name() + "_process_tests");
  build_.request.targets = {stage.Name() + "_tests"};
}

Status MutantLab::CopyEngine() {
  return CopyTree(stage_.path, build_.base, &IsEngineFile);
}

Status MutantLab::CopyOwnTests() {
  KV_RETURN_IF_ERROR(CopyTree(
      stage_.path / "tests" / "support", build_.tests_dir / "support",
      [](const fs::path&) { return true; }));
  const fs::path own = build_.tests_dir / "own";
  if (fs::is_directory(*own_tests_)) {
    return CopyTree(*own_tests_, own, [](const fs::path&) { return true; });
  }
  return CopyTree(own_tests_->parent_path(), own, [this](const fs::path& file) {
    return file == own_tests_->filename();
  });
}

Status MutantLab::Prepare(
    const Terminal& terminal, bool quiet, BuildError* error) {
  build_.request.quiet = quiet;
  lock_.emplace(work_);
  KV_RETURN_IF_ERROR(CopyEngine());
  if (own_tests_) KV_RETURN_IF_ERROR(CopyOwnTests());
  KV_RETURN_IF_ERROR(Build(terminal, build_.request, error));
  KV_ASSIGN_OR_RETURN(tests_, ListTests({build_.tests_program, {}}));
  // Progress of each mutant's build would drown the verdicts.
  build_.request.quiet = true;
  if (!own_tests_) return Status::Ok();
  if (tests_.empty()) {
    return Status::InvalidArgument(
        own_tests_->string() + " holds no test (TEST(Suite, Name) { … })");
  }
  RunOptions options;
  options.time_limit = kTimeLimit;
  options.stop_at_first = true;
  KV_ASSIGN_OR_RETURN(
      const auto outcomes,
      RunTests({build_.tests_program, {}}, tests_, options));
  for (const TestOutcome& outcome : outcomes) {
    if (outcome.Passed()) continue;
    if (outcome.verdict == Verdict::kTodo) {
      return Status::Aborted(
          "the test of exercise " + outcome.detail + " is not written yet");
    }
    return Status::Aborted(fmt::format(
        "{} {} on the reference, which is right, so the test is wrong:\n  {}",
        outcome.name,
        outcome.verdict == Verdict::kFailed ? "fails" : outcome.detail,
        fmt::join(TrimFailure(outcome.output, work_.string()), "\n  ")));
  }
  return Status::Ok();
}

Result<bool> MutantLab::FailsIn(
    const fs::path& program, const std::vector<std::string>& names,
    MutantReport* report) {
  if (names.empty()) return false;
  RunOptions options;
  options.time_limit = kTimeLimit;
  options.stop_at_first = true;
  options.hangs_max = 1;
  KV_ASSIGN_OR_RETURN(
      const auto outcomes, RunTests({program, {}}, names, options));
  for (const TestOutcome& outcome : outcomes) {
    if (!outcome.Broken() || outcome.verdict == Verdict::kNotRun) continue;
    report->verdict = MutantVerdict::kKilled;
    report->by = outcome.name;
    report->how = VerdictName(outcome.verdict);
    return true;
  }
  return false;
}

Result<bool> MutantLab::RunAll(const Terminal& terminal, MutantReport* report) {
  std::vector<std::string> named;
  std::vector<std::string> others;
  for (const std::string& test : tests_) {
    const bool is_named = MatchesAny(report->mutant.caught_by, test);
    (is_named || own_tests_ ? named : others).push_back(test);
  }
  KV_ASSIGN_OR_RETURN(
      bool failed, FailsIn(build_.tests_program, named, report));
  if (failed || own_tests_) return failed;
  // Some fall only to tests that kill processes, which are a program of
  // their own.
  std::vector<std::string> killing;
  if (build_.HasProcessTests()) {
    BuildRequest request = build_.request;
    request.targets = {
        stage_.Name() + "_process_tests", stage_.Name() + "_kv_shell"};
    BuildError error;
    KV_RETURN_IF_ERROR(Build(terminal, request, &error));
    KV_ASSIGN_OR_RETURN(killing, ListTests({build_.process_tests_program, {}}));
    std::vector<std::string> killing_named;
    for (const std::string& test : killing) {
      if (MatchesAny(report->mutant.caught_by, test)) {
        killing_named.push_back(test);
      }
    }
    KV_ASSIGN_OR_RETURN(
        failed, FailsIn(build_.process_tests_program, killing_named, report));
    if (failed) return true;
  }
  report->as_named = false;
  KV_ASSIGN_OR_RETURN(failed, FailsIn(build_.tests_program, others, report));
  if (failed) return true;
  return FailsIn(build_.process_tests_program, killing, report);
}

Result<MutantReport> MutantLab::Try(
    const Terminal& terminal, const Mutant& mutant) {
  MutantReport report;
  report.mutant = mutant;
  KV_RETURN_IF_ERROR(CopyEngine());
  ProcessOptions apply;
  // Outside of any repository, so that paths count from here. `git apply`
  // wants the whole context: no fuzz.
  apply.arguments = {"git", "apply", "-p1", mutant.patch.string()};
  apply.directory = build_.base;
  apply.environment = {
      {"GIT_CEILING_DIRECTORIES", build_.base.parent_path().string()}};
  KV_ASSIGN_OR_RETURN(const ChildResult applied, RunChild(apply));
  if (!applied.exit.Succeeded()) {
    report.verdict = MutantVerdict::kDoesNotApply;
    report.message = applied.output;
    KV_RETURN_IF_ERROR(CopyEngine());
    return report;
  }
  BuildError error;
  const Status built = Build(terminal, build_.request, &error);
  if (!built.ok()) {
    report.verdict = MutantVerdict::kDoesNotBuild;
    report.message =
        fmt::format("{}:{}: {}", error.file, error.line, error.message);
  } else {
    const Result<bool> failed = RunAll(terminal, &report);
    if (!failed.ok()) {
      const Status restored = CopyEngine();
      return restored.ok() ? failed.status() : restored;
    }
  }
  KV_RETURN_IF_ERROR(CopyEngine());
  return report;
}

}  // namespace kv::tool
