#include <nuphi/rates/validity.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include <nuphi/solver/eigenvalues.h>
#include <nuphi/solver/leading_eigenvalue.h>

namespace nuphi {
namespace {

constexpr std::size_t kMostProjections = 4000000;
constexpr Eigen::Index kLargestDense = 100;
constexpr int kMostProducts = 40;  // vectors of the size of the network that are kept

struct Entry {
  int target = 0;
  int source = 0;
  double value = 0;  ///< K ⟨w²⟩
};

/// ⟨(a J + b J²)²⟩ over normal weights of mean J and relative s.d. c.
double mean_square(double a, double b, double J, double c) {
  const double c2 = c * c, J2 = J * J;
  return J2 * (a * a * (1 + c2) + 2 * a * b * J * (1 + 3 * c2) +
               b * b * J2 * (1 + 6 * c2 + 3 * c2 * c2));
}

std::vector<Entry> entries_of(const Network& network, const StationaryState& state) {
  std::vector<Entry> entries;
  entries.reserve(network.projections.size());
  for (const Projection& p : network.projections) {
    if (!(p.indegree > 0) || p.weight == 0) continue;
    const double tau_m = network.populations[static_cast<std::size_t>(p.target)].neuron.tau_m;
    const double sigma = state.std_input[p.target];
    // Without noise Φ depends on σ² in no way that a gradient tells.
    const double d_variance = sigma > 0 ? state.drate_dsigma[p.target] / (2 * sigma) : 0;
    entries.push_back({p.target, p.source,
                       p.indegree * mean_square(tau_m * state.drate_dmu[p.target],
                                                tau_m * d_variance, p.weight, p.weight_cv)});
  }
  return entries;
}

class EntryMap final : public JacobianMap {
 public:
  explicit EntryMap(const std::vector<Entry>& entries) : entries_(entries) {}
  bool update() override { return true; }
  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.setZero(v.size());
    for (const Entry& e : entries_) product[e.target] += e.value * v[e.source];
  }
  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.setZero(v.size());
    for (const Entry& e : entries_) product[e.source] += e.value * v[e.target];
  }

 private:
  const std::vector<Entry>& entries_;
};

/// No entry is negative, so the eigenvalue of largest real part is the spectral radius
/// (Perron–Frobenius).
std::optional<double> spectral_radius(const std::vector<Entry>& entries, Eigen::Index n) {
  if (n > kLargestDense) return leading_eigenvalue(EntryMap(entries), n, kMostProducts).value;
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
  for (const Entry& e : entries) matrix(e.target, e.source) += e.value;
  return spectral_abscissa(matrix);
}

}  // namespace

CouplingRadius coupling_radius(const Network& network, const StationaryState& state) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  if (state.rates.size() != n || state.drate_dmu.size() != n || state.drate_dsigma.size() != n)
    throw std::invalid_argument("coupling radius: the state is not one of this network");
  if (network.projections.size() > kMostProjections)
    return {std::nullopt, "more than 4 million projections"};
  const std::vector<Entry> entries = entries_of(network, state);
  if (entries.empty()) return {0.0, ""};
  for (const Entry& e : entries) {
    if (!std::isfinite(e.value)) return {std::nullopt, "the rates have no gradient"};
  }
  const std::optional<double> square = spectral_radius(entries, n);
  if (!square) return {std::nullopt, "the iteration for it has not settled"};
  return {std::sqrt(std::fmax(*square, 0)), ""};
}

}  // namespace nuphi
