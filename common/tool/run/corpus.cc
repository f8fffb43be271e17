#include "common/tool/run/corpus.h"

#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "common/testing/blackbox.h"
#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// A generator that gives the same numbers everywhere.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  /// 0 … bound - 1.
  size_t Below(size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<size_t>((state_ >> 11) % bound);
  }

 private:
  uint64_t state_;
};

std::string RandomKey(Numbers& numbers) {
  static const std::vector<std::string> odd = {
      R"("")",          R"(\x00)", R"(\xff\xfe)",
      R"("two words")", R"(\\)",   R"(\x00\x01)",
  };
  if (numbers.Below(10) == 0) return odd[numbers.Below(odd.size())];
  static const std::vector<std::string> prefixes = {"a", "b:", "user:"};
  return prefixes[numbers.Below(prefixes.size())] +
      std::to_string(numbers.Below(12));
}

std::string RandomValue(Numbers& numbers) {
  switch (numbers.Below(8)) {
    case 0:
      return R"("")";
    case 1:
      return R"(\x00\n\xff)";
    case 2:
      return std::string(numbers.Below(300) + 1, 'v');
    default:
      return fmt::format("v{}", numbers.Below(100000));
  }
}

std::string RandomCommand(Numbers& numbers) {
  const auto key = [&] { return RandomKey(numbers); };
  const auto value = [&] { return RandomValue(numbers); };
  const auto join = [](std::initializer_list<std::string> words) {
    return fmt::format("{}", fmt::join(words, " "));
  };
  // Braces evaluate from left to right, so the numbers come in one order.
  switch (numbers.Below(14)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return join({"put", key(), value()});
    case 4:
    case 5:
    case 6:
      return join({"get", key()});
    case 7:
      return join({"delete", key()});
    case 8:
      return join({"exists", key()});
    case 9: {
      static const std::vector<std::string> prefixes = {
          "", "a", "a1", "b:", "user:1", R"(\x00)"};
      return join({"keys", prefixes[numbers.Below(prefixes.size())]});
    }
    case 10:
      return join({"rename", key(), key()});
    case 11:
      return join({"mput", key(), value(), key(), value()});
    case 12:
      return join({"mget", key(), key(), key()});
    default:
      return fmt::format(
          "batch\n{}\n{}\n{}\n{}", join({"put", key(), value()}),
          join({"delete", key()}), join({"put", key(), value()}),
          numbers.Below(5) == 0 ? "abandon" : "apply");
  }
}

Result<std::string> RunShell(
    const fs::path& shell, const std::string& directory,
    const std::string& input) {
  ProcessOptions options;
  options.arguments = {shell.string()};
  if (!directory.empty()) options.arguments.push_back(directory);
  options.input = input;
  options.errors = ErrorStream::kMerge;
  KV_ASSIGN_OR_RETURN(
      const ChildResult result, RunChild(options, std::chrono::minutes(10)));
  if (result.timed_out) {
    return Status::TimedOut(shell.string() + " did not end within 10 minutes");
  }
  if (result.exit.signal != 0) {
    return Status::Aborted(shell.string() + " " + result.exit.ToString());
  }
  return result.output;
}

// The code of an error is a promise; the rest of its text is not.
std::string Normal(std::string_view line) {
  constexpr std::string_view kError = "error: ";
  if (!line.starts_with(kError)) return std::string(line);
  return std::string(line.substr(0, line.find(':', kError.size())));
}

