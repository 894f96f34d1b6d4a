#include <gtest/gtest.h>
#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/linear_response.h>
#include <nuphi/analysis/spectra.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "analysis/bos2016_network.h"
#include "support/csv.h"

namespace nuphi::test {
namespace {

using namespace units;

using Complex = std::complex<double>;
constexpr Eigen::Index kPopulations = 8;

std::vector<Complex> sorted(const Eigen::RowVectorXcd& values) {
  std::vector<Complex> list(values.begin(), values.end());
  std::sort(list.begin(), list.end(), [](Complex a, Complex b) { return a.real() < b.real(); });
  return list;
}

TEST(Spectra, MicrocircuitAgreesWithThePublishedSpectra) {
  const CsvTable table("bos2016_spectra.csv");
  const Network network = bos2016();
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  Eigen::VectorXd frequencies(static_cast<Eigen::Index>(table.size()) / kPopulations);
  for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
    frequencies[k] = table.number(static_cast<std::size_t>(k * kPopulations), "frequency");
  }
  const Spectra found = spectra(network, result.state, frequencies, published());
  for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
    const std::vector<Complex> eigenvalues = sorted(found.eigenvalues.row(k));
    const Complex filter =
        1.0 / (1.0 + Complex(0, 2 * std::numbers::pi * frequencies[k] * 0.5 * ms));
    for (Eigen::Index i = 0; i < kPopulations; ++i) {
      const auto row = static_cast<std::size_t>(k * kPopulations + i);
      EXPECT_NEAR(result.state.rates[i], table.number(row, "rate"), 1e-12 * result.state.rates[i]);
      const Complex transfer(table.number(row, "transfer_re"), table.number(row, "transfer_im"));
      EXPECT_LE(std::abs(found.response_mu(k, i) * filter - transfer), 1e-8 * std::abs(transfer))
          << frequencies[k] << " Hz, " << i;
      EXPECT_NEAR(found.power(k, i), table.number(row, "power"), 1e-8 * found.power(k, i))
          << frequencies[k] << " Hz, " << i;
      const Complex eigenvalue(table.number(row, "eigenvalue_re"),
                               table.number(row, "eigenvalue_im"));
      // Conjugate-like pairs may come in either order where real parts agree to rounding.
      double nearest = 1;
      for (const Complex m : eigenvalues) nearest = std::min(nearest, std::abs(m - eigenvalue));
      EXPECT_LE(nearest, 1e-8 * std::max(1.0, std::abs(eigenvalue)))
          << frequencies[k] << " Hz, " << i;
    }
  }
}

TEST(Spectra, SensitivityOfTheGammaModeAgreesWithThePublishedOne) {
  const CsvTable table("bos2016_sensitivity.csv");
  const Network network = bos2016();
  const Eigen::VectorXd frequency = Eigen::VectorXd::Constant(1, 60.0);
  const Spectra found = spectra(network, solve_stationary(network).state, frequency, published());
  const ModeSensitivity mode = mode_sensitivities(found.effective_connectivity[0]).front();
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto i = static_cast<Eigen::Index>(table.number(row, "target"));
    const auto j = static_cast<Eigen::Index>(table.number(row, "source"));
    EXPECT_NEAR(mode.sensitivity(i, j).real(), table.number(row, "sensitivity_re"), 1e-8);
    EXPECT_NEAR(mode.sensitivity(i, j).imag(), table.number(row, "sensitivity_im"), 1e-8);
    EXPECT_NEAR(mode.amplitude(i, j), table.number(row, "amplitude"), 1e-8);
    EXPECT_NEAR(mode.frequency(i, j), table.number(row, "frequency"), 1e-8);
  }
  // A relative change of all connections moves the eigenvalue by itself.
  EXPECT_LE(std::abs(mode.sensitivity.sum() - mode.eigenvalue), 1e-10);
}

TEST(Spectra, EigenvalueTrajectoriesAreContinuous) {
  const Network network = bos2016();
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(400, 1, 400);
  const Spectra found = spectra(network, solve_stationary(network).state, frequencies);
  for (Eigen::Index k = 1; k < frequencies.size(); ++k) {
    const double largest = found.eigenvalues.row(k).cwiseAbs().maxCoeff();
    EXPECT_LE((found.eigenvalues.row(k) - found.eigenvalues.row(k - 1)).cwiseAbs().maxCoeff(),
              0.1 * largest)
        << frequencies[k];
  }
}

/// Three populations that are one: two eigenvalues are 0 at every frequency, with no eigenvectors
/// of their own to follow.
TEST(Spectra, TrajectoriesThatCoincideDoNotHoldUpTheOthers) {
  Network network = brunel2000();
  const StationaryState two = solve_stationary(network).state;
  network.populations.push_back(network.populations[0]);
  network.populations[2].name = "E2";
  network.populations[0].size /= 2;
  network.populations[2].size /= 2;
  const std::vector<Projection> projections = network.projections;
  for (const Projection& p : projections) {
    if (p.source == 0) {
      Projection half = p;
      half.source = 2;
      half.indegree /= 2;
      network.projections.push_back(half);
    }
  }
  for (Projection& p : network.projections)
    if (p.source == 0) p.indegree /= 2;
  const std::vector<Projection> to_two = network.projections;
  for (Projection p : to_two) {
    if (p.target != 0) continue;
    p.target = 2;
    network.projections.push_back(p);
  }
  const auto inputs = network.inputs;
  for (auto input : inputs) {
    if (input.target != 0) continue;
    input.target = 2;
    network.inputs.push_back(input);
  }
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(200, 1, 1000);
  const StationaryState three = solve_stationary(network).state;
  EXPECT_NEAR(three.rates[2], two.rates[0], 1e-9);
  const Spectra found = spectra(network, three, frequencies);
  const Spectra expected = spectra(brunel2000(), two, frequencies);
  for (Eigen::Index k = 0; k < frequencies.size(); ++k) {
    EXPECT_LE(std::abs(found.eigenvalues(k, 0) - expected.eigenvalues(k, 0)), 1e-9) << k;
    EXPECT_LE(found.eigenvalues.row(k).tail(2).cwiseAbs().maxCoeff(), 1e-9) << k;
  }
}

