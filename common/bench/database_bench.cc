#include "common/bench/database_bench.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/base/check.h"
#include "common/bench/against.h"
#include "common/bench/peers/peers.h"
#include "common/bench/run_plan.h"

namespace kv::bench {
namespace {

constexpr char kUsage[] =
    "Measures this store and prints a table.\n"
    "  --workloads A,B     only these (default: all; --list names them)\n"
    "  --keys N            size of the data set (default 10000)\n"
    "  --value-bytes N     size of a value (default 100)\n"
    "  --operations N      for workloads that choose keys (default 200000)\n"
    "  --runs N            of each workload; the median counts (default 5)\n"
    "  --seed N            of keys, values and choices (default 1)\n"
    "  --seconds-max S     ends a run early (default 2)\n"
    "  --dir DIR           where a store may put files (default: the system's\n"
    "                      directory for temporary files)\n"
    "  --json FILE         writes the results there too\n"
    "  --memtable-bytes N  how large a memtable grows in every store that\n"
    "                      writes it to tables (default: as each store does)\n"
    "  --compression off   in the stores that would compress (default: on)\n"
    "  --against A,B       in turns with these peers, as ratios; absent ones\n"
    "                      are named (kv_peer_bench --peers lists all)\n"
    "  --list              names the workloads\n";

// Measures one store: holds what stays the same from workload to workload.
class Measurement {
 public:
  Measurement(const StoreFactory& factory, const BenchSettings& settings)
      : factory_(factory),
        settings_(settings),
        timer_ns_(MeasureTimerNanos()) {}

  Result<Report> Run() {
    report_.stage = factory_.name;
    report_.keys = settings_.keys;
    report_.value_bytes = settings_.value_bytes;
    report_.seed = settings_.seed;
    report_.runs = settings_.runs;
    report_.timer_ns = static_cast<double>(timer_ns_);
    report_.harness_ns_per_op = MeasureHarnessNanos(timer_ns_);
    KV_ASSIGN_OR_RETURN(
        const StoreTraits traits, AskStore(factory_, settings_));
    report_.options = traits.options;
    for (const Workload& workload : Workloads()) {
      if (!IsChosen(workload, settings_)) continue;
      if (!Offers(traits, workload)) {
        report_.skipped.push_back({workload.name, "not offered by this store"});
        continue;
      }
      const Status status = RunWorkload(workload);
      if (!status.ok()) {
        return Status::Aborted(workload.name + ": " + status.ToString());
      }
    }
    return std::move(report_);
  }

 private:
  Status RunWorkload(const Workload& workload) {
    SeededRandom random(settings_.seed);
    const Plan plan =
        workload.make_plan(settings_.keys, settings_.operations, &random);
    std::vector<PlanRun> runs;
    Histogram latency_ns;
    for (uint64_t i = 0; i < settings_.runs; ++i) {
      KV_ASSIGN_OR_RETURN(
          PlanRun run, RunOnNewStore(factory_, settings_, plan, timer_ns_));
      latency_ns.Merge(run.latency_ns);
      runs.push_back(std::move(run));
    }
    std::sort(runs.begin(), runs.end(), [](const PlanRun& a, const PlanRun& b) {
      return a.seconds * static_cast<double>(b.operations) <
          b.seconds * static_cast<double>(a.operations);
    });
    const PlanRun& median = runs[runs.size() / 2];
    const double operations = static_cast<double>(median.operations);
    report_.results.push_back({
        .workload = workload.name,
        .operations = median.operations,
        .seconds = median.seconds,
        .p50_ns = latency_ns.Percentile(50),
        .p95_ns = latency_ns.Percentile(95),
        .p99_ns = latency_ns.Percentile(99),
        .allocations_per_op =
            static_cast<double>(median.allocated.allocations) / operations,
        .allocated_bytes_per_op =
            static_cast<double>(median.allocated.bytes) / operations,
    });
    return Status::Ok();
  }

  const StoreFactory& factory_;
  const BenchSettings& settings_;
  const uint64_t timer_ns_;
  Report report_;
};

bool ParseNumber(const std::string& text, uint64_t* number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *number);
  return error == std::errc() && stop == end && *number > 0;
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t comma; (comma = text.find(',', from)) != std::string::npos;
       from = comma + 1) {
    parts.push_back(text.substr(from, comma - from));
  }
  parts.push_back(text.substr(from));
  return parts;
}

std::optional<Peer> FindPeer(std::string_view name) {
  for (const Peer& peer : AllPeers()) {
    if (peer.factory.name == name) return peer;
  }
  return std::nullopt;
}

