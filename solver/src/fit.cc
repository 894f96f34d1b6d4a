#include <nuphi/solver/inverse.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "fit_ceres.h"
#include "fit_model.h"
#include "identifiability.h"

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Directions with a relative singular value below this are worth a word.
constexpr double kWeakDirection = 1e-3;

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("fit: ") + what);
}

void check_arguments(const FieldFamily& family, const std::vector<FitBounds>& bounds,
                     const FitOptions& options) {
  require(!family.parameters.empty(), "no parameter is free");
  require(bounds.empty() || bounds.size() == family.parameters.size(),
          "the bounds need one entry per parameter, or none at all");
  for (const FitBounds& b : bounds) require(b.lower <= b.upper, "a lower bound exceeds the upper");
  require(options.tolerance > 0, "the tolerance must be positive");
  require(options.gradient_tolerance > 0 && options.gradient_tolerance < 1,
          "gradient_tolerance must lie in (0, 1)");
  require(options.rank_tolerance > 0 && options.rank_tolerance < 1,
          "rank_tolerance must lie in (0, 1)");
  require(options.max_iterations > 0, "max_iterations must be positive");
}

/// The box in scaled parameters.
struct Box {
  Eigen::VectorXd lower;
  Eigen::VectorXd upper;

  Box(const std::vector<FitBounds>& bounds, const Eigen::VectorXd& scale)
      : lower(scale.size()), upper(scale.size()) {
    for (Eigen::Index k = 0; k < scale.size(); ++k) {
      const FitBounds b = bounds.empty() ? FitBounds{} : bounds[k];
      lower[k] = b.lower / scale[k];
      upper[k] = b.upper / scale[k];
    }
  }
  [[nodiscard]] bool at_bound(const Eigen::VectorXd& z, Eigen::Index k) const {
    return z[k] <= lower[k] || z[k] >= upper[k];
  }
};

/// Largest cosine between the residual and the effect of a parameter that could still move that
/// way: 0 at a minimum.
double steepness(const Eigen::VectorXd& residual, const Eigen::MatrixXd& jacobian,
                 const Eigen::VectorXd& z, const Box& box) {
  double worst = 0;
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const double gradient = jacobian.col(k).dot(residual);
    const bool blocked =
        (gradient > 0 && z[k] <= box.lower[k]) || (gradient < 0 && z[k] >= box.upper[k]);
    const double size = jacobian.col(k).norm() * residual.norm();
    if (!blocked && size > 0) worst = std::max(worst, std::abs(gradient) / size);
  }
  return worst;
}

void judge(FitModel& model, const TrustRegionEnd& end, const Box& box, const FitOptions& options,
           Summary& summary) {
  const double misfit = model.misfit();
  const double slope = steepness(model.residuals(), model.linearize(), end.z, box);
  if (misfit <= options.tolerance) {
    summary.termination = Termination::kConverged;
    summary.message = fmt::format("the target rates are met to {:.2g} Hz", misfit);
  } else if (slope <= options.gradient_tolerance && end.reason != Termination::kInterrupted) {
    summary.termination = Termination::kConverged;
    summary.message = fmt::format(
        "least-squares minimum: the targets are missed by up to {:.3g} Hz (relative to max(1 Hz, "
        "target)), and no parameter brings them nearer",
        misfit);
  } else {
    summary.termination = end.reason;
    summary.message = fmt::format(
        "targets missed by up to {:.3g} Hz (relative to max(1 Hz, target)), and the cost still "
        "falls (cosine {:.2g}); trust region: {}",
        misfit, slope, end.message);
  }
}

/// "0.707 J - 0.707 g": a direction in relative changes, small parts left out.
std::string direction_text(const Eigen::VectorXd& direction, const FieldFamily& family) {
  constexpr double kSmallPart = 0.01;
  std::string text;
  for (Eigen::Index k = 0; k < direction.size(); ++k) {
    if (std::abs(direction[k]) < kSmallPart) continue;
    const char* sign = direction[k] < 0 ? "-" : "+";
    if (text.empty()) sign = direction[k] < 0 ? "-" : "";
    text += fmt::format("{}{}{}{:.3g} {}", text.empty() ? "" : " ", sign, text.empty() ? "" : " ",
                        std::abs(direction[k]), family.parameters[k].name);
  }
  return text;
}

NullDirection null_direction(const Identifiability& found, Eigen::Index column,
                             const FieldFamily& family) {
  const double largest = found.singular_values[0];
  Eigen::VectorXd direction = found.directions.col(column);
  // A singular vector has no sign: the largest part is made positive.
  Eigen::Index first = 0;
  direction.cwiseAbs().maxCoeff(&first);
  if (direction[first] < 0) direction = -direction;
  return {largest > 0 ? found.singular_values[column] / largest : 0, direction,
          direction_text(direction, family)};
}

