#include <nuphi/core/colored_noise.h>
#include <nuphi/models/network_derivative.h>
#include <nuphi/models/neuron_parameters.h>

#include <cmath>
#include <optional>
#include <utility>
#include <variant>

namespace nuphi {
namespace {

/// 0 · ∞ = 0: what does not move does not care how steep the rest is.
double times(double gain, double change) { return change == 0 ? 0 : gain * change; }

/// K synapses of jump J and relative s.d. w, each active at rate x; or slopes of these numbers.
struct Synapses {
  double indegree = 0, weight = 0, weight_cv = 0, rate = 0;

  [[nodiscard]] double mean() const { return indegree * weight * rate; }
  [[nodiscard]] double spread() const { return 1 + weight_cv * weight_cv; }
  [[nodiscard]] double variance() const { return mean() * weight * spread(); }
  /// As the numbers move by those of d.
  [[nodiscard]] double mean_slope(const Synapses& d) const {
    return d.indegree * weight * rate + indegree * d.weight * rate + indegree * weight * d.rate;
  }
  [[nodiscard]] double variance_slope(const Synapses& d) const {
    return (d.indegree * weight * rate + 2 * indegree * d.weight * rate +
            indegree * weight * d.rate) *
               weight * spread() +
           2 * mean() * weight * weight_cv * d.weight_cv;
  }
};

/// No number moves.
Neuron still() {
  Neuron slope;
  slope.power_law = {.rate = 0, .at = 0, .theta = 0, .exponent = 0, .spread = 0};
  return slope;
}

double slope_of_weight(double tau_syn, Correction correction) {
  if (correction == Correction::kAdiabatic) return -1 / (tau_syn * tau_syn);
  return 0.5 / std::sqrt(tau_syn);
}

/// ∂F/∂p of a power law, F = rate · ⟨([z − θ]₊/at)ⁿ⟩ with z of mean μ and s.d. spread·σ.
double slope_of(const PowerLawTransfer& f, const PowerLawTransfer& d, double mu, double sigma) {
  const TransferRate at = f(mu, sigma);
  double slope = -times(at.drate_dmu, d.theta) - times(f.exponent * at.rate / f.at, d.at);
  if (d.rate != 0) {
    PowerLawTransfer unit = f;
    unit.rate = d.rate;
    slope += unit(mu, sigma).rate;
  }
  // F knows the product spread·σ only.
  if (d.spread != 0 && f.spread > 0) slope += at.drate_dsigma * sigma / f.spread * d.spread;
  if (d.exponent != 0) {
    const auto moved = [&](double h) {
      PowerLawTransfer other = f;
      other.exponent += h;
      return other(mu, sigma).rate;
    };
    const double h = 2e-3 * f.exponent;  // smooth in n: the error goes with h⁶
    const auto central = [&](double step) { return (moved(step) - moved(-step)) / (2 * step); };
    slope += d.exponent * (1.5 * central(h) - 0.6 * central(2 * h) + 0.1 * central(3 * h));
  }
  return slope;
}

Synapses synapses_of(const Projection& p, double rate) {
  return {p.indegree, p.weight, p.weight_cv, rate};
}
Synapses synapses_of(const PoissonInput& p) { return {p.indegree, p.weight, p.weight_cv, p.rate}; }

}  // namespace

/// Gathers what reaches one population.
class NetworkDerivative::Sum {
 public:
  /// @param slope  of the population's neuron
  Sum(const NetworkDerivative& of, int population, Neuron slope)
      : of_(of),
        neuron_(of.network_.populations[static_cast<std::size_t>(population)].neuron),
        slope_(std::move(slope)),
        node_(of.field_.nodes[static_cast<std::size_t>(population)]),
        at_(MeanField::input(of.sums_, population)) {}

  void add(const Projection& p, const Synapses& d) {
    const double tau_syn_slope = p.weight < 0 ? slope_.tau_syn_in : slope_.tau_syn_ex;
    add(synapses_of(p, of_.rates_[p.source]), d, synaptic_time(of_.network_, p), tau_syn_slope);
  }

