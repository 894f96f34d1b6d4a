// A small line plot as SVG text: for figures of the documentation that must not change from machine
// to machine.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace nuphi::tools {

class LinePlot {
 public:
  struct Axis {
    std::string label;
    double low, high, tick;
    bool log10 = false;  ///< low, high and tick are then exponents
  };

  LinePlot(std::string title, Axis x, Axis y)
      : title_(std::move(title)), x_(std::move(x)), y_(std::move(y)) {}

  /// Points outside the y range end the line.
  void add(const std::vector<std::pair<double, double>>& points, const std::string& colour,
           bool dashed, const std::string& label = "") {
    std::string path;
    bool pen_down = false;
    for (const auto& [x, y] : points) {
      const double v = y_.log10 ? std::log10(y) : y;
      if (!(v >= y_.low && v <= y_.high)) {
        pen_down = false;
        continue;
      }
      path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", px(x), py(v));
      pen_down = true;
    }
    body_ += fmt::format("<path d='{}' fill='none' stroke='{}' stroke-width='1.5'{}/>\n", path,
                         colour, dashed ? " stroke-dasharray='5 3'" : "");
    if (label.empty()) return;
    body_ += text(kLeft + 12, kTop + 16 + 16 * labels_++, "start", label, colour);
  }

  /// A text in the plane, centred at (x, y).
  void note(double x, double y, const std::string& what, const std::string& colour = "black") {
    body_ += text(px(x), py(y) + 4, "middle", what, colour);
  }

  [[nodiscard]] std::string svg() const {
    std::string s = fmt::format(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' font-family='sans-serif' "
        "font-size='12'>\n<rect width='{0}' height='{1}' fill='white'/>\n",
        kWidth, kHeight);
    s += text(kWidth / 2, 18, "middle", title_);
    s += fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='none' stroke='black'/>\n",
                     kLeft, kTop, kRight - kLeft, kBottom - kTop);
    for (double v = x_.low; v <= x_.high + 1e-9; v += x_.tick) {
      s += tick_mark(px(v), kBottom, 0, 5) + text(px(v), kBottom + 18, "middle", number(x_, v));
    }
    for (double v = y_.low; v <= y_.high + 1e-9; v += y_.tick) {
      s += tick_mark(kLeft, py(v), -5, 0) + text(kLeft - 8, py(v) + 4, "end", number(y_, v));
    }
    s += text((kLeft + kRight) / 2, kHeight - 8, "middle", x_.label);
    s += text(kLeft, kTop - 6, "middle", y_.label);
    return s + body_ + "</svg>\n";
  }

 private:
  static constexpr int kWidth = 560, kHeight = 380, kLeft = 60, kRight = 545, kTop = 45,
                       kBottom = 330;

  static std::string number(const Axis& axis, double v) {
    return axis.log10 ? fmt::format("1e{:.0f}", v) : fmt::format("{:g}", v);
  }
  static std::string text(double x, double y, const char* anchor, const std::string& what,
                          const std::string& colour = "black") {
    return fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}' fill='{}'>{}</text>\n", x, y,
                       anchor, colour, escaped(what));
  }
  static std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) safe += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    return safe;
  }
  static std::string tick_mark(double x, double y, int dx, int dy) {
    return fmt::format("<path d='M{:.1f} {:.1f}l{} {}' stroke='black'/>\n", x, y, dx, dy);
  }
  [[nodiscard]] double px(double x) const {
    return kLeft + (x - x_.low) / (x_.high - x_.low) * (kRight - kLeft);
  }
  [[nodiscard]] double py(double v) const {
    return kBottom - (v - y_.low) / (y_.high - y_.low) * (kBottom - kTop);
  }

  std::string title_;
  Axis x_, y_;
  std::string body_;
  int labels_ = 0;
};

}  // namespace nuphi::tools
