// Goal: the finder sees every function that C++ lets one write in this
// project, and nothing else. Method: small sources, each with one nasty
// construct, and the names, bodies and kinds that must come out.

#include "common/tool/source/function_finder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kv::tool {
namespace {

std::vector<Function> Find(std::string_view source) {
  Result<std::vector<Function>> functions = FindFunctions(source);
  EXPECT_TRUE(functions.ok()) << functions.status().ToString();
  return functions.ok() ? *functions : std::vector<Function>();
}

// Names of the definitions, in order.
std::vector<std::string> Names(std::string_view source) {
  std::vector<std::string> names;
  for (const Function& function : Find(source)) {
    if (function.is_definition) {
      names.push_back(function.Name());
    }
  }
  return names;
}

std::string Body(std::string_view source, std::string_view spec) {
  const auto found = FindDefinition({{"test.cc", source}}, spec);
  EXPECT_TRUE(found.ok()) << found.status().ToString();
  return found.ok()
      ? std::string(source.substr(
            found->function.body_begin,
            found->function.body_end - found->function.body_begin))
      : "";
}

std::string ErrorOf(std::string_view source, std::string_view spec) {
  const auto found = FindDefinition({{"test.cc", source}}, spec);
  return found.ok() ? "" : std::string(found.status().message());
}

using Strings = std::vector<std::string>;

TEST(FunctionFinder, FreeFunctionsAndMethodsInsideAndOutsideOfClasses) {
  EXPECT_EQ(
      Names("int A() { return 1; }\n"
            "class C {\n public:\n  int B() const { return 2; }\n"
            "  int D();\n private:\n  int x_ = 3;\n};\n"
            "int C::D() { return x_; }\n"),
      (Strings{"A", "C::B", "C::D"}));
}

TEST(FunctionFinder, BracesInCommentsStringsAndCharactersDoNotCount) {
  const std::string source =
      "void A() {\n  // }\n  /* } */\n  const char* s = \"}\\\"}\";\n"
      "  char c = '}';\n  char q = '\\'';\n}\nvoid B() {}\n";
  EXPECT_EQ(Names(source), (Strings{"A", "B"}));
  EXPECT_EQ(Body(source, "B"), "{}");
}

TEST(FunctionFinder, RawStringsEndAtTheirDelimiterOnly) {
  const std::string source =
      "void A() {\n  auto s = R\"x(\n} )\" \" )y\" )x\";\n"
      "  auto t = u8R\"(})\";\n}\nvoid B() {}\n";
  EXPECT_EQ(Names(source), (Strings{"A", "B"}));
}

TEST(FunctionFinder, DigitSeparatorsAreNotCharacters) {
  EXPECT_EQ(
      Names("int A() { return 1'000'000 + 0x1'F + 1e+3; }\nint B() {}\n"),
      (Strings{"A", "B"}));
}

TEST(FunctionFinder, ContinuedDirectivesAreSkippedWhole) {
  EXPECT_EQ(
      Names("#define M(x) \\\n  void x() { \\\n  {\nvoid A() {}\n"
            "#define OPEN {  /* over\n lines { */\nvoid B() {}\n"),
      (Strings{"A", "B"}));
}

TEST(FunctionFinder, OneBranchOfAnIfIsRead) {
  EXPECT_EQ(
      Names("#if defined(X)\nvoid A() {\n#else\nvoid A(int) {\n#endif\n}\n"
            "#if 0\nvoid Never() {\n#else\nvoid B() {\n#endif\n}\n"),
      (Strings{"A", "B"}));
}

TEST(FunctionFinder, LineCommentsContinueAfterABackslash) {
  EXPECT_EQ(Names("// hidden \\\nvoid No() {}\nvoid A() {}\n"), (Strings{"A"}));
}

TEST(FunctionFinder, NestedAndAnonymousNamespaces) {
  const std::string source =
      "namespace kv {\nnamespace {\nvoid A() {}\n}\n"
      "namespace raft::inner { inline namespace v1 { void B() {} } }\n"
      "namespace alias = kv::raft;\n}  // namespace kv\n"
      "extern \"C\" { void C() {} }\n";
  EXPECT_EQ(Names(source), (Strings{"A", "B", "C"}));
  const std::vector<Function> functions = Find(source);
  EXPECT_TRUE(functions[0].is_anonymous);
  EXPECT_EQ(functions[1].namespaces, (Strings{"kv", "raft", "inner", "v1"}));
}

TEST(FunctionFinder, TemplatesAndTheirArguments) {
  EXPECT_EQ(
      Names("template <class T, int N = (3 > 2)>\n"
            "std::map<int, std::vector<T>> A(std::function<void(int)> f) {}\n"
            "template <class T>\nT Lru<T>::Get(const T& t) const {}\n"
            "template <>\nint Max<int>(int a) { return a; }\n"
            "template class Lru<int>;\n"
            "template <template <class> class C> void E() {}\n"
            "std::function<void(int)> Make() { return {}; }\n"),
      (Strings{"A", "Lru::Get", "Max", "E", "Make"}));
}

TEST(FunctionFinder, RequiresClausesBeforeAndAfter) {
  EXPECT_EQ(
      Names("template <class T> requires std::is_same_v<T, int> && (sizeof(T)"
            " < 8)\nvoid A(T t) {}\n"
            "template <class T> void B(T t) requires requires(T x) { x.f(); }"
            " { t.f(); }\n"
            "template <class T> concept K = requires(T t) { t.f(); };\n"
            "void C() {}\n"),
      (Strings{"A", "B", "C"}));
}

TEST(FunctionFinder, ConstructorsWithInitialisersOfEveryForm) {
  const std::string source =
      "C::C(int a) : a_(a), b_{a, {1, 2}}, Base<int>(f([] { return 1; })),\n"
      "    c_{} {\n  Run();\n}\n"
      "struct S { S() : x{1} {} S(S&&) noexcept : x{2} {} int x; };\n";
  EXPECT_EQ(Names(source), (Strings{"C::C", "S::S", "S::S"}));
  EXPECT_EQ(Body(source, "C::C"), "{\n  Run();\n}");
  const Function c = Find(source)[0];
  EXPECT_EQ(c.kind, FunctionKind::kConstructor);
  EXPECT_EQ(source.substr(c.initialisers_begin, 6), ": a_(a");
  EXPECT_EQ(source.substr(0, c.signature_end), "C::C(int a)");
}

TEST(FunctionFinder, OperatorsAndConversions) {
  EXPECT_EQ(
      Names("bool C::operator==(const C& o) const { return true; }\n"
            "void C::operator()(int) {}\nC::operator bool() const {}\n"
            "std::ostream& operator<<(std::ostream& o, const C&) {}\n"
            "bool operator<(C a, C b) {}\nC& C::operator=(C&& o) {}\n"
            "int& C::operator[](int i) {}\n"),
      (Strings{
          "C::operator==", "C::operator()", "C::operator bool", "operator<<",
          "operator<", "C::operator=", "C::operator[]"}));
}

TEST(FunctionFinder, QualifiersAndTrailingReturnTypes) {
  EXPECT_EQ(
      Names("auto A(int x) -> std::vector<int> { return {}; }\n"
            "auto C::B() const noexcept(noexcept(x())) -> decltype(x) {}\n"
            "void C::D() && override final {}\n"
            "[[nodiscard]] static int E() KV_EXCLUDES(mutex_) { return 1; }\n"
            "void F() KV_NO_THREAD_SAFETY_ANALYSIS {}\n"
            "void G() try { } catch (...) { } void H() {}\n"),
      (Strings{"A", "C::B", "C::D", "E", "F", "G", "H"}));
}

TEST(FunctionFinder, DefaultArgumentsWithBracesAndLambdas) {
  const std::string source =
      "void A(const Options& o = {}, std::function<int()> f = [] { return 1; "
      "}, std::map<int, int> m = {{1, 2}}) { Body(); }\n";
  EXPECT_EQ(Body(source, "A"), "{ Body(); }");
  EXPECT_EQ(Find(source)[0].parameters.size(), 3u);
}

TEST(FunctionFinder, VariablesAreNotFunctions) {
  EXPECT_EQ(
      Names("int x{3};\nstd::vector<int> v = {1, 2};\n"
            "auto f = [](int a) { return a; };\n"
            "void (*p)(int) = nullptr;\nint (*Get(int))(int);\n"
            "constexpr int kTable[] = {1, 2, 3};\n"
            "enum class E : int { kA, kB };\n"
            "struct P { int a; } p1 = {1};\nusing F = void(int);\n"
            "static_assert(sizeof(int) == 4, \"{\");\nvoid A() {}\n"),
      (Strings{"A"}));
}

TEST(FunctionFinder, DefaultedAndDeletedHaveNoBody) {
  for (const Function& function :
       Find("struct S { S() = default; S(const S&) = delete; "
            "virtual void F() = 0; };")) {
    EXPECT_FALSE(function.is_definition);
    EXPECT_TRUE(function.is_default) << function.Signature();
  }
}

TEST(FunctionFinder, ClassesWithMacrosBasesAndNesting) {
  EXPECT_EQ(
      Names("class KV_LOCKABLE(\"m\") alignas(8) A final : public B<int>, C {\n"
            "  struct Inner { void F() {} };\n  class Fwd;\n"
            "  friend class Other;\n  friend bool Eq(A a) { return true; }\n"
            "  ~A() {}\n  explicit(true) A(int) {}\n};\n"
            "void A::Inner::G() {}\n"),
      (Strings{"A::Inner::F", "A::Eq", "A::~A", "A::A", "A::Inner::G"}));
}

TEST(FunctionFinder, GoogleTestBodies) {
  const std::string source =
      "TEST(Table, FindsKeys) { EXPECT_EQ(1, 1); }\n"
      "TEST_F(Fixture, Works) {\n}\n"
      "INSTANTIATE_TEST_SUITE_P(A, B, testing::Values(1));\n"
      "TEST_P(Param, Runs) {}\n";
  EXPECT_EQ(
      Names(source),
      (Strings{
          "TEST(Table, FindsKeys)", "TEST_F(Fixture, Works)",
          "TEST_P(Param, Runs)"}));
  EXPECT_EQ(Body(source, "TEST(Table, FindsKeys)"), "{ EXPECT_EQ(1, 1); }");
  EXPECT_EQ(Body(source, "TEST(Fixture, Works)"), "{\n}");
  EXPECT_NE(ErrorOf(source, "TEST(Table, Other)"), "");
}

TEST(FunctionFinder, BrokenSourcesAreErrorsWithTheirLine) {
  const auto message = [](std::string_view source) {
    const auto result = FindFunctions(source);
    return result.ok() ? "" : std::string(result.status().message());
  };
  EXPECT_EQ(message("\nvoid A() {\n"), "line 2: '{' is never closed");
  EXPECT_EQ(message("void A() {}\n}\n"), "line 2: '}' closes nothing");
  EXPECT_EQ(message("\n\n/* x"), "line 3: a comment does not end");
  EXPECT_EQ(message("auto s = \"x\n\";"), "line 1: a string does not end");
  EXPECT_EQ(message("auto s = R\"(x"), "line 1: a raw string does not end");
}

TEST(FunctionSpec, OverloadsAreToldApartByParameterTypes) {
  const std::string source =
      "namespace kv {\nvoid Put(int n) { 1; }\n"
      "void Put(std::string_view key, int n = 3) { 2; }\n"
      "void Put(const std::vector<std::string>& keys) { 3; }\n"
      "void Put(unsigned int) { 4; }\n}\n";
  EXPECT_EQ(Body(source, "Put(int)"), "{ 1; }");
  EXPECT_EQ(Body(source, "Put(std::string_view, int)"), "{ 2; }");
  EXPECT_EQ(Body(source, "Put(const std::vector<std::string>&)"), "{ 3; }");
  EXPECT_EQ(Body(source, "kv::Put(unsigned int)"), "{ 4; }");
  EXPECT_NE(ErrorOf(source, "Put").find("defined 4 times"), std::string::npos);
}

TEST(FunctionSpec, ConstTellsMethodsApart) {
  const std::string source =
      "struct S { int& At() { return a; } const int& At() const { return b; }"
      " };\n";
  EXPECT_EQ(Body(source, "S::At()"), "{ return a; }");
  EXPECT_EQ(Body(source, "S::At() const"), "{ return b; }");
}

TEST(FunctionSpec, AMethodIsNotFoundByItsBareName) {
  const std::string source = "int C::Find() {}\nint Find() { return 1; }\n";
  EXPECT_EQ(Body(source, "Find"), "{ return 1; }");
  EXPECT_NE(
      ErrorOf(source, "C::Fnd").find("did you mean C::Find"),
      std::string::npos);
}

TEST(FunctionSpec, WhatIsNoNameIsRefused) {
  for (const char* text : {"", "::", "A::", "3", "TEST", "A(", "A B C("}) {
    EXPECT_FALSE(ParseFunctionSpec(text).ok()) << text;
  }
}

TEST(FunctionSpec, ForbiddenKindsAreRefusedWithTheReason) {
  const struct {
    const char* source;
    const char* spec;
    const char* why;
  } kCases[] = {
      {"C::~C() {}", "C::~C", "destructor"},
      {"C::C(C&& o) {}", "C::C", "move"},
      {"C& C::operator=(C&& o) {}", "C::operator=", "move"},
      {"void swap(C& a, C& b) {}", "swap", "swap"},
      {"int main() {}", "main", "main"},
      {"constexpr int A() { return 1; }", "A", "constexpr"},
      {"auto A() { return 1; }", "A", "deduced"},
      {"decltype(auto) A() { return 1; }", "A", "deduced"},
      {"void A() try {} catch (...) {}", "A", "try"},
      {"void C::Run() {}\nvoid C::Go() { t_ = std::thread(&C::Run, this); }",
       "C::Run", "thread"},
  };
  for (const auto& test : kCases) {
    const auto found = FindDefinition({{"test.cc", test.source}}, test.spec);
    ASSERT_TRUE(found.ok()) << test.source;
    const Status status = CheckMayBeExercise(found->function, test.source);
    EXPECT_NE(status.message().find(test.why), std::string_view::npos)
        << test.source << ": " << status.ToString();
  }
}

TEST(FunctionSpec, OrdinaryKindsAreAllowed) {
  const struct {
    const char* source;
    const char* spec;
  } kCases[] = {
      {"C::C(const C& o) : a_(o.a_) {}", "C::C"},
      {"C::C(Options&& o) {}", "C::C"},
      {"auto A() -> int { return 1; }", "A"},
      {"Status A(auto x) { return {}; }", "A"},
      {"void Run() {}\nvoid Go() { std::thread t([] { Run(); }); }", "Run"},
  };
  for (const auto& test : kCases) {
    const auto found = FindDefinition({{"test.cc", test.source}}, test.spec);
    ASSERT_TRUE(found.ok()) << test.source << found.status().ToString();
    const Status status = CheckMayBeExercise(found->function, test.source);
    EXPECT_TRUE(status.ok()) << test.source << ": " << status.ToString();
  }
}

TEST(FunctionFinder, CommentsAboveBelongToAFunction) {
  const std::string source =
      "int x;\n\n// One.\n// Two.\nvoid A() {}\n  // In.\n  int B();\n";
  EXPECT_EQ(StartWithComment(source, source.find("void A")), 8u);
  EXPECT_EQ(
      StartWithComment(source, source.find("int B")), source.find("  // In"));
  EXPECT_EQ(StartWithComment(source, 0), 0u);
}

TEST(FunctionFinder, NormalTextIgnoresLayoutAndComments) {
  const std::string a = "f(a,b) { return 1; }  // x";
  const std::string b = "f( a, b )\n{\n  /* y */ return 1;\n}";
  EXPECT_EQ(*NormalText(a, 0, a.size()), *NormalText(b, 0, b.size()));
}

}  // namespace
}  // namespace kv::tool
