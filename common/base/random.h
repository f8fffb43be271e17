#pragma once

// Where random numbers come from: a seam, so that a run can be replayed.
//
// Threads: SystemRandom may be used by any thread; SeededRandom by one.

#include <cstdint>

namespace kv {

class Random {
 public:
  virtual ~Random() = default;

  /// 64 bits.
  virtual uint64_t Next() = 0;

  /// A number below `bound`; bound > 0.
  uint64_t Below(uint64_t bound) { return Next() % bound; }

  /// True once in `n` times; n > 0.
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  /// The operating system's random device.
  static Random* System();
};

/// The same seed gives the same numbers on every machine and compiler.
/// Source: SplitMix64.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  uint64_t Next() override {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t word = state_;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace kv
