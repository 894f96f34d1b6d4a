#include "found_modes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "eigen_system.h"

namespace nuphi::detail {
namespace {

// Of a zero; what is none, such as those of g, has residuals of order 1.
constexpr double kLargestResidual = 1e-3;

bool same(Complex a, Complex b) { return std::abs(a - b) <= 1e-8 * std::max(std::abs(a), 1.0); }

/// Of a conjugate pair the upper one. A real mode comes out with an imaginary part of rounding.
NullPair upper(NullPair pair) {
  if (pair.z.imag() < 0) pair = {std::conj(pair.z), pair.right.conjugate(), pair.left.conjugate()};
  if (std::abs(pair.z.imag()) < 1e-8 * std::max(std::abs(pair.z.real()), 1.0))
    pair.z = pair.z.real();
  return pair;
}

/// Eigenvectors of the eigenvalue of M nearest to 1, by inverse iteration.
NullPair null_pair_at(LoopMatrix& loops, Complex z) {
  Eigen::MatrixXcd M;
  loops.effective_connectivity(z, M);
  const Eigen::Index n = M.rows();
  M = -M;
  // A shift of a few roundings keeps the factorisation regular where 1 is an eigenvalue to the last
  // digit.
  M.diagonal().array() += 1.0 + 1e-14;
  NullPair pair{z, Eigen::VectorXcd(n), Eigen::VectorXcd(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    pair.right[i] = 1 + 0.1 * static_cast<double>(i) / static_cast<double>(n);
    pair.left[i] = 1 - 0.1 * static_cast<double>(i) / static_cast<double>(n);
  }
  find_null_vectors(M, pair.right, pair.left);
  return pair;
}

}  // namespace

Mode FoundModes::describe(const NullPair& pair) {
  Eigen::MatrixXcd M;
  matrix_.effective_connectivity(pair.z, M);
  Mode mode;
  mode.eigenvalue = pair.z;
  mode.residual = std::abs(1.0 - pair.left.dot(M * pair.right) / pair.left.dot(pair.right));
  mode.participation = Eigen::VectorXd::Zero(matrix_.response().size());
  for (Eigen::Index i = 0; i < M.rows(); ++i)
    mode.participation[matrix_.populations()[static_cast<std::size_t>(i)]] =
        std::abs(pair.left[i]) * std::abs(pair.right[i]);
  const double sum = mode.participation.sum();
  if (sum > 0) mode.participation /= sum;
  return mode;
}

bool FoundModes::knows(Complex z, double doubt) const {
  return std::any_of(modes_.begin(), modes_.end(), [&](const Mode& m) {
    return same(m.eigenvalue, z) || std::abs(m.eigenvalue - z) < doubt ||
           std::abs(std::conj(m.eigenvalue) - z) < doubt;
  });
}

bool FoundModes::add(Complex z) {
  if (!std::isfinite(std::abs(z))) return false;
  z = upper({z, {}, {}}).z;
  return !knows(z) && keep(null_pair_at(matrix_, z));
}

bool FoundModes::add(const NullPair& pair) {
  NullPair there = upper(pair);
  return !knows(there.z) && keep(std::move(there));
}

bool FoundModes::keep(NullPair pair) {
  Mode mode = describe(pair);
  if (!(mode.residual < kLargestResidual)) return false;
  modes_.push_back(std::move(mode));
  return true;
}

void FoundModes::add_multiples(const std::function<bool()>& is_done) {
  const std::size_t known = modes_.size();
  for (std::size_t k = 0; k < known && !is_done(); ++k) {
    const NullSpace space = null_space_at(matrix_, modes_[k].eigenvalue);
    if (space.dimension < 2) continue;
    Eigen::VectorXd& shares = modes_[k].participation;
    for (Eigen::Index i = 0; i < matrix_.size(); ++i)
      shares[matrix_.populations()[static_cast<std::size_t>(i)]] = space.participation[i];
    const Mode mode = modes_[k];
    modes_.insert(modes_.end(), static_cast<std::size_t>(space.dimension - 1), mode);
  }
}

std::vector<Complex> FoundModes::eigenvalues() const {
  std::vector<Complex> values;
  for (const Mode& m : modes_) values.push_back(m.eigenvalue);
  return values;
}

int FoundModes::unstable(double low, double high) const {
  int sum = 0;
  for (const Mode& m : modes_) {
    const double omega = m.eigenvalue.imag();
    if (m.eigenvalue.real() > 0 && omega >= low && omega < high) sum += omega > 0 ? 2 : 1;
  }
  return sum;
}

double FoundModes::growth_rate_of(std::size_t k) const {
  if (k >= modes_.size()) return -std::numeric_limits<double>::infinity();
  std::vector<double> rates;
  for (const Mode& m : modes_) rates.push_back(-m.growth_rate());
  std::nth_element(rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(k), rates.end());
  return -rates[k];
}

std::vector<Mode> FoundModes::take(std::size_t most) {
  std::stable_sort(modes_.begin(), modes_.end(),
                   [](const Mode& a, const Mode& b) { return a.growth_rate() > b.growth_rate(); });
  const auto damped = std::find_if(modes_.begin(), modes_.end(),
                                   [](const Mode& m) { return !(m.growth_rate() > 0); });
  const auto unstable = static_cast<std::size_t>(damped - modes_.begin());
  if (modes_.size() > most) modes_.resize(std::max(most, unstable));
  return std::move(modes_);
}

}  // namespace nuphi::detail
