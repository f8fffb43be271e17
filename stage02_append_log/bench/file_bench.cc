// Writing to a file beside the system calls alone, and how fast a log is read.
//
// Usage: file_bench [DIR]. Keys of 16 bytes, values of 100. The peer appends
// as many bytes with one write(2) a record, and for synced writes one
// fdatasync(2).

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

constexpr uint64_t kPuts = 200'000;
constexpr uint64_t kSyncedPuts = 300;
// Frame header, kind, two lengths, key, value.
constexpr size_t kRecordBytes = 32 + 1 + 1 + 1 + kKeyBytes + kValueBytes;
constexpr double kUnsyncedTarget = 0.8;
constexpr double kScanTarget = 2e6;  // records a second

// Nanoseconds a put into a new database.
double MeasurePuts(const fs::path& path, uint64_t count, bool sync) {
  fs::remove_all(path);
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; ++i) keys.push_back(PresentKey(i));
  const std::string value(kValueBytes, 'v');
  WriteOptions options;
  options.sync = sync;
  auto db = OpenAt<Database>(path, Options());
  const Stopwatch watch;
  for (const std::string& key : keys) {
    KV_CHECK(db->Put(key, value, options).ok(), "a put is Ok");
  }
  return watch.NanosEach(count);
}

double MeasureBare(const fs::path& path, uint64_t count, bool sync) {
  fs::remove(path);
  const Result<double> nanos =
      MeasureBareWrites(path.string(), kRecordBytes, count, sync);
  KV_CHECK(nanos.ok(), "bare writes are Ok");
  return *nanos;
}

// Records a second of a look-up that reads the whole log.
double MeasureScan(const fs::path& path) {
  auto db = OpenAt<Database>(path, Options());
  std::vector<double> rates;
  for (int run = 0; run < kRatioRounds; ++run) {
    const Stopwatch watch;
    KV_CHECK(db->Keys("no such prefix").ok(), "a scan is Ok");
    rates.push_back(watch.PerSecond(kPuts));
  }
  return Median(rates);
}

int Run(const fs::path& directory) {
  fs::create_directories(directory);
  const fs::path ours = directory / "ours";
  const fs::path bare = directory / "bare";
  const auto compare = [&](uint64_t count, bool sync) {
    return CompareAlternating(
               {{"ours",
                 [&] { return std::vector{MeasurePuts(ours, count, sync)}; }},
                {"bare",
                 [&] { return std::vector{MeasureBare(bare, count, sync)}; }}})
        .front()
        .ratios.front();
  };
  const Ratio unsynced = compare(kPuts, false);
  std::printf(
      "%s\n",
      DescribeRatio("put", "bare write", unsynced, kUnsyncedTarget).c_str());
  const double scan = MeasureScan(ours);
  std::printf(
      "scan: %.2f million records a second, target %.2f: %s\n", scan / 1e6,
      kScanTarget / 1e6, scan >= kScanTarget ? "met" : "missed");
  const Ratio synced = compare(kSyncedPuts, true);
  std::printf(
      "synced put: %.0f ns, bare write and fdatasync %.0f ns: %.2fx, spread "
      "%.1f %%\n",
      synced.ours_ns, synced.peer_ns, synced.value, synced.spread * 100);
  fs::remove_all(ours);
  fs::remove(bare);
  return unsynced.Meets(kUnsyncedTarget) && scan >= kScanTarget ? 0 : 1;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  return kv::bench::Run(
      argc > 1 ? argv[1]
               : std::filesystem::temp_directory_path() / "kv_file_bench");
}
