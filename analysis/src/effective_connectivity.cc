#include <nuphi/analysis/effective_connectivity.h>

#include <stdexcept>
#include <vector>

#include "state_check.h"

namespace nuphi {
namespace {

void check_sizes(const MeanField& field, const StationaryState& state) {
  detail::require_state_of(field, state);
}

/// ∂Φ_i/∂s_k at the state, shape=(n, K).
Eigen::MatrixXd gains_of(const MeanField& field, const StationaryState& state) {
  const Eigen::MatrixXd sums = sums_at(field, state.rates);
  Eigen::MatrixXd gains(field.size(), field.sums());
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const NodeFunction& node = field.nodes[static_cast<std::size_t>(i)];
    const NodeInput input = MeanField::input(sums, i);
    const LifTransfer* lif = as_lif(node);
    const LifParameters neuron = lif != nullptr ? effective_neuron(*lif, input) : LifParameters{};
    const SiegertRate at{.drate_dmu = state.drate_dmu[i], .drate_dsigma = state.drate_dsigma[i]};
    const RatePartials partials =
        node_partials(node, neuron, state.mean_input[i], state.std_input[i], at);
    const SumPartials in_sums = sum_partials(node, partials.rate, input);
    gains.row(i).head(2) << in_sums.mean, in_sums.variance;
    if (field.sums() > MeanField::kFiltered) gains(i, MeanField::kFiltered) = in_sums.filtered;
  }
  return gains;
}

/// Calls entry(i, j, W_ij) for every connection.
template <class Entry>
void for_each_entry(const MeanField& field, const StationaryState& state, Entry entry) {
  const Gains gains = {gains_of(field, state), source_slopes(field, state.rates)};
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
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(field.size(), field.size());
  for_each_entry(field, state,
                 [&](Eigen::Index i, Eigen::Index j, double value) { result(i, j) = value; });
  return result;
}

Eigen::SparseMatrix<double> sparse_effective_connectivity(const MeanField& field,
                                                          const StationaryState& state) {
  check_sizes(field, state);
  std::vector<Eigen::Triplet<double>> entries;
  if (field.coupling.is_sparse())
    entries.reserve(static_cast<std::size_t>(field.coupling.sparse(0).nonZeros()));
  for_each_entry(field, state, [&](Eigen::Index i, Eigen::Index j, double value) {
    entries.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
  });
  Eigen::SparseMatrix<double> result(field.size(), field.size());
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

}  // namespace nuphi
