// Goal: what kv_shell has answered with "ok" survives kill -9, whenever it
// comes, also while the next process recovers.
// Method: a kv_shell that writes is killed at a random moment, again and again
// on one directory; after each, another one must know every answered write,
// and at most the one that was not answered.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/testing/child_process.h"
#include "common/testing/test_size.h"
#include "support/disk.h"

namespace kv {
namespace {

using testing::ChildProcess;

constexpr int kKeys = 20;

std::string Key(uint64_t i) {
  return "key" + std::to_string(i % kKeys);
}

// The value of each key, or "(not found)", as a fresh kv_shell sees them.
std::vector<std::string> ReadAll(const std::string& path) {
  auto shell = ChildProcess::Start(KV_SHELL_PATH, {path});
  MustBeOk(shell.status(), "starting kv_shell");
  for (uint64_t i = 0; i < kKeys; ++i) {
    MustBeOk((*shell)->Write("get " + Key(i) + "\n"), "Write");
  }
  std::vector<std::string> values;
  for (uint64_t i = 0; i < kKeys; ++i) {
    Result<std::string> line = (*shell)->ReadLine();
    MustBeOk(line.status(), "ReadLine");
    values.push_back(std::move(line).value());
  }
  const Result<int> code = (*shell)->Wait();
  MustBeOk(code.status(), "Wait");
  return values;
}

TEST(KillTest, AnsweredWritesSurviveKill9) {
  const int kills = testing::Pick(10, 100, 1000);
  SeededRandom random(testing::TestSeed());
  const TempDirectory parent;
  const std::string path = parent.path() + "/db";
  std::vector<std::string> expected(kKeys, "(not found)");
  uint64_t written = 0;
  uint64_t answered_all = 0;
  uint64_t killed_while_opening = 0;
  uint64_t killed_while_writing = 0;
  for (int kill = 0; kill < kills; ++kill) {
    auto shell = ChildProcess::Start(KV_SHELL_PATH, {path});
    ASSERT_TRUE(shell.ok()) << shell.status().ToString();
    if (random.OneIn(4)) {
      // At once: while it opens the database.
      ::usleep(static_cast<useconds_t>(random.Below(3000)));
      ASSERT_TRUE((*shell)->Kill().ok());
      ++killed_while_opening;
      ASSERT_EQ(ReadAll(path), expected) << "kill " << kill;
      continue;
    }
    // Writes are sent ahead of their answers, so that the kill finds some
    // under way.
    const uint64_t sent = 500 + random.Below(1500);
    const uint64_t wanted = random.Below(sent / 2);
    std::string commands;
    for (uint64_t i = 0; i < sent; ++i) {
      commands +=
          "put " + Key(written + i) + " " + std::to_string(written + i) + "\n";
    }
    MustBeOk((*shell)->Write(commands), "Write");
    uint64_t answered = 0;
    while (answered < wanted) {
      const Result<std::string> line = (*shell)->ReadLine();
      ASSERT_TRUE(line.ok()) << line.status().ToString();
      ASSERT_EQ(*line, "ok");
      ++answered;
    }
    ASSERT_TRUE((*shell)->Kill().ok());
    // Answers that were on their way are answers.
    for (;;) {
      const Result<std::string> line = (*shell)->ReadLine();
      if (!line.ok() || *line != "ok") break;
      ++answered;
    }
    answered_all += answered;
    if (answered < sent) ++killed_while_writing;
    for (uint64_t i = 0; i < answered; ++i) {
      expected[(written + i) % kKeys] = std::to_string(written + i);
    }
    // Writes behind the last answer may have happened too, in their order.
    std::vector<std::string> actual = ReadAll(path);
    bool found = actual == expected;
    for (uint64_t i = answered; i < sent && !found; ++i) {
      expected[(written + i) % kKeys] = std::to_string(written + i);
      found = actual == expected;
    }
    ASSERT_TRUE(found) << "kill " << kill << ": after " << answered
                       << " answered writes the database holds no state that "
                          "has them all";
    written += sent;
  }
  EXPECT_GT(answered_all, 0u) << "nothing was written before a kill";
  std::printf(
      "%d kills, %llu of them while opening and %llu while writing; %llu "
      "writes answered\n",
      kills, static_cast<unsigned long long>(killed_while_opening),
      static_cast<unsigned long long>(killed_while_writing),
      static_cast<unsigned long long>(answered_all));
}

}  // namespace
}  // namespace kv
