// Networks whose neurons have synapses of several time constants.
#include <gtest/gtest.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/core/colored_noise.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/rates/inverse.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/rates/sensitivity.h>
#include <nuphi/rates/stationary.h>

#include <random>
#include <string>

#include "rate_problem.h"
#include "support/derivatives.h"

namespace nuphi {
namespace {

using namespace units;

const std::vector<Correction> kCorrections = {Correction::kShift, Correction::kTaylor,
                                              Correction::kAdiabatic};

/// Three populations: E with AMPA, GABA and an input of its own time constant; I with unequal
/// synapses; X with one time constant.
Network network(Correction correction, double g = 5) {
  Neuron neuron{.model = NeuronModel::kLifExp,
                .tau_m = 20 * ms,
                .t_ref = 2 * ms,
                .V_th = 20 * mV,
                .V_reset = 10 * mV,
                .tau_syn_ex = 2 * ms,
                .tau_syn_in = 6 * ms};
  Network n;
  n.correction = correction;
  n.populations = {{"E", PopulationKind::kExcitatory, 0, neuron},
                   {"I", PopulationKind::kInhibitory, 0, neuron},
                   {"X", PopulationKind::kExcitatory, 0, neuron}};
  n.populations[1].neuron.tau_m = 10 * ms;
  n.populations[2].neuron.tau_syn_in = 2 * ms;
  const double J = 0.2 * mV;
  const auto connect = [&](int source, int target, double indegree, double weight) {
    n.projections.push_back({.source = source,
                             .target = target,
                             .indegree = indegree,
                             .weight = weight,
                             .weight_cv = 0.1,
                             .delay = Delay{.mean = 1.5 * ms}});
  };
  for (const int target : {0, 1, 2}) {
    connect(0, target, 600, J);
    connect(1, target, 150, -g * J);
    n.inputs.push_back({target, PoissonInput{.indegree = 800, .rate = 9, .weight = J}});
  }
  connect(2, 0, 50, J);
  std::get<PoissonInput>(n.inputs[0].source).tau_syn = 0.5 * ms;
  n.inputs.push_back({1, NoiseInput{.mean = 2 * mV, .sigma = 3 * mV, .tau_syn = 1 * ms}});
  return n;
}

/// Φ written down once more, from the parts of each neuron's noise.
Eigen::VectorXd phi(const Network& n, const Eigen::VectorXd& rates) {
  const Correction correction = *n.correction;
  Eigen::VectorXd result(rates.size());
  for (int i = 0; i < rates.size(); ++i) {
    const Neuron& neuron = n.populations[i].neuron;
    double mu = 0;
    std::vector<FilteredVariance> parts;
    const auto add = [&](double drive, double weight, double cv, double tau_syn) {
      mu += drive;
      parts.push_back({tau_syn, drive * weight * (1 + cv * cv)});
    };
    for (const Projection& p : n.projections) {
      if (p.target != i) continue;
      add(neuron.tau_m * p.indegree * p.weight * rates[p.source], p.weight, p.weight_cv,
          p.weight > 0 ? neuron.tau_syn_ex : neuron.tau_syn_in);
    }
    for (const ExternalInput& input : n.inputs) {
      if (input.target != i) continue;
      if (const auto* p = std::get_if<PoissonInput>(&input.source)) {
        add(neuron.tau_m * p->indegree * p->weight * p->rate, p->weight, p->weight_cv,
            p->tau_syn.value_or(neuron.tau_syn_ex));
      } else {
        const auto& noise = std::get<NoiseInput>(input.source);
        mu += noise.mean;
        parts.push_back({noise.tau_syn.value(), noise.sigma * noise.sigma});
      }
    }
    const EffectiveFilter filter = effective_filter(parts, correction);
    const LifParameters lif{neuron.tau_m, neuron.t_ref, neuron.V_th, neuron.V_reset,
                            filter.tau_syn};
    result[i] = siegert(mu, std::sqrt(filter.variance), lif, correction).rate;
  }
  return result;
}

std::vector<MeanField> fields(Correction correction) {
  return {mean_field(network(correction), CouplingStorage::kDense),
          mean_field(network(correction), CouplingStorage::kSparse)};
}

TEST(SynapticFilters, TheMapIsThatOfTheEffectiveTimeConstants) {
  const Eigen::Vector3d rates(12, 25, 3);
  for (const Correction correction : kCorrections) {
    for (const MeanField& field : fields(correction)) {
      RateProblem problem(field);
      Eigen::VectorXd value(3);
      problem.evaluate(rates, value);
      // Some ten roundings of μ and σ, amplified by the steepness of Φ.
      EXPECT_LE(
          (value - phi(network(correction), rates)).cwiseQuotient(value).cwiseAbs().maxCoeff(),
          1e-13);
    }
  }
}

TEST(SynapticFilters, EveryMethodFindsTheFixedPoint) {
  for (const Correction correction : kCorrections) {
    const Network n = network(correction);
    const Eigen::VectorXd beside = 1.2 * solve_stationary(n).state.rates;
    for (const Method method :
         {Method::kAuto, Method::kNewton, Method::kCeres, Method::kAnderson, Method::kRelaxation}) {
      SolveOptions options;
      options.method = method;
      if (method != Method::kAuto) options.initial_rates = beside;
      const StationaryResult result = solve_stationary(n, options);
      ASSERT_TRUE(result.converged()) << result.summary.full_report();
      const Eigen::VectorXd& rates = result.state.rates;
      EXPECT_LE((rates - phi(n, rates)).cwiseAbs().maxCoeff(), 1e-11);
      EXPECT_GT(rates.minCoeff(), 0.1) << "no trivial state";
    }
  }
}

// Central differences of sixth order, with and without the noise that helps at sharp bends: their
// error is about 1e-10 of the largest entry.
TEST(SynapticFilters, TheJacobianIsTheDerivativeOfTheMap) {
  const Eigen::Vector3d rates(20, 15, 25);
  for (const Correction correction : kCorrections) {
    for (const MeanField& field : fields(correction)) {
      for (const double smoothing : {0.0, 0.3}) {
        RateProblem problem(field);
        problem.set_smoothing(smoothing);
        const auto value = [&](const Eigen::VectorXd& x) {
          Eigen::VectorXd v(3);
          problem.evaluate(x, v);
          return v;
        };
        Eigen::Matrix3d expected;
        for (int j = 0; j < 3; ++j) {
          expected.col(j) = test::difference(
              [&](double x) {
                Eigen::Vector3d moved = rates;
                moved[j] = x;
                return value(moved);
              },
              rates[j], 3e-3 * rates[j]);
        }
        value(rates);
        Eigen::MatrixXd jacobian;
        problem.jacobian(jacobian);
        const double scale = expected.cwiseAbs().maxCoeff();
        EXPECT_LE((jacobian - expected).cwiseAbs().maxCoeff(), 1e-9 * scale)
            << static_cast<int>(correction) << ' ' << smoothing;
        if (field.coupling.is_sparse()) {
          Eigen::SparseMatrix<double> sparse(3, 3);
          problem.jacobian(sparse);
          EXPECT_LE((Eigen::MatrixXd(sparse) - jacobian).cwiseAbs().maxCoeff(), 1e-14 * scale);
        }
        const auto map = problem.jacobian_map();
        ASSERT_TRUE(map->update());
        const Eigen::Vector3d v(1, -2, 0.5);
        Eigen::VectorXd product(3);
        map->multiply(v, product);
        EXPECT_LE((product - jacobian * v).cwiseAbs().maxCoeff(), 1e-14 * scale);
        map->multiply_transposed(v, product);
        EXPECT_LE((product - jacobian.transpose() * v).cwiseAbs().maxCoeff(), 1e-14 * scale);
      }
    }
  }
}

// Written as different entries, equal time constants have to give what one gives.
TEST(SynapticFilters, EqualTimeConstantsAreOne) {
  Network one = network(Correction::kShift);
  for (Population& p : one.populations) p.neuron.tau_syn_in = p.neuron.tau_syn_ex;
  for (ExternalInput& input : one.inputs) {
    if (auto* p = std::get_if<PoissonInput>(&input.source)) p->tau_syn.reset();
    if (auto* p = std::get_if<NoiseInput>(&input.source)) p->tau_syn.reset();
  }
  Network two = one;
  for (Population& p : two.populations) p.neuron.tau_syn_in *= 1 + 1e-15;
  const MeanField mixed = mean_field(two);
  ASSERT_TRUE(has_several_tau_syn(mixed));
  EXPECT_FALSE(has_several_tau_syn(mean_field(one)));
  const Eigen::VectorXd expected = solve_stationary(one).state.rates;
  const Eigen::VectorXd rates = solve_stationary(mixed).state.rates;
  EXPECT_LE((rates - expected).cwiseQuotient(expected).cwiseAbs().maxCoeff(), 1e-13);
}

/// Sparse: every population hears twenty others; every third has one time constant.
Network large_network(int n) {
  Network net = network(Correction::kShift);
  const Neuron neuron = net.populations[0].neuron;
  net.populations.clear();
  net.projections.clear();
  net.inputs.clear();
  std::mt19937 random(3);
  for (int i = 0; i < n; ++i) {
    const bool excitatory = i % 5 != 0;
    net.populations.push_back(
        {std::to_string(i), excitatory ? PopulationKind::kExcitatory : PopulationKind::kInhibitory,
         0, neuron});
    if (i % 3 == 0) net.populations.back().neuron.tau_syn_in = neuron.tau_syn_ex;
  }
  for (int target = 0; target < n; ++target) {
    for (int k = 0; k < 20; ++k) {
      const int source = static_cast<int>(random() % static_cast<unsigned>(n));
      const double J = source % 5 != 0 ? 0.1 * mV : -0.6 * mV;
      net.projections.push_back(
          {.source = source, .target = target, .indegree = 8, .weight = J, .weight_cv = 0.1});
    }
    net.inputs.push_back({target, PoissonInput{.indegree = 1000, .rate = 9.5, .weight = 0.1 * mV}});
    if (target % 2 == 0) std::get<PoissonInput>(net.inputs.back().source).tau_syn = 0.5 * ms;
  }
  return net;
}

// From 256 populations on Φ is evaluated in batches, beyond 1000 the Jacobian is not formed.
TEST(SynapticFilters, LargeNetworksAreSolvedInTheirOwnWay) {
  for (const int n : {300, 1200}) {
    const Network net = large_network(n);
    const StationaryResult result = solve_stationary(net);
    ASSERT_TRUE(result.converged()) << result.summary.full_report();
    EXPECT_EQ(result.summary.krylov_iterations > 0, n > 1000);
    const Eigen::VectorXd& rates = result.state.rates;
    EXPECT_LE((rates - phi(net, rates)).cwiseAbs().maxCoeff(), 1e-10);
    EXPECT_GT(rates.maxCoeff(), 1);
    EXPECT_EQ(result.state.rate_dynamics_stable, true);
  }
}

TEST(SynapticFilters, ANeuronWithoutNoiseIsNoiseless) {
  Network n = network(Correction::kShift);
  n.projections.clear();
  n.inputs = {{0, PoissonInput{.indegree = 1, .rate = 0, .weight = 1 * mV, .tau_syn = 1 * ms}},
              {0, PoissonInput{.indegree = 1, .rate = 0, .weight = 1 * mV, .tau_syn = 3 * ms}},
              {0, DcInput{25 * mV}},
              {1, NoiseInput{.mean = 15 * mV}},
              {2, NoiseInput{.mean = 15 * mV}}};
  ASSERT_TRUE(has_several_tau_syn(mean_field(n)));
  const StationaryResult result = solve_stationary(n);
  ASSERT_TRUE(result.converged());
  const Neuron& neuron = n.populations[0].neuron;
  const LifParameters lif{neuron.tau_m, neuron.t_ref, neuron.V_th, neuron.V_reset, 0};
  EXPECT_DOUBLE_EQ(result.state.rates[0], siegert(25 * mV, 0, lif).rate);
}

/// ∂Φ/∂g of a family at g = 5 against differences, to `tolerance` of the largest.
template <class Family>
void expect_parameter_derivative(const Family& family, double tolerance) {
  RateFamily problem(family, 4, 6, 5);
  const Eigen::VectorXd rates = Eigen::Vector3d(20, 15, 25);
  const auto value = [&](double g) {
    problem.set_parameters(Eigen::VectorXd::Constant(1, g));
    Eigen::VectorXd v(3);
    problem.evaluate(rates, v);
    return v;
  };
  const Eigen::VectorXd expected = test::difference(value, 5, 1e-2);
  value(5);
  Eigen::VectorXd derivative(3);
  problem.parameter_derivative(0, derivative);
  EXPECT_LE((derivative - expected).cwiseAbs().maxCoeff(),
            tolerance * expected.cwiseAbs().maxCoeff());
}

TEST(SynapticFilters, ParametersMoveThePointAsReSolvingSays) {
  for (const Correction correction : kCorrections) {
    // A quadratic in g, and time constants that move with it.
    const auto family = [&](double g) {
      Network n = network(correction, g);
      n.populations[0].neuron.tau_syn_in = g * ms;
      n.populations[1].neuron.tau_m = (8 + 0.4 * g) * ms;
      return mean_field(n);
    };
    expect_parameter_derivative(family, 1e-7);
  }
}

// At g = 5 the time constants are equal, and differ on both sides.
TEST(SynapticFilters, ParametersMoveThePointAlsoWhereTimeConstantsMeet) {
  for (const Correction correction : kCorrections) {
    const auto family = [&](double g) {
      Network n = network(correction, 5);
      for (Population& p : n.populations) {
        p.neuron.tau_syn_ex = 5 * ms;
        p.neuron.tau_syn_in = g * ms;
      }
      n.inputs.resize(3);
      for (ExternalInput& input : n.inputs) std::get<PoissonInput>(input.source).tau_syn.reset();
      return mean_field(n);
    };
    ASSERT_FALSE(has_several_tau_syn(family(5)));
    expect_parameter_derivative(family, 1e-6);
  }
}

TEST(SynapticFilters, ABranchEndsWhereSolvingEnds) {
  const auto family = [](double g) { return mean_field(network(Correction::kShift, g)); };
  ContinuationOptions options;
  options.lower = 4;
  options.upper = 6;
  const StationaryBranch branch = continue_stationary(family, options);
  ASSERT_FALSE(branch.branch.points.empty());
  const BranchPoint& last = branch.branch.points.back();
  EXPECT_NEAR(last.parameter, 6, 1e-9);
  const Eigen::VectorXd expected = solve_stationary(family(6)).state.rates;
  EXPECT_LE((last.x - expected).cwiseAbs().maxCoeff(), 1e-9);
}

void expect_jacobian_at_zero(Correction correction, double rounding) {
  const Network n = network(correction);
  const MeanField field = mean_field(n);
  const StationaryResult result = solve_stationary(field);
  RateProblem problem(field);
  Eigen::VectorXd value(3);
  problem.evaluate(result.state.rates, value);
  Eigen::MatrixXd jacobian;
  problem.jacobian(jacobian);
  Eigen::MatrixXcd matrix;
  const NetworkResponse response(n, result.state);
  response.effective_connectivity(0, matrix);
  EXPECT_LE((matrix.real() - jacobian).cwiseAbs().maxCoeff(),
            rounding * jacobian.cwiseAbs().maxCoeff());
  // And it is reached without a step, by boundaries that move too: M(iω) changes by ω × 0.1 s.
  response.effective_connectivity({0, 1e-8}, matrix);
  EXPECT_LE((matrix - jacobian.cast<std::complex<double>>()).cwiseAbs().maxCoeff(),
            1e-8 * jacobian.cwiseAbs().maxCoeff());
}

TEST(SynapticFilters, TheResponseAtZeroFrequencyIsTheJacobian) {
  expect_jacobian_at_zero(Correction::kShift, 1e-12);
  expect_jacobian_at_zero(Correction::kUniform, 1e-10);
}

TEST(SynapticFilters, TheEffectiveConnectivityIsTheJacobian) {
  for (const Correction correction : kCorrections) {
    for (const MeanField& field : fields(correction)) {
      const StationaryState state = evaluate_state(field, Eigen::Vector3d(20, 15, 25));
      RateProblem problem(field);
      Eigen::VectorXd value(3);
      problem.evaluate(state.rates, value);
      Eigen::MatrixXd jacobian;
      problem.jacobian(jacobian);
      const double tolerance = 1e-14 * jacobian.cwiseAbs().maxCoeff();
      EXPECT_LE((effective_connectivity(field, state) - jacobian).cwiseAbs().maxCoeff(), tolerance);
      const Eigen::MatrixXd sparse = sparse_effective_connectivity(field, state);
      EXPECT_LE((sparse - jacobian).cwiseAbs().maxCoeff(), tolerance);
    }
  }
}

TEST(SynapticFilters, TheResponseOfOtherCorrectionsIsNotKnownAndSaysSo) {
  for (const Correction correction : {Correction::kTaylor, Correction::kAdiabatic}) {
    const Network n = network(correction);
    StationaryState state = evaluate_state(mean_field(n), Eigen::Vector3d(20, 15, 25));
    try {
      const NetworkResponse response(n, state);
      FAIL() << "not refused";
    } catch (const ModelError& error) {
      EXPECT_EQ(error.diagnostics().front().code, "unknown-response");
    }
  }
}

TEST(SynapticFilters, TheMeanInputForGivenRatesIsFound) {
  const Network n = network(Correction::kShift);
  MeanField field = mean_field(n);
  const Eigen::Vector3d wanted(10, 20, 5);
  const InverseInput input = external_mean_for_rates(field, wanted);
  ASSERT_TRUE(input.all_attained());
  field.external_mean() = input.value;
  RateProblem problem(field);
  Eigen::VectorXd value(3);
  problem.evaluate(wanted, value);
  EXPECT_LE((value - wanted).cwiseAbs().maxCoeff(), 1e-10);
}

TEST(SynapticFilters, WhatIsKnownForOneTimeConstantOnlySaysSo) {
  const MeanField field = mean_field(network(Correction::kShift));
  const Eigen::Vector3d rates(10, 20, 5);
  const std::vector<ExternalSynapses> synapses(3, {.indegree = 1, .weight = 1 * mV});
  try {
    (void)external_rates_for_rates(field, rates, synapses);
    FAIL() << "not refused";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("one synaptic time constant"), std::string::npos);
  }
}

}  // namespace
}  // namespace nuphi
