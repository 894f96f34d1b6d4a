#include <nuphi/analysis/effective_connectivity.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/siegert.h>

#include <stdexcept>
#include <variant>
#include <vector>

#include "state_check.h"

namespace nuphi {
namespace {

using SparseRows = Eigen::SparseMatrix<double, Eigen::RowMajor>;

void check_sizes(const MeanField& field, const StationaryState& state) {
  require_lif(field, "the effective connectivity of a mean field is known");
  detail::require_state_of(field, state);
}

/// One entry of W from those of A, B and Q.
struct Row {
  double d_mu;
  double d_variance;
  double d_filter = 0;

  [[nodiscard]] double operator()(double mean, double variance, double filtered) const {
    // Without variance there is no derivative with respect to it, also where σ = 0.
    const double noise = variance == 0 ? 0 : d_variance * variance;
    return d_mu * mean + noise + (filtered == 0 ? 0 : d_filter * filtered);
  }
};

/// Φ(μ, σ², g) with g(τ) = q/σ² where synapses of several time constants meet.
std::vector<Row> rows_of(const MeanField& field, const StationaryState& state) {
  std::vector<Row> rows;
  const std::vector<LifParameters> neurons = effective_neurons(field, state.rates);
  const Eigen::VectorXd filtered =
      field.filters ? filter_input(field, state.rates) : Eigen::VectorXd();
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double mu = state.mean_input[i], sigma = state.std_input[i];
    Row row{state.drate_dmu[i], state.drate_dsigma[i] / (2 * sigma)};
    if (field.is_mixed(k) && filtered[i] >= 0) {
      const SiegertRate at{.drate_dmu = state.drate_dmu[i], .drate_dsigma = state.drate_dsigma[i]};
      const double gain = filter_weight_gain(mu, sigma, at, neurons[k], field.correction).drate;
      row.d_filter = gain / (sigma * sigma);
      row.d_variance -= row.d_filter * filter_weight(neurons[k].tau_syn, field.correction);
    }
    rows.push_back(row);
  }
  return rows;
}

/// Calls entry(i, j, W_ij) for every connection.
template <class Entry>
void for_each_entry(const DenseCoupling& coupling, const Eigen::MatrixXd* filters,
                    const std::vector<Row>& rows, Entry entry) {
  for (Eigen::Index j = 0; j < coupling.mean.cols(); ++j)
    for (Eigen::Index i = 0; i < coupling.mean.rows(); ++i) {
      const double mean = coupling.mean(i, j), variance = coupling.variance(i, j);
      if (mean == 0 && variance == 0) continue;
      const double filtered = filters != nullptr ? (*filters)(i, j) : 0;
      entry(i, j, rows[static_cast<std::size_t>(i)](mean, variance, filtered));
    }
}

template <class Entry>
void for_each_entry(const SparseCoupling& coupling, const SparseRows* filters,
                    const std::vector<Row>& rows, Entry entry) {
  using Iterator = SparseRows::InnerIterator;
  for (Eigen::Index i = 0; i < coupling.mean.outerSize(); ++i) {
    // One pattern: all run in step.
    Iterator variance(coupling.variance, i);
    Iterator filtered(filters != nullptr ? *filters : coupling.variance, i);
    for (Iterator mean(coupling.mean, i); mean; ++mean, ++variance, ++filtered)
      entry(i, mean.col(),
            rows[static_cast<std::size_t>(i)](mean.value(), variance.value(),
                                              filters != nullptr ? filtered.value() : 0));
  }
}

template <class Entry>
void for_each_entry(const MeanField& field, const StationaryState& state, Entry entry) {
  const std::vector<Row> rows = rows_of(field, state);
  const auto filters = [&]<class Matrix>(const Matrix*) {
    return field.filters ? &std::get<Matrix>(field.filters->coupling) : nullptr;
  };
  if (const auto* dense = std::get_if<DenseCoupling>(&field.coupling)) {
    for_each_entry(*dense, filters(static_cast<Eigen::MatrixXd*>(nullptr)), rows, entry);
  } else if (const auto* sparse = std::get_if<SparseCoupling>(&field.coupling)) {
    for_each_entry(*sparse, filters(static_cast<SparseRows*>(nullptr)), rows, entry);
  } else {
    const auto& kernel = std::get<KernelCoupling>(field.coupling);
    for_each_entry(dense_coupling(kernel), static_cast<Eigen::MatrixXd*>(nullptr), rows, entry);
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
  if (const auto* sparse = std::get_if<SparseCoupling>(&field.coupling))
    entries.reserve(static_cast<std::size_t>(sparse->mean.nonZeros()));
  for_each_entry(field, state, [&](Eigen::Index i, Eigen::Index j, double value) {
    entries.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
  });
  Eigen::SparseMatrix<double> result(field.size(), field.size());
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

}  // namespace nuphi
