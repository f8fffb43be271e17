#include "common/tool/source/function_finder.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "common/tool/source/signature_reader.h"
#include "common/tool/source/token_cursor.h"

namespace kv::tool {
namespace {

// The names around a declaration.
struct Scope {
  std::vector<std::string> namespaces;
  std::vector<std::string> classes;
  bool anonymous = false;
};

FunctionKind KindOf(const Function& function, const std::string& name) {
  const size_t size = function.path.size();
  if (size == 1 && IsOneOf(name, {"TEST", "TEST_F", "TEST_P", "TYPED_TEST"})) {
    return FunctionKind::kTest;
  }
  if (name[0] == '~') {
    return FunctionKind::kDestructor;
  }
  if (name.size() > 8 && name.substr(0, 8) == "operator" &&
      std::isalnum(static_cast<unsigned char>(name[8])) == 0 &&
      name[8] != '_') {
    return FunctionKind::kOperator;
  }
  if (size >= 2 && function.path[size - 2] == name) {
    return FunctionKind::kConstructor;
  }
  return size >= 2 ? FunctionKind::kMethod : FunctionKind::kFree;
}

class Parser {
 public:
  explicit Parser(TokenCursor tokens) : tokens_(std::move(tokens)) {}

  std::vector<Function> Run() {
    ParseScope(0, tokens_.size(), Scope());
    return std::move(functions_);
  }

 private:
  // What was seen of a declaration before its name.
  struct Specifiers {
    bool is_auto = false;
    bool is_constexpr = false;
    bool is_static = false;
  };

  void ParseScope(size_t i, size_t end, const Scope& scope) {
    while (i < end) {
      i = std::max(i + 1, ParseDeclaration(i, end, scope));
    }
  }

  size_t ParseDeclaration(size_t i, size_t end, const Scope& scope) {
    const size_t start = i;
    while (tokens_.Is(i, "template")) {
      ++i;
      i = tokens_.Is(i, "<") ? tokens_.SkipAngles(i) : i;
      i = tokens_.Is(i, "requires") ? tokens_.AfterRequires(i) : i;
    }
    if (tokens_.Is(i, ";")) {
      return i + 1;
    }
    if (tokens_.IsName(i) && tokens_.Is(i + 1, ":") &&
        IsOneOf(tokens_[i].text, {"public", "protected", "private"})) {
      return i + 2;
    }
    if (tokens_.Is(i, "namespace") ||
        (tokens_.Is(i, "inline") && tokens_.Is(i + 1, "namespace"))) {
      return ParseNamespace(i, end, scope);
    }
    if (tokens_.Is(i, "extern") && i + 2 < end &&
        tokens_[i + 1].kind == TokenKind::kString && tokens_.Is(i + 2, "{")) {
      ParseScope(i + 3, tokens_.Closing(i + 2), scope);
      return tokens_.AfterBracket(i + 2);
    }
    if (tokens_.Is(i, "using") || tokens_.Is(i, "typedef") ||
        tokens_.Is(i, "static_assert") || tokens_.Is(i, "enum") ||
        tokens_.Is(i, "concept")) {
      return tokens_.AfterSemicolon(i, end);
    }
    if (tokens_.Is(i, "class") || tokens_.Is(i, "struct") ||
        tokens_.Is(i, "union")) {
      if (const auto next = ParseClass(i, end, scope)) {
        return *next;
      }
    }
    return ParseOther(start, i, end, scope);
  }

  size_t ParseNamespace(size_t i, size_t end, const Scope& scope) {
    Scope inner = scope;
    bool named = false;
    while (i < end && !tokens_.Is(i, "{")) {
      if (tokens_.Is(i, "=") || tokens_.Is(i, ";")) {
        return tokens_.AfterSemicolon(i, end);
      }
      if (tokens_.Is(i, "[")) {
        i = tokens_.AfterBracket(i);
        continue;
      }
      if (tokens_.IsName(i) && !tokens_.Is(i, "inline") &&
          !tokens_.Is(i, "namespace")) {
        inner.namespaces.emplace_back(tokens_[i].text);
        named = true;
      }
      ++i;
    }
    if (i >= end) {
      return end;
    }
    if (!named) {
      inner.namespaces.emplace_back();
      inner.anonymous = true;
    }
    ParseScope(i + 1, tokens_.Closing(i), inner);
    return tokens_.AfterBracket(i);
  }

