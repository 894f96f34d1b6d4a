#include <cmath>
#include <optional>

#include "../network_rules.h"
#include "builder.h"

namespace nuphi::loader {
namespace {

std::optional<double> synaptic_time(Builder& builder, const InputPlan& plan, int k,
                                    Origin& origin) {
  const Placed tau_syn = builder.at(plan.tau_syn, k);
  origin.tau_syn = tau_syn.node;
  return tau_syn.given() ? std::optional(tau_syn.value) : std::nullopt;
}

PoissonInput poisson(Builder& builder, const InputPlan& plan, int k, Origin& origin) {
  const Placed indegree = builder.at(plan.indegree, k);
  const Placed rate = builder.at(plan.rate, k);
  const Placed weight = builder.at(plan.weight.grid, k);
  const Placed cv = builder.at(plan.weight_cv, k);
  const std::optional<double> tau_syn = synaptic_time(builder, plan, k, origin);
  origin.count = indegree.node;
  origin.other = rate.node;
  origin.weight = weight.node;
  origin.weight_cv = cv.node;
  return {.indegree = indegree.given() ? indegree.value : 1,
          .rate = rate.value,
          .weight = builder.jump(plan.weight, weight, plan.targets[k], PopulationKind::kUnspecified,
                                 tau_syn),
          .weight_cv = cv.given() ? cv.value : 0,
          .tau_syn = tau_syn};
}

/// μ = τ_m I / C_m.
double drive_of_current(Builder& builder, const Placed& current, int target) {
  const PopulationPlan& population = builder.plan.populations[target];
  const Neuron& neuron = builder.network.populations[target].neuron;
  if (builder.neuron_value(static_cast<std::size_t>(target), "C_m").given())
    return neuron.tau_m * current.value / neuron.C_m;
  if (current.node != nullptr) {
    builder.faults.add_once("missing-key", *current.node,
                            "a current needs the capacitance `C_m` of " + cited(population.name),
                            "give `C_m` under `neuron`, or the input as `drive` in mV");
  }
  return kUnknown;
}

void build_input(Builder& builder, const InputPlan& plan) {
  for (int k = 0; k < static_cast<int>(plan.targets.size()); ++k) {
    ExternalInput input;
    input.target = plan.targets[k];
    Origin origin{.whole = plan.node};
    const Placed mean = builder.at(plan.mean, k);
    origin.other = mean.node;
    switch (plan.kind) {
      case InputKind::kPoisson:
        input.source = poisson(builder, plan, k, origin);
        break;
      case InputKind::kDcDrive:
        input.source = DcInput{mean.value};
        break;
      case InputKind::kDcCurrent:
        input.source = DcInput{drive_of_current(builder, mean, input.target)};
        break;
      case InputKind::kNoise: {
        const Placed sigma = builder.at(plan.sigma, k);
        origin.sigma = sigma.node;
        input.source = NoiseInput{mean.given() ? mean.value : 0, sigma.value,
                                  synaptic_time(builder, plan, k, origin)};
        break;
      }
    }
    builder.network.inputs.push_back(std::move(input));
    builder.input_origins.push_back(origin);
  }
}

}  // namespace

void build_inputs(Builder& builder) {
  for (const InputPlan& plan : builder.plan.inputs) build_input(builder, plan);
}

SolveOptions build_solve(const Builder& builder) {
  const SolvePlan& plan = builder.plan.solve;
  SolveOptions options = plan.options;
  const auto fault = [&](const Value& v, const char* rule) {
    builder.faults.add_once("out-of-range", *v.node, rule);
  };
  if (plan.tolerance.given()) {
    options.tolerance = builder.value(plan.tolerance);
    if (options.tolerance <= 0) fault(plan.tolerance, "the tolerance must be positive");
  }
  if (plan.max_rate.given()) {
    options.max_rate = builder.value(plan.max_rate);
    if (options.max_rate <= 0) fault(plan.max_rate, "max_rate must be positive");
  }
  const auto whole = [&](const Value& v, double smallest, double largest, double fallback) {
    if (!v.given()) return fallback;
    const double value = builder.value(v);
    if (std::isnan(value)) return fallback;
    if (value == std::floor(value) && value >= smallest && value <= largest) return value;
    fault(v, smallest > 0 ? "a whole number from 1 is due" : "a whole number from 0 is due");
    return fallback;
  };
  constexpr double kLargestInt = 2147483647;
  constexpr double kLargestExact = 9007199254740992;  // a double counts no further
  options.max_iterations =
      static_cast<int>(whole(plan.max_iterations, 1, kLargestInt, options.max_iterations));
  options.starts = static_cast<int>(whole(plan.starts, 1, kLargestInt, options.starts));
  options.seed = static_cast<std::uint64_t>(
      whole(plan.seed, 0, kLargestExact, static_cast<double>(options.seed)));
  return options;
}

std::vector<ExpectedFixedPoint> build_expect(Builder& builder) {
  std::vector<ExpectedFixedPoint> list;
  const auto n = static_cast<Eigen::Index>(builder.plan.populations.size());
  const auto not_negative = [&](const Value& v, double& out) {
    if (!v.given()) return;
    out = builder.value(v);
    if (out < 0)
      builder.faults.add_once("out-of-range", *v.node, "a tolerance must not be negative");
  };
  for (const ExpectPlan& plan : builder.plan.expect) {
    ExpectedFixedPoint expected;
    expected.stable = plan.stable;
    not_negative(plan.rtol, expected.rtol);
    not_negative(plan.atol, expected.atol);
    expected.rates.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      const Placed rate = builder.at(plan.rates, static_cast<int>(i));
      expected.rates[i] = rate.value;
      if (rate.value < 0 && builder.plan.solve.correction != Correction::kTaylor)
        builder.faults.add_once("out-of-range", *rate.node, "a rate must not be negative");
    }
    list.push_back(std::move(expected));
  }
  return list;
}

}  // namespace nuphi::loader
