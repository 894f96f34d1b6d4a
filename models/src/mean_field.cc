#include <nuphi/core/colored_noise.h>
#include <nuphi/models/mean_field.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <utility>

#include "network_rules.h"

namespace nuphi {
namespace {

LifParameters lif_parameters(const Neuron& neuron, const SynapticTimes& times) {
  LifParameters p{.tau_m = neuron.tau_m,
                  .t_ref = neuron.t_ref,
                  .V_th = neuron.V_th,
                  .V_reset = neuron.V_reset,
                  .tau_syn = 0};
  if (neuron.model == NeuronModel::kLifExp) {
    p.tau_syn = times.any() ? times.longest : neuron.tau_syn_ex;
  }
  return p;
}

using SparseRows = Eigen::SparseMatrix<double, Eigen::RowMajor>;

struct Entry {
  double mean;
  double variance;
};

Entry entry_of(const Projection& p, double tau_m) {
  const double mean = tau_m * p.indegree * p.weight;
  return {mean, mean * p.weight * (1 + p.weight_cv * p.weight_cv)};
}

Entry entry_of(const Network& network, const Projection& p) {
  return entry_of(p, network.populations[p.target].neuron.tau_m);
}

using PairValue = std::function<double(const Projection&)>;

Eigen::MatrixXd dense_matrix(const Network& network, const PairValue& value) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
  for (const Projection& p : network.projections) matrix(p.target, p.source) += value(p);
  return matrix;
}

/// Duplicates add up; zeros are kept: all matrices of a network have one pattern.
SparseRows sparse_matrix(const Network& network, const PairValue& value) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(network.projections.size());
  for (const Projection& p : network.projections) {
    entries.emplace_back(p.target, p.source, value(p));
  }
  SparseRows matrix(n, n);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

/// A sparse entry costs a value and an index, a dense one a value.
bool sparse_is_smaller(const Network& network) {
  constexpr double kSmallest = 64;
  const double n = static_cast<double>(network.populations.size());
  const double bytes =
      static_cast<double>(network.projections.size()) * (sizeof(double) + sizeof(int));
  return n > kSmallest && bytes < n * n * sizeof(double);
}

/// What an input adds to μ and σ².
Entry entry_of(const ExternalInput& input, double tau_m) {
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
    const double drive = tau_m * poisson->indegree * poisson->weight * poisson->rate;
    return {drive, drive * poisson->weight * (1 + poisson->weight_cv * poisson->weight_cv)};
  }
  if (const auto* dc = std::get_if<DcInput>(&input.source)) return {dc->drive, 0};
  const auto& noise = std::get<NoiseInput>(input.source);
  return {noise.mean, noise.sigma * noise.sigma};
}

std::optional<SynapticFilters> synaptic_filters(const Network& network, Correction correction,
                                                const std::vector<SynapticTimes>& times,
                                                bool sparse) {
  if (!has_effective_filter(correction)) return std::nullopt;
  SynapticFilters filters;
  for (const SynapticTimes& t : times) filters.mixed.push_back(t.differ());
  if (std::none_of(filters.mixed.begin(), filters.mixed.end(), [](bool m) { return m; })) {
    return std::nullopt;
  }
  const PairValue filtered = [&](const Projection& p) {
    if (!filters.mixed[p.target] || p.indegree == 0) return 0.0;
    return entry_of(network, p).variance * filter_weight(synaptic_time(network, p), correction);
  };
  if (sparse) {
    filters.coupling = sparse_matrix(network, filtered);
  } else {
    filters.coupling = dense_matrix(network, filtered);
  }
  filters.external = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(times.size()));
  for (const ExternalInput& input : network.inputs) {
    const std::optional<double> tau_syn = synaptic_time(network, input);
    if (!tau_syn || !filters.mixed[input.target]) continue;
    const double tau_m = network.populations[input.target].neuron.tau_m;
    filters.external[input.target] +=
        entry_of(input, tau_m).variance * filter_weight(*tau_syn, correction);
  }
  return filters;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("MeanField: ") + what);
}

