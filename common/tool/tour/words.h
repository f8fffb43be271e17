#pragma once

// The words of some files: what the tour puts into the databases.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

struct Word {
  std::string text;  ///< lower case; letters and digits, or bytes over 0x7f
  size_t count = 0;
  std::string file;  ///< where it stands first, as shown to the user
  size_t line = 0;  ///< counted from 1

  /// "3 times, first in docs/index.md, line 12".
  std::string Describe() const;
};

/// The distinct words, in the order in which they appear, at most `words_max`.
/// Errors: NotFound with the path; InvalidArgument if there is no word.
Result<std::vector<Word>> CountWords(
    const std::vector<std::filesystem::path>& files,
    const std::filesystem::path& shown_from, size_t words_max);

/// The same, the most frequent first; equal counts in order of appearance.
std::vector<Word> ByCount(std::vector<Word> words);

/// The `count` keys from `first` on, in the order of their bytes; fewer if
/// there are fewer.
std::vector<std::string> NextKeys(
    std::vector<std::string> keys, const std::string& first, size_t count);

/// `key` as kv_shell prints it.
std::string AnsweredKey(const std::string& key);

/// `text` as one word of kv_shell's command line.
std::string ShellWord(const std::string& text);

}  // namespace kv::tool
