#include <nuphi/core/colored_noise.h>
#include <nuphi/rates/sensitivity.h>

#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>
#include <variant>

#include <nuphi/solver/linear_solver.h>
#include "input_derivative.h"
#include "rate_problem.h"

namespace nuphi {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// ∂/∂σ² where the noise is zero: of T = t_ref + τ_m ln((μ−V_r)/(μ−V_th)) + (τ_m σ²/4)[(μ−V_r)⁻² −
/// (μ−V_th)⁻²] + …, the divergence theorem's next term of the Siegert integral. With colour the
/// rate falls like −c σ: the slope is infinite.
double noiseless_variance_gain(double mu, double rate, const LifParameters& p, Correction c) {
  if (mu < p.V_th) return 0;
  if (mu == p.V_th) return kNaN;
  const double reset = 1 / (mu - p.V_reset);
  const double threshold = 1 / (mu - p.V_th);
  if (p.tau_syn > 0 && c == Correction::kAdiabatic) {
    // ν₀″ s²/2 with s² = σ² τ_m/(2 τ_syn).
    const double slope = p.tau_m * (reset - threshold);
    const double bend = p.tau_m * (threshold * threshold - reset * reset);
    return rate * (2 * rate * slope * slope - bend) * p.tau_m / (4 * p.tau_syn);  // of ln ν
  }
  if (p.tau_syn > 0 &&
      (c == Correction::kExact || c == Correction::kUniform)) {  // ln ν is linear in σ² there
    const double sigma = 1e-3 * (mu - p.V_th);
    return siegert(mu, sigma, p, c).dlog_rate_dsigma / (2 * sigma);
  }
  if (p.tau_syn > 0 && c != Correction::kNone) return -std::numeric_limits<double>::infinity();
  return -rate * p.tau_m / 4 * (reset * reset - threshold * threshold);  // of ln ν
}

/// What an entry of a network does to the one population it belongs to.
struct EntryEffect {
  int population = 0;
  NodeInput sums;  ///< ∂s/∂p
  LifPartials neuron;
};

/// Partials of one population, of ν or of ln ν.
struct Partials {
  NodeGain at_fixed_weight;
  SumPartials sums;

  [[nodiscard]] double change(const NodeInput& d) const {
    return times(sums.mean, d.mean) + times(sums.variance, d.variance) +
           times(sums.filtered, d.filtered);
  }
  [[nodiscard]] double change(const EntryEffect& e) const {
    return change(e.sums) + nuphi::change(at_fixed_weight.neuron, e.neuron);
  }
};

/// τ_m K J x and τ_m K J² (1 + w²) x, differentiated in K, J, x or w.
struct Synapses {
  double indegree, weight, weight_cv, rate;

  [[nodiscard]] double spread() const { return 1 + weight_cv * weight_cv; }
  [[nodiscard]] double mean() const { return indegree * weight * rate; }
  [[nodiscard]] double variance() const { return mean() * weight * spread(); }

