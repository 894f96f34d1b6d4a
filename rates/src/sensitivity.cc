#include <nuphi/models/network_derivative.h>
#include <nuphi/rates/sensitivity.h>

#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

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

/// Partials of one population, of ν or of ln ν.
struct Partials {
  NodeGain at_fixed_weight;
  SumPartials sums;

  [[nodiscard]] double change(const NodeInput& d) const {
    return times(sums.mean, d.mean) + times(sums.variance, d.variance) +
           times(sums.filtered, d.filtered);
  }
  [[nodiscard]] double change(const PopulationDerivative& p) const {
    return change(p.sums) + nuphi::change(at_fixed_weight.neuron, p.neuron);
  }
};

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
  return impl_->of_rate[entry_population(network, entry)].change(
      NetworkDerivative(network, impl_->field, impl_->rates).in(entry));
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
  const NetworkDerivative derivative(network, impl_->field, impl_->rates);
  std::vector<RateDerivative> result;
  result.reserve(entries.size());
  for (const NetworkEntry& entry : entries) {
    const int population = entry_population(network, entry);
    const PopulationDerivative moved = derivative.in(entry);
    const double size = impl_->of_rate[population].change(moved);
    const RateDerivative& unit = column(population);
    result.push_back({unit.rates * size, unit.log_rates * size});
    result.back().log_rates[population] += impl_->of_log_rate[population].change(moved);
  }
  return result;
}

Eigen::VectorXd Sensitivity::gradient(const Network& network,
                                      const std::vector<NetworkEntry>& entries,
                                      const Eigen::VectorXd& dq_drates) const {
  const Eigen::VectorXd multiplier = adjoint(dq_drates);
  const NetworkDerivative derivative(network, impl_->field, impl_->rates);
  Eigen::VectorXd result(static_cast<Eigen::Index>(entries.size()));
  for (Eigen::Index k = 0; k < result.size(); ++k) {
    const int population = entry_population(network, entries[k]);
    result[k] =
        multiplier[population] * impl_->of_rate[population].change(derivative.in(entries[k]));
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
