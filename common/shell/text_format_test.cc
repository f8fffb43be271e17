// Dumps: every format gives back what was written, and refuses what is none.
// Method: random binary pairs, tables of bad dumps, every cut of a dump, and
// random damage.

#include "common/shell/text_format.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/shell/random_bytes.h"

namespace kv::shell {
namespace {

using Pair = std::pair<std::string, std::string>;
using Pairs = std::vector<Pair>;

constexpr DumpFormat kFormats[] = {
    DumpFormat::kOps, DumpFormat::kTsv, DumpFormat::kCsv};

std::string Written(DumpFormat format, const Pairs& pairs) {
  std::ostringstream out;
  DumpWriter writer(&out, format);
  writer.Begin();
  for (const auto& [key, value] : pairs) {
    writer.Put(key, value);
  }
  EXPECT_TRUE(writer.End().ok());
  return out.str();
}

Result<Pairs> Read(const std::string& text) {
  std::istringstream in(text);
  KV_ASSIGN_OR_RETURN(DumpReader reader, DumpReader::Open(&in));
  Pairs pairs;
  DumpOperation operation;
  while (true) {
    KV_ASSIGN_OR_RETURN(const bool found, reader.Next(&operation));
    if (!found) return pairs;
    EXPECT_EQ(operation.kind, DumpOperation::Kind::kPut);
    pairs.emplace_back(operation.key, operation.value);
  }
}

Result<DumpSummary> Validated(
    const std::string& text, const DumpLimits& limits = {},
    std::optional<DumpFormat> expected = std::nullopt) {
  std::istringstream in(text);
  return ValidateDump(&in, expected, limits);
}

Pairs RandomPairs(Random* random) {
  Pairs pairs(random->Below(8));
  for (Pair& pair : pairs) {
    pair = {RandomBytes(random, 12), RandomBytes(random, 24)};
  }
  return pairs;
}

TEST(TextFormat, EveryFormatGivesBackRandomBytes) {
  SeededRandom random = TestRandom();
  for (int i = 0; i < 2000; ++i) {
    const Pairs pairs = RandomPairs(&random);
    for (const DumpFormat format : kFormats) {
      const std::string text = Written(format, pairs);
      const Result<Pairs> back = Read(text);
      ASSERT_TRUE(back.ok()) << back.status().ToString() << "\n" << text;
      ASSERT_EQ(*back, pairs) << text;
      const Result<DumpSummary> summary = Validated(text);
      ASSERT_TRUE(summary.ok());
      ASSERT_EQ(summary->format, format);
      ASSERT_EQ(summary->operations, pairs.size());
    }
  }
}

TEST(TextFormat, ADumpIsPrintableAsciiWithOneRecordALine) {
  SeededRandom random = TestRandom();
  for (int i = 0; i < 500; ++i) {
    const Pairs pairs = RandomPairs(&random);
    for (const DumpFormat format : kFormats) {
      const std::string text = Written(format, pairs);
      size_t lines = 0;
      for (const char c : text) {
        ASSERT_TRUE(
            (c >= ' ' && c <= '~') || c == '\n' ||
            (c == '\t' && format == DumpFormat::kTsv) ||
            (c == '\r' && format == DumpFormat::kCsv))
            << text;
        lines += c == '\n' ? 1 : 0;
      }
      ASSERT_EQ(lines, pairs.size() + (format == DumpFormat::kOps ? 2 : 1));
    }
  }
}

TEST(TextFormat, TheFormatsLookAsDocumented) {
  const Pairs pairs = {{"a", "1"}, {"two words", "say \"hi\", \\\t"}};
  EXPECT_EQ(
      Written(DumpFormat::kOps, pairs),
      "# kv dump 1\n"
      "put a 1\n"
      "put \"two words\" \"say \\\"hi\\\", \\\\\\x09\"\n"
      "# end 2\n");
  EXPECT_EQ(
      Written(DumpFormat::kTsv, pairs),
      "key\tvalue\n"
      "a\t1\n"
      "two words\tsay \"hi\", \\\\\\x09\n");
  EXPECT_EQ(
      Written(DumpFormat::kCsv, pairs),
      "key,value\r\n"
      "a,1\r\n"
      "two words,\"say \"\"hi\"\", \\\\\\x09\"\r\n");
}

TEST(TextFormat, FilesOfOtherProgramsAreRead) {
  const struct {
    std::string text;
    Pairs pairs;
  } cases[] = {
      {"key\tvalue\r\na\t1\r\n", {{"a", "1"}}},
      {"key\tvalue\na\t1", {{"a", "1"}}},
      {"key\tvalue\n\t\n", {{"", ""}}},
      {"key\tvalue\ncaf\xc3\xa9\t\"quoted\"\n",
       {{"caf\xc3\xa9", "\"quoted\""}}},
      {"key,value\na,1\nb,\n,c\n", {{"a", "1"}, {"b", ""}, {"", "c"}}},
      {"key,value\r\n\"a\",\"1\"\r\n", {{"a", "1"}}},
      {"key,value\n\"a\nb\",\"1\r\n2\"\nc,3\n",
       {{"a\nb", "1\r\n2"}, {"c", "3"}}},
      {"key,value\n\"a,b\",\"\"\"\"\n", {{"a,b", "\""}}},
      {"key,value\n a , b \n", {{" a ", " b "}}},
      {"# kv dump 1\r\n# a comment\r\n\r\nput a 'b c'\r\n# end 1\r\n",
       {{"a", "b c"}}},
  };
  for (const auto& c : cases) {
    const Result<Pairs> pairs = Read(c.text);
    ASSERT_TRUE(pairs.ok()) << pairs.status().ToString() << "\n" << c.text;
    EXPECT_EQ(*pairs, c.pairs) << c.text;
  }
}

TEST(TextFormat, DeletesAreOperationsToo) {
  std::istringstream in("# kv dump 1\ndelete a\nput a \"\"\n# end 2\n");
  Result<DumpReader> reader = DumpReader::Open(&in);
  ASSERT_TRUE(reader.ok());
  DumpOperation operation;
  ASSERT_TRUE(*reader->Next(&operation));
  EXPECT_EQ(operation.kind, DumpOperation::Kind::kDelete);
  EXPECT_EQ(operation.key, "a");
  ASSERT_TRUE(*reader->Next(&operation));
  EXPECT_EQ(operation.kind, DumpOperation::Kind::kPut);
  EXPECT_EQ(reader->line(), 3u);
  EXPECT_FALSE(*reader->Next(&operation));
}

TEST(TextFormat, WhatIsNoDumpIsRefusedWithItsLine) {
  const struct {
    std::string text;
    std::string error;
  } cases[] = {
      {"", "it is empty"},
      {"\n", "line 1: this is no dump"},
      {"put a 1\n", "line 1: this is no dump"},
      {"KEY,VALUE\n", "line 1: this is no dump"},
      {std::string(
           "\x7f"
           "ELF\0\n",
           6),
       "line 1: this is no dump"},
      {"# kv dump 2\n# end 0\n", "line 1: this dump begins with"},
      {"# kv dump 1\n", "line 2: the dump ends here without"},
      {"# kv dump 1\nput a 1\n", "line 3: the dump ends here without"},
      {"# kv dump 1\nput a 1\n# end 2\n", "line 3: the dump says"},
      {"# kv dump 1\nput a 1\n# end x\n", "line 3: the dump says"},
      {"# kv dump 1\n# end 0\nput a 1\n", "line 3: nothing may follow"},
      {"# kv dump 1\nput a\n# end 1\n", "line 2: a dump has only"},
      {"# kv dump 1\nrename a b\n# end 1\n", "line 2: a dump has only"},
      {"# kv dump 1\nput a \"1\n# end 1\n", "line 2: column 7: "},
      {"key\tvalue\na\t1\nb\n", "line 3: there is no tab"},
      {"key\tvalue\na\t1\t2\n", "line 2: column 4: a second tab"},
      {"key\tvalue\na\tC:\\q\n", "line 2: column 5: '\\q' is no escape"},
      {"key,value\na\n", "line 2: there is no comma"},
      {"key,value\na,1,2\n", "line 2: the value has more"},
      {"key,value\n\"a\"b,1\n", "line 2: there is no comma"},
      {"key,value\na,b\"c\n", "line 2: a quote within"},
      {"key,value\na,1\nb,\"c\n\n", "line 3: a quote is opened"},
      {"key,value\n\"a\nb\",1\nc\n", "line 4: there is no comma"},
      {"key,value\na,\\z\n", "line 2: value, column 1: "},
  };
  for (const auto& c : cases) {
    const Result<DumpSummary> summary = Validated(c.text);
    ASSERT_FALSE(summary.ok()) << c.text;
    EXPECT_NE(summary.status().message().find(c.error), std::string::npos)
        << summary.status().message() << "\n"
        << c.text;
  }
}

TEST(TextFormat, ANewerFormatIsNotSupported) {
  EXPECT_EQ(
      Validated("# kv dump 2\n").status().code(), StatusCode::kNotSupported);
}

TEST(TextFormat, LimitsAreCheckedBeforeAnythingIsStored) {
  const std::string text =
      Written(DumpFormat::kTsv, {{"ab", "1"}, {"c", "234"}});
  EXPECT_TRUE(Validated(text, {2, 3}).ok());
  EXPECT_NE(
      Validated(text, {1, 3}).status().message().find("line 2: the key has 2"),
      std::string::npos);
  EXPECT_NE(
      Validated(text, {2, 2})
          .status()
          .message()
          .find("line 3: the value has 3"),
      std::string::npos);
}

TEST(TextFormat, AnotherFormatThanTheExpectedIsRefused) {
  const std::string text = Written(DumpFormat::kTsv, {});
  EXPECT_TRUE(Validated(text, {}, DumpFormat::kTsv).ok());
  EXPECT_FALSE(Validated(text, {}, DumpFormat::kCsv).ok());
}

TEST(TextFormat, EveryCutOfAnOpsDumpIsRefused) {
  const std::string text =
      Written(DumpFormat::kOps, {{"a", "1"}, {"b c", "\n"}, {"", ""}});
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_FALSE(Validated(text.substr(0, size)).ok()) << size;
  }
  // Without its very last line end nothing is missing.
  EXPECT_TRUE(Validated(text.substr(0, text.size() - 1)).ok());
}

TEST(TextFormat, DamagedDumpsAreReadOrRefusedWithALine) {
  SeededRandom random = TestRandom();
  size_t refused = 0;
  for (int i = 0; i < 5000; ++i) {
    const DumpFormat format = kFormats[random.Below(3)];
    std::string text = Written(format, RandomPairs(&random));
    for (uint64_t damages = 1 + random.Below(3); damages > 0; --damages) {
      text[random.Below(text.size())] = RandomBytes(&random, 1).append("\"")[0];
    }
    const Result<DumpSummary> summary = Validated(text);
    if (summary.ok()) continue;
    ++refused;
    ASSERT_NE(summary.status().message().find("line "), std::string::npos)
        << summary.status().message();
  }
  EXPECT_GT(refused, 1000u);
}

TEST(TextFormat, AStreamThatFailsIsAnError) {
  std::ostringstream out;
  DumpWriter writer(&out, DumpFormat::kOps);
  writer.Begin();
  out.setstate(std::ios::badbit);
  writer.Put("a", "1");
  EXPECT_EQ(writer.End().code(), StatusCode::kIoError);
}

TEST(TextFormat, FormatNamesAreKnown) {
  for (const DumpFormat format : kFormats) {
    const Result<DumpFormat> parsed = ParseDumpFormat(DumpFormatName(format));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, format);
  }
  EXPECT_FALSE(ParseDumpFormat("json").ok());
  EXPECT_FALSE(ParseDumpFormat("").ok());
}

}  // namespace
}  // namespace kv::shell