template <class Matrix>
void check_matrix(const Matrix& matrix, Eigen::Index n, bool is_variance) {
  require(matrix.rows() == n && matrix.cols() == n, "the coupling is not n by n");
  if constexpr (requires {
                  matrix.innerSize();
                  matrix.nonZeros();
                  typename Matrix::InnerIterator;
                }) {
    for (Eigen::Index row = 0; row < matrix.outerSize(); ++row) {
      for (typename Matrix::InnerIterator entry(matrix, row); entry; ++entry) {
        require(std::isfinite(entry.value()), "a coupling is not finite");
        require(!is_variance || entry.value() >= 0, "a coupling of the variance is negative");
      }
    }
  } else {
    require(matrix.allFinite(), "a coupling is not finite");
    require(!is_variance || n == 0 || matrix.minCoeff() >= 0,
            "a coupling of the variance is negative");
  }
}

void check_filters(const MeanField& field) {
  const SynapticFilters& filters = *field.filters;
  require(has_effective_filter(field.correction), "the correction knows no filters");
  require(static_cast<Eigen::Index>(filters.mixed.size()) == field.size() &&
              filters.external.size() == field.size(),
          "filters and external_mean differ in size");
  require(filters.external.allFinite(), "an external filter is not finite");
  require(filters.external.size() == 0 || filters.external.minCoeff() >= 0,
          "an external filter is negative");
  const bool dense = std::holds_alternative<Eigen::MatrixXd>(filters.coupling);
  require(dense ? std::holds_alternative<DenseCoupling>(field.coupling)
                : std::holds_alternative<SparseCoupling>(field.coupling),
          "filters are not stored as the coupling is");
  std::visit([&](const auto& matrix) { check_matrix(matrix, field.size(), true); },
             filters.coupling);
}

void check_transfer(const MeanField& field) {
  require(static_cast<Eigen::Index>(field.transfer.size()) == field.size(),
          "transfer and external_mean differ in size");
  require(!field.filters, "filters are those of LIF neurons, transfer is given");
  const bool binary = std::any_of(
      field.transfer.begin(), field.transfer.end(),
      [](const TransferFunction& f) { return std::holds_alternative<BinaryTransfer>(f); });
  require(!binary || !std::holds_alternative<KernelCoupling>(field.coupling),
          "binary units need the matrices of the coupling (with_matrices())");
}

void check_neuron(const LifParameters& p) {
  require(std::isfinite(p.tau_m) && p.tau_m > 0, "tau_m is not positive");
  require(std::isfinite(p.t_ref) && p.t_ref >= 0, "t_ref is negative or not finite");
  require(std::isfinite(p.tau_syn) && p.tau_syn >= 0, "tau_syn is negative or not finite");
  require(std::isfinite(p.V_th) && std::isfinite(p.V_reset) && p.V_reset < p.V_th,
          "V_reset is not below V_th");
}

}  // namespace

CouplingProduct product(const Coupling& coupling, const Eigen::VectorXd& rates) {
  if (const auto* kernel = std::get_if<KernelCoupling>(&coupling)) {
    CouplingProduct result;
    KernelProduct(*kernel).multiply(rates, result.mean, result.variance);
    return result;
  }
  if (const auto* dense = std::get_if<DenseCoupling>(&coupling)) {
    return {dense->mean * rates, dense->variance * rates};
  }
  const auto& sparse = std::get<SparseCoupling>(coupling);
  return {sparse.mean * rates, sparse.variance * rates};
}

DenseCoupling dense_coupling(const KernelCoupling& coupling) {
  constexpr Eigen::Index kLargest = 5000;
  const Eigen::Index n = coupling.size();
  require(n <= kLargest,
          "this needs the matrices of a coupling given by kernels, which are formed up to 5000 "
          "populations only");
  check(coupling);
  DenseCoupling matrices{Eigen::MatrixXd::Zero(n, n), Eigen::MatrixXd::Zero(n, n)};
  const Eigen::Index places = coupling.grid.places();
  for (Eigen::Index j = 0; j < n; ++j) {
    for (Eigen::Index i = 0; i < n; ++i) {
      const KernelCoupling::Kernel& kernel = coupling.kernel(i / places, j / places);
      if (kernel.mean.size() == 0) continue;
      const Eigen::Index r = coupling.displacement(i % places, j % places);
      matrices.mean(i, j) = kernel.mean[r];
      matrices.variance(i, j) = kernel.variance[r];
    }
  }
  return matrices;
}

MeanField with_matrices(MeanField field) {
  if (const auto* kernel = std::get_if<KernelCoupling>(&field.coupling)) {
    field.coupling = dense_coupling(*kernel);
  }
  return field;
}