  /// @param d  the input that holds its slopes
  void add(const ExternalInput& input, const ExternalInput& d) {
    const double time = synaptic_time(of_.network_, input).value_or(0);
    const std::optional<double> own = own_tau_syn(d);
    if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
      const double of_neuron = poisson->weight < 0 ? slope_.tau_syn_in : slope_.tau_syn_ex;
      add(synapses_of(*poisson), synapses_of(std::get<PoissonInput>(d.source)), time,
          poisson->tau_syn ? own.value_or(0) : of_neuron);
    } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
      const auto& slope = std::get<NoiseInput>(d.source);
      result_.sums.mean += slope.mean;
      add_variance(noise->sigma * noise->sigma, 2 * noise->sigma * slope.sigma, time,
                   noise->tau_syn ? own.value_or(0) : slope_.tau_syn_ex);
    } else {
      result_.sums.mean += std::get<DcInput>(d.source).drive;
    }
  }

  /// Once all is added.
  [[nodiscard]] PopulationDerivative end() {
    if (as_lif(node_) == nullptr) {
      if (const auto* unit = std::get_if<PowerLawTransfer>(&node_))
        result_.other = slope_of(*unit, slope_.power_law, at_.mean, std::sqrt(at_.variance));
      return result_;
    }
    result_.neuron.tau_m = slope_.tau_m;
    result_.neuron.t_ref = slope_.t_ref;
    result_.neuron.V_th = slope_.V_th;
    result_.neuron.V_reset = slope_.V_reset;
    if (takes_filtered(node_)) return result_;
    result_.neuron.tau_syn = at_.variance > 0
                                 ? moved_times_ / at_.variance
                                 : (slope_.tau_syn_ex != 0 ? slope_.tau_syn_ex : slope_.tau_syn_in);
    return result_;
  }

 private:
  void add(const Synapses& s, const Synapses& d, double tau_syn, double tau_syn_slope) {
    result_.sums.mean += slope_.tau_m * s.mean() + neuron_.tau_m * s.mean_slope(d);
    add_variance(neuron_.tau_m * s.variance(),
                 slope_.tau_m * s.variance() + neuron_.tau_m * s.variance_slope(d), tau_syn,
                 tau_syn_slope);
  }

  void add_variance(double variance, double slope, double tau_syn, double tau_syn_slope) {
    result_.sums.variance += slope;
    moved_times_ += variance * tau_syn_slope;
    if (!takes_filtered(node_)) return;
    const Correction correction = as_lif(node_)->correction;
    result_.sums.filtered += times(filter_weight(tau_syn, correction), slope);
    if (tau_syn_slope != 0)
      result_.sums.filtered +=
          times(slope_of_weight(tau_syn, correction), variance * tau_syn_slope);
  }

  const NetworkDerivative& of_;
  const Neuron& neuron_;
  Neuron slope_;
  const NodeFunction& node_;
  NodeInput at_;
  double moved_times_ = 0;  // Σ σ_k² ∂τ_k/∂p
  PopulationDerivative result_;
};

NetworkDerivative::NetworkDerivative(const Network& network, const MeanField& field,
                                     const Eigen::VectorXd& rates)
    : network_(network),
      field_(field),
      rates_(rates),
      sums_(sums_at(field, rates)),
      projections_(network.populations.size()),
      inputs_(network.populations.size()) {
  for (std::size_t k = 0; k < network.projections.size(); ++k)
    projections_[static_cast<std::size_t>(network.projections[k].target)].push_back(
        static_cast<int>(k));
  for (std::size_t k = 0; k < network.inputs.size(); ++k)
    inputs_[static_cast<std::size_t>(network.inputs[k].target)].push_back(static_cast<int>(k));
}

