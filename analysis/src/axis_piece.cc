#include "axis_piece.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "complex_lu.h"

namespace nuphi::detail {
namespace {

constexpr double kFaint = 1e-6;       // entries of M P that roundings may reach
constexpr double kEverywhere = 0.02;  // of a vector that is to be positive

Complex common_factor(const RowCoupling::Row& row, Complex z, double tau) {
  return std::exp(-z * row.delay) / (1.0 + z * tau);
}

void take_larger(double& bound, double value) {
  if (!(value <= bound) && !std::isnan(bound)) bound = value;  // NaN stays
}

}  // namespace

RowCoupling row_coupling(const LoopMatrix& matrix) {
  const auto n = static_cast<std::size_t>(matrix.size());
  RowCoupling coupling;
  coupling.rows.resize(n);
  coupling.mu = Eigen::MatrixXd::Zero(matrix.size(), matrix.size());
  coupling.variance = coupling.mu;
  std::vector<char> seen(n, 0);
  for (const LoopMatrix::Synapses& s : matrix.synapses()) {
    const LoopMatrix::Kernel& k = matrix.kernels()[s.kernel];
    const auto i = static_cast<std::size_t>(s.target);
    RowCoupling::Row& row = coupling.rows[i];
    if (seen[i] == 0) {
      seen[i] = 1;
      row.delay = k.mean;
      row.mu_filter = k.tau_syn;
      row.variance_filter = 0.5 * k.tau_syn;
    }
    const bool is_alike = k.mean == row.delay && k.mean_square == k.mean * k.mean &&
                          k.tau_syn == row.mu_filter && (s.shifted == 0 || k.tau_syn == 0);
    if (!is_alike) return {};
    row.has_variance = row.has_variance || s.variance != 0;
    coupling.mu(s.target, s.source) += s.mean + s.shifted;
    coupling.variance(s.target, s.source) += s.variance;
  }
  return coupling;
}

RowFactors row_factors(const RowCoupling::Row& row, const NeuronSample& s) {
  return {s.mu * common_factor(row, s.z, row.mu_filter),
          row.has_variance ? s.variance * common_factor(row, s.z, row.variance_filter) : 0.0,
          s.factor};
}

void RowReach::widen(const RowCoupling::Row& row, const NoisyNeuron& neuron, const NeuronSample& s,
                     double h, const RowFactors& centre) {
  const NeuronChange change = change_over_step(neuron, s, h, Direction::kUp);
  const RowFactors here = row_factors(row, s);
  // |D H| falls up the axis; by how much it changes, relative to itself.
  const auto turn = [&](double tau) { return h * (row.delay + tau / modulus(1.0 + s.z * tau)); };
  // |N(z) C(z) − N_c C_c| ≤ |N C − N_c C_c| + |C| (|ΔN| + |N| turn) from the sample on.
  const auto part = [&](double& plain, double& with_scale, Complex n, Complex n_here,
                        Complex n_centre, double moved, double scaled_moved, double tau) {
    const double common = modulus(n_here) / modulus(n), turned = turn(tau);
    take_larger(plain, (modulus(n_here - n_centre) + common * (moved + modulus(n) * turned)) /
                           modulus(n_centre));
    const Complex scaled_here = s.factor * n_here, scaled_centre = centre.scale * n_centre;
    take_larger(with_scale, (modulus(scaled_here - scaled_centre) +
                             common * (scaled_moved + modulus(s.factor * n) * turned)) /
                                modulus(scaled_centre));
  };
  part(mu, scaled_mu, s.mu, here.mu, centre.mu, change.mu, change.scaled_mu, row.mu_filter);
  if (row.has_variance)
    part(variance, scaled_variance, s.variance, here.variance, centre.variance, change.variance,
         change.scaled_variance, row.variance_filter);
  take_larger(scale, (modulus(s.factor - centre.scale) + change.factor) / modulus(centre.scale));
}

Reach wider(const Reach& a, const Reach& b) {
  Reach both = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    take_larger(both[i].mu, b[i].mu);
    take_larger(both[i].variance, b[i].variance);
    take_larger(both[i].scaled_mu, b[i].scaled_mu);
    take_larger(both[i].scaled_variance, b[i].scaled_variance);
    take_larger(both[i].scale, b[i].scale);
  }
  return both;
}

