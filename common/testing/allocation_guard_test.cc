// Goal: no way to ask operator new for memory passes the guard.

#include "common/testing/allocation_guard.h"

#include <gtest/gtest.h>

#include <new>
#include <string>
#include <thread>
#include <vector>

namespace kv::testing {
namespace {

constexpr size_t kMax = 1 << 20;

// The operators are called by name: a compiler may leave out a new, or a
// vector, that is deleted at once.
void Take(size_t bytes) {
  ::operator delete(::operator new(bytes));
}

TEST(AllocationGuard, LetsRequestsUpToItsLimitPass) {
  AllocationGuard guard(kMax);
  Take(kMax);
  EXPECT_FALSE(guard.WasExceeded());
  EXPECT_EQ(guard.Greatest(), kMax);
}

TEST(AllocationGuard, RefusesAndRemembersAGreaterOne) {
  AllocationGuard guard(kMax);
  EXPECT_THROW(Take(kMax + 1), std::bad_alloc);
  EXPECT_TRUE(guard.WasExceeded());
  EXPECT_EQ(guard.Greatest(), kMax + 1);
}

// AddressSanitizer brings forms of operator new of its own.
#if !defined(__SANITIZE_ADDRESS__)
TEST(AllocationGuard, SeesStringsArraysNothrowAndAlignedForms) {
  {
    AllocationGuard guard(kMax);
    std::string text;
    EXPECT_THROW(text.resize(2 * kMax), std::bad_alloc);
    EXPECT_TRUE(guard.WasExceeded());
  }
  {
    AllocationGuard guard(kMax);
    void* array = ::operator new[](2 * kMax, std::nothrow);
    EXPECT_EQ(array, nullptr);
    EXPECT_TRUE(guard.WasExceeded());
  }
  {
    AllocationGuard guard(kMax);
    EXPECT_THROW(
        ::operator delete(
            ::operator new(2 * kMax, std::align_val_t(64)),
            std::align_val_t(64)),
        std::bad_alloc);
    EXPECT_TRUE(guard.WasExceeded());
  }
}
#endif

TEST(AllocationGuard, SeesOtherThreads) {
  AllocationGuard guard(kMax);
  std::thread([] {
    try {
      Take(kMax + 7);
    } catch (const std::bad_alloc&) {
    }
  }).join();
  EXPECT_EQ(guard.Greatest(), kMax + 7);
}

TEST(AllocationGuard, EndsWithItsScope) {
  { AllocationGuard guard(16); }
  const std::vector<char> memory(kMax);
  EXPECT_EQ(memory.size(), kMax);
}

}  // namespace
}  // namespace kv::testing
