#include "fit_model.h"

#include <nuphi/solver/methods.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "rate_problem.h"

namespace nuphi {

FitModel::FitModel(const ModelFamily& family, const FitTarget& target, const FitOptions& options,
                   const SolveControl& control)
    : family_(family), target_(target), options_(options), control_(control) {
  scale_.resize(static_cast<Eigen::Index>(family.parameters.size()));
  for (Eigen::Index k = 0; k < scale_.size(); ++k) scale_[k] = family.parameters[k].scale;
  if (target.weights.size() != 0 && target.weights.size() != target.rates.size())
    throw std::invalid_argument("fit: rates and weights of the target differ in size");
  std::vector<double> roots;
  for (Eigen::Index i = 0; i < target.rates.size(); ++i) {
    const double weight = target.weights.size() == 0 ? 1 : target.weights[i];
    if (!(weight >= 0) || std::isinf(weight))
      throw std::invalid_argument("fit: a weight is negative or not finite");
    if (std::isnan(target.rates[i]) || weight == 0) continue;
    rows_.push_back(i);
    roots.push_back(std::sqrt(weight));
  }
  if (rows_.empty()) throw std::invalid_argument("fit: no population has a target");
  root_weight_ = Eigen::Map<const Eigen::VectorXd>(roots.data(), residual_count());
}

Summary FitModel::start(const Eigen::VectorXd& z) {
  here_.field = family_.field(z.cwiseProduct(scale_));
  if (target_.rates.size() != here_.field.size())
    throw std::invalid_argument("fit: the target needs one rate per population");
  SolveOptions options = options_.solve;
  options.find = Find::kOne;
  StationaryResult result = solve_stationary(here_.field, options, control_);
  here_.z = z;
  here_.rates = result.state.rates;
  evaluations_ += result.summary.evaluations;
  factorizations_ += result.summary.factorizations;
  return std::move(result.summary);
}

bool FitModel::solve_at(const Eigen::VectorXd& z) {
  if (here_.is_at(z)) return true;
  for (const Place* known : {&anchor_, &best_}) {
    if (!known->is_at(z)) continue;
    here_ = *known;
    return true;
  }
  try {
    if (locate_from(anchor_, z)) return true;
    return !best_.is_at(anchor_.z) && locate_from(best_, z);
  } catch (const ModelError&) {
    return false;  // outside the model's domain: the trust region draws back
  }
}

bool FitModel::locate_from(const Place& place, const Eigen::VectorXd& z) {
  MeanField field = family_.field(z.cwiseProduct(scale_));
  RateProblem problem(field);
  Eigen::VectorXd start = place.rates + place.drates * (z - place.z);
  // Far from the last point the tangent may point anywhere.
  if (!start.allFinite()) start = place.rates;
  start = start.cwiseMax(problem.lower()).cwiseMin(problem.upper());
  const FixedPointOptions limits{.tolerance = options_.solve.tolerance,
                                 .max_iterations = options_.solve.max_iterations};
  const SolveControl quiet{.stop = control_.stop, .progress = {}, .logger = {}};
  const FixedPointSolution solution =
      solve_fixed_point(problem, start, Method::kAuto, limits, quiet);
  evaluations_ += solution.summary.evaluations;
  factorizations_ += solution.summary.factorizations;
  if (!solution.converged()) return false;
  here_ = Place{};
  here_.z = z;
  here_.rates = solution.x;
  here_.field = std::move(field);
  return true;
}

Eigen::VectorXd FitModel::residuals() const {
  Eigen::VectorXd r(residual_count());
  for (Eigen::Index k = 0; k < r.size(); ++k)
    r[k] = root_weight_[k] * (here_.rates[rows_[k]] - target_.rates[rows_[k]]);
  return r;
}

const Eigen::MatrixXd& FitModel::linearize() {
  if (here_.jacobian.size() > 0) return here_.jacobian;
  const Eigen::VectorXd values = here_.z.cwiseProduct(scale_);
  const Sensitivity sensitivity(here_.field, here_.rates);
  ++factorizations_;
  here_.drates.resize(here_.rates.size(), parameters());
  for (Eigen::Index k = 0; k < parameters(); ++k) {
    const InputDerivative inputs = input_derivative(family_, values, k, here_.rates);
    here_.drates.col(k) = sensitivity.forward(inputs).rates * scale_[k];
  }
  here_.jacobian.resize(residual_count(), parameters());
  for (Eigen::Index k = 0; k < residual_count(); ++k)
    here_.jacobian.row(k) = root_weight_[k] * here_.drates.row(rows_[k]);
  here_.cost = residuals().squaredNorm();
  if (here_.jacobian.allFinite()) {
    anchor_ = here_;
    if (here_.cost < best_.cost) best_ = here_;
  }
  return here_.jacobian;
}

const Eigen::VectorXd& FitModel::return_to_best() {
  if (best_.z.size() > 0) here_ = best_;
  return here_.z;
}

double FitModel::misfit() const {
  double worst = 0;
  for (const Eigen::Index i : rows_) {
    const double allowed = std::max(1.0, std::abs(target_.rates[i]));
    worst = std::max(worst, std::abs(here_.rates[i] - target_.rates[i]) / allowed);
  }
  return worst;
}

}  // namespace nuphi
