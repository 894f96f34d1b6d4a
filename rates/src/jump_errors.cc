#include <nuphi/core/jump_correction.h>
#include <nuphi/core/siegert.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/rates/validity.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <vector>

namespace nuphi {
namespace {

constexpr Eigen::Index kLargestFeedback = 200;
constexpr double kSlowestSynapse = 0.25;  // τ_syn/τ_m; slower ones are no jumps
constexpr double kSameSize = 1.1;         // jumps that differ by less are taken together

/// What reaches one population in jumps.
struct Shots {
  std::vector<PoissonJumps> jumps;
  double tau_syn_variance = 0;  ///< Σ r J² τ_syn
  double variance = 0;          ///< Σ r J²

  /// Normal weights as three sizes that have their first five moments.
  void add(double size, double spread, double rate, double tau_syn) {
    if (!(rate > 0) || size == 0) return;
    variance += rate * size * size;
    tau_syn_variance += rate * size * size * tau_syn;
    if (spread == 0) {
      jumps.push_back({size, rate});
      return;
    }
    const double step = std::sqrt(3) * spread * size;
    jumps.push_back({size, rate * 2 / 3});
    jumps.push_back({size - step, rate / 6});
    jumps.push_back({size + step, rate / 6});
  }
};

/// Jumps of nearly one size as one that has their second and third cumulant.
std::vector<PoissonJumps> merged(std::vector<PoissonJumps> jumps) {
  std::sort(jumps.begin(), jumps.end(),
            [](const PoissonJumps& a, const PoissonJumps& b) { return a.size < b.size; });
  std::vector<PoissonJumps> result;
  for (std::size_t i = 0; i < jumps.size();) {
    double second = 0, third = 0;
    std::size_t k = i;
    for (; k < jumps.size(); ++k) {
      const double ratio = jumps[k].size / jumps[i].size;
      if (!(ratio > 1 / kSameSize && ratio < kSameSize)) break;
      const double square = jumps[k].size * jumps[k].size;
      second += jumps[k].rate * square;
      third += jumps[k].rate * square * jumps[k].size;
    }
    if (k == i) {  // of size 0
      ++i;
      continue;
    }
    const double size = third / second;
    result.push_back({size, second / (size * size)});
    i = k;
  }
  return result;
}

std::vector<Shots> shots_of(const Network& network, const StationaryState& state) {
  std::vector<Shots> shots(network.populations.size());
  for (const Projection& p : network.projections) {
    shots[static_cast<std::size_t>(p.target)].add(
        p.weight, p.weight_cv, p.indegree * state.rates[p.source], synaptic_time(network, p));
  }
  for (const ExternalInput& input : network.inputs) {
    if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
      shots[static_cast<std::size_t>(input.target)].add(poisson->weight, poisson->weight_cv,
                                                        poisson->indegree * poisson->rate,
                                                        synaptic_time(network, input).value_or(0));
    }
  }
  return shots;
}

/// A first order beyond its range, as exact simulations continue it (docs/theory/large_jumps.md).
double extrapolated(double change) {
  return change < 0 ? std::tanh(change) : change + change * change / 4;
}

/// At given inputs, relative.
Eigen::VectorXd single_neuron_errors(const Network& network, const StationaryState& state) {
  const std::vector<Shots> shots = shots_of(network, state);
  Eigen::VectorXd errors = Eigen::VectorXd::Zero(state.rates.size());
  for (Eigen::Index i = 0; i < errors.size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    const Neuron& n = network.populations[index].neuron;
    if (!is_lif(n) || !(state.rates[i] > 0) || !(shots[index].variance > 0)) continue;
    const double tau_syn = shots[index].tau_syn_variance / shots[index].variance;
    if (tau_syn > kSlowestSynapse * n.tau_m) continue;
    const double change =
        jump_correction(state.mean_input[i], state.std_input[i],
                        {n.tau_m, n.t_ref, n.V_th, n.V_reset, tau_syn}, merged(shots[index].jumps));
    if (std::isfinite(change)) errors[i] = extrapolated(change);
  }
  return errors;
}

/// Rates that are consistent with the errors of single neurons, ν = Φ(ν)(1 + δ(ν)), by Newton steps
/// with the Jacobian ∂Φ/∂ν of the state.
class ConsistentRates {
 public:
  ConsistentRates(const Network& network, const StationaryState& state)
      : network_(network),
        field_(mean_field(network, CouplingStorage::kDense)),
        state_(state),
        factors_(Eigen::MatrixXd::Identity(field_.size(), field_.size()) -
                 jacobian(field_, state)) {}