Status SetOption(
    const std::string& name, const std::string& value,
    BenchSettings* settings) {
  const std::pair<std::string_view, uint64_t*> numbers[] = {
      {"--keys", &settings->keys},
      {"--value-bytes", &settings->value_bytes},
      {"--operations", &settings->operations},
      {"--runs", &settings->runs},
      {"--seed", &settings->seed},
      {"--memtable-bytes", &settings->store.memtable_bytes},
  };
  for (const auto& [option, number] : numbers) {
    if (option != name) continue;
    if (ParseNumber(value, number)) return Status::Ok();
    return Status::InvalidArgument(
        name + ": '" + value + "' is not a number of at least 1");
  }
  if (name == "--seconds-max") {
    settings->seconds_max = std::atof(value.c_str());
    if (settings->seconds_max > 0) return Status::Ok();
    return Status::InvalidArgument(name + ": '" + value + "' is no time");
  }
  if (name == "--json") {
    settings->json = value;
    return Status::Ok();
  }
  if (name == "--compression") {
    settings->store.compression = value == "on";
    if (value == "on" || value == "off") return Status::Ok();
    return Status::InvalidArgument(name + ": '" + value + "' is not on or off");
  }
  if (name == "--dir") {
    settings->directory = value;
    return Status::Ok();
  }
  if (name == "--against") {
    settings->against = SplitAtCommas(value);
    for (const std::string& peer : settings->against) {
      if (!FindPeer(peer).has_value()) {
        return Status::InvalidArgument("there is no peer '" + peer + "'");
      }
    }
    return Status::Ok();
  }
  if (name != "--workloads") {
    return Status::InvalidArgument("there is no option '" + name + "'");
  }
  settings->workloads = SplitAtCommas(value);
  for (const std::string& workload : settings->workloads) {
    if (FindWorkload(workload) == nullptr) {
      std::string names;
      for (const Workload& known : Workloads()) {
        names += (names.empty() ? "" : ", ") + std::string(known.name);
      }
      return Status::InvalidArgument(
          "there is no workload '" + workload + "'; there are " + names);
    }
  }
  return Status::Ok();
}

Status ParseArguments(int argc, char** argv, BenchSettings* settings) {
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) {
      return Status::InvalidArgument(
          "'" + std::string(argv[i]) + "' is no option, or lacks its value");
    }
    KV_RETURN_IF_ERROR(SetOption(argv[i], argv[i + 1], settings));
  }
  if (settings->keys > UINT32_MAX / 2 ||
      settings->operations > UINT32_MAX / 2) {
    return Status::InvalidArgument("--keys and --operations end at 2^31 - 1");
  }
  if (!settings->against.empty() && !settings->json.empty()) {
    return Status::InvalidArgument("--against writes no --json");
  }
  return Status::Ok();
}

// Prints the ratios to the chosen peers, of which at least one must be there.
Status PrintRatios(const StoreFactory& ours, const BenchSettings& settings) {
  std::vector<StoreFactory> peers;
  for (const std::string& name : settings.against) {
    const std::optional<Peer> peer = FindPeer(name);
    KV_CHECK(peer.has_value(), "the arguments were checked");
    if (peer->factory.open) {
      peers.push_back(peer->factory);
    } else {
      std::printf(
          "%s: absent, install %s and build again\n", name.c_str(),
          peer->package.c_str());
    }
  }
  if (peers.empty()) {
    return Status::NotSupported("none of the peers is built in");
  }
  KV_ASSIGN_OR_RETURN(
      const std::string table, MeasureAgainst(ours, peers, settings));
  std::fputs(table.c_str(), stdout);
  return Status::Ok();
}

// Prints the results of one store, and writes them where the settings say.
Status PrintReport(const StoreFactory& ours, const BenchSettings& settings) {
  KV_ASSIGN_OR_RETURN(const Report report, MeasureStore(ours, settings));
  std::fputs(ToTable(report).c_str(), stdout);
  return settings.json.empty() ? Status::Ok()
                               : WriteTextFile(settings.json, ToJson(report));
}

}  // namespace

Result<Report> MeasureStore(
    const StoreFactory& factory, const BenchSettings& settings) {
  return Measurement(factory, settings).Run();
}

int RunDatabaseBench(int argc, char** argv, const StoreFactory& factory) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (argc == 2 && std::string_view(argv[1]) == "--list") {
    for (const Workload& workload : Workloads()) {
      std::printf(
          "%-12s %s\n", workload.name.c_str(), workload.description.c_str());
    }
    return 0;
  }
  BenchSettings settings;
  const Status parsed = ParseArguments(argc, argv, &settings);
  if (!parsed.ok()) {
    std::fprintf(stderr, "%s\n%s", parsed.ToString().c_str(), kUsage);
    return 2;
  }
  const Status status = settings.against.empty()
      ? PrintReport(factory, settings)
      : PrintRatios(factory, settings);
  if (!status.ok()) {
    std::fprintf(
        stderr, "%s: %s\n", factory.name.c_str(), status.ToString().c_str());
    return 1;
  }
  return 0;
}

}  // namespace kv::bench
