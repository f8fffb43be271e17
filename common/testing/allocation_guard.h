#pragma once

// Notices a request for more memory than any honest input could need, such as
// a buffer whose length was read from damaged bytes.
//
// Also counts the requests of each thread, for what should make none.
//
// Contract: while an AllocationGuard lives, operator new for more than its
//   limit throws std::bad_alloc, and the size is remembered.
// Threads: any thread's requests count; one guard at a time in a process.
// Limits: a program that uses it gets operator new and delete from
//   allocation_guard.cc and must not bring its own. malloc is not seen.

#include <cstddef>
#include <cstdint>

namespace kv::testing {

class AllocationGuard {
 public:
  explicit AllocationGuard(size_t bytes_max);
  ~AllocationGuard();
  AllocationGuard(const AllocationGuard&) = delete;
  AllocationGuard& operator=(const AllocationGuard&) = delete;

  /// The greatest single request since the guard was made, in bytes.
  size_t Greatest() const;
  bool WasExceeded() const { return Greatest() > bytes_max_; }

 private:
  const size_t bytes_max_;
};

/// How many times the calling thread has called operator new so far.
uint64_t ThreadAllocations();

}  // namespace kv::testing
