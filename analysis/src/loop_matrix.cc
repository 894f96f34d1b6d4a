#include "loop_matrix.h"

#include <nuphi/models/delays.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuphi::detail {
namespace {

constexpr double kNoResponse = 1e-15;  // [Hz] a spike in 30 million years

/// E[d²] of a delay of mean E[d].
double mean_square(const Delay& d, double mean) {
  switch (d.distribution) {
    case DelayDistribution::kUniform:
      return (d.min * d.min + d.min * d.max + d.max * d.max) / 3;
    case DelayDistribution::kExponential:
      return 2 * mean * mean;
    case DelayDistribution::kTruncatedGaussian:
      return d.sd * d.sd + d.mean * mean;  // of a normal cut at 0
    case DelayDistribution::kConstant:
      return mean * mean;
    default:
      return mean * mean + d.sd * d.sd;
  }
}

Delay scaled(Delay d, double by) {
  d.mean *= by;
  d.sd *= by;
  d.min *= by;
  d.max *= by;
  return d;
}

bool responds(const NetworkResponse& response, Eigen::Index i) {
  const DynamicResponse& n = response.neuron(i);
  return n.regime() != DynamicResponse::Regime::kSilent &&
         (n.regime() == DynamicResponse::Regime::kInvalid || n.rate() >= kNoResponse);
}

/// Populations that respond and through which some loop may lead: without the others det(1 − M) is
/// the same.
std::vector<Eigen::Index> populations_on_loops(const NetworkResponse& response) {
  const Eigen::Index n = response.size();
  std::vector<char> kept(static_cast<std::size_t>(n), 1);
  for (Eigen::Index i = 0; i < n; ++i)
    kept[static_cast<std::size_t>(i)] = responds(response, i) ? 1 : 0;
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<char> sends(kept.size(), 0), receives(kept.size(), 0);
    for (const NetworkResponse::Term& t : response.terms()) {
      const auto from = static_cast<std::size_t>(t.source), to = static_cast<std::size_t>(t.target);
      if (kept[from] == 0 || kept[to] == 0) continue;
      sends[from] = 1;
      receives[to] = 1;
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i] == 0 || (sends[i] != 0 && receives[i] != 0)) continue;
      kept[i] = 0;
      changed = true;
    }
  }
  std::vector<Eigen::Index> result;
  for (Eigen::Index i = 0; i < n; ++i)
    if (kept[static_cast<std::size_t>(i)] != 0) result.push_back(i);
  return result;
}

}  // namespace

LoopMatrix::LoopMatrix(const NetworkResponse& response, double delay_scale)
    : response_(response), delay_scale_(delay_scale), populations_(populations_on_loops(response)) {
  response.require_off_axis();
  for (const Eigen::Index i : populations_) {
    const DynamicResponse& n = response.neuron(i);
    switch (n.regime()) {
      case DynamicResponse::Regime::kNoisy:
        neurons_.push_back(noisy_neuron(n, response.tau_m(i), response.refractoriness()));
        break;
      case DynamicResponse::Regime::kNoiseless:
        refusal_ = "population " + response.name(i) +
                   " has no noise: it fires like a clock and resonates at any frequency, so the "
                   "count of modes cannot be closed";
        return;
      default:
        refusal_ = "the response of population " + response.name(i) +
                   " is not a number at this working point";
        return;
    }
  }
  collect(response);
}

void LoopMatrix::collect(const NetworkResponse& response) {
  std::vector<Eigen::Index> row(static_cast<std::size_t>(response.size()), -1);
  for (std::size_t k = 0; k < populations_.size(); ++k)
    row[static_cast<std::size_t>(populations_[k])] = static_cast<Eigen::Index>(k);
  collect_kernels();
  for (const NetworkResponse::Term& t : response.terms()) {
    const Eigen::Index to = row[static_cast<std::size_t>(t.target)],
                       from = row[static_cast<std::size_t>(t.source)];
    if (to < 0 || from < 0) continue;
    const double variance = response.has_variance_response() ? t.variance : 0;
    synapses_.push_back({to, from, t.mean, variance, -variance * t.shift, t.moving_time, t.kernel});
  }
}

void LoopMatrix::collect_kernels() {
  kernels_.clear();
  for (const NetworkResponse::Kernel& k : response_.kernels()) {
    const Delay delay = scaled(k.delay, k.scaled ? delay_scale_ : 1);
    const double mean = -delay_transform(delay, 0).derivative.real();
    kernels_.push_back({delay, response_.options().synaptic_filter ? k.tau_syn : 0, mean,
                        mean_square(delay, mean)});
  }
}

