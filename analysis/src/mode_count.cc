#include "mode_count.h"

#include <fmt/format.h>
#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "axis_neurons.h"
#include "complex_lu.h"
#include "count_reasons.h"
#include "expanded_check.h"
#include "network_walk.h"
#include "piece_walk.h"

namespace nuphi::detail {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kWhole = 1e-6;     // of a count; seen are 1e-13
constexpr Eigen::Index kAhead = 6;  // populations from which on neurons are looked at ahead
constexpr double kFarthest = 1e9;   // [1/s] to the right

/// An ω beyond which the moduli of all eigenvalues of M(iω) are proven to stay below 1; within a
/// few percent the lowest for which the bound, which falls with ω, shows that.
std::optional<double> closing_frequency(const LoopMatrix& matrix, double limit) {
  constexpr double kLowest = 10.0;
  const auto closes = [&](double omega) { return matrix.largest_gain_beyond({0, omega}) < 1; };
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

/// The walk up the imaginary axis.
class AxisWalk {
 public:
  AxisWalk(NetworkWalk& walk, AxisNeurons* neurons, ModeCount& result)
      : walk_(walk), neurons_(neurons), result_(result) {
    evaluate(0, nullptr, here_);
    keep();
  }

  /// @return false where it ends before; the reason is in the result
  bool go_to(double end, const CountLimits& limits) {
    double step = end;
    while (here_.z.imag() < end) {
      const double omega = here_.z.imag();
      if (limits.stop.stop_requested()) {
        result_.reason = interrupted();
        return false;
      }
      if (result_.evaluations >= limits.max_evaluations) {
        result_.reason = unfollowed(omega, limits.max_evaluations);
        return false;
      }
      if (limits.progress) limits.progress(omega / end);
      const auto proven = walk_.step(here_, Direction::kUp, 1.5 * step, end - omega);
      if (!proven) {
        result_.reason = here_.loop.allFinite() ? on_axis(omega) : not_a_number(omega);
        return false;
      }
      step = proven->length;
      const bool last = step >= end - omega;
      double next = last ? end : omega + step;
      if (!last && neurons_ != nullptr) next = neurons_->at_most(omega, next);
      evaluate(next, &here_, next_);
      turned_ += walk_.turn(here_, next_, *proven);
      std::swap(here_, next_);
      keep();
    }
    return true;
  }

  [[nodiscard]] double turned() const { return turned_; }
  [[nodiscard]] const WalkPoint& here() const { return here_; }

 private:
  void evaluate(double omega, const WalkPoint* before, WalkPoint& point) {
    const std::vector<NeuronSample>* known = neurons_ != nullptr ? &neurons_->at(omega) : nullptr;
    walk_.evaluate({0, omega}, before, point, known);
    ++result_.evaluations;
  }

  void keep() { result_.samples.push_back({here_.z.imag(), here_.determinant, turned_}); }

  NetworkWalk& walk_;
  AxisNeurons* neurons_;  ///< null: each is looked at when a step arrives there
  ModeCount& result_;
  WalkPoint here_, next_;
  double turned_ = 0;
};

/// By how much arg det(1 − M) turns over proven steps from `here`, which moves to `end`. Empty
/// where a mode lies on the way.
std::optional<double> turn_along(NetworkWalk& walk, WalkPoint& here, Complex end,
                                 Direction direction, const CountLimits& limits,
                                 std::vector<PathSample>* path) {
  const auto place = [&](Complex z) { return direction == Direction::kUp ? z.imag() : z.real(); };
  WalkPoint next;
  double turned = 0, step = place(end) - place(here.z);
  if (path != nullptr) path->push_back({here.z, here.determinant});
  for (int k = 0; place(here.z) < place(end); ++k) {
    if (k > limits.max_evaluations || limits.stop.stop_requested()) return std::nullopt;
    const double left = place(end) - place(here.z);
    const auto proven = walk.step(here, direction, 1.5 * step, left);
    if (!proven) return std::nullopt;
    step = proven->length;
    const Complex by = direction == Direction::kUp ? Complex(0, step) : Complex(step, 0);
    walk.evaluate(step >= left ? end : here.z + by, &here, next);
    turned += walk.turn(here, next, *proven);
    std::swap(here, next);
    if (path != nullptr) path->push_back({here.z, here.determinant});
  }
  return turned;
}

std::optional<int> whole_number(double count) {
  const double rounded = std::round(count);
  if (!(std::abs(count - rounded) <= kWhole) || rounded < 0) return std::nullopt;
  return static_cast<int>(rounded);
}

void conclude(ModeCount& result, double turned, double closing) {
  const double zeros = (closing - turned) / kPi;
  const std::optional<int> count = whole_number(zeros);
  if (!count) {
    result.reason = fmt::format("the winding number {:.9g} is not a whole number", zeros);
    return;
  }
  // det(1 − M(z)) → positive for z → ∞ on the real axis: every real mode changes its sign.
  const bool odd_by_sign = result.samples.front().determinant.direction.real() < 0;
  if (odd_by_sign != (*count % 2 != 0)) {
    result.reason = fmt::format(
        "two ways of counting disagree: {} modes by the winding number, an {} number by the sign "
        "of det(1 − M) at zero frequency",
        *count, odd_by_sign ? "odd" : "even");
    return;
  }
  result.unstable = count;
}

}  // namespace

double sum_of_arguments(Eigen::MatrixXcd matrix) {
  const Eigen::Index n = matrix.rows();
  const Eigen::MatrixXd modulus = (Eigen::MatrixXcd::Identity(n, n) - matrix).cwiseAbs();
  // Where the moduli of the entries alone keep 1 − tM regular, the pivots hold the same sum.
  if (perron_bound(modulus) < 1) return log_of_pivots(matrix).imag();
  double sum = 0;
  for (const Complex m : dense::eigenvalues(matrix)) sum += std::arg(m);
  return sum;
}

double frequency_of_damped_modes(const LoopMatrix& matrix) {
  const double longest = matrix.response().longest_delay(matrix.delay_scale());
  return 2 * kPi * std::max(300.0, longest > 0 ? 3 / longest : 0.0);
}

namespace {

struct Winding {
  double turned = 0;
  Eigen::MatrixXcd loop;  ///< 1 − M at the cut
};

/// Populations whose noise comes from the network alone, or nearly so.
std::vector<std::string> without_external_noise(const LoopMatrix& matrix) {
  constexpr double kNearlyAll = 0.999;
  const NetworkResponse& response = matrix.response();
  std::vector<double> recurrent(static_cast<std::size_t>(response.size()), 0);
  for (const NetworkResponse::Term& t : response.terms())
    recurrent[static_cast<std::size_t>(t.target)] += t.variance * response.neuron(t.source).rate();
  std::vector<std::string> names;
  for (const Eigen::Index i : matrix.populations())
    if (recurrent[static_cast<std::size_t>(i)] > kNearlyAll * std::pow(response.sigma(i), 2))
      names.push_back(response.name(i));
  return names;
}

/// Up to the cut; empty where it ends before, and then the reason is in the result.
std::optional<Winding> walk_axis(const LoopMatrix& matrix, ModeCount& result,
                                 const CountLimits& limits, AxisNeurons* neurons) {
  if (matrix.size() >= kLargeNetwork) {
    const RowCoupling coupling = row_coupling(matrix);
    if (!coupling.rows.empty()) {
      PieceWalk axis(matrix, coupling, *neurons, result);
      if (!axis.go_to(result.cut, limits)) return std::nullopt;
      return Winding{axis.turned(), axis.loop_at(result.cut)};
    }
  }
  NetworkWalk walk(matrix);
  AxisWalk axis(walk, neurons, result);
  if (!axis.go_to(result.cut, limits)) return std::nullopt;
  return Winding{axis.turned(), axis.here().loop};
}

}  // namespace

ModeCount count_unstable_modes(const LoopMatrix& matrix, const CountLimits& limits,
                               AxisNeurons* shared) {
  ModeCount result;
  result.reason = matrix.refusal();
  if (!result.reason.empty()) return result;
  if (matrix.size() == 0) {  // no loop, no modes
    result.unstable = 0;
    return result;
  }
  const std::optional<double> closing = closing_frequency(matrix, 2 * kPi * limits.max_frequency);
  result.cut = closing ? std::max(*closing, limits.at_least) : limits.at_least;
  AxisNeurons own(matrix.neurons());
  if (shared == nullptr && matrix.size() >= kAhead) shared = &own;
  const std::optional<Winding> winding = walk_axis(matrix, result, limits, shared);
  if (!winding) return result;
  if (!closing) {
    result.reason = unclosed(without_external_noise(matrix), result.cut, limits.max_frequency);
    return result;
  }
  conclude(result, winding->turned, sum_of_arguments(winding->loop));
  if (result.unstable && has_expanded_responses(matrix)) {
    result.reason = doubt_about_expansion(matrix, result);
    if (!result.reason.empty()) result.unstable.reset();
  }
  return result;
}

std::optional<int> count_modes_below(const LoopMatrix& matrix,
                                     const std::vector<AxisSample>& samples, double omega,
                                     const CountLimits& limits, std::vector<PathSample>& path) {
  // Far enough to the right no eigenvalue of M reaches 1 any more, at this or a higher frequency.
  double right = std::max(omega, 1.0);
  while (!(matrix.largest_gain_beyond({right, omega}) < 1)) {
    right *= 2;
    if (right > kFarthest) return std::nullopt;
  }
  const auto above = std::upper_bound(samples.begin(), samples.end(), omega,
                                      [](double w, const AxisSample& s) { return w < s.omega; });
  if (above == samples.begin()) return std::nullopt;
  auto below = std::prev(above);
  while (!below->is_exact && below != samples.begin()) --below;
  const AxisSample& start = *below;
  NetworkWalk walk(matrix);
  WalkPoint here;
  walk.evaluate({0, start.omega}, nullptr, here);
  const auto up = turn_along(walk, here, {0, omega}, Direction::kUp, limits, nullptr);
  if (!up) return std::nullopt;
  const auto along = turn_along(walk, here, {right, omega}, Direction::kRight, limits, &path);
  if (!along) return std::nullopt;
  return whole_number((sum_of_arguments(here.loop) - *along - *up - start.turned) / kPi);
}

}  // namespace nuphi::detail
