#include "common/bench/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace kv::bench {
namespace {

// One thread's counts. Only its thread writes; CountAllocations() reads. They
// are never freed, since a thread's last allocations come after any moment at
// which it could tidy up.
struct ThreadCounts {
  std::atomic<uint64_t> allocations = 0;
  std::atomic<uint64_t> bytes = 0;
  ThreadCounts* next = nullptr;
};

std::atomic<ThreadCounts*> all_threads = nullptr;
thread_local ThreadCounts* this_thread = nullptr;

ThreadCounts* AddThisThread() {
  void* memory = std::malloc(sizeof(ThreadCounts));
  if (memory == nullptr) std::abort();
  this_thread = ::new (memory) ThreadCounts;
  this_thread->next = all_threads.load();
  while (!all_threads.compare_exchange_weak(this_thread->next, this_thread)) {
  }
  return this_thread;
}

void Count(size_t bytes) {
  ThreadCounts* counts = this_thread;
  if (counts == nullptr) counts = AddThisThread();
  // Not fetch_add: there is no second writer, and a locked instruction here
  // would cost more than the rest of the counting.
  constexpr auto kRelaxed = std::memory_order_relaxed;
  counts->allocations.store(counts->allocations.load(kRelaxed) + 1, kRelaxed);
  counts->bytes.store(counts->bytes.load(kRelaxed) + bytes, kRelaxed);
}

void* Allocate(size_t bytes) {
  Count(bytes);
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* AllocateAligned(size_t bytes, std::align_val_t alignment) {
  Count(bytes);
  const size_t align = static_cast<size_t>(alignment);
  const size_t rounded = (bytes + align - 1) / align * align;
  void* memory = std::aligned_alloc(align, rounded == 0 ? align : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

AllocationCounts CountAllocations() {
  AllocationCounts sum;
  for (const ThreadCounts* counts = all_threads.load(); counts != nullptr;
       counts = counts->next) {
    sum.allocations += counts->allocations.load(std::memory_order_relaxed);
    sum.bytes += counts->bytes.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace kv::bench

// The forms that are not replaced here call these.
void* operator new(size_t bytes) {
  return kv::bench::Allocate(bytes);
}
void* operator new(size_t bytes, std::align_val_t alignment) {
  return kv::bench::AllocateAligned(bytes, alignment);
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
