// Goal: through the database, every key is found with one read, keys with the
// same hash are kept apart, and the index is the same after it was rebuilt.
// Method: so many keys that hashes of 32 bits collide; reads are counted by
// the file system; everything is compared before and after reopening.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "support/disk.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

// So that the hashes of keys are known: the seed is always the same.
class ConstantRandom : public Random {
 public:
  explicit ConstantRandom(uint64_t value) : value_(value) {}
  uint64_t Next() override { return value_; }

 private:
  const uint64_t value_;
};

constexpr uint64_t kSeed = 17;

// Keys of which each has the 32-bit hash of another one, in pairs.
std::vector<std::string> CollidingKeys() {
  constexpr uint64_t kTried = 400'000;
  std::vector<std::pair<uint32_t, uint64_t>> hashes;
  for (uint64_t i = 0; i < kTried; ++i) {
    hashes.emplace_back(
        static_cast<uint32_t>(
            HashBytes("key" + std::to_string(i), kSeed) >> 32),
        i);
  }
  std::sort(hashes.begin(), hashes.end());
  std::vector<std::string> keys;
  for (size_t i = 1; i < hashes.size(); ++i) {
    if (hashes[i - 1].first == hashes[i].first) {
      keys.push_back("key" + std::to_string(hashes[i - 1].second));
      keys.push_back("key" + std::to_string(hashes[i].second));
    }
  }
  return keys;
}

std::unique_ptr<Database> OpenWithKnownHashes(MemoryFileSystem& fs) {
  static ConstantRandom random(kSeed);
  Options options;
  options.path = "/db";
  options.file_system = &fs;
  options.random = &random;
  return OpenEmpty(options);
}

// FAIL in a test whose hashes do not collide: it would prove nothing.
#define ASSERT_COLLISIONS(keys) \
  ASSERT_GE((keys).size(), 4u) << "HashBytes has changed: find other keys"

TEST(IndexTest, ABatchThatWritesAKeyManyTimesLeavesItsLastWord) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "there", "0");
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Delete("a");
  batch.Put("a", "3");
  batch.Put("b", "1");
  batch.Delete("b");
  batch.Delete("there");
  batch.Put("there", "1");
  batch.Put("there", "2");
  batch.Delete("absent");
  Write(*db, batch);
  const Map expected = {{"a", "3"}, {"there", "2"}};
  EXPECT_EQ(Contents(*db), expected);
  EXPECT_EQ(StatsOf(*db).estimated_keys, 2u);
  batch.Clear();
  batch.Delete("a");
  batch.Delete("a");
  Write(*db, batch);
  EXPECT_EQ(Contents(*db), (Map{{"there", "2"}}));
  EXPECT_EQ(StatsOf(*db).estimated_keys, 1u);
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open();
  EXPECT_EQ(Contents(*db), (Map{{"there", "2"}}));
  EXPECT_EQ(StatsOf(*db).estimated_keys, 1u);
}

TEST(IndexTest, RenamesAreFollowed) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Put(*db, "b", "2");
  Rename(*db, "a", "b");
  Rename(*db, "b", "c");
  Rename(*db, "c", "c");
  Put(*db, "a", "3");
  const Map expected = {{"a", "3"}, {"c", "1"}};
  EXPECT_EQ(Contents(*db), expected);
  EXPECT_EQ(StatsOf(*db).estimated_keys, 2u);
  disk.KillProcess();
  EXPECT_EQ(Contents(*disk.Open()), expected);
}

TEST(IndexTest, AGetIsOneRead) {
  Disk disk;
  auto db = disk.Open();
  const std::vector<size_t> lengths = {0, 1, 100, 5000, 70000, 1 << 20};
  for (const size_t length : lengths) {
    Put(*db, "key" + std::to_string(length), std::string(length, 'v'));
  }
  for (int i = 0; i < 1000; ++i) {
    Put(*db, "other" + std::to_string(i), std::string(1000, 'x'));
  }
  for (int life = 0; life < 2; ++life) {
    for (const size_t length : lengths) {
      disk.faults().ResetCounts();
      ASSERT_EQ(Read(*db, "key" + std::to_string(length)).size(), length);
      ASSERT_EQ(disk.faults().Calls(FileCall::kRead), 1u)
          << "a value of " << length << " bytes, life " << life;
    }
    ASSERT_TRUE(db->Close().ok());
    db = disk.Open();
  }
}

