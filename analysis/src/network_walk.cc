#include "network_walk.h"

#include <nuphi/models/delays.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nuphi::detail {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kProven = 0.9;       // bound of the spectral radius; a tenth for rounding
constexpr double kEverywhere = 0.02;  // of a vector that is to be positive in all parts
constexpr double kAim = 0.85;         // what a step is chosen for
constexpr Eigen::Index kSmall = 24;   // up to here plain loops beat blocked products
constexpr int kParts = 8;             // of a step in which they are looked at
constexpr double kAxis = 1e-13;       // relative step below which a mode is on the axis
}  // namespace

NetworkWalk::NetworkWalk(const LoopMatrix& matrix) : matrix_(matrix) { find_common(); }

void NetworkWalk::find_common() {
  const std::size_t n = matrix_.neurons().size();
  common_.assign(n, {0, kInfinity, kInfinity});
  has_variance_.assign(n, 0);
  std::vector<double> weight(n, 0);
  for (const LoopMatrix::Synapses& s : matrix_.synapses()) {
    const LoopMatrix::Kernel& k = matrix_.kernels()[s.kernel];
    Common& c = common_[static_cast<std::size_t>(s.target)];
    const double size = std::abs(s.mean);
    weight[static_cast<std::size_t>(s.target)] += size;
    c.delay += size * k.mean;
    c.variance_filter = std::min(c.variance_filter, 0.5 * k.tau_syn);
    c.mu_filter = std::min(c.mu_filter, k.tau_syn);
    if (s.shifted != 0)
      c.mu_filter = std::min(c.mu_filter, s.moving_time > 0 ? 0 : 0.5 * k.tau_syn);
  }
  for (std::size_t i = 0; i < n; ++i)
    if (weight[i] > 0) common_[i].delay /= weight[i];
  for (const LoopMatrix::Synapses& s : matrix_.synapses())
    if (s.variance != 0) has_variance_[static_cast<std::size_t>(s.target)] = 1;
  is_uniform_ = std::all_of(
      matrix_.synapses().begin(), matrix_.synapses().end(), [&](const LoopMatrix::Synapses& s) {
        const LoopMatrix::Kernel& k = matrix_.kernels()[s.kernel];
        Common& c = common_[static_cast<std::size_t>(s.target)];
        if (std::abs(k.mean - c.delay) < 1e-12 * k.mean) c.delay = k.mean;
        return k.mean == c.delay && k.mean_square == k.mean * k.mean && c.mu_filter == k.tau_syn;
      });
  spreads_.clear();
  for (const LoopMatrix::Synapses& s : matrix_.synapses()) {
    const LoopMatrix::Kernel& k = matrix_.kernels()[s.kernel];
    const double common = common_[static_cast<std::size_t>(s.target)].delay;
    spreads_.push_back(std::sqrt(std::max(k.mean_square + common * (common - 2 * k.mean), 0.0)));
  }
}

void NetworkWalk::evaluate(Complex z, const WalkPoint* before, WalkPoint& point,
                           const std::vector<NeuronSample>* known) {
  const auto n = static_cast<std::size_t>(size());
  point.z = z;
  if (known != nullptr) {
    point.neurons = *known;
  } else {
    point.neurons.resize(n);
    for (std::size_t i = 0; i < n; ++i)
      point.neurons[i] =
          sample_neuron(matrix_.neurons()[i], z, before != nullptr ? &before->neurons[i] : nullptr);
  }
  matrix_.couplings(z, mu_, variance_);
  point.loop.resize(size(), size());
  for (Eigen::Index j = 0; j < size(); ++j)
    for (Eigen::Index i = 0; i < size(); ++i) {
      const NeuronSample& s = point.neurons[static_cast<std::size_t>(i)];
      point.loop(i, j) = (i == j ? 1.0 : 0.0) - s.mu * mu_(i, j) - s.variance * variance_(i, j);
    }
  // Rows that resonate are huge: scaled by g they are as others.
  product_ = point.loop;
  for (Eigen::Index i = 0; i < size(); ++i)
    product_.row(i) *= point.neurons[static_cast<std::size_t>(i)].factor;
  point.determinant = invert(product_, point.inverse);
  for (Eigen::Index i = 0; i < size(); ++i) {
    const Complex g = point.neurons[static_cast<std::size_t>(i)].factor;
    point.inverse.col(i) *= g;
  }
  point.inverse_modulus = point.inverse.array().abs2().sqrt();
  couple(mu_, point.inverse);
  point.mu_modulus = product_.array().abs2().sqrt();
  couple_variance(point);
}

