#include "rate_problem.h"

#include <nuphi/core/siegert_batch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <variant>

namespace nuphi {
namespace {

using SparseRows = Eigen::SparseMatrix<double, Eigen::RowMajor>;

constexpr double kUnit = std::numeric_limits<double>::epsilon() / 2;
constexpr double kRateError = 8 * kUnit;  // of Φ itself, relative
constexpr double kLoweringPower = 8;  // smoothing of level l leaves a rate of order l⁸ at threshold
constexpr double kJumpWidth = 100;    // in standard deviations of the noise added
constexpr double kLinear = 1e-6;      // relative change of Φ up to which its slope describes it
// With a gain of one and more and no refractory time no finite bound exists; any rate beyond this
// is a runaway.
constexpr double kHighestRate = 1e7;

// Without noise the slope at threshold is not defined, and that in σ² may be infinite: the one from
// below, 0, serves there.
double finite_or_zero(double slope) { return std::isfinite(slope) ? slope : 0.0; }

}  // namespace

RateProblem::RateProblem(const MeanField& field)
    : field_(field),
      coupling_(field.coupling),
      lower_(Eigen::VectorXd::Zero(field.size())),
      upper_(field.size()),
      rates_(Eigen::VectorXd::Zero(field.size())),
      mu_(field.size()),
      sigma_(field.size()),
      gain_mean_(field.size()),
      gain_variance_(field.size()),
      variance_slope_(field.size()),
      mean_slope_(field.size()),
      response_(static_cast<std::size_t>(field.size())) {
  for (Eigen::Index i = 0; i < size(); ++i) {
    const double t_ref = field.neurons[static_cast<std::size_t>(i)].t_ref;
    upper_[i] = t_ref > 0 ? 1 / t_ref : kHighestRate;
  }
}

void RateProblem::evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value) {
  rates_ = rates;
  mu_ = field_.external_mean;
  sigma_ = field_.external_variance;
  coupling_.add(rates_, mu_, sigma_);
  sigma_ = sigma_.cwiseMax(0.0).cwiseSqrt();
  if (smoothing_ > 0) smooth();
  respond();
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    value[i] = response_[k].rate;
    gain_mean_[i] = finite_or_zero(response_[k].drate_dmu);
    gain_variance_[i] = finite_or_zero(response_[k].drate_dsigma / (2 * sigma_[i]));
    if (smoothing_ > 0) {
      gain_variance_[i] = gain_variance_[i] * variance_slope_[i] + gain_mean_[i] * mean_slope_[i];
    }
  }
}

void RateProblem::respond() {
  constexpr Eigen::Index kWorthABatch = 256;
  const std::size_t n = response_.size();
  if (size() < kWorthABatch) {
    for (std::size_t k = 0; k < n; ++k) {
      const auto i = static_cast<Eigen::Index>(k);
      response_[k] = siegert(mu_[i], sigma_[i], field_.neurons[k], field_.correction);
    }
    return;
  }
  batch_.resize(size(), 6);
  const auto column = [this, n](Eigen::Index k) { return std::span(batch_.col(k).data(), n); };
  siegert_batch({mu_.data(), n}, {sigma_.data(), n}, field_.neurons,
                {.rate = column(0),
                 .log_rate = column(1),
                 .drate_dmu = column(2),
                 .drate_dsigma = column(3),
                 .dlog_rate_dmu = column(4),
                 .dlog_rate_dsigma = column(5)},
                {.correction = field_.correction});
  for (std::size_t k = 0; k < n; ++k) {
    const auto row = batch_.row(static_cast<Eigen::Index>(k));
    response_[k] = {row[0], row[1], row[2], row[3], row[4], row[5]};
  }
}

std::unique_ptr<JacobianMap> RateProblem::jacobian_map() const {
  return make_coupling_map(coupling_, gain_mean_, gain_variance_);
}

bool RateProblem::set_smoothing(double level) {
  smoothing_ = level;
  lowering_ = level > 0 ? std::sqrt(-kLoweringPower * std::log(std::min(level, 0.5))) : 0;
  return true;
}

// With s = level·(V_th − V_reset), the variance v = σ² grows by s⁴/(s² + v): ordinary noise is left
// alone, none becomes s². The mean is lowered by a few of the standard deviations added, so that a
// population at threshold without noise stays silent.
void RateProblem::smooth() {
  for (Eigen::Index i = 0; i < size(); ++i) {
    const LifParameters& p = field_.neurons[static_cast<std::size_t>(i)];
    const double s = smoothing_ * (p.V_th - p.V_reset);
    const double v = sigma_[i] * sigma_[i];
    const double root = std::sqrt(s * s + v);
    const double added = s * (s / root);
    mu_[i] -= lowering_ * added;
    sigma_[i] = std::hypot(sigma_[i], added);
    variance_slope_[i] = (v / (root * root)) * (1 + s * s / (root * root));
    mean_slope_[i] = 0.5 * lowering_ * added / (root * root);
  }
}

