#include <nuphi/analysis/effective_connectivity.h>

#include <stdexcept>
#include <type_traits>
#include <vector>

namespace nuphi {
namespace {

void check_sizes(const MeanField& field, const StationaryState& state) {
  require_one_tau_syn(field, "the effective connectivity of a mean field is known");
  const Eigen::Index n = field.size();
  if (state.drate_dmu.size() != n || state.drate_dsigma.size() != n || state.std_input.size() != n)
    throw std::invalid_argument("effective connectivity: the state is not one of this mean field");
}

/// One entry of W from those of A and B.
struct Row {
  double d_mu;
  double d_sigma;
  double sigma;

  [[nodiscard]] double operator()(double mean, double variance) const {
    // Without variance there is no derivative with respect to it, also where σ = 0.
    return d_mu * mean + (variance == 0 ? 0 : d_sigma / (2 * sigma) * variance);
  }
};

Row row_of(const StationaryState& state, Eigen::Index i) {
  return {state.drate_dmu[i], state.drate_dsigma[i], state.std_input[i]};
}

/// Calls entry(i, j, W_ij) for every connection.
template <class Entry>
void for_each_entry(const DenseCoupling& coupling, const StationaryState& state, Entry entry) {
  for (Eigen::Index j = 0; j < coupling.mean.cols(); ++j)
    for (Eigen::Index i = 0; i < coupling.mean.rows(); ++i)
      if (coupling.mean(i, j) != 0 || coupling.variance(i, j) != 0)
        entry(i, j, row_of(state, i)(coupling.mean(i, j), coupling.variance(i, j)));
}

template <class Entry>
void for_each_entry(const SparseCoupling& coupling, const StationaryState& state, Entry entry) {
  using Iterator = Eigen::SparseMatrix<double, Eigen::RowMajor>::InnerIterator;
  for (Eigen::Index i = 0; i < coupling.mean.outerSize(); ++i) {
    const Row row = row_of(state, i);
    Iterator variance(coupling.variance, i);  // one pattern: both run in step
    for (Iterator mean(coupling.mean, i); mean; ++mean, ++variance)
      entry(i, mean.col(), row(mean.value(), variance.value()));
  }
}

template <class Entry>
void for_each_entry(const KernelCoupling& coupling, const StationaryState& state, Entry entry) {
  for_each_entry(dense_coupling(coupling), state, entry);
}

}  // namespace

Eigen::MatrixXd effective_connectivity(const MeanField& field, const StationaryState& state) {
  check_sizes(field, state);
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(field.size(), field.size());
  std::visit(
      [&](const auto& coupling) {
        for_each_entry(coupling, state,
                       [&](Eigen::Index i, Eigen::Index j, double value) { result(i, j) = value; });
      },
      field.coupling);
  return result;
}

Eigen::SparseMatrix<double> sparse_effective_connectivity(const MeanField& field,
                                                          const StationaryState& state) {
  check_sizes(field, state);
  std::vector<Eigen::Triplet<double>> entries;
  std::visit(
      [&](const auto& coupling) {
        if constexpr (std::is_same_v<std::decay_t<decltype(coupling)>, SparseCoupling>)
          entries.reserve(static_cast<std::size_t>(coupling.mean.nonZeros()));
        for_each_entry(coupling, state, [&](Eigen::Index i, Eigen::Index j, double value) {
          entries.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
        });
      },
      field.coupling);
  Eigen::SparseMatrix<double> result(field.size(), field.size());
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

}  // namespace nuphi
