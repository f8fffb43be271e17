#include "common/tool/run/test_runner.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "common/base/exercise.h"
#include "common/tool/run/gtest_output.h"
#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

// What one test may print before the rest is dropped.
constexpr size_t kOutputBytesMax = 256 * 1024;
// A single argument may not exceed 128 KiB on Linux.
constexpr size_t kFilterBytesMax = 64 * 1024;
// From the start of a process to its first test.
constexpr std::chrono::seconds kStartLimit(60);

// A program whose tests are run in as few processes as crashes allow.
class Runner {
 public:
  Runner(const TestProgram& program, const RunOptions& options)
      : program_(program), options_(options) {}

  Status Run(const std::vector<std::string>& tests) {
    size_t begin = 0;
    while (begin < tests.size() && !stopped_) {
      std::vector<std::string> chunk;
      size_t bytes = 0;
      while (begin < tests.size() && bytes < kFilterBytesMax) {
        bytes += tests[begin].size() + 1;
        chunk.push_back(tests[begin++]);
      }
      while (!chunk.empty() && !stopped_) {
        KV_RETURN_IF_ERROR(RunOnce(chunk));
        std::erase_if(chunk, [&](const std::string& name) {
          return done_.contains(name);
        });
      }
    }
    return Status::Ok();
  }

  std::vector<TestOutcome> Take(const std::vector<std::string>& tests) {
    std::vector<TestOutcome> outcomes;
    for (const std::string& name : tests) {
      const auto found = done_.find(name);
      if (found == done_.end()) {
        TestOutcome outcome;
        outcome.name = name;
        outcome.detail = hangs_ >= options_.hangs_max
            ? "not run, since tests before it hung"
            : "not run";
        if (!stopped_ || hangs_ >= options_.hangs_max) Tell(outcome);
        outcomes.push_back(std::move(outcome));
      } else {
        outcomes.push_back(std::move(found->second));
      }
    }
    return outcomes;
  }

 private:
  void Tell(const TestOutcome& outcome) {
    if (options_.on_test) options_.on_test(outcome);
  }

  void Record(TestOutcome outcome) {
    Tell(outcome);
    if (outcome.verdict == Verdict::kHung && ++hangs_ >= options_.hangs_max) {
      stopped_ = true;
    }
    if (options_.stop_at_first && outcome.Broken()) stopped_ = true;
    done_.insert_or_assign(outcome.name, std::move(outcome));
  }

  // One process; afterwards at least one more of `tests` is done.
  Status RunOnce(const std::vector<std::string>& tests) {
    std::string filter = "--gtest_filter=";
    for (const std::string& name : tests) {
      filter += name;
      filter += ':';
    }
    ProcessOptions start;
    start.arguments = {
        program_.path.string(), filter, "--gtest_color=no",
        "--gtest_catch_exceptions=1"};
    start.environment = program_.environment;
    start.environment.emplace_back("KV_ALLOW_NO_TESTS", "1");
    start.environment.emplace_back("GTEST_OUTPUT", "");
    KV_ASSIGN_OR_RETURN(auto process, Process::Start(start));

    current_ = TestOutcome();
    std::string line;
    std::string stray;  // printed outside of any test
    auto deadline = Process::Clock::now() + kStartLimit;
    while (!stopped_) {
      const Process::Read read = process->ReadLine(&line, deadline);
      if (read == Process::Read::kTimeout) {
        process->Kill();
        process->Wait();
        return EndByHang(tests);
      }
      if (read == Process::Read::kEnd) {
        return EndOfProcess(tests, process->Wait(), stray);
      }
      if (Understand(line, &stray)) {
        deadline = Process::Clock::now() +
            (current_.name.empty() ? std::chrono::seconds(kStartLimit)
                                   : options_.time_limit);
      }
    }
    process->Kill();
    process->Wait();
    return Status::Ok();
  }

  // True when a test began or ended.
  bool Understand(const std::string& line, std::string* stray) {
    const GtestLine parsed = ParseGtestLine(line, current_.name);
    switch (parsed.kind) {
      case GtestLine::Kind::kRun:
        current_ = TestOutcome();
        current_.name = parsed.test;
        began_ = Process::Clock::now();
        if (options_.on_start) options_.on_start(current_.name);
        return true;
      case GtestLine::Kind::kText: {
        std::string& text = current_.name.empty() ? *stray : current_.output;
        if (text.size() < kOutputBytesMax) text += line + '\n';
        return false;
      }
      case GtestLine::Kind::kOk:
        current_.verdict = Verdict::kPassed;
        break;
      case GtestLine::Kind::kFailed:
        current_.verdict = Verdict::kFailed;
        break;
      case GtestLine::Kind::kSkipped:
        current_.verdict = Verdict::kSkipped;
        break;
    }
    current_.output += parsed.before;
    current_.milliseconds = parsed.milliseconds;
    if (current_.verdict == Verdict::kFailed) {
      const std::string todo = FindTodo(current_.output);
      if (!todo.empty()) {
        current_.verdict = Verdict::kTodo;
        current_.detail = todo;
        current_.place = FindTodoPlace(current_.output);
      }
    }
    Record(std::move(current_));
    current_ = TestOutcome();
    return true;
  }

