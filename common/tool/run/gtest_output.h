#pragma once

// What a GoogleTest program prints, understood line by line, and the filter
// language in which exercises name their tests.

#include <string>
#include <string_view>
#include <vector>

namespace kv::tool {

/// "*" and "?" as in --gtest_filter, for one pattern without ":" and "-".
bool MatchesPattern(std::string_view pattern, std::string_view name);
bool MatchesAny(
    const std::vector<std::string>& patterns, std::string_view name);

/// The full names in the output of --gtest_list_tests, disabled tests left
/// out.
std::vector<std::string> ParseTestList(std::string_view output);

/// A line of a running test program.
struct GtestLine {
  enum class Kind {
    kText,  ///< what the test printed, or a banner that says nothing new
    kRun,
    kOk,
    kFailed,
    kSkipped,
  };
  Kind kind = Kind::kText;
  std::string test;  ///< full name
  int milliseconds = 0;
  /// kOk, kFailed, kSkipped: what the test had printed before the marker on
  /// the same line.
  std::string before;
};

/// `current` is the test that is running, empty between tests. Only its end
/// counts as one, so that a test which prints a marker fools nobody, and the
/// list of failures at the end is not counted twice.
GtestLine ParseGtestLine(std::string_view line, std::string_view current);

/// The exercise that an output names as not written yet; empty if none.
std::string FindTodo(std::string_view output);

/// Where that is, "Find, index/hash_table.cc:40"; empty if it does not say.
std::string FindTodoPlace(std::string_view output);

/// Why a test was skipped, from what it printed; "no reason given".
std::string SkipReason(std::string_view output);

/// What a reader needs of a failed test's output: the first failure without
/// the noise around it, at most `lines_max` lines. Paths below `strip` are
/// shown relative to it.
std::vector<std::string> TrimFailure(
    std::string_view output, std::string_view strip, size_t lines_max = 14);

}  // namespace kv::tool
