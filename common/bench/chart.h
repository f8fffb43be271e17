#pragma once

// A bar chart as SVG: one figure, for each stage or store a bar.

#include <string>
#include <vector>

namespace kv::bench {

struct Bar {
  std::string label;
  double value = 0;  ///< >= 0
};

struct Chart {
  std::string title;
  std::string unit;  ///< printed after each value
  std::vector<Bar> bars;
  /// Bars as long as the logarithm of their value, from the power of ten below
  /// the smallest: for stages that differ a thousandfold. Said in the chart.
  bool logarithmic = false;
};

/// A whole SVG document. Lies well on a light and on a dark page.
std::string ToSvg(const Chart& chart);

/// A number with three digits that count: "0.452", "68.1", "14.7 M".
std::string ShortNumber(double value);

}  // namespace kv::bench
