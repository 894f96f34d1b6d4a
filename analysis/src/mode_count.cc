#include "mode_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuphi::detail {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kSafeGain = 0.9999;
constexpr double kLongMarch = 3000;  // steps

AxisSample sample(Characteristic& characteristic, double omega) {
  return {omega, characteristic.at({0, omega})};
}

double turn(const AxisSample& from, const AxisSample& to) {
  return std::arg(to.determinant.direction * std::conj(from.determinant.direction));
}

/// A step is fine when phase and modulus move little over both of its halves: then no winding hides
/// between the samples.
bool is_fine(const AxisSample& from, const AxisSample& middle, const AxisSample& to) {
  const auto small = [](const AxisSample& a, const AxisSample& b) {
    return std::abs(turn(a, b)) < kPi / 4 &&
           std::abs(a.determinant.log_modulus - b.determinant.log_modulus) < 1.0;
  };
  return small(from, middle) && small(middle, to);
}

/// An ω beyond which the moduli of all eigenvalues of M(iω) are proven to stay below 1; within a
/// few percent the lowest for which the bound, which falls with ω, shows that.
std::optional<double> proven_closing_frequency(const Characteristic& characteristic, double limit) {
  constexpr double kLowest = 10.0;
  const auto closes = [&](double omega) {
    return characteristic.largest_gain_beyond(omega) < kSafeGain;
  };
  double high = kLowest;
  while (high < limit && !closes(high)) high *= 2;
  if (high >= limit) return std::nullopt;
  double low = high > kLowest ? 0.5 * high : high;
  while (high > 1.05 * low) {
    const double middle = std::sqrt(low * high);
    (closes(middle) ? high : low) = middle;
  }
  return high;
}

// The gain approaches its limit at infinity as ω^−½, so that a grid by a constant factor sees how
// it gets there.
constexpr double kGridRatio = 1.3;
constexpr double kFarthest = 1e12;  // in 1/s: beyond it the gain is that of the variance alone

/// Where the bound does not show it: the lowest ω on a grid beyond which the moduli of all
/// eigenvalues of M(iω) are seen to stay below 1.
std::optional<double> sampled_closing_frequency(Characteristic& characteristic, double start,
                                                double limit) {
  std::optional<double> closing;
  for (double omega = start; omega < kFarthest; omega *= kGridRatio) {
    if (!(characteristic.largest_gain({0, omega}) < kSafeGain)) {
      closing.reset();
    } else if (!closing) {
      closing = omega;
    }
  }
  return closing && *closing <= limit ? closing : std::nullopt;
}

/// Σ Arg(1 − m_k) at the cut, where all |m_k| < 1 and no branch is crossed on the way to infinity.
double closing_argument(Characteristic& characteristic, double omega) {
  double sum = 0;
  for (const Complex m : characteristic.eigenvalues({0, omega})) sum += std::arg(1.0 - m);
  return sum;
}

}  // namespace

double frequency_of_damped_modes(const Characteristic& characteristic) {
  const double longest = characteristic.response().longest_delay(characteristic.scale());
  return 2 * kPi * std::max(300.0, longest > 0 ? 3 / longest : 0.0);
}

ModeCount count_unstable_modes(Characteristic& characteristic, double max_frequency,
                               int max_evaluations, double at_least) {
  ModeCount result;
  const double longest = characteristic.response().longest_delay(characteristic.scale());
  // The step that the fastest known rotation, e^{−iω d}, allows.
  const double largest_step = longest > 0 ? 0.6 / longest : 1e3;
  const double limit = 2 * kPi * max_frequency;
  std::optional<double> closing = proven_closing_frequency(characteristic, limit);
  // Where the bound gets below 1 only after a long march, or never, the gain itself is looked at.
  if (!closing || *closing > kLongMarch * largest_step) {
    const auto sampled = sampled_closing_frequency(characteristic, 10.0, limit);
    if (sampled) {
      closing = sampled;
      result.remark =
          fmt::format("the loop gain beyond {:.4g} Hz was sampled: its bound is not below 1 there",
                      *sampled / (2 * kPi));
    }
  }
  if (!closing) {
    result.reason = fmt::format(
        "the loop gain cannot be shown to stay below 1 beyond {:.3g} Hz, so the count of modes "
        "cannot be closed: without noise a neuron resonates at any frequency, and without external "
        "noise the variance response never decays",
        max_frequency);
    return result;
  }
  const double cut = std::max(*closing, at_least);
  const int budget = characteristic.evaluations() + max_evaluations;
  AxisSample from = sample(characteristic, 0);
  result.samples.push_back(from);
  double total = 0;
  double step = std::min(largest_step, 0.5);
  while (from.omega < cut) {
    if (characteristic.evaluations() > budget || !std::isfinite(from.determinant.log_modulus)) {
      result.reason =
          fmt::format("the phase could not be followed beyond {:.6g} Hz within {} evaluations",
                      from.omega / (2 * kPi), max_evaluations);
      return result;
    }
    const double end = std::min(from.omega + step, cut);
    const AxisSample middle = sample(characteristic, 0.5 * (from.omega + end));
    const AxisSample to = sample(characteristic, end);
    if (!is_fine(from, middle, to)) {
      step *= 0.5;
      if (step < 1e-9 * std::max(1.0, from.omega)) {
        result.reason = fmt::format("a mode stands on the imaginary axis at {:.6g} Hz to rounding",
                                    from.omega / (2 * kPi));
        return result;
      }
      continue;
    }
    const double turned = turn(from, middle) + turn(middle, to);
    total += turned;
    result.samples.push_back(middle);
    result.samples.push_back(to);
    from = to;
    if (std::abs(turned) < kPi / 8) step = std::min(1.5 * step, largest_step);
  }
  result.cut = cut;
  const double zeros = -(total - closing_argument(characteristic, cut)) / kPi;
  const double rounded = std::round(zeros);
  if (std::abs(zeros - rounded) > 1e-3 || rounded < 0) {
    result.reason = fmt::format("the winding number {:.6g} is not a whole number", zeros);
    return result;
  }
  result.unstable = static_cast<int>(rounded);
  return result;
}

}  // namespace nuphi::detail
