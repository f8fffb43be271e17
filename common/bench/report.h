#pragma once

// What a benchmark found out, as a table for people and as JSON for programs.

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace kv::bench {

struct WorkloadResult {
  std::string workload;
  uint64_t operations = 0;
  double seconds = 0;
  uint64_t p50_ns = 0;
  uint64_t p95_ns = 0;
  uint64_t p99_ns = 0;
  double allocations_per_op = 0;
  double allocated_bytes_per_op = 0;

  double OpsPerSecond() const {
    return seconds > 0 ? static_cast<double>(operations) / seconds : 0;
  }
  double NanosPerOp() const {
    return operations > 0 ? seconds * 1e9 / static_cast<double>(operations) : 0;
  }
};

struct SkippedWorkload {
  std::string workload;
  std::string reason;
};

struct Report {
  std::string stage;  ///< or the name of a peer
  std::string options;  ///< of the store
  uint64_t keys = 0;
  uint64_t value_bytes = 0;
  uint64_t seed = 0;
  uint64_t runs = 0;
  double harness_ns_per_op = 0;  ///< of a store that does nothing
  double timer_ns = 0;  ///< of one reading of the clock
  std::vector<WorkloadResult> results;
  std::vector<SkippedWorkload> skipped;
};

/// A table with one line a workload, the skipped ones named and counted.
std::string ToTable(const Report& report);

/// One JSON object.
std::string ToJson(const Report& report);

/// Errors: IoError with path and reason.
Status WriteTextFile(const std::string& path, const std::string& text);

}  // namespace kv::bench
