#include "text_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/line_plot.h"

namespace nuphi::runner {
namespace {

constexpr int kWidth = 64, kHeight = 16, kMargin = 9;
constexpr std::string_view kMarks = "*o+x#%@&";

struct Axes {
  PlotAxis x, y;
};

Axes axes_of(const std::vector<PlotLine>& lines) {
  double x_low = INFINITY, x_high = -INFINITY, y_low = 0, y_high = 0;
  for (const PlotLine& line : lines) {
    for (const auto& [x, y] : line.points) {
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      x_low = std::fmin(x_low, x);
      x_high = std::fmax(x_high, x);
      y_low = std::fmin(y_low, y);
      y_high = std::fmax(y_high, y);
    }
  }
  if (!(x_low <= x_high)) x_low = x_high = 0;  // nothing to draw
  return {round_axis(x_low, x_high), round_axis(y_low, y_high)};
}

int place(double value, const PlotAxis& axis, int cells) {
  return static_cast<int>(std::lround((value - axis.low) / (axis.high - axis.low) * (cells - 1)));
}

}  // namespace

PlotAxis round_axis(double low, double high) {
  double span = high - low;
  if (!(span > 0) || !std::isfinite(span)) span = std::fmax(std::abs(high), 1);
  const double decade = std::pow(10, std::floor(std::log10(span / 4)));
  const double ratio = span / 4 / decade;
  const double tick = decade * (ratio >= 5 ? 5 : ratio >= 2 ? 2 : 1);
  const double first = std::floor(low / tick + 1e-9) * tick;
  const double last = std::ceil(high / tick - 1e-9) * tick;
  return {first, last > first ? last : first + tick, tick};
}

std::string text_plot(const std::vector<PlotLine>& lines, const std::string& x_label,
                      const std::string& y_label) {
  const auto [x_axis, y_axis] = axes_of(lines);
  std::array<std::string, kHeight> rows;
  rows.fill(std::string(kWidth, ' '));
  std::string legend;
  for (std::size_t k = 0; k < lines.size(); ++k) {
    const char mark = kMarks[k % kMarks.size()];
    for (const auto& [x, y] : lines[k].points) {
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      const int row = kHeight - 1 - place(y, y_axis, kHeight);
      rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(place(x, x_axis, kWidth))] =
          mark;
    }
    if (!lines[k].label.empty()) legend += fmt::format("   {} {}", mark, lines[k].label);
  }
  std::string text = fmt::format("{:>{}} {}\n", "", kMargin - 2, y_label);
  for (int row = 0; row < kHeight; ++row) {
    std::string label;
    for (double v = y_axis.low; v <= y_axis.high + 0.5 * y_axis.tick; v += y_axis.tick) {
      if (kHeight - 1 - place(v, y_axis, kHeight) == row)
        label = fmt::format("{:.6g}", std::abs(v) < 1e-9 * y_axis.tick ? 0 : v);
    }
    std::string& cells = rows[static_cast<std::size_t>(row)];
    cells.erase(cells.find_last_not_of(' ') + 1);
    text += fmt::format("{:>{}} |{}\n", label, kMargin - 2, cells);
  }
  std::string ticks(kMargin + kWidth + 8, ' ');
  for (double v = x_axis.low; v <= x_axis.high + 0.5 * x_axis.tick; v += x_axis.tick) {
    const std::string label = fmt::format("{:.6g}", std::abs(v) < 1e-9 * x_axis.tick ? 0 : v);
    const auto at = static_cast<std::size_t>(
        std::max(0, kMargin + place(v, x_axis, kWidth) - static_cast<int>(label.size()) / 2));
    if (at + label.size() <= ticks.size()) ticks.replace(at, label.size(), label);
  }
  ticks.erase(ticks.find_last_not_of(' ') + 1);
  text += std::string(kMargin - 1, ' ') + '+' + std::string(kWidth, '-') + '\n' + ticks + '\n';
  return text + fmt::format("{:>{}}{}{}\n", "", kMargin, x_label, legend);
}

std::string svg_plot(const std::vector<PlotLine>& lines, const std::string& title,
                     const std::string& x_label, const std::string& y_label, double mark_x) {
  constexpr std::array<const char*, 6> kColours{"#1b6ca8", "#b3263b", "#2a9d4a",
                                                "#d98200", "#7a3fa0", "#444444"};
  const auto [x, y] = axes_of(lines);
  tools::LinePlot plot(title, {x_label, x.low, x.high, x.tick}, {y_label, y.low, y.high, y.tick});
  if (mark_x >= x.low && mark_x <= x.high)
    plot.add({{mark_x, y.low}, {mark_x, y.high}}, "#888888", true);
  for (std::size_t k = 0; k < lines.size(); ++k)
    plot.add(lines[k].points, kColours[k % kColours.size()], false, lines[k].label);
  return plot.svg();
}

}  // namespace nuphi::runner
