// Goal: the files that a database writes are, byte for byte, those of the
// format pages, which programs in other languages go by.
// Method: the worked examples of docs/format/log.md, table.md and manifest.md,
// made by a database whose clock and random numbers are given.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/fs/memory_file_system.h"
#include "db/database.h"
#include "kv/file_names.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

constexpr char kPath[] = "/db";

class TheNumberOfTheExamples : public Random {
 public:
  uint64_t Next() override { return 0x0123456789abcdef; }
};

// Lines of 16 bytes, as the pages have them.
std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
    hex += i % 16 == 15 || i + 1 == bytes.size() ? '\n' : ' ';
  }
  return hex;
}

// A database of the moment 2023-11-14 22:13:20 UTC.
class ExampleDatabase {
 public:
  ExampleDatabase() {
    Options options;
    options.path = kPath;
    options.file_system = &memory_;
    options.random = &random_;
    options.clock = &clock_;
    auto opened = Database::Open(options);
    MustBeOk(opened.status(), "Open");
    db_ = std::move(opened).value();
  }

  Database& db() { return *db_; }
  std::string HexOf(const std::string& name) {
    const Result<std::string> content = ReadFile(&memory_, name);
    MustBeOk(content.status(), "reading " + name);
    return Hex(*content);
  }

 private:
  MemoryFileSystem memory_;
  TheNumberOfTheExamples random_;
  ManualClock clock_{1'700'000'000'000'000};
  std::unique_ptr<Database> db_;
};

TEST(FormatPagesTest, TheSegmentOfTheLogsPage) {
  ExampleDatabase example;
  ASSERT_TRUE(example.db().Put("color", "red").ok());
  ASSERT_TRUE(example.db().Close().ok());
  EXPECT_EQ(
      example.HexOf(WalSegmentName(kPath, 1)),
      R"(6b 76 6c 6f 67 0d 0a 1a 01 00 00 00 32 d7 14 62
01 00 00 00 00 00 00 00 ef cd ab 89 67 45 23 01
61 89 cb 72 1f 00 00 00 2e 8d 77 cf 01 00 00 00
01 00 00 00 00 00 00 00 20 00 00 00 00 00 00 00
01 00 00 00 00 00 00 00 00 40 1e 18 24 0a 06 00
01 00 00 00 01 05 03 63 6f 6c 6f 72 72 65 64 c4
c9 50 84 00 00 00 00 7f af eb 69 02 00 00 00 01
00 00 00 00 00 00 00 5f 00 00 00 00 00 00 00
)") << "docs/format/log.md, \"The write-ahead log\"";
}

TEST(FormatPagesTest, TheTableOfTheTablesPage) {
  ExampleDatabase example;
  ASSERT_TRUE(example.db().Put("color", "red").ok());
  ASSERT_TRUE(example.db().Put("shape", "round").ok());
  ASSERT_TRUE(example.db().Flush().ok());
  EXPECT_EQ(
      example.HexOf(TableName(kPath, 1)),
      R"(01 db 00 00 01 00 00 00 02 00 00 00 00 00 00 00
64 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00
ef cd ab 89 67 45 23 01 02 00 00 00 00 00 00 00
04 e7 09 54 89 a4 8f 19 56 a6 23 83 a1 46 02 65
01 01 06 03 01 63 6f 6c 6f 72 72 65 64 7b 3f b7
b2 af 4a 74 8e 01 02 06 05 01 73 68 61 70 65 72
6f 75 6e 64 38 00 00 00 00 00 00 00 4d 00 00 00
00 00 00 00
)") << "docs/format/table.md";
}

// The table in it is that of the tables' page: 116 bytes, two entries, the
// first key and the last.
TEST(FormatPagesTest, TheManifestOfTheManifestsPage) {
  ExampleDatabase example;
  ASSERT_TRUE(example.db().Put("color", "red").ok());
  ASSERT_TRUE(example.db().Put("shape", "round").ok());
  ASSERT_TRUE(example.db().Flush().ok());
  ASSERT_TRUE(example.db().Close().ok());
  EXPECT_EQ(
      example.HexOf(ManifestName(kPath, 1)),
      R"(6b 76 6c 6f 67 0d 0a 1a 01 00 00 00 32 d7 14 62
01 00 00 00 00 00 00 00 ef cd ab 89 67 45 23 01
5c fa 54 3b 04 00 00 00 f1 9c 81 89 03 00 00 00
01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
01 01 02 00 7c 8f 5e 7a 1e 00 00 00 75 31 4c 72
03 00 00 00 01 00 00 00 00 00 00 00 44 00 00 00
00 00 00 00 01 02 02 02 03 01 ef cd ab 89 67 45
23 01 74 02 06 01 63 6f 6c 6f 72 06 01 73 68 61
70 65 bb 50 ab a1 00 00 00 00 fc 49 44 42 02 00
00 00 01 00 00 00 00 00 00 00 82 00 00 00 00 00
00 00
)") << "docs/format/manifest.md";
}

}  // namespace
}  // namespace kv
