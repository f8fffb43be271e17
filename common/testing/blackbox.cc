#include "common/testing/blackbox.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kv {
namespace {

constexpr std::string_view kSeparator = "---";
constexpr std::string_view kAnyRest = "...";
constexpr std::string_view kErrorPrefix = "error: ";

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  std::string line;
  while (std::getline(stream, line)) {
    lines.push_back(line);
  }
  return lines;
}

// "# why" gives "why".
std::string CommentText(std::string_view line) {
  line.remove_prefix(1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  return std::string(line);
}

void AppendLine(std::string_view line, std::string* text) {
  if (!text->empty()) *text += "\n";
  *text += line;
}

bool Matches(std::string_view expected, std::string_view actual) {
  if (expected.starts_with(kErrorPrefix) && expected.ends_with(kAnyRest)) {
    expected.remove_suffix(kAnyRest.size());
    return actual.starts_with(expected);
  }
  return expected == actual;
}

std::string Indented(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += "    " + line + "\n";
  }
  return text.empty() ? "    (nothing)\n" : text;
}

// `actual` are the lines from the block's first on.
Status Mismatch(
    const BlackBoxScript& script, const BlackBoxBlock& block,
    size_t first_wrong, std::vector<std::string> actual) {
  // Lines beyond the block belong to the next; one shows where it went on.
  const bool missing = first_wrong >= actual.size();
  actual.resize(std::min(actual.size(), block.expected.size() + 1));
  const std::string& why = block.why.empty() ? script.why : block.why;
  return Status::Aborted(
      script.name + ":" +
      std::to_string(block.expected_line + static_cast<int>(first_wrong)) +
      ": the answer is another one\n  why it matters: " + why +
      "\n  commands (from line " + std::to_string(block.line) + "):\n" +
      Indented(block.commands) + "  expected:\n" + Indented(block.expected) +
      "  actual, up to the line after:\n" + Indented(actual) +
      (missing ? "  the program printed nothing more" : ""));
}

}  // namespace

Result<BlackBoxScript> ParseBlackBox(
    std::string_view name, std::string_view text) {
  const std::vector<std::string> lines = SplitLines(text);
  BlackBoxScript script;
  script.name = name;
  const auto error = [&name](size_t line, std::string_view message) {
    return Status::InvalidArgument(
        std::string(name) + ":" + std::to_string(line) + ": " +
        std::string(message));
  };
  size_t i = 0;
  while (i < lines.size()) {
    if (lines[i].empty()) {
      ++i;
      continue;
    }
    BlackBoxBlock block;
    for (; i < lines.size() && lines[i].starts_with('#'); ++i) {
      AppendLine(CommentText(lines[i]), &block.why);
    }
    if (script.why.empty()) script.why = block.why;
    if (i == lines.size() || lines[i].empty()) {
      continue;  // a comment of its own
    }
    block.line = static_cast<int>(i + 1);
    for (; i < lines.size() && lines[i] != kSeparator; ++i) {
      if (lines[i].empty()) break;
      block.commands.push_back(lines[i]);
    }
    if (i == lines.size() || lines[i].empty()) {
      return error(i + 1, "the commands need a line --- after them");
    }
    if (block.commands.empty()) {
      return error(i + 1, "there is no command before ---");
    }
    ++i;
    block.expected_line = static_cast<int>(i + 1);
    for (; i < lines.size() && !lines[i].empty(); ++i) {
      if (lines[i] == kSeparator) {
        return error(
            i + 1, "a second ---; an empty line stands between two blocks");
      }
      block.expected.push_back(lines[i]);
    }
    script.blocks.push_back(std::move(block));
  }
  if (script.blocks.empty()) {
    return error(1, "there is no block of commands");
  }
  if (script.why.empty()) {
    return error(1, "a comment must say what the file is about");
  }
  return script;
}

Result<BlackBoxScript> ReadBlackBoxFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Status::IoError("cannot read '" + path + "'");
  }
  return ParseBlackBox(path, text.str());
}

Result<std::vector<std::string>> ListBlackBoxFiles(
    const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error) {
    return Status::IoError(
        "cannot list '" + directory + "': " + error.message());
  }
  for (const std::filesystem::directory_entry& entry : entries) {
    if (entry.path().extension() == ".kv") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Status CompareBlackBox(const BlackBoxScript& script, std::string_view output) {
  const std::vector<std::string> actual = SplitLines(output);
  size_t next = 0;  // the first line of `actual` that is still to be explained
  for (const BlackBoxBlock& block : script.blocks) {
    for (size_t i = 0; i < block.expected.size(); ++i) {
      if (next + i >= actual.size() ||
          !Matches(block.expected[i], actual[next + i])) {
        return Mismatch(
            script, block, i,
            {actual.begin() + static_cast<std::ptrdiff_t>(next), actual.end()});
      }
    }
    next += block.expected.size();
  }
  if (next < actual.size()) {
    return Status::Aborted(
        script.name +
        ": the program printed more than the last block says, "
        "from this line on:\n    " +
        actual[next]);
  }
  return Status::Ok();
}

Status RunBlackBox(
    const BlackBoxScript& script, const std::vector<std::string>& words,
    std::chrono::milliseconds timeout) {
  std::string input;
  bool expects_error = false;
  for (const BlackBoxBlock& block : script.blocks) {
    for (const std::string& command : block.commands) {
      input += command + "\n";
    }
    for (const std::string& line : block.expected) {
      expects_error = expects_error || line.starts_with(kErrorPrefix);
    }
  }
  const Result<ProgramOutput> ran = RunWithInput(words, input, timeout);
  if (!ran.ok()) {
    return Status::Aborted(
        script.name + ": " + std::string(ran.status().message()));
  }
  // What was printed says more than how the program ended.
  const Status compared = CompareBlackBox(script, ran->out);
  const int exit_code = expects_error ? 1 : 0;
  if (compared.ok() && ran->exit_code == exit_code) {
    return compared;
  }
  std::string text(compared.message());
  if (text.empty()) text = script.name + ": every answer is right, but";
  if (ran->signal != 0) {
    text +=
        "\n  the program was ended by signal " + std::to_string(ran->signal);
  } else if (ran->exit_code != exit_code) {
    text += "\n  the program's exit code was " +
        std::to_string(ran->exit_code) + ", expected " +
        std::to_string(exit_code);
  }
  if (!ran->err.empty()) {
    text += "\n  stderr:\n" + Indented(SplitLines(ran->err));
  }
  return Status::Aborted(text);
}

}  // namespace kv
