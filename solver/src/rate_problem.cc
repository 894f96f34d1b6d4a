#include "rate_problem.h"

#include <nuphi/core/colored_noise.h>
#include <nuphi/core/siegert_batch.h>
#include <nuphi/core/transfer_function.h>

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

// Far below threshold the first-order correction takes more than there is.
bool may_be_negative(const LifParameters& neuron, Correction correction) {
  return correction == Correction::kTaylor && neuron.tau_syn > 0;
}
bool may_be_negative(const MeanField& field, std::size_t i) {
  if (field.transfer.empty()) return may_be_negative(field.neurons[i], field.correction);
  const auto* lif = std::get_if<LifTransfer>(&field.transfer[i]);
  return lif != nullptr && may_be_negative(lif->neuron, lif->correction);
}

bool is_binary(const TransferFunction& f) { return std::holds_alternative<BinaryTransfer>(f); }

}  // namespace

RateProblem::RateProblem(const MeanField& field)
    : field_(field),
      coupling_(field),
      lower_(Eigen::VectorXd::Zero(field.size())),
      upper_(field.size()),
      rates_(Eigen::VectorXd::Zero(field.size())),
      mu_(field.size()),
      sigma_(field.size()),
      variance_slope_(field.size()),
      mean_slope_(field.size()),
      response_(static_cast<std::size_t>(field.size())) {
  gains_.mean.resize(size());
  gains_.variance.resize(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double t_ref = field.transfer.empty() ? field.neurons[k].t_ref : 0;
    const double bound = field.transfer.empty() ? 1 / t_ref : rate_bound(field.transfer[k]);
    upper_[i] = std::isfinite(bound) ? bound : kHighestRate;
    if (may_be_negative(field, k)) lower_[i] = -kHighestRate;
  }
  if (field.filters) {
    neurons_ = field.neurons;
    filter_weight_.setZero(size());
    gains_.filter.resize(size());
  }
  if (std::any_of(field.transfer.begin(), field.transfer.end(), is_binary)) {
    fluctuation_.resize(size());
    gains_.fluctuation.resize(size());
  }
}

bool RateProblem::maps_box_into_itself() const {
  const auto is_bounded = [this](const LifParameters& neuron) {
    return neuron.t_ref > 0 && !may_be_negative(neuron, field_.correction);
  };
  return field_.transfer.empty() &&
         std::all_of(field_.neurons.begin(), field_.neurons.end(), is_bounded);
}

// Some rate that grows adds to the mean input or to the noise.
bool RateProblem::is_raised(Eigen::Index i) const {
  if (const auto* dense = std::get_if<DenseCoupling>(&field_.coupling))
    return (dense->mean.row(i).array() > 0).any() || (dense->variance.row(i).array() > 0).any();
  if (const auto* sparse = std::get_if<SparseCoupling>(&field_.coupling)) {
    for (const auto* matrix : {&sparse->mean, &sparse->variance}) {
      for (SparseRows::InnerIterator entry(*matrix, i); entry; ++entry) {
        if (entry.value() > 0) return true;
      }
    }
    return false;
  }
  return true;
}

bool RateProblem::has_corner() const {
  if (!field_.transfer.empty() || (sigma_.array() > 0).all()) return false;
  Eigen::VectorXd rounding(size());
  input_rounding(rounding);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const double distance = mu_[i] - field_.neurons[static_cast<std::size_t>(i)].V_th;
    if (sigma_[i] == 0 && std::abs(distance) <= rounding[i] && is_raised(i)) return true;
  }
  return false;
}

void RateProblem::evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value) {
  rates_ = rates;
  add_inputs();
  if (smoothing_ > 0) smooth();
  respond();
  for (Eigen::Index i = 0; i < size(); ++i) value[i] = response(i).rate;
  find_gains();
}

void RateProblem::add_inputs() {
  mu_ = field_.external_mean;
  sigma_ = field_.external_variance;
  if (fluctuation_.size() > 0) {
    add_fluctuations();
    coupling_.add(rates_, fluctuation_, mu_, sigma_);
  } else {
    coupling_.add(rates_, rates_, mu_, sigma_);
  }
  sigma_ = sigma_.cwiseMax(0.0);
  if (field_.filters) find_time_constants();
  sigma_ = sigma_.cwiseSqrt();
}