std::vector<std::string> Answers(const std::string& text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(Normal(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

void Compare(
    const std::string& expected, const std::string& actual, uint64_t seed,
    TestOutcome* outcome) {
  const std::vector<std::string> want = Answers(expected);
  const std::vector<std::string> have = Answers(actual);
  size_t at = 0;
  while (at < want.size() && at < have.size() && want[at] == have[at]) ++at;
  if (at == want.size() && at == have.size()) {
    outcome->verdict = Verdict::kPassed;
    return;
  }
  outcome->verdict = Verdict::kFailed;
  outcome->output = fmt::format(
      "random commands, seed {}: Failure\n"
      "The two stages must answer alike; answer {} differs.\n"
      "  stage 01: {}\n  this one: {}\n  replay: KV_SEED={}\n",
      seed, at + 1, at < want.size() ? want[at] : "(nothing more)",
      at < have.size() ? have[at] : "(nothing more)", seed);
}

std::string Join(
    const std::vector<std::string>& commands, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += commands[i] + '\n';
  return text;
}

// A database that can be flushed is, so that what follows reads what was; any
// other one does something else that answers ok.
std::vector<std::string> WithCheckpoints(
    const std::vector<std::string>& commands, bool has_checkpoint) {
  constexpr size_t kCommandsBetween = 60;
  std::vector<std::string> all;
  for (const std::string& command : commands) {
    all.push_back(command);
    if (all.size() % kCommandsBetween == 0) {
      all.emplace_back(has_checkpoint ? "checkpoint" : "delete wb:nobody");
    }
  }
  return all;
}

struct ComparisonPlan {
  size_t seeds;
  size_t commands;
};

ComparisonPlan PlanOf(TestSize size) {
  switch (size) {
    case TestSize::kQuick:
      return {1, 800};
    case TestSize::kFull:
      return {8, 3000};
    case TestSize::kDeep:
      return {200, 3000};
  }
  return {1, 800};
}

}  // namespace

Result<std::vector<TestOutcome>> RunCorpus(
    const fs::path& corpus, const std::vector<std::string>& program) {
  KV_ASSIGN_OR_RETURN(
      const std::vector<std::string> files, ListBlackBoxFiles(corpus.string()));
  std::vector<TestOutcome> outcomes;
  for (const std::string& file : files) {
    KV_ASSIGN_OR_RETURN(const BlackBoxScript script, ReadBlackBoxFile(file));
    TestOutcome outcome;
    outcome.name = "blackbox/" + fs::path(file).stem().string();
    const Status status = RunBlackBox(script, program);
    if (status.ok()) {
      outcome.verdict = Verdict::kPassed;
    } else {
      outcome.verdict = status.code() == StatusCode::kTimedOut
          ? Verdict::kHung
          : Verdict::kFailed;
      outcome.output = std::string(status.message());
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::vector<std::string> RandomCommands(uint64_t seed, size_t count) {
  Numbers numbers(seed);
  std::vector<std::string> commands;
  for (size_t i = 0; i < count; ++i) {
    commands.push_back(RandomCommand(numbers));
  }
  return commands;
}

Result<std::vector<TestOutcome>> CompareShells(
    const fs::path& trusted, const fs::path& tested, const fs::path& work,
    TestSize size) {
  ComparisonPlan plan = PlanOf(size);
  uint64_t first = 1;
  if (const char* seed = std::getenv("KV_SEED")) {
    first = std::strtoull(seed, nullptr, 10);
    plan.seeds = 1;
  }
  KV_ASSIGN_OR_RETURN(
      const std::string about, RunShell(tested, "", "help checkpoint\n"));
  const bool has_checkpoint = about.starts_with("checkpoint");
  std::vector<TestOutcome> outcomes;
  for (uint64_t seed = first; seed < first + plan.seeds; ++seed) {
    const auto common = RandomCommands(seed, plan.commands);
    const auto plain = WithCheckpoints(common, false);
    KV_ASSIGN_OR_RETURN(
        const std::string expected,
        RunShell(trusted, "", Join(plain, 0, plain.size())));
    const auto commands = WithCheckpoints(common, has_checkpoint);
    const std::string all = Join(commands, 0, commands.size());

    TestOutcome in_memory;
    in_memory.name = fmt::format("SameAsStage01/InMemory.Seed{}", seed);
    KV_ASSIGN_OR_RETURN(const std::string memory, RunShell(tested, "", all));
    Compare(expected, memory, seed, &in_memory);
    outcomes.push_back(std::move(in_memory));

    TestOutcome on_disk;
    on_disk.name = fmt::format("SameAsStage01/Reopened.Seed{}", seed);
    std::error_code ignored;
    fs::remove_all(work, ignored);
    fs::create_directories(work.parent_path(), ignored);
    constexpr size_t kSessions = 4;
    std::string together;
    for (size_t i = 0; i < kSessions; ++i) {
      KV_ASSIGN_OR_RETURN(
          const std::string part,
          RunShell(
              tested, work.string(),
              Join(
                  commands, commands.size() * i / kSessions,
                  commands.size() * (i + 1) / kSessions)));
      together += part;
    }
    Compare(expected, together, seed, &on_disk);
    outcomes.push_back(std::move(on_disk));
    fs::remove_all(work, ignored);
  }
  return outcomes;
}

}  // namespace kv::tool
