#include "common/bench/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace kv::bench {
namespace {

constexpr double kWidth = 760;
constexpr double kLabelWidth = 170;
constexpr double kValueWidth = 130;
constexpr double kTop = 48;
constexpr double kBarHeight = 22;
constexpr double kBarStep = 30;
constexpr double kBarWidthMin = 2;

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char byte : text) {
    switch (byte) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += byte;
    }
  }
  return escaped;
}

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", value);
  return text;
}

std::string Text(
    double x, double y, const std::string& attributes,
    const std::string& text) {
  return "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\"" + attributes +
      ">" + Escaped(text) + "</text>\n";
}

// Where the value stands between nothing, 0, and the longest bar, 1.
double Share(const Chart& chart, double value) {
  double smallest = 0;
  double largest = 0;
  for (const Bar& bar : chart.bars) {
    largest = std::max(largest, bar.value);
    if (bar.value > 0 && (smallest == 0 || bar.value < smallest)) {
      smallest = bar.value;
    }
  }
  if (value <= 0 || largest <= 0) return 0;
  if (!chart.logarithmic) return value / largest;
  const double from = std::ceil(std::log10(smallest)) - 1;
  return (std::log10(value) - from) / (std::log10(largest) - from);
}

}  // namespace

std::string ShortNumber(double value) {
  struct Scale {
    double factor;
    const char* suffix;
  };
  Scale scale = {1, ""};
  for (const Scale& larger :
       {Scale{1e3, " k"}, Scale{1e6, " M"}, Scale{1e9, " G"}}) {
    if (value >= larger.factor) scale = larger;
  }
  const double scaled = value / scale.factor;
  const int decimals = scaled < 1 ? 3 : scaled < 10 ? 2 : scaled < 100 ? 1 : 0;
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f%s", decimals, scaled, scale.suffix);
  return text;
}

std::string ToSvg(const Chart& chart) {
  const double height =
      kTop + kBarStep * static_cast<double>(chart.bars.size()) + 12;
  const double bar_width_max = kWidth - kLabelWidth - kValueWidth;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
      Number(kWidth) + " " + Number(height) + "\" width=\"" + Number(kWidth) +
      "\" role=\"img\" aria-label=\"" + Escaped(chart.title) +
      "\" font-family=\"sans-serif\" font-size=\"14\">\n"
      "<style>text{fill:#24292f}.bar{fill:#3b78c4}"
      "@media(prefers-color-scheme:dark){text{fill:#e6edf3}"
      ".bar{fill:#6ea8f0}}</style>\n";
  const std::string scale = chart.logarithmic ? ", logarithmic" : "";
  svg += Text(
      8, 24, " font-weight=\"bold\"",
      chart.title + " (" + chart.unit + scale + ")");
  double y = kTop;
  for (const Bar& bar : chart.bars) {
    const double width =
        std::max(kBarWidthMin, bar_width_max * Share(chart, bar.value));
    svg += Text(kLabelWidth - 10, y + 16, " text-anchor=\"end\"", bar.label);
    svg += "<rect class=\"bar\" x=\"" + Number(kLabelWidth) + "\" y=\"" +
        Number(y) + "\" width=\"" + Number(width) + "\" height=\"" +
        Number(kBarHeight) + "\" rx=\"2\"/>\n";
    svg += Text(
        kLabelWidth + width + 8, y + 16, "",
        ShortNumber(bar.value) + " " + chart.unit);
    y += kBarStep;
  }
  return svg + "</svg>\n";
}

}  // namespace kv::bench
