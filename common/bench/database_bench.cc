#include "common/bench/database_bench.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

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
    "  --list              names the workloads\n";

// A directory of its own, removed with everything in it at the end.
class ScratchDirectory {
 public:
  static Result<ScratchDirectory> Create(const std::string& parent) {
    std::error_code error;
    std::string pattern = parent.empty()
        ? std::filesystem::temp_directory_path(error).string()
        : parent;
    if (pattern.empty()) pattern = "/tmp";
    pattern += "/kv_bench.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
      return Status::IoError(
          "no directory can be made as '" + pattern +
          "': " + std::strerror(errno) + "; choose another with --dir");
    }
    return ScratchDirectory(pattern);
  }

  ScratchDirectory(ScratchDirectory&& other) noexcept
      : path_(std::exchange(other.path_, "")) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

Status Load(uint64_t keys, Store* store, Values* values) {
  for (uint64_t i = 0; i < keys; ++i) {
    KV_RETURN_IF_ERROR(store->Put(PresentKey(i), values->Next()));
  }
  return Status::Ok();
}

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
    KV_ASSIGN_OR_RETURN(const Capabilities capabilities, AskStore());
    for (const Workload& workload : Workloads()) {
      if (!Chosen(workload.name)) continue;
      if (workload.needs != nullptr && !(capabilities.*workload.needs)) {
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
  bool Chosen(const std::string& name) const {
    const std::vector<std::string>& chosen = settings_.workloads;
    return chosen.empty() ||
        std::find(chosen.begin(), chosen.end(), name) != chosen.end();
  }

  Result<Capabilities> AskStore() {
    KV_ASSIGN_OR_RETURN(
        const ScratchDirectory directory,
        ScratchDirectory::Create(settings_.directory));
    KV_ASSIGN_OR_RETURN(
        const std::unique_ptr<Store> store, factory_.open(directory.path()));
    report_.options = store->DescribeOptions();
    return store->GetCapabilities();
  }

  Status RunWorkload(const Workload& workload) {
    SeededRandom random(settings_.seed);
    const Plan plan =
        workload.make_plan(settings_.keys, settings_.operations, &random);
    std::vector<PlanRun> runs;
    Histogram latency_ns;
    for (uint64_t i = 0; i < settings_.runs; ++i) {
      KV_ASSIGN_OR_RETURN(PlanRun run, RunOnce(plan));
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

  Result<PlanRun> RunOnce(const Plan& plan) {
    KV_ASSIGN_OR_RETURN(
        const ScratchDirectory directory,
        ScratchDirectory::Create(settings_.directory));
    KV_ASSIGN_OR_RETURN(
        const std::unique_ptr<Store> store, factory_.open(directory.path()));
    Values values(settings_.seed, settings_.value_bytes);
    if (!plan.starts_empty) {
      KV_RETURN_IF_ERROR(Load(settings_.keys, store.get(), &values));
    }
    return RunPlan(
        plan, store.get(), &values, timer_ns_, settings_.seconds_max);
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

Status SetOption(
    const std::string& name, const std::string& value,
    BenchSettings* settings) {
  const std::pair<std::string_view, uint64_t*> numbers[] = {
      {"--keys", &settings->keys},
      {"--value-bytes", &settings->value_bytes},
      {"--operations", &settings->operations},
      {"--runs", &settings->runs},
      {"--seed", &settings->seed},
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
  if (name == "--dir") {
    settings->directory = value;
    return Status::Ok();
  }
  if (name != "--workloads") {
    return Status::InvalidArgument("there is no option '" + name + "'");
  }
  settings->workloads = SplitAtCommas(value);
  for (const std::string& workload : settings->workloads) {
    if (FindWorkload(workload) == nullptr) {
      return Status::InvalidArgument(
          "there is no workload '" + workload + "'; --list names them");
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
  return Status::Ok();
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
  const Result<Report> report = MeasureStore(factory, settings);
  Status status = report.status();
  if (status.ok()) {
    std::fputs(ToTable(*report).c_str(), stdout);
    if (!settings.json.empty()) {
      status = WriteTextFile(settings.json, ToJson(*report));
    }
  }
  if (!status.ok()) {
    std::fprintf(
        stderr, "%s: %s\n", factory.name.c_str(), status.ToString().c_str());
    return 1;
  }
  return 0;
}

}  // namespace kv::bench
