// Mutants' headers, and which of them take their turn.

#include "common/tool/run/mutants.h"

#include <set>

#include <gtest/gtest.h>

namespace kv::tool {
namespace {

constexpr char kPatch[] =
    "Mistake: stops at the first\n"
    "  deleted slot.\n"
    "Caught by: HashTableTest.A, HashTableTest.B\n"
    "\n"
    "--- a/index/hash_table.cc\n"
    "+++ b/index/hash_table.cc\n";

TEST(MutantsTest, HeaderIsRead) {
  const auto mutant = ParseMutant("mutants/1.2-stops-early.patch", kPatch);
  ASSERT_TRUE(mutant.ok()) << mutant.status().ToString();
  EXPECT_EQ(mutant->name, "1.2-stops-early");
  EXPECT_EQ(mutant->exercise, "1.2");
  EXPECT_EQ(mutant->mistake, "stops at the first deleted slot.");
  EXPECT_EQ(
      mutant->caught_by,
      (std::vector<std::string>{"HashTableTest.A", "HashTableTest.B"}));
}

TEST(MutantsTest, MissingLinesAreNamed) {
  const auto no_mistake =
      ParseMutant("m/1.2-x.patch", "Caught by: A.B\n\n--- a/x\n");
  EXPECT_NE(
      no_mistake.status().message().find("Mistake"), std::string_view::npos);
  const auto no_test = ParseMutant("m/1.2-x.patch", "Mistake: x\n\n--- a/x\n");
  EXPECT_NE(
      no_test.status().message().find("Caught by"), std::string_view::npos);
  const auto no_diff = ParseMutant("m/1.2-x.patch", "Mistake: x\n");
  EXPECT_NE(no_diff.status().message().find("diff"), std::string_view::npos);
}

TEST(MutantsTest, EveryMutantTakesItsTurn) {
  std::vector<Mutant> all(41);
  for (size_t i = 0; i < all.size(); ++i) all[i].name = std::to_string(i);
  std::set<std::string> seen;
  for (size_t turn = 0; turn < 41; ++turn) {
    const std::vector<Mutant> chosen = RotatingTenth(all, turn);
    EXPECT_EQ(chosen.size(), 5u);
    for (const Mutant& mutant : chosen) seen.insert(mutant.name);
  }
  EXPECT_EQ(seen.size(), all.size());
  all.resize(2);
  EXPECT_EQ(RotatingTenth(all, 7).size(), 2u);
}

}  // namespace
}  // namespace kv::tool
