#pragma once

// How long something takes, for benchmarks that measure no workload.

#include <chrono>
#include <cstdint>

namespace kv::bench {

/// Runs from its construction on.
class Stopwatch {
 public:
  double Nanos() const {
    return std::chrono::duration<double, std::nano>(Clock::now() - start_)
        .count();
  }
  /// Nanoseconds for each of `count`.
  double NanosEach(uint64_t count) const {
    return Nanos() / static_cast<double>(count);
  }
  /// How many of `count` a second.
  double PerSecond(uint64_t count) const {
    return static_cast<double>(count) / (Nanos() / 1e9);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const Clock::time_point start_ = Clock::now();
};

}  // namespace kv::bench
