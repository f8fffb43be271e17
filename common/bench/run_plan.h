#pragma once

// Runs a plan on a store against the clock.
//
// Method: throughput is that of the whole loop. Latencies are taken of every
//   operation if they are slow, else of one in kSampleEvery, a prime, so that
//   reading the clock does not become what is measured; the cost of reading it
//   is taken off each latency. Keys and values are made beforehand.

#include <cstdint>

#include "common/base/histogram.h"
#include "common/base/status.h"
#include "common/bench/allocations.h"
#include "common/bench/store.h"
#include "common/bench/workloads.h"

namespace kv::bench {

inline constexpr uint64_t kSampleEvery = 31;

struct PlanRun {
  uint64_t operations = 0;
  double seconds = 0;
  Histogram latency_ns;
  AllocationCounts allocated;  ///< while the clock ran
};

/// Ends before the plan does once `seconds_max` have passed.
/// Errors: what the store returns; Corruption if reads did not find what the
/// plan says, since a store that loses data is fast.
Result<PlanRun> RunPlan(
    const Plan& plan, Store* store, Values* values, uint64_t timer_ns,
    double seconds_max);

/// What one reading of the clock takes.
uint64_t MeasureTimerNanos();

/// What a loop over reads takes if the store does nothing: the calls through
/// the interface and the share of the clock.
double MeasureHarnessNanos(uint64_t timer_ns);

}  // namespace kv::bench