  // Nothing if what stands there is no class definition.
  std::optional<size_t> ParseClass(size_t i, size_t end, const Scope& scope) {
    ++i;
    std::string name;
    while (i < end) {
      if (tokens_.Is(i, "[")) {
        i = tokens_.AfterBracket(i);
      } else if (tokens_.Is(i, "final") || tokens_.Is(i, "::")) {
        ++i;
      } else if (tokens_.IsName(i) && tokens_.Is(i + 1, "(") && name.empty()) {
        i = tokens_.AfterBracket(i + 1);  // alignas(8), a macro
      } else if (tokens_.IsName(i) && !tokens_.Is(i + 1, "(")) {
        name = std::string(tokens_[i].text);
        ++i;
        i = tokens_.Is(i, "<") ? tokens_.SkipAngles(i) : i;
      } else {
        break;
      }
    }
    if (tokens_.Is(i, ":")) {
      while (i < end && !tokens_.Is(i, "{") && !tokens_.Is(i, ";")) {
        i = tokens_.Is(i, "<")   ? tokens_.SkipAngles(i)
            : tokens_.Is(i, "(") ? tokens_.AfterBracket(i)
                                 : i + 1;
      }
    }
    if (!tokens_.Is(i, "{")) {
      return std::nullopt;
    }
    Scope inner = scope;
    inner.classes.push_back(name);
    ParseScope(i + 1, tokens_.Closing(i), inner);
    return tokens_.AfterSemicolon(tokens_.AfterBracket(i), end);
  }

  // A function, a variable, or what a macro makes.
  size_t ParseOther(size_t start, size_t i, size_t end, const Scope& scope) {
    Specifiers seen;
    while (i < end) {
      if (tokens_.Is(i, ";")) {
        return i + 1;
      }
      if (tokens_.Is(i, "=")) {
        return tokens_.AfterSemicolon(i, end);
      }
      if (tokens_.Is(i, "{")) {
        i = tokens_.AfterBracket(i);
        if (!tokens_.Is(i, ";") && !tokens_.Is(i, ",")) {
          return i;
        }
        continue;
      }
      if (tokens_.IsOpen(i)) {
        i = tokens_.AfterBracket(i);
        continue;
      }
      if (tokens_.Is(i, "<")) {
        i = tokens_.SkipAngles(i);
        continue;
      }
      if (!tokens_.IsName(i)) {
        ++i;
        continue;
      }
      if (tokens_.Is(i, "requires")) {
        i = tokens_.AfterRequires(i);
        continue;
      }
      const std::string_view word = tokens_[i].text;
      seen.is_auto = seen.is_auto || word == "auto";
      seen.is_constexpr = seen.is_constexpr ||
          IsOneOf(word, {"constexpr", "consteval", "constinit"});
      seen.is_static = seen.is_static || word == "static";
      if (IsOneOf(word, {"decltype", "alignas", "explicit", "__attribute__"}) &&
          tokens_.Is(i + 1, "(")) {
        seen.is_auto = seen.is_auto || tokens_.Is(i + 2, "auto");
        i = tokens_.AfterBracket(i + 1);
        continue;
      }
      if (const auto next = ParseFunction(start, i, scope, seen)) {
        return *next;
      }
      ++i;
      i = tokens_.Is(i, "(") ? tokens_.AfterBracket(i) : i;
    }
    return end;
  }

