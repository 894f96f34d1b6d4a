#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nuphi::runner {

struct PlotLine {
  std::string label;
  std::vector<std::pair<double, double>> points;
};

/// Range of an axis and the distance of its ticks, all round numbers.
struct PlotAxis {
  double low, high, tick;
};
/// @param low, high  the range to be covered; may be equal
PlotAxis round_axis(double low, double high);

/// Lines as characters on a terminal, y from 0 up (or from the lowest value). What is not finite is
/// left out.
std::string text_plot(const std::vector<PlotLine>& lines, const std::string& x_label,
                      const std::string& y_label);

/// The same as SVG, with a mark at `mark_x` if that is in range.
std::string svg_plot(const std::vector<PlotLine>& lines, const std::string& title,
                     const std::string& x_label, const std::string& y_label, double mark_x);

}  // namespace nuphi::runner
