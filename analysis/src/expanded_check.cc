#include "expanded_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nuphi::detail {
namespace {

constexpr int kParts = 4;           // of a step
constexpr double kUnlike = 1;       // [rad]; phases that disagree do so by whole turns
constexpr double kFarthest = 1000;  // times the cut up to which the gain is looked at
constexpr double kRatio = 1.25;

double hertz(double omega) { return omega / (2 * std::numbers::pi); }

/// Σ Arg g, of which each is its principal value.
double phase_of_scale(LoopMatrix& matrix, double omega) {
  double sum = 0;
  for (const NoisyNeuron& n : matrix.neurons())
    sum += std::arg(neuron_values(n, {0, omega}).factor);
  return sum;
}

/// By how much arg det[diag(g)(1 − M)] turns.
double turn_by_determinants(LoopMatrix& matrix, double from, double to) {
  Complex before = matrix.scaled_determinant({0, from}).direction;
  double turned = 0;
  for (int k = 1; k <= kParts; ++k) {
    const Complex now = matrix.scaled_determinant({0, from + (to - from) * k / kParts}).direction;
    turned += std::arg(now * std::conj(before));
    before = now;
  }
  return turned;
}

}  // namespace

bool has_expanded_responses(const LoopMatrix& matrix) {
  return std::any_of(matrix.neurons().begin(), matrix.neurons().end(),
                     [](const NoisyNeuron& n) { return n.response.is_expanded_in_colour(); });
}

std::string doubt_about_expansion(LoopMatrix matrix, const ModeCount& count) {
  for (std::size_t k = 1; k < count.samples.size(); ++k) {
    const AxisSample &low = count.samples[k - 1], &high = count.samples[k];
    const double followed = high.turned - low.turned + phase_of_scale(matrix, high.omega) -
                            phase_of_scale(matrix, low.omega);
    if (!(std::abs(followed - turn_by_determinants(matrix, low.omega, high.omega)) < kUnlike))
      return fmt::format(
          "with `taylor` the phase can only be sampled, and near {:.6g} Hz two ways of following "
          "it disagree (use `shift`)",
          hertz(low.omega));
  }
  Eigen::MatrixXcd M;
  for (double omega = count.cut; omega < kFarthest * count.cut; omega *= kRatio) {
    matrix.effective_connectivity({0, omega}, M);
    if (!(perron_bound(M.cwiseAbs()) < 1))
      return fmt::format(
          "with `taylor` the loop gain beyond the last step can only be sampled, and at {:.6g} Hz "
          "it is not below 1 (use `shift`)",
          hertz(omega));
  }
  return "";
}

}  // namespace nuphi::detail
