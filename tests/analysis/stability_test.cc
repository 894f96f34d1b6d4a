#include <gtest/gtest.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/core/units.h>
#include <nuphi/models/canonical.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/csv.h"

namespace nuphi::test {
namespace {

using namespace units;

constexpr double kDelay = 1.5 * ms;

Network brunel(double g, double eta, double delay = kDelay) {
  Brunel2000Parameters parameters;
  parameters.g = g;
  parameters.eta = eta;
  parameters.delay = delay;
  return brunel2000(parameters);
}

StabilityReport judge(const Network& network,
                      Refractoriness refractoriness = Refractoriness::kExact) {
  const StationaryResult result = solve_stationary(network);
  EXPECT_TRUE(result.converged());
  StabilityOptions options;
  options.response.refractoriness = refractoriness;
  return stability(network, result.state, options);
}

Refractoriness refractoriness_of(const std::string& name) {
  return name == "exact" ? Refractoriness::kExact : Refractoriness::kRateOnly;
}

TEST(Stability, BrunelModesHaveTheirPublishedCountsAndEigenvalues) {
  const CsvTable table("brunel2000_modes.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const StabilityReport report = judge(brunel(table.number(row, "g"), table.number(row, "eta")),
                                         refractoriness_of(table.text(row, "response")));
    EXPECT_EQ(report.unstable_modes, static_cast<int>(table.number(row, "unstable_modes"))) << row;
    const double growth = table.number(row, "growth_rate");
    const double frequency = table.number(row, "frequency");
    double nearest = std::numeric_limits<double>::infinity();
    for (const Mode& mode : report.modes) {
      nearest = std::min(nearest, std::hypot(mode.growth_rate() - growth,
                                             2 * M_PI * (mode.frequency() - frequency)));
    }
    EXPECT_LE(nearest, 1e-10 * std::hypot(growth, 2 * M_PI * frequency))
        << "row " << row << ", growth rate " << growth;
  }
}

TEST(Stability, TheRefractoryTimeInTheResponseDecidesStability) {
  // g = 3, eta = 2: unstable at 661 Hz with e^{−λρ}, stable when t_ref enters the rate alone.
  EXPECT_EQ(judge(brunel(3, 2)).stable, false);
  EXPECT_EQ(judge(brunel(3, 2), Refractoriness::kRateOnly).stable, true);
}

/// Growth rate [1/s] and frequency [Hz] of a mode, as an independent program found them.
struct KnownMode {
  double growth_rate, frequency, tolerance;
};

void expect_modes(ColourResponse colour, int unstable, const std::vector<KnownMode>& known) {
  const Network network = potjans_diesmann2014();
  StabilityOptions options;
  options.response.colour = colour;
  const StabilityReport report = stability(network, solve_stationary(network).state, options);
  EXPECT_EQ(report.unstable_modes, unstable);
  for (const KnownMode& mode : known) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const Mode& found : report.modes)
      nearest = std::min(nearest, std::max(std::abs(found.growth_rate() - mode.growth_rate),
                                           std::abs(found.frequency() - mode.frequency)));
    EXPECT_LE(nearest, mode.tolerance) << mode.growth_rate << "/s at " << mode.frequency;
  }
}

// A density that is integrated in time grows by 32.7/s at 82.72 Hz; modes at 242 and 273 Hz, of
// which simulations show nothing, are what boundaries that do not move with σ bring.
TEST(Stability, TheMicrocircuitHasNoFastUnstableModesWhereBoundariesMove) {
  expect_modes(ColourResponse::kMoving, 2,
               {{32.7, 82.72, 0.05}, {-192, 260, 0.5}, {-137, 304, 0.5}});
  expect_modes(ColourResponse::kQuasiStatic, 6,
               {{34.9, 86.7, 0.05}, {108.9, 241.8, 0.05}, {108.5, 273.1, 0.05}});
}

