// What durability costs: puts under each sync policy, beside the system calls
// alone for as many bytes with a sync as often.
//
// Usage: durability_bench [DIR]. Keys of 16 bytes, 10,000 of them over and
// over, values of 100. The peer appends one record with one write(2), and
// syncs with fdatasync(2).

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/bench/bare.h"
#include "common/bench/open_at.h"
#include "common/bench/ratio.h"
#include "common/bench/stopwatch.h"
#include "common/bench/workloads.h"
#include "db/database.h"

namespace kv::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kKeys = 10'000;
constexpr size_t kOperationBytes = 1 + 1 + 1 + kKeyBytes + kValueBytes;
constexpr double kSyncedTarget = 0.9;

// One way to write `puts` keys.
struct Way {
  const char* name;
  uint64_t puts;
  uint64_t puts_each;  // of a batch
  SyncPolicy policy;
  uint64_t interval_micros;
  bool rotates;
};

constexpr Way kWays[] = {
    {"never, one segment", 500'000, 1, SyncPolicy::kNever, 1, false},
    {"never", 500'000, 1, SyncPolicy::kNever, 1, true},
    {"interval of 100 ms", 500'000, 1, SyncPolicy::kInterval, 100'000, true},
    {"interval of 10 ms", 500'000, 1, SyncPolicy::kInterval, 10'000, true},
    {"every write of 100", 100'000, 100, SyncPolicy::kEveryWrite, 1, true},
    {"every write", 2'000, 1, SyncPolicy::kEveryWrite, 1, true},
};

// Nanoseconds a put.
double MeasureOurs(const Way& way, const fs::path& path) {
  fs::remove_all(path);
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < kKeys; ++i) keys.push_back(PresentKey(i));
  const std::string value(kValueBytes, 'v');
  Options options;
  options.sync_policy = way.policy;
  options.sync_interval_micros = way.interval_micros;
  options.memtable_bytes_max = UINT64_MAX;  // a flush is another cost
  if (!way.rotates) options.wal_segment_bytes_max = UINT64_MAX;
  auto db = OpenAt<Database>(path, options);
  WriteBatch batch;
  const Stopwatch watch;
  for (uint64_t i = 0; i < way.puts; i += way.puts_each) {
    if (way.puts_each == 1) {
      KV_CHECK(db->Put(keys[i % kKeys], value).ok(), "a put is Ok");
      continue;
    }
    batch.Clear();
    for (uint64_t j = i; j < i + way.puts_each; ++j) {
      batch.Put(keys[j % kKeys], value);
    }
    KV_CHECK(db->Write(batch).ok(), "a write is Ok");
  }
  return watch.NanosEach(way.puts);
}

double MeasureBare(const Way& way, const fs::path& path) {
  fs::remove(path);
  Result<BareWriter> writer = BareWriter::Create(path.string());
  KV_CHECK(writer.ok(), "the bare file is made");
  const std::string record(
      kFrameHeaderBytes + kBatchHeaderBytes + way.puts_each * kOperationBytes,
      'r');
  const bool each = way.policy == SyncPolicy::kEveryWrite;
  const Stopwatch watch;
  double synced_nanos = 0;  // when the last sync was
  for (uint64_t i = 0; i < way.puts; i += way.puts_each) {
    bool due = each;
    if (way.policy == SyncPolicy::kInterval) {
      due = watch.Nanos() - synced_nanos >=
          static_cast<double>(way.interval_micros) * 1e3;
    }
    const Status status =
        due ? writer->AppendSynced(record) : writer->Append(record);
    KV_CHECK(status.ok(), "a bare write is Ok");
    if (due) synced_nanos = watch.Nanos();
  }
  return watch.NanosEach(way.puts);
}

int Run(const fs::path& directory) {
  fs::create_directories(directory);
  const fs::path ours = directory / "ours";
  const fs::path bare = directory / "bare";
  std::printf(
      "%-20s %12s %12s %9s %8s\n", "synced", "ours", "bare", "ratio", "spread");
  bool met = false;
  for (const Way& way : kWays) {
    const Ratio ratio =
        CompareAlternating(
            {{"ours", [&] { return std::vector{MeasureOurs(way, ours)}; }},
             {"bare", [&] { return std::vector{MeasureBare(way, bare)}; }}})
            .front()
            .ratios.front();
    std::printf(
        "%-20s %9.0f ns %9.0f ns %8.2fx %6.1f %%\n", way.name, ratio.ours_ns,
        ratio.peer_ns, ratio.value, ratio.spread * 100);
    std::fflush(stdout);
    met = ratio.Meets(kSyncedTarget);  // of the last, which has a target
  }
  std::printf(
      "every write: target %.2fx: %s\n", kSyncedTarget, met ? "met" : "MISSED");
  fs::remove_all(ours);
  fs::remove(bare);
  return met ? 0 : 1;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  return kv::bench::Run(
      argc > 1
          ? argv[1]
          : std::filesystem::temp_directory_path() / "kv_durability_bench");
}
