#include "common/bench/store_run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace kv::bench {
namespace {

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

}  // namespace

Result<StoreTraits> AskStore(
    const StoreFactory& factory, const BenchSettings& settings) {
  KV_ASSIGN_OR_RETURN(
      const ScratchDirectory directory,
      ScratchDirectory::Create(settings.directory));
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<Store> store,
      factory.open(directory.path(), settings.store));
  return StoreTraits{store->GetCapabilities(), store->DescribeOptions()};
}

bool IsChosen(const Workload& workload, const BenchSettings& settings) {
  const std::vector<std::string>& chosen = settings.workloads;
  return chosen.empty() ||
      std::find(chosen.begin(), chosen.end(), workload.name) != chosen.end();
}

bool Offers(const StoreTraits& traits, const Workload& workload) {
  return workload.needs == nullptr || traits.capabilities.*workload.needs;
}

Result<PlanRun> RunOnNewStore(
    const StoreFactory& factory, const BenchSettings& settings,
    const Plan& plan, uint64_t timer_ns) {
  KV_ASSIGN_OR_RETURN(
      const ScratchDirectory directory,
      ScratchDirectory::Create(settings.directory));
  KV_ASSIGN_OR_RETURN(
      const std::unique_ptr<Store> store,
      factory.open(directory.path(), settings.store));
  Values values(settings.seed, settings.value_bytes);
  if (!plan.starts_empty) {
    KV_RETURN_IF_ERROR(Load(settings.keys, store.get(), &values));
  }
  return RunPlan(plan, store.get(), &values, timer_ns, settings.seconds_max);
}

}  // namespace kv::bench
