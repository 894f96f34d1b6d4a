// Networks whose neurons answer exactly, and networks solved with the closed form.
#include <gtest/gtest.h>
#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/exact_response.h>
#include <nuphi/core/units.h>
#include <nuphi/rates/stationary.h>
#include <Eigen/LU>

#include <cmath>
#include <complex>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace nuphi {
namespace {

using namespace units;
using Complex = std::complex<double>;

/// Excitation and inhibition with synapses of a tenth of τ_m.
Network exponential_network(Correction correction, double g = 5) {
  Network network;
  network.correction = correction;
  Neuron neuron{.model = NeuronModel::kLifExp,
                .tau_m = 20 * ms,
                .t_ref = 2 * ms,
                .V_th = 20 * mV,
                .V_reset = 10 * mV,
                .C_m = 250 * pF};
  neuron.tau_syn_ex = neuron.tau_syn_in = 2 * ms;
  network.populations = {{"E", PopulationKind::kExcitatory, 8000, neuron},
                         {"I", PopulationKind::kInhibitory, 2000, neuron}};
  for (const int target : {0, 1}) {
    network.projections.push_back({.source = 0,
                                   .target = target,
                                   .indegree = 800,
                                   .weight = 0.1 * mV,
                                   .delay = Delay{.mean = 1.5 * ms}});
    network.projections.push_back({.source = 1,
                                   .target = target,
                                   .indegree = 200,
                                   .weight = -g * 0.1 * mV,
                                   .delay = Delay{.mean = 1 * ms}});
    network.inputs.push_back(
        {target,
         PoissonInput{.indegree = 800, .rate = (target == 0 ? 16 : 15) * Hz, .weight = 0.1 * mV}});
  }
  return network;
}

constexpr ResponseOptions kExactColour = {.colour = ColourResponse::kExact};

double angular(double frequency) { return 2 * std::numbers::pi * frequency; }

// ω → 0: M is the derivative of the rates, whichever function they come from.
TEST(ExactColour, AtZeroTheConnectivityIsTheDerivativeOfTheRate) {
  for (const Correction correction : {Correction::kExact, Correction::kUniform}) {
    const Network network = exponential_network(correction);
    const StationaryState state = solve_stationary(network).state;
    const Eigen::MatrixXd jacobian = effective_connectivity(mean_field(network), state);
    const NetworkResponse response(network, state, kExactColour);
    for (const double omega : {0.0, 1e-7}) {
      Eigen::MatrixXcd M;
      response.effective_connectivity({0, omega}, M);
      EXPECT_LE((M - jacobian).norm(), 2e-8 * jacobian.norm()) << omega;
    }
  }
}

TEST(ExactColour, SpectraHaveTheExactResponseOfEveryNeuron) {
  const Network network = exponential_network(Correction::kExact);
  const StationaryState state = solve_stationary(network).state;
  SpectraOptions options;
  options.response = kExactColour;
  options.noise = NoiseSource::kRenewal;
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(4, 3, 300);
  const Spectra found = spectra(network, state, frequencies, options);
  const Neuron& n = network.populations[0].neuron;
  for (Eigen::Index i = 0; i < 2; ++i) {
    for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
      const double omega = angular(frequencies[k]);
      const ExactResponse exact = exact_response(
          state.mean_input[i], state.std_input[i],
          {n.tau_m, n.t_ref, n.V_th, n.V_reset, n.tau_syn_ex}, std::span(&omega, 1))[0];
      EXPECT_LE(std::abs(found.response_mu(k, i) / exact.d_mu - 1.0), 1e-3);
      EXPECT_LE(std::abs(found.response_variance(k, i) / exact.d_variance - 1.0), 1e-3);
    }
  }
  // The time convention: a mode turns the other way at −ω.
  const NetworkResponse response(network, state, kExactColour);
  Eigen::MatrixXcd up, down;
  response.effective_connectivity({0, 300}, up);
  response.effective_connectivity({0, -300}, down);
  EXPECT_LE((up.conjugate() - down).norm(), 1e-14 * up.norm());
}

// The exact spectrum of a spike train holds the correlations of its intervals: at 0 it is not CV².
TEST(ExactColour, CovariancesOverFrequenciesHaveTheExactSpikeTrains) {
  const Network network = exponential_network(Correction::kExact);
  const StationaryState state = solve_stationary(network).state;
  const Eigen::VectorXd frequencies = Eigen::Vector2d(0, 40);
  const CovarianceSpectra found =
      covariance_spectra(network, state, frequencies, NoiseModel::kRenewal, kExactColour);
  const Neuron& n = network.populations[0].neuron;
  for (Eigen::Index i = 0; i < 2; ++i) {
    for (Eigen::Index k = 0; k < 2; ++k) {
      const double omega = angular(frequencies[k]);
      const double spectrum = exact_response(state.mean_input[i], state.std_input[i],
                                             {n.tau_m, n.t_ref, n.V_th, n.V_reset, n.tau_syn_ex},
                                             std::span(&omega, 1))[0]
                                  .spectrum;
      EXPECT_NEAR(found.autocovariances(k, i), state.rates[i] * spectrum,
                  1e-3 * state.rates[i] * spectrum);
    }
    EXPECT_GT(std::abs(found.autocovariances(0, i) / state.rates[i] - std::pow(state.cv[i], 2)),
              1e-4);
  }
}

