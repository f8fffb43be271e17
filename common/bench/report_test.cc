// Goal: reports, charts and ratios say what was measured, in the promised form.

#include "common/bench/report.h"

#include <string>

#include "common/bench/bare.h"
#include "common/bench/chart.h"
#include "common/bench/ratio.h"
#include "gtest/gtest.h"

namespace kv::bench {
namespace {

Report SmallReport() {
  Report report;
  report.stage = "stage01";
  report.options = "path=\"a\\b\"";
  report.keys = 10;
  report.results.push_back({
      .workload = "fillseq",
      .operations = 10,
      .seconds = 0.5,
      .p50_ns = 1,
      .p95_ns = 2,
      .p99_ns = 3,
      .allocations_per_op = 1.5,
      .allocated_bytes_per_op = 124,
  });
  report.skipped.push_back({"ycsbe", "not offered"});
  return report;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Report, JsonHasTheFieldsThatToolsRead) {
  const std::string json = ToJson(SmallReport());
  EXPECT_TRUE(Contains(json, "{\"stage\":\"stage01\",")) << json;
  EXPECT_TRUE(Contains(json, "\"options\":\"path=\\\"a\\\\b\\\"\"")) << json;
  EXPECT_TRUE(Contains(
      json,
      "{\"workload\":\"fillseq\",\"operations\":10,\"seconds\":0.500000000,"
      "\"ops_per_second\":20.0,\"p50_ns\":1,\"p95_ns\":2,\"p99_ns\":3,"
      "\"allocations_per_op\":1.5000,\"allocated_bytes_per_op\":124.00}"))
      << json;
  EXPECT_TRUE(Contains(
      json,
      "\"skipped\":[{\"workload\":\"ycsbe\",\"reason\":\"not offered\"}]"))
      << json;
}

TEST(Report, TableNamesOptionsAndCountsWhatWasSkipped) {
  const std::string table = ToTable(SmallReport());
  EXPECT_TRUE(Contains(table, "path=\"a\\b\"")) << table;
  EXPECT_TRUE(Contains(table, "fillseq")) << table;
  EXPECT_TRUE(Contains(table, "1 skipped: ycsbe (not offered)")) << table;
}

TEST(Report, FileThatCannotBeWrittenIsAnError) {
  const Status status = WriteTextFile("/nowhere/at/all.json", "{}");
  EXPECT_EQ(status.code(), StatusCode::kIoError);
  EXPECT_TRUE(Contains(status.ToString(), "/nowhere/at/all.json"));
}

TEST(Chart, HasABarForEachStageWithItsValue) {
  const std::string svg = ToSvg(
      {"readrandom <x>", "ns", {{"stage01", 50}, {"stage02", 100}}, false});
  EXPECT_TRUE(Contains(svg, "readrandom &lt;x&gt; (ns)")) << svg;
  EXPECT_TRUE(Contains(svg, "50.0 ns")) << svg;
  EXPECT_TRUE(Contains(svg, "100 ns")) << svg;
  // The longest is 460 wide, one of half the value half as long.
  EXPECT_TRUE(Contains(svg, "width=\"460.0\"")) << svg;
  EXPECT_TRUE(Contains(svg, "width=\"230.0\"")) << svg;
}

TEST(Chart, LogarithmicOneSaysSoAndKeepsSmallBarsVisible) {
  const std::string svg =
      ToSvg({"reads", "ns", {{"a", 10}, {"b", 1000}}, true});
  EXPECT_TRUE(Contains(svg, "(ns, logarithmic)")) << svg;
  EXPECT_TRUE(Contains(svg, "width=\"153.3\"")) << svg;  // 1 of 3 decades
}

TEST(Chart, ShortNumbersKeepThreeDigits) {
  EXPECT_EQ(ShortNumber(0.4521), "0.452");
  EXPECT_EQ(ShortNumber(68.12), "68.1");
  EXPECT_EQ(ShortNumber(496), "496");
  EXPECT_EQ(ShortNumber(14700000), "14.7 M");
}

TEST(Ratio, IsThePeersMedianByOurs) {
  const Ratio ratio = MakeRatio({10, 11, 90}, {22, 20, 24}, {22, 22, 23});
  EXPECT_DOUBLE_EQ(ratio.ours_ns, 11);
  EXPECT_DOUBLE_EQ(ratio.value, 2);
  EXPECT_DOUBLE_EQ(ratio.spread, 0);
}

TEST(Ratio, SpreadForgivesAtMostFivePercent) {
  Ratio ratio;
  ratio.value = 0.96;
  EXPECT_FALSE(ratio.Meets(1.0));
  ratio.spread = 0.041;
  EXPECT_TRUE(ratio.Meets(1.0));
  ratio.value = 0.94;
  ratio.spread = 0.50;
  EXPECT_FALSE(ratio.Meets(1.0));
}

TEST(Ratio, ContestantsAlternateAndPeersRunTwice) {
  std::string order;
  const auto contestant = [&](char name, double nanos) {
    return Contestant{std::string(1, name), [&order, name, nanos] {
                        order += name;
                        return std::vector<double>{nanos, 2 * nanos};
                      }};
  };
  const std::vector<PeerRatios> peers = CompareAlternating(
      {contestant('a', 1), contestant('b', 3), contestant('c', 5)}, 2);
  EXPECT_EQ(order, "abcbcabcbc");
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[1].peer, "c");
  ASSERT_EQ(peers[1].ratios.size(), 2u);
  EXPECT_DOUBLE_EQ(peers[1].ratios[0].value, 5);
  EXPECT_DOUBLE_EQ(peers[1].ratios[1].ours_ns, 2);
}

TEST(Bare, ReadsBackTheRecordOfAKey) {
  const std::string path = testing::TempDir() + "/bare_reads_back";
  const std::vector<std::string> keys = {"a", "b", "c"};
  {
    Result<BareWriter> writer = BareWriter::Create(path);
    ASSERT_TRUE(writer.ok()) << writer.status().ToString();
    for (const std::string& key : keys) {
      ASSERT_TRUE(writer.value().AppendSynced("record-" + key).ok());
    }
  }
  const Result<BareReader> reader = BareReader::Open(path, 8, keys);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  std::string scratch(8, ' ');
  ASSERT_TRUE(reader.value().Read("b", scratch.data()).ok());
  EXPECT_EQ(scratch, "record-b");
  EXPECT_TRUE(reader.value().Read("d", scratch.data()).IsNotFound());
}

TEST(Bare, MeasuresWritesAndThenReadsOfTheSameFile) {
  const std::string path = testing::TempDir() + "/bare_measures";
  const Result<double> write = MeasureBareWrites(path, 100, 3, false);
  ASSERT_TRUE(write.ok()) << write.status().ToString();
  EXPECT_GT(write.value(), 0);
  const Result<double> read =
      MeasureBareReads(path, 100, {"a", "b", "c"}, 10, 1);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_GT(read.value(), 0);
  // A fourth record is not in the file.
  EXPECT_EQ(
      MeasureBareReads(path, 100, {"a", "b", "c", "d"}, 50, 1).status().code(),
      StatusCode::kIoError);
}

}  // namespace
}  // namespace kv::bench
