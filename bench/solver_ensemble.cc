// Solves the random ensemble of tests/solver/random_networks.h and prints a table: how many
// converge, how fast, with how many evaluations, and how often `auto` and `relaxation` agree.
//   solver_ensemble [count = 10000] [first = 0]
#include <nuphi/core/siegert.h>
#include <nuphi/solver/stationary.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "solver/random_networks.h"

namespace {

using nuphi::StationaryResult;

struct Tally {
  int count = 0, converged = 0, at_floor = 0, unstable = 0, by_fallback = 0;
  int relaxed = 0, agreed = 0;
  std::vector<double> milliseconds, evaluations;
};

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

// Worst residual in units of what is asked for, recomputed from outside the solver.
double excess(const nuphi::MeanField& field, const Eigen::VectorXd& rates) {
  const auto& coupling = std::get<nuphi::DenseCoupling>(field.coupling);
  const Eigen::VectorXd mu = coupling.mean * rates + field.external_mean;
  const Eigen::VectorXd variance = coupling.variance * rates + field.external_variance;
  double worst = 0;
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    const double rate = nuphi::siegert(mu[i], std::sqrt(std::max(0.0, variance[i])),
                                       field.neurons[static_cast<std::size_t>(i)], field.correction)
                            .rate;
    worst = std::max(worst, std::abs(rate - rates[i]) / (1e-10 * std::max(1.0, rates[i])));
  }
  return worst;
}

bool same(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return ((a - b).array().abs() <= 1e-6 * a.array().abs().max(b.array().abs()).max(1.0)).all();
}

void row(const std::string& name, const Tally& t) {
  fmt::print(
      "{:<14} {:>6} {:>9} {:>8} {:>8} {:>8} {:>7}/{:<6} {:>8.3f} {:>8.3f} {:>8.2f} {:>8.1f} "
      "{:>6.0f} {:>6.0f} {:>6.0f}\n",
      name, t.count, t.converged, t.at_floor, t.unstable, t.by_fallback, t.agreed, t.relaxed,
      quantile(t.milliseconds, 0.5), quantile(t.milliseconds, 0.9), quantile(t.milliseconds, 0.99),
      quantile(t.milliseconds, 1), quantile(t.evaluations, 0.5), quantile(t.evaluations, 0.99),
      quantile(t.evaluations, 1));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10000;
  const std::uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  const bool verbose = argc > 3;
  std::map<int, Tally> tallies;
  Tally total;
  for (std::uint64_t index = first; index < first + count; ++index) {
    const int regime = static_cast<int>(index % nuphi::test::kRegimes);
    const nuphi::MeanField field = nuphi::test::random_field(index);
    const StationaryResult result = nuphi::solve_stationary(field);
    nuphi::SolveOptions relaxing;
    relaxing.method = nuphi::Method::kRelaxation;
    const StationaryResult relaxed = nuphi::solve_stationary(field, relaxing);
    const double worst = excess(field, result.state.rates);
    const bool agreed = relaxed.converged() && same(result.state.rates, relaxed.state.rates);
    for (Tally* t : {&tallies[regime], &total}) {
      ++t->count;
      t->converged += result.converged();
      t->at_floor += result.converged() && worst > 1;
      t->unstable += result.converged() && result.state.rate_dynamics_stable == false;
      t->by_fallback += result.summary.method_used != nuphi::Method::kRelaxation;
      t->relaxed += relaxed.converged();
      t->agreed += agreed;
      t->milliseconds.push_back(1e3 * result.summary.seconds);
      t->evaluations.push_back(result.summary.evaluations);
    }
    if (!result.converged() ||
        (verbose && result.summary.method_used == nuphi::Method::kHomotopy) ||
        (verbose && relaxed.converged() && !agreed)) {
      fmt::print("network {} ({}, n = {}): {}; excess {:.2e}; {}; relaxation {}\n", index,
                 nuphi::test::kRegimeNames[static_cast<std::size_t>(regime)], field.size(),
                 result.summary.brief_report(), worst, result.summary.message,
                 relaxed.summary.brief_report());
    }
  }
  fmt::print(
      "{:<14} {:>6} {:>9} {:>8} {:>8} {:>8} {:>14} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>6}\n",
      "regime", "count", "converged", "at floor", "unstable", "fallback", "agree/relaxed", "ms 50%",
      "ms 90%", "ms 99%", "ms max", "ev 50%", "ev 99%", "ev max");
  for (const auto& [regime, tally] : tallies) {
    row(std::string(nuphi::test::kRegimeNames[static_cast<std::size_t>(regime)]), tally);
  }
  row("all", total);
  return total.converged == total.count ? 0 : 1;
}
