// Goal: tests that no wrong recovery passes.
// Method: write the bodies so that the database in this folder passes and the
// wrong ones fail. Cut, damage and lengthen the log of a database that died or
// was closed, open it, write more, lose power, and open it again.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "support/disk.h"
#include "support/log_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

// Three synced writes and three unsynced ones; then the process died.
std::string MakeDiedLog(Disk& disk) {
  auto db = disk.Open();
  for (const std::string key : {"a", "b", "c"}) {
    MustBeOk(db->Put(key, "synced", kSynced), "Put");
  }
  for (const std::string key : {"a", "d", "e"}) {
    Put(*db, key, "unsynced");
  }
  disk.KillProcess();
  return disk.Content("data.log");
}

// What is there after each cut, after more writes, and after a power loss.
TEST(OwnRecoveryTest, ATornTailLosesNothingElse) {
  Disk disk;
  const std::string whole = MakeDiedLog(disk);
  const auto frames = FramesIn(whole);
  for (uint64_t length = frames[2].End(); length <= whole.size(); ++length) {
    disk.SetContent("data.log", whole.substr(0, length));
    Map expected = {{"a", "synced"}, {"b", "synced"}, {"c", "synced"}};
    if (length >= frames[3].End()) expected["a"] = "unsynced";
    if (length >= frames[4].End()) expected["d"] = "unsynced";
    if (length >= frames[5].End()) expected["e"] = "unsynced";
    auto db = disk.Open();
    ASSERT_EQ(Contents(*db), expected) << "cut to " << length;
    disk.LosePower();
    db = disk.Open();
    ASSERT_EQ(Contents(*db), expected) << "what was read is durable";
    MustBeOk(db->Put("f", "1", kSynced), "Put");
    expected["f"] = "1";
    Put(*db, "g", "lost");
    disk.LosePower();
    db = disk.Open();
    ASSERT_EQ(Contents(*db), expected) << "cut to " << length;
    ASSERT_TRUE(db->Close().ok());
  }
  // Nothing is torn, but nothing after "c" was ever synced either.
  Disk died;
  MakeDiedLog(died);
  auto db = died.Open();
  const Map read = Contents(*db);
  died.LosePower();
  db = died.Open();
  ASSERT_EQ(Contents(*db), read) << "what a reader saw is durable";
}

// Damage is a torn tail only where nothing says that it had been synced.
TEST(OwnRecoveryTest, TellsDamageFromATornTail) {
  Disk disk;
  const std::string whole = MakeDiedLog(disk);
  const auto frames = FramesIn(whole);
  for (size_t i = 0; i < frames.size(); ++i) {
    for (uint64_t byte = frames[i].offset; byte < frames[i].End(); ++byte) {
      std::string damaged = whole;
      damaged[static_cast<size_t>(byte)] ^= 0x10;
      disk.SetContent("data.log", damaged);
      Result<std::unique_ptr<Database>> db = disk.TryOpen();
      if (i < 3) {
        ASSERT_TRUE(Fails(
            db.status(), StatusCode::kCorruption,
            {"data.log", std::to_string(frames[i].offset)}))
            << "byte " << byte;
        ASSERT_TRUE(disk.Content("data.log") == damaged);
      } else {
        ASSERT_TRUE(db.ok()) << db.status().ToString();
        ASSERT_EQ(Read(**db, "c"), "synced");
        ASSERT_EQ(Read(**db, "e"), "(not found)");
        ASSERT_EQ(Read(**db, "d"), i == 5 ? "unsynced" : "(not found)");
        ASSERT_EQ(disk.Content("data.log").size(), frames[i].offset);
      }
    }
  }
}

// After a clean close there is no torn tail, until something is written.
TEST(OwnRecoveryTest, TheCloseFrameIsTheLast) {
  Disk disk;
  MakeDiedLog(disk);
  auto db = disk.Open();
  const Map expected = Contents(*db);
  ASSERT_TRUE(db->Close().ok());
  const std::string closed = disk.Content("data.log");
  const auto frames = FramesIn(closed);
  ASSERT_EQ(frames.back().header.type, FrameType::kClose);
  for (const FileFrame& frame : frames) {
    if (frame.header.type == FrameType::kClose) continue;
    std::string damaged = closed;
    damaged[static_cast<size_t>(frame.offset)] ^= 1;
    disk.SetContent("data.log", damaged);
    ASSERT_TRUE(Fails(
        disk.TryOpen().status(), StatusCode::kCorruption,
        {std::to_string(frame.offset)}));
  }
  disk.SetContent("data.log", closed + "more");
  ASSERT_TRUE(Fails(disk.TryOpen().status(), StatusCode::kCorruption));
  disk.SetContent("data.log", closed);
  db = disk.Open();
  Put(*db, "f", "1");
  disk.KillProcess();
  const std::string open = disk.Content("data.log");
  ASSERT_EQ(FramesEnd(open), open.size());
  disk.SetContent("data.log", open.substr(0, open.size() - 1));
  db = disk.Open();
  ASSERT_EQ(Contents(*db), expected) << "f was torn, and no more than f";
}

}  // namespace
}  // namespace kv
