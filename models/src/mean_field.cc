#include <nuphi/core/colored_noise.h>
#include <nuphi/models/mean_field.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
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

NodeFunction node_function(const Neuron& neuron, const SynapticTimes& times, Correction correction,
                           bool several_tau_syn) {
  if (neuron.model == NeuronModel::kPowerLaw) return neuron.power_law;
  return LifTransfer{lif_parameters(neuron, times), correction, several_tau_syn};
}

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
void set_sparse_matrix(const Network& network, const PairValue& value, SparseRows& matrix) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(network.projections.size());
  for (const Projection& p : network.projections) {
    entries.emplace_back(p.target, p.source, value(p));
  }
  matrix.resize(n, n);
  matrix.setFromTriplets(entries.begin(), entries.end());
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

/// L_k of the values that a projection has for each of them.
Coupling coupling_of(const Network& network, const std::vector<PairValue>& values, bool sparse) {
  if (sparse) {
    std::vector<SparseRows> matrices(values.size());  // in place: they cannot be moved
    for (std::size_t k = 0; k < values.size(); ++k) {
      set_sparse_matrix(network, values[k], matrices[k]);
    }
    return Coupling::sparse(std::move(matrices));
  }
  std::vector<Eigen::MatrixXd> matrices;
  matrices.reserve(values.size());
  for (const PairValue& value : values) matrices.push_back(dense_matrix(network, value));
  return Coupling::dense(std::move(matrices));
}

/// The neurons whose synapses differ in τ_syn, where the correction minds; empty where none do.
std::vector<bool> several_tau_syn(Correction correction, const std::vector<SynapticTimes>& times) {
  const auto differ = [](const SynapticTimes& t) { return t.differ(); };
  if (!has_effective_filter(correction) || std::none_of(times.begin(), times.end(), differ)) {
    return {};
  }
  std::vector<bool> several(times.size());
  std::transform(times.begin(), times.end(), several.begin(), differ);
  return several;
}

void add_external(const Network& network, const std::vector<bool>& several, Correction correction,
                  Eigen::MatrixXd& external) {
  for (const ExternalInput& input : network.inputs) {
    const Entry entry = entry_of(input, network.populations[input.target].neuron.tau_m);
    external(input.target, MeanField::kMean) += entry.mean;
    external(input.target, MeanField::kVariance) += entry.variance;
    if (several.empty() || !several[input.target]) continue;
    const std::optional<double> tau_syn = synaptic_time(network, input);
    if (!tau_syn) continue;
    external(input.target, MeanField::kFiltered) +=
        entry.variance * filter_weight(*tau_syn, correction);
  }
}

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("MeanField: ") + what);
}

void check_sources(const MeanField& field) {
  require(field.variance_sources.empty() ||
              static_cast<Eigen::Index>(field.variance_sources.size()) == field.size(),
          "variance_sources and external differ in size");
  require(field.variance_sources.empty() || field.coupling.kernels() == nullptr,
          "binary units need the matrices of the coupling (Coupling::with_matrices())");
}

void check_neuron(const LifParameters& p) {
  require(std::isfinite(p.tau_m) && p.tau_m > 0, "tau_m is not positive");
  require(std::isfinite(p.t_ref) && p.t_ref >= 0, "t_ref is negative or not finite");
  require(std::isfinite(p.tau_syn) && p.tau_syn >= 0, "tau_syn is negative or not finite");
  require(std::isfinite(p.V_th) && std::isfinite(p.V_reset) && p.V_reset < p.V_th,
          "V_reset is not below V_th");
}

}  // namespace

SourceValue source_value(SourceFunction function, double rate) {
  if (function == SourceFunction::kRate) return {rate, 1};
  return {rate * (1 - rate), 1 - 2 * rate};
}

const LifTransfer& MeanField::lif(Eigen::Index i) const {
  if (const LifTransfer* lif = as_lif(nodes.at(static_cast<std::size_t>(i)))) return *lif;
  throw std::invalid_argument("population " + names.at(static_cast<std::size_t>(i)) +
                              " is no LIF neuron");
}
LifTransfer& MeanField::lif(Eigen::Index i) {
  return const_cast<LifTransfer&>(std::as_const(*this).lif(i));
}

