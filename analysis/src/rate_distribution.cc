#include <nuphi/analysis/rate_distribution.h>
#include <nuphi/core/siegert.h>
#include <nuphi/solver/methods.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "distribution_problem.h"

namespace nuphi {
namespace {

using detail::DistributionProblem;
using detail::GaussHermite;

constexpr double kReach = 12;  // standard deviations: e^{−72} of the neurons lie beyond

void check(const RateDistributionOptions& options) {
  const auto in_range = [](int nodes) { return nodes >= 1 && nodes <= 100; };
  if (!in_range(options.nodes) || !in_range(options.variance_nodes))
    throw std::invalid_argument("rate distribution: the numbers of nodes must lie in [1, 100]");
}

/// Φ of a neuron z₁, z₂ standard deviations from the mean input.
double rate_at(const QuenchedPopulation& p, double z1, double z2) {
  const double rho = p.correlation;
  const double v =
      p.variance + p.variance_sd * (rho * z1 + std::sqrt(std::max(0.0, 1 - rho * rho)) * z2);
  return siegert(p.mean_input + p.mean_input_sd * z1, std::sqrt(std::max(0.0, v)), p.neuron,
                 p.correction)
      .rate;
}

/// z₁ where the rate passes `rate`; ∓∞ where it lies below or above all.
double crossing(const QuenchedPopulation& p, double rate, double z2) {
  double low = -kReach, high = kReach;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!(rate_at(p, low, z2) < rate)) return -kInfinity;
  if (rate_at(p, high, z2) < rate) return kInfinity;
  while (high - low > 1e-13 * kReach) {
    const double middle = 0.5 * (low + high);
    (rate_at(p, middle, z2) < rate ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double cdf(const QuenchedPopulation& p, double rate, const GaussHermite& rule) {
  double share = 0;
  for (std::size_t k = 0; k < rule.nodes.size(); ++k)
    share += rule.weights[k] * normal_cdf(crossing(p, rate, rule.nodes[k]));
  return share;
}

QuenchedPopulation population(const DistributionProblem& problem, const MeanField& field,
                              Eigen::Index i, const Eigen::VectorXd& x) {
  const detail::InputDistribution& in = problem.input(i);
  QuenchedPopulation p;
  p.neuron = field.lif(i).neuron;
  p.correction = correction_of(field);
  const double mean = x[i], rms = x[field.size() + i];
  p.mean_rate = mean;
  p.rate_sd = std::sqrt(std::max(0.0, (rms - mean) * (rms + mean)));
  p.mean_input = in.mu;
  p.mean_input_sd = std::sqrt(std::max(0.0, in.mu_mu));
  p.variance = in.v;
  p.variance_sd = std::sqrt(std::max(0.0, in.v_v));
  const double product = p.mean_input_sd * p.variance_sd;
  p.correlation = product > 0 ? std::clamp(in.mu_v / product, -1.0, 1.0) : 0;
  return p;
}

}  // namespace

RateDistribution solve_rate_distribution(const Network& network,
                                         const RateDistributionOptions& options,
                                         const SolveControl& control) {
  check(options);
  const detail::QuenchedInput input = detail::quenched_input(network);
  require_one_tau_syn(input.field, "rate distributions are known");
  DistributionProblem problem(input, options.nodes, options.variance_nodes);
  const FixedPointOptions solve{.tolerance = options.tolerance,
                                .max_iterations = options.max_iterations};
  FixedPointSolution solution = solve_fixed_point(problem, Eigen::VectorXd::Zero(problem.size()),
                                                  options.method, solve, control);
  Eigen::VectorXd value(problem.size());
  problem.evaluate(solution.x, value);
  RateDistribution result;
  result.summary = std::move(solution.summary);
  for (Eigen::Index i = 0; i < input.field.size(); ++i)
    result.populations.push_back(population(problem, input.field, i, solution.x));
  return result;
}

double rate_cdf(const QuenchedPopulation& p, double rate, int nodes) {
  if (p.mean_input_sd == 0 && p.variance_sd == 0) return rate_at(p, 0, 0) < rate ? 1 : 0;
  return cdf(p, rate, detail::gauss_hermite(nodes));
}

double rate_quantile(const QuenchedPopulation& p, double share, int nodes) {
  if (!(share > 0 && share < 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p.mean_input_sd == 0 && p.variance_sd == 0) return rate_at(p, 0, 0);
  const GaussHermite rule = detail::gauss_hermite(nodes);
  // Along z₁ the rate rises; the share of neurons below rate_at(z, 0) is close to the normal one.
  // Bisection in z keeps small rates as exact as large ones.
  double low = -kReach, high = kReach;
  while (high - low > 1e-12 * kReach) {
    const double middle = 0.5 * (low + high);
    (cdf(p, rate_at(p, middle, 0), rule) < share ? low : high) = middle;
  }
  return rate_at(p, 0.5 * (low + high), 0);
}

}  // namespace nuphi