AxisPiece::AxisPiece(const RowCoupling& coupling, double centre,
                     const std::vector<NeuronSample>& neurons)
    : centre_(centre) {
  const Eigen::Index n = coupling.mu.rows();
  Eigen::MatrixXcd matrix(n, n);
  Eigen::VectorXcd mu(n), scale(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    factors_.push_back(row_factors(coupling.rows[k], neurons[k]));
    const RowFactors& f = factors_.back();
    mu[i] = f.mu;
    // Rows that resonate are huge: scaled by g they are as others.
    scale[i] = f.scale;
    matrix.row(i) = -(f.scale * f.mu) * coupling.mu.row(i);
    if (coupling.rows[k].has_variance)
      matrix.row(i) -= (f.scale * f.variance) * coupling.variance.row(i);
    matrix(i, i) += f.scale;
  }
  determinant_ = invert(matrix, inverse_);
  inverse_ = inverse_ * scale.asDiagonal();
  by_mu_ = mu.asDiagonal() * product(coupling.mu, inverse_);
  inverse_modulus_ = inverse_.array().abs2().sqrt();
  mu_modulus_ = by_mu_.array().abs2().sqrt();
  matrix = inverse_ - by_mu_;
  matrix.diagonal().array() -= 1.0;
  variance_modulus_ = matrix.array().abs2().sqrt();
  // Of a population that hardly responds the difference is all rounding.
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (!coupling.rows[k].has_variance) variance_modulus_.row(i).setZero();
    if (!coupling.rows[k].has_variance || variance_modulus_.row(i).maxCoeff() > kFaint) continue;
    const Eigen::RowVectorXcd own = factors_[k].variance * (coupling.variance.row(i) * inverse_);
    variance_modulus_.row(i) = own.array().abs2().sqrt();
  }
  test_ = Eigen::VectorXd::Ones(n);
}

double AxisPiece::radius(std::span<const RowReach> reach, const CouplingChange& change,
                         std::span<const RowForm> forms, std::vector<char>& scaled) {
  const Eigen::Index n = test_.size();
  scaled.assign(static_cast<std::size_t>(n), 0);
  by_inverse_.noalias() = inverse_modulus_ * test_;
  by_mu_test_.noalias() = mu_modulus_ * test_;
  by_variance_test_.noalias() = variance_modulus_ * test_;
  const bool is_changed = change.mu.size() > 0;
  if (is_changed) {
    by_mu_change_.noalias() = change.mu * by_inverse_;
    by_variance_change_.noalias() = change.variance * by_inverse_;
  }
  image_.resize(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const RowReach& r = reach[k];
    double plain = r.mu * by_mu_test_[i] + r.variance * by_variance_test_[i];
    double with_scale = r.scale * by_inverse_[i] + r.scaled_mu * by_mu_test_[i] +
                        r.scaled_variance * by_variance_test_[i];
    if (is_changed) {
      const double mu = modulus(factors_[k].mu) * by_mu_change_[i];
      const double variance = modulus(factors_[k].variance) * by_variance_change_[i];
      plain += (1 + r.mu) * mu + (1 + r.variance) * variance;
      with_scale += (1 + r.scaled_mu) * mu + (1 + r.scaled_variance) * variance;
    }
    const RowForm form = forms.empty() ? RowForm::kSmaller : forms[k];
    const bool smaller_scaled = with_scale < plain || std::isnan(plain);
    const bool take_scaled = form == RowForm::kScaled ||
                             (form == RowForm::kSmaller && smaller_scaled) ||
                             (form == RowForm::kLarger && !(with_scale <= plain));
    scaled[k] = take_scaled ? 1 : 0;
    image_[i] = take_scaled ? with_scale : plain;
    if (form == RowForm::kLarger && std::isnan(plain)) image_[i] = plain;
  }
  if (!image_.allFinite()) return std::numeric_limits<double>::infinity();
  const double bound = (image_.array() / test_.array()).maxCoeff(), largest = image_.maxCoeff();
  // Near the largest eigenvector, and a bound in parts of the network of their own, too.
  if (largest > 0) test_ = image_.array() / largest + kEverywhere;
  return bound;
}

void AxisPiece::keep_bounds_only() {
  inverse_.resize(0, 0);
  by_mu_.resize(0, 0);
}

Complex AxisPiece::log_ratio(const RowCoupling& coupling, const std::vector<NeuronSample>& at_z,
                             const std::vector<char>& scaled) const {
  const Eigen::Index n = test_.size();
  Eigen::MatrixXcf matrix(n, n);  // (1 − M)(z) P, rows scaled
  Complex log = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const RowFactors &c = factors_[k], z = row_factors(coupling.rows[k], at_z[k]);
    const bool is_scaled = scaled[k] != 0;
    const Complex scale = is_scaled ? z.scale / c.scale : 1.0;
    const Complex mu = scale * z.mu / c.mu - 1.0;
    const Complex variance =
        coupling.rows[k].has_variance ? scale * z.variance / c.variance - 1.0 : scale - 1.0;
    // (scale − 1) P − mu U − variance V with V = P − 1 − U.
    matrix.row(i) = ((scale - 1.0 - variance) * inverse_.row(i) + (variance - mu) * by_mu_.row(i))
                        .cast<std::complex<float>>();
    matrix(i, i) += static_cast<std::complex<float>>(1.0 + variance);
    // Arg g is its principal value on the whole way.
    if (is_scaled)
      log -= Complex(std::log(modulus(z.scale) / modulus(c.scale)),
                     std::arg(z.scale) - std::arg(c.scale));
  }
  return log + log_of_pivots(matrix);
}

}  // namespace nuphi::detail