TEST(IndexTest, AGetOutOfABatchIsOneRead) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch batch;
  for (int i = 0; i < 200; ++i) {
    batch.Put("key" + std::to_string(i), "value" + std::to_string(i));
  }
  Write(*db, batch);
  for (int life = 0; life < 2; ++life) {
    for (const int i : {0, 100, 199}) {
      disk.faults().ResetCounts();
      ASSERT_EQ(
          Read(*db, "key" + std::to_string(i)), "value" + std::to_string(i));
      ASSERT_EQ(disk.faults().Calls(FileCall::kRead), 1u) << "key " << i;
    }
    ASSERT_TRUE(db->Close().ok());
    db = disk.Open();
  }
}

TEST(IndexTest, AnAbsentKeyTakesNoRead) {
  Disk disk;
  auto db = disk.Open();
  for (int i = 0; i < 1000; ++i) Put(*db, "key" + std::to_string(i), "value");
  disk.faults().ResetCounts();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(Read(*db, "absent" + std::to_string(i)), "(not found)");
  }
  EXPECT_EQ(disk.faults().Calls(FileCall::kRead), 0u)
      << "no hash is that of another key, so there is nothing to compare";
}

TEST(IndexTest, ADeletedKeyTakesNoRead) {
  Disk disk;
  auto db = disk.Open();
  Put(*db, "a", "1");
  Delete(*db, "a");
  disk.faults().ResetCounts();
  EXPECT_EQ(Read(*db, "a"), "(not found)");
  EXPECT_EQ(disk.faults().Calls(FileCall::kRead), 0u)
      << "a deleted key has no entry, so there is nothing to read";
}

TEST(IndexTest, TheNumberOfReadsDoesNotGrowWithTheLog) {
  Disk disk;
  auto db = disk.Open();
  for (int i = 0; i < 5000; ++i) Put(*db, "a", std::to_string(i));
  disk.faults().ResetCounts();
  EXPECT_EQ(Read(*db, "a"), "4999");
  Result<bool> exists = db->Exists("a");
  EXPECT_TRUE(exists.ok() && *exists);
  EXPECT_EQ(disk.faults().Calls(FileCall::kRead), 2u)
      << "one for Get, one for Exists, though a was put 5,000 times";
}

TEST(IndexTest, KeysWithTheSameHashHaveTheirOwnValues) {
  const std::vector<std::string> keys = CollidingKeys();
  ASSERT_COLLISIONS(keys);
  MemoryFileSystem fs;
  auto db = OpenWithKnownHashes(fs);
  for (const std::string& key : keys) Put(*db, key, "value of " + key);
  for (int life = 0; life < 2; ++life) {
    for (const std::string& key : keys) {
      ASSERT_EQ(Read(*db, key), "value of " + key) << "life " << life;
    }
    ASSERT_TRUE(db->Close().ok());
    db = OpenWithKnownHashes(fs);
  }
}

TEST(IndexTest, OfTwoKeysWithTheSameHashTheAbsentOneIsNotFound) {
  const std::vector<std::string> keys = CollidingKeys();
  ASSERT_COLLISIONS(keys);
  MemoryFileSystem fs;
  auto db = OpenWithKnownHashes(fs);
  for (size_t i = 0; i < keys.size(); i += 2) Put(*db, keys[i], "1");
  for (size_t i = 1; i < keys.size(); i += 2) {
    ASSERT_EQ(Read(*db, keys[i]), "(not found)")
        << keys[i] << " has the hash of " << keys[i - 1];
    Result<bool> exists = db->Exists(keys[i]);
    ASSERT_TRUE(exists.ok() && !*exists)
        << "Exists of " << keys[i] << ", which was never put";
  }
}

TEST(IndexTest, WritingOneOfTwoKeysWithTheSameHashLeavesTheOther) {
  const std::vector<std::string> keys = CollidingKeys();
  ASSERT_COLLISIONS(keys);
  MemoryFileSystem fs;
  auto db = OpenWithKnownHashes(fs);
  for (const std::string& key : keys) Put(*db, key, "old");
  for (size_t i = 0; i < keys.size(); i += 2) {
    const std::string both = keys[i] + " has the hash of " + keys[i + 1];
    Put(*db, keys[i], "new");
    ASSERT_EQ(Read(*db, keys[i + 1]), "old")
        << both << ", and only the first was overwritten";
    Delete(*db, keys[i]);
    ASSERT_EQ(Read(*db, keys[i]), "(not found)")
        << both << ", and the first was deleted";
    ASSERT_EQ(Read(*db, keys[i + 1]), "old")
        << both << ", and only the first was deleted";
    Rename(*db, keys[i + 1], keys[i]);
    ASSERT_EQ(Read(*db, keys[i]), "old")
        << both << ", and the second was renamed to the first";
    ASSERT_EQ(Read(*db, keys[i + 1]), "(not found)")
        << both << ", and the second was renamed to the first";
  }
  EXPECT_EQ(StatsOf(*db).estimated_keys, keys.size() / 2);
  const Map before = Contents(*db);
  ASSERT_TRUE(db->Close().ok());
  db = OpenWithKnownHashes(fs);
  EXPECT_EQ(Contents(*db), before) << "the rebuilt index keeps them apart too";
}

