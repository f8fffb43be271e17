#pragma once

// The workloads on one store and on its peers in turns, as ratios.

#include <string>
#include <vector>

#include "common/bench/store.h"
#include "common/bench/store_run.h"

namespace kv::bench {

/// Each workload that all of them offer in `settings.runs` rounds, by the
/// method of ratio.h, each run on a new store, with the same keys, values and
/// order of operations. Returns a table: the options of every store, then a
/// line for each workload and peer; the workloads that were left out are named.
/// Errors: the first one that a store answered, with workload and store.
Result<std::string> MeasureAgainst(
    const StoreFactory& ours, const std::vector<StoreFactory>& peers,
    const BenchSettings& settings);

}  // namespace kv::bench