  int Elapsed() const {
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(
            Process::Clock::now() - began_)
            .count());
  }

  Status EndByHang(const std::vector<std::string>& tests) {
    if (current_.name.empty()) {
      return Status::TimedOut(fmt::format(
          "{} did not begin any of {} tests within {} s",
          program_.path.string(), tests.size(), kStartLimit.count()));
    }
    current_.verdict = Verdict::kHung;
    current_.milliseconds = Elapsed();
    current_.detail =
        fmt::format("no result within {} s", options_.time_limit.count());
    Record(std::move(current_));
    return Status::Ok();
  }

  Status EndOfProcess(
      const std::vector<std::string>& tests, const ExitState& exit,
      const std::string& stray) {
    if (!current_.name.empty()) {  // in the middle of a test
      current_.milliseconds = Elapsed();
      const std::string todo = FindTodo(current_.output);
      const bool is_todo = exit.signal == 0 &&
          exit.exit_code == kExerciseTodoExitCode && !todo.empty();
      current_.verdict = is_todo ? Verdict::kTodo : Verdict::kCrashed;
      current_.detail = is_todo ? todo : exit.ToString();
      if (is_todo) current_.place = FindTodoPlace(current_.output);
      Record(std::move(current_));
      return Status::Ok();
    }
    const bool all_done = std::all_of(
        tests.begin(), tests.end(),
        [&](const std::string& name) { return done_.contains(name); });
    if (all_done) {
      const bool any_broken = std::any_of(
          tests.begin(), tests.end(),
          [&](const std::string& name) { return done_.at(name).Broken(); });
      // A leak report, a crash in a static destructor: after the last test,
      // and still a failure of what ran last.
      if (!exit.Succeeded() && !any_broken) {
        TestOutcome& last = done_.at(tests.back());
        last.verdict = Verdict::kCrashed;
        last.detail = "after its end: " + exit.ToString();
        last.output += stray;
      }
      return Status::Ok();
    }
    if (exit.Succeeded()) {
      // The rest of the names does not exist in this program.
      for (const std::string& name : tests) {
        if (done_.contains(name)) continue;
        TestOutcome outcome;
        outcome.name = name;
        outcome.detail = "the program has no such test";
        Record(std::move(outcome));
      }
      return Status::Ok();
    }
    // It ended between two tests, or before the first: blame the next one, so
    // that the run always gets on.
    for (const std::string& name : tests) {
      if (done_.contains(name)) continue;
      TestOutcome outcome;
      outcome.name = name;
      outcome.verdict = Verdict::kCrashed;
      outcome.detail = "before it began: " + exit.ToString();
      outcome.output = stray;
      Record(std::move(outcome));
      break;
    }
    return Status::Ok();
  }

  const TestProgram& program_;
  const RunOptions& options_;
  std::map<std::string, TestOutcome> done_;
  TestOutcome current_;
  Process::Clock::time_point began_;
  int hangs_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kTodo:
      return "todo";
    case Verdict::kCrashed:
      return "crashed";
    case Verdict::kHung:
      return "hung";
    case Verdict::kSkipped:
      return "skipped";
    case Verdict::kNotRun:
      return "not run";
  }
  return "unknown";
}

nlohmann::json ToJson(const TestOutcome& outcome) {
  nlohmann::json json = {
      {"name", outcome.name},
      {"verdict", VerdictName(outcome.verdict)},
      {"milliseconds", outcome.milliseconds},
  };
  if (!outcome.detail.empty()) json["detail"] = outcome.detail;
  if (!outcome.place.empty()) json["place"] = outcome.place;
  if (outcome.Broken() && !outcome.output.empty()) {
    json["output"] = outcome.output;
  }
  return json;
}

Result<std::vector<std::string>> ListTests(const TestProgram& program) {
  ProcessOptions options;
  options.arguments = {program.path.string(), "--gtest_list_tests"};
  options.environment = program.environment;
  options.errors = ErrorStream::kDiscard;
  KV_ASSIGN_OR_RETURN(const ChildResult result, RunChild(options, kStartLimit));
  if (!result.exit.Succeeded()) {
    return Status::Aborted(fmt::format(
        "{} cannot list its tests: {}", program.path.string(),
        result.timed_out ? "it hangs" : result.exit.ToString()));
  }
  return ParseTestList(result.output);
}

Result<std::vector<TestOutcome>> RunTests(
    const TestProgram& program, const std::vector<std::string>& tests,
    const RunOptions& options) {
  if (tests.empty()) return std::vector<TestOutcome>();
  Runner runner(program, options);
  KV_RETURN_IF_ERROR(runner.Run(tests));
  return runner.Take(tests);
}

}  // namespace kv::tool
