// kv_shell and kv_inspect on logs, checkpoints and what is wrong with them: the
// shell's options do what they say, and the inspector tells a crash from
// damage.
// Method: the real programs on a temporary directory, whose files are then cut,
// changed, renamed or removed.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/testing/blackbox.h"
#include "common/testing/exercise_output.h"

namespace kv {
namespace {

namespace fs = std::filesystem;

// Through a variable, since gcc 12 warns falsely where it knows a string's
// length.
std::string ShellPath() {
  const char* volatile path = KV_SHELL_PATH;
  return path;
}

ProgramOutput RunProgram(
    const std::vector<std::string>& words, std::string_view input = {}) {
  Result<ProgramOutput> ran =
      RunWithInput(words, input, std::chrono::seconds(30));
  EXPECT_TRUE(ran.ok()) << ran.status().ToString();
  if (ran.ok()) {
    testing::ThrowIfExerciseTodo(ran->out + ran->err);
  }
  return ran.ok() ? std::move(*ran) : ProgramOutput();
}

// A database's directory, which is gone at the end of the test.
class Directory {
 public:
  explicit Directory(const std::string& name)
      : path_(
            ::testing::TempDir() + "/kv_log_tools_" + std::to_string(getpid()) +
            "_" + name) {
    fs::remove_all(path_);
  }
  ~Directory() { fs::remove_all(path_); }

  std::string File(const std::string& name) const { return path_ + "/" + name; }

  ProgramOutput Shell(
      std::string_view input, const std::vector<std::string>& options = {}) {
    std::vector<std::string> words = {ShellPath()};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(path_);
    return RunProgram(words, input);
  }

  // The whole directory, or a file of it.
  ProgramOutput Inspect(const std::string& name = "") {
    std::string program = ShellPath();
    program.resize(program.rfind("kv_shell"));
    return RunProgram(
        {program + "kv_inspect", name.empty() ? path_ : File(name)});
  }

