#pragma once

// Two things compared: how many times as fast as its peer something is, and
// how far that number can be trusted.
//
// Method: one process; each round runs the first contestant, then every peer,
//   then every peer once more; five rounds. A figure is the median of its five
//   runs. The ratio is the peer's median by ours, so above 1 we are faster.
//   The spread is by how much the peer's two medians differ: a ratio measured
//   between a thing and itself.

#include <functional>
#include <string>
#include <vector>

namespace kv::bench {

inline constexpr int kRatioRounds = 5;
inline constexpr double kSpreadAllowedMax = 0.05;

struct Ratio {
  double ours_ns = 0;
  double peer_ns = 0;
  double value = 0;  ///< peer_ns / ours_ns
  double spread = 0;  ///< of the peer against itself, 0.02 for 2 %

  /// True if the ratio is at least `target`, less the spread, of which at most
  /// kSpreadAllowedMax is forgiven.
  bool Meets(double target) const;
};

double Median(std::vector<double> values);

/// From the runs of the two and of the peer once more.
Ratio MakeRatio(
    const std::vector<double>& ours_ns, const std::vector<double>& peer_ns,
    const std::vector<double>& peer_again_ns);

/// One run gives the nanoseconds of an operation, for each thing measured.
struct Contestant {
  std::string name;
  std::function<std::vector<double>()> run;
};

struct PeerRatios {
  std::string peer;
  std::vector<Ratio> ratios;  ///< one for each thing measured
};

/// The first contestant against each of the others.
std::vector<PeerRatios> CompareAlternating(
    const std::vector<Contestant>& contestants, int rounds = kRatioRounds);

/// "find hit: 61.2 ns, absl 70.1 ns: 1.15x, spread 0.8 %, target 0.90x: met".
std::string DescribeRatio(
    const std::string& what, const std::string& peer, const Ratio& ratio,
    double target);

}  // namespace kv::bench
