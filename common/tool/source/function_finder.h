#pragma once

// Finds the functions of a C++ source file: where each begins, where its body
// is, what it is called.
//
// Contract: the file is formatted C++ that compiles; of an #if with branches
//   the first is read, or the second after `#if 0`.
// Errors: InvalidArgument, with file and line where that is known.
// Limits: functions that a macro makes are not seen, but for GoogleTest's
//   TEST, TEST_F, TEST_P and TYPED_TEST.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace kv::tool {

enum class FunctionKind {
  kFree,
  kMethod,
  kConstructor,
  kDestructor,
  kOperator,  ///< conversion operators too
  kTest,  ///< a GoogleTest body
};

/// A declaration or definition. Offsets are into the file's text.
struct Function {
  FunctionKind kind = FunctionKind::kFree;
  /// Namespaces around it; "" for an anonymous one.
  std::vector<std::string> namespaces;
  /// Classes and its own name: {"HashTable", "Find"}; template arguments are
  /// left out. Of a test: {"TEST"}.
  std::vector<std::string> path;
  /// Tokens of each parameter, without its default argument:
  /// {"const", "Options", "&", "options"}. Of a test: suite and name.
  std::vector<std::vector<std::string>> parameters;

  size_t begin = 0;  ///< template<…>, specifiers, return type
  size_t signature_end = 0;  ///< after the last token before ':' or '{'
  /// Of a constructor: offset of the ':' of its initialisers, else body_begin.
  size_t initialisers_begin = 0;
  size_t body_begin = 0;  ///< '{' of the body
  size_t body_end = 0;  ///< after its '}'
  size_t end = 0;  ///< after '}' or, of a declaration, ';'

  bool is_definition = false;
  bool is_const = false;
  bool is_constexpr = false;  ///< or consteval
  bool has_deduced_type = false;  ///< auto without a trailing type
  bool is_try_block = false;  ///< the body is a try with handlers
  bool is_default = false;  ///< = default, = delete, = 0
  bool is_anonymous = false;  ///< in an anonymous namespace, or static

  /// "HashTable::Find", "TEST(Suite, Name)".
  std::string Name() const;
  /// "HashTable::Find(std::string_view key) const".
  std::string Signature() const;
};

/// All functions of one file, in their order.
Result<std::vector<Function>> FindFunctions(std::string_view source);

/// A function as exercises.json names it.
struct FunctionSpec {
  std::vector<std::string> path;
  bool has_parameters = false;
  std::vector<std::vector<std::string>> parameters;
  bool wants_const = false;
  std::string text;

  bool Matches(const Function& function) const;
};

/// Reads "Class::Method", "Name(std::string_view, int)", "Get() const",
/// "TEST(Suite, Name)".
Result<FunctionSpec> ParseFunctionSpec(std::string_view text);

/// Ok if the function may be an exercise; else why not: a destructor, a move
/// operation, swap, main, a constexpr function, a deduced return type, the
/// entry of a thread. `source` is the text of its file.
Status CheckMayBeExercise(const Function& function, std::string_view source);

/// Where a function is defined: an index into the list of sources, and it.
struct FoundFunction {
  size_t file = 0;
  Function function;
};

/// A file's name, for errors, and its text.
struct NamedSource {
  std::string name;
  std::string_view text;
};

/// The one definition that `spec` names in `files`. Errors: it matches
/// nothing (with the nearest name) or more than one (with all places).
Result<FoundFunction> FindDefinition(
    const std::vector<NamedSource>& files, std::string_view spec);

/// Where the comment begins that stands right above `offset` (the start of a
/// declaration), and the start of its line; `offset`'s line if none.
size_t StartWithComment(std::string_view source, size_t offset);

/// Tokens of [begin, end) joined by one space, without comments: equal for
/// texts that differ in layout only.
Result<std::string> NormalText(
    std::string_view source, size_t begin, size_t end);

}  // namespace kv::tool
