// How fast a database opens: from its log, and from a checkpoint of the same
// keys.
//
// Usage: recovery_bench [DIR]. A million operations, keys of 16 bytes and
// values of 100: each key once, in order and at random, or 10,000 keys a
// hundred times. The files are in the page cache. Reading them alone is
// measured too.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/random.h"
#include "common/bench/open_at.h"
#include "common/bench/ratio.h"
#include "common/bench/stopwatch.h"
#include "common/bench/workloads.h"
#include "db/database.h"

namespace kv::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kManyOperations = 1'000'000;
constexpr uint64_t kFewOperations = 1'000;
constexpr uint64_t kFewKeys = 10'000;
constexpr double kManyTarget = 1e9;  // nanoseconds
constexpr double kFewTarget = 20e6;

Options LongLog() {
  Options options;
  options.memtable_bytes_max = UINT64_MAX;  // no flush by itself
  return options;
}

// The keys of `count` operations: `keys` of them, over and over.
std::vector<std::string> MakeKeys(uint64_t count, uint64_t keys) {
  std::vector<std::string> made;
  for (uint64_t i = 0; i < count; ++i) made.push_back(PresentKey(i % keys));
  return made;
}

std::vector<std::string> Shuffled(std::vector<std::string> keys) {
  SeededRandom random(1);
  for (uint64_t i = keys.size(); i > 1; --i) {
    std::swap(keys[i - 1], keys[random.Below(i)]);
  }
  return keys;
}

// Leaves a database in `path` of which the log holds everything.
void WriteLog(const fs::path& path, const std::vector<std::string>& keys) {
  fs::remove_all(path);
  auto db = OpenAt<Database>(path, LongLog());
  const std::string value(kValueBytes, 'v');
  for (const std::string& key : keys) {
    KV_CHECK(db->Put(key, value).ok(), "a put is Ok");
  }
  KV_CHECK(db->Close().ok(), "the database closes");
}

// Median nanoseconds of opening.
double MeasureOpen(const fs::path& path, uint64_t keys) {
  std::vector<double> nanos;
  for (int run = 0; run < kRatioRounds; ++run) {
    const Stopwatch watch;
    auto db = OpenAt<Database>(path, LongLog());
    nanos.push_back(watch.Nanos());
    const Result<Stats> stats = db->GetStats();
    KV_CHECK(stats.ok() && stats->estimated_keys == keys, "all keys are there");
  }
  return Median(nanos);
}

// Median nanoseconds of reading all files, in as large pieces.
double MeasureReading(const fs::path& path) {
  std::string buffer(Options().read_buffer_bytes, '\0');
  std::vector<double> nanos;
  for (int run = 0; run < kRatioRounds; ++run) {
    const Stopwatch watch;
    for (const auto& entry : fs::directory_iterator(path)) {
      std::ifstream file(entry.path(), std::ios::binary);
      file.rdbuf()->pubsetbuf(nullptr, 0);
      while (file.read(buffer.data(), std::ssize(buffer))) {
      }
    }
    nanos.push_back(watch.Nanos());
  }
  return Median(nanos);
}

// Prints one line; returns the nanoseconds of opening.
double Report(
    const char* what, const fs::path& path, uint64_t operations,
    uint64_t keys) {
  const double nanos = MeasureOpen(path, keys);
  std::printf(
      "%-32s %8.2f ms, reading alone %6.2f ms, %5.2f million a second", what,
      nanos / 1e6, MeasureReading(path) / 1e6,
      static_cast<double>(operations) * 1e3 / nanos);
  return nanos;
}

// Whether `nanos` is at most `target`; ends the line.
bool Met(double nanos, double target) {
  std::printf(": %s\n", nanos <= target ? "met" : "MISSED");
  std::fflush(stdout);
  return nanos <= target;
}

int Run(const fs::path& directory) {
  fs::remove_all(directory);
  fs::create_directories(directory);
  const fs::path path = directory / "database";
  constexpr uint64_t kMany = kManyOperations;
  std::printf("targets: a million operations in 1 s, 1,000 in 20 ms\n");
  WriteLog(path, MakeKeys(kMany, kMany));
  bool met = Met(
      Report("log, a million keys in order", path, kMany, kMany), kManyTarget);
  WriteLog(path, Shuffled(MakeKeys(kMany, kFewKeys)));
  met = Met(Report("log, 10,000 keys at random", path, kMany, kFewKeys),
            kManyTarget) &&
      met;
  WriteLog(path, Shuffled(MakeKeys(kMany, kMany)));
  // Inserting so many into a map alone takes longer than the target: no failure
  // of the program, and printed all the same.
  Met(Report("log, a million keys at random", path, kMany, kMany), kManyTarget);
  KV_CHECK(
      OpenAt<Database>(path, LongLog())->Checkpoint().ok(),
      "a checkpoint is Ok");
  Report("checkpoint of a million keys", path, kMany, kMany);
  std::printf("\n");
  WriteLog(path, Shuffled(MakeKeys(kFewOperations, kFewOperations)));
  met = Met(Report(
                "log, 1,000 keys at random", path, kFewOperations,
                kFewOperations),
            kFewTarget) &&
      met;
  fs::remove_all(directory);
  return met ? 0 : 1;
}

}  // namespace
}  // namespace kv::bench

int main(int argc, char** argv) {
  return kv::bench::Run(
      argc > 1 ? argv[1]
               : std::filesystem::temp_directory_path() / "kv_recovery_bench");
}