MeanField mean_field(const Network& network, CouplingStorage storage) {
  std::vector<Diagnostic> faults = validate(network);
  if (!faults.empty()) throw ModelError(std::move(faults));

  MeanField field;
  const Correction correction = effective_correction(network);
  const std::vector<SynapticTimes> times = synaptic_times(network);
  const std::vector<bool> several = several_tau_syn(correction, times);
  const bool filtered = !several.empty();
  field.names.reserve(network.populations.size());
  field.nodes.reserve(network.populations.size());
  for (std::size_t i = 0; i < network.populations.size(); ++i) {
    field.names.push_back(network.populations[i].name);
    field.nodes.push_back(
        node_function(network.populations[i].neuron, times[i], correction, filtered && several[i]));
  }
  const bool sparse = storage == CouplingStorage::kSparse ||
                      (storage == CouplingStorage::kAuto && sparse_is_smaller(network));
  std::vector<PairValue> values{[&](const Projection& p) { return entry_of(network, p).mean; },
                                [&](const Projection& p) { return entry_of(network, p).variance; }};
  if (filtered) {
    values.emplace_back([&](const Projection& p) {
      if (!several[p.target] || p.indegree == 0) return 0.0;
      return entry_of(network, p).variance * filter_weight(synaptic_time(network, p), correction);
    });
  }
  field.coupling = coupling_of(network, values, sparse);
  field.external = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(network.populations.size()),
                                         filtered ? 3 : 2);
  add_external(network, several, correction, field.external);
  return field;
}

Eigen::MatrixXd source_values(const MeanField& field, const Eigen::VectorXd& rates) {
  if (field.variance_sources.empty()) return rates;
  Eigen::MatrixXd values = rates.replicate(1, field.sums());
  for (Eigen::Index j = 0; j < rates.size(); ++j) {
    values(j, MeanField::kVariance) =
        source_value(field.variance_sources[static_cast<std::size_t>(j)], rates[j]).value;
  }
  return values;
}

Eigen::MatrixXd source_slopes(const MeanField& field, const Eigen::VectorXd& rates) {
  if (field.variance_sources.empty()) return {};
  Eigen::MatrixXd slopes = Eigen::MatrixXd::Ones(rates.size(), field.sums());
  for (Eigen::Index j = 0; j < rates.size(); ++j) {
    slopes(j, MeanField::kVariance) =
        source_value(field.variance_sources[static_cast<std::size_t>(j)], rates[j]).slope;
  }
  return slopes;
}

Eigen::MatrixXd sums_at(const MeanField& field, const Eigen::VectorXd& rates) {
  Eigen::MatrixXd sums = field.external;
  CouplingProduct(field.coupling).add(source_values(field, rates), sums);
  return sums;
}

std::vector<LifParameters> effective_neurons(const MeanField& field, const Eigen::VectorXd& rates) {
  const bool several = has_several_tau_syn(field);
  const Eigen::MatrixXd sums = several ? sums_at(field, rates) : field.external;
  std::vector<LifParameters> neurons;
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    neurons.push_back(effective_neuron(field.lif(i), MeanField::input(sums, i)));
  }
  return neurons;
}

Correction correction_of(const MeanField& field) {
  for (const NodeFunction& node : field.nodes) {
    if (const LifTransfer* lif = as_lif(node)) return lif->correction;
  }
  return Correction::kNone;
}

bool all_lif(const MeanField& field) {
  return std::all_of(field.nodes.begin(), field.nodes.end(),
                     [](const NodeFunction& node) { return as_lif(node) != nullptr; });
}

bool has_several_tau_syn(const MeanField& field) {
  return field.sums() > MeanField::kFiltered &&
         std::any_of(field.nodes.begin(), field.nodes.end(), takes_filtered);
}

void require_lif(const MeanField& field, const char* what) {
  for (const NodeFunction& node : field.nodes) {
    if (as_lif(node) != nullptr) continue;
    throw std::invalid_argument(std::string(what) + " for LIF neurons only, not for the transfer " +
                                "function " + std::string(name_of(node)));
  }
}

void require_one_tau_syn(const MeanField& field, const char* what) {
  require_lif(field, what);
  if (!has_several_tau_syn(field)) return;
  throw std::invalid_argument(std::string(what) +
                              " for neurons with one synaptic time constant each only");
}

void check(const MeanField& field) {
  const Eigen::Index n = field.size();
  require(static_cast<Eigen::Index>(field.names.size()) == n, "names and external differ in size");
  require(static_cast<Eigen::Index>(field.nodes.size()) == n, "nodes and external differ in size");
  require(field.sums() >= 2 && field.sums() <= 3, "there must be 2 or 3 sums");
  require(field.coupling.sums() == field.sums(), "coupling and external differ in their sums");
  require(field.external.allFinite(), "an external input is not finite");
  require(n == 0 || field.external.rightCols(field.sums() - 1).minCoeff() >= 0,
          "an external variance is negative");
  for (const NodeFunction& node : field.nodes) {
    const LifTransfer* lif = as_lif(node);
    if (lif == nullptr) continue;
    check_neuron(lif->neuron);
    require(!lif->several_tau_syn || has_effective_filter(lif->correction),
            "the correction knows no effective time constant");
    require(!lif->several_tau_syn || field.sums() > MeanField::kFiltered,
            "a neuron of several time constants needs a third sum");
  }
  field.coupling.check(n);
  check_sources(field);
}

}  // namespace nuphi
