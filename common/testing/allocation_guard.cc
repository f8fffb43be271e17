#include "common/testing/allocation_guard.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "common/base/check.h"

namespace {

// The limit of the guard that lives; SIZE_MAX without one.
std::atomic<size_t> allocation_bytes_max = SIZE_MAX;
std::atomic<size_t> greatest_allocation = 0;
thread_local uint64_t thread_allocations = 0;

// Whether the request may be granted.
bool Note(size_t bytes) {
  ++thread_allocations;
  const size_t limit = allocation_bytes_max.load(std::memory_order_relaxed);
  if (limit == SIZE_MAX) return true;
  size_t greatest = greatest_allocation.load(std::memory_order_relaxed);
  while (bytes > greatest &&
         !greatest_allocation.compare_exchange_weak(greatest, bytes)) {
  }
  return bytes <= limit;
}

}  // namespace

// The other forms (arrays, nothrow) call these.

void* operator new(size_t bytes) {
  void* memory = Note(bytes) ? std::malloc(bytes == 0 ? 1 : bytes) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(size_t bytes, std::align_val_t alignment) {
  const size_t align = static_cast<size_t>(alignment);
  void* memory = nullptr;
  if (Note(bytes) && bytes <= SIZE_MAX - align) {
    // aligned_alloc wants a multiple of the alignment.
    const size_t rounded = (bytes + align - 1) / align * align;
    memory = std::aligned_alloc(align, rounded == 0 ? align : rounded);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace kv::testing {

AllocationGuard::AllocationGuard(size_t bytes_max) : bytes_max_(bytes_max) {
  KV_CHECK(
      allocation_bytes_max.load() == SIZE_MAX, "one AllocationGuard at a time");
  greatest_allocation.store(0);
  allocation_bytes_max.store(bytes_max);
}

AllocationGuard::~AllocationGuard() {
  allocation_bytes_max.store(SIZE_MAX);
}

size_t AllocationGuard::Greatest() const {
  return greatest_allocation.load();
}

uint64_t ThreadAllocations() {
  return thread_allocations;
}

}  // namespace kv::testing
