// Solves the random ensemble of tests/solver/random_networks.h by each method and prints, as
// Markdown, how many converge, why the others end, how fast, and how often the answer is that of
// relaxation.
//   solver_ensemble [--count 10000] [--first 0] [--seed 0] [--methods auto,newton,…] [--verbose]
#include <nuphi/rates/stationary.h>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "rates/ensemble.h"

namespace {

using nuphi::Method;
using nuphi::test::EnsembleNetwork;
using nuphi::test::EnsembleSolve;

struct Tally {
  int count = 0, converged = 0, at_floor = 0, unstable = 0;
  int relaxed = 0, agreed = 0;
  std::map<nuphi::Termination, int> ends;
  std::map<Method, int> used;
  std::vector<double> milliseconds, evaluations;

  void add(const EnsembleSolve& solve, const EnsembleSolve* relaxation) {
    ++count;
    ++ends[solve.termination];
    milliseconds.push_back(solve.milliseconds);
    evaluations.push_back(solve.evaluations);
    if (solve.converged()) {
      ++converged;
      ++used[solve.used];
      at_floor += solve.excess > 1;
      unstable += !solve.stable;
    }
    if (relaxation != nullptr && relaxation->converged()) {
      ++relaxed;
      agreed += solve.converged() && nuphi::test::same_rates(solve.rates, relaxation->rates);
    }
  }
};

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

constexpr const char* kHeader =
    "| {} | networks | converged | at the floor | unstable | as relaxation | median | 90 % | 99 % "
    "| longest | evaluations, median | 99 % |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";

void row(std::string_view name, const Tally& t) {
  fmt::print(
      "| {} | {} | {} | {} | {} | {} of {} | {:.3f} ms | {:.3f} ms | {:.2f} ms | {:.0f} ms | "
      "{:.0f} | {:.0f} |\n",
      name, t.count, t.converged, t.at_floor, t.unstable, t.agreed, t.relaxed,
      quantile(t.milliseconds, 0.5), quantile(t.milliseconds, 0.9), quantile(t.milliseconds, 0.99),
      quantile(t.milliseconds, 1), quantile(t.evaluations, 0.5), quantile(t.evaluations, 0.99));
}

std::string counts(const auto& map) {
  std::string text;
  for (const auto& [key, count] : map) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(key));
  }
  return text;
}

void complain(const EnsembleNetwork& network, std::size_t method, const EnsembleSolve* relaxation,
              bool verbose, int many) {
  const EnsembleSolve& solve = network.solves[method];
  const bool differs = relaxation != nullptr && relaxation->converged() && solve.converged() &&
                       !nuphi::test::same_rates(solve.rates, relaxation->rates);
  if (solve.converged() && !(verbose && differs) && solve.evaluations <= many) return;
  fmt::print(
      stderr, "network {} ({}, n = {}): {} by {}, excess {:.2e}, {} evaluations, {:.3g} ms; {}{}\n",
      network.index,
      nuphi::test::kRegimeNames[static_cast<std::size_t>(nuphi::test::regime_of(network.index))],
      network.size, to_string(solve.termination), to_string(solve.used), solve.excess,
      solve.evaluations, solve.milliseconds, differs ? "not relaxation's point; " : "",
      solve.message);
}

// The answer of relaxation to the same network, where that was asked for.
const EnsembleSolve* relaxation_of(const EnsembleNetwork& network,
                                   const std::vector<Method>& methods) {
  const auto at = std::find(methods.begin(), methods.end(), Method::kRelaxation);
  return at == methods.end() ? nullptr
                             : &network.solves[static_cast<std::size_t>(at - methods.begin())];
}

std::vector<Method> methods_of(const std::vector<std::string>& names) {
  std::vector<Method> methods;
  for (const std::string& name : names) {
    const auto method = nuphi::method_from_string(name);
    if (!method) throw CLI::ValidationError("--methods", "unknown method " + name);
    methods.push_back(*method);
  }
  return methods;
}

void report(const std::vector<EnsembleNetwork>& networks, const std::vector<Method>& methods) {
  std::vector<Tally> by_method(methods.size());
  std::map<nuphi::test::Regime, Tally> by_regime;
  for (const EnsembleNetwork& network : networks) {
    for (std::size_t m = 0; m < methods.size(); ++m) {
      by_method[m].add(network.solves[m], relaxation_of(network, methods));
    }
    by_regime[nuphi::test::regime_of(network.index)].add(network.solves[0],
                                                         relaxation_of(network, methods));
  }
  fmt::print(fmt::runtime(kHeader), "method");
  for (std::size_t m = 0; m < methods.size(); ++m) row(to_string(methods[m]), by_method[m]);
  fmt::print("\n| method | ends | used |\n|---|---|---|\n");
  for (std::size_t m = 0; m < methods.size(); ++m) {
    fmt::print("| {} | {} | {} |\n", to_string(methods[m]), counts(by_method[m].ends),
               counts(by_method[m].used));
  }
  fmt::print("\n");
  fmt::print(fmt::runtime(kHeader), fmt::format("{}, by kind", to_string(methods[0])));
  for (const auto& [regime, tally] : by_regime) {
    row(nuphi::test::kRegimeNames[static_cast<std::size_t>(regime)], tally);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t count = 10000, first = 0, seed = 0;
  std::vector<std::string> names = {"auto", "relaxation"};
  bool verbose = false;
  int many = std::numeric_limits<int>::max();
  CLI::App app("The random ensemble, solved");
  app.add_option("--count", count, "number of networks")->capture_default_str();
  app.add_option("--first", first, "index of the first one")->capture_default_str();
  app.add_option("--seed", seed, "seed of the ensemble")->capture_default_str();
  app.add_option("--methods", names, "methods, the first one also by kind of network")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--many", many, "list solves with more evaluations than this");
  app.add_flag("--verbose", verbose, "list answers that differ from relaxation's");
  CLI11_PARSE(app, argc, argv);
  const std::vector<Method> methods = methods_of(names);

  const auto networks = nuphi::test::solve_ensemble(first, count, seed, methods);
  bool all = true;
  for (const EnsembleNetwork& network : networks) {
    all = all && network.solves[0].converged();
    for (std::size_t m = 0; m < methods.size(); ++m) {
      complain(network, m, relaxation_of(network, methods), verbose, many);
    }
  }
  report(networks, methods);
  return all ? 0 : 1;
}
