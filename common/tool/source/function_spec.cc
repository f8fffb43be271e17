// Which function a name in exercises.json means, and whether it may be one.

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "common/tool/help.h"
#include "common/tool/source/function_finder.h"
#include "common/tool/source/lexer.h"

namespace kv::tool {
namespace {

bool IsTestMacro(std::string_view name) {
  return name == "TEST" || name == "TEST_F" || name == "TEST_P" ||
      name == "TYPED_TEST";
}

// Words that are part of a type, so never the name of a parameter.
bool IsTypeWord(const std::string& word) {
  static const char* const kWords[] = {
      "const", "volatile", "unsigned", "signed", "long",   "short",
      "int",   "char",     "bool",     "float",  "double", "auto",
      "void",  "typename", "struct",   "class",  "enum",
  };
  return std::find(std::begin(kWords), std::end(kWords), word) !=
      std::end(kWords);
}

// Whether a parameter has the type `wanted`: the same tokens, but for its
// name, which is any one identifier.
bool ParameterMatches(
    const std::vector<std::string>& parameter,
    const std::vector<std::string>& wanted) {
  if (parameter == wanted) {
    return true;
  }
  if (parameter.size() != wanted.size() + 1) {
    return false;
  }
  for (size_t skip = parameter.size(); skip-- > 0;) {
    const unsigned char first = static_cast<unsigned char>(parameter[skip][0]);
    if ((std::isalpha(first) == 0 && first != '_') ||
        IsTypeWord(parameter[skip])) {
      continue;
    }
    std::vector<std::string> rest = parameter;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(skip));
    if (rest == wanted) {
      return true;
    }
  }
  return false;
}

bool IsMove(const Function& function) {
  const std::string& name = function.path.back();
  if (function.kind != FunctionKind::kConstructor && name != "operator=") {
    return false;
  }
  if (function.parameters.size() != 1 || function.path.size() < 2) {
    return false;
  }
  const std::vector<std::string>& tokens = function.parameters[0];
  const std::string& own = function.path[function.path.size() - 2];
  return std::find(tokens.begin(), tokens.end(), "&&") != tokens.end() &&
      std::find(tokens.begin(), tokens.end(), own) != tokens.end();
}

// Whether a std::thread is given the function to run, in this file.
bool IsThreadEntry(const Function& function, std::string_view source) {
  const Result<std::vector<Token>> tokens = Tokenize(source);
  if (!tokens.ok()) {
    return false;
  }
  bool in_thread = false;
  for (size_t i = 0; i < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    if (token.Is("thread") || token.Is("jthread")) {
      in_thread = true;
    } else if (token.Is(";") || token.Is("{")) {
      in_thread = false;
    } else if (
        in_thread && token.kind == TokenKind::kIdentifier && i > 0 &&
        token.Is(function.path.back())) {
      // &Class::Run, &Run; a call within a lambda is something else.
      size_t k = i;
      while (k >= 2 && (*tokens)[k - 1].Is("::")) {
        k -= 2;
      }
      if (k > 0 && (*tokens)[k - 1].Is("&")) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

Result<FunctionSpec> ParseFunctionSpec(std::string_view text) {
  FunctionSpec spec;
  spec.text = std::string(text);
  const Status bad = Status::InvalidArgument(fmt::format(
      "'{}' does not name a function. Write Class::Method, Name, "
      "Name(std::string_view, int), Name() const or TEST(Suite, Name).",
      text));
  Result<std::vector<Token>> tokens = Tokenize(text);
  if (!tokens.ok() || tokens->empty()) {
    return bad;
  }
  size_t i = 0;
  bool name_wanted = true;
  while (i < tokens->size() && (name_wanted || (*tokens)[i].Is("::"))) {
    if (!name_wanted) {
      name_wanted = true;
      ++i;
      continue;
    }
    std::string name((*tokens)[i].text);
    ++i;
    if (name == "~" && i < tokens->size()) {
      name += (*tokens)[i].text;
      ++i;
    } else if (name == "operator") {
      if (i + 1 < tokens->size() && (*tokens)[i].Is("(")) {
        name += "()";
        i += 2;
      } else {
        while (i < tokens->size() && !(*tokens)[i].Is("(")) {
          const bool word = (*tokens)[i].kind == TokenKind::kIdentifier;
          name += (word ? " " : "") + std::string((*tokens)[i].text);
          ++i;
        }
      }
    } else if ((*tokens)[i - 1].kind != TokenKind::kIdentifier) {
      return bad;
    }
    spec.path.push_back(name);
    name_wanted = false;
  }
  if (name_wanted) {
    return bad;
  }
  if (i == tokens->size()) {
    return IsTestMacro(spec.path.back()) ? Result<FunctionSpec>(bad) : spec;
  }
  // The parameters: read them as those of a declaration, which they are.
  const size_t open = (*tokens)[i].begin;
  const std::string declaration =
      "void f" + std::string(text.substr(open)) + ";";
  Result<std::vector<Function>> functions = FindFunctions(declaration);
  if (!(*tokens)[i].Is("(") || !functions.ok() || functions->size() != 1) {
    return bad;
  }
  spec.has_parameters = true;
  spec.parameters = functions->front().parameters;
  spec.wants_const = functions->front().is_const;
  return spec;
}

bool FunctionSpec::Matches(const Function& function) const {
  if (function.kind == FunctionKind::kTest || IsTestMacro(path.back())) {
    return function.kind == FunctionKind::kTest && path.size() == 1 &&
        (path[0] == function.path[0] || path[0] == "TEST") &&
        parameters == function.parameters;
  }
  // All of the function's classes, and as many namespaces as are named.
  std::vector<std::string> full;
  for (const std::string& name : function.namespaces) {
    if (!name.empty()) {
      full.push_back(name);
    }
  }
  full.insert(full.end(), function.path.begin(), function.path.end());
  if (path.size() < function.path.size() || path.size() > full.size() ||
      !std::equal(path.rbegin(), path.rend(), full.rbegin())) {
    return false;
  }
  if (!has_parameters) {
    return true;
  }
  if (parameters.size() != function.parameters.size() ||
      (wants_const && !function.is_const)) {
    return false;
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!ParameterMatches(function.parameters[i], parameters[i])) {
      return false;
    }
  }
  return true;
}

Status CheckMayBeExercise(const Function& function, std::string_view source) {
  const std::string& name = function.path.back();
  std::string why;
  if (function.kind == FunctionKind::kDestructor) {
    why = "a destructor, which must not throw";
  } else if (IsMove(function)) {
    why = "a move operation, which must not throw";
  } else if (name == "swap" || name == "Swap") {
    why = "swap, which must not throw";
  } else if (name == "main" && function.kind == FunctionKind::kFree) {
    why = "main, without which nothing runs";
  } else if (function.is_constexpr) {
    why = "constexpr or consteval, so the compiler may run it";
  } else if (function.has_deduced_type) {
    why = "of a deduced return type (auto), which needs the body";
  } else if (function.is_try_block) {
    why = "a function try block";
  } else if (IsThreadEntry(function, source)) {
    why = "the entry of a thread, where nothing can catch";
  }
  if (why.empty()) {
    return Status::Ok();
  }
  return Status::InvalidArgument(
      fmt::format("{} cannot be an exercise: it is {}", function.Name(), why));
}

Result<FoundFunction> FindDefinition(
    const std::vector<NamedSource>& files, std::string_view text) {
  KV_ASSIGN_OR_RETURN(const FunctionSpec spec, ParseFunctionSpec(text));
  std::vector<FoundFunction> found;
  std::vector<std::string> names;
  for (size_t i = 0; i < files.size(); ++i) {
    Result<std::vector<Function>> functions = FindFunctions(files[i].text);
    if (!functions.ok()) {
      return Status::InvalidArgument(
          fmt::format("{}, {}", files[i].name, functions.status().message()));
    }
    for (Function& function : *functions) {
      if (function.is_definition) {
        names.push_back(function.Name());
        if (spec.Matches(function)) {
          found.push_back({i, std::move(function)});
        }
      }
    }
  }
  if (found.size() > 1 && spec.has_parameters && !spec.wants_const) {
    std::erase_if(
        found, [](const FoundFunction& f) { return f.function.is_const; });
  }
  if (found.size() == 1) {
    return std::move(found.front());
  }
  if (found.empty()) {
    const std::string nearest = Nearest(text, names);
    return Status::NotSupported(fmt::format(
        "no function '{}' is defined in {}{}", text,
        files.size() == 1 ? files[0].name
                          : fmt::format("{} files", files.size()),
        nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }
  std::vector<std::string> places;
  for (const FoundFunction& place : found) {
    places.push_back(fmt::format(
        "{}:{}: {}", files[place.file].name,
        LineOf(files[place.file].text, place.function.begin),
        place.function.Signature()));
  }
  return Status::InvalidArgument(fmt::format(
      "'{}' is defined {} times ({}); add the parameters' types, or 'file'",
      text, found.size(), fmt::join(places, "; ")));
}

size_t StartWithComment(std::string_view source, size_t offset) {
  size_t start = source.rfind('\n', offset == 0 ? 0 : offset - 1);
  start = start == std::string_view::npos || offset == 0 ? 0 : start + 1;
  while (start > 0) {
    size_t above =
        start >= 2 ? source.rfind('\n', start - 2) : std::string_view::npos;
    above = above == std::string_view::npos ? 0 : above + 1;
    const std::string_view line = source.substr(above, start - above);
    const size_t text = line.find_first_not_of(" \t");
    if (text == std::string_view::npos || line.substr(text, 2) != "//") {
      break;
    }
    start = above;
  }
  return start;
}

Result<std::string> NormalText(
    std::string_view source, size_t begin, size_t end) {
  KV_ASSIGN_OR_RETURN(
      const std::vector<Token> tokens,
      Tokenize(source.substr(begin, end - begin)));
  std::string text;
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::kComment) {
      text += token.text;
      text += ' ';
    }
  }
  return text;
}

}  // namespace kv::tool
