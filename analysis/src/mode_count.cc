#include "mode_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "eigen_system.h"
#include "network_walk.h"

namespace nuphi::detail {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kWhole = 1e-6;  // of a count; seen are 1e-13

/// An ω beyond which the moduli of all eigenvalues of M(iω) are proven to stay below 1; within a
/// few percent the lowest for which the bound, which falls with ω, shows that.
std::optional<double> closing_frequency(const Characteristic& characteristic, double limit) {
  constexpr double kLowest = 10.0;
  const auto closes = [&](double omega) { return characteristic.largest_gain_beyond(omega) < 1; };
  double high = kLowest;
  while (high < limit && !closes(high)) high *= 2;
  if (high >= limit) return std::nullopt;
  double low = high > kLowest ? 0.5 * high : high;
  while (high > 1.02 * low) {
    const double middle = std::sqrt(low * high);
    (closes(middle) ? high : low) = middle;
  }
  return high;
}

/// Σ Arg(1 − m_k) at the cut, where all |m_k| < 1 and no branch is crossed on the way to infinity.
double closing_argument(const WalkPoint& point) {
  const Eigen::Index n = point.loop.rows();
  Eigen::MatrixXcd matrix = point.loop;
  const Eigen::MatrixXd modulus =
      (Eigen::MatrixXcd::Identity(n, n) - matrix).cwiseAbs();
  // Where the moduli of the entries alone keep 1 − tM regular, the pivots hold the same sum.
  if (perron_bound(modulus) < 1) return phase_of_pivots(matrix);
  double sum = 0;
  for (const Complex m : eigenvalues(matrix)) sum += std::arg(m);
  return sum;
}

AxisSample axis_sample(const WalkPoint& point) {
  return {point.z.imag(), point.determinant};
}

std::string hertz(double omega) { return fmt::format("{:.6g} Hz", omega / (2 * kPi)); }

/// The walk up the imaginary axis.
class AxisWalk {
 public:
  AxisWalk(NetworkWalk& walk, ModeCount& result) : walk_(walk), result_(result) {
    walk_.evaluate(0, nullptr, here_);
    result_.evaluations = 1;
    result_.samples.push_back(axis_sample(here_));
  }

  /// @return false where it ends before; the reason is in the result
  bool go_to(double end, int max_evaluations) {
    double step = end;
    while (here_.z.imag() < end) {
      const double omega = here_.z.imag();
      if (result_.evaluations >= max_evaluations) {
        result_.reason = fmt::format("the phase could not be followed beyond {} within {} evaluations",
                                     hertz(omega), max_evaluations);
        return false;
      }
      const auto proven = walk_.step(here_, Direction::kUp, 1.5 * step, end - omega);
      if (!proven) {
        result_.reason = here_.loop.allFinite()
                             ? fmt::format("a mode stands on the imaginary axis at {}, to rounding: "
                                           "neither stable nor unstable",
                                           hertz(omega))
                             : fmt::format("the response at {} is not a number", hertz(omega));
        return false;
      }
      step = proven->length;
      const bool last = step >= end - omega;
      walk_.evaluate({0, last ? end : omega + step}, &here_, next_);
      ++result_.evaluations;
      turned_ += walk_.turn(here_, next_, *proven);
      std::swap(here_, next_);
      result_.samples.push_back(axis_sample(here_));
    }
    return true;
  }

  [[nodiscard]] double turned() const { return turned_; }
  [[nodiscard]] const WalkPoint& here() const { return here_; }

 private:
  NetworkWalk& walk_;
  ModeCount& result_;
  WalkPoint here_, next_;
  double turned_ = 0;
};

void conclude(ModeCount& result, double turned, double closing) {
  const double zeros = (closing - turned) / kPi;
  const double rounded = std::round(zeros);
  if (!(std::abs(zeros - rounded) <= kWhole) || rounded < 0) {
    result.reason = fmt::format("the winding number {:.9g} is not a whole number", zeros);
    return;
  }
  const int count = static_cast<int>(rounded);
  // det(1 − M(z)) → positive for z → ∞ on the real axis: every real mode changes its sign.
  const bool odd_by_sign = result.samples.front().determinant.direction.real() < 0;
  if (odd_by_sign != (count % 2 != 0)) {
    result.reason = fmt::format(
        "two ways of counting disagree: {} modes by the winding number, an {} number by the sign "
        "of det(1 − M) at zero frequency",
        count, odd_by_sign ? "odd" : "even");
    return;
  }
  result.unstable = count;
}

}  // namespace

double frequency_of_damped_modes(const Characteristic& characteristic) {
  const double longest = characteristic.response().longest_delay(characteristic.scale());
  return 2 * kPi * std::max(300.0, longest > 0 ? 3 / longest : 0.0);
}

ModeCount count_unstable_modes(Characteristic& characteristic, double max_frequency,
                               int max_evaluations, double at_least) {
  ModeCount result;
  NetworkWalk walk(characteristic.response(), characteristic.scale());
  result.reason = walk.refusal();
  if (!result.reason.empty()) return result;
  if (walk.size() == 0) {  // no loop, no modes
    result.unstable = 0;
    return result;
  }
  const double limit = 2 * kPi * max_frequency;
  const std::optional<double> closing = closing_frequency(characteristic, limit);
  result.cut = closing ? std::max(*closing, at_least) : at_least;
  AxisWalk axis(walk, result);
  if (!axis.go_to(result.cut, max_evaluations)) return result;
  if (!closing) {
    result.reason = fmt::format(
        "the loop gain cannot be shown to stay below 1 beyond {:.3g} Hz, so the count of modes "
        "cannot be closed: where all noise of a population is recurrent its response never decays",
        max_frequency);
    return result;
  }
  conclude(result, axis.turned(), closing_argument(axis.here()));
  return result;
}

}  // namespace nuphi::detail