  [[nodiscard]] std::pair<double, double> in_indegree() const {
    return {weight * rate, weight * weight * spread() * rate};
  }
  [[nodiscard]] std::pair<double, double> in_weight() const {
    return {indegree * rate, 2 * indegree * weight * spread() * rate};
  }
  [[nodiscard]] std::pair<double, double> in_weight_cv() const {
    return {0, 2 * indegree * weight * weight * weight_cv * rate};
  }
  [[nodiscard]] std::pair<double, double> in_rate() const {
    return {indegree * weight, indegree * weight * weight * spread()};
  }
};

std::pair<double, double> synaptic(const Network& network, const NetworkEntry& entry,
                                   const Eigen::VectorXd& rates) {
  switch (entry.kind) {
    case EntryKind::kIndegree:
    case EntryKind::kWeight:
    case EntryKind::kWeightCv: {
      const Projection& p = network.projections.at(entry.index);
      const Synapses synapses{p.indegree, p.weight, p.weight_cv, rates[p.source]};
      if (entry.kind == EntryKind::kIndegree) return synapses.in_indegree();
      return entry.kind == EntryKind::kWeight ? synapses.in_weight() : synapses.in_weight_cv();
    }
    default:
      break;
  }
  const auto& p = std::get<PoissonInput>(network.inputs.at(entry.index).source);
  const Synapses synapses{p.indegree, p.weight, p.weight_cv, p.rate};
  switch (entry.kind) {
    case EntryKind::kInputIndegree:
      return synapses.in_indegree();
    case EntryKind::kInputWeight:
      return synapses.in_weight();
    case EntryKind::kInputWeightCv:
      return synapses.in_weight_cv();
    default:
      return synapses.in_rate();
  }
}

bool is_of_projection(EntryKind kind) { return kind <= EntryKind::kDelay; }

double variance_of(const ExternalInput& input, double tau_m) {
  if (const auto* p = std::get_if<PoissonInput>(&input.source)) {
    return tau_m * Synapses{p->indegree, p->weight, p->weight_cv, p->rate}.variance();
  }
  const auto* noise = std::get_if<NoiseInput>(&input.source);
  return noise != nullptr ? noise->sigma * noise->sigma : 0;
}

/// σ² of one population that passes synapses of the time constant an entry stands for.
double variance_through(const Network& network, const NetworkEntry& entry,
                        const Eigen::VectorXd& rates) {
  const int population = entry_population(network, entry);
  const double tau_m = network.populations[population].neuron.tau_m;
  if (entry.kind == EntryKind::kInputTauSyn) {
    return variance_of(network.inputs.at(entry.index), tau_m);
  }
  const auto belongs = [&](bool inhibitory) {
    return entry.kind == EntryKind::kTauSyn || inhibitory == (entry.kind == EntryKind::kTauSynIn);
  };
  double variance = 0;
  for (const Projection& p : network.projections) {
    if (p.target != population || !belongs(p.weight < 0)) continue;
    const Synapses synapses{p.indegree, p.weight, p.weight_cv, rates[p.source]};
    variance += tau_m * synapses.variance();
  }
  for (const ExternalInput& input : network.inputs) {
    if (input.target != population || own_tau_syn(input)) continue;
    const auto* poisson = std::get_if<PoissonInput>(&input.source);
    if (!belongs(poisson != nullptr && poisson->weight < 0)) continue;
    variance += variance_of(input, tau_m);
  }
  return variance;
}

/// dg/dτ.
double weight_slope(double tau_syn, Correction correction) {
  if (correction == Correction::kAdiabatic) return -1 / (tau_syn * tau_syn);
  return 0.5 / std::sqrt(tau_syn);
}

}  // namespace

constexpr double kKrylovTolerance = 1e-13;

struct Sensitivity::Impl {
  MeanField field;
  Eigen::VectorXd rates;
  RateProblem problem;
  std::unique_ptr<LinearSolver> solver;
  bool singular = false;
  std::vector<Partials> of_rate;
  std::vector<Partials> of_log_rate;

  Impl(const MeanField& mean_field, const Eigen::VectorXd& at)
      : field(mean_field), rates(at), problem(field) {
    Eigen::VectorXd value(rates.size());
    problem.evaluate(rates, value);
    solver = make_linear_solver(problem, kKrylovTolerance);
    singular = !solver->update(problem) || !solver->factorize(1);
    for (Eigen::Index i = 0; i < rates.size(); ++i) add_partials(i);
  }

  [[nodiscard]] Eigen::Index size() const { return field.size(); }

