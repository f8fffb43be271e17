#include "common/tool/tour/guide.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include "common/tool/run/process.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

constexpr size_t kAnswerLinesMax = 6;
constexpr std::chrono::minutes kLimit(3);
// Asked for after a command whose answer has no fixed length. No word holds
// a colon, so nobody has such a key.
constexpr std::string_view kMarkCommand = "get \"wb: end of answer\"";
constexpr std::string_view kMarkAnswer = "(not found)";

constexpr std::string_view kOpenEnded[] = {
    "keys",   "stats",      "help",     "scan",
    "prefix", "wal-status", "recovery", "rscan",
};
// Of these every line is worth its place.
constexpr std::string_view kWhole[] = {"stats", "wal-status", "recovery"};

template <size_t kCount>
bool IsOneOf(
    const std::string& command, const std::string_view (&names)[kCount]) {
  const std::string_view name =
      std::string_view(command).substr(0, command.find(' '));
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool HasOpenEnd(const std::string& command) {
  return IsOneOf(command, kOpenEnded);
}

size_t AnswerLines(const std::string& command) {
  if (!command.starts_with("mget ")) return 1;
  return static_cast<size_t>(std::count(command.begin(), command.end(), ' '));
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::string WithCommas(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string TimesAsLong(double ratio) {
  if (ratio < 1.3) return "about as long";
  if (ratio < 10) return fmt::format("{:.1f} times as long", ratio);
  return fmt::format("{:.0f} times as long", ratio);
}

Result<uint64_t> NumberIn(
    const std::vector<std::string>& lines, std::string_view name) {
  for (const std::string& line : lines) {
    const std::string_view view = line;
    if (view.starts_with(name) && view.substr(name.size()).starts_with(": ")) {
      return std::strtoull(line.c_str() + name.size() + 2, nullptr, 10);
    }
  }
  return Status::Aborted(fmt::format("no answer had a line '{}: …'", name));
}

Range SomeWords(const TourInput& input) {
  constexpr size_t kRangeKeys = 5;
  std::vector<std::string> keys;
  for (const Word& word : input.words) keys.push_back(word.text);
  for (size_t i = 1; i <= std::min<size_t>(5, input.by_count.size()); ++i) {
    keys.push_back(fmt::format("top:{}", i));
  }
  Range range;
  range.keys = NextKeys(std::move(keys), input.frequent.text, kRangeKeys + 1);
  range.command = "scan " + ShellWord(input.frequent.text);
  if (range.keys.size() > kRangeKeys) {
    range.command += " " + ShellWord(range.keys.back());
    range.keys.pop_back();
  }
  return range;
}

std::string Guide::Shown(const fs::path& path) const {
  const fs::path relative = path.lexically_relative(work_);
  return relative.empty() ? path.filename().string() : relative.string();
}

void Guide::Heading(std::string_view text) {
  fmt::print(
      "\n{}\n{}\n", terminal_.Bold(text), std::string(DisplayWidth(text), '='));
  std::fflush(stdout);
}

void Guide::Say(std::string_view text) {
  fmt::print("\n{}\n", terminal_.Wrap(text));
  std::fflush(stdout);
}

void Guide::Typed(std::string_view text) {
  fmt::print("  {}\n", terminal_.Blue(fmt::format("$ {}", text)));
  std::fflush(stdout);
}

void Guide::Output(std::string_view text) {
  std::string line(text);
  const size_t width = terminal_.width() - 4;
  if (line.size() > width) line = line.substr(0, width - 3) + "...";
  fmt::print("  {}\n", line);
  std::fflush(stdout);
}

fs::path Guide::FreshDatabase(const std::string& name) {
  const fs::path path = work_ / name;
  std::error_code ignored;
  fs::remove_all(path, ignored);
  return path;
}

Result<std::vector<std::string>> Guide::Quietly(
    const std::string& stage, const fs::path& directory,
    const std::vector<std::string>& commands,
    const std::vector<std::string>& options) {
  ProcessOptions process;
  process.arguments = {shells_.at(stage).string()};
  process.arguments.insert(
      process.arguments.end(), options.begin(), options.end());
  if (!directory.empty()) process.arguments.push_back(directory.string());
  for (const std::string& command : commands) {
    process.input += command;
    process.input += '\n';
  }
  process.errors = ErrorStream::kMerge;
  KV_ASSIGN_OR_RETURN(const ChildResult result, RunChild(process, kLimit));
  // 1 says that a command answered with an error, which the step may want.
  if (result.timed_out || result.exit.signal != 0 ||
      result.exit.exit_code > 1) {
    return Status::Aborted(fmt::format(
        "the shell of stage {} ended unexpectedly ({}):\n{}", stage,
        result.timed_out ? "no end" : result.exit.ToString(),
        result.output.substr(0, 2000)));
  }
  return Lines(result.output);
}

Result<std::vector<std::string>> Guide::Session(
    const std::string& stage, const fs::path& directory,
    const std::vector<std::string>& silent, std::string_view silent_note,
    const std::vector<std::string>& commands,
    const std::vector<std::string>& options) {
  std::vector<std::string> input = silent;
  for (const std::string& command : commands) {
    input.push_back(command);
    if (HasOpenEnd(command)) input.emplace_back(kMarkCommand);
  }
  KV_ASSIGN_OR_RETURN(
      const auto lines, Quietly(stage, directory, input, options));
  Typed(fmt::format(
      "stage{}_kv_shell{}{}{}{}", stage, options.empty() ? "" : " ",
      fmt::join(options, " "), directory.empty() ? "" : " " + Shown(directory),
      commands.empty() ? " < words.txt" : ""));
  for (size_t i = 0; i < silent.size(); ++i) {
    if (i >= lines.size() || lines[i] != "ok") {
      return Status::Aborted(fmt::format(
          "stage {} answered '{}' to '{}'", stage,
          i < lines.size() ? lines[i] : "(nothing)", silent[i]));
    }
  }
  if (!silent_note.empty()) Output(silent_note);
  size_t at = silent.size();
  std::vector<std::string> answers;
  for (const std::string& command : commands) {
    fmt::print("  {}\n", terminal_.Blue("kv> " + command));
    std::vector<std::string> answer;
    if (HasOpenEnd(command)) {
      while (at < lines.size() && lines[at] != kMarkAnswer) {
        answer.push_back(lines[at++]);
      }
      ++at;
    } else {
      for (size_t i = 0; i < AnswerLines(command) && at < lines.size(); ++i) {
        answer.push_back(lines[at++]);
      }
    }
    const bool is_whole = IsOneOf(command, kWhole);
    for (size_t i = 0; i < answer.size(); ++i) {
      if (i == kAnswerLinesMax && !is_whole && answer.size() > i + 1) {
        Output(fmt::format("... and {} more", answer.size() - i));
        break;
      }
      Output(answer[i]);
    }
    std::move(answer.begin(), answer.end(), std::back_inserter(answers));
  }
  return answers;
}

Result<double> Guide::Seconds(
    const std::string& stage, const fs::path& directory,
    const std::vector<std::string>& commands) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  KV_RETURN_IF_ERROR(Quietly(stage, directory, {}).status());
  const auto middle = Clock::now();
  KV_RETURN_IF_ERROR(Quietly(stage, directory, commands).status());
  const auto end = Clock::now();
  const std::chrono::duration<double> seconds =
      (end - middle) - (middle - begin);
  // Below a tenth of a millisecond the clock and the process say nothing.
  return std::max(seconds.count(), 0.0001);
}

Result<size_t> Guide::KillAfter(
    const std::string& stage, const fs::path& directory,
    const std::vector<std::string>& commands, size_t answers) {
  ProcessOptions options;
  options.arguments = {shells_.at(stage).string(), directory.string()};
  for (const std::string& command : commands) {
    options.input += command;
    options.input += '\n';
  }
  KV_ASSIGN_OR_RETURN(auto process, Process::Start(options));
  size_t read = 0;
  std::string line;
  const auto deadline = Process::Clock::now() + kLimit;
  while (read < answers &&
         process->ReadLine(&line, deadline) == Process::Read::kLine) {
    ++read;
  }
  process->Kill();
  process->Wait();
  return read;
}

fs::path Guide::ShowFiles(const fs::path& directory) {
  Typed("ls -l " + Shown(directory));
  fs::path largest;
  uint64_t largest_bytes = 0;
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const uint64_t bytes = fs::file_size(file, error);
    if (error) continue;
    Output(
        fmt::format("{:>12} {}", WithCommas(bytes), file.filename().string()));
    if (bytes >= largest_bytes) {
      largest = file;
      largest_bytes = bytes;
    }
  }
  return largest;
}

}  // namespace kv::tool
