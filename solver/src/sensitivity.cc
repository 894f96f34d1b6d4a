#include <nuphi/core/colored_noise.h>
#include <nuphi/solver/sensitivity.h>

#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>
#include <variant>

#include "linear_solver.h"
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

/// 0 · ∞ is 0 here: a parameter that does not move an input does not care how steep the rate is in
/// it.
double times(double gain, double change) { return change == 0 ? 0 : gain * change; }

double combined(const LifPartials& gain, const LifPartials& change) {
  return times(gain.tau_m, change.tau_m) + times(gain.t_ref, change.t_ref) +
         times(gain.V_th, change.V_th) + times(gain.V_reset, change.V_reset) +
         times(gain.tau_syn, change.tau_syn);
}

/// Gains of one population at the state: of ν, and of ln ν.
struct Gain {
  double mean = 0;
  double variance = 0;
  LifPartials neuron;
  double filter = 0;
};
double apply(const Gain& gain, double mean, double variance, double filter,
             const LifPartials& neuron) {
  return times(gain.mean, mean) + times(gain.variance, variance) + times(gain.filter, filter) +
         combined(gain.neuron, neuron);
}

/// What an entry of a network does to the one population it belongs to.
struct EntryEffect {
  int population = 0;
  double mean = 0;
  double variance = 0;
  double filter = 0;
  LifPartials neuron;
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

bool is_of_projection(EntryKind kind) { return kind <= EntryKind::kWeightCv; }

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

/// What reaches a population through synapses, over τ_m: the part of μ and σ² that moves with τ_m.
std::pair<double, double> per_tau_m(const Network& network, int population, double mean,
                                    double variance, double tau_m) {
  for (const ExternalInput& input : network.inputs) {
    if (input.target != population) continue;
    if (const auto* dc = std::get_if<DcInput>(&input.source)) {
      mean -= dc->drive;
    } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
      mean -= noise->mean;
      variance -= noise->sigma * noise->sigma;
    }
  }
  return {mean / tau_m, variance / tau_m};
}

}  // namespace

constexpr double kKrylovTolerance = 1e-13;

struct Sensitivity::Impl {
  MeanField field;
  Eigen::VectorXd rates;
  RateProblem problem;
  std::unique_ptr<LinearSolver> solver;
  bool singular = false;
  std::vector<Gain> rate_gain;
  std::vector<Gain> log_gain;
  Eigen::VectorXd filtered;  // q, of a field with filters

  Impl(const MeanField& mean_field, const Eigen::VectorXd& at)
      : field(mean_field), rates(at), problem(field) {
    Eigen::VectorXd value(rates.size());
    problem.evaluate(rates, value);
    solver = make_linear_solver(problem, kKrylovTolerance);
    singular = !solver->update(problem) || !solver->factorize(1);
    if (field.filters) filtered = filter_input(field, rates);
    for (Eigen::Index i = 0; i < rates.size(); ++i) add_gain(i);
  }

  [[nodiscard]] Eigen::Index size() const { return field.size(); }

  void add_gain(Eigen::Index i) {
    const double mu = problem.mean_input()[i];
    const double sigma = problem.std_input()[i];
    const SiegertRate& r = problem.response()[i];
    const LifParameters& neuron = problem.neurons()[i];
    const LifParameterGradient g = lif_parameter_gradient(mu, sigma, neuron, field.correction);
    if (sigma > 0) {
      rate_gain.push_back({r.drate_dmu, r.drate_dsigma / (2 * sigma), g.drate});
      log_gain.push_back({r.dlog_rate_dmu, r.dlog_rate_dsigma / (2 * sigma), g.dlog_rate});
      if (has_effective_filter(field.correction)) add_filter_gain(i);
      return;
    }
    const double log_variance = noiseless_variance_gain(mu, r.rate, neuron, field.correction);
    rate_gain.push_back({r.drate_dmu, times(log_variance, r.rate), g.drate});
    log_gain.push_back({r.dlog_rate_dmu, log_variance, g.dlog_rate});
  }

  /// Φ(μ, σ², g) with g = q/σ²: what moves q by more than g times σ² moves g.
  void add_filter_gain(Eigen::Index i) {
    if (field.is_mixed(i) && filtered[i] < 0) return;  // held at 0
    const double sigma = problem.std_input()[i];
    const FilterWeightGain gain =
        filter_weight_gain(problem.mean_input()[i], sigma, problem.response()[i],
                           problem.neurons()[i], field.correction);
    rate_gain.back().filter = gain.drate / (sigma * sigma);
    log_gain.back().filter = gain.dlog_rate / (sigma * sigma);
  }

  /// g(τ) that acts on a neuron of several time constants; 0 for the others.
  [[nodiscard]] double weight(Eigen::Index i) const {
    return field.is_mixed(i) ? filter_weight(problem.neurons()[i].tau_syn, field.correction) : 0;
  }

  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const {
    Eigen::VectorXd solution(rhs.size());
    solver->solve(rhs, solution);
    return solution;
  }

  /// dln ν from dν: the inputs' response, without the explicit part.
  [[nodiscard]] Eigen::VectorXd log_response(const Eigen::VectorXd& drates) const {
    Eigen::VectorXd result(size());
    const CouplingProduct input = product(field.coupling, drates);
    Eigen::VectorXd dfiltered = Eigen::VectorXd::Zero(size());
    if (field.filters) dfiltered = filter_input(field, drates) - field.filters->external;
    for (Eigen::Index i = 0; i < size(); ++i)
      result[i] = apply(log_gain[i], input.mean[i], input.variance[i],
                        dfiltered[i] - weight(i) * input.variance[i], {});
    return result;
  }

