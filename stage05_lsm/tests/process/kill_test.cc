// Goal: what kv_shell has answered with "ok" survives kill -9, whenever it
// comes, also in the middle of a flush, and while the next process recovers.
// Method: many writes are sent ahead to a kv_shell, which is killed when a
// random number of them is answered: the others are done, under way, or wait
// in the pipe. The shells that follow are killed while they open. Then one must
// know every answered write, and of the others a beginning. Every other time
// the memtable is so small that a flush follows the other. No clock: how far a
// shell comes before a kill is counted in answers, its own or another one's.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/random.h"
#include "common/testing/child_process.h"
#include "common/testing/test_size.h"
#include "support/disk.h"

namespace kv {
namespace {

using testing::ChildProcess;

constexpr uint64_t kKeys = 20;

std::string Key(uint64_t i) {
  return "key" + std::to_string(i % kKeys);
}

using Words = std::vector<std::string>;

// A flush for every few writes, and a manifest that is soon too long.
const Words kFlushes = {
    "--memtable-bytes-max", "500", "--manifest-bytes-max", "500"};

std::unique_ptr<ChildProcess> StartShell(const Words& arguments) {
  auto shell = ChildProcess::Start(KV_SHELL_PATH, arguments);
  MustBeOk(shell.status(), "starting kv_shell");
  return std::move(shell).value();
}

// The value of each key, or "(not found)".
using Values = std::vector<std::string>;

// As a fresh kv_shell sees them.
Values ReadAll(const std::string& path) {
  const auto shell = StartShell({path});
  std::string command = "mget";
  for (uint64_t i = 0; i < kKeys; ++i) command += " " + Key(i);
  MustBeOk(shell->Write(command + "\n"), "Write");
  Values values;
  for (uint64_t i = 0; i < kKeys; ++i) {
    const Result<std::string> line = shell->ReadLine();  // "1) value"
    MustBeOk(line.status(), "ReadLine");
    values.push_back(line->substr(line->find(' ') + 1));
  }
  const Result<int> code = shell->Wait();
  MustBeOk(code.status(), "Wait");
  return values;
}

// The `i`-th write of all: mostly a put, else two puts at once, or a delete.
std::string Write(uint64_t i) {
  const std::string value = std::to_string(i);
  if (i % 7 == 3) {
    return "mput " + Key(i) + " " + value + " " + Key(i + 9) + " " + value +
        "\n";
  }
  return i % 11 == 5 ? "delete " + Key(i) + "\n"
                     : "put " + Key(i) + " " + value + "\n";
}

void Apply(uint64_t i, Values* values) {
  (*values)[i % kKeys] = std::to_string(i);
  if (i % 7 == 3) {
    (*values)[(i + 9) % kKeys] = std::to_string(i);
  } else if (i % 11 == 5) {
    (*values)[i % kKeys] = "(not found)";
  }
}

// A while, counted in answers of another shell.
void Wait(ChildProcess* pace, uint64_t answers) {
  for (uint64_t i = 0; i < answers; ++i) {
    MustBeOk(pace->Write("get a\n"), "Write");
    MustBeOk(pace->ReadLine().status(), "ReadLine");
  }
}

// Sends the writes from `begin` up to `end`, reads `wanted` answers and kills
// after a while: else every kill would come right behind an answer, and hardly
// one in a flush. Returns how many were answered.
uint64_t WriteAndKill(
    const std::string& path, const Words& options, uint64_t begin, uint64_t end,
    uint64_t wanted, ChildProcess* pace, uint64_t pace_answers) {
  std::string commands;
  for (uint64_t i = begin; i < end; ++i) commands += Write(i);
  Words words = options;
  words.push_back(path);
  const auto shell = StartShell(words);
  MustBeOk(shell->Write(commands), "Write");
  uint64_t answered = 0;
  for (; answered < wanted; ++answered) {
    const Result<std::string> line = shell->ReadLine();
    MustBeOk(line.status(), "ReadLine");
    EXPECT_EQ(*line, "ok");
  }
  Wait(pace, pace_answers);
  MustBeOk(shell->Kill(), "Kill");
  // Answers that were on their way are answers.
  for (;; ++answered) {
    const Result<std::string> line = shell->ReadLine();
    if (!line.ok() || *line != "ok") return answered;
  }
}

// Starts a shell and kills it when `pace`, another one, has answered `answers`
// times. Returns whether it had not come to its first command yet.
bool OpenAndKill(
    const std::string& path, ChildProcess* pace, uint64_t answers) {
  const auto shell = StartShell({path});
  MustBeOk(shell->Write("get " + Key(0) + "\n"), "Write");
  Wait(pace, answers);
  MustBeOk(shell->Kill(), "Kill");
  return !shell->ReadLine().ok();
}

// How many files have a name that ends so.
uint64_t CountFiles(const std::string& path, std::string_view ending) {
  uint64_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename();
    if (name.size() >= ending.size() &&
        name.substr(name.size() - ending.size()) == ending) {
      ++count;
    }
  }
  return count;
}

TEST(KillTest, AnsweredWritesSurviveKill9) {
  const int kills = testing::Pick(10, 100, 1000);
  SeededRandom random(testing::TestSeed());
  const TempDirectory parent;
  const auto pace = StartShell({});
  Values expected(kKeys, "(not found)");
  uint64_t sent = 0;
  uint64_t answered_all = 0;
  uint64_t killed_while_writing = 0;
  uint64_t killed_while_opening = 0;
  uint64_t killed_while_flushing = 0;
  uint64_t tables = 0;
  for (int kill = 0; kill < kills; ++kill) {
    // A new one now and then: nothing makes the tables fewer.
    const std::string path = parent.path() + "/db" + std::to_string(kill / 20);
    if (kill % 20 == 0) expected.assign(kKeys, "(not found)");
    const uint64_t begin = sent;
    const bool flushes = kill % 2 == 0;
    sent += flushes ? 200 + random.Below(300) : 500 + random.Below(1500);
    const uint64_t answered = WriteAndKill(
        path, flushes ? kFlushes : Words(), begin, sent,
        random.Below((sent - begin) / 4), pace.get(), random.Below(50));
    ASSERT_FALSE(::testing::Test::HasFailure()) << "kill " << kill;
    answered_all += answered;
    if (answered < sent - begin) ++killed_while_writing;
    // A flush begins with a new segment of the log, and ends with removing the
    // old one.
    if (CountFiles(path, ".new") > 0 || CountFiles(path, ".wal") > 1) {
      ++killed_while_flushing;
    }
    tables += CountFiles(path, ".sst");
    while (random.OneIn(2)) {
      if (OpenAndKill(path, pace.get(), random.Below(300))) {
        ++killed_while_opening;
      }
    }
    const Values actual = ReadAll(path);
    for (uint64_t i = 0; i < answered; ++i) Apply(begin + i, &expected);
    // Writes behind the last answer may have happened too, in their order.
    uint64_t next = begin + answered;
    while (expected != actual && next < sent) Apply(next++, &expected);
    ASSERT_EQ(actual, expected)
        << "kill " << kill << ": after " << answered << " of " << sent - begin
        << " writes were answered the database holds no state "
        << "that has them all; shown is the one after the last write";
    sent = next;
  }
  EXPECT_GT(answered_all, 0u) << "nothing was written before a kill";
  EXPECT_GT(killed_while_writing, 0u) << "every kill came too late";
  EXPECT_GT(tables, 0u) << "nothing was flushed before a kill";
  std::printf(
      "%d kills of a writer, %llu of them while it wrote and %llu while it "
      "flushed, after %llu answered writes; %llu kills of an opening\n",
      kills, static_cast<unsigned long long>(killed_while_writing),
      static_cast<unsigned long long>(killed_while_flushing),
      static_cast<unsigned long long>(answered_all),
      static_cast<unsigned long long>(killed_while_opening));
}

}  // namespace
}  // namespace kv
