#include "common/tool/tour/words.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "common/tool/files.h"

namespace kv::tool {
namespace {

// Longer runs of letters are no words but data, and no key may be longer.
constexpr size_t kWordBytesMax = 64;

bool IsWordByte(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
      byte >= 0x80;
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string Word::Describe() const {
  return fmt::format(
      "{} time{}, first in {}, line {}", count, count == 1 ? "" : "s", file,
      line);
}

Result<std::vector<Word>> CountWords(
    const std::vector<std::filesystem::path>& files,
    const std::filesystem::path& shown_from, size_t words_max) {
  std::vector<Word> words;
  std::unordered_map<std::string, size_t> places;
  for (const std::filesystem::path& file : files) {
    KV_ASSIGN_OR_RETURN(const std::string text, ReadText(file));
    const auto relative = file.lexically_relative(shown_from);
    const std::string name = relative.empty() || *relative.begin() == ".."
        ? file.string()
        : relative.string();
    size_t line = 1;
    std::string word;
    for (size_t i = 0; i <= text.size(); ++i) {
      const char c = i < text.size() ? Lower(text[i]) : '\n';
      if (IsWordByte(static_cast<unsigned char>(c))) {
        word += c;
        continue;
      }
      if (!word.empty() && word.size() <= kWordBytesMax) {
        const auto [found, is_new] = places.try_emplace(word, words.size());
        if (!is_new) {
          ++words[found->second].count;
        } else if (words.size() < words_max) {
          words.push_back({word, 1, name, line});
        } else {
          places.erase(found);
        }
      }
      word.clear();
      line += c == '\n' ? 1 : 0;
    }
  }
  if (words.empty()) {
    return Status::InvalidArgument(
        (files.empty() ? std::string("no file") : files.front().string()) +
        ": there is no word in it; the tour needs text");
  }
  return words;
}

std::vector<Word> ByCount(std::vector<Word> words) {
  std::stable_sort(
      words.begin(), words.end(),
      [](const Word& a, const Word& b) { return a.count > b.count; });
  return words;
}

std::vector<std::string> NextKeys(
    std::vector<std::string> keys, const std::string& first, size_t count) {
  std::sort(keys.begin(), keys.end());
  keys.erase(keys.begin(), std::lower_bound(keys.begin(), keys.end(), first));
  keys.resize(std::min(keys.size(), count));
  return keys;
}

std::string AnsweredKey(const std::string& key) {
  std::string answered;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      answered += fmt::format("\\x{:02x}", byte);
    } else {
      answered += c;
    }
  }
  return answered;
}

std::string ShellWord(const std::string& text) {
  const bool plain =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c >= '0' && c <= '9') || c == ':' || c == '.' || c == '_' ||
            c == '/';
      });
  if (plain) return text;
  std::string word = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
      word += fmt::format("\\x{:02x}", byte);
    } else {
      word += c;
    }
  }
  return word + '"';
}

}  // namespace kv::tool
