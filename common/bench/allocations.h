#pragma once

// How often and how much this process has allocated with operator new.
//
// Contract: a program that uses CountAllocations() gets operator new and
//   operator delete from allocations.cc; nothing else has to be done.
// Threads: any. Each counts for itself, so that counting costs a few plain
//   instructions and no lock.
// Limits: what a C library takes with malloc directly is not seen.

#include <cstdint>

namespace kv::bench {

struct AllocationCounts {
  uint64_t allocations = 0;
  uint64_t bytes = 0;  ///< as asked for, without the allocator's own overhead
};

/// The sums over all threads, from the start of the process.
AllocationCounts CountAllocations();

}  // namespace kv::bench