TEST(Stability, TheNetworkDecidesHowItsResponseIsTakenUnlessOptionsDo) {
  Network network = potjans_diesmann2014();
  network.response.colour = ColourResponse::kQuasiStatic;
  const StationaryState state = solve_stationary(network).state;
  EXPECT_EQ(unstable_mode_count(network, state.rates), 6);
  StabilityOptions options;
  options.response.colour = ColourResponse::kMoving;
  EXPECT_EQ(unstable_mode_count(network, state.rates, options), 2);
  network.response = {.refractoriness = Refractoriness::kRateOnly, .variance = false};
  const NetworkResponse response(network, state);
  EXPECT_EQ(response.refractoriness(), Refractoriness::kRateOnly);
  EXPECT_FALSE(response.has_variance_response());
}

// The closed form is 1–3 % from the shift here, and so are its modes.
TEST(Stability, TheMicrocircuitWithUniformHasTheModesOfTheShiftNearby) {
  Network network = potjans_diesmann2014();
  network.correction = Correction::kUniform;
  const StabilityReport report = stability(network, solve_stationary(network).state);
  EXPECT_EQ(report.unstable_modes, 2);
  ASSERT_FALSE(report.modes.empty());
  EXPECT_NEAR(report.modes.front().frequency(), 82.72, 2);
  EXPECT_NEAR(report.modes.front().growth_rate(), 32.7, 5);
}

// A variance that passes no filter would make the boundaries jump.
TEST(Stability, BoundariesOfAnUnfilteredVarianceDoNotMove) {
  const Network network = potjans_diesmann2014();
  const StationaryState state = solve_stationary(network).state;
  const auto matrix = [&](ColourResponse colour, bool filter) {
    ResponseOptions options{.colour = colour, .synaptic_filter = filter};
    Eigen::MatrixXcd M;
    NetworkResponse(network, state, options).effective_connectivity({0, 2000}, M);
    return M;
  };
  EXPECT_EQ(matrix(ColourResponse::kMoving, false), matrix(ColourResponse::kQuasiStatic, false));
  EXPECT_NE(matrix(ColourResponse::kMoving, true), matrix(ColourResponse::kQuasiStatic, true));
}

TEST(Stability, CriticalDelaysOfBrunelNetworksAreFound) {
  const CsvTable table("brunel2000_critical_delays.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double delay = table.number(row, "delay") * ms;
    const Network network = brunel(table.number(row, "g"), table.number(row, "eta"));
    StabilityOptions options;
    options.max_delay_scale = 1.01 * delay / kDelay;
    const StabilityReport report = stability(network, solve_stationary(network).state, options);
    double nearest = std::numeric_limits<double>::infinity();
    bool destabilizing = false;
    for (const CriticalDelay& critical : report.critical_delays) {
      const double distance = std::abs(critical.scale * kDelay - delay);
      if (distance < nearest) destabilizing = critical.destabilizing;
      nearest = std::min(nearest, distance);
    }
    EXPECT_LE(nearest, 1e-10 * delay) << row;
    EXPECT_EQ(destabilizing, table.text(row, "gain") == "falls") << row;
  }
}

TEST(Stability, TheFirstCriticalScaleIsWhereTheCountChanges) {
  const StabilityReport report = judge(brunel(5, 2));
  ASSERT_TRUE(report.critical_delay_scale.has_value());
  EXPECT_EQ(judge(brunel(5, 2, 0.999 * *report.critical_delay_scale * kDelay)).unstable_modes, 0);
  EXPECT_EQ(judge(brunel(5, 2, 1.001 * *report.critical_delay_scale * kDelay)).unstable_modes, 2);
}

