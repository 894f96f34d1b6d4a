#include "rate_problem.h"

#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace nuphi {
namespace {

constexpr double kUnit = std::numeric_limits<double>::epsilon() / 2;
constexpr double kRateError = 8 * kUnit;  // of Φ itself, relative
constexpr double kShiftPower = 8;   // smoothing of level l leaves a rate of order l⁸ at threshold
constexpr double kJumpWidth = 100;  // in standard deviations of the noise added
constexpr double kLinear = 1e-6;    // relative change of Φ up to which its slope describes it
// With a gain of one and more and no refractory time no finite bound exists; any rate beyond this
// is a runaway.
constexpr double kHighestRate = 1e7;

// Without noise the slope at threshold is not defined, and that in σ² may be infinite: the one from
// below, 0, serves there.
double finite_or_zero(double slope) { return std::isfinite(slope) ? slope : 0.0; }

// Far below threshold the first-order correction is larger than the rate it is taken from.
bool may_be_negative(const NodeFunction& node) {
  const LifTransfer* lif = as_lif(node);
  return lif != nullptr && lif->correction == Correction::kTaylor && lif->neuron.tau_syn > 0;
}

bool is_lif_of(const NodeFunction& node, Correction correction) {
  const LifTransfer* lif = as_lif(node);
  return lif != nullptr && lif->correction == correction;
}

}  // namespace

RateProblem::RateProblem(const MeanField& field)
    : field_(field),
      product_(field.coupling),
      several_tau_syn_(has_several_tau_syn(field)),
      correction_(correction_of(field)),
      lower_(Eigen::VectorXd::Zero(field.size())),
      upper_(field.size()),
      rates_(Eigen::VectorXd::Zero(field.size())),
      mu_(field.size()),
      sigma_(field.size()),
      sums_(field.size(), field.sums()),
      neurons_(field.nodes.size()),
      variance_slope_(field.size()),
      mean_slope_(field.size()),
      response_(field.nodes.size()) {
  gains_.sums.setZero(size(), field.sums());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const double bound = rate_bound(node(i));
    upper_[i] = std::isfinite(bound) ? bound : kHighestRate;
    if (may_be_negative(node(i))) lower_[i] = -kHighestRate;
    all_lif_ = all_lif_ && is_lif_of(node(i), correction_);
    if (const LifTransfer* lif = as_lif(node(i))) neuron(i) = lif->neuron;
  }
}

bool RateProblem::maps_box_into_itself() const {
  return std::all_of(field_.nodes.begin(), field_.nodes.end(), [](const NodeFunction& node) {
    const LifTransfer* lif = as_lif(node);
    return lif != nullptr && lif->neuron.t_ref > 0 && !may_be_negative(node);
  });
}

// Some rate that grows adds to the mean input or to the noise.
bool RateProblem::is_raised(Eigen::Index i) const {
  bool raised = false;
  field_.coupling.for_each_source(i, [&](Eigen::Index, const Eigen::VectorXd& values) {
    raised = raised || values.head(2).maxCoeff() > 0;
  });
  return raised;
}

bool RateProblem::has_corner() const {
  if ((sigma_.array() > 0).all()) return false;
  Eigen::VectorXd rounding(size());
  input_rounding(rounding);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const LifTransfer* lif = as_lif(node(i));
    if (lif == nullptr || sigma_[i] != 0) continue;
    if (std::abs(mu_[i] - lif->neuron.V_th) <= rounding[i] && is_raised(i)) return true;
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
  sums_ = field_.external;
  if (field_.variance_sources.empty()) {
    product_.add(rates_, sums_);
  } else {
    product_.add(source_values(field_, rates_), sums_);
    gains_.sources = source_slopes(field_, rates_);
  }
  mu_ = sums_.col(MeanField::kMean);
  auto variance = sums_.col(MeanField::kVariance);
  variance = variance.cwiseMax(0.0);
  sigma_ = variance.cwiseSqrt();
  if (!several_tau_syn_) return;
  for (Eigen::Index i = 0; i < size(); ++i) {
    if (takes_filtered(node(i))) neuron(i) = effective_neuron(*as_lif(node(i)), input(i));
  }
}

void RateProblem::respond() {
  constexpr Eigen::Index kWorthABatch = 256;
  if (all_lif_ && size() >= kWorthABatch) return respond_in_batch();
  for (Eigen::Index i = 0; i < size(); ++i) {
    response_[static_cast<std::size_t>(i)] = evaluate_at(node(i), neuron(i), mu_[i], sigma_[i]);
  }
}

void RateProblem::respond_in_batch() {
  const std::size_t n = response_.size();
  batch_.resize(size(), 6);
  const auto column = [this, n](Eigen::Index k) { return std::span(batch_.col(k).data(), n); };
  siegert_batch({mu_.data(), n}, {sigma_.data(), n}, neurons_,
                {.rate = column(0),
                 .log_rate = column(1),
                 .drate_dmu = column(2),
                 .drate_dsigma = column(3),
                 .dlog_rate_dmu = column(4),
                 .dlog_rate_dsigma = column(5)},
                {.correction = correction_});
  for (std::size_t k = 0; k < n; ++k) {
    const auto row = batch_.row(static_cast<Eigen::Index>(k));
    response_[k] = {row[0], row[1], row[2], row[3], row[4], row[5]};
  }
}