/// B_σ² P from diag(N_μ) B_μ P + diag(N_σ²) B_σ² P = P − 1, where product_ is B_μ P; by a product
/// of its own in rows that hardly respond to the variance.
void NetworkWalk::couple_variance(WalkPoint& point) {
  point.variance_modulus.resize(size(), size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (!has_variance_[k]) {
      point.variance_modulus.row(i).setZero();
      continue;
    }
    const NeuronSample& s = point.neurons[k];
    const NoisyNeuron& neuron = matrix_.neurons()[k];
    if (std::norm(s.variance * neuron.per_mu) > 1e-8 * std::norm(s.mu * neuron.per_variance)) {
      product_.row(i) = (point.inverse.row(i) - s.mu * product_.row(i)) / s.variance;
      product_(i, i) -= 1.0 / s.variance;
    } else {
      product_.row(i).noalias() = variance_.row(i) * point.inverse;
    }
    point.variance_modulus.row(i) = product_.row(i).array().abs2().sqrt();
  }
}

/// Bounds of what the entries of B change beside the factor their row has in common, per length of
/// a step.
void NetworkWalk::coupling_slopes(const WalkPoint& point, Direction direction) {
  if (is_uniform_ && direction == Direction::kUp) {
    mu_slopes_.resize(0, 0);
    return;
  }
  const double x = point.z.real();
  mu_slopes_.setZero(size(), size());
  variance_slopes_.setZero(size(), size());
  // D (1 + zτ̄)/(1 + zτ), τ̄ ≤ τ, over 1 + zτ̄: 1/|1 + zτ| of the kernels and of what is common.
  const auto low_pass = [&](double tau) { return 1 / modulus(1.0 + point.z * tau); };
  std::vector<KernelSlope> kernels;
  for (const LoopMatrix::Kernel& k : matrix_.kernels()) {
    const double right = direction == Direction::kRight
                             ? std::abs(delay_transform(k.delay, x).derivative.real())
                             : 0;
    kernels.push_back({right, low_pass(k.tau_syn), low_pass(0.5 * k.tau_syn)});
  }
  std::vector<std::array<double, 2>> rows;
  for (const Common& c : common_)
    rows.push_back({low_pass(c.mu_filter), low_pass(c.variance_filter)});
  const std::vector<LoopMatrix::Synapses>& synapses = matrix_.synapses();
  for (std::size_t l = 0; l < synapses.size(); ++l) {
    const LoopMatrix::Synapses& s = synapses[l];
    const auto row = static_cast<std::size_t>(s.target);
    const Common& c = common_[row];
    const double tau = matrix_.kernels()[s.kernel].tau_syn;
    const KernelSlope& k = kernels[s.kernel];
    const double spread = direction == Direction::kRight ? k.right : spreads_[l];
    const auto slope = [&](double own, double filter, double common, double row_pass) {
      return own * (spread + (filter - common) * own * row_pass);
    };
    mu_slopes_(s.target, s.source) +=
        std::abs(s.mean) * slope(k.mu, tau, c.mu_filter, rows[row][0]);
    if (s.shifted != 0) {
      // (1 + zτ_m)/(1 + zτ) = a + (1 − a)/(1 + zτ), a = τ_m/τ; there mu_filter = 0.
      const double direct = s.moving_time > 0 ? s.moving_time / (0.5 * tau) : 0;
      mu_slopes_(s.target, s.source) +=
          std::abs(s.shifted) *
          (direct * slope(1, 0, 0, 1) +
           std::abs(1 - direct) * slope(k.variance, 0.5 * tau, c.mu_filter, rows[row][0]));
    }
    variance_slopes_(s.target, s.source) +=
        std::abs(s.variance) * slope(k.variance, 0.5 * tau, c.variance_filter, rows[row][1]);
  }
}