bool RateProblem::jump_defect(Eigen::VectorXd& defect) {
  const double level = smoothing_;
  const Eigen::VectorXd slope = gain_mean_;
  const Eigen::VectorXd rates = rates_;
  set_smoothing(0);
  evaluate(rates, defect);
  defect -= rates;
  for (Eigen::Index i = 0; i < size(); ++i) {
    const LifParameters& p = field_.neurons[static_cast<std::size_t>(i)];
    const double s = level * (p.V_th - p.V_reset);
    const double above = mu_[i] - p.V_th;
    if (sigma_[i] < s && std::abs(above) < kJumpWidth * s) defect[i] = slope[i] * above;
  }
  return true;
}

void RateProblem::jacobian(Eigen::MatrixXd& matrix) const {
  if (const auto* dense = std::get_if<DenseCoupling>(&field_.coupling)) {
    matrix.resize(size(), size());
    for (Eigen::Index j = 0; j < size(); ++j) {
      matrix.col(j) = gain_mean_.cwiseProduct(dense->mean.col(j)) +
                      gain_variance_.cwiseProduct(dense->variance.col(j));
    }
    return;
  }
  if (const auto* kernel = std::get_if<KernelCoupling>(&field_.coupling)) {
    if (!matrices_) matrices_ = dense_coupling(*kernel);
    matrix = gain_mean_.asDiagonal() * matrices_->mean;
    matrix += gain_variance_.asDiagonal() * matrices_->variance;
    return;
  }
  matrix.setZero(size(), size());
  const auto& sparse = std::get<SparseCoupling>(field_.coupling);
  for (Eigen::Index i = 0; i < size(); ++i) {
    for (SparseRows::InnerIterator it(sparse.mean, i); it; ++it) {
      matrix(i, it.col()) += gain_mean_[i] * it.value();
    }
    for (SparseRows::InnerIterator it(sparse.variance, i); it; ++it) {
      matrix(i, it.col()) += gain_variance_[i] * it.value();
    }
  }
}

void RateProblem::jacobian(Eigen::SparseMatrix<double>& matrix) const {
  const auto& sparse = std::get<SparseCoupling>(field_.coupling);
  Eigen::SparseMatrix<double> zero(size(), size());
  zero.setIdentity();
  zero *= 0.0;
  matrix = Eigen::SparseMatrix<double>(gain_mean_.asDiagonal() * sparse.mean) +
           Eigen::SparseMatrix<double>(gain_variance_.asDiagonal() * sparse.variance) + zero;
  matrix.makeCompressed();
}

double RateProblem::relative_rounding() const {
  return (4 + std::sqrt(static_cast<double>(size()))) * kUnit;
}

void RateProblem::input_rounding(Eigen::VectorXd& bound) const {
  const double relative = relative_rounding();
  coupling_.magnitude(rates_, bound);
  bound = relative * (bound + field_.external_mean.cwiseAbs());
}

void RateProblem::rounding(Eigen::VectorXd& bound) const {
  input_rounding(bound);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const SiegertRate& r = response(i);
    bound[i] = std::abs(finite_or_zero(r.drate_dmu)) * bound[i] +
               std::abs(finite_or_zero(r.drate_dsigma)) * relative_rounding() * sigma_[i] +
               kRateError * std::abs(r.rate) + kUnit * std::abs(rates_[i]);
  }
}

void RateProblem::jump(Eigen::VectorXd& bound) const {
  input_rounding(bound);
  for (Eigen::Index i = 0; i < size(); ++i) {
    bound[i] = spread(i, bound[i], relative_rounding() * sigma_[i]) +
               kRateError * std::abs(response(i).rate) + kUnit * std::abs(rates_[i]);
  }
}

double RateProblem::spread(Eigen::Index i, double d_mu, double d_sigma) const {
  const SiegertRate& r = response(i);
  const double linear = std::abs(r.drate_dmu) * d_mu + std::abs(r.drate_dsigma) * d_sigma;
  if (linear <= kLinear * r.rate && (sigma_[i] > 0 || linear > 0)) return linear;
  // Where Φ bends within the rounding of its arguments the slope says nothing: at threshold without
  // noise it is 0 on one side and infinite on the other.
  const LifParameters& p = field_.neurons[static_cast<std::size_t>(i)];
  const double high = siegert(mu_[i] + d_mu, sigma_[i] + d_sigma, p, field_.correction).rate;
  const double low =
      siegert(mu_[i] - d_mu, std::max(0.0, sigma_[i] - d_sigma), p, field_.correction).rate;
  return std::max(std::abs(high - r.rate), std::abs(low - r.rate));
}

}  // namespace nuphi
