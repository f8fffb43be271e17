#pragma once

// One workload on a new store in a directory of its own: what the report of
// one store and the comparison of several are made of.

#include <cstdint>
#include <string>
#include <vector>

#include "common/bench/run_plan.h"
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
  std::vector<std::string> against;  ///< peers; empty: a report of one store
  std::string directory;  ///< to make files in; empty: the system's for these
  StoreSettings store;  ///< of every store
};

/// What a kind of store can do, and how it is opened.
struct StoreTraits {
  Capabilities capabilities;
  std::string options;
};

/// Opens one, in a directory of its own, to ask it.
Result<StoreTraits> AskStore(
    const StoreFactory& factory, const BenchSettings& settings);

bool IsChosen(const Workload& workload, const BenchSettings& settings);
bool Offers(const StoreTraits& traits, const Workload& workload);

/// Loads the data set if the plan wants it, which takes no part in the
/// figures, and runs the plan. The store and its files are gone afterwards.
Result<PlanRun> RunOnNewStore(
    const StoreFactory& factory, const BenchSettings& settings,
    const Plan& plan, uint64_t timer_ns);

}  // namespace kv::bench
