#include "common/bench/ratio.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/base/check.h"

namespace kv::bench {
namespace {

// The runs of one contestant: by round, then by thing measured.
using Runs = std::vector<std::vector<double>>;

std::vector<double> Column(const Runs& runs, size_t metric) {
  std::vector<double> column;
  for (const std::vector<double>& run : runs) column.push_back(run.at(metric));
  return column;
}

}  // namespace

bool Ratio::Meets(double target) const {
  return value >= target * (1 - std::min(spread, kSpreadAllowedMax));
}

double Median(std::vector<double> values) {
  KV_CHECK(!values.empty(), "a median needs a value");
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

Ratio MakeRatio(
    const std::vector<double>& ours_ns, const std::vector<double>& peer_ns,
    const std::vector<double>& peer_again_ns) {
  Ratio ratio;
  ratio.ours_ns = Median(ours_ns);
  ratio.peer_ns = Median(peer_ns);
  ratio.value = ratio.peer_ns / ratio.ours_ns;
  ratio.spread = std::abs(Median(peer_again_ns) / ratio.peer_ns - 1);
  return ratio;
}

std::vector<PeerRatios> CompareAlternating(
    const std::vector<Contestant>& contestants, int rounds) {
  KV_CHECK(contestants.size() >= 2, "a comparison needs a peer");
  const size_t count = contestants.size();
  std::vector<Runs> runs(count);
  std::vector<Runs> again(count);
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < count; ++i) {
      runs[i].push_back(contestants[i].run());
    }
    for (size_t i = 1; i < count; ++i) {
      again[i].push_back(contestants[i].run());
    }
  }
  std::vector<PeerRatios> result;
  for (size_t i = 1; i < count; ++i) {
    PeerRatios peer{contestants[i].name, {}};
    for (size_t metric = 0; metric < runs[0][0].size(); ++metric) {
      peer.ratios.push_back(MakeRatio(
          Column(runs[0], metric), Column(runs[i], metric),
          Column(again[i], metric)));
    }
    result.push_back(std::move(peer));
  }
  return result;
}

std::string DescribeRatio(
    const std::string& what, const std::string& peer, const Ratio& ratio,
    double target) {
  char line[256];
  std::snprintf(
      line, sizeof(line),
      "%-10s %9.1f ns  %-22s %9.1f ns  %6.2fx  spread %4.1f %%  target "
      "%.2fx: %s",
      what.c_str(), ratio.ours_ns, peer.c_str(), ratio.peer_ns, ratio.value,
      ratio.spread * 100, target, ratio.Meets(target) ? "met" : "MISSED");
  return line;
}

}  // namespace kv::bench
