#include <nuphi/models/mean_field.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "network_rules.h"

namespace nuphi {
namespace {

LifParameters lif_parameters(const Neuron& neuron, const IncomingSynapses& incoming) {
  LifParameters p{.tau_m = neuron.tau_m,
                  .t_ref = neuron.t_ref,
                  .V_th = neuron.V_th,
                  .V_reset = neuron.V_reset,
                  .tau_syn = 0};
  if (neuron.model == NeuronModel::kLifExp) {
    const bool only_inhibitory = incoming.inhibitory && !incoming.excitatory;
    p.tau_syn = only_inhibitory ? neuron.tau_syn_in : neuron.tau_syn_ex;
  }
  return p;
}

struct Entry {
  double mean;
  double variance;
};

Entry entry_of(const Projection& p, double tau_m) {
  const double mean = tau_m * p.indegree * p.weight;
  return {mean, mean * p.weight * (1 + p.weight_cv * p.weight_cv)};
}

DenseCoupling dense_coupling(const Network& network) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  DenseCoupling coupling{Eigen::MatrixXd::Zero(n, n), Eigen::MatrixXd::Zero(n, n)};
  for (const Projection& p : network.projections) {
    const Entry entry = entry_of(p, network.populations[p.target].neuron.tau_m);
    coupling.mean(p.target, p.source) += entry.mean;
    coupling.variance(p.target, p.source) += entry.variance;
  }
  return coupling;
}

SparseCoupling sparse_coupling(const Network& network) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  std::vector<Eigen::Triplet<double>> mean;
  std::vector<Eigen::Triplet<double>> variance;
  mean.reserve(network.projections.size());
  variance.reserve(network.projections.size());
  for (const Projection& p : network.projections) {
    const Entry entry = entry_of(p, network.populations[p.target].neuron.tau_m);
    mean.emplace_back(p.target, p.source, entry.mean);
    variance.emplace_back(p.target, p.source, entry.variance);
  }
  SparseCoupling coupling{Eigen::SparseMatrix<double, Eigen::RowMajor>(n, n),
                          Eigen::SparseMatrix<double, Eigen::RowMajor>(n, n)};
  coupling.mean.setFromTriplets(mean.begin(),
                                mean.end());  // adds up duplicates, keeps zeros: one pattern
  coupling.variance.setFromTriplets(variance.begin(), variance.end());
  return coupling;
}

/// A sparse entry costs a value and an index, a dense one a value.
bool sparse_is_smaller(const Network& network) {
  constexpr double kSmallest = 64;
  const double n = static_cast<double>(network.populations.size());
  const double bytes =
      static_cast<double>(network.projections.size()) * (sizeof(double) + sizeof(int));
  return n > kSmallest && bytes < n * n * sizeof(double);
}

void add_external(const ExternalInput& input, double tau_m, MeanField& field) {
  double& mean = field.external_mean[input.target];
  double& variance = field.external_variance[input.target];
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
    const double drive = tau_m * poisson->indegree * poisson->weight * poisson->rate;
    mean += drive;
    variance += drive * poisson->weight * (1 + poisson->weight_cv * poisson->weight_cv);
  } else if (const auto* dc = std::get_if<DcInput>(&input.source)) {
    mean += dc->drive;
  } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
    mean += noise->mean;
    variance += noise->sigma * noise->sigma;
  }
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
  const std::vector<IncomingSynapses> incoming = incoming_synapses(network);
  for (std::size_t i = 0; i < network.populations.size(); ++i) {
    field.names.push_back(network.populations[i].name);
    field.neurons.push_back(lif_parameters(network.populations[i].neuron, incoming[i]));
  }
  const bool sparse = storage == CouplingStorage::kSparse ||
                      (storage == CouplingStorage::kAuto && sparse_is_smaller(network));
  if (sparse) {
    field.coupling = sparse_coupling(network);
  } else {
    field.coupling = dense_coupling(network);
  }
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  field.external_mean = Eigen::VectorXd::Zero(n);
  field.external_variance = Eigen::VectorXd::Zero(n);
  for (const ExternalInput& input : network.inputs) {
    add_external(input, network.populations[input.target].neuron.tau_m, field);
  }
  return field;
}

void check(const MeanField& field) {
  const Eigen::Index n = field.size();
  require(static_cast<Eigen::Index>(field.names.size()) == n,
          "names and external_mean differ in size");
  require(static_cast<Eigen::Index>(field.neurons.size()) == n,
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
}

}  // namespace nuphi