TEST(Stability, TrackedCriticalDelaysAgreeWithTheClosedForm) {
  // The same delays written as uniform distributions of no width: not recognised as common, the
  // same answer.
  Network network = brunel(5, 2);
  for (Projection& projection : network.projections) {
    projection.delay =
        Delay{.distribution = DelayDistribution::kUniform, .min = kDelay, .max = kDelay};
  }
  const StabilityReport tracked = judge(network);
  const StabilityReport closed = judge(brunel(5, 2));
  ASSERT_TRUE(tracked.critical_delay_scale.has_value());
  EXPECT_NEAR(*tracked.critical_delay_scale, *closed.critical_delay_scale, 1e-9);
}

StabilityOptions up_to(double max_delay_scale, std::optional<Connection> delay_of = {}) {
  StabilityOptions options;
  options.max_delay_scale = max_delay_scale;
  options.delay_of = delay_of;
  return options;
}

/// Unstable modes with all delays, or those of one connection, multiplied by a factor.
std::optional<int> count_with_delays_times(Network network, double factor,
                                           std::optional<Connection> only = {}) {
  for (Projection& p : network.projections) {
    if (only && (p.target != only->target || p.source != only->source)) continue;
    for (double* part : {&p.delay->mean, &p.delay->sd, &p.delay->min, &p.delay->max})
      *part *= factor;
  }
  const double count = unstable_mode_count(network, solve_stationary(network).state.rates);
  return std::isfinite(count) ? std::optional(static_cast<int>(count)) : std::nullopt;
}

void expect_changes_at(const Network& network, const std::vector<CriticalDelay>& critical,
                       std::optional<Connection> only = {}) {
  for (const CriticalDelay& c : critical) {
    const auto below = count_with_delays_times(network, c.scale * (1 - 1e-5), only);
    const auto above = count_with_delays_times(network, c.scale * (1 + 1e-5), only);
    ASSERT_TRUE(below && above) << c.scale;
    EXPECT_EQ(*above - *below, c.destabilizing ? 2 : -2) << c.scale;
  }
}

int change_of(const std::vector<CriticalDelay>& critical, double low, double high) {
  int sum = 0;
  for (const CriticalDelay& c : critical)
    if (c.scale > low && c.scale <= high) sum += c.destabilizing ? 2 : -2;
  return sum;
}

TEST(Stability, EveryCriticalDelayOfTheMicrocircuitChangesTheCountAndNoOtherDoes) {
  const Network network = potjans_diesmann2014();
  const StationaryState state = solve_stationary(network).state;
  const std::vector<CriticalDelay> critical = stability(network, state, up_to(4)).critical_delays;
  ASSERT_FALSE(critical.empty());
  expect_changes_at(network, critical);
  const std::vector<double> scales = {0.1, 0.3, 0.6, 0.75, 1, 1.5, 3.9};
  for (std::size_t k = 1; k < scales.size(); ++k) {
    EXPECT_EQ(*count_with_delays_times(network, scales[k]) -
                  *count_with_delays_times(network, scales[k - 1]),
              change_of(critical, scales[k - 1], scales[k]))
        << scales[k];
  }
}

TEST(Stability, TheDelayOfOneConnectionAloneCanBeCritical) {
  const Network network = brunel(5, 2);
  const StationaryState state = solve_stationary(network).state;
  const Connection inhibition{0, 1};
  const StabilityReport report = stability(network, state, up_to(1.1, inhibition));
  ASSERT_FALSE(report.critical_delays.empty());
  expect_changes_at(network, report.critical_delays, inhibition);
  EXPECT_EQ(report.unstable_modes, 0);
  Network without = network;
  without.projections.erase(
      std::remove_if(without.projections.begin(), without.projections.end(),
                     [](const Projection& p) { return p.target == 0 && p.source == 1; }),
      without.projections.end());
  EXPECT_THROW((void)stability(without, solve_stationary(without).state, up_to(1.1, inhibition)),
               std::invalid_argument);
}

