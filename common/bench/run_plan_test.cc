// Goal: a plan runs as written, a store that loses data is caught, and what is
// counted is the store's. Method: a std::map as the store, with mistakes.

#include "common/bench/run_plan.h"

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/bench/against.h"
#include "common/bench/database_bench.h"
#include "common/bench/peers/ordered_maps.h"
#include "common/bench/peers/peers.h"
#include "common/bench/store_run.h"
#include "gtest/gtest.h"

namespace kv::bench {
namespace {

constexpr uint64_t kKeys = 500;
constexpr uint64_t kOperations = 2000;

class MapStore : public Store {
 public:
  bool loses_puts = false;
  bool fails = false;
  std::map<std::string, std::string, std::less<>> map;

  Capabilities GetCapabilities() const override {
    return {
        .sequential = true, .ordered_scan = true, .sync = true, .reopen = true};
  }
  std::string DescribeOptions() const override { return "a \"map\""; }
  Status Put(std::string_view key, std::string_view value) override {
    if (fails) return Status::IoError("planted");
    if (!loses_puts) map[std::string(key)] = value;
    return Status::Ok();
  }
  Status PutSynced(std::string_view key, std::string_view value) override {
    return Put(key, value);
  }
  Status PutBatch(std::span<const KeyValue> pairs) override {
    for (const KeyValue& pair : pairs) {
      KV_RETURN_IF_ERROR(Put(pair.key, pair.value));
    }
    return Status::Ok();
  }
  Status Delete(std::string_view key) override {
    map.erase(std::string(key));
    return Status::Ok();
  }
  Status GetInto(std::string_view key, std::string* value) override {
    const auto entry = map.find(key);
    if (entry == map.end()) return Status::NotFound();
    value->assign(entry->second);
    return Status::Ok();
  }
  Result<std::string> Get(std::string_view key) override {
    std::string value;
    KV_RETURN_IF_ERROR(GetInto(key, &value));
    return value;
  }
  Status MultiGet(
      std::span<const std::string_view> keys, uint64_t* found) override {
    for (const std::string_view key : keys) *found += map.count(key);
    return Status::Ok();
  }
  std::unique_ptr<Cursor> NewCursor(std::string_view start) override {
    struct MapCursor : Cursor {
      std::map<std::string, std::string, std::less<>>::iterator at, end;
      Status Next(std::string* value) override {
        if (at == end) return Status::NotFound();
        *value = (at++)->second;
        return Status::Ok();
      }
    };
    auto cursor = std::make_unique<MapCursor>();
    cursor->at = map.lower_bound(start);
    cursor->end = map.end();
    return cursor;
  }
  Status Reopen() override { return Status::Ok(); }
};

void Load(MapStore* store) {
  for (uint64_t i = 0; i < kKeys; ++i) store->map[PresentKey(i)] = "loaded";
}

Result<PlanRun> RunOn(const std::string& workload, MapStore* store) {
  SeededRandom random(1);
  const Plan plan =
      FindWorkload(workload)->make_plan(kKeys, kOperations, &random);
  Values values(1);
  return RunPlan(plan, store, &values, 0, 60);
}

TEST(RunPlan, EveryWorkloadRunsOnAStoreThatWorks) {
  for (const Workload& workload : Workloads()) {
    MapStore store;
    if (workload.name.rfind("fill", 0) != 0) Load(&store);
    const Result<PlanRun> run = RunOn(workload.name, &store);
    ASSERT_TRUE(run.ok()) << workload.name << run.status().ToString();
    EXPECT_GT(run.value().operations, 0u) << workload.name;
    EXPECT_GT(run.value().seconds, 0) << workload.name;
    EXPECT_GT(run.value().latency_ns.Count(), 0u) << workload.name;
  }
}

TEST(RunPlan, FillsLeaveTheWholeDataSet) {
  for (const char* name : {"fillseq", "fillrandom", "fillbatch"}) {
    MapStore store;
    ASSERT_TRUE(RunOn(name, &store).ok());
    EXPECT_EQ(store.map.size(), kKeys) << name;
    EXPECT_EQ(store.map.begin()->second.size(), kValueBytes) << name;
  }
}

TEST(RunPlan, DeleteLeavesNothing) {
  MapStore store;
  Load(&store);
  ASSERT_TRUE(RunOn("delete", &store).ok());
  EXPECT_TRUE(store.map.empty());
}

TEST(RunPlan, ReadsThatFindTooLittleAreAnError) {
  MapStore store;
  Load(&store);
  store.map.erase(store.map.begin(), store.map.find(PresentKey(kKeys / 2)));
  for (const char* name :
       {"readrandom", "readcopy", "readbatch", "readseq", "ycsbc"}) {
    EXPECT_EQ(RunOn(name, &store).status().code(), StatusCode::kCorruption)
        << name;
  }
}

TEST(RunPlan, ReadsThatFindTooMuchAreAnError) {
  MapStore store;
  Load(&store);
  for (uint64_t i = 0; i < kKeys; ++i) store.map[MissingKey(i)] = "ghost";
  EXPECT_EQ(
      RunOn("readmissing", &store).status().code(), StatusCode::kCorruption);
}

TEST(RunPlan, LostInsertsAreAnError) {
  MapStore store;
  Load(&store);
  store.loses_puts = true;
  EXPECT_EQ(RunOn("ycsbd", &store).status().code(), StatusCode::kCorruption);
}

TEST(RunPlan, TheStoresErrorEndsTheRun) {
  MapStore store;
  store.fails = true;
  EXPECT_EQ(RunOn("fillseq", &store).status().code(), StatusCode::kIoError);
}

TEST(RunPlan, EndsWhenTheTimeIsUp) {
  MapStore store;
  Load(&store);
  SeededRandom random(1);
  const Plan plan = FindWorkload("readrandom")->make_plan(kKeys, 5000, &random);
  Values values(1);
  const Result<PlanRun> run = RunPlan(plan, &store, &values, 0, 1e-9);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run.value().operations, 1u);
}

TEST(RunPlan, CountsTheStoresAllocationsAndNoOthers) {
  MapStore store;
  Load(&store);
  EXPECT_EQ(RunOn("readrandom", &store).value().allocated.allocations, 0u);
  store.map.clear();
  const PlanRun fill = RunOn("fillseq", &store).value();
  // A node, its key of 16 bytes, once as the argument, and its value.
  EXPECT_GE(fill.allocated.allocations, 3 * kKeys);
  EXPECT_GE(fill.allocated.bytes, kKeys * (kKeyBytes + kValueBytes));
}

TEST(MeasureStore, ReportsEachChosenWorkloadOnceInOrder) {
  const StoreFactory factory = {
      "map",
      [](const std::string&,
         const StoreSettings&) -> Result<std::unique_ptr<Store>> {
        return std::unique_ptr<Store>(std::make_unique<MapStore>());
      }};
  BenchSettings settings;
  settings.workloads = {"readrandom", "fillseq"};
  settings.keys = 100;
  settings.operations = 1000;
  settings.runs = 3;
  const Result<Report> report = MeasureStore(factory, settings);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  ASSERT_EQ(report.value().results.size(), 2u);
  EXPECT_EQ(report.value().results[0].workload, "fillseq");
  EXPECT_EQ(report.value().results[0].operations, 100u);
  EXPECT_EQ(report.value().results[1].workload, "readrandom");
  EXPECT_EQ(report.value().results[1].operations, 1000u);
  EXPECT_EQ(report.value().options, "a \"map\"");
}

TEST(CountAllocations, SeesOneNewAndItsBytes) {
  const AllocationCounts before = CountAllocations();
  auto bytes = std::make_unique<char[]>(1234);
  const AllocationCounts after = CountAllocations();
  bytes[0] = 1;
  EXPECT_EQ(after.allocations - before.allocations, 1u);
  EXPECT_EQ(after.bytes - before.bytes, 1234u);
}

StoreFactory MapFactory(const std::string& name, bool loses_puts) {
  return {name, [loses_puts](const std::string&, const StoreSettings&) {
            auto store = std::make_unique<MapStore>();
            store->loses_puts = loses_puts;
            return Result<std::unique_ptr<Store>>(std::move(store));
          }};
}

BenchSettings SmallSettings() {
  BenchSettings settings;
  settings.keys = 100;
  settings.operations = 100;
  settings.runs = 1;
  return settings;
}

TEST(MeasureAgainst, ALineForEachWorkloadAndPeerUnderAllOptions) {
  BenchSettings settings = SmallSettings();
  settings.workloads = {"fillseq", "readrandom"};
  const Result<std::string> table = MeasureAgainst(
      MapFactory("ours", false),
      {MapFactory("one", false), MapFactory("two", false)}, settings);
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  std::istringstream lines(*table);
  std::vector<std::string> first_words;
  for (std::string line; std::getline(lines, line);) {
    first_words.push_back(line.substr(0, line.find(' ')));
  }
  EXPECT_EQ(
      first_words,
      (std::vector<std::string>{
          "medians", "ours:", "one:", "two:", "fillseq", "fillseq",
          "readrandom", "readrandom"}))
      << *table;
}

TEST(MeasureAgainst, APeerThatLosesDataIsNoPeer) {
  BenchSettings settings = SmallSettings();
  settings.workloads = {"readrandom"};
  const Result<std::string> table = MeasureAgainst(
      MapFactory("ours", false), {MapFactory("lossy", true)}, settings);
  ASSERT_FALSE(table.ok());
  EXPECT_NE(
      table.status().ToString().find("readrandom on lossy: Corruption"),
      std::string::npos)
      << table.status().ToString();
}

TEST(MeasureAgainst, EveryStoreIsOpenedWithTheSettings) {
  std::map<std::string, int> opened;
  const auto factory = [&opened](const std::string& name) {
    return StoreFactory{
        name, [&opened, name](const std::string&, const StoreSettings& store) {
          EXPECT_EQ(store.memtable_bytes, 12345u) << name;
          EXPECT_FALSE(store.compression) << name;
          ++opened[name];
          return Result<std::unique_ptr<Store>>(std::make_unique<MapStore>());
        }};
  };
  BenchSettings settings = SmallSettings();
  settings.workloads = {"fillseq"};
  settings.store.memtable_bytes = 12345;
  settings.store.compression = false;
  ASSERT_TRUE(
      MeasureAgainst(factory("ours"), {factory("peer")}, settings).ok());
  // Each once to be asked; then ours once, and the peer twice.
  EXPECT_EQ(opened, (std::map<std::string, int>{{"ours", 2}, {"peer", 3}}));
}

template <typename Map>
void ExpectSorted() {
  Map map;
  for (const char* key : {"b", "a", "c"}) map.try_emplace(key, "value");
  EXPECT_EQ(map.begin()->first, "a");
  EXPECT_EQ(map.lower_bound(std::string_view("bb"))->first, "c");
}

TEST(Peers, SortedMapsAreSortedAndTakeViews) {
  ExpectSorted<StdMap>();
#if defined(KV_BENCH_HAVE_ABSL)
  ExpectSorted<AbslBtreeMap>();
#endif
}

TEST(Peers, SettingsReachTheirOptions) {
  BenchSettings settings;
  settings.store.memtable_bytes = 1234567;
  settings.store.compression = false;
  for (const Peer& peer : AllPeers()) {
    if (!peer.factory.open || peer.factory.name == "lmdb") continue;
    const Result<StoreTraits> traits = AskStore(peer.factory, settings);
    ASSERT_TRUE(traits.ok()) << traits.status().ToString();
    EXPECT_NE(
        traits->options.find("write_buffer_size=1234567"), std::string::npos)
        << traits->options;
    EXPECT_NE(traits->options.find("compression=none"), std::string::npos)
        << traits->options;
  }
}

TEST(MeasureAgainst, WhatOneDoesNotOfferIsNamed) {
  struct Unsynced : MapStore {
    Capabilities GetCapabilities() const override { return {}; }
  };
  const StoreFactory unsynced = {
      "unsynced", [](const std::string&, const StoreSettings&) {
        return Result<std::unique_ptr<Store>>(std::make_unique<Unsynced>());
      }};
  BenchSettings settings = SmallSettings();
  settings.workloads = {"fillseq", "fillsync", "ycsbe"};
  const Result<std::string> table =
      MeasureAgainst(MapFactory("ours", false), {unsynced}, settings);
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  EXPECT_NE(
      table->find("does not offer it: fillsync ycsbe\n"), std::string::npos)
      << *table;
}

}  // namespace
}  // namespace kv::bench
