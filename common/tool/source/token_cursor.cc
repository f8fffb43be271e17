#include "common/tool/source/token_cursor.h"

#include <algorithm>

#include <fmt/format.h>

namespace kv::tool {
namespace {

std::string_view DirectiveName(std::string_view directive) {
  directive.remove_prefix(1);
  const size_t begin = directive.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return "";
  }
  directive.remove_prefix(begin);
  return directive.substr(0, directive.find_first_of(" \t\r\n/("));
}

// Tokens that count: no comments, no directives, and of each #if one branch.
std::vector<Token> Significant(const std::vector<Token>& tokens) {
  struct Conditional {
    bool active;  // this branch is read
    bool taken;  // a branch was read
  };
  std::vector<Conditional> open;
  std::vector<Token> result;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kDirective) {
      const std::string_view name = DirectiveName(token.text);
      if (name.substr(0, 2) == "if") {
        const size_t last = token.text.find_last_not_of(" \t\r");
        const bool never = name == "if" && token.text[last] == '0' &&
            token.text.find_first_of("=<>!&|1") == std::string_view::npos;
        open.push_back({!never, !never});
      } else if (!open.empty() && name.substr(0, 2) == "el") {
        open.back().active = !open.back().taken;
        open.back().taken = true;
      } else if (!open.empty() && name == "endif") {
        open.pop_back();
      }
      continue;
    }
    const bool active = std::all_of(
        open.begin(), open.end(),
        [](const Conditional& c) { return c.active; });
    if (active && token.kind != TokenKind::kComment) {
      result.push_back(token);
    }
  }
  return result;
}

}  // namespace

bool IsOneOf(std::string_view text, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

Result<TokenCursor> TokenCursor::Make(std::string_view source) {
  KV_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Tokenize(source));
  TokenCursor cursor(source, Significant(tokens));
  KV_RETURN_IF_ERROR(cursor.MatchBrackets());
  return cursor;
}

Status TokenCursor::MatchBrackets() {
  match_.assign(tokens_.size(), 0);
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != TokenKind::kPunctuation) {
      continue;
    }
    const std::string_view text = tokens_[i].text;
    if (IsOneOf(text, {"(", "[", "{"})) {
      open.push_back(i);
    } else if (IsOneOf(text, {")", "]", "}"})) {
      const std::string_view wanted = text == ")" ? "("
          : text == "]"                           ? "["
                                                  : "{";
      if (open.empty() || tokens_[open.back()].text != wanted) {
        return Status::InvalidArgument(fmt::format(
            "line {}: '{}' closes nothing", LineOf(source_, tokens_[i].begin),
            text));
      }
      match_[open.back()] = i;
      open.pop_back();
    }
  }
  if (!open.empty()) {
    const Token& token = tokens_[open.back()];
    return Status::InvalidArgument(fmt::format(
        "line {}: '{}' is never closed", LineOf(source_, token.begin),
        token.text));
  }
  return Status::Ok();
}

std::optional<size_t> TokenCursor::AfterAngles(size_t i) const {
  size_t depth = 0;
  while (i < tokens_.size()) {
    if (IsOpen(i)) {
      i = AfterBracket(i);
      continue;
    }
    if (Is(i, ";") || Is(i, ")") || Is(i, "]") || Is(i, "}")) {
      return std::nullopt;
    }
    if (Is(i, "<")) {
      ++depth;
    } else if (Is(i, ">") && --depth == 0) {
      return i + 1;
    }
    ++i;
  }
  return std::nullopt;
}

size_t TokenCursor::AfterSemicolon(size_t i, size_t end) const {
  while (i < end && !Is(i, ";")) {
    i = IsOpen(i) ? AfterBracket(i) : i + 1;
  }
  return i < end ? i + 1 : end;
}

size_t TokenCursor::AfterRequires(size_t i) const {
  ++i;
  while (i < tokens_.size()) {
    while (Is(i, "!")) {
      ++i;
    }
    if (Is(i, "(")) {
      i = AfterBracket(i);
    } else if (Is(i, "requires")) {
      ++i;
      i = Is(i, "(") ? AfterBracket(i) : i;
      i = Is(i, "{") ? AfterBracket(i) : i;
    } else {
      i = AfterQualifiedName(i);
    }
    if (!Is(i, "&&") && !Is(i, "||")) {
      break;
    }
    ++i;
  }
  return i;
}

size_t TokenCursor::AfterQualifiedName(size_t i) const {
  while (i < tokens_.size()) {
    i = Is(i, "::") ? i + 1 : i;
    i = Is(i, "template") ? i + 1 : i;
    if (!IsName(i)) {
      break;
    }
    ++i;
    if (Is(i, "<")) {
      i = SkipAngles(i);
    }
    if (!Is(i, "::")) {
      break;
    }
  }
  return i;
}

}  // namespace kv::tool