namespace {

ExternalInput still(const ExternalInput& input) {
  ExternalInput slope = input;
  if (auto* poisson = std::get_if<PoissonInput>(&slope.source)) {
    *poisson = {.indegree = 0, .tau_syn = poisson->tau_syn};
    if (poisson->tau_syn) poisson->tau_syn = 0;
  } else if (auto* noise = std::get_if<NoiseInput>(&slope.source)) {
    *noise = {.tau_syn = noise->tau_syn};
    if (noise->tau_syn) noise->tau_syn = 0;
  } else {
    slope.source = DcInput{};
  }
  return slope;
}

}  // namespace

PopulationDerivative NetworkDerivative::in(const NetworkEntry& entry) const {
  const int population = entry_population(network_, entry);
  const auto index = static_cast<std::size_t>(entry.index);
  const auto target = static_cast<std::size_t>(population);
  if (entry.kind == EntryKind::kDelay) return {};
  // One population, projection and input whose numbers are slopes: 1 of the entry, 0 of the others.
  Network slope;
  slope.populations.push_back({.neuron = still()});
  slope.projections.emplace_back();
  if (is_of_input(entry.kind)) slope.inputs.push_back(still(network_.inputs[index]));
  set_entry_value(slope, {entry.kind, 0}, 1);
  Sum sum(*this, population, slope.populations.front().neuron);
  if (is_of_input(entry.kind)) {
    sum.add(network_.inputs[index], slope.inputs.front());
  } else if (is_of_projection(entry.kind)) {
    sum.add(network_.projections[index], synapses_of(slope.projections.front(), 0));
  } else {
    for (const int k : projections_[target]) sum.add(network_.projections[k], Synapses{});
    for (const int k : inputs_[target]) sum.add(network_.inputs[k], still(network_.inputs[k]));
  }
  return sum.end();
}

std::vector<PopulationDerivative> NetworkDerivative::along(const Network& slope) const {
  std::vector<PopulationDerivative> result;
  for (std::size_t i = 0; i < network_.populations.size(); ++i) {
    Sum sum(*this, static_cast<int>(i), slope.populations[i].neuron);
    for (const int k : projections_[i])
      sum.add(network_.projections[k], synapses_of(slope.projections[k], 0));
    for (const int k : inputs_[i]) sum.add(network_.inputs[k], slope.inputs[k]);
    result.push_back(sum.end());
  }
  return result;
}

namespace {

/// f(number) of each, in one order for all networks of one build.
template <class Function>
void for_each_number(Network& network, const Function& f) {
  for (Projection& p : network.projections) {
    f(p.indegree);
    f(p.weight);
    f(p.weight_cv);
  }
  for (ExternalInput& input : network.inputs) {
    if (auto* poisson = std::get_if<PoissonInput>(&input.source)) {
      f(poisson->indegree);
      f(poisson->rate);
      f(poisson->weight);
      f(poisson->weight_cv);
      if (poisson->tau_syn) f(*poisson->tau_syn);
    } else if (auto* noise = std::get_if<NoiseInput>(&input.source)) {
      f(noise->mean);
      f(noise->sigma);
      if (noise->tau_syn) f(*noise->tau_syn);
    } else {
      f(std::get<DcInput>(input.source).drive);
    }
  }
  for (Population& p : network.populations) {
    for (const NeuronParameter& parameter : neuron_parameters(p.neuron.model))
      f(parameter.in(p.neuron));
  }
}

}  // namespace

Eigen::VectorXd numbers_of(const Network& network) {
  Network copy = network;
  std::vector<double> numbers;
  for_each_number(copy, [&](const double& number) { numbers.push_back(number); });
  return Eigen::Map<const Eigen::VectorXd>(numbers.data(),
                                           static_cast<Eigen::Index>(numbers.size()));
}

Network with_numbers(Network network, const Eigen::VectorXd& numbers) {
  for (Population& p : network.populations) {
    const NeuronModel model = p.neuron.model;
    p.neuron = still();
    p.neuron.model = model;
  }
  Eigen::Index next = 0;
  for_each_number(network, [&](double& number) { number = numbers[next++]; });
  return network;
}

}  // namespace nuphi