void NetworkWalk::apply(const WalkPoint& point, const Eigen::VectorXd& x) {
  by_inverse_.noalias() = point.inverse_modulus * x;
  by_mu_.noalias() = point.mu_modulus * x;
  by_variance_.noalias() = point.variance_modulus * x;
  if (mu_slopes_.size() == 0) return;
  by_mu_slopes_.noalias() = mu_slopes_ * by_inverse_;
  by_variance_slopes_.noalias() = variance_slopes_ * by_inverse_;
}

/// In large networks, where a step costs n³, the change of each neuron's response is looked at more
/// closely: from points within the step, so that slopes bound what is left between them only.
NeuronChange NetworkWalk::change_over(std::size_t k, const NeuronSample& sample, double h,
                                      Direction direction) const {
  const NoisyNeuron& neuron = matrix_.neurons()[k];
  if (size() < kLargeNetwork || direction == Direction::kRight)
    return change_over_step(neuron, sample, h, direction);
  const double part = h / kParts;
  NeuronChange change = change_over_step(neuron, sample, part, direction);
  NeuronSample here = sample;
  for (int j = 1; j < kParts; ++j) {
    here = sample_neuron(neuron, sample.z + Complex(0, j * part), &here);
    const NeuronChange rest = change_over_step(neuron, here, part, direction);
    const auto widen = [](double& all, double reached, double beyond) {
      if (!(reached + beyond <= all)) all = reached + beyond;
    };
    widen(change.mu, modulus(here.mu - sample.mu), rest.mu);
    widen(change.variance, modulus(here.variance - sample.variance), rest.variance);
    widen(change.scaled_mu, modulus(here.factor * here.mu - sample.factor * sample.mu),
          rest.scaled_mu);
    widen(change.scaled_variance,
          modulus(here.factor * here.variance - sample.factor * sample.variance),
          rest.scaled_variance);
    widen(change.factor, modulus(here.factor - sample.factor), rest.factor);
  }
  return change;
}

/// max_i (|E| x)_i/x_i ≥ ρ(|E|) (Collatz–Wielandt), |E| the bound of |A_a⁻¹ A(z_a + t) − 1| over a
/// step. Rows are scaled where that makes them smaller.
double NetworkWalk::growth(const WalkPoint& point, Direction direction, double h,
                           const Eigen::VectorXd& x, ProvenStep& step) {
  double largest = 0;
  const bool mixed = mu_slopes_.size() > 0;
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const NeuronSample& s = point.neurons[k];
    const NeuronChange change = change_over(k, s, h, direction);
    const Common& c = common_[k];
    const double delay = direction == Direction::kUp ? c.delay : 0;
    const double mu_turn = h * (delay + c.mu_filter / modulus(1.0 + point.z * c.mu_filter));
    const double variance_turn =
        h * (delay + c.variance_filter / modulus(1.0 + point.z * c.variance_filter));
    const auto image = [&](double mu, double mu_change, double variance, double variance_change) {
      const double mu_most = mu + mu_change, variance_most = variance + variance_change;
      double sum = (mu_change + mu_most * mu_turn) * by_mu_[i] +
                   (variance_change + variance_most * variance_turn) * by_variance_[i];
      if (mixed) sum += h * (mu_most * by_mu_slopes_[i] + variance_most * by_variance_slopes_[i]);
      return sum;
    };
    const double mu = modulus(s.mu), variance = modulus(s.variance), g = modulus(s.factor);
    const double plain = image(mu, change.mu, variance, change.variance);
    const double scaled = (change.factor * by_inverse_[i] +
                           image(g * mu, change.scaled_mu, g * variance, change.scaled_variance)) /
                          g;
    step.scaled[k] = scaled < plain || std::isnan(plain) ? 1 : 0;
    image_[i] = step.scaled[k] != 0 ? scaled : plain;
    const double ratio = image_[i] / x[i];
    if (!(ratio <= largest)) largest = ratio;
    if (std::isnan(largest)) return largest;
  }
  return largest;
}

