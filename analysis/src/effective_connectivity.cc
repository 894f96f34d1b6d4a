#include <nuphi/analysis/linear_response.h>

#include <stdexcept>
#include <vector>

#include "state_check.h"

namespace nuphi {
namespace {

void check_sizes(const MeanField& field, const StationaryState& state) {
  detail::require_state_of(field, state);
}

/// ∂Φ_i/∂s_k of a population that takes q.
SumPartials filtered_gains(const LifTransfer& lif, const NodeInput& input,
                           const StationaryState& state, Eigen::Index i) {
  const SiegertRate at{.drate_dmu = state.drate_dmu[i], .drate_dsigma = state.drate_dsigma[i]};
  const RatePartials partials =
      node_partials(lif, effective_neuron(lif, input), state.mean_input[i], state.std_input[i], at);
  return sum_partials(lif, partials.rate, input);
}

Gains gains_of(const MeanField& field, const StationaryState& state) {
  Gains gains{Eigen::MatrixXd::Zero(field.size(), field.sums()), source_slopes(field, state.rates)};
  gains.sums.col(MeanField::kMean) = state.drate_dmu;
  gains.sums.col(MeanField::kVariance) = state.drate_dsigma.cwiseQuotient(2 * state.std_input);
  if (field.sums() <= MeanField::kFiltered) return gains;
  const Eigen::MatrixXd sums = sums_at(field, state.rates);
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const NodeFunction& node = field.nodes[static_cast<std::size_t>(i)];
    if (!takes_filtered(node)) continue;
    const SumPartials partials = filtered_gains(*as_lif(node), MeanField::input(sums, i), state, i);
    gains.sums.row(i) << partials.mean, partials.variance, partials.filtered;
  }
  return gains;
}

/// Calls entry(i, j, W_ij) for every connection.
template <class Entry>
void for_each_entry(const MeanField& field, const Gains& gains, Entry entry) {
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    field.coupling.for_each_source(i, [&](Eigen::Index j, const Eigen::VectorXd& values) {
      double sum = 0;
      for (Eigen::Index k = 0; k < values.size(); ++k) {
        // Without variance there is no derivative with respect to it, also where σ = 0.
        if (values[k] != 0) sum += gains.sums(i, k) * values[k] * gains.source(j, k);
      }
      entry(i, j, sum);
    });
  }
}

}  // namespace

Eigen::MatrixXd effective_connectivity(const MeanField& field, const StationaryState& state) {
  check_sizes(field, state);
  const Gains gains = gains_of(field, state);
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(field.size(), field.size());
  if (gains.finite() && field.coupling.kernels() == nullptr) {
    jacobian(field.coupling, gains, result);
    return result;
  }
  for_each_entry(field, gains,
                 [&](Eigen::Index i, Eigen::Index j, double value) { result(i, j) = value; });
  return result;
}

Eigen::SparseMatrix<double> sparse_effective_connectivity(const MeanField& field,
                                                          const StationaryState& state) {
  check_sizes(field, state);
  std::vector<Eigen::Triplet<double>> entries;
  if (field.coupling.is_sparse())
    entries.reserve(static_cast<std::size_t>(field.coupling.sparse(0).nonZeros()));
  for_each_entry(field, gains_of(field, state), [&](Eigen::Index i, Eigen::Index j, double value) {
    entries.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
  });
  Eigen::SparseMatrix<double> result(field.size(), field.size());
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

}  // namespace nuphi
