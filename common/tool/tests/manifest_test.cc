// Goal: an exercises.json that is not sound is refused with file and field.
// Method: one sound manifest, and one change at a time.

#include "common/tool/course/manifest.h"

#include <gtest/gtest.h>

#include <string>

namespace kv::tool {
namespace {

const char kSound[] = R"json({
  "stage": "07", "folder": "stage07_x", "title": "T",
  "parts": [
    {"id": "07a", "title": "A", "chapter": "docs/a.md", "question": "Q?"},
    {"id": "07b", "title": "B", "chapter": "docs/b.md", "question": "Q?"}
  ],
  "exercises": [
    {"id": "7a.1", "part": "07a", "title": "E", "kind": "code", "core": true,
     "points": 60, "hours": 1.5, "functions": ["A::B"], "helpers": ["A::C"],
     "needs": [], "tests": ["ATest.*"]},
    {"id": "7a.2", "part": "07a", "title": "F", "kind": "test", "core": true,
     "points": 40, "hours": 1, "functions": ["TEST(S, N)"],
     "file": "tests/own/a_test.cc", "needs": ["7a.1"], "tests": ["S.*"],
     "mutants": ["7a.1-x", "7a.1-y"], "must_catch": 1
}
  ],
  "groups": [{"id": "07a.proof", "part": "07a", "title": "P",
              "tests": ["CrashTest.*"]}]
})json";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kSound;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Manifest, ReadsEveryField) {
  const Result<Manifest> manifest = ParseManifest(kSound, "x.json");
  ASSERT_TRUE(manifest.ok()) << manifest.status().ToString();
  EXPECT_EQ(manifest->parts.size(), 2u);
  EXPECT_EQ(manifest->ExercisesOf("07a").size(), 2u);
  EXPECT_EQ(manifest->ExercisesOf("07b").size(), 0u);
  const Exercise* test = manifest->FindExercise("7a.2");
  ASSERT_NE(test, nullptr);
  EXPECT_EQ(test->kind, ExerciseKind::kTest);
  EXPECT_EQ(test->must_catch, 1);
  EXPECT_EQ(test->needs, std::vector<std::string>{"7a.1"});
  EXPECT_EQ(manifest->groups.front().tests.front(), "CrashTest.*");
}

TEST(Manifest, NamesFileAndFieldOfEveryMistake) {
  const struct {
    std::string text;
    const char* wanted;
  } kCases[] = {
      {"{", "is not JSON"},
      {"[]", "must be an object"},
      {With("\"title\": \"T\",", ""), "'title' is missing"},
      {With("\"07\"", "\"7\""), "'stage' must be two digits"},
      {With("stage07_x", "stage08_x"), "'folder' must begin with stage07_"},
      {With("\"id\": \"07b\"", "\"id\": \"08b\""), "part '08b'"},
      {With("\"id\": \"07b\"", "\"id\": \"07a\""), "stands there twice"},
      {With("\"core\": true", "\"core\": 1"), "7a.1: 'core' must be true"},
      {With("\"points\": 60", "\"points\": 61"), "add up to 101, not 100"},
      {With("\"points\": 60", "\"points\": -1"), "'points' must be a whole"},
      {With("1.5", "\"x\""), "'hours' must be a number"},
      {With("\"kind\": \"code\"", "\"kind\": \"cod\""), "'kind' must be"},
      {With("\"helpers\"", "\"helper\""), "'helper' is not a field"},
      {With("[\"A::B\"]", "[]"), "'functions' must name"},
      {With("[\"A::B\"]", "[\"A::B\", \"A::B\"]"), "lists 'A::B' twice"},
      {With("[\"ATest.*\"]", "\"ATest.*\""), "'tests' must be a list"},
      {With("\"needs\": []", "\"needs\": [\"7a.9\"]"), "names 7a.9"},
      {With("\"needs\": []", "\"needs\": [\"7a.2\"]"), "leads back to itself"},
      {With("\"id\": \"7a.1\"", "\"id\": \"7.1\""), "'id' must be '7a.'"},
      {With("\"id\": \"7a.2\"", "\"id\": \"7a.1\""), "stands there twice"},
      {With(
           "\"part\": \"07a\", \"title\": \"E\"",
           "\"part\": \"07c\", \"title\": \"E\""),
       "'part' is '07c'"},
      {With("\"file\": \"tests/own/a_test.cc\",", ""), "'file' is missing"},
      {With("\"must_catch\": 1", "\"must_catch\": 3"), "'must_catch' is more"},
      {With("[\"CrashTest.*\"]", "[]"), "group '07a.proof'"},
  };
  for (const auto& test : kCases) {
    const Result<Manifest> manifest = ParseManifest(test.text, "x.json");
    ASSERT_FALSE(manifest.ok()) << test.wanted;
    const std::string message(manifest.status().message());
    EXPECT_NE(message.find(test.wanted), std::string::npos) << message;
    EXPECT_EQ(message.substr(0, 6), "x.json") << message;
  }
}

}  // namespace
}  // namespace kv::tool