TEST(IndexTest, KeysWithTheSameHashInOneBatchAreKeptApart) {
  const std::vector<std::string> keys = CollidingKeys();
  ASSERT_COLLISIONS(keys);
  MemoryFileSystem fs;
  auto db = OpenWithKnownHashes(fs);
  WriteBatch batch;
  for (const std::string& key : keys) batch.Put(key, "of " + key);
  Write(*db, batch);
  batch.Clear();
  for (size_t i = 0; i < keys.size(); i += 2) batch.Delete(keys[i]);
  Write(*db, batch);
  for (size_t i = 0; i < keys.size(); ++i) {
    ASSERT_EQ(Read(*db, keys[i]), i % 2 == 0 ? "(not found)" : "of " + keys[i])
        << keys[i] << " has the hash of " << keys[i ^ 1]
        << "; a batch deleted the first of each two";
  }
}

TEST(IndexTest, RandomWritesLeaveTheSameIndexAsRebuildingIt) {
  SeededRandom random(9);
  Disk disk;
  auto db = disk.Open();
  Map expected;
  for (int step = 0; step < 3000; ++step) {
    const std::string key = "key" + std::to_string(random.Below(150));
    if (random.OneIn(3)) {
      Delete(*db, key);
      expected.erase(key);
    } else {
      const std::string value = RandomBytes(random, random.Below(200));
      Put(*db, key, value);
      expected[key] = value;
    }
    if (step % 300 == 299) {
      const Stats before = StatsOf(*db);
      ASSERT_TRUE(Contents(*db) == expected) << "step " << step;
      disk.KillProcess();
      db = disk.Open();
      const Stats after = StatsOf(*db);
      ASSERT_TRUE(Contents(*db) == expected) << "reopened, step " << step;
      ASSERT_EQ(after.estimated_keys, before.estimated_keys);
      ASSERT_EQ(after.live_bytes, before.live_bytes);
      ASSERT_EQ(after.dead_bytes, before.dead_bytes);
    }
  }
}

TEST(IndexTest, AWriteThatFailsLeavesTheIndexAsItWas) {
  for (const FaultKind kind :
       {FaultKind::kReadError, FaultKind::kShortRead, FaultKind::kNoSpace,
        FaultKind::kShortWrite}) {
    Disk disk;
    auto db = disk.Open();
    Put(*db, "a", "1");
    Put(*db, "b", "2");
    WriteBatch batch;
    batch.Put("c", "3");
    batch.Put("a", "4");
    batch.Delete("b");
    Fault fault;
    fault.kind = kind;
    disk.faults().Inject(fault);
    const Status status = db->Write(batch);
    if (disk.faults().FaultsFired() > 0) {
      EXPECT_TRUE(Fails(status, StatusCode::kIoError)) << FaultKindName(kind);
      EXPECT_EQ(Contents(*db), (Map{{"a", "1"}, {"b", "2"}}))
          << FaultKindName(kind);
      EXPECT_EQ(StatsOf(*db).estimated_keys, 2u) << FaultKindName(kind);
    }
    disk.faults().ClearFaults();
    Write(*db, batch);
    EXPECT_EQ(Contents(*db), (Map{{"a", "4"}, {"c", "3"}}));
  }
}

TEST(IndexTest, ManyKeysAreAllFoundAlsoAfterReopening) {
  constexpr uint64_t kKeys = 200'000;
  MemoryFileSystem fs(MemoryFileSystem::CrashModel::kNone);
  auto db = OpenWithKnownHashes(fs);
  WriteBatch batch;
  for (uint64_t i = 0; i < kKeys; ++i) {
    batch.Put("key" + std::to_string(i), std::to_string(i * i));
    if (i % 500 == 499) {
      Write(*db, batch);
      batch.Clear();
    }
  }
  for (int life = 0; life < 2; ++life) {
    ASSERT_EQ(StatsOf(*db).estimated_keys, kKeys) << "life " << life;
    std::string value;
    for (uint64_t i = 0; i < kKeys; ++i) {
      ASSERT_TRUE(db->GetInto("key" + std::to_string(i), &value).ok()) << i;
      ASSERT_EQ(value, std::to_string(i * i)) << "the value of key" << i;
      ASSERT_TRUE(db->GetInto("no" + std::to_string(i), &value).IsNotFound())
          << "no" << i << " was never put";
    }
    ASSERT_TRUE(db->Close().ok());
    db = OpenWithKnownHashes(fs);
  }
}