  // A function whose name ends at or begins with token `i`; nothing if there
  // is none.
  std::optional<size_t> ParseFunction(
      size_t start, size_t i, const Scope& scope, const Specifiers& seen) {
    const size_t name_at = i;
    std::string name(tokens_[i].text);
    size_t open = i + 1;
    if (name == "operator") {
      if (tokens_.Is(open, "(") && tokens_.Is(open + 1, ")")) {
        name += "()";
        open += 2;
      } else {
        while (open < tokens_.size() && !tokens_.Is(open, "(") &&
               !tokens_.Is(open, ";")) {
          const bool word = tokens_.IsName(open);
          name += (word ? " " : "") + std::string(tokens_[open].text);
          ++open;
        }
      }
    } else if (tokens_.Is(open, "<")) {
      open = tokens_.SkipAngles(open);
    }
    if (!tokens_.Is(open, "(")) {
      return std::nullopt;
    }
    const Trailer trailer = ReadTrailer(tokens_, tokens_.AfterBracket(open));
    if (trailer.kind == Trailer::Kind::kOther) {
      return std::nullopt;
    }
    Function function;
    function.namespaces = scope.namespaces;
    function.path = scope.classes;
    for (std::string& qualifier : QualifiersBefore(tokens_, name_at, &name)) {
      function.path.push_back(std::move(qualifier));
    }
    function.path.push_back(name);
    function.kind = KindOf(function, name);
    function.parameters = ReadParameters(tokens_, open);
    function.begin = tokens_[start].begin;
    function.is_const = trailer.is_const;
    function.is_default = trailer.is_default;
    function.is_try_block = trailer.is_try;
    function.is_constexpr = seen.is_constexpr;
    function.has_deduced_type = seen.is_auto && !trailer.has_trailing_type &&
        function.kind != FunctionKind::kConstructor;
    function.is_anonymous =
        scope.anonymous || (seen.is_static && function.path.size() == 1);
    return Finish(trailer, std::move(function));
  }

  size_t Finish(const Trailer& trailer, Function function) {
    function.signature_end = tokens_[trailer.signature_end - 1].end;
    size_t next = trailer.next;
    if (trailer.kind == Trailer::Kind::kBody) {
      function.is_definition = true;
      function.initialisers_begin = tokens_[trailer.initialisers].begin;
      function.body_begin = tokens_[next].begin;
      next = tokens_.AfterBracket(next);
      while (trailer.is_try && tokens_.Is(next, "catch")) {
        next = tokens_.AfterBracket(tokens_.AfterBracket(next + 1));
      }
      function.body_end = tokens_[next - 1].end;
    }
    function.end = tokens_[next - 1].end;
    functions_.push_back(std::move(function));
    return next;
  }

  const TokenCursor tokens_;
  std::vector<Function> functions_;
};

// "const Options& options" from its tokens.
std::string JoinTokens(const std::vector<std::string>& tokens) {
  std::string text;
  bool word_before = false;
  for (const std::string& token : tokens) {
    const unsigned char first = static_cast<unsigned char>(token[0]);
    const bool word = std::isalnum(first) != 0 || first == '_';
    const char last = text.empty() ? '\0' : text.back();
    const bool after_mark =
        last == '&' || last == '*' || last == '>' || last == ',';
    if (word && (word_before || after_mark)) {
      text += ' ';
    }
    text += token;
    word_before = word;
  }
  return text;
}

}  // namespace

std::string Function::Name() const {
  std::string name = fmt::format("{}", fmt::join(path, "::"));
  if (kind == FunctionKind::kTest) {
    std::vector<std::string> arguments;
    for (const auto& parameter : parameters) {
      arguments.push_back(JoinTokens(parameter));
    }
    name += fmt::format("({})", fmt::join(arguments, ", "));
  }
  return name;
}

std::string Function::Signature() const {
  if (kind == FunctionKind::kTest) {
    return Name();
  }
  std::vector<std::string> types;
  for (const auto& parameter : parameters) {
    types.push_back(JoinTokens(parameter));
  }
  return fmt::format(
      "{}({}){}", Name(), fmt::join(types, ", "), is_const ? " const" : "");
}

Result<std::vector<Function>> FindFunctions(std::string_view source) {
  KV_ASSIGN_OR_RETURN(TokenCursor tokens, TokenCursor::Make(source));
  return Parser(std::move(tokens)).Run();
}

}  // namespace kv::tool
