// Goal: each limit is kept to the byte, has an error of its own that says
// what is over which limit, and a write that fails changes nothing.
// Method: a value of exactly the limit, and one byte more; memory is filled
// with bytes that cannot be compressed until the database refuses.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/database_verbs.h"

namespace kv {
namespace {

using Map = std::map<std::string, std::string>;

TEST(LimitsTest, AKeyOfTheDefaultLimitIsAccepted) {
  auto db = OpenEmpty();
  const std::string key(1024, 'k');
  Put(*db, key, "value");
  EXPECT_EQ(Read(*db, key), "value") << "1 KiB is the longest key allowed";
}

TEST(LimitsTest, AKeyOverTheDefaultLimitIsRefused) {
  auto db = OpenEmpty();
  const Status status = db->Put(std::string(1025, 'k'), "value");
  EXPECT_TRUE(
      Fails(status, StatusCode::kInvalidArgument, {"key", "1025", "1024"}));
  EXPECT_EQ(Contents(*db), Map{}) << "a put that fails changes nothing";
}

TEST(LimitsTest, AValueOfTheDefaultLimitIsAccepted) {
  auto db = OpenEmpty();
  SeededRandom random(1);
  const std::string value = RandomBytes(random, 1 << 20);
  Put(*db, "key", value);
  EXPECT_TRUE(SameBytes(Read(*db, "key"), value))
      << "1 MiB is the longest value allowed";
}

TEST(LimitsTest, AValueOverTheDefaultLimitIsRefused) {
  auto db = OpenEmpty();
  const Status status = db->Put("color", std::string((1 << 20) + 1, 'v'));
  EXPECT_TRUE(Fails(
      status, StatusCode::kInvalidArgument, {"value", "1048577", "1048576"}))
      << "the error says how long the value is and the limit";
  EXPECT_EQ(Contents(*db), Map{}) << "a put that fails changes nothing";
}

TEST(LimitsTest, KeyLimitIsTheOneThatWasChosen) {
  Options options;
  options.key_bytes_max = 13;
  auto db = OpenEmpty(options);
  Put(*db, std::string(13, 'k'), "value");
  EXPECT_TRUE(Fails(
      db->Put(std::string(14, 'k'), "value"), StatusCode::kInvalidArgument,
      {"key", "14", "13"}));
  EXPECT_EQ(Contents(*db), (Map{{std::string(13, 'k'), "value"}}));
}

TEST(LimitsTest, ValueLimitIsTheOneThatWasChosen) {
  Options options;
  options.value_bytes_max = 13;
  auto db = OpenEmpty(options);
  Put(*db, "key", std::string(13, 'v'));
  EXPECT_TRUE(Fails(
      db->Put("key", std::string(14, 'x')), StatusCode::kInvalidArgument,
      {"value", "14", "13"}));
  EXPECT_EQ(Contents(*db), (Map{{"key", std::string(13, 'v')}}))
      << "a put that fails leaves the value that was there";
}

TEST(LimitsTest, LimitsMayBeLargerThanTheDefaults) {
  Options options;
  options.key_bytes_max = 5000;
  options.value_bytes_max = 3 << 20;
  auto db = OpenEmpty(options);
  const std::string key(5000, 'k');
  const std::string value(3 << 20, 'v');
  Put(*db, key, value);
  EXPECT_TRUE(SameBytes(Read(*db, key), value));
}

TEST(LimitsTest, KeyAndValueLimitsDoNotDependOnEachOther) {
  Options options;
  options.key_bytes_max = 4;
  options.value_bytes_max = 40;
  auto db = OpenEmpty(options);
  Put(*db, "four", std::string(40, 'v'));
  EXPECT_TRUE(Fails(
      db->Put("fifth", ""), StatusCode::kInvalidArgument, {"key", "5", "4"}))
      << "a short value does not help a long key";
  EXPECT_EQ(Read(*db, "four"), std::string(40, 'v'));
}

TEST(LimitsTest, DeleteOfATooLongKeyIsRefused) {
  Options options;
  options.key_bytes_max = 13;
  auto db = OpenEmpty(options);
  Put(*db, std::string(13, 'k'), "value");
  EXPECT_TRUE(Fails(
      db->Delete(std::string(14, 'k')), StatusCode::kInvalidArgument,
      {"key", "14", "13"}))
      << "no write may carry a key over the limit";
  EXPECT_EQ(Contents(*db), (Map{{std::string(13, 'k'), "value"}}));
}

TEST(LimitsTest, ReadingATooLongKeyFindsNothing) {
  Options options;
  options.key_bytes_max = 13;
  auto db = OpenEmpty(options);
  Put(*db, std::string(13, 'k'), "value");
  EXPECT_FALSE(db->Get(std::string(14, 'k')).ok())
      << "a key is not cut to the limit";
  Result<bool> exists = db->Exists(std::string(14, 'k'));
  EXPECT_FALSE(exists.ok() && *exists) << "a key is not cut to the limit";
}

TEST(LimitsTest, WritesGoOnAfterOneThatFailed) {
  Options options;
  options.key_bytes_max = 13;
  options.value_bytes_max = 13;
  auto db = OpenEmpty(options);
  for (int i = 0; i < 20; ++i) {
    ASSERT_FALSE(db->Put(std::string(14, 'k'), "v").ok());
    ASSERT_FALSE(db->Put("k", std::string(14, 'v')).ok());
    Put(*db, "key" + std::to_string(i), "value");
  }
  EXPECT_EQ(KeysOf(*db).size(), 20u) << "only what was acknowledged is there";
}

constexpr uint64_t kMemoryLimit = 4 << 20;
constexpr size_t kValueBytes = 16 << 10;

// Puts distinct keys until the database refuses one, which is returned in
// `*refused`; returns what was acknowledged.
Map FillUntilRefused(Database& db, std::string* refused, Status* status) {
  SeededRandom random(7);
  Map acknowledged;
  for (int i = 0; i < 4096; ++i) {  // sixteen times the limit
    const std::string key = "key" + std::to_string(i);
    const std::string value = RandomBytes(random, kValueBytes);
    *status = db.Put(key, value);
    if (!status->ok()) {
      *refused = key;
      break;
    }
    acknowledged[key] = value;
  }
  return acknowledged;
}

TEST(LimitsTest, MemoryLimitRefusesWithAnErrorOfItsOwn) {
  Options options;
  options.memory_bytes_max = kMemoryLimit;
  auto db = OpenEmpty(options);
  std::string refused;
  Status status;
  const Map acknowledged = FillUntilRefused(*db, &refused, &status);
  EXPECT_TRUE(Fails(
      status, StatusCode::kResourceExhausted,
      {"memory", std::to_string(kMemoryLimit)}))
      << "64 MiB do not fit into 4 MiB, and the error says which limit it is";
  EXPECT_LT(acknowledged.size() * kValueBytes, kMemoryLimit)
      << "no more is acknowledged than the limit can hold";
  EXPECT_GT(acknowledged.size() * kValueBytes, kMemoryLimit / 16)
      << "a database with room takes what fits";
}

TEST(LimitsTest, AtTheMemoryLimitEverythingAcknowledgedStaysReadable) {
  Options options;
  options.memory_bytes_max = kMemoryLimit;
  auto db = OpenEmpty(options);
  std::string refused;
  Status status;
  const Map acknowledged = FillUntilRefused(*db, &refused, &status);
  ASSERT_FALSE(status.ok()) << "the fill must reach the limit";
  EXPECT_EQ(KeysOf(*db).size(), acknowledged.size())
      << "exactly the acknowledged keys are there";
  for (const auto& [key, value] : acknowledged) {
    ASSERT_TRUE(SameBytes(Read(*db, key), value)) << key << " was acknowledged";
  }
  EXPECT_EQ(Read(*db, refused), "(not found)")
      << "a put that was refused leaves nothing";
}

TEST(LimitsTest, AnOverwriteThatDoesNotFitLeavesTheOldValue) {
  Options options;
  options.memory_bytes_max = kMemoryLimit;
  options.value_bytes_max = 8 << 20;
  auto db = OpenEmpty(options);
  SeededRandom random(1);
  Put(*db, "key", "old");
  const Status status = db->Put("key", RandomBytes(random, 6 << 20));
  EXPECT_TRUE(Fails(
      status, StatusCode::kResourceExhausted, {std::to_string(kMemoryLimit)}))
      << "6 MiB do not fit into 4 MiB";
  EXPECT_EQ(Contents(*db), (Map{{"key", "old"}}))
      << "a put that is refused changes nothing";
  Put(*db, "key", "new");
  EXPECT_EQ(Read(*db, "key"), "new") << "what fits is still accepted";
}

TEST(RenameTest, AtTheMemoryLimitIsAllOrNothing) {
  Options options;
  options.memory_bytes_max = kMemoryLimit;
  auto db = OpenEmpty(options);
  std::string refused;
  Status fill_status;
  const Map acknowledged = FillUntilRefused(*db, &refused, &fill_status);
  const auto& [from, value] = *acknowledged.begin();
  const std::string to(1024, 't');
  const Status status = db->Rename(from, to);
  if (status.ok()) {
    EXPECT_TRUE(SameBytes(Read(*db, to), value)) << "the rename was done";
    EXPECT_EQ(Read(*db, from), "(not found)") << "the rename was done";
  } else {
    EXPECT_TRUE(Fails(status, StatusCode::kResourceExhausted));
    EXPECT_TRUE(SameBytes(Read(*db, from), value)) << "it changed nothing";
    EXPECT_EQ(Read(*db, to), "(not found)") << "it changed nothing";
  }
  EXPECT_EQ(KeysOf(*db).size(), acknowledged.size())
      << "a rename neither adds nor loses a key";
}

TEST(LimitsTest, ReadsAndFurtherRefusalsDoNotWearTheDatabaseOut) {
  Options options;
  options.memory_bytes_max = kMemoryLimit;
  auto db = OpenEmpty(options);
  std::string refused;
  Status status;
  const Map acknowledged = FillUntilRefused(*db, &refused, &status);
  SeededRandom random(8);
  const std::string megabyte = RandomBytes(random, 1 << 20);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Fails(
        db->Put("more" + std::to_string(i), megabyte),
        StatusCode::kResourceExhausted));
  }
  EXPECT_EQ(KeysOf(*db).size(), acknowledged.size())
      << "a put that is refused leaves nothing, however often it is tried";
}

}  // namespace
}  // namespace kv
