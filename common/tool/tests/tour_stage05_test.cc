// Goal: the tour shows a stage 05 only if its shell does what the text says.
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

// What it says about itself is in its answers; it keeps nothing but a note of
// whether it was flushed.
constexpr const char* kShell05 = R"sh(#!/bin/sh
case $1 in --*) shift; shift;; esac
mkdir -p "$1"; touch "$1/CURRENT"
while IFS= read -r line; do
  case $line in
    put*) echo ok;;
    stats) echo "memory_bytes: MEMORY"; echo "tables: 12";;
    recovery) if test -e "$1/flushed"; then echo "batches: BEHIND";
              else echo "batches: BEFORE"; fi;;
    flush) touch "$1/flushed"; echo ok;;
    scan*) echo "1) details 9"; echo "2) exploring 1";;
    rscan*) RSCAN;;
    *exploring) echo "VALUE";;
    *) echo "(not found)";;
  esac
done
)sh";

constexpr const char* kShell04 = R"sh(#!/bin/sh
while IFS= read -r line; do
  echo "error: ResourceExhausted: memory is over the limit of $2 bytes"
done
)sh";

using Parts = std::map<std::string, std::string>;

Parts RightParts() {
  return {
      {"MEMORY", "250"},
      {"BEHIND", "0"},
      {"BEFORE", "3"},
      {"RSCAN", "echo '1) exploring 1'; echo '2) details 9'"},
      {"VALUE", ""},
  };
}

struct Shown {
  Status status;
  std::string output;
};

Shown Tour(const std::string& wrong = "", const std::string& by = "") {
  std::string name = (fs::temp_directory_path() / "tour-05-XXXXXX").string();
  const fs::path folder = mkdtemp(name.data());
  TourInput input;
  input.name = "a.txt";
  input.words = {
      {"exploring", 1, "a.txt", 1},
      {"details", 9, "a.txt", 2},
      {"a", 2, "a.txt", 3},
  };
  input.frequent = input.words[1];
  input.rare = input.words[0];
  for (const Word& word : input.words) {
    input.puts.push_back("put " + word.text + " 1");
  }
  Parts parts = RightParts();
  parts["VALUE"] = input.rare.Describe();
  if (!wrong.empty()) parts.at(wrong) = by;
  std::string shell = kShell05;
  for (const auto& [what, text] : parts) {
    shell.replace(shell.find(what), what.size(), text);
  }
  EXPECT_TRUE(WriteText(folder / "05", shell).ok());
  EXPECT_TRUE(WriteText(folder / "04", kShell04).ok());
  fs::permissions(folder / "04", fs::perms::owner_all);
  fs::permissions(folder / "05", fs::perms::owner_all);
  const Terminal terminal = Terminal::Plain();
  Guide guide(
      terminal, folder, {{"04", folder / "04"}, {"05", folder / "05"}},
      std::move(input));
  ::testing::internal::CaptureStdout();
  Shown run;
  run.status = TourStage05(guide);
  run.output = ::testing::internal::GetCapturedStdout();
  fs::remove_all(folder);
  return run;
}

TEST(TourStage05Test, ShowsMoreDataThanMemoryAndBothWays) {
  const Shown run = Tour();
  EXPECT_TRUE(run.status.ok()) << run.status.ToString() << run.output;
  size_t at = 0;
  for (const std::string part :
       {"stage04_kv_shell --memory-bytes-max 300 memory04",
        "error: ResourceExhausted",
        "stage05_kv_shell --memtable-bytes-max 300 words05",
        "memory_bytes: 250", "CURRENT", "kv> recovery", "batches: 3",
        "kv> flush", "batches: 0", "kv> scan details", "1) details 9",
        "kv> rscan details", "2) details 9"}) {
    const size_t found = run.output.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << run.output;
    at = found;
  }
}

TEST(TourStage05Test, WhatIsWrongIsNotShownAsIfItWereRight) {
  const struct {
    std::string what;
    std::string by;
    std::string message;
  } wrongs[] = {
      {"MEMORY", "123456", "bytes of memory"},
      {"BEFORE", "123456", "from its log"},
      {"BEHIND", "1", "from its log"},
      {"RSCAN", "echo '1) details 9'; echo '2) exploring 1'", "rscan"},
      {"RSCAN", "echo '1) exploring 1'", "rscan"},
      {"VALUE", "twice", "'twice'"},
  };
  for (const auto& wrong : wrongs) {
    const Shown run = Tour(wrong.what, wrong.by);
    EXPECT_EQ(run.status.code(), StatusCode::kAborted) << wrong.what;
    EXPECT_NE(run.status.message().find(wrong.message), std::string_view::npos)
        << run.status.ToString();
  }
}

}  // namespace
}  // namespace kv::tool