TEST(Stability, WithoutExternalNoiseTheCountIsUndecidedOrClosedNeverGuessed) {
  // All variance is recurrent: the gain of the variance does not decay below 1.
  Network network = brunel(3, 2);
  for (ExternalInput& input : network.inputs) input.source = DcInput{.drive = 40 * mV};
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  const StabilityReport report = stability(network, result.state);
  if (!report.unstable_modes) {
    EXPECT_FALSE(report.reason.empty());
    EXPECT_FALSE(report.stable.has_value());
  }
}

TEST(Stability, UndecidedShowsTheModesFoundAndSaysWhichPopulationsLackNoise) {
  Network network = brunel(8, 2);
  for (ExternalInput& input : network.inputs) input.source = DcInput{.drive = 60 * mV};
  const StabilityReport report = judge(network);
  ASSERT_FALSE(report.unstable_modes.has_value());
  EXPECT_NE(report.reason.find("E, I"), std::string::npos) << report.reason;
  EXPECT_NE(report.reason.find("none from outside"), std::string::npos) << report.reason;
  EXPECT_NE(report.reason.find("up to 2000 Hz"), std::string::npos) << report.reason;
  ASSERT_FALSE(report.modes.empty());
  for (const Mode& m : report.modes) EXPECT_LE(m.residual, 1e-8);
  // What was found is a mode, though others may be missing.
  ASSERT_GT(report.modes.front().growth_rate(), 0);
  EXPECT_NE(report.reason.find("the state is unstable"), std::string::npos) << report.reason;
}

TEST(Stability, ParticipationsSumToOneAndResidualsAreRoundings) {
  for (const Mode& mode : judge(brunel(6, 4)).modes) {
    EXPECT_NEAR(mode.participation.sum(), 1, 1e-12);
    EXPECT_LE(mode.residual, 1e-8);
  }
}

TEST(Stability, MissingAndAcausalDelaysAreFaults) {
  Network network = brunel(5, 2);
  const StationaryState state = solve_stationary(network).state;
  network.projections[1].delay.reset();
  EXPECT_THROW((void)stability(network, state), ModelError);
  network.projections[1].delay =
      Delay{.distribution = DelayDistribution::kGaussian, .mean = kDelay, .sd = 0.5 * ms};
  EXPECT_THROW((void)stability(network, state), ModelError);
}

TEST(Hopf, BrunelPointsAreLocatedToTenDigits) {
  const CsvTable table("brunel2000_hopf.csv");
  for (std::size_t row = 0; row < table.size(); ++row) {
    const double g = table.number(row, "g");
    const double eta = table.number(row, "eta");
    const bool over_g = table.text(row, "varied") == "g";
    const NetworkFamily family = [&](double p) { return over_g ? brunel(p, eta) : brunel(g, p); };
    const double exact = over_g ? g : eta;
    StabilityOptions options;
    options.response.refractoriness = refractoriness_of(table.text(row, "response"));
    std::vector<ParameterState> branch;
    for (const double p : {0.99 * exact, 1.01 * exact})
      branch.push_back({p, solve_stationary(family(p)).state.rates});
    const HopfSearch search = search_hopf_points(family, branch, options);
    // No fold lies between: as many points as pairs of modes cross. At g = 3.2 there is a second
    // one, of 645 Hz.
    const int change = *search.unstable_modes[1] - *search.unstable_modes[0];
    ASSERT_EQ(search.points.size(), static_cast<std::size_t>(std::abs(change)) / 2) << row;
    const auto found = std::min_element(
        search.points.begin(), search.points.end(), [&](const HopfPoint& a, const HopfPoint& b) {
          return std::abs(a.parameter - exact) < std::abs(b.parameter - exact);
        });
    EXPECT_NEAR(found->parameter, exact, 1e-10 * exact) << row;
    EXPECT_NEAR(found->frequency, table.number(row, "frequency"), 1e-9 * found->frequency) << row;
    EXPECT_NEAR(found->rates[0], table.number(row, "rate"), 1e-9 * found->rates[0]) << row;
  }
}

}  // namespace
}  // namespace nuphi::test
