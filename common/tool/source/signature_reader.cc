#include "common/tool/source/signature_reader.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace kv::tool {
namespace {

// A name in capitals: by convention a macro.
bool IsMacroName(std::string_view text) {
  return text.size() > 1 &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
         });
}

size_t AfterTrailingType(const TokenCursor& tokens, size_t i) {
  while (i < tokens.size() && !tokens.Is(i, "{") && !tokens.Is(i, ";") &&
         !tokens.Is(i, "=") && !tokens.Is(i, "requires") &&
         !tokens.Is(i, "try") && !tokens.Is(i, "override") &&
         !tokens.Is(i, "final")) {
    i = tokens.Is(i, "<")  ? tokens.SkipAngles(i)
        : tokens.IsOpen(i) ? tokens.AfterBracket(i)
                           : i + 1;
  }
  return i;
}

// The '{' of the body after the initialisers that begin with ':' at `i`.
std::optional<size_t> AfterInitialisers(const TokenCursor& tokens, size_t i) {
  do {
    i = tokens.AfterQualifiedName(i + 1);
    if (!tokens.Is(i, "(") && !tokens.Is(i, "{")) {
      return std::nullopt;
    }
    i = tokens.AfterBracket(i);
    i = tokens.Is(i, "...") ? i + 1 : i;
  } while (tokens.Is(i, ","));
  return tokens.Is(i, "{") ? std::optional<size_t>(i) : std::nullopt;
}

}  // namespace

Trailer ReadTrailer(const TokenCursor& tokens, size_t i) {
  Trailer trailer;
  trailer.signature_end = i;
  while (i < tokens.size()) {
    if (tokens.Is(i, ";")) {
      trailer.kind = Trailer::Kind::kDeclaration;
      trailer.next = i + 1;
      return trailer;
    }
    if (tokens.Is(i, "=")) {
      trailer.is_default = tokens.Is(i + 1, "default") ||
          tokens.Is(i + 1, "delete") ||
          (i + 1 < tokens.size() && tokens[i + 1].text == "0");
      if (trailer.is_default && tokens.Is(i + 2, ";")) {
        trailer.kind = Trailer::Kind::kDeclaration;
        trailer.next = i + 3;
      }
      return trailer;
    }
    if (tokens.Is(i, "{") || tokens.Is(i, ":")) {
      const auto body = tokens.Is(i, "{") ? i : AfterInitialisers(tokens, i);
      if (body.has_value()) {
        trailer.kind = Trailer::Kind::kBody;
        trailer.next = *body;
        trailer.initialisers = i;
      }
      return trailer;
    }
    if (tokens.Is(i, "try")) {
      trailer.is_try = true;
      ++i;
      continue;
    }
    if (tokens.Is(i, "->")) {
      trailer.has_trailing_type = true;
      i = AfterTrailingType(tokens, i + 1);
    } else if (tokens.Is(i, "requires")) {
      i = tokens.AfterRequires(i);
    } else if (tokens.Is(i, "[")) {
      i = tokens.AfterBracket(i);
    } else if (
        tokens.Is(i, "const") || tokens.Is(i, "volatile") ||
        tokens.Is(i, "override") || tokens.Is(i, "final") ||
        tokens.Is(i, "&") || tokens.Is(i, "&&") || tokens.Is(i, "mutable")) {
      trailer.is_const = trailer.is_const || tokens.Is(i, "const");
      ++i;
    } else if (
        tokens.Is(i, "noexcept") || tokens.Is(i, "throw") ||
        (tokens.IsName(i) && IsMacroName(tokens[i].text))) {
      ++i;
      i = tokens.Is(i, "(") ? tokens.AfterBracket(i) : i;
    } else {
      return trailer;
    }
    trailer.signature_end = i;
  }
  return trailer;
}

std::vector<std::string> QualifiersBefore(
    const TokenCursor& tokens, size_t i, std::string* name) {
  std::vector<std::string> qualifiers;
  if (i > 0 && tokens.Is(i - 1, "~")) {
    *name = "~" + *name;
    --i;
  }
  while (i >= 2 && tokens.Is(i - 1, "::")) {
    i -= 2;
    if (tokens.Is(i, ">")) {
      size_t depth = 0;
      do {
        depth = tokens.Is(i, ">") ? depth + 1
            : tokens.Is(i, "<")   ? depth - 1
                                  : depth;
        if (i == 0) {
          return qualifiers;
        }
        --i;
      } while (depth > 0);
    }
    if (!tokens.IsName(i)) {
      break;
    }
    qualifiers.insert(qualifiers.begin(), std::string(tokens[i].text));
  }
  return qualifiers;
}

std::vector<std::vector<std::string>> ReadParameters(
    const TokenCursor& tokens, size_t open) {
  std::vector<std::vector<std::string>> parameters;
  std::vector<std::string> current;
  bool in_default = false;
  const auto take = [&](size_t from, size_t to) {
    for (size_t k = from; k < to && !in_default; ++k) {
      current.emplace_back(tokens[k].text);
    }
  };
  size_t i = open + 1;
  while (i < tokens.Closing(open)) {
    if (tokens.Is(i, ",")) {
      parameters.push_back(std::move(current));
      current.clear();
      in_default = false;
      ++i;
      continue;
    }
    in_default = in_default || tokens.Is(i, "=");
    const size_t next = tokens.IsOpen(i) ? tokens.AfterBracket(i)
        : tokens.Is(i, "<")              ? tokens.SkipAngles(i)
                                         : i + 1;
    take(i, next);
    i = next;
  }
  if (!current.empty()) {
    parameters.push_back(std::move(current));
  }
  if (parameters.size() == 1 &&
      parameters[0] == std::vector<std::string>{"void"}) {
    parameters.clear();
  }
  return parameters;
}

}  // namespace kv::tool
