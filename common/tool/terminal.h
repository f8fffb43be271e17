#pragma once

// What the tool's output looks like: colour, wrapped text, a progress bar.
//
// Contract: text goes to stdout through fmt::print; complaints go to stderr
//   through PrintError. In a pipe, or with NO_COLOR set, there are no escape
//   codes and no progress bar, only plain lines.

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace kv::tool {

enum class Style {
  kBold,
  kDim,
  kRed,
  kGreen,
  kYellow,
  kBlue,
};

class Terminal {
 public:
  /// Colour and progress bars only if stdout is a terminal; NO_COLOR set to
  /// anything, or TERM=dumb, turns colour off.
  static Terminal Detect();
  /// Plain text of a fixed width, for pipes and tests.
  static Terminal Plain(size_t width = 80);

  /// stdout is a terminal.
  bool interactive() const { return interactive_; }
  bool colour() const { return colour_; }
  void set_colour(bool colour) { colour_ = colour; }
  /// Columns; 80 where that is not known, and at most 100 so that prose stays
  /// readable.
  size_t width() const { return width_; }

  /// `text` in that style, or unchanged without colour.
  std::string Paint(Style style, std::string_view text) const;
  std::string Bold(std::string_view text) const {
    return Paint(Style::kBold, text);
  }
  std::string Dim(std::string_view text) const {
    return Paint(Style::kDim, text);
  }
  std::string Red(std::string_view text) const {
    return Paint(Style::kRed, text);
  }
  std::string Green(std::string_view text) const {
    return Paint(Style::kGreen, text);
  }
  std::string Yellow(std::string_view text) const {
    return Paint(Style::kYellow, text);
  }
  std::string Blue(std::string_view text) const {
    return Paint(Style::kBlue, text);
  }

  /// Paragraphs filled to the width, every line begun with `indent` spaces.
  /// Lines that begin with a space, and those between ``` fences, are kept as
  /// they are.
  std::string Wrap(std::string_view text, size_t indent = 0) const;

  /// "[#####.....]" of `columns` columns.
  std::string Bar(double fraction, size_t columns = 20) const;

  /// A question with the answer yes or no; false where nobody can answer
  /// (stdin or stdout is no terminal).
  bool Confirm(std::string_view question) const;

 private:
  bool interactive_ = false;
  bool colour_ = false;
  size_t width_ = 80;
};

/// One line that is drawn over and over while something takes long. In a pipe
/// it prints nothing.
class ProgressBar {
 public:
  ProgressBar(const Terminal& terminal, size_t total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// `label` says what is being done.
  void Show(size_t done, std::string_view label);
  /// Wipes the line, so that other text can be printed; the next Show draws
  /// it again.
  void Clear();

 private:
  const Terminal& terminal_;
  const size_t total_;
  bool drawn_ = false;
};

/// "wb: what, where, what to do" on stderr, wrapped.
void PrintError(const Terminal& terminal, const Status& status);

/// Columns that `text` takes: UTF-8 sequences count as one, escape codes as
/// none.
size_t DisplayWidth(std::string_view text);

}  // namespace kv::tool
