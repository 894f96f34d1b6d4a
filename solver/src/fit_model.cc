#include "fit_model.h"

#include <nuphi/solver/fixed_point.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "rate_problem.h"

namespace nuphi {

FitModel::FitModel(const FieldFamily& family, const FitTarget& target, const FitOptions& options,
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
  field_ = family_.field(z.cwiseProduct(scale_));
  if (target_.rates.size() != field_.size())
    throw std::invalid_argument("fit: the target needs one rate per population");
  SolveOptions options = options_.solve;
  options.find = Find::kOne;
  StationaryResult result = solve_stationary(field_, options, control_);
  z_ = z;
  rates_ = result.state.rates;
  evaluations_ += result.summary.evaluations;
  factorizations_ += result.summary.factorizations;
  return std::move(result.summary);
}

bool FitModel::locate(const Eigen::VectorXd& z) {
  if (z_.size() == z.size() && z_ == z) return true;
  try {
    return relocate(z);
  } catch (const ModelError&) {
    return false;  // outside the model's domain: the trust region draws back
  }
}

bool FitModel::relocate(const Eigen::VectorXd& z) {
  MeanField field = family_.field(z.cwiseProduct(scale_));
  RateProblem problem(field);
  Eigen::VectorXd start = anchor_rates_ + drates_ * (z - anchor_z_);
  // Far from the last point the tangent may point anywhere.
  if (!start.allFinite()) start = anchor_rates_;
  start = start.cwiseMax(problem.lower()).cwiseMin(problem.upper());
  const FixedPointOptions limits{.tolerance = options_.solve.tolerance,
                                 .max_iterations = options_.solve.max_iterations};
  const SolveControl quiet{.stop = control_.stop, .progress = {}, .logger = {}};
  const FixedPointSolution solution =
      solve_fixed_point(problem, start, Method::kAuto, limits, quiet);
  evaluations_ += solution.summary.evaluations;
  factorizations_ += solution.summary.factorizations;
  if (!solution.converged()) return false;
  z_ = z;
  rates_ = solution.x;
  field_ = std::move(field);
  return true;
}

Eigen::VectorXd FitModel::residuals() const {
  Eigen::VectorXd r(residual_count());
  for (Eigen::Index k = 0; k < r.size(); ++k)
    r[k] = root_weight_[k] * (rates_[rows_[k]] - target_.rates[rows_[k]]);
  return r;
}

const Eigen::MatrixXd& FitModel::linearize() {
  if (anchor_z_.size() == z_.size() && anchor_z_ == z_) return jacobian_;
  const Eigen::VectorXd values = z_.cwiseProduct(scale_);
  const Sensitivity sensitivity(field_, rates_);
  ++factorizations_;
  drates_.resize(rates_.size(), parameters());
  for (Eigen::Index k = 0; k < parameters(); ++k) {
    const InputDerivative inputs = input_derivative(family_, values, k, rates_);
    drates_.col(k) = sensitivity.forward(inputs).rates * scale_[k];
  }
  anchor_z_ = z_;
  anchor_rates_ = rates_;
  jacobian_.resize(residual_count(), parameters());
  for (Eigen::Index k = 0; k < residual_count(); ++k)
    jacobian_.row(k) = root_weight_[k] * drates_.row(rows_[k]);
  return jacobian_;
}

double FitModel::misfit() const {
  double worst = 0;
  for (const Eigen::Index i : rows_) {
    const double allowed = std::max(1.0, std::abs(target_.rates[i]));
    worst = std::max(worst, std::abs(rates_[i] - target_.rates[i]) / allowed);
  }
  return worst;
}

}  // namespace nuphi