// A binary unit of mean activity m fluctuates with m(1 − m), a Poisson spike train with its rate.
void RateProblem::add_fluctuations() {
  fluctuation_ = rates_;
  gains_.fluctuation.setOnes();
  for (Eigen::Index i = 0; i < size(); ++i) {
    if (!is_binary(field_.transfer[static_cast<std::size_t>(i)])) continue;
    fluctuation_[i] = rates_[i] * (1 - rates_[i]);
    gains_.fluctuation[i] = 1 - 2 * rates_[i];
  }
}

// Here sigma_ holds σ².
void RateProblem::find_time_constants() {
  variance_ = sigma_;
  filtered_ = field_.filters->external;
  coupling_.add_filtered(rates_, filtered_);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (!field_.is_mixed(k)) continue;
    const bool noisy = variance_[i] > 0;
    // Negative rates (taylor) may outweigh the others: no colour is left then.
    filter_weight_[i] = noisy ? std::max(0.0, filtered_[i]) / variance_[i]
                              : filter_weight(field_.neurons[k].tau_syn, field_.correction);
    neurons_[k].tau_syn =
        noisy ? filter_time(filter_weight_[i], field_.correction) : field_.neurons[k].tau_syn;
  }
}

void RateProblem::respond() {
  constexpr Eigen::Index kWorthABatch = 256;
  if (!field_.transfer.empty()) return respond_otherwise();
  if (size() >= kWorthABatch) return respond_in_batch();
  for (std::size_t k = 0; k < response_.size(); ++k) {
    const auto i = static_cast<Eigen::Index>(k);
    response_[k] = siegert(mu_[i], sigma_[i], neurons()[k], field_.correction);
  }
}

