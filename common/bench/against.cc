#include "common/bench/against.h"

#include <cstdio>
#include <utility>

#include "common/bench/ratio.h"

namespace kv::bench {
namespace {

std::string RatioLine(
    const std::string& workload, const std::string& peer, const Ratio& ratio) {
  char line[160];
  std::snprintf(
      line, sizeof(line),
      "%-12s %12.1f ns  %-8s %12.1f ns  %8.3fx  spread %5.1f %%\n",
      workload.c_str(), ratio.ours_ns, peer.c_str(), ratio.peer_ns, ratio.value,
      ratio.spread * 100);
  return line;
}

// Appends the ratios of one workload; `stores` begins with ours.
Status Compare(
    const Workload& workload, const std::vector<StoreFactory>& stores,
    const BenchSettings& settings, uint64_t timer_ns, std::string* table) {
  SeededRandom random(settings.seed);
  const Plan plan =
      workload.make_plan(settings.keys, settings.operations, &random);
  Status status;
  std::vector<Contestant> contestants;
  for (const StoreFactory& store : stores) {
    const auto run = [&]() -> std::vector<double> {
      if (!status.ok()) return {0};
      const Result<PlanRun> done =
          RunOnNewStore(store, settings, plan, timer_ns);
      if (!done.ok()) {
        status = Status::Aborted(
            workload.name + " on " + store.name + ": " +
            done.status().ToString());
        return {0};
      }
      return {done->seconds * 1e9 / static_cast<double>(done->operations)};
    };
    contestants.push_back({store.name, run});
  }
  const std::vector<PeerRatios> compared =
      CompareAlternating(contestants, static_cast<int>(settings.runs));
  KV_RETURN_IF_ERROR(status);
  for (const PeerRatios& peer : compared) {
    *table += RatioLine(workload.name, peer.peer, peer.ratios[0]);
  }
  return Status::Ok();
}

}  // namespace

Result<std::string> MeasureAgainst(
    const StoreFactory& ours, const std::vector<StoreFactory>& peers,
    const BenchSettings& settings) {
  std::vector<StoreFactory> stores = {ours};
  stores.insert(stores.end(), peers.begin(), peers.end());
  std::string table = "medians of " + std::to_string(settings.runs) +
      " runs in turns; " + std::to_string(settings.keys) + " keys of " +
      std::to_string(kKeyBytes) + " bytes, values of " +
      std::to_string(settings.value_bytes) + " bytes, seed " +
      std::to_string(settings.seed) + "\n";
  std::vector<StoreTraits> traits;
  for (const StoreFactory& store : stores) {
    KV_ASSIGN_OR_RETURN(StoreTraits each, AskStore(store, settings));
    table += store.name + ": " + each.options + "\n";
    traits.push_back(std::move(each));
  }
  std::string left_out;
  const uint64_t timer_ns = MeasureTimerNanos();
  for (const Workload& workload : Workloads()) {
    if (!IsChosen(workload, settings)) continue;
    bool offered = true;
    for (const StoreTraits& each : traits) {
      offered = offered && Offers(each, workload);
    }
    if (offered) {
      KV_RETURN_IF_ERROR(Compare(workload, stores, settings, timer_ns, &table));
    } else {
      left_out += " " + workload.name;
    }
  }
  if (!left_out.empty()) {
    table += "left out, since one of them does not offer it:" + left_out + "\n";
  }
  return table;
}

}  // namespace kv::bench
