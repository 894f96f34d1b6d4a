#include "modes.h"

#include <algorithm>
#include <cmath>

namespace nuphi::detail {
namespace {

/// Distance to the nearest mode as Newton sees it, |Δ/Δ'|, from the samples themselves: Δ is
/// analytic, so a difference along the axis is its derivative.
double newton_distance(const AxisSample& before, const AxisSample& at, const AxisSample& after) {
  const auto ratio = [&](const AxisSample& s) {
    return s.determinant.direction / at.determinant.direction *
           std::exp(s.determinant.log_modulus - at.determinant.log_modulus);
  };
  const double width = after.omega - before.omega;
  return width / std::max(std::abs(ratio(after) - ratio(before)), 1e-300);
}

}  // namespace

std::vector<double> near_misses(const std::vector<AxisSample>& samples, std::size_t most) {
  std::vector<std::pair<double, double>> found;  // distance, ω
  std::vector<double> distance(samples.size(), 0);
  for (std::size_t k = 1; k + 1 < samples.size(); ++k) {
    distance[k] = newton_distance(samples[k - 1], samples[k], samples[k + 1]);
  }
  for (std::size_t k = 2; k + 2 < samples.size(); ++k) {
    if (distance[k] <= distance[k - 1] && distance[k] <= distance[k + 1]) {
      found.emplace_back(distance[k], samples[k].omega);
    }
  }
  std::sort(found.begin(), found.end());
  if (found.size() > most) found.resize(most);
  std::vector<double> omegas;
  for (const auto& [d, omega] : found) omegas.push_back(omega);
  return omegas;
}

namespace {

constexpr int kGridStarts = 24;

bool same(Complex a, Complex b) { return std::abs(a - b) <= 1e-7 * std::max(std::abs(a), 1.0); }

Mode describe(Characteristic& characteristic, Complex z) {
  Mode mode;
  mode.eigenvalue = z;
  Eigen::VectorXcd left;
  Eigen::VectorXcd right;
  mode.residual = std::abs(1.0 - characteristic.nearest_eigenvalue(z, left, right));
  mode.participation = (left.array().abs() * right.array().abs()).matrix();
  const double sum = mode.participation.sum();
  if (sum > 0) mode.participation /= sum;
  return mode;
}

class ModeSearch {
 public:
  explicit ModeSearch(Characteristic& characteristic) : characteristic_(characteristic) {}

  void from(Complex start) {
    std::optional<Complex> z = refine_mode(characteristic_, start);
    if (!z) return;
    if (z->imag() < 0) z = std::conj(*z);
    // A real mode comes out with an imaginary part of rounding.
    if (std::abs(z->imag()) < 1e-8 * std::max(std::abs(z->real()), 1.0)) z = Complex(z->real(), 0);
    const auto known = [&](const Mode& m) { return same(m.eigenvalue, *z); };
    if (std::none_of(modes_.begin(), modes_.end(), known))
      modes_.push_back(describe(characteristic_, *z));
  }

  /// Modes to the right of the axis, a conjugate pair counted twice.
  [[nodiscard]] int unstable() const {
    int count = 0;
    for (const Mode& m : modes_) {
      if (m.eigenvalue.real() > 0) count += m.eigenvalue.imag() > 0 ? 2 : 1;
    }
    return count;
  }

  std::vector<Mode> take(int most) {
    std::sort(modes_.begin(), modes_.end(),
              [](const Mode& a, const Mode& b) { return a.growth_rate() > b.growth_rate(); });
    if (modes_.size() > static_cast<std::size_t>(most))
      modes_.resize(static_cast<std::size_t>(most));
    return std::move(modes_);
  }

 private:
  Characteristic& characteristic_;
  std::vector<Mode> modes_;
};

}  // namespace

std::optional<Complex> refine_mode(Characteristic& characteristic, Complex start) {
  Complex z = start;
  double previous = std::numeric_limits<double>::infinity();
  const double reach = std::max(std::abs(start), 100.0);
  for (int iteration = 0; iteration < 40; ++iteration) {
    Complex step = characteristic.newton_step(z);
    const double size = std::abs(step);
    if (!std::isfinite(size)) return std::nullopt;
    if (size > 0.3 * reach) step *= 0.3 * reach / size;
    z += step;
    if (std::abs(z) > 10 * reach) return std::nullopt;
    const double floor = 1e-13 * std::max(std::abs(z), 1.0);
    if (size <= floor || (size <= 1e-10 * std::max(std::abs(z), 1.0) && size >= 0.5 * previous))
      return z;
    previous = size;
  }
  return std::nullopt;
}

std::vector<Mode> rightmost_modes(Characteristic& characteristic, const ModeCount& count,
                                  int most) {
  ModeSearch search(characteristic);
  search.from(0);
  std::vector<double> omegas = near_misses(count.samples, static_cast<std::size_t>(4 * most));
  // Damped modes may leave no trace on the axis: a grid over what was marched finds them.
  const double last = count.samples.empty() ? 0 : count.samples.back().omega;
  for (int k = 0; k < kGridStarts; ++k) omegas.push_back(last * (k + 0.5) / kGridStarts);
  for (const double omega : omegas) search.from({0, omega});
  const int wanted = count.unstable.value_or(0);
  for (const double shift : {10.0, 100.0, 1000.0, 30.0, 300.0, 3000.0}) {
    for (std::size_t k = 0; k <= omegas.size() && search.unstable() < wanted; ++k) {
      search.from({shift, k == 0 ? 0 : omegas[k - 1]});
    }
  }
  return search.take(most);
}

}  // namespace nuphi::detail