void RateProblem::respond_in_batch() {
  const std::size_t n = response_.size();
  batch_.resize(size(), 6);
  const auto column = [this, n](Eigen::Index k) { return std::span(batch_.col(k).data(), n); };
  siegert_batch({mu_.data(), n}, {sigma_.data(), n}, neurons(),
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

void RateProblem::respond_otherwise() {
  for (std::size_t k = 0; k < response_.size(); ++k) {
    const auto i = static_cast<Eigen::Index>(k);
    const TransferRate r = nuphi::evaluate(field_.transfer[k], mu_[i], sigma_[i]);
    response_[k] = {r.rate,         std::log(r.rate),     r.drate_dmu,
                    r.drate_dsigma, r.drate_dmu / r.rate, r.drate_dsigma / r.rate};
  }
}

void RateProblem::find_gains() {
  for (Eigen::Index i = 0; i < size(); ++i) {
    const SiegertRate& r = response(i);
    gains_.mean[i] = finite_or_zero(r.drate_dmu);
    gains_.variance[i] = finite_or_zero(r.drate_dsigma / (2 * sigma_[i]));
    if (smoothing_ > 0) {
      gains_.variance[i] =
          gains_.variance[i] * variance_slope_[i] + gains_.mean[i] * mean_slope_[i];
    }
    if (field_.filters) add_filter_gains(i);
  }
}

// Φ(μ, σ², g) with g = q/σ², the σ² before it is smoothed.
void RateProblem::add_filter_gains(Eigen::Index i) {
  const auto k = static_cast<std::size_t>(i);
  gains_.filter[i] = 0;
  if (!field_.is_mixed(k) || !(variance_[i] > 0) || filtered_[i] < 0) return;
  const double gain =
      filter_weight_gain(mu_[i], sigma_[i], response(i), neurons_[k], field_.correction).drate /
      variance_[i];
  gains_.filter[i] = finite_or_zero(gain);
  gains_.variance[i] -= finite_or_zero(gain * filter_weight_[i]);
}

std::unique_ptr<JacobianMap> RateProblem::jacobian_map() const {
  return make_coupling_map(coupling_, gains_);
}

bool RateProblem::set_smoothing(double level) {
  if (!field_.transfer.empty()) return level == 0;
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

double RateProblem::rate_at(Eigen::Index i, double mu, double sigma) const {
  const auto k = static_cast<std::size_t>(i);
  if (!field_.transfer.empty()) return nuphi::evaluate(field_.transfer[k], mu, sigma).rate;
  return siegert(mu, sigma, neurons()[k], field_.correction).rate;
}

bool RateProblem::jump_defect(Eigen::VectorXd& defect) {
  const double level = smoothing_;
  const Eigen::VectorXd slope = gains_.mean;
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
      matrix.col(j) = gains_.mean.cwiseProduct(dense->mean.col(j)) +
                      source_slope(j) * gains_.variance.cwiseProduct(dense->variance.col(j));
    }
    if (field_.filters) {
      matrix += gains_.filter.asDiagonal() * std::get<Eigen::MatrixXd>(field_.filters->coupling);
    }
    return;
  }
  if (const auto* kernel = std::get_if<KernelCoupling>(&field_.coupling)) {
    if (!matrices_) matrices_ = dense_coupling(*kernel);
    matrix = gains_.mean.asDiagonal() * matrices_->mean;
    matrix += gains_.variance.asDiagonal() * matrices_->variance;
    return;
  }
  matrix.setZero(size(), size());
  const auto& sparse = std::get<SparseCoupling>(field_.coupling);
  const auto add = [&](const SparseRows& from, const Eigen::VectorXd& gain, bool slopes) {
    for (Eigen::Index i = 0; i < size(); ++i) {
      for (SparseRows::InnerIterator it(from, i); it; ++it) {
        matrix(i, it.col()) += gain[i] * it.value() * (slopes ? source_slope(it.col()) : 1);
      }
    }
  };
  add(sparse.mean, gains_.mean, false);
  add(sparse.variance, gains_.variance, true);
  if (field_.filters) {
    add(std::get<SparseRows>(field_.filters->coupling), gains_.filter, false);
  }
}

void RateProblem::jacobian(Eigen::SparseMatrix<double>& matrix) const {
  const auto& sparse = std::get<SparseCoupling>(field_.coupling);
  Eigen::SparseMatrix<double> zero(size(), size());
  zero.setIdentity();
  zero *= 0.0;
  Eigen::SparseMatrix<double> variance(gains_.variance.asDiagonal() * sparse.variance);
  if (gains_.fluctuation.size() > 0) variance = variance * gains_.fluctuation.asDiagonal();
  matrix = Eigen::SparseMatrix<double>(gains_.mean.asDiagonal() * sparse.mean) + variance + zero;
  if (field_.filters) {
    matrix += Eigen::SparseMatrix<double>(gains_.filter.asDiagonal() *
                                          std::get<SparseRows>(field_.filters->coupling));
  }
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

// What the error of Φ is relative to: the rate with the first-order correction is a difference.
double RateProblem::size_of_rate(Eigen::Index i) const {
  const double rate = std::abs(response(i).rate);
  const auto k = static_cast<std::size_t>(i);
  if (!field_.transfer.empty() || !may_be_negative(field_, k)) return rate;
  return rate + 2 * siegert(mu_[i], sigma_[i], neurons()[k], Correction::kNone).rate;
}

void RateProblem::rounding(Eigen::VectorXd& bound) const {
  input_rounding(bound);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const SiegertRate& r = response(i);
    bound[i] = std::abs(finite_or_zero(r.drate_dmu)) * bound[i] +
               std::abs(finite_or_zero(r.drate_dsigma)) * relative_rounding() * sigma_[i] +
               kRateError * size_of_rate(i) + kUnit * std::abs(rates_[i]);
  }
}

void RateProblem::jump(Eigen::VectorXd& bound) const {
  input_rounding(bound);
  for (Eigen::Index i = 0; i < size(); ++i) {
    bound[i] = spread(i, bound[i], relative_rounding() * sigma_[i]) + kRateError * size_of_rate(i) +
               kUnit * std::abs(rates_[i]);
  }
}

double RateProblem::spread(Eigen::Index i, double d_mu, double d_sigma) const {
  const SiegertRate& r = response(i);
  const double linear = std::abs(r.drate_dmu) * d_mu + std::abs(r.drate_dsigma) * d_sigma;
  if (linear <= kLinear * std::abs(r.rate) && (sigma_[i] > 0 || linear > 0)) return linear;
  // Where Φ bends within the rounding of its arguments the slope says nothing: at threshold without
  // noise it is 0 on one side and infinite on the other.
  const double high = rate_at(i, mu_[i] + d_mu, sigma_[i] + d_sigma);
  const double low = rate_at(i, mu_[i] - d_mu, std::max(0.0, sigma_[i] - d_sigma));
  return std::max(std::abs(high - r.rate), std::abs(low - r.rate));
}

}  // namespace nuphi
