#include <nuphi/rates/inverse.h>

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
// A parameter does nothing that, changed by its own size, closes less than this part of the gap.
constexpr double kNoEffect = 1e-6;
// Directions with a relative singular value below this are worth a word.
constexpr double kWeakDirection = 1e-3;

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("fit: ") + what);
}

void check_arguments(const ModelFamily& family, const std::vector<FitBounds>& bounds,
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

/// The caller's bounds within the range in which the model makes sense.
std::vector<FitBounds> effective_bounds(const ModelFamily& family,
                                        const std::vector<FitBounds>& given) {
  std::vector<FitBounds> bounds;
  for (std::size_t k = 0; k < family.parameters.size(); ++k) {
    const ModelFamily::Parameter& p = family.parameters[k];
    FitBounds b = given.empty() ? FitBounds{} : given[k];
    b.lower = std::max(b.lower, p.lower);
    b.upper = std::min(b.upper, p.upper);
    require(b.lower <= b.upper, "the bounds exclude all values that the model allows");
    bounds.push_back(b);
  }
  return bounds;
}

/// The box in scaled parameters.
struct Box {
  Eigen::VectorXd lower;
  Eigen::VectorXd upper;

  Box(const std::vector<FitBounds>& bounds, const Eigen::VectorXd& scale)
      : lower(scale.size()), upper(scale.size()) {
    for (Eigen::Index k = 0; k < scale.size(); ++k) {
      lower[k] = bounds[k].lower / scale[k];
      upper[k] = bounds[k].upper / scale[k];
    }
  }
  [[nodiscard]] bool at_bound(const Eigen::VectorXd& z, Eigen::Index k) const {
    return z[k] <= lower[k] || z[k] >= upper[k];
  }
};

/// Whether a parameter lies at a bound and the cost falls beyond it.
bool is_blocked(double gradient, const Eigen::VectorXd& z, Eigen::Index k, const Box& box) {
  return (gradient >= 0 && z[k] <= box.lower[k]) || (gradient <= 0 && z[k] >= box.upper[k]);
}

std::vector<int> blocked(FitModel& model, const Eigen::VectorXd& z, const Box& box) {
  const Eigen::VectorXd gradient = model.linearize().transpose() * model.residuals();
  std::vector<int> result;
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    if (is_blocked(gradient[k], z, k, box)) result.push_back(static_cast<int>(k));
  }
  return result;
}

/// Largest cosine between the residual and the effect of a parameter that could still move that
/// way: 0 at a minimum.
double steepness(FitModel& model, const Eigen::VectorXd& z, const Box& box) {
  const Eigen::VectorXd residual = model.residuals();
  const Eigen::MatrixXd& jacobian = model.linearize();
  double worst = 0;
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const double gradient = jacobian.col(k).dot(residual);
    const double size = jacobian.col(k).norm() * residual.norm();
    if (size > 0 && !is_blocked(gradient, z, k, box))
      worst = std::max(worst, std::abs(gradient) / size);
  }
  return worst;
}

bool is_minimum(FitModel& model, const Eigen::VectorXd& z, const Box& box,
                const FitOptions& options) {
  return model.misfit() <= options.tolerance ||
         steepness(model, z, box) <= options.gradient_tolerance;
}

/// The trust region clips its steps at the bounds and may stall there although the other parameters
/// could still move. So those that press against a bound are held and the rest goes on, until
/// nothing is left to gain.
TrustRegionEnd descend(FitModel& model, const Eigen::VectorXd& start, const Box& box,
                       const FitOptions& options, const SolveControl& control) {
  TrustRegionEnd total;
  total.z = start;
  double cost = std::numeric_limits<double>::infinity();
  std::vector<int> held;
  for (Eigen::Index round = 0; round < 3 * start.size() + 3; ++round) {
    const int left = options.max_iterations - static_cast<int>(total.iterations.size());
    TrustRegionEnd end = minimize(model, total.z, box.lower, box.upper, held, left, control);
    total.z = model.return_to_best();
    total.reason = end.reason;
    total.message = end.message;
    total.iterations.insert(total.iterations.end(), end.iterations.begin(), end.iterations.end());
    if (end.reason != Termination::kStalled || is_minimum(model, total.z, box, options)) break;
    std::vector<int> press = blocked(model, total.z, box);
    const double reached = model.residuals().squaredNorm();
    if (press == held && reached >= cost * (1 - 1e-6)) break;
    cost = reached;
    held = std::move(press);
  }
  return total;
}

void conclude(FitModel& model, const TrustRegionEnd& end, const Box& box, const FitOptions& options,
              Summary& summary) {
  const double misfit = model.misfit();
  const double slope = steepness(model, end.z, box);
  if (misfit <= options.tolerance) {
    summary.termination = Termination::kConverged;
    summary.message = fmt::format("the target rates are met to {:.2g} Hz", misfit);
  } else if (slope <= options.gradient_tolerance && end.reason != Termination::kInterrupted) {
    // The best compromise between more targets than parameters, or within the bounds, is what was
    // asked for; anything else is a place from which the parameters do not lead on.
    const Identifiability found = identifiability(model.linearize(), options.rank_tolerance);
    const bool moves = found.singular_values[0] > kNoEffect * model.residuals().norm();
    const bool compromise =
        moves && (model.residual_count() > found.rank || !blocked(model, end.z, box).empty());
    summary.termination = compromise ? Termination::kConverged : Termination::kStalled;
    summary.message = fmt::format(
        "{}: the targets are missed by up to {:.3g} Hz (relative to max(1 Hz, target)), and {}",
        compromise ? "least-squares minimum" : "no fit", misfit,
        moves ? "no parameter brings them nearer"
              : "no free parameter moves the rates here (are they silent?): start from "
                "other values");
  } else {
    summary.termination = end.reason;
    summary.message = fmt::format(
        "targets missed by up to {:.3g} Hz (relative to max(1 Hz, target)), and the cost still "
        "falls (cosine {:.2g}); trust region: {}",
        misfit, slope, end.message);
  }
}