void RateProblem::find_gains() {
  for (Eigen::Index i = 0; i < size(); ++i) {
    const SiegertRate& r = response(i);
    NodePartials partials{finite_or_zero(r.drate_dmu),
                          finite_or_zero(r.drate_dsigma / (2 * sigma_[i]))};
    if (smoothing_ > 0) {
      partials.variance = partials.variance * variance_slope_[i] + partials.mean * mean_slope_[i];
    }
    gains_.sums(i, MeanField::kMean) = partials.mean;
    gains_.sums(i, MeanField::kVariance) = partials.variance;
    if (!several_tau_syn_ || !takes_filtered(node(i))) continue;
    partials.weight = finite_or_zero(this->partials(i).rate.weight);
    const SumPartials sums = sum_partials(node(i), partials, input(i));
    gains_.sums(i, MeanField::kVariance) = finite_or_zero(sums.variance);
    gains_.sums(i, MeanField::kFiltered) = finite_or_zero(sums.filtered);
  }
}

RatePartials RateProblem::partials(Eigen::Index i) const {
  return node_partials(node(i), neurons_[static_cast<std::size_t>(i)], mu_[i], sigma_[i],
                       response(i));
}

std::unique_ptr<JacobianMap> RateProblem::jacobian_map() const {
  return make_coupling_map(product_, gains_);
}

bool RateProblem::set_smoothing(double level) {
  if (!all_lif_) return level == 0;
  smoothing_ = level;
  mean_shift_ = level > 0 ? std::sqrt(-kShiftPower * std::log(std::min(level, 0.5))) : 0;
  return true;
}

// With s = level·(V_th − V_reset), the variance v = σ² grows by s⁴/(s² + v): ordinary noise is left
// alone, none becomes s². The mean is lowered by a few of the standard deviations added, so that a
// population at threshold without noise stays silent.
void RateProblem::smooth() {
  for (Eigen::Index i = 0; i < size(); ++i) {
    const LifParameters& p = neurons_[static_cast<std::size_t>(i)];
    const double s = smoothing_ * (p.V_th - p.V_reset);
    const double v = sigma_[i] * sigma_[i];
    const double root = std::sqrt(s * s + v);
    const double added = s * (s / root);
    mu_[i] -= mean_shift_ * added;
    sigma_[i] = std::hypot(sigma_[i], added);
    variance_slope_[i] = (v / (root * root)) * (1 + s * s / (root * root));
    mean_slope_[i] = 0.5 * mean_shift_ * added / (root * root);
  }
}

double RateProblem::rate_at(Eigen::Index i, double mu, double sigma) const {
  return evaluate_at(node(i), neurons_[static_cast<std::size_t>(i)], mu, sigma).rate;
}

bool RateProblem::jump_defect(Eigen::VectorXd& defect) {
  const double level = smoothing_;
  const Eigen::VectorXd slope = gains_.sums.col(MeanField::kMean);
  const Eigen::VectorXd rates = rates_;
  set_smoothing(0);
  evaluate(rates, defect);
  defect -= rates;
  for (Eigen::Index i = 0; i < size(); ++i) {
    const LifParameters& p = neurons_[static_cast<std::size_t>(i)];
    const double s = level * (p.V_th - p.V_reset);
    const double above = mu_[i] - p.V_th;
    if (sigma_[i] < s && std::abs(above) < kJumpWidth * s) defect[i] = slope[i] * above;
  }
  return true;
}

void RateProblem::jacobian(Eigen::MatrixXd& matrix) const {
  const bool kernels = field_.coupling.kernels() != nullptr;
  if (kernels && !matrices_) matrices_ = field_.coupling.with_matrices();
  nuphi::jacobian(kernels ? *matrices_ : field_.coupling, gains_, matrix);
}

void RateProblem::jacobian(Eigen::SparseMatrix<double>& matrix) const {
  nuphi::jacobian(field_.coupling, gains_, matrix);
}

double RateProblem::relative_rounding() const {
  return (4 + std::sqrt(static_cast<double>(size()))) * kUnit;
}

void RateProblem::input_rounding(Eigen::VectorXd& bound) const {
  const double relative = relative_rounding();
  product_.magnitude(rates_, bound);
  bound = relative * (bound + field_.external_mean().cwiseAbs());
}

// What the error of Φ is relative to: the rate with the first-order correction is a difference.
double RateProblem::size_of_rate(Eigen::Index i) const {
  const double rate = std::abs(response(i).rate);
  if (!may_be_negative(node(i))) return rate;
  const LifParameters& neuron = neurons_[static_cast<std::size_t>(i)];
  return rate + 2 * siegert(mu_[i], sigma_[i], neuron, Correction::kNone).rate;
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