  [[nodiscard]] Eigen::VectorXd explicit_part(const std::vector<Gain>& gain,
                                              const InputDerivative& p) const {
    if (p.mean.size() != size() || p.variance.size() != size() ||
        (p.filter.size() != 0 && p.filter.size() != size()) ||
        (!p.neurons.empty() && static_cast<Eigen::Index>(p.neurons.size()) != size()))
      throw std::invalid_argument("Sensitivity: the parameter's derivatives have the wrong size");
    Eigen::VectorXd result(size());
    for (Eigen::Index i = 0; i < size(); ++i) {
      const LifPartials neuron = p.neurons.empty() ? LifPartials{} : p.neurons[i];
      const double filter = p.filter.size() == 0 ? 0 : p.filter[i];
      result[i] = apply(gain[i], p.mean[i], p.variance[i], filter, neuron);
    }
    return result;
  }

  [[nodiscard]] EntryEffect effect(const Network& network, const NetworkEntry& entry) const {
    EntryEffect e;
    e.population = entry_population(network, entry);
    const double tau_m = network.populations.at(e.population).neuron.tau_m;
    switch (entry.kind) {
      case EntryKind::kTauM:
        std::tie(e.mean, e.variance) =
            per_tau_m(network, e.population, problem.mean_input()[e.population],
                      problem.std_input()[e.population] * problem.std_input()[e.population], tau_m);
        e.neuron.tau_m = 1;
        if (field.is_mixed(e.population))
          e.filter =
              filter_per_tau_m(network, e.population, tau_m) - weight(e.population) * e.variance;
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
        e.mean = 1;
        break;
      case EntryKind::kNoiseSigma:
        e.variance = 2 * entry_value(network, entry);
        e.filter = e.variance * excess_of(network, entry);
        break;
      default:
        std::tie(e.mean, e.variance) = synaptic(network, entry, rates);
        e.mean *= tau_m;
        e.variance *= tau_m;
        e.filter = e.variance * excess_of(network, entry);
    }
    return e;
  }

  /// g(τ) of the synapses of a projection or an input, beyond that of their neuron; 0 where one
  /// time constant serves all.
  [[nodiscard]] double excess_of(const Network& network, const NetworkEntry& entry) const {
    const int i = entry_population(network, entry);
    if (!field.is_mixed(i)) return 0;
    const double tau_syn = is_of_projection(entry.kind)
                               ? synaptic_time(network, network.projections.at(entry.index))
                               : synaptic_time(network, network.inputs.at(entry.index)).value_or(0);
    return filter_weight(tau_syn, field.correction) - weight(i);
  }
  /// dg/dτ.
  [[nodiscard]] double weight_slope(double tau_syn) const {
    if (field.correction == Correction::kAdiabatic) return -1 / (tau_syn * tau_syn);
    return 0.5 / std::sqrt(tau_syn);
  }

  /// q over τ_m, without what does not move with τ_m.
  [[nodiscard]] double filter_per_tau_m(const Network& network, int population,
                                        double tau_m) const {
    double q = filter_input(field, rates)[population];
    for (const ExternalInput& input : network.inputs) {
      const auto* noise = std::get_if<NoiseInput>(&input.source);
      if (input.target != population || noise == nullptr) continue;
      q -= noise->sigma * noise->sigma *
           filter_weight(synaptic_time(network, input).value_or(0), field.correction);
    }
    return q / tau_m;
  }

  /// A time constant acts by its share of σ².
  void tau_syn_effect(const Network& network, const NetworkEntry& entry, EntryEffect& e) const {
    const double variance = variance_through(network, entry, rates);
    if (field.is_mixed(e.population)) {
      e.filter = times(weight_slope(entry_value(network, entry)), variance);
      return;
    }
    const double sigma = problem.std_input()[e.population];
    e.neuron.tau_syn = sigma > 0 ? variance / (sigma * sigma) : 1;
  }
  [[nodiscard]] double direct(const std::vector<Gain>& gain, const EntryEffect& e) const {
    return apply(gain[e.population], e.mean, e.variance, e.filter, e.neuron);
  }
};

Sensitivity::Sensitivity(const MeanField& field, const Eigen::VectorXd& rates) {
  require_lif(field, "sensitivities are");
  if (rates.size() != field.size())
    throw std::invalid_argument("Sensitivity: the rates and the field differ in size");
  impl_ = std::make_unique<Impl>(field, rates);
}
Sensitivity::Sensitivity(Sensitivity&&) noexcept = default;
Sensitivity& Sensitivity::operator=(Sensitivity&&) noexcept = default;
Sensitivity::~Sensitivity() = default;

bool Sensitivity::singular() const { return impl_->singular; }

Eigen::VectorXd Sensitivity::direct(const InputDerivative& parameter) const {
  return impl_->explicit_part(impl_->rate_gain, parameter);
}

RateDerivative Sensitivity::forward(const InputDerivative& parameter) const {
  RateDerivative d;
  d.rates = impl_->solve(direct(parameter));
  d.log_rates = impl_->log_response(d.rates) + impl_->explicit_part(impl_->log_gain, parameter);
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
  return impl_->direct(impl_->rate_gain, impl_->effect(network, entry));
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
    const double size = impl_->direct(impl_->rate_gain, effect);
    const RateDerivative& unit = column(effect.population);
    result.push_back({unit.rates * size, unit.log_rates * size});
    result.back().log_rates[effect.population] += impl_->direct(impl_->log_gain, effect);
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
    result[k] = multiplier[effect.population] * impl_->direct(impl_->rate_gain, effect);
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
    const FieldFamily family = field_family(file, fixed, {name});
    const FieldFamily::Parameter& p = family.parameters.front();
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