  void add_partials(Eigen::Index i) {
    const NodeFunction& node = field.nodes[static_cast<std::size_t>(i)];
    const NodeInput input = problem.input(i);
    RatePartials partials = problem.partials(i);
    LifParameterGradient gradient;
    if (const LifTransfer* lif = as_lif(node)) {
      const double mu = problem.mean_input()[i], sigma = problem.std_input()[i];
      const LifParameters& neuron = problem.neurons()[static_cast<std::size_t>(i)];
      gradient = lif_parameter_gradient(mu, sigma, neuron, lif->correction);
      if (!(sigma > 0)) {
        const double rate = problem.response()[static_cast<std::size_t>(i)].rate;
        partials.log_rate.variance = noiseless_variance_gain(mu, rate, neuron, lif->correction);
        partials.rate.variance = times(partials.log_rate.variance, rate);
      }
    }
    const auto add = [&](std::vector<Partials>& to, const NodePartials& p, const LifPartials& q) {
      to.push_back({{p, q}, sum_partials(node, p, input)});
    };
    add(of_rate, partials.rate, gradient.drate);
    add(of_log_rate, partials.log_rate, gradient.dlog_rate);
  }

  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const {
    Eigen::VectorXd solution(rhs.size());
    solver->solve(rhs, solution);
    return solution;
  }

  /// dln ν from dν: the inputs' response, without the explicit part.
  [[nodiscard]] Eigen::VectorXd log_response(const Eigen::VectorXd& drates) const {
    const Eigen::MatrixXd& slopes = problem.gains().sources;
    Eigen::MatrixXd sources = drates;
    if (slopes.size() > 0) sources = drates.asDiagonal() * slopes;
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(size(), field.sums());
    CouplingProduct(field.coupling).add(sources, sums);
    Eigen::VectorXd result(size());
    for (Eigen::Index i = 0; i < size(); ++i) {
      result[i] = of_log_rate[static_cast<std::size_t>(i)].change(MeanField::input(sums, i));
    }
    return result;
  }

  void require_sizes(const InputDerivative& p) const {
    const auto fits = [this](Eigen::Index n) { return n == 0 || n == size(); };
    if (p.mean.size() != size() || p.variance.size() != size() || !fits(p.weight.size()) ||
        !fits(static_cast<Eigen::Index>(p.neurons.size())) || !fits(p.other.size()))
      throw std::invalid_argument("Sensitivity: the parameter's derivatives have the wrong size");
  }

  [[nodiscard]] Eigen::VectorXd direct(const InputDerivative& p) const {
    require_sizes(p);
    Eigen::VectorXd result(size());
    for (Eigen::Index i = 0; i < size(); ++i) {
      result[i] = of_rate[static_cast<std::size_t>(i)].at_fixed_weight.change(p, i);
      if (p.other.size() > 0) result[i] += p.other[i];
    }
    return result;
  }
  [[nodiscard]] Eigen::VectorXd direct_log(const InputDerivative& p) const {
    require_sizes(p);
    Eigen::VectorXd result(size());
    for (Eigen::Index i = 0; i < size(); ++i) {
      const auto k = static_cast<std::size_t>(i);
      result[i] = of_log_rate[k].at_fixed_weight.change(p, i);
      if (p.other.size() > 0) result[i] += times(1 / problem.response()[k].rate, p.other[i]);
    }
    return result;
  }

  [[nodiscard]] EntryEffect effect(const Network& network, const NetworkEntry& entry) const {
    EntryEffect e;
    const int i = e.population = entry_population(network, entry);
    const double tau_m = network.populations.at(i).neuron.tau_m;
    switch (entry.kind) {
      case EntryKind::kDelay:
        break;
      case EntryKind::kTauM:
        e.sums = per_tau_m(network, i, tau_m);
        e.neuron.tau_m = 1;
        break;
      case EntryKind::kTRef:
        e.neuron.t_ref = 1;
        break;
      case EntryKind::kVTh:
        e.neuron.V_th = 1;
        break;
      case EntryKind::kVReset:
        e.neuron.V_reset = 1;
        break;
      case EntryKind::kTauSyn:
      case EntryKind::kTauSynEx:
      case EntryKind::kTauSynIn:
      case EntryKind::kInputTauSyn:
        tau_syn_effect(network, entry, e);
        break;
      case EntryKind::kDcDrive:
      case EntryKind::kNoiseMean:
        e.sums.mean = 1;
        break;
      case EntryKind::kNoiseSigma:
        e.sums.variance = 2 * entry_value(network, entry);
        e.sums.filtered = e.sums.variance * weight_of(network, entry);
        break;
      default:
        std::tie(e.sums.mean, e.sums.variance) = synaptic(network, entry, rates);
        e.sums.mean *= tau_m;
        e.sums.variance *= tau_m;
        e.sums.filtered = e.sums.variance * weight_of(network, entry);
    }
    return e;
  }

