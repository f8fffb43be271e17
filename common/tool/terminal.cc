#include "common/tool/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <fmt/format.h>

namespace kv::tool {
namespace {

constexpr size_t kWidthMax = 100;
constexpr size_t kWidthMin = 40;

std::string_view Code(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kBlue:
      return "\x1b[34m";
  }
  return "";
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      break;
    }
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

Terminal Terminal::Detect() {
  Terminal terminal;
  terminal.interactive_ = isatty(STDOUT_FILENO) != 0;
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  terminal.colour_ =
      terminal.interactive_ && !dumb && std::getenv("NO_COLOR") == nullptr;
  winsize size{};
  if (terminal.interactive_ && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 0) {
    terminal.width_ = std::clamp<size_t>(size.ws_col, kWidthMin, kWidthMax);
  }
  return terminal;
}

Terminal Terminal::Plain(size_t width) {
  Terminal terminal;
  terminal.width_ = width;
  return terminal;
}

std::string Terminal::Paint(Style style, std::string_view text) const {
  if (!colour_ || text.empty()) {
    return std::string(text);
  }
  return fmt::format("{}{}\x1b[0m", Code(style), text);
}

std::string Terminal::Wrap(std::string_view text, size_t indent) const {
  const std::string margin(indent, ' ');
  const size_t room = width_ > indent + 20 ? width_ - indent : 20;
  std::string result;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) {
      result += margin + line + "\n";
      line.clear();
    }
  };
  bool fenced = false;
  for (const std::string_view source : SplitLines(text)) {
    const bool fence = source.substr(0, 3) == "```";
    if (fenced || fence || source.empty() || source.front() == ' ') {
      flush();
      fenced = fenced != fence;
      if (!fence) {
        result += source.empty() ? "\n" : margin + std::string(source) + "\n";
      }
      continue;
    }
    size_t at = 0;
    while (at < source.size()) {
      const size_t begin = source.find_first_not_of(' ', at);
      if (begin == std::string_view::npos) {
        break;
      }
      at = std::min(source.find(' ', begin), source.size());
      const std::string_view word = source.substr(begin, at - begin);
      if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > room) {
        flush();
      }
      if (!line.empty()) {
        line += ' ';
      }
      line += word;
    }
  }
  flush();
  return result;
}

std::string Terminal::Bar(double fraction, size_t columns) const {
  const double share = std::clamp(fraction, 0.0, 1.0);
  const size_t full =
      static_cast<size_t>(share * static_cast<double>(columns) + 0.5);
  return "[" + Green(std::string(full, '#')) +
      std::string(columns - full, '.') + "]";
}

bool Terminal::Confirm(std::string_view question) const {
  if (!interactive_ || isatty(STDIN_FILENO) == 0) {
    return false;
  }
  fmt::print("{} [y/N] ", question);
  std::fflush(stdout);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    return false;
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

ProgressBar::ProgressBar(const Terminal& terminal, size_t total)
    : terminal_(terminal), total_(total) {}

ProgressBar::~ProgressBar() {
  Clear();
}

void ProgressBar::Show(size_t done, std::string_view label) {
  if (!terminal_.interactive()) {
    return;
  }
  const double fraction = total_ == 0
      ? 0.0
      : static_cast<double>(done) / static_cast<double>(total_);
  const std::string count = fmt::format(" {}/{} ", done, total_);
  const size_t taken = 24 + count.size();
  const size_t room = terminal_.width() > taken ? terminal_.width() - taken : 0;
  fmt::print(
      "\r\x1b[K{}{}{}", terminal_.Bar(fraction), count, label.substr(0, room));
  std::fflush(stdout);
  drawn_ = true;
}

void ProgressBar::Clear() {
  if (drawn_) {
    fmt::print("\r\x1b[K");
    std::fflush(stdout);
    drawn_ = false;
  }
}

void PrintError(const Terminal& terminal, const Status& status) {
  std::fflush(stdout);
  const std::string text = status.message().empty()
      ? status.ToString()
      : std::string(status.message());
  fmt::print(stderr, "{}", terminal.Wrap(terminal.Red("wb:") + " " + text));
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  bool escape = false;
  for (const char c : text) {
    if (escape) {
      escape = c != 'm';
    } else if (c == '\x1b') {
      escape = true;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++width;
    }
  }
  return width;
}

}  // namespace kv::tool
