// Goal: tests that no wrong flush and no wrong read over tables passes.
// Method: write the bodies so that the database in this folder passes and the
// wrong ones fail. Make each call of a flush fail, lose the power, open again;
// put the versions of a key into memory and several tables; hold iterators.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

void Flush(Database& db) {
  MustBeOk(db.Flush(), "Flush");
}

// A call of the flush fails, and all behind it; or only this one. With a short
// manifest the second flush begins a new one.
TEST(OwnFlushTest, LosesNoWriteAtAnyCall) {
  for (int i = 0; i < 8; ++i) {
    const bool power_fails = (i & 1) != 0;
    const bool keep_unsynced = (i & 2) != 0;
    Options options;
    options.manifest_bytes_max = (i & 4) != 0 ? 1 : 1024;
    bool fired = true;
    for (uint64_t nth = 1; fired; ++nth) {
      Disk disk;
      auto db = disk.Open(options);
      const bool is_short = options.manifest_bytes_max == 1;
      Put(*db, "a", "1");
      if (!is_short) Flush(*db);
      Put(*db, "b", "1");
      Flush(*db);
      MustBeOk(db->Put("b", "2", kSynced), "Put");
      MustBeOk(db->Delete("a", kSynced), "Delete");
      Map expected = {{"b", "2"}};
      Fault fault;
      fault.kind = FaultKind::kAny;
      fault.nth = nth;
      fault.persistent = power_fails;
      disk.faults().Inject(fault);
      const Status status = db->Flush();
      fired = disk.faults().FaultsFired() > 0;
      disk.faults().ClearFaults();
      ASSERT_TRUE(status.ok() || fired) << status.ToString();
      ASSERT_EQ(Contents(*db), expected) << "call " << nth;
      if (!power_fails) {
        const Status put = db->Put("c", "3", kSynced);
        ASSERT_TRUE(put.ok() || put.code() == StatusCode::kReadOnly)
            << "call " << nth << ": " << put.ToString();
        if (put.ok()) expected["c"] = "3";
        if (put.ok()) Flush(*db);
      }
      for (int crash = 0; crash < 2; ++crash) {
        disk.LosePower(keep_unsynced);
        db = disk.Open(options);
        ASSERT_EQ(Contents(*db), expected) << "call " << nth << ", " << i;
        Flush(*db);
      }
    }
  }
}

// Random writes, flushes and deaths against a map, both ways.
TEST(OwnFlushTest, ReadsTheNewestVersionWhereverItIs) {
  SeededRandom random(1);
  Disk disk;
  Options options;
  options.manifest_bytes_max = 500;
  Map expected;
  auto db = disk.Open(options);
  for (int round = 0; round < 400; ++round) {
    const std::string key = std::to_string(random.Below(8));
    if (random.OneIn(3)) {
      Delete(*db, key);
      expected.erase(key);
    } else {
      Put(*db, key, std::to_string(round));
      expected[key] = std::to_string(round);
    }
    if (random.OneIn(5)) Flush(*db);
    if (random.OneIn(20)) {
      disk.KillProcess();
      db = disk.Open(options);
    }
    ASSERT_EQ(Contents(*db), expected) << "round " << round;
    for (int i = 0; i < 8; ++i) {
      const auto found = expected.find(std::to_string(i));
      ASSERT_EQ(
          Read(*db, std::to_string(i)),
          found == expected.end() ? "(not found)" : found->second)
          << "round " << round;
    }
    auto iterator = db->NewIterator();
    ASSERT_TRUE(iterator.ok());
    (*iterator)->SeekToLast();
    for (auto each = expected.rbegin(); each != expected.rend(); ++each) {
      ASSERT_TRUE((*iterator)->Valid()) << "round " << round;
      ASSERT_EQ((*iterator)->Key(), each->first) << "round " << round;
      ASSERT_EQ((*iterator)->Value(), each->second) << "round " << round;
      (*iterator)->Prev();
    }
    ASSERT_FALSE((*iterator)->Valid()) << "round " << round;
  }
}

// What an iterator gives, while everything is written anew and flushed.
TEST(OwnFlushTest, AnIteratorKeepsItsMoment) {
  Disk disk;
  auto db = disk.Open();
  for (const char* key : {"a", "b", "c", "d"}) Put(*db, key, "old");
  Flush(*db);
  Delete(*db, "c");
  Put(*db, "d", "newer");
  auto iterator = db->NewIterator();
  ASSERT_TRUE(iterator.ok());
  const Map expected = {{"a", "old"}, {"b", "old"}, {"d", "newer"}};
  for (int flush = 0; flush < 3; ++flush) {
    Map found;
    for ((*iterator)->SeekToFirst(); (*iterator)->Valid();
         (*iterator)->Next()) {
      found.emplace((*iterator)->Key(), (*iterator)->Value());
    }
    ASSERT_EQ(found, expected) << "after " << flush << " flushes";
    (*iterator)->SeekToLast();
    ASSERT_TRUE((*iterator)->Valid());
    ASSERT_EQ((*iterator)->Value(), "newer");
    (*iterator)->Prev();
    ASSERT_TRUE((*iterator)->Valid());
    ASSERT_EQ((*iterator)->Key(), "b") << "c is deleted";
    for (const char* key : {"a", "b", "c", "d", "e"}) Put(*db, key, "new");
    Delete(*db, "a");
    Flush(*db);
  }
}

}  // namespace
}  // namespace kv