TEST(Spectra, SensitivitiesAreThoseOfEachFrequencysMatrix) {
  const Network network = bos2016();
  const StationaryState state = solve_stationary(network).state;
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(50, 1, 100);
  SpectraOptions options;
  options.sensitivity = SensitivityOf::kAll;
  const Spectra all = spectra(network, state, frequencies, options);
  options.sensitivity = SensitivityOf::kNearest;
  const Spectra nearest = spectra(network, state, frequencies, options);
  for (std::size_t k = 0; k < all.sensitivities.size(); ++k) {
    ASSERT_EQ(all.sensitivities[k].size(), 8U);
    const ModeSensitivity expected = mode_sensitivities(all.effective_connectivity[k]).front();
    ASSERT_EQ(nearest.sensitivities[k].size(), 1U);
    EXPECT_LE((nearest.sensitivities[k][0].sensitivity - expected.sensitivity).norm(), 1e-10);
    for (Eigen::Index m = 0; m < kPopulations; ++m) {
      const ModeSensitivity& mode = all.sensitivities[k][static_cast<std::size_t>(m)];
      EXPECT_EQ(mode.eigenvalue, all.eigenvalues(static_cast<Eigen::Index>(k), m));
      EXPECT_LE(std::abs(mode.sensitivity.sum() - mode.eigenvalue), 1e-9);
    }
  }
}

TEST(Spectra, WithoutEigenvaluesTheSpectraAreTheSame) {
  const Network network = bos2016();
  const StationaryState state = solve_stationary(network).state;
  const Eigen::VectorXd frequencies = Eigen::VectorXd::LinSpaced(50, 1, 100);
  SpectraOptions options;
  options.eigenvalues = false;
  const Spectra found = spectra(network, state, frequencies, options);
  EXPECT_EQ(found.eigenvalues.size(), 0);
  EXPECT_EQ(found.power, spectra(network, state, frequencies).power);
}

TEST(Spectra, CoherenceIsOneWithItselfAndAtMostOne) {
  const Network network = bos2016();
  const Eigen::VectorXd frequency = Eigen::VectorXd::Constant(1, 80.0);
  const Eigen::MatrixXd coherence =
      spectra(network, solve_stationary(network).state, frequency).coherence(0);
  EXPECT_NEAR((coherence.diagonal().array() - 1).abs().maxCoeff(), 0, 1e-12);
  EXPECT_LE(coherence.maxCoeff(), 1 + 1e-12);
}

TEST(Spectra, RenewalNoiseIsPoissonNoiseAtHighFrequency) {
  const Network network = brunel2000();
  const StationaryState state = solve_stationary(network).state;
  const Eigen::VectorXd frequency = Eigen::VectorXd::Constant(1, 1e5);
  const double poisson = spectra(network, state, frequency).power(0, 0);
  const double renewal =
      spectra(network, state, frequency, {.response = {}, .noise = NoiseSource::kRenewal})
          .power(0, 0);
  EXPECT_NEAR(renewal, poisson, 1e-6 * poisson);
}

TEST(Spectra, AStateOfAnotherNetworkIsRefused) {
  const Network network = brunel2000();
  const StationaryState state = solve_stationary(network).state;
  const Eigen::VectorXd f = Eigen::VectorXd::Constant(1, 10.0);
  EXPECT_NO_THROW(static_cast<void>(spectra(network, state, f)));
  // Other couplings move the inputs; with other neurons the inputs are the same, the rates are not.
  Network other_couplings = network, other_neurons = network;
  for (Projection& p : other_couplings.projections) p.weight *= 1.01;
  for (Population& p : other_neurons.populations) p.neuron.V_th += 1e-4;
  for (const Network& other : {other_couplings, other_neurons}) {
    EXPECT_THROW(static_cast<void>(spectra(other, state, f)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(stability(other, state)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(covariance_spectra(other, state, f)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(population_covariances(other, state)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(effective_connectivity(mean_field(other), state)),
                 std::invalid_argument);
  }
  StationaryState rates_only;
  rates_only.rates = state.rates;
  EXPECT_THROW(static_cast<void>(spectra(network, rates_only, f)), std::invalid_argument);
}

TEST(Spectra, CarryTheVerdictOnTheirState) {
  const Network network = brunel2000();
  StationaryState state = solve_stationary(network).state;
  const Eigen::VectorXd f = Eigen::VectorXd::Constant(1, 10.0);
  for (const bool stable : {true, false}) {
    state.rate_dynamics_stable = stable;
    EXPECT_EQ(spectra(network, state, f).rate_dynamics_stable, stable);
    EXPECT_EQ(covariance_spectra(network, state, f).rate_dynamics_stable, stable);
    EXPECT_EQ(population_covariances(network, state).rate_dynamics_stable, stable);
  }
}

TEST(Spectra, APopulationWithoutSizeIsAFault) {
  Network network = brunel2000();
  const StationaryState state = solve_stationary(network).state;
  network.populations[0].size = 0;
  EXPECT_THROW((void)spectra(network, state, Eigen::VectorXd::Constant(1, 10.0)), ModelError);
  EXPECT_THROW((void)spectra(brunel2000(), state, Eigen::VectorXd::Constant(1, -1.0)),
               std::invalid_argument);
}

}  // namespace
}  // namespace nuphi::test