MeanField mean_field(const Network& network, CouplingStorage storage) {
  std::vector<Diagnostic> faults = validate(network);
  if (!faults.empty()) throw ModelError(std::move(faults));

  MeanField field;
  field.correction = effective_correction(network);
  const std::vector<SynapticTimes> times = synaptic_times(network);
  for (std::size_t i = 0; i < network.populations.size(); ++i) {
    field.names.push_back(network.populations[i].name);
    field.neurons.push_back(lif_parameters(network.populations[i].neuron, times[i]));
  }
  const bool sparse = storage == CouplingStorage::kSparse ||
                      (storage == CouplingStorage::kAuto && sparse_is_smaller(network));
  const PairValue mean = [&](const Projection& p) { return entry_of(network, p).mean; };
  const PairValue variance = [&](const Projection& p) { return entry_of(network, p).variance; };
  if (sparse) {
    field.coupling = SparseCoupling{sparse_matrix(network, mean), sparse_matrix(network, variance)};
  } else {
    field.coupling = DenseCoupling{dense_matrix(network, mean), dense_matrix(network, variance)};
  }
  field.filters = synaptic_filters(network, field.correction, times, sparse);
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  field.external_mean = Eigen::VectorXd::Zero(n);
  field.external_variance = Eigen::VectorXd::Zero(n);
  for (const ExternalInput& input : network.inputs) {
    const Entry entry = entry_of(input, network.populations[input.target].neuron.tau_m);
    field.external_mean[input.target] += entry.mean;
    field.external_variance[input.target] += entry.variance;
  }
  return field;
}

Eigen::VectorXd filter_input(const MeanField& field, const Eigen::VectorXd& rates) {
  const SynapticFilters& filters = field.filters.value();
  Eigen::VectorXd filtered = filters.external;
  std::visit([&](const auto& matrix) { filtered += matrix * rates; }, filters.coupling);
  return filtered;
}

std::vector<LifParameters> effective_neurons(const MeanField& field, const Eigen::VectorXd& rates) {
  std::vector<LifParameters> neurons = field.neurons;
  if (!field.filters) return neurons;
  const Eigen::VectorXd variance =
      product(field.coupling, rates).variance + field.external_variance;
  const Eigen::VectorXd filtered = filter_input(field, rates);
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    if (!field.is_mixed(i) || !(variance[k] > 0)) continue;
    neurons[i].tau_syn = filter_time(std::max(0.0, filtered[k]) / variance[k], field.correction);
  }
  return neurons;
}

void require_lif(const MeanField& field, const char* what) {
  if (field.transfer.empty()) return;
  throw std::invalid_argument(std::string(what) + " for LIF neurons only, not for other transfer " +
                              "functions");
}

void require_one_tau_syn(const MeanField& field, const char* what) {
  require_lif(field, what);
  if (!field.filters) return;
  throw std::invalid_argument(std::string(what) +
                              " for neurons with one synaptic time constant each only");
}

void check(const MeanField& field) {
  const Eigen::Index n = field.size();
  require(static_cast<Eigen::Index>(field.names.size()) == n,
          "names and external_mean differ in size");
  require(static_cast<Eigen::Index>(field.neurons.size()) == n ||
              (field.neurons.empty() && !field.transfer.empty()),
          "neurons and external_mean differ in size");
  require(field.external_variance.size() == n,
          "external_variance and external_mean differ in size");
  require(field.external_mean.allFinite(), "an external mean is not finite");
  require(field.external_variance.allFinite(), "an external variance is not finite");
  require(n == 0 || field.external_variance.minCoeff() >= 0, "an external variance is negative");
  for (const LifParameters& neuron : field.neurons) check_neuron(neuron);
  if (const auto* kernel = std::get_if<KernelCoupling>(&field.coupling)) {
    check(*kernel);
    require(kernel->size() == n, "the coupling is not n by n");
  } else if (const auto* dense = std::get_if<DenseCoupling>(&field.coupling)) {
    check_matrix(dense->mean, n, false);
    check_matrix(dense->variance, n, true);
  } else {
    const auto& sparse = std::get<SparseCoupling>(field.coupling);
    check_matrix(sparse.mean, n, false);
    check_matrix(sparse.variance, n, true);
  }
  if (field.filters) check_filters(field);
  if (!field.transfer.empty()) check_transfer(field);
}

}  // namespace nuphi
