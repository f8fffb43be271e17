// Goal: the tour shows a stage 04 only if its shell does what the text says.
// Method: shells that are scripts, a right one and some that are wrong in one
// thing; what the tour prints is caught.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/tool/files.h"
#include "common/tool/tour/guide.h"

namespace kv::tool {
namespace {

namespace fs = std::filesystem;

// Knows how many puts are in its log and in its checkpoint, and nothing else.
constexpr const char* kShell04 = R"sh(#!/bin/sh
mkdir -p "$1"; touch "$1/log" "$1/CHECKPOINT"
puts=$(wc -l < "$1/log")
while IFS= read -r line; do
  case $line in
    put*) echo "$line" >> "$1/log"; echo ok;;
    checkpoint) cat "$1/log" >> "$1/CHECKPOINT"; DROP; echo ok;;
    wal-status) echo "bytes: $(wc -c < "$1/log")";;
    recovery) echo "table_entries: 3"; echo "batches: $((puts))";;
    scan*) SCAN;;
    *exploring) echo "seen in the tour";;
    *) echo "(not found)";;
  esac
done
)sh";

constexpr const char* kShell03 = R"sh(#!/bin/sh
mkdir -p "$1"; touch "$1/data.log"
while IFS= read -r line; do
  case $line in
    put*) echo ok;;
    scan*) echo "error: InvalidArgument: unknown command 'scan'";;
    *) echo "(not found)";;
  esac
done
)sh";

constexpr const char* kDrop = ": > \"$1/log\"";
constexpr const char* kScan = "echo '1) details 9'; echo '2) exploring 1'";

struct Shown {
  Status status;
  std::string output;
};

Shown Tour(
    std::string shell, const std::string& drop, const std::string& scan) {
  std::string name = (fs::temp_directory_path() / "tour-04-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  const auto put_in = [&shell](const std::string& what, const std::string& by) {
    shell.replace(shell.find(what), what.size(), by);
  };
  put_in("DROP", drop);
  put_in("SCAN", scan);
  EXPECT_TRUE(WriteText(folder / "04", shell).ok());
  EXPECT_TRUE(WriteText(folder / "03", kShell03).ok());
  fs::permissions(folder / "03", fs::perms::owner_all);
  fs::permissions(folder / "04", fs::perms::owner_all);
  TourInput input;
  input.name = "a.txt";
  input.words = {
      {"exploring", 1, "a.txt", 1},
      {"details", 9, "a.txt", 2},
      {"a", 2, "a.txt", 3},
  };
  input.by_count = ByCount(input.words);
  input.frequent = input.words[1];
  input.rare = input.words[0];
  for (const Word& word : input.words) {
    input.puts.push_back("put " + word.text + " 1");
  }
  // No top words: this fake has none.
  input.by_count.clear();
  const Terminal terminal = Terminal::Plain();
  Guide guide(
      terminal, folder, {{"03", folder / "03"}, {"04", folder / "04"}},
      std::move(input));
  ::testing::internal::CaptureStdout();
  Shown run;
  run.status = TourStage04(guide);
  run.output = ::testing::internal::GetCapturedStdout();
  fs::remove_all(folder);
  return run;
}

TEST(TourStage04Test, ShowsTheLogBeforeAndAfterTheCheckpoint) {
  const Shown run = Tour(kShell04, kDrop, kScan);
  EXPECT_TRUE(run.status.ok()) << run.status.ToString() << run.output;
  // Three words, five times over, read from the log; then none of them.
  const size_t all = run.output.find("batches: 15");
  const size_t checkpoint = run.output.find("kv> checkpoint");
  const size_t one = run.output.find("batches: 1\n");
  EXPECT_LT(all, checkpoint) << run.output;
  EXPECT_LT(checkpoint, one) << run.output;
  EXPECT_NE(one, std::string::npos) << run.output;
  EXPECT_NE(run.output.find("unknown command 'scan'"), std::string::npos);
  EXPECT_NE(run.output.find("2) exploring 1"), std::string::npos);
}

TEST(TourStage04Test, ALogThatIsNotDroppedIsNotShownAsIfItWere) {
  const Shown run = Tour(kShell04, ":", kScan);
  EXPECT_EQ(run.status.code(), StatusCode::kAborted);
  EXPECT_NE(
      run.status.message().find("before the checkpoint"),
      std::string_view::npos)
      << run.status.ToString();
}

TEST(TourStage04Test, AScanOutOfOrderIsNotShownAsIfItWereRight) {
  for (const std::string scan : {
           "echo '1) exploring 1'; echo '2) details 9'",
           "echo '1) details 9'",
           "echo '(no keys)'",
       }) {
    const Shown run = Tour(kShell04, kDrop, scan);
    EXPECT_EQ(run.status.code(), StatusCode::kAborted) << scan;
    EXPECT_NE(run.status.message().find("in order"), std::string_view::npos)
        << run.status.ToString();
  }
}

TEST(TourStage04Test, NumbersAreReadByTheWholeName) {
  const std::vector<std::string> lines = {"wal_bytes: 7", "bytes: 42", "ok"};
  EXPECT_EQ(NumberIn(lines, "bytes").value(), 42u);
  EXPECT_EQ(NumberIn(lines, "wal_bytes").value(), 7u);
  EXPECT_FALSE(NumberIn(lines, "byte").ok());
}

}  // namespace
}  // namespace kv::tool
