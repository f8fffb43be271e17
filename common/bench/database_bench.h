#pragma once

// The program that measures one store: every stage's bench/database_bench.cc
// is this with the stage's factory, and so are the peers.

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/bench/report.h"
#include "common/bench/store.h"
#include "common/bench/workloads.h"

namespace kv::bench {

struct BenchSettings {
  std::vector<std::string> workloads;  ///< empty: all
  uint64_t keys = 10000;
  uint64_t value_bytes = kValueBytes;
  uint64_t operations = 200000;  ///< of the workloads that choose keys
  uint64_t runs = 5;
  uint64_t seed = 1;
  double seconds_max = 2;  ///< for one run of one workload
  std::string json;  ///< a file to write; empty: none
  std::string directory;  ///< to make files in; empty: the system's for these
};

/// Each workload `runs` times, each time on a fresh store. A result is the run
/// with the median throughput; its percentiles are over all runs.
Result<Report> MeasureStore(
    const StoreFactory& factory, const BenchSettings& settings);

/// main() of such a program. Returns its exit code: 0 if everything ran, 1 if
/// something failed, 2 if the arguments are wrong.
int RunDatabaseBench(int argc, char** argv, const StoreFactory& factory);

}  // namespace kv::bench
