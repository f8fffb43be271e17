// Goal: a read into a string with room allocates nothing, and neither does
// the answer that there is no such key.
// Method: this program's operator new counts the calls of each thread.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "common/testing/allocation_guard.h"
#include "support/database_verbs.h"

namespace kv {
namespace {

using testing::ThreadAllocations;

TEST(AllocationTest, TheCounterCounts) {
  const uint64_t before = ThreadAllocations();
  std::string* text = new std::string(1000, 'x');
  EXPECT_EQ(ThreadAllocations() - before, 2u) << "the string and its bytes";
  delete text;
}

TEST(AllocationTest, GetIntoAStringWithRoomAllocatesNothing) {
  auto db = OpenEmpty();
  for (int i = 0; i < 100; ++i) {
    Put(*db, "key" + std::to_string(i), std::string(100, 'v'));
  }
  const std::string key = "key42, a key of which only five bytes are asked for";
  const std::string_view asked = std::string_view(key).substr(0, 5);
  std::string value(100, ' ');
  uint64_t found = 0;
  // The first read may make a buffer that all later ones use.
  ASSERT_TRUE(db->GetInto(asked, &value).ok());
  const uint64_t before = ThreadAllocations();
  for (int i = 0; i < 1000; ++i) {
    if (db->GetInto(asked, &value).ok()) ++found;
  }
  const uint64_t counted = ThreadAllocations() - before;
  EXPECT_EQ(found, 1000u) << "the key was put";
  EXPECT_EQ(counted, 0u)
      << "GetInto allocates nothing if the string's capacity suffices";
  EXPECT_EQ(value, std::string(100, 'v'));
}

TEST(AllocationTest, GetIntoOfAnAbsentKeyAllocatesNothing) {
  auto db = OpenEmpty();
  Put(*db, "key", std::string(100, 'v'));
  std::string value;
  uint64_t missed = 0;
  ASSERT_EQ(Read(*db, "key").size(), 100u) << "the first read is not counted";
  const uint64_t before = ThreadAllocations();
  for (int i = 0; i < 1000; ++i) {
    if (db->GetInto("a key that was never put into it", &value).IsNotFound()) {
      ++missed;
    }
  }
  const uint64_t counted = ThreadAllocations() - before;
  EXPECT_EQ(missed, 1000u) << "the key was never put";
  EXPECT_EQ(counted, 0u) << "NotFound allocates nothing";
}

TEST(AllocationTest, ANotFoundStatusAllocatesNothing) {
  const uint64_t before = ThreadAllocations();
  const Status made = Status::NotFound();
  const Status copied = made;
  const bool not_found = copied.IsNotFound() && copied.message().empty();
  const uint64_t counted = ThreadAllocations() - before;
  EXPECT_TRUE(not_found);
  EXPECT_EQ(counted, 0u) << "NotFound is made and copied without memory";
}

}  // namespace
}  // namespace kv