  [[nodiscard]] bool has_several_tau_syn(int i) const {
    return takes_filtered(field.nodes[static_cast<std::size_t>(i)]);
  }

  /// g(τ) of the synapses of a projection or an input; 0 where one time constant serves all.
  [[nodiscard]] double weight_of(const Network& network, const NetworkEntry& entry) const {
    const int i = entry_population(network, entry);
    if (!has_several_tau_syn(i)) return 0;
    const double tau_syn = is_of_projection(entry.kind)
                               ? synaptic_time(network, network.projections.at(entry.index))
                               : synaptic_time(network, network.inputs.at(entry.index)).value_or(0);
    return filter_weight(tau_syn, field.lif(i).correction);
  }

  /// What reaches a population through synapses, over τ_m: the part of its sums that moves with
  /// τ_m.
  [[nodiscard]] NodeInput per_tau_m(const Network& network, int i, double tau_m) const {
    NodeInput sums = problem.input(i);
    for (const ExternalInput& input : network.inputs) {
      if (input.target != i) continue;
      if (const auto* dc = std::get_if<DcInput>(&input.source)) {
        sums.mean -= dc->drive;
      } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
        const double variance = noise->sigma * noise->sigma;
        sums.mean -= noise->mean;
        sums.variance -= variance;
        if (!has_several_tau_syn(i)) continue;
        const double tau_syn = synaptic_time(network, input).value_or(0);
        sums.filtered -= variance * filter_weight(tau_syn, field.lif(i).correction);
      }
    }
    return {sums.mean / tau_m, sums.variance / tau_m, sums.filtered / tau_m};
  }

  /// A time constant acts by its share of σ².
  void tau_syn_effect(const Network& network, const NetworkEntry& entry, EntryEffect& e) const {
    const double variance = variance_through(network, entry, rates);
    if (has_several_tau_syn(e.population)) {
      const double slope =
          weight_slope(entry_value(network, entry), field.lif(e.population).correction);
      e.sums.filtered = times(slope, variance);
      return;
    }
    const double sigma = problem.std_input()[e.population];
    e.neuron.tau_syn = sigma > 0 ? variance / (sigma * sigma) : 1;
  }
};

Sensitivity::Sensitivity(const MeanField& field, const Eigen::VectorXd& rates) {
  if (rates.size() != field.size())
    throw std::invalid_argument("Sensitivity: the rates and the field differ in size");
  impl_ = std::make_unique<Impl>(field, rates);
}
Sensitivity::Sensitivity(Sensitivity&&) noexcept = default;
Sensitivity& Sensitivity::operator=(Sensitivity&&) noexcept = default;
Sensitivity::~Sensitivity() = default;

bool Sensitivity::singular() const { return impl_->singular; }

Eigen::VectorXd Sensitivity::direct(const InputDerivative& parameter) const {
  return impl_->direct(parameter);
}

RateDerivative Sensitivity::forward(const InputDerivative& parameter) const {
  RateDerivative d;
  d.rates = impl_->solve(direct(parameter));
  d.log_rates = impl_->log_response(d.rates) + impl_->direct_log(parameter);
  return d;
}

Eigen::VectorXd Sensitivity::adjoint(const Eigen::VectorXd& gradient) const {
  if (gradient.size() != impl_->size())
    throw std::invalid_argument("Sensitivity: the gradient has the wrong size");
  Eigen::VectorXd multiplier(gradient.size());
  impl_->solver->solve_transposed(gradient, multiplier);
  return multiplier;
}