  std::string Bytes(const std::string& name) const {
    std::ifstream file(File(name), std::ios::binary);
    return {
        std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void SetBytes(const std::string& name, const std::string& bytes) {
    std::ofstream(File(name), std::ios::binary) << bytes;
  }
  // Changes the first place of the file where `old` stands.
  void Change(const std::string& name, const std::string& old, char by) {
    std::string bytes = Bytes(name);
    const size_t place = bytes.find(old);
    ASSERT_NE(place, std::string::npos) << old << " is not in " << name;
    bytes[place] = by;
    SetBytes(name, bytes);
  }

 private:
  const std::string path_;
};

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(LogTools, TheShellChoosesWhenAWriteIsDurable) {
  const std::string commands = "put a 1\nput b 2\nwal-status\n";
  const struct {
    std::vector<std::string> options;
    std::string synced;
  } cases[] = {
      {{}, "synced_sequence: 0\n"},
      {{"--sync-policy", "never"}, "synced_sequence: 0\n"},
      {{"--sync-policy", "every-write"}, "synced_sequence: 2\n"},
      {{"--sync-policy=interval", "--sync-interval-micros=3600000000"},
       "synced_sequence: 0\n"},
  };
  for (const auto& c : cases) {
    Directory directory("sync");
    const ProgramOutput ran = directory.Shell(commands, c.options);
    EXPECT_TRUE(Contains(ran.out, c.synced))
        << ::testing::PrintToString(c.options) << ran.out << ran.err;
  }
}

TEST(LogTools, TheShellChoosesHowLongTheLogGets) {
  Directory directory("lengths");
  // A write of this size takes 57 bytes, and a segment begins with 32.
  const ProgramOutput ran = directory.Shell(
      "put a 1\nput b 2\nput c 3\nwal-status\n",
      {"--wal-segment-bytes-max", "90", "--archive-wal"});
  EXPECT_TRUE(Contains(ran.out, "last_segment: 3\n")) << ran.out;
  // The log is over its limit already, so the next write makes a checkpoint,
  // and what it covers goes to the archive.
  const ProgramOutput next = directory.Shell(
      "put d 4\nwal-status\nscan\n",
      {"--wal-bytes-max", "100", "--archive-wal"});
  EXPECT_TRUE(Contains(next.out, "first_segment: 4\n")) << next.out;
  EXPECT_TRUE(Contains(next.out, "archived_segments: 3\n")) << next.out;
  EXPECT_TRUE(Contains(next.out, "4) d 4\n")) << next.out;
  EXPECT_TRUE(Contains(directory.Inspect().out, "archive: 3 entries"));
  EXPECT_EQ(directory.Inspect("archive").exit_code, 0);
}

TEST(LogTools, AWrongChoiceIsWrongUsage) {
  Directory directory("usage");
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--sync-policy", "sometimes"},
        {"--recovery-mode", "kSalvage"},
        {"--wal-bytes-max", "1k"},
        {"--archive-wal=yes"}}) {
    const ProgramOutput ran = directory.Shell("", options);
    EXPECT_EQ(ran.exit_code, 2) << ::testing::PrintToString(options);
    EXPECT_TRUE(Contains(ran.err, options[0].substr(0, 9))) << ran.err;
  }
  EXPECT_EQ(directory.Shell("", {"--wal-bytes-max", "0"}).exit_code, 3);
}

TEST(LogTools, DamageIsPassedOverOnlyIfOneSaysSo) {
  Directory directory("salvage");
  directory.Shell("put city Bern\nput river Aare\nsync\n");
  directory.Change("000001.wal", "Bern", 'C');

  const ProgramOutput refused = directory.Shell("scan\n");
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_TRUE(Contains(refused.err, "000001.wal at offset 32")) << refused.err;
  EXPECT_TRUE(Contains(refused.err, "--recovery-mode")) << refused.err;
  EXPECT_EQ(
      directory.Shell("scan\n", {"--recovery-mode", "strict"}).exit_code, 3);

  const ProgramOutput salvaged =
      directory.Shell("scan\nrecovery\n", {"--recovery-mode", "salvage"});
  EXPECT_EQ(salvaged.exit_code, 0) << salvaged.err;
  EXPECT_TRUE(Contains(salvaged.out, "1) river Aare\n")) << salvaged.out;
  EXPECT_TRUE(Contains(salvaged.out, "skipped: ")) << salvaged.out;
  EXPECT_TRUE(Contains(salvaged.err, "missing now")) << salvaged.err;

  // It is kept, and the next opening finds nothing wrong.
  const ProgramOutput after = directory.Shell("scan\nrecovery\n");
  EXPECT_TRUE(Contains(after.out, "1) river Aare\n")) << after.out;
  EXPECT_TRUE(Contains(after.out, "skipped_bytes: 0\n")) << after.out;
  EXPECT_TRUE(Contains(directory.Inspect().out, "damaged: "));
}

TEST(LogTools, PointInTimeEndsBeforeTheDamage) {
  Directory directory("point");
  directory.Shell("put city Bern\nput river Aare\nsync\n");
  directory.Change("000001.wal", "Aare", 'B');
  const ProgramOutput opened =
      directory.Shell("scan\n", {"--recovery-mode=point-in-time"});
  EXPECT_EQ(opened.out, "1) city Bern\n") << opened.err;
}

TEST(LogTools, InspectExplainsACheckpointAndTheLogBehindIt) {
  Directory directory("whole");
  directory.Shell("put city Bern\ncheckpoint\nmput river Aare lake Thun\n");
  const ProgramOutput all = directory.Inspect();
  EXPECT_EQ(all.exit_code, 0) << all.out << all.err;
  size_t at = 0;
  for (const std::string part :
       {"CHECKPOINT: ", "table header", "entries 1",
        "first segment behind it 2", "last sequence 1", "key \"city\"",
        "value \"Bern\"", "entry 1 begins", "000002.wal: ", "log number 2",
        "sequence 2", "operations 2", "key \"river\"", "key \"lake\"",
        "closed cleanly", "LOCK: "}) {
    const size_t found = all.out.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " after " << at << all.out;
    at = found;
  }
}

TEST(LogTools, InspectTellsATornTailFromDamage) {
  Directory directory("tail");
  directory.Shell("put city Bern\nput river Aare\n");
  const std::string whole = directory.Bytes("000001.wal");
  // The close frame, and the last byte of the frame before it.
  directory.SetBytes("000001.wal", whole.substr(0, whole.size() - 32 - 1));
  const ProgramOutput torn = directory.Inspect();
  EXPECT_EQ(torn.exit_code, 1);
  EXPECT_TRUE(Contains(torn.out, "a torn tail from offset 95:")) << torn.out;
  EXPECT_FALSE(Contains(torn.out, "DAMAGED")) << torn.out;

  // The close frame says that all before it had been synced.
  directory.SetBytes("000001.wal", whole);
  directory.Change("000001.wal", "Aare", 'B');
  const ProgramOutput damaged = directory.Inspect();
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_TRUE(Contains(damaged.out, "; DAMAGED")) << damaged.out;

  directory.SetBytes("000001.wal", whole + "more");
  EXPECT_TRUE(Contains(directory.Inspect().out, "; DAMAGED"));
}

TEST(LogTools, InspectNoticesWhatIsMissingBetweenFiles) {
  Directory directory("missing");
  directory.Shell(
      "put a 1\ncheckpoint\nput b 2\nwal-rotate\nput c 3\nwal-rotate\n");
  EXPECT_EQ(directory.Inspect().exit_code, 0);
  fs::rename(directory.File("000003.wal"), directory.File("000009.wal"));
  const ProgramOutput moved = directory.Inspect();
  EXPECT_EQ(moved.exit_code, 1);
  EXPECT_TRUE(Contains(moved.out, "MISSING: the segments from number 3 to 3"))
      << moved.out;
  EXPECT_TRUE(Contains(moved.out, "NOT THE SEGMENT")) << moved.out;
  fs::remove(directory.File("000002.wal"));
  EXPECT_TRUE(Contains(
      directory.Inspect().out, "MISSING: the segments from number 2 to 3"));
}

// A second file of one name is kept as NAME.2, a tenth as NAME.10.
TEST(LogTools, InspectShowsFilesThatWereKeptUnderOneName) {
  Directory directory("kept");
  directory.Shell("put city Bern\ncheckpoint\n", {"--archive-wal"});
  fs::rename(
      directory.File("archive/000001.wal"),
      directory.File("archive/000001.wal.10"));
  const ProgramOutput one = directory.Inspect("archive");
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_TRUE(Contains(one.out, "archive/000001.wal.10: ")) << one.out;
  EXPECT_TRUE(Contains(one.out, "key \"city\"")) << one.out;

  for (const std::string name : {"000001.wal", "000001.wal.2"}) {
    fs::copy_file(
        directory.File("archive/000001.wal.10"),
        directory.File("archive/" + name));
  }
  const ProgramOutput all = directory.Inspect("archive");
  EXPECT_EQ(all.exit_code, 0) << all.err;
  size_t at = 0;
  for (const std::string part :
       {"000001.wal: ", "000001.wal.2: ", "000001.wal.10: "}) {
    const size_t found = all.out.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " after " << at << all.out;
    at = found;
  }

  fs::rename(
      directory.File("archive/000001.wal.2"),
      directory.File("archive/000007.wal.2"));
  EXPECT_TRUE(Contains(directory.Inspect("archive").out, "NOT THE SEGMENT"));

  // The database itself keeps nothing so.
  directory.SetBytes("000001.wal.2", "of another program");
  EXPECT_EQ(directory.Inspect().exit_code, 0);
}

TEST(LogTools, WhatACrashLeavesBesideTheFilesIsNoDamage) {
  Directory directory("unfinished");
  directory.Shell("put a 1\ncheckpoint\nput b 2\n");
  directory.SetBytes(
      "CHECKPOINT.new", directory.Bytes("CHECKPOINT").substr(0, 60));
  directory.SetBytes("000003.wal.new", "");
  const ProgramOutput left = directory.Inspect();
  EXPECT_EQ(left.exit_code, 0) << left.out;
  EXPECT_TRUE(Contains(left.out, "opening removes it")) << left.out;
  EXPECT_FALSE(Contains(left.out, "DAMAGED")) << left.out;
  EXPECT_EQ(directory.Shell("scan\n").out, "1) a 1\n2) b 2\n");
  EXPECT_FALSE(fs::exists(directory.File("CHECKPOINT.new")));
}

TEST(LogTools, InspectGoesOnBehindADamagedEntry) {
  Directory directory("entry");
  directory.Shell("mput city Bern river Aare\ncheckpoint\n");
  directory.Change("CHECKPOINT", "Bern", 'C');
  const ProgramOutput damaged = directory.Inspect("CHECKPOINT");
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_TRUE(Contains(damaged.out, "NO ENTRY: ")) << damaged.out;
  EXPECT_TRUE(Contains(damaged.out, "value \"Aare\"")) << damaged.out;
  EXPECT_TRUE(Contains(damaged.out, "2 entries, ")) << damaged.out;
  EXPECT_TRUE(Contains(damaged.out, "; DAMAGED")) << damaged.out;
}

TEST(LogTools, ADirectoryOfAnEarlierFormIsNamed) {
  Directory directory("earlier");
  directory.Shell("");
  fs::remove(directory.File("000001.wal"));
  directory.SetBytes("data.log", "kvlog\r\n\x1a");
  for (const std::string name : {"", "data.log"}) {
    const ProgramOutput refused = directory.Inspect(name);
    EXPECT_EQ(refused.exit_code, 3) << refused.out;
    EXPECT_TRUE(Contains(refused.err, "NotSupported")) << refused.err;
  }
}

}  // namespace
}  // namespace kv
