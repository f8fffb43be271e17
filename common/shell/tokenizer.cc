#include "common/shell/tokenizer.h"

#include "common/shell/escape.h"

namespace kv::shell {
namespace {

bool IsBlank(char c) {
  return c == ' ' || c == '\t';
}

Status ErrorAt(size_t index, std::string_view message) {
  return Status::InvalidArgument(
      "column " + std::to_string(index + 1) + ": " + std::string(message));
}

// Appends the word that begins at `*index` to `*word` and moves `*index`
// behind it.
Status ReadWord(std::string_view line, size_t* index, std::string* word) {
  char quote = 0;  // the quote that is open, 0 outside
  size_t quote_index = 0;
  while (*index < line.size()) {
    const char c = line[*index];
    if (quote == 0 && IsBlank(c)) {
      return Status::Ok();
    }
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      quote_index = *index;
      ++*index;
    } else if (c == quote) {
      quote = 0;
      ++*index;
    } else if (c == '\\' && quote != '\'') {
      const Result<size_t> taken = ReadEscape(line.substr(*index), word);
      if (!taken.ok()) {
        return ErrorAt(*index, taken.status().message());
      }
      *index += *taken;
    } else {
      *word += c;
      ++*index;
    }
  }
  if (quote != 0) {
    return ErrorAt(
        quote_index,
        "this quote is not closed; write \\" + std::string(1, quote) +
            " for a quote that is meant");
  }
  return Status::Ok();
}

}  // namespace

Result<std::vector<std::string>> Tokenize(std::string_view line) {
  std::vector<std::string> words;
  size_t index = 0;
  while (true) {
    while (index < line.size() && IsBlank(line[index])) {
      ++index;
    }
    if (index == line.size() || (words.empty() && line[index] == '#')) {
      return words;
    }
    std::string word;
    KV_RETURN_IF_ERROR(ReadWord(line, &index, &word));
    words.push_back(std::move(word));
  }
}

}  // namespace kv::shell
