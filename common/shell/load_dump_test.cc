// Loading and dumping: everything or an error that says what is stored.
// Method: a session that keeps its operations in a map and fails when told.

#include "common/shell/load_dump.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "common/shell/random_bytes.h"

namespace kv::shell {
namespace {

class MapSession : public ShellSession {
 public:
  void AddCommands(CommandTable*) override {}

  Status Apply(const std::vector<DumpOperation>& operations) override {
    if (batch_sizes.size() == fail_at) {
      return Status::ResourceExhausted("no room");
    }
    batch_sizes.push_back(operations.size());
    for (const DumpOperation& operation : operations) {
      if (operation.kind == DumpOperation::Kind::kPut) {
        pairs[operation.key] = operation.value;
      } else {
        pairs.erase(operation.key);
      }
    }
    return Status::Ok();
  }

  Status ForEach(const PairVisitor& visit) override {
    for (const auto& [key, value] : pairs) {
      visit(key, value);
      if (fail_reads) return Status::Corruption("data.log at offset 7");
    }
    return Status::Ok();
  }

  Status Close() override { return Status::Ok(); }

  std::map<std::string, std::string> pairs;
  std::vector<size_t> batch_sizes;
  size_t fail_at = SIZE_MAX;
  bool fail_reads = false;
};

// A file that is gone at the end of the test.
class DumpFile {
 public:
  explicit DumpFile(const std::string& text)
      : path_(
            testing::TempDir() + "/kv_load_dump_test_" +
            std::to_string(getpid())) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~DumpFile() { std::filesystem::remove(path_); }

  Result<ValidDump> Open() const {
    return ValidDump::Open(path_, std::nullopt, DumpLimits());
  }

 private:
  const std::string path_;
};

std::string DumpOf(ShellSession* session, DumpFormat format) {
  std::ostringstream out;
  const Status status = Dump(session, format, &out);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return out.str();
}

TEST(LoadDump, WhatIsDumpedIsLoadedAgainInEveryFormat) {
  SeededRandom random = TestRandom();
  MapSession session;
  for (int i = 0; i < 2500; ++i) {
    session.pairs[RandomBytes(&random, 12)] = RandomBytes(&random, 30);
  }
  for (const DumpFormat format :
       {DumpFormat::kOps, DumpFormat::kTsv, DumpFormat::kCsv}) {
    const DumpFile file(DumpOf(&session, format));
    Result<ValidDump> dump = file.Open();
    ASSERT_TRUE(dump.ok()) << dump.status().ToString();
    EXPECT_EQ(dump->summary().operations, session.pairs.size());
    MapSession loaded;
    ASSERT_TRUE(dump->LoadInto(&loaded).ok());
    EXPECT_EQ(loaded.pairs, session.pairs);
  }
}

TEST(LoadDump, BatchesHaveAtMostThousandOperationsAndFourMiB) {
  std::string text = "key\tvalue\n";
  for (int i = 0; i < 2001; ++i) text += std::to_string(i) + "\t\n";
  const DumpFile many(text);
  Result<ValidDump> dump = many.Open();
  ASSERT_TRUE(dump.ok());
  MapSession session;
  ASSERT_TRUE(dump->LoadInto(&session).ok());
  EXPECT_EQ(session.batch_sizes, (std::vector<size_t>{1000, 1000, 1}));

  text = "key\tvalue\n";
  const std::string value(1024 * 1024, 'x');
  for (int i = 0; i < 6; ++i) text += std::to_string(i) + "\t" + value + "\n";
  const DumpFile large(text);
  dump = large.Open();
  ASSERT_TRUE(dump.ok());
  MapSession second;
  ASSERT_TRUE(dump->LoadInto(&second).ok());
  EXPECT_EQ(second.batch_sizes, (std::vector<size_t>{4, 2}));
}

TEST(LoadDump, ABadLastLineIsFoundBeforeAnythingIsStored) {
  std::string text = "key\tvalue\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "\tx\n";
  const DumpFile file(text + "no tab\n");
  const Result<ValidDump> dump = file.Open();
  ASSERT_FALSE(dump.ok());
  EXPECT_NE(dump.status().message().find("line 5002: "), std::string::npos)
      << dump.status().message();
}

TEST(LoadDump, AFailureSaysHowMuchIsStored) {
  std::string text = "key\tvalue\n";
  for (int i = 0; i < 2500; ++i) text += std::to_string(i) + "\tx\n";
  const DumpFile file(text);
  Result<ValidDump> dump = file.Open();
  ASSERT_TRUE(dump.ok());
  MapSession session;
  session.fail_at = 2;
  const Status status = dump->LoadInto(&session);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(
      status.message().find("ResourceExhausted: no room; the first 2000 of "
                            "2500 operations are stored"),
      std::string::npos)
      << status.message();
  EXPECT_EQ(session.pairs.size(), 2000u);
}

TEST(LoadDump, ADumpThatFailsHasNoLastLine) {
  MapSession session;
  session.pairs = {{"a", "1"}, {"b", "2"}};
  session.fail_reads = true;
  std::ostringstream out;
  EXPECT_EQ(
      Dump(&session, DumpFormat::kOps, &out).code(), StatusCode::kCorruption);
  EXPECT_EQ(out.str(), "# kv dump 1\nput a 1\n");
}

TEST(LoadDump, FilesThatCannotBeReadAreNamed) {
  for (const char* path : {"/no/such/file", "/tmp", "/dev/null"}) {
    const Result<ValidDump> dump =
        ValidDump::Open(path, std::nullopt, DumpLimits());
    ASSERT_FALSE(dump.ok()) << path;
    EXPECT_TRUE(dump.status().message().starts_with(path))
        << dump.status().message();
  }
}

}  // namespace
}  // namespace kv::shell