std::optional<ProvenStep> NetworkWalk::step(const WalkPoint& point, Direction direction,
                                            double first_try, double limit) {
  const Eigen::Index n = size();
  ProvenStep step;
  step.scaled.assign(static_cast<std::size_t>(n), 0);
  image_.resize(n);
  if (perron_.size() != n) perron_ = Eigen::VectorXd::Ones(n);
  coupling_slopes(point, direction);
  const double shortest = kAxis * std::abs(point.z);
  double h = std::min(first_try, limit);
  double proven = 0;
  ProvenStep best = step;
  for (int k = 0; k < 60; ++k) {
    apply(point, perron_);
    const double radius = growth(point, direction, h, perron_, step);
    if (radius <= kProven) {
      if (h > proven) {
        proven = h;
        best = step;
        best.length = h;
      }
      if (h >= limit || radius > 0.7 || k >= 6) return best;
    } else if (k >= 6 && proven > 0) {
      return best;
    }
    if (std::isfinite(radius)) {
      // The next vector of the power iteration makes the bound tighter.
      const double largest = image_.maxCoeff();
      if (largest > 0) perron_ = image_.array() / largest + kEverywhere;
      h = std::min(h * std::clamp(kAim / std::max(radius, 1e-3), 0.1, 10.0), limit);
    } else {
      h *= 0.2;
    }
    if (!(h > shortest) || h == 0) break;
  }
  return proven > 0 ? std::optional(best) : std::nullopt;
}

/// B P into product_, by two real products where B is a real matrix times one factor a row.
void NetworkWalk::couple(const Eigen::MatrixXcd& coupling, const Eigen::MatrixXcd& inverse) {
  if (size() <= kSmall) {
    product_.noalias() = coupling.lazyProduct(inverse);
    return;
  }
  if (size() < kLargeNetwork || !is_uniform_) {
    product_.noalias() = coupling * inverse;
    return;
  }
  real_.resize(size(), size());
  Eigen::VectorXcd phases(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    Eigen::Index largest = 0;
    const double factor = std::sqrt(coupling.row(i).cwiseAbs2().maxCoeff(&largest));
    phases[i] = factor > 0 ? coupling(i, largest) / factor : 1.0;
    real_.row(i) = (std::conj(phases[i]) * coupling.row(i)).real();
  }
  product_.resize(size(), size());
  product_.real() = real_ * inverse.real();
  product_.imag() = real_ * inverse.imag();
  product_ = phases.asDiagonal() * product_;
}

double NetworkWalk::turn(const WalkPoint& from, const WalkPoint& to, const ProvenStep& step) {
  if (size() <= kSmall)
    product_.noalias() = to.loop.lazyProduct(from.inverse);
  else
    product_.noalias() = to.loop * from.inverse;
  double turned = 0;
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (step.scaled[k] == 0) continue;
    const Complex before = from.neurons[k].factor, after = to.neurons[k].factor;
    product_.row(i) *= after / before;
    // Arg g is its principal value on the whole way.
    turned -= std::arg(after) - std::arg(before);
  }
  return turned + log_of_pivots(product_).imag();
}

}  // namespace nuphi::detail