  [[nodiscard]] Eigen::VectorXd first_order(const Eigen::VectorXd& errors) const {
    return state_.rates + factors_.solve(state_.rates.cwiseProduct(errors));
  }

  /// Empty where the steps do not settle.
  [[nodiscard]] std::optional<Eigen::VectorXd> find(const Eigen::VectorXd& errors) const {
    constexpr int kMostSteps = 20;
    constexpr double kSettled = 1e-3;  // relative: enough for an estimate
    Eigen::VectorXd rates = bounded(state_.rates, first_order(errors));
    for (int k = 0; k < kMostSteps; ++k) {
      const StationaryState at = evaluate_state(field_, rates);
      const Eigen::VectorXd factor = (single_neuron_errors(network_, at).array() + 1).matrix();
      const Eigen::VectorXd residual = phi(at).cwiseProduct(factor) - rates;
      const Eigen::VectorXd next = bounded(rates, rates + factors_.solve(residual));
      if (!next.allFinite()) return std::nullopt;
      const double change = ((next - rates).array() / rates.array()).abs().maxCoeff();
      rates = next;
      if (change < kSettled) return rates;
    }
    return std::nullopt;
  }

 private:
  static Eigen::MatrixXd jacobian(const MeanField& field, const StationaryState& state) {
    Gains gains{Eigen::MatrixXd::Zero(field.size(), field.sums()), {}};
    gains.sums.col(MeanField::kMean) = state.drate_dmu;
    gains.sums.col(MeanField::kVariance) =
        (state.std_input.array() > 0)
            .select(state.drate_dsigma.array() / (2 * state.std_input.array()), 0)
            .matrix();
    Eigen::MatrixXd matrix;
    nuphi::jacobian(field.coupling, gains, matrix);
    return matrix;
  }
  /// A step changes no rate by more than a factor of 4.
  static Eigen::VectorXd bounded(const Eigen::VectorXd& rates, const Eigen::VectorXd& next) {
    return next.cwiseMax(rates / 4).cwiseMin(rates * 4);
  }
  [[nodiscard]] Eigen::VectorXd phi(const StationaryState& at) const {
    const Eigen::MatrixXd sums = sums_at(field_, at.rates);
    Eigen::VectorXd rates(field_.size());
    for (Eigen::Index i = 0; i < rates.size(); ++i) {
      const NodeFunction& node = field_.nodes[static_cast<std::size_t>(i)];
      rates[i] = evaluate(node, MeanField::input(sums, i)).rate;
    }
    return rates;
  }

  const Network& network_;
  MeanField field_;
  const StationaryState& state_;
  Eigen::PartialPivLU<Eigen::MatrixXd> factors_;
};

bool has_feedback(const Network& network) {
  return std::any_of(network.projections.begin(), network.projections.end(),
                     [](const Projection& p) { return p.indegree * p.weight != 0; });
}

}  // namespace

Eigen::VectorXd jump_errors(const Network& network, const StationaryState& state) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  if (state.rates.size() != n || state.drate_dmu.size() != n || state.drate_dsigma.size() != n)
    throw std::invalid_argument("jump errors: the state is not one of this network");
  if (network.correction == Correction::kAdiabatic) return Eigen::VectorXd::Zero(n);
  const Eigen::VectorXd single = single_neuron_errors(network, state);
  if (!has_feedback(network) || n > kLargestFeedback || !(state.rates.array() > 0).all())
    return single;
  const ConsistentRates consistent(network, state);
  // From an unstable state steps may lead to another one.
  const bool first_order_will_do = single.cwiseAbs().maxCoeff() < kLargestJumpError ||
                                   !state.rate_dynamics_stable.value_or(false);
  const std::optional<Eigen::VectorXd> found =
      first_order_will_do ? std::nullopt : consistent.find(single);
  const Eigen::VectorXd rates = found ? *found : consistent.first_order(single);
  if (!rates.allFinite()) return single;
  return (rates - state.rates).cwiseQuotient(state.rates);
}

}  // namespace nuphi
