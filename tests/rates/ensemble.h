#pragma once

#include <nuphi/core/siegert.h>
#include <nuphi/rates/stationary.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

#include "random_networks.h"

namespace nuphi::test {

/// How one network of the ensemble was solved by one method.
struct EnsembleSolve {
  Termination termination = Termination::kStalled;
  Method used = Method::kAuto;
  bool stable = true;  ///< under rate dynamics, or undecided
  double excess = 0;  ///< |ν − Φ(ν)| / (1e-10 max(1 Hz, ν)), recomputed from outside the solver
  double residual = 0;  ///< max |ν − Φ(ν)| as the solver sees it [Hz]
  double milliseconds = 0;
  int evaluations = 0;
  Eigen::VectorXd rates;
  std::string message;
  [[nodiscard]] bool converged() const { return termination == Termination::kConverged; }
};

struct EnsembleNetwork {
  std::uint64_t index = 0;
  Eigen::Index size = 0;
  std::vector<EnsembleSolve> solves;  ///< in the order of the methods
};

/// Worst residual in units of what is asked for, by Φ alone.
inline double ensemble_excess(const MeanField& field, const Eigen::VectorXd& rates) {
  const auto& coupling = field.coupling;
  const Eigen::VectorXd mu = coupling.dense(0) * rates + field.external_mean();
  const Eigen::VectorXd variance = coupling.dense(1) * rates + field.external_variance();
  double worst = 0;
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    const double rate = siegert(mu[i], std::sqrt(std::max(0.0, variance[i])), field.lif(i).neuron,
                                field.lif(i).correction)
                            .rate;
    worst = std::max(worst, std::abs(rate - rates[i]) / (1e-10 * std::max(1.0, rates[i])));
  }
  return worst;
}

inline bool same_rates(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return ((a - b).array().abs() <= 1e-6 * a.array().abs().max(b.array().abs()).max(1.0)).all();
}

inline EnsembleNetwork solve_ensemble_network(std::uint64_t index, std::uint64_t seed,
                                              const std::vector<Method>& methods) {
  const MeanField field = random_field(index, seed);
  EnsembleNetwork network{.index = index, .size = field.size(), .solves = {}};
  for (const Method method : methods) {
    SolveOptions options;
    options.method = method;
    StationaryResult result = solve_stationary(field, options);
    network.solves.push_back({.termination = result.summary.termination,
                              .used = result.summary.method_used,
                              .stable = result.state.rate_dynamics_stable != false,
                              .excess = ensemble_excess(field, result.state.rates),
                              .residual = result.state.residual,
                              .milliseconds = 1e3 * result.summary.seconds,
                              .evaluations = result.summary.evaluations,
                              .rates = std::move(result.state.rates),
                              .message = std::move(result.summary.message)});
  }
  return network;
}

/// Networks first … first + count − 1 of the ensemble, each by each of the methods, on all cores.
inline std::vector<EnsembleNetwork> solve_ensemble(std::uint64_t first, std::uint64_t count,
                                                   std::uint64_t seed,
                                                   const std::vector<Method>& methods) {
  std::vector<EnsembleNetwork> networks(count);
  std::atomic<std::uint64_t> next = 0;
  const auto work = [&] {
    for (std::uint64_t k = next++; k < count; k = next++) {
      networks[k] = solve_ensemble_network(first + k, seed, methods);
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t) {
    threads.emplace_back(work);
  }
  threads.clear();
  return networks;
}

}  // namespace nuphi::test
