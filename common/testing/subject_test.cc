// Goal: file-name patterns decide what an orphan is; an error there would
// hide orphans or invent them. Method: a boundary table.

#include "common/testing/subject.h"

#include <gtest/gtest.h>

namespace kv::testing {
namespace {

TEST(FilePattern, WithoutWildcardIsTheNameItself) {
  EXPECT_TRUE(MatchesFilePattern("data.log", "data.log"));
  EXPECT_FALSE(MatchesFilePattern("data.log2", "data.log"));
  EXPECT_FALSE(MatchesFilePattern("data.lo", "data.log"));
  EXPECT_FALSE(MatchesFilePattern("", "data.log"));
}

TEST(FilePattern, HashStandsForOneOrMoreDigits) {
  EXPECT_TRUE(MatchesFilePattern("000012.log", "#.log"));
  EXPECT_TRUE(MatchesFilePattern("7.log", "#.log"));
  EXPECT_FALSE(MatchesFilePattern(".log", "#.log"));
  EXPECT_FALSE(MatchesFilePattern("12a.log", "#.log"));
  EXPECT_FALSE(MatchesFilePattern("12.logs", "#.log"));
  EXPECT_TRUE(MatchesFilePattern("MANIFEST-12", "MANIFEST-#"));
  EXPECT_FALSE(MatchesFilePattern("MANIFEST-", "MANIFEST-#"));
}

TEST(FilePattern, StarStandsForAnyBytesNoneToo) {
  EXPECT_TRUE(MatchesFilePattern("a.tmp", "*.tmp"));
  EXPECT_TRUE(MatchesFilePattern(".tmp", "*.tmp"));
  EXPECT_FALSE(MatchesFilePattern("a.tmp2", "*.tmp"));
}

TEST(LastLogName, IsTheGreatestNameThatMatches) {
  Capabilities capabilities;
  capabilities.log_pattern = "#.log";
  EXPECT_EQ(
      LastLogName(capabilities, {"000001.log", "000010.log", "LOCK", "x.log"}),
      "000010.log");
  EXPECT_EQ(LastLogName(capabilities, {"LOCK"}), "");
  capabilities.log_pattern = "data.log";
  EXPECT_EQ(LastLogName(capabilities, {"LOCK", "data.log"}), "data.log");
  capabilities.log_pattern = "";
  EXPECT_EQ(LastLogName(capabilities, {"000001.log"}), "");
}

TEST(LastLogName, NumbersAreComparedAsNumbers) {
  Capabilities capabilities;
  capabilities.log_pattern = "#.wal";
  EXPECT_EQ(
      LastLogName(capabilities, {"1000000.wal", "999999.wal", "000007.wal"}),
      "1000000.wal");
  EXPECT_EQ(
      LastLogName(capabilities, {"99999999999999999999.wal", "7.wal"}),
      "99999999999999999999.wal")
      << "longer than any integer";
  capabilities.log_pattern = "LOG-#-#";
  EXPECT_EQ(
      LastLogName(capabilities, {"LOG-2-9", "LOG-2-10", "LOG-1-11"}),
      "LOG-2-10");
}

}  // namespace
}  // namespace kv::testing