void LoopMatrix::scale_delays(double by) {
  delay_scale_ = by;
  collect_kernels();
}

void LoopMatrix::couplings(Complex z, Eigen::MatrixXcd& mu, Eigen::MatrixXcd& variance) const {
  std::vector<std::pair<Complex, Complex>> filters;
  filters.reserve(kernels_.size());
  for (const Kernel& k : kernels_) {
    const Complex delay = delay_transform(k.delay, z).value;
    filters.emplace_back(delay / (1.0 + z * k.tau_syn), delay / (1.0 + 0.5 * z * k.tau_syn));
  }
  mu.setZero(size(), size());
  variance.setZero(size(), size());
  for (const Synapses& s : synapses_) {
    const auto& [mean, spread] = filters[s.kernel];
    mu(s.target, s.source) += s.mean * mean + s.shifted * (1.0 + z * s.moving_time) * spread;
    variance(s.target, s.source) += s.variance * spread;
  }
}

Determinant LoopMatrix::scaled_determinant(Complex z) {
  ++evaluations_;
  couplings(z, mu_, variance_);
  work_.resize(size(), size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const NeuronValues v = neuron_values(neurons_[static_cast<std::size_t>(i)], z);
    const Complex mu = v.factor * v.mu, variance = v.factor * v.variance;
    for (Eigen::Index j = 0; j < size(); ++j)
      work_(i, j) = (i == j ? v.factor : 0.0) - mu * mu_(i, j) - variance * variance_(i, j);
  }
  return determinant(work_);
}

/// Of all neurons at z; kept, for other delays at the same z.
const std::vector<NeuronValues>& LoopMatrix::values_at(Complex z) {
  if (values_.empty() || values_at_ != z) {
    values_.clear();
    for (const NoisyNeuron& n : neurons_) values_.push_back(neuron_values(n, z));
    values_at_ = z;
    ++evaluations_;
  }
  return values_;
}

void LoopMatrix::effective_connectivity(Complex z, Eigen::MatrixXcd& matrix) {
  const std::vector<NeuronValues>& values = values_at(z);
  couplings(z, mu_, variance_);
  matrix.resize(size(), size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const NeuronValues& v = values[static_cast<std::size_t>(i)];
    matrix.row(i) = v.mu * mu_.row(i) + v.variance * variance_.row(i);
  }
}

Eigen::VectorXcd LoopMatrix::regular_scale(Complex z) {
  const std::vector<NeuronValues>& values = values_at(z);
  Eigen::VectorXcd scale(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    scale[i] = values[k].factor / (1.0 + z * neurons_[k].interval);
  }
  return scale;
}

void LoopMatrix::loop(Complex z, Eigen::MatrixXcd& matrix) {
  effective_connectivity(z, matrix);
  matrix = -matrix;
  matrix.diagonal().array() += 1.0;
}

void LoopMatrix::regular_loop(Complex z, Eigen::MatrixXcd& matrix) {
  loop(z, matrix);
  matrix = regular_scale(z).asDiagonal() * matrix;
}

double perron_bound(Eigen::MatrixXd modulus) {
  const double largest = modulus.maxCoeff();
  if (!(largest > 0)) return largest;
  // A trace of coupling between all keeps x positive where the network falls into blocks.
  modulus.array() += 1e-9 * largest / static_cast<double>(modulus.rows());
  Eigen::VectorXd x = Eigen::VectorXd::Ones(modulus.rows());
  double bound = modulus.rowwise().sum().maxCoeff();
  for (int iteration = 0; iteration < 200; ++iteration) {
    const Eigen::VectorXd y = modulus * x;
    const double now = (y.array() / x.array()).maxCoeff();
    const bool settled = now > 0.999 * bound;
    bound = std::min(bound, now);
    if (settled && iteration > 3) break;
    x = (y / y.maxCoeff()).cwiseMax(1e-300);
  }
  return bound;
}

double LoopMatrix::largest_gain_beyond(Complex z) const {
  const Eigen::MatrixXd bound = z.real() > 0 ? response_.bound_beyond(z, delay_scale_)
                                             : response_.tail_bound(z.imag(), delay_scale_);
  if (!bound.allFinite()) return std::numeric_limits<double>::infinity();
  return perron_bound(bound);
}

}  // namespace nuphi::detail
