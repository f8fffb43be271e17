// Goal: kv_inspect explains every file of a database, field by field, and says
// which are not as they were written.
// Method: the real programs on a temporary directory that has a table, a
// manifest with an edit and a log.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "common/testing/blackbox.h"
#include "common/testing/exercise_output.h"

namespace kv {
namespace {

constexpr std::chrono::seconds kTimeout(30);

// Through a variable, since gcc 12 warns falsely where it knows a string's
// length.
std::string ShellPath() {
  const char* volatile path = KV_SHELL_PATH;
  return path;
}

ProgramOutput Run(
    const std::vector<std::string>& words, std::string_view input = {}) {
  Result<ProgramOutput> ran = RunWithInput(words, input, kTimeout);
  EXPECT_TRUE(ran.ok()) << ran.status().ToString();
  if (ran.ok()) {
    testing::ThrowIfExerciseTodo(ran->out + ran->err);
  }
  return ran.ok() ? std::move(*ran) : ProgramOutput();
}

// A database whose table has "city" and whose log has "lake".
class Files {
 public:
  explicit Files(const std::string& name)
      : path_(
            ::testing::TempDir() + "/kv_inspect_test_" +
            std::to_string(getpid()) + "_" + name) {
    std::filesystem::remove_all(path_);
    Run({ShellPath(), path_}, "put city Bern\ncheckpoint\nput lake Thun\n");
  }
  ~Files() { std::filesystem::remove_all(path_); }

  // What kv_inspect says about a file, or about all of them.
  ProgramOutput Inspect(const std::string& file = "") const {
    std::string program = ShellPath();
    program.resize(program.rfind("kv_shell"));
    return Run(
        {program + "kv_inspect", file.empty() ? path_ : path_ + "/" + file});
  }
  void FlipBit(const std::string& file, size_t byte) const {
    std::ifstream in(path_ + "/" + file, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    ASSERT_LT(byte, bytes.size());
    bytes[byte] ^= 1;
    std::ofstream(path_ + "/" + file, std::ios::binary) << bytes;
  }

 private:
  const std::string path_;
};

void ExpectSays(
    const ProgramOutput& said, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(said.out.find(part), std::string::npos)
        << "\"" << part << "\" is not in\n"
        << said.out;
  }
}

TEST(Inspect, CurrentIsTheNameAndItsChecksum) {
  const ProgramOutput said = Files("current").Inspect("CURRENT");
  EXPECT_EQ(said.exit_code, 0);
  ExpectSays(
      said,
      {"the manifest that counts: number 1", "checksum of the line: right"});
}

TEST(Inspect, AManifestIsItsEditsFieldByField) {
  const ProgramOutput said = Files("manifest").Inspect("MANIFEST-000001");
  EXPECT_EQ(said.exit_code, 0);
  ExpectSays(
      said,
      {"log number 1", "a change of the set of tables", "segment 1",
       "sequence 0", "segment 2", "sequence 1", "a new table", "table number 1",
       "table id", "entries 1", "key space: user", "smallest key \"city\"",
       "largest key \"city\"", "3 frames, 1 tables", "closed cleanly"});
}

TEST(Inspect, ATableIsItsEntries) {
  const ProgramOutput said = Files("table").Inspect("000001.sst");
  EXPECT_EQ(said.exit_code, 0);
  ExpectSays(
      said,
      {"table number 1", "header checksum: right", "key checksum: right", "put",
       "sequence 1", "key space: user", "key \"city\"", "value \"Bern\"",
       "its checksum is right", "1 entries"});
}

TEST(Inspect, ADirectoryIsAllOfItsFiles) {
  const ProgramOutput said = Files("all").Inspect();
  EXPECT_EQ(said.exit_code, 0);
  size_t before = 0;
  for (const std::string file :
       {"/CURRENT: ", "/MANIFEST-000001: ", "/000001.sst: ", "/000002.wal: ",
        "/LOCK: "}) {
    const size_t at = said.out.find(file);
    ASSERT_NE(at, std::string::npos) << file << " in\n" << said.out;
    EXPECT_GE(at, before) << file << " in the order in which they are read";
    before = at;
  }
}

TEST(Inspect, DamageIsFoundInEachOfThem) {
  for (const std::string file :
       {"CURRENT", "MANIFEST-000001", "000001.sst", "000002.wal"}) {
    for (const size_t byte : {3u, 20u}) {
      const Files files("damage");
      files.FlipBit(file, byte);
      EXPECT_EQ(files.Inspect(file).exit_code, 1) << file << " " << byte;
      const ProgramOutput all = files.Inspect();
      EXPECT_EQ(all.exit_code, 1) << file << " " << byte;
      ExpectSays(all, {"/LOCK: "});
    }
  }
}

}  // namespace
}  // namespace kv
