#pragma once

// Where time comes from: a seam, so that tests and simulations own it.
//
// Threads: SystemClock may be used by any thread; ManualClock by one.

#include <cstdint>

namespace kv {

class Clock {
 public:
  virtual ~Clock() = default;

  /// Microseconds since 1970-01-01 UTC. May jump when the machine's clock is
  /// set; it is what an instant on disk means after a restart.
  virtual uint64_t WallMicros() = 0;

  /// Nanoseconds since some instant of this process; never goes back.
  virtual uint64_t MonotonicNanos() = 0;

  /// The machine's own clocks.
  static Clock* System();
};

/// Stands still until it is told to advance.
class ManualClock : public Clock {
 public:
  explicit ManualClock(uint64_t wall_micros = 0) : wall_micros_(wall_micros) {}

  uint64_t WallMicros() override { return wall_micros_; }
  uint64_t MonotonicNanos() override { return monotonic_nanos_; }

  void AdvanceMicros(uint64_t micros) {
    wall_micros_ += micros;
    monotonic_nanos_ += micros * 1000;
  }

 private:
  uint64_t wall_micros_;
  uint64_t monotonic_nanos_ = 0;
};

}  // namespace kv
