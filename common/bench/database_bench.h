#pragma once

// The program that measures one store: every stage's bench/database_bench.cc
// is this with the stage's factory, and so are the peers.

#include "common/base/status.h"
#include "common/bench/report.h"
#include "common/bench/store.h"
#include "common/bench/store_run.h"

namespace kv::bench {

/// Each workload `runs` times, each time on a fresh store. A result is the run
/// with the median throughput; its percentiles are over all runs.
Result<Report> MeasureStore(
    const StoreFactory& factory, const BenchSettings& settings);

/// main() of such a program. Returns its exit code: 0 if everything ran, 1 if
/// something failed, 2 if the arguments are wrong.
int RunDatabaseBench(int argc, char** argv, const StoreFactory& factory);

}  // namespace kv::bench
