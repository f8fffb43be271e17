// Goal: a read into a string with room allocates nothing, and neither does
// the answer that there is no such key.
// Method: this program's operator new counts the calls of each thread.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "support/database_verbs.h"

namespace {

thread_local uint64_t allocations = 0;

}  // namespace

void* operator new(size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace kv {
namespace {

TEST(AllocationTest, TheCounterCounts) {
  const uint64_t before = allocations;
  std::string* text = new std::string(1000, 'x');
  EXPECT_EQ(allocations - before, 2u) << "the string and its bytes";
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
  const uint64_t before = allocations;
  for (int i = 0; i < 1000; ++i) {
    if (db->GetInto(asked, &value).ok()) ++found;
  }
  const uint64_t counted = allocations - before;
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
  const uint64_t before = allocations;
  for (int i = 0; i < 1000; ++i) {
    if (db->GetInto("a key that was never put into it", &value).IsNotFound()) {
      ++missed;
    }
  }
  const uint64_t counted = allocations - before;
  EXPECT_EQ(missed, 1000u) << "the key was never put";
  EXPECT_EQ(counted, 0u) << "NotFound allocates nothing";
}

TEST(AllocationTest, ANotFoundStatusAllocatesNothing) {
  const uint64_t before = allocations;
  const Status made = Status::NotFound();
  const Status copied = made;
  const bool not_found = copied.IsNotFound() && copied.message().empty();
  const uint64_t counted = allocations - before;
  EXPECT_TRUE(not_found);
  EXPECT_EQ(counted, 0u) << "NotFound is made and copied without memory";
}

}  // namespace
}  // namespace kv