std::string refusal(const Network& network, const ResponseOptions& options, bool modes) {
  const StationaryState state = solve_stationary(network).state;
  try {
    if (modes) {
      StabilityOptions all;
      all.response = options;
      (void)stability(network, state, all);
    } else {
      const NetworkResponse response(network, state, options);
    }
  } catch (const ModelError& e) {
    EXPECT_EQ(e.diagnostics().front().code, "unknown-response");
    return e.diagnostics().front().message;
  }
  return "";
}

TEST(ExactColour, IsRefusedByNameWhereItIsNotKnown) {
  Network network = exponential_network(Correction::kExact);
  EXPECT_NE(refusal(network, kExactColour, true).find("off the imaginary axis"), std::string::npos);
  EXPECT_EQ(refusal(network, kExactColour, true), unknown_modes(network, kExactColour));
  EXPECT_EQ(refusal(network, kExactColour, false), "");
  EXPECT_NE(refusal(network, {}, false).find("correction exact"), std::string::npos);
  ResponseOptions rate_only = kExactColour;
  rate_only.refractoriness = Refractoriness::kRateOnly;
  EXPECT_NE(refusal(network, rate_only, false).find("refractory"), std::string::npos);
  network.correction = Correction::kShift;
  EXPECT_NE(refusal(network, kExactColour, false).find("exact and uniform only"),
            std::string::npos);
  network.correction = Correction::kUniform;
  for (Population& p : network.populations) p.neuron.tau_syn_in = 4 * ms;
  EXPECT_NE(refusal(network, kExactColour, false).find("differ in tau_syn"), std::string::npos);
}

TEST(ExactColour, OffTheAxisTheResponseIsRefused) {
  const Network network = exponential_network(Correction::kUniform);
  const NetworkResponse response(network, solve_stationary(network).state, kExactColour);
  Eigen::MatrixXcd M;
  EXPECT_FALSE(response.is_known_off_axis());
  EXPECT_THROW(response.effective_connectivity({1, 100}, M), std::invalid_argument);
}

// White noise has no colour: nothing is refused, and nothing changes.
TEST(ExactColour, ChangesNothingForDeltaSynapses) {
  Network network = exponential_network(Correction::kNone);
  for (Population& p : network.populations) p.neuron.model = NeuronModel::kLifDelta;
  const StationaryState state = solve_stationary(network).state;
  Eigen::MatrixXcd exact, moving;
  NetworkResponse(network, state, kExactColour).effective_connectivity({0, 300}, exact);
  NetworkResponse(network, state).effective_connectivity({0, 300}, moving);
  EXPECT_EQ(exact, moving);
  EXPECT_EQ(unknown_modes(network, kExactColour), "");
}

// ---------------------------------------------------------------- the closed form

// Below the resonance at 48 Hz, where all responses of white noise are off.
TEST(UniformNetworks, SpectraAtLowFrequenciesAreNearerToTheExactOnesThanThoseOfTheShift) {
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(5, 1, 21);
  const auto power = [&](Correction correction, ColourResponse colour) {
    const Network network = exponential_network(correction);
    SpectraOptions options;
    options.response.colour = colour;
    return spectra(network, solve_stationary(network).state, frequencies, options).power;
  };
  const Eigen::MatrixXd exact = power(Correction::kExact, ColourResponse::kExact);
  const auto error = [&](Correction correction, ColourResponse colour) {
    return (power(correction, colour) - exact).norm() / exact.norm();
  };
  EXPECT_LT(error(Correction::kUniform, ColourResponse::kMoving), 0.02);
  EXPECT_GT(error(Correction::kShift, ColourResponse::kMoving), 0.04);
  EXPECT_LT(error(Correction::kUniform, ColourResponse::kExact), 0.01);
}

TEST(UniformNetworks, CovariancesAreTheLimitOfThoseOverFrequencies) {
  const Network network = exponential_network(Correction::kUniform);
  const StationaryState state = solve_stationary(network).state;
  const PopulationCovariances at_once =
      population_covariances(network, state, NoiseModel::kPoisson);
  const CovarianceSpectra over =
      covariance_spectra(network, state, Eigen::VectorXd::Zero(1), NoiseModel::kPoisson);
  EXPECT_LE((over.averages[0].real() - at_once.averages).norm(), 1e-10 * at_once.averages.norm());
}

// At a Hopf point of the uniform network det(1 − M(iω)) = 0.
TEST(UniformNetworks, HopfPointsAreWhereAnEigenvalueIsOne) {
  const auto network = [](double delay) {
    Network at = exponential_network(Correction::kUniform);
    for (Projection& p : at.projections) p.delay = Delay{.mean = delay};
    return at;
  };
  std::vector<ParameterState> states;
  for (const double delay : {1 * ms, 1.5 * ms, 2 * ms, 2.5 * ms})
    states.push_back({delay, solve_stationary(network(delay)).state.rates});
  const HopfSearch search = search_hopf_points(network, states);
  ASSERT_FALSE(search.points.empty());
  for (const HopfPoint& point : search.points) {
    const Network there = network(point.parameter);
    const StationaryState state = evaluate_state(mean_field(there), point.rates);
    Eigen::MatrixXcd M;
    NetworkResponse(there, state).effective_connectivity({0, angular(point.frequency)}, M);
    const Eigen::Matrix2cd left = Eigen::Matrix2cd::Identity() - M;
    EXPECT_LE(std::abs(left.determinant()), 1e-6);
  }
}

}  // namespace
}  // namespace nuphi
