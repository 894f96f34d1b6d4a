// n = b₀ + a·x + Σ_h c_h t(b_h + A_h·x), t(z) = z/√(1 + z²): the fitted functions of
// uniform_rate.h.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace nuphi::detail {

/// Value and slopes at one x, and what second derivatives need.
template <std::size_t inputs, std::size_t hidden>
struct NetworkValue {
  double value = 0;
  std::array<double, inputs> slope{};  ///< ∂n/∂x
  std::array<double, hidden> bend{};   ///< c_h t″
};

template <std::size_t inputs, std::size_t hidden>
class Network {
 public:
  static constexpr std::size_t kSize = 1 + inputs + hidden * (inputs + 2);

  /// From the order in which the coefficients are written: b₀, a, then c_h, b_h, A_h for each h.
  explicit constexpr Network(const std::array<double, kSize>& p) : constant_(p[0]) {
    for (std::size_t i = 0; i < inputs; ++i) linear_[i] = p[1 + i];
    for (std::size_t h = 0; h < hidden; ++h) {
      const std::size_t at = 1 + inputs + h * (inputs + 2);
      out_[h] = p[at];
      bias_[h] = p[at + 1];
      for (std::size_t i = 0; i < inputs; ++i) in_[i][h] = row_[h][i] = p[at + 2 + i];
    }
  }

  [[nodiscard]] NetworkValue<inputs, hidden> operator()(
      const std::array<double, inputs>& x) const noexcept {
    NetworkValue<inputs, hidden> n;
    std::array<double, hidden> z = bias_, out, slope;
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t h = 0; h < hidden; ++h) z[h] += in_[i][h] * x[i];
    }
    for (std::size_t h = 0; h < hidden; ++h) {
      const double q = 1 / std::sqrt(1 + z[h] * z[h]), t = z[h] * q, cube = q * q * q;
      out[h] = out_[h] * t;
      slope[h] = out_[h] * cube;
      n.bend[h] = -3 * out_[h] * t * q * cube;
    }
    // Sums in the order in which a compiler can form them side by side.
    std::array<double, kRow> total{};
    std::array<double, 4> value{};
    for (std::size_t h = 0; h < hidden; ++h) {
      for (std::size_t i = 0; i < kRow; ++i) total[i] += row_[h][i] * slope[h];
      value[h % 4] += out[h];
    }
    n.value = constant_ + ((value[0] + value[1]) + (value[2] + value[3]));
    for (std::size_t i = 0; i < inputs; ++i) {
      n.value += linear_[i] * x[i];
      n.slope[i] = linear_[i] + total[i];
    }
    return n;
  }

  /// A_h·x̃ for a direction x̃.
  [[nodiscard]] std::array<double, hidden> along(
      const std::array<double, inputs>& direction) const noexcept {
    std::array<double, hidden> z{};
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t h = 0; h < hidden; ++h) z[h] += in_[i][h] * direction[i];
    }
    return z;
  }

 private:
  static constexpr std::size_t kRow = (inputs + 1) / 2 * 2;

  double constant_ = 0;
  std::array<double, inputs> linear_{};
  std::array<double, hidden> out_{}, bias_{};
  std::array<std::array<double, hidden>, inputs> in_{};
  std::array<std::array<double, kRow>, hidden> row_{};  ///< in_ the other way round
};

}  // namespace nuphi::detail