/// Variance of a residual of weight 1: known, or from the scatter about the fit.
double residual_variance(const FitTarget& target, double cost, Eigen::Index residuals, int rank) {
  if (target.weights_are_inverse_variances) return 1;
  return residuals > rank ? 2 * cost / static_cast<double>(residuals - rank) : kNaN;
}

void describe_identifiability(FitModel& model, const FieldFamily& family, const FitTarget& target,
                              const FitOptions& options, FitResult& result) {
  const Identifiability found = identifiability(model.linearize(), options.rank_tolerance);
  result.rank = found.rank;
  result.singular_values = found.singular_values;
  for (Eigen::Index k = 0; k < found.singular_values.size(); ++k) {
    if (k >= found.rank || found.singular_values[k] < kWeakDirection * found.singular_values[0])
      result.null_directions.push_back(null_direction(found, k, family));
  }
  const double variance =
      residual_variance(target, result.cost, model.residual_count(), found.rank);
  const auto scale = model.scale().asDiagonal();
  result.covariance = variance * (scale * found.covariance * scale);
  for (std::size_t k = 0; k < result.parameters.size(); ++k) {
    FittedParameter& p = result.parameters[k];
    p.identifiable = found.identifiable[k];
    const auto at = static_cast<Eigen::Index>(k);
    p.standard_error = p.identifiable ? std::sqrt(result.covariance(at, at))
                                      : std::numeric_limits<double>::infinity();
  }
}

void describe_parameters(const FieldFamily& family, const std::vector<FitBounds>& bounds,
                         const Eigen::VectorXd& z, const Box& box, FitResult& result) {
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const FieldFamily::Parameter& p = family.parameters[k];
    FittedParameter fitted;
    fitted.name = p.name;
    fitted.unit = p.unit;
    fitted.initial = p.value;
    fitted.value = z[k] * p.scale;
    if (!bounds.empty()) fitted.bounds = bounds[k];
    fitted.at_bound = box.at_bound(z, k);
    // A bound is hit exactly, not to the rounding of the scaling.
    if (fitted.at_bound)
      fitted.value = std::clamp(fitted.value, fitted.bounds.lower, fitted.bounds.upper);
    result.parameters.push_back(std::move(fitted));
  }
}

void describe_state(const FitModel& model, const FitTarget& target, FitResult& result) {
  result.state = evaluate_state(model.field(), model.rates());
  result.residuals = model.rates() - target.rates;
  result.cost = model.residuals().squaredNorm() / 2;
  result.summary.residual = result.state.residual;
  result.summary.evaluations = model.evaluations();
  result.summary.factorizations = model.factorizations();
}

FitResult without_start(const FieldFamily& family, const std::vector<FitBounds>& bounds,
                        const Eigen::VectorXd& z, const Box& box, const FitTarget& target,
                        const FitModel& model, Summary failed) {
  FitResult result;
  describe_parameters(family, bounds, z, box, result);
  for (FittedParameter& p : result.parameters) p.standard_error = kNaN;
  result.covariance.setConstant(z.size(), z.size(), kNaN);
  result.singular_values.setConstant(z.size(), kNaN);
  result.summary = std::move(failed);
  const std::string reason = "no stationary state at the start: " + result.summary.message;
  describe_state(model, target, result);
  result.summary.message = reason;
  return result;
}

}  // namespace

Eigen::VectorXd FitResult::values() const {
  Eigen::VectorXd x(static_cast<Eigen::Index>(parameters.size()));
  for (Eigen::Index k = 0; k < x.size(); ++k) x[k] = parameters[k].value;
  return x;
}

FitResult fit_parameters(const FieldFamily& family, const FitTarget& target,
                         const std::vector<FitBounds>& bounds, const FitOptions& options,
                         const SolveControl& control) {
  const auto begin = std::chrono::steady_clock::now();
  check_arguments(family, bounds, options);
  FitModel model(family, target, options, control);
  const Box box(bounds, model.scale());
  const Eigen::VectorXd start =
      family.values().cwiseQuotient(model.scale()).cwiseMax(box.lower).cwiseMin(box.upper);

  const Summary first = model.start(start);
  if (first.termination != Termination::kConverged)
    return without_start(family, bounds, start, box, target, model, first);
  (void)model.linearize();
  const TrustRegionEnd end =
      minimize(model, start, box.lower, box.upper, options.max_iterations, control);

  FitResult result;
  result.summary.method_requested = Method::kCeres;
  result.summary.method_used = Method::kCeres;
  result.summary.iterations = end.iterations;
  // The last trial may have been refused: back to the best point. It has been solved before.
  (void)model.locate(end.z);
  judge(model, end, box, options, result.summary);
  describe_parameters(family, bounds, end.z, box, result);
  describe_state(model, target, result);
  describe_identifiability(model, family, target, options, result);
  result.summary.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace nuphi
