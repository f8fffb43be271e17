#include "common/testing/data_driven.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "common/fs/file_system.h"

namespace kv::testing {
namespace {

constexpr std::string_view kSeparator = "---";
// LineDiff takes memory in proportion to the product of both line counts.
constexpr size_t kDiffCellsMax = 4000000;

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Reads blocks off a list of lines.
class Parser {
 public:
  Parser(std::string_view name, std::string_view text)
      : name_(name), lines_(SplitLines(text)) {}

  Result<std::vector<DataBlock>> Parse() {
    if (lines_.empty() || !IsComment(lines_[0])) {
      return Error(0, "the file must begin with a comment that says why");
    }
    std::vector<DataBlock> blocks;
    while (!AtEnd()) {
      DataBlock block;
      const size_t begin = next_;
      KV_RETURN_IF_ERROR(ParseHead(&block));
      if (block.line == 0 && AtEnd()) {
        if (blocks.empty()) return Error(begin, "there is no block");
        if (!block.comments.empty()) {
          return Error(begin, "a comment without a block after it");
        }
        break;
      }
      KV_RETURN_IF_ERROR(ParseExpected(&block));
      blocks.push_back(std::move(block));
    }
    return blocks;
  }

 private:
  static bool IsComment(const std::string& line) {
    return !line.empty() && line[0] == '#';
  }

  bool AtEnd() const { return next_ == lines_.size(); }

  Status Error(size_t index, const char* what) const {
    return Status::InvalidArgument(
        std::string(name_) + ":" + std::to_string(index + 1) + ": " + what);
  }

  Status ParseHead(DataBlock* block) {
    while (!AtEnd() && lines_[next_] != kSeparator) {
      const std::string& line = lines_[next_];
      block->head += line + "\n";
      if (IsComment(line)) {
        block->comments += line + "\n";
      } else if (!line.empty()) {
        if (block->line == 0) block->line = next_ + 1;
        block->input += line + "\n";
      } else if (block->line != 0) {
        return Error(next_, "an empty line before the line \"---\"");
      }
      ++next_;
    }
    if (AtEnd()) {
      if (block->line == 0) return Status::Ok();
      return Error(next_ - 1, "input without a line \"---\" after it");
    }
    if (block->line == 0) return Error(next_, "\"---\" without input above it");
    ++next_;
    return Status::Ok();
  }

  Status ParseExpected(DataBlock* block) {
    const bool has_empty_lines = !AtEnd() && lines_[next_] == kSeparator;
    if (!has_empty_lines) {
      for (; !AtEnd() && !lines_[next_].empty(); ++next_) {
        block->expected += lines_[next_] + "\n";
      }
      return Status::Ok();
    }
    const size_t begin = next_++;
    while (next_ + 1 < lines_.size()) {
      if (lines_[next_] == kSeparator && lines_[next_ + 1] == kSeparator) {
        next_ += 2;
        return Status::Ok();
      }
      block->expected += lines_[next_++] + "\n";
    }
    return Error(begin, "two lines \"---\" that two others do not close");
  }

  const std::string_view name_;
  const std::vector<std::string> lines_;
  size_t next_ = 0;
};

std::string WithNewline(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

bool Rewriting() {
  const char* text = std::getenv("KV_REWRITE");
  return text != nullptr && std::string_view(text) == "1";
}

void Rewrite(
    const std::string& path, const std::string& old_text,
    const std::vector<DataBlock>& blocks) {
  const std::string text = FormatDataText(blocks);
  if (text == old_text) return;
  const Status written = WriteFile(FileSystem::Posix(), path, text);
  EXPECT_TRUE(written.ok()) << written.ToString();
  std::printf("rewrote %s\n", path.c_str());
}

}  // namespace

Result<std::vector<DataBlock>> ParseDataText(
    std::string_view name, std::string_view text) {
  return Parser(name, text).Parse();
}

std::string FormatDataText(const std::vector<DataBlock>& blocks) {
  std::string text;
  for (const DataBlock& block : blocks) {
    text += block.head + "---\n";
    const bool has_empty_lines =
        block.expected.find("\n\n") != std::string::npos ||
        block.expected.rfind("\n", 0) == 0 ||
        block.expected.rfind("---\n", 0) == 0;
    if (has_empty_lines) {
      text += "---\n" + block.expected + "---\n---\n";
    } else {
      text += block.expected;
    }
    // The empty line that ends this block is part of the next one's head.
    if (&block == &blocks.back()) continue;
    const DataBlock& next = *(&block + 1);
    if (next.head.empty() || next.head[0] != '\n') text += "\n";
  }
  return text;
}

std::string LineDiff(std::string_view expected, std::string_view actual) {
  const std::vector<std::string> a = SplitLines(expected);
  const std::vector<std::string> b = SplitLines(actual);
  if (a.size() * b.size() > kDiffCellsMax) {
    return "- " + std::to_string(a.size()) + " lines\n+ " +
        std::to_string(b.size()) + " lines, too many to compare\n";
  }
  // common[i][j]: the longest common subsequence of a[i..] and b[j..].
  std::vector<std::vector<size_t>> common(
      a.size() + 1, std::vector<size_t>(b.size() + 1, 0));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      common[i][j] = a[i] == b[j]
          ? common[i + 1][j + 1] + 1
          : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string diff;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      diff += "  " + a[i] + "\n";
      ++i;
      ++j;
    } else if (
        i < a.size() &&
        (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      diff += "- " + a[i++] + "\n";
    } else {
      diff += "+ " + b[j++] + "\n";
    }
  }
  return diff;
}

void RunDataFile(const std::string& path, const BlockHandler& handler) {
  const Result<std::string> text = ReadFile(FileSystem::Posix(), path);
  ASSERT_TRUE(text.ok()) << text.status().ToString();
  Result<std::vector<DataBlock>> blocks = ParseDataText(path, *text);
  ASSERT_TRUE(blocks.ok()) << blocks.status().ToString();
  for (DataBlock& block : *blocks) {
    const std::string actual = WithNewline(handler(block.input));
    if (actual == block.expected) continue;
    if (Rewriting()) {
      block.expected = actual;
      continue;
    }
    ADD_FAILURE_AT(path.c_str(), static_cast<int>(block.line))
        << block.comments << "The input\n"
        << block.input << "gave another output (- expected, + actual):\n"
        << LineDiff(block.expected, actual);
  }
  if (Rewriting()) Rewrite(path, *text, *blocks);
}

void RunDataDirectory(
    const std::string& directory, const std::string& suffix,
    const std::function<BlockHandler()>& make_handler) {
  const Result<std::vector<std::string>> names =
      FileSystem::Posix()->List(directory);
  ASSERT_TRUE(names.ok()) << names.status().ToString();
  size_t count = 0;
  for (const std::string& name : *names) {
    if (name.size() < suffix.size() ||
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0) {
      continue;
    }
    ++count;
    RunDataFile(JoinPath(directory, name), make_handler());
  }
  EXPECT_GT(count, 0u) << "no file *" << suffix << " in " << directory;
}

}  // namespace kv::testing