/// "0.707 J - 0.707 g": a direction in relative changes, small parts left out.
std::string direction_text(const Eigen::VectorXd& direction, const ModelFamily& family) {
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
                             const ModelFamily& family) {
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

void describe_identifiability(FitModel& model, const ModelFamily& family, const FitTarget& target,
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

void describe_parameters(const ModelFamily& family, const std::vector<FitBounds>& bounds,
                         const Eigen::VectorXd& z, const Box& box, FitResult& result) {
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const ModelFamily::Parameter& p = family.parameters[k];
    FittedParameter fitted;
    fitted.name = p.name;
    fitted.unit = p.unit;
    fitted.initial = p.value;
    fitted.value = z[k] * p.scale;
    fitted.bounds = bounds[k];
    fitted.at_bound = box.at_bound(z, k);
    // A bound is hit exactly, not to the rounding of the scaling.
    if (fitted.at_bound)
      fitted.value = std::clamp(fitted.value, fitted.bounds.lower, fitted.bounds.upper);
    result.parameters.push_back(std::move(fitted));
  }
}

// Within the tolerance, or three standard deviations of a target that has one.
bool is_met(const FitTarget& target, const Eigen::VectorXd& residuals, double tolerance) {
  constexpr double kDeviations = 3;
  for (Eigen::Index i = 0; i < residuals.size(); ++i) {
    const double weight = target.weights.size() > 0 ? target.weights[i] : 1;
    if (std::isnan(target.rates[i]) || weight == 0) continue;
    double allowed = tolerance * std::max(1.0, std::abs(target.rates[i]));
    if (target.weights_are_inverse_variances)
      allowed = std::max(allowed, kDeviations / std::sqrt(weight));
    if (!(std::abs(residuals[i]) <= allowed)) return false;
  }
  return true;
}

void describe_state(const FitModel& model, const FitTarget& target, double tolerance,
                    FitResult& result) {
  result.state = evaluate_state(model.field(), model.rates());
  result.residuals = model.rates() - target.rates;
  result.cost = model.residuals().squaredNorm() / 2;
  result.targets_met = is_met(target, result.residuals, tolerance);
  result.summary.residual = result.state.residual;
  result.summary.evaluations = model.evaluations();
  result.summary.factorizations = model.factorizations();
}

FitResult without_start(const ModelFamily& family, const std::vector<FitBounds>& bounds,
                        const Eigen::VectorXd& z, const Box& box, const FitTarget& target,
                        const FitModel& model, const FitOptions& options, Summary failed) {
  FitResult result;
  describe_parameters(family, bounds, z, box, result);
  for (FittedParameter& p : result.parameters) p.standard_error = kNaN;
  result.covariance.setConstant(z.size(), z.size(), kNaN);
  result.singular_values.setConstant(z.size(), kNaN);
  result.summary = std::move(failed);
  const std::string reason = "no stationary state at the start: " + result.summary.message;
  describe_state(model, target, options.tolerance, result);
  result.summary.message = reason;
  return result;
}

}  // namespace

Eigen::VectorXd FitResult::values() const {
  Eigen::VectorXd x(static_cast<Eigen::Index>(parameters.size()));
  for (Eigen::Index k = 0; k < x.size(); ++k) x[k] = parameters[k].value;
  return x;
}

FitResult fit_parameters(const ModelFamily& family, const FitTarget& target,
                         const std::vector<FitBounds>& given, const FitOptions& options,
                         const SolveControl& control) {
  const auto begin = std::chrono::steady_clock::now();
  check_arguments(family, given, options);
  const std::vector<FitBounds> bounds = effective_bounds(family, given);
  FitModel model(family, target, options, control);
  const Box box(bounds, model.scale());
  const Eigen::VectorXd start =
      family.values().cwiseQuotient(model.scale()).cwiseMax(box.lower).cwiseMin(box.upper);

  const Summary first = model.start(start);
  if (first.termination != Termination::kConverged)
    return without_start(family, bounds, start, box, target, model, options, first);
  (void)model.linearize();
  const TrustRegionEnd end = descend(model, start, box, options, control);

  FitResult result;
  result.summary.method_requested = Method::kCeres;
  result.summary.method_used = Method::kCeres;
  result.summary.iterations = end.iterations;
  conclude(model, end, box, options, result.summary);
  describe_parameters(family, bounds, end.z, box, result);
  describe_state(model, target, options.tolerance, result);
  describe_identifiability(model, family, target, options, result);
  result.summary.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace nuphi