TEST(IndexTest, MemoryIsAtMost24BytesAKey) {
  Disk disk;
  auto db = disk.Open();
  WriteBatch batch;
  for (uint64_t i = 1; i <= 20'000; ++i) {
    batch.Put("key" + std::to_string(i), std::string(100, 'v'));
    if (i % 100 != 0) continue;
    Write(*db, batch);
    batch.Clear();
    if (i < 1000) continue;
    ASSERT_LE(StatsOf(*db).memory_bytes, i * 24) << i << " keys";
  }
}

TEST(IndexTest, TheMemoryLimitBoundsTheIndex) {
  Options options;
  options.memory_bytes_max = 64 * 1024;
  Disk disk;
  auto db = disk.Open(options);
  uint64_t accepted = 0;
  Status status;
  for (; accepted < 20'000; ++accepted) {
    status = db->Put("key" + std::to_string(accepted), "value");
    if (!status.ok()) break;
    ASSERT_LE(StatsOf(*db).memory_bytes, options.memory_bytes_max);
  }
  EXPECT_TRUE(Fails(
      status, StatusCode::kResourceExhausted,
      {"memory", std::to_string(options.memory_bytes_max)}));
  EXPECT_GE(accepted, options.memory_bytes_max / 2 / 24);
  for (uint64_t i = 0; i < accepted; ++i) {
    ASSERT_EQ(Read(*db, "key" + std::to_string(i)), "value");
  }
  EXPECT_EQ(Read(*db, "key" + std::to_string(accepted)), "(not found)");
  ASSERT_TRUE(db->Close().ok());
  db = disk.Open(options);
  EXPECT_EQ(StatsOf(*db).estimated_keys, accepted);
}

// Time passes each time that somebody looks.
class PassingClock : public Clock {
 public:
  explicit PassingClock(uint64_t nanos_a_look) : nanos_a_look_(nanos_a_look) {}
  uint64_t WallMicros() override { return now_ / 1000; }
  uint64_t MonotonicNanos() override { return now_ += nanos_a_look_; }

 private:
  const uint64_t nanos_a_look_;
  uint64_t now_ = 0;
};

void FillWithFrames(Disk& disk, int frames) {
  auto db = disk.Open();
  for (int i = 0; i < frames; ++i) Put(*db, std::to_string(i % 100), "value");
  ASSERT_TRUE(db->Close().ok());
}

TEST(IndexTest, ALongOpenReportsItsProgress) {
  Disk disk;
  FillWithFrames(disk, 30'000);
  PassingClock clock(2'000'000'000);
  std::vector<OpenProgress> reports;
  Options options;
  options.clock = &clock;
  options.on_open_progress = [&reports](const OpenProgress& progress) {
    reports.push_back(progress);
  };
  auto db = disk.Open(options);
  ASSERT_GE(reports.size(), 1u) << "it took many seconds by its clock";
  uint64_t done = 0;
  for (const OpenProgress& report : reports) {
    EXPECT_GT(report.bytes_done, done) << "progress goes forward";
    EXPECT_LE(report.bytes_done, report.bytes_total);
    EXPECT_EQ(report.bytes_total, StatsOf(*db).disk_bytes);
    done = report.bytes_done;
  }
}

TEST(IndexTest, AnOpenThatTakesNoTimeReportsNothing) {
  Disk disk;
  FillWithFrames(disk, 30'000);
  ManualClock clock;
  uint64_t reports = 0;
  Options options;
  options.clock = &clock;
  options.on_open_progress = [&reports](const OpenProgress&) { ++reports; };
  auto db = disk.Open(options);
  EXPECT_EQ(reports, 0u);
}

TEST(IndexTest, ReportsAreASecondApart) {
  Disk disk;
  FillWithFrames(disk, 60'000);
  PassingClock clock(250'000'000);  // four looks a second
  uint64_t reports = 0;
  Options options;
  options.clock = &clock;
  options.on_open_progress = [&reports](const OpenProgress&) { ++reports; };
  auto db = disk.Open(options);
  EXPECT_LE(reports, clock.MonotonicNanos() / 1'000'000'000);
}

}  // namespace
}  // namespace kv