double Sensitivity::direct(const Network& network, const NetworkEntry& entry) const {
  const EntryEffect effect = impl_->effect(network, entry);
  return impl_->of_rate[effect.population].change(effect);
}

std::vector<RateDerivative> Sensitivity::forward(const Network& network,
                                                 const std::vector<NetworkEntry>& entries) const {
  // An entry acts on one population, so its derivative is a multiple of one column of (1 − Φ_ν)⁻¹.
  std::map<int, RateDerivative> columns;
  const auto column = [&](int population) -> const RateDerivative& {
    auto [it, is_new] = columns.try_emplace(population);
    if (is_new) {
      it->second.rates = impl_->solve(Eigen::VectorXd::Unit(impl_->size(), population));
      it->second.log_rates = impl_->log_response(it->second.rates);
    }
    return it->second;
  };
  std::vector<RateDerivative> result;
  result.reserve(entries.size());
  for (const NetworkEntry& entry : entries) {
    const EntryEffect effect = impl_->effect(network, entry);
    const double size = impl_->of_rate[effect.population].change(effect);
    const RateDerivative& unit = column(effect.population);
    result.push_back({unit.rates * size, unit.log_rates * size});
    result.back().log_rates[effect.population] +=
        impl_->of_log_rate[effect.population].change(effect);
  }
  return result;
}

Eigen::VectorXd Sensitivity::gradient(const Network& network,
                                      const std::vector<NetworkEntry>& entries,
                                      const Eigen::VectorXd& dq_drates) const {
  const Eigen::VectorXd multiplier = adjoint(dq_drates);
  Eigen::VectorXd result(static_cast<Eigen::Index>(entries.size()));
  for (Eigen::Index k = 0; k < result.size(); ++k) {
    const EntryEffect effect = impl_->effect(network, entries[k]);
    result[k] = multiplier[effect.population] * impl_->of_rate[effect.population].change(effect);
  }
  return result;
}

namespace {

// An elasticity of 0 parameter is 0 even where the derivative is not finite.
Eigen::VectorXd elasticity(double value, const Eigen::VectorXd& log_rates) {
  if (value == 0) return Eigen::VectorXd::Zero(log_rates.size());
  return value * log_rates;
}

}  // namespace

std::vector<ParameterSensitivity> parameter_sensitivities(const ModelFile& file,
                                                          const Overrides& fixed,
                                                          std::vector<std::string> names,
                                                          const Eigen::VectorXd& rates) {
  const Model model = file.resolve(fixed);
  if (names.empty()) {
    for (const Parameter& p : model.parameters) names.push_back(p.name);
  }
  const Sensitivity sensitivity(mean_field(model.network), rates);
  std::vector<ParameterSensitivity> result;
  for (const std::string& name : names) {
    const ModelFamily family = model_family(file, fixed, {name});
    const ModelFamily::Parameter& p = family.parameters.front();
    const RateDerivative d =
        sensitivity.forward(input_derivative(family, family.values(), 0, rates));
    result.push_back({p.name, p.unit, p.value, d.rates, elasticity(p.value, d.log_rates)});
  }
  return result;
}

std::vector<ParameterSensitivity> entry_sensitivities(const Network& network,
                                                      const Eigen::VectorXd& rates,
                                                      std::vector<NetworkEntry> entries) {
  if (entries.empty()) entries = network_entries(network);
  const Sensitivity sensitivity(mean_field(network), rates);
  const std::vector<RateDerivative> derivatives = sensitivity.forward(network, entries);
  const std::vector<std::string> names = entry_names(network, entries);
  std::vector<ParameterSensitivity> result;
  result.reserve(entries.size());
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const double value = entry_value(network, entries[k]);
    result.push_back({names[k], std::string(entry_unit(entries[k].kind)), value,
                      derivatives[k].rates, elasticity(value, derivatives[k].log_rates)});
  }
  return result;
}

}  // namespace nuphi
