// Reading one value beside the system call alone, and opening.
//
// Usage: read_bench [DIR]. A million keys of 16 bytes with values of 100. The
// peer does one probe of a table of hashes and one pread(2) of as many bytes.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/base/random.h"
#include "common/bench/bare.h"
#include "common/bench/open_at.h"
#include "common/bench/ratio.h"
#include "common/bench/stopwatch.h"
#include "common/bench/workloads.h"
#include "db/database.h"

namespace kv::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kKeys = 1'000'000;
constexpr uint64_t kGets = 300'000;
// Frame header, kind, two lengths, key, value.
constexpr size_t kRecordBytes = 32 + 1 + 1 + 1 + kKeyBytes + kValueBytes;
constexpr double kGetTarget = 0.7;
constexpr double kReopenTarget = 2e6;  // records a second

double MeasureGets(Database& db, const std::vector<std::string>& keys) {
  SeededRandom random(1);
  std::string value;
  const Stopwatch watch;
  for (uint64_t i = 0; i < kGets; ++i) {
    const std::string& key = keys[random.Below(keys.size())];
    KV_CHECK(db.GetInto(key, &value).ok(), "the key is there");
  }
  return watch.NanosEach(kGets);
}

double MeasureBare(const fs::path& path, const std::vector<std::string>& keys) {
  const Result<double> nanos =
      MeasureBareReads(path.string(), kRecordBytes, keys, kGets, 1);
  KV_CHECK(nanos.ok(), "bare reads are Ok");
  return *nanos;
}

// Records a second of opening.
double MeasureReopen(const fs::path& path) {
  std::vector<double> rates;
  for (int run = 0; run < kRatioRounds; ++run) {
    const Stopwatch watch;
    auto db = OpenAt<Database>(path, Options());
    rates.push_back(watch.PerSecond(kKeys));
  }
  return Median(rates);
}

int Run(const fs::path& directory) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  const fs::path ours = directory / "ours";
  const fs::path bare = directory / "bare";
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < kKeys; ++i) keys.push_back(PresentKey(i));
  auto db = OpenAt<Database>(ours, Options());
  const std::string value(kValueBytes, 'v');
  for (const std::string& key : keys) {
    KV_CHECK(db->Put(key, value).ok(), "a put is Ok");
  }
  KV_CHECK(
      MeasureBareWrites(bare.string(), kRecordBytes, kKeys, false).ok(),
      "bare writes are Ok");
  const Ratio get =
      CompareAlternating(
          {{"ours", [&] { return std::vector{MeasureGets(*db, keys)}; }},
           {"bare", [&] { return std::vector{MeasureBare(bare, keys)}; }}})
          .front()
          .ratios.front();
  std::printf(
      "%s\n", DescribeRatio("get", "bare pread", get, kGetTarget).c_str());
  const Result<Stats> stats = db->GetStats();
  KV_CHECK(stats.ok(), "statistics are Ok");
  std::printf(
      "index: %.1f bytes a key\n",
      static_cast<double>(stats->memory_bytes) / static_cast<double>(kKeys));
  KV_CHECK(db->Close().ok(), "the database closes");
  const double reopen = MeasureReopen(ours);
  std::printf(
      "reopen: %.2f million records a second, target %.2f: %s\n", reopen / 1e6,
      kReopenTarget / 1e6, reopen >= kReopenTarget ? "met" : "missed");
  fs::remove_all(directory);
  return get.Meets(kGetTarget) && reopen >= kReopenTarget ? 0 : 1;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  return kv::bench::Run(
      argc > 1 ? argv[1]
               : std::filesystem::temp_directory_path() / "kv_read_bench");
}
