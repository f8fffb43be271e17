#include "common/tool/source/function_finder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "common/tool/source/lexer.h"

namespace kv::tool {
namespace {

bool IsOneOf(std::string_view text, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// A name in capitals: by convention a macro.
bool IsMacroName(std::string_view text) {
  return text.size() > 1 &&
      std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
         });
}

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

// The names around a declaration.
struct Scope {
  std::vector<std::string> namespaces;
  std::vector<std::string> classes;
  bool anonymous = false;
};

class Parser {
 public:
  Parser(std::string_view source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

  Result<std::vector<Function>> Run() {
    KV_RETURN_IF_ERROR(MatchBrackets());
    ParseScope(0, tokens_.size(), Scope());
    return std::move(functions_);
  }

 private:
  // How what follows a parameter list goes on.
  struct Trailer {
    enum class Kind { kBody, kDeclaration, kOther };
    Kind kind = Kind::kOther;
    size_t next = 0;  // body: the '{'; declaration: after the ';'
    size_t signature_end = 0;
    size_t initialisers = 0;  // index of ':' or of the '{'
    bool is_const = false;
    bool is_default = false;
    bool is_try = false;
    bool has_trailing_type = false;
  };

  // What was seen of a declaration before its name.
  struct Specifiers {
    bool is_auto = false;
    bool is_constexpr = false;
    bool is_static = false;
  };

  Status MatchBrackets() {
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

  bool Is(size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].text == text &&
        (tokens_[i].kind == TokenKind::kPunctuation ||
         tokens_[i].kind == TokenKind::kIdentifier);
  }
  bool IsName(size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::kIdentifier;
  }
  bool IsOpen(size_t i) const { return Is(i, "(") || Is(i, "[") || Is(i, "{"); }
  size_t AfterBracket(size_t i) const { return match_[i] + 1; }

  // After the '>' that closes the '<' at `i`; nothing if it is a less-than.
  std::optional<size_t> AfterAngles(size_t i) const {
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

  size_t SkipAngles(size_t i) const { return AfterAngles(i).value_or(i + 1); }

  // After the ';' that ends what begins at `i`.
  size_t AfterSemicolon(size_t i, size_t end) const {
    while (i < end && !Is(i, ";")) {
      i = IsOpen(i) ? AfterBracket(i) : i + 1;
    }
    return i < end ? i + 1 : end;
  }

  // After the condition of the `requires` at `i`.
  size_t AfterRequires(size_t i) const {
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

  // After "a::b<c>::d".
  size_t AfterQualifiedName(size_t i) const {
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

  void ParseScope(size_t i, size_t end, const Scope& scope) {
    while (i < end) {
      i = std::max(i + 1, ParseDeclaration(i, end, scope));
    }
  }

  size_t ParseDeclaration(size_t i, size_t end, const Scope& scope) {
    const size_t start = i;
    while (Is(i, "template")) {
      ++i;
      i = Is(i, "<") ? SkipAngles(i) : i;
      i = Is(i, "requires") ? AfterRequires(i) : i;
    }
    if (Is(i, ";")) {
      return i + 1;
    }
    if (IsName(i) && Is(i + 1, ":") &&
        IsOneOf(tokens_[i].text, {"public", "protected", "private"})) {
      return i + 2;
    }
    if (Is(i, "namespace") || (Is(i, "inline") && Is(i + 1, "namespace"))) {
      return ParseNamespace(i, end, scope);
    }
    if (Is(i, "extern") && i + 2 < end &&
        tokens_[i + 1].kind == TokenKind::kString && Is(i + 2, "{")) {
      ParseScope(i + 3, match_[i + 2], scope);
      return AfterBracket(i + 2);
    }
    if (Is(i, "using") || Is(i, "typedef") || Is(i, "static_assert") ||
        Is(i, "enum") || Is(i, "concept")) {
      return AfterSemicolon(i, end);
    }
    if (Is(i, "class") || Is(i, "struct") || Is(i, "union")) {
      if (const auto next = ParseClass(i, end, scope)) {
        return *next;
      }
    }
    return ParseOther(start, i, end, scope);
  }

  size_t ParseNamespace(size_t i, size_t end, const Scope& scope) {
    Scope inner = scope;
    bool named = false;
    while (i < end && !Is(i, "{")) {
      if (Is(i, "=") || Is(i, ";")) {
        return AfterSemicolon(i, end);
      }
      if (Is(i, "[")) {
        i = AfterBracket(i);
        continue;
      }
      if (IsName(i) && !Is(i, "inline") && !Is(i, "namespace")) {
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
    ParseScope(i + 1, match_[i], inner);
    return AfterBracket(i);
  }

  // Nothing if what stands there is no class definition.
  std::optional<size_t> ParseClass(size_t i, size_t end, const Scope& scope) {
    ++i;
    std::string name;
    while (i < end) {
      if (Is(i, "[")) {
        i = AfterBracket(i);
      } else if (Is(i, "final") || Is(i, "::")) {
        ++i;
      } else if (IsName(i) && Is(i + 1, "(") && name.empty()) {
        i = AfterBracket(i + 1);  // alignas(8), a macro
      } else if (IsName(i) && !Is(i + 1, "(")) {
        name = std::string(tokens_[i].text);
        ++i;
        i = Is(i, "<") ? SkipAngles(i) : i;
      } else {
        break;
      }
    }
    if (Is(i, ":")) {
      while (i < end && !Is(i, "{") && !Is(i, ";")) {
        i = Is(i, "<") ? SkipAngles(i) : Is(i, "(") ? AfterBracket(i) : i + 1;
      }
    }
    if (!Is(i, "{")) {
      return std::nullopt;
    }
    Scope inner = scope;
    inner.classes.push_back(name);
    ParseScope(i + 1, match_[i], inner);
    return AfterSemicolon(AfterBracket(i), end);
  }

  // A function, a variable, or what a macro makes.
  size_t ParseOther(size_t start, size_t i, size_t end, const Scope& scope) {
    Specifiers seen;
    while (i < end) {
      if (Is(i, ";")) {
        return i + 1;
      }
      if (Is(i, "=")) {
        return AfterSemicolon(i, end);
      }
      if (Is(i, "{")) {
        i = AfterBracket(i);
        if (!Is(i, ";") && !Is(i, ",")) {
          return i;
        }
        continue;
      }
      if (IsOpen(i)) {
        i = AfterBracket(i);
        continue;
      }
      if (Is(i, "<")) {
        i = SkipAngles(i);
        continue;
      }
      if (!IsName(i)) {
        ++i;
        continue;
      }
      if (Is(i, "requires")) {
        i = AfterRequires(i);
        continue;
      }
      const std::string_view word = tokens_[i].text;
      seen.is_auto = seen.is_auto || word == "auto";
      seen.is_constexpr = seen.is_constexpr ||
          IsOneOf(word, {"constexpr", "consteval", "constinit"});
      seen.is_static = seen.is_static || word == "static";
      if (IsOneOf(word, {"decltype", "alignas", "explicit", "__attribute__"}) &&
          Is(i + 1, "(")) {
        seen.is_auto = seen.is_auto || Is(i + 2, "auto");
        i = AfterBracket(i + 1);
        continue;
      }
      if (const auto next = ParseFunction(start, i, scope, seen)) {
        return *next;
      }
      ++i;
      i = Is(i, "(") ? AfterBracket(i) : i;
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
      if (Is(open, "(") && Is(open + 1, ")")) {
        name += "()";
        open += 2;
      } else {
        while (open < tokens_.size() && !Is(open, "(") && !Is(open, ";")) {
          const bool word = IsName(open);
          name += (word ? " " : "") + std::string(tokens_[open].text);
          ++open;
        }
      }
    } else if (Is(open, "<")) {
      open = SkipAngles(open);
    }
    if (!Is(open, "(")) {
      return std::nullopt;
    }
    const Trailer trailer = ReadTrailer(AfterBracket(open));
    if (trailer.kind == Trailer::Kind::kOther) {
      return std::nullopt;
    }
    Function function;
    function.namespaces = scope.namespaces;
    function.path = scope.classes;
    for (std::string& qualifier : QualifiersBefore(name_at, &name)) {
      function.path.push_back(std::move(qualifier));
    }
    function.path.push_back(name);
    function.kind = KindOf(function, name);
    function.parameters = ReadParameters(open);
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
      next = AfterBracket(next);
      while (trailer.is_try && Is(next, "catch")) {
        next = AfterBracket(AfterBracket(next + 1));
      }
      function.body_end = tokens_[next - 1].end;
    }
    function.end = tokens_[next - 1].end;
    functions_.push_back(std::move(function));
    return next;
  }

  Trailer ReadTrailer(size_t i) const {
    Trailer trailer;
    trailer.signature_end = i;
    while (i < tokens_.size()) {
      if (Is(i, ";")) {
        trailer.kind = Trailer::Kind::kDeclaration;
        trailer.next = i + 1;
        return trailer;
      }
      if (Is(i, "=")) {
        trailer.is_default = Is(i + 1, "default") || Is(i + 1, "delete") ||
            (i + 1 < tokens_.size() && tokens_[i + 1].text == "0");
        if (trailer.is_default && Is(i + 2, ";")) {
          trailer.kind = Trailer::Kind::kDeclaration;
          trailer.next = i + 3;
        }
        return trailer;
      }
      if (Is(i, "{") || Is(i, ":")) {
        const auto body = Is(i, "{") ? i : AfterInitialisers(i);
        if (body.has_value()) {
          trailer.kind = Trailer::Kind::kBody;
          trailer.next = *body;
          trailer.initialisers = i;
        }
        return trailer;
      }
      if (Is(i, "try")) {
        trailer.is_try = true;
        ++i;
        continue;
      }
      if (Is(i, "->")) {
        trailer.has_trailing_type = true;
        i = AfterTrailingType(i + 1);
      } else if (Is(i, "requires")) {
        i = AfterRequires(i);
      } else if (Is(i, "[")) {
        i = AfterBracket(i);
      } else if (
          Is(i, "const") || Is(i, "volatile") || Is(i, "override") ||
          Is(i, "final") || Is(i, "&") || Is(i, "&&") || Is(i, "mutable")) {
        trailer.is_const = trailer.is_const || Is(i, "const");
        ++i;
      } else if (
          Is(i, "noexcept") || Is(i, "throw") ||
          (IsName(i) && IsMacroName(tokens_[i].text))) {
        ++i;
        i = Is(i, "(") ? AfterBracket(i) : i;
      } else {
        return trailer;
      }
      trailer.signature_end = i;
    }
    return trailer;
  }

  size_t AfterTrailingType(size_t i) const {
    while (i < tokens_.size() && !Is(i, "{") && !Is(i, ";") && !Is(i, "=") &&
           !Is(i, "requires") && !Is(i, "try") && !Is(i, "override") &&
           !Is(i, "final")) {
      i = Is(i, "<") ? SkipAngles(i) : IsOpen(i) ? AfterBracket(i) : i + 1;
    }
    return i;
  }

  // The '{' of the body after the initialisers that begin with ':' at `i`.
  std::optional<size_t> AfterInitialisers(size_t i) const {
    do {
      i = AfterQualifiedName(i + 1);
      if (!Is(i, "(") && !Is(i, "{")) {
        return std::nullopt;
      }
      i = AfterBracket(i);
      i = Is(i, "...") ? i + 1 : i;
    } while (Is(i, ","));
    return Is(i, "{") ? std::optional<size_t>(i) : std::nullopt;
  }

  // "A" and "B" of "A::B<int>::Name"; adds the '~' of a destructor to `name`.
  std::vector<std::string> QualifiersBefore(size_t i, std::string* name) const {
    std::vector<std::string> qualifiers;
    if (i > 0 && Is(i - 1, "~")) {
      *name = "~" + *name;
      --i;
    }
    while (i >= 2 && Is(i - 1, "::")) {
      i -= 2;
      if (Is(i, ">")) {
        size_t depth = 0;
        do {
          depth = Is(i, ">") ? depth + 1 : Is(i, "<") ? depth - 1 : depth;
          if (i == 0) {
            return qualifiers;
          }
          --i;
        } while (depth > 0);
      }
      if (!IsName(i)) {
        break;
      }
      qualifiers.insert(qualifiers.begin(), std::string(tokens_[i].text));
    }
    return qualifiers;
  }

  static FunctionKind KindOf(
      const Function& function, const std::string& name) {
    const size_t size = function.path.size();
    if (size == 1 &&
        IsOneOf(name, {"TEST", "TEST_F", "TEST_P", "TYPED_TEST"})) {
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

  std::vector<std::vector<std::string>> ReadParameters(size_t open) const {
    std::vector<std::vector<std::string>> parameters;
    std::vector<std::string> current;
    bool in_default = false;
    const auto take = [&](size_t from, size_t to) {
      for (size_t k = from; k < to && !in_default; ++k) {
        current.emplace_back(tokens_[k].text);
      }
    };
    size_t i = open + 1;
    while (i < match_[open]) {
      if (Is(i, ",")) {
        parameters.push_back(std::move(current));
        current.clear();
        in_default = false;
        ++i;
        continue;
      }
      in_default = in_default || Is(i, "=");
      const size_t next = IsOpen(i) ? AfterBracket(i)
          : Is(i, "<")              ? SkipAngles(i)
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

  const std::string_view source_;
  const std::vector<Token> tokens_;
  std::vector<size_t> match_;  // of an opening bracket: its closing one
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
  KV_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Tokenize(source));
  return Parser(source, Significant(tokens)).Run();
}

}  // namespace kv::tool
