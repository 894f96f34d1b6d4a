// The number of unstable modes of random networks against counts that know nothing of its bounds.
#include <gtest/gtest.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/rates/stationary.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "../../analysis/src/expanded_check.h"
#include "contour.h"
#include "many_populations.h"
#include "random_network.h"

namespace nuphi::test {
namespace {

StabilityReport count_only(const Network& network, const StationaryState& state) {
  StabilityOptions options;
  options.only_count = true;
  return stability(network, state, options);
}

/// By the contour, up to the frequency where the count was closed; the right-hand side lies where
/// delays of half a millisecond have left e^−10 of any gain.
std::optional<int> by_contour(const Network& network, const StationaryState& state, double top,
                              double spacing) {
  const NetworkResponse response(network, state);
  return Contour(response).zeros(4e4, top, spacing);
}

void expect_contour_agrees(const StationaryState& state, const Network& network,
                           const StabilityReport& report, double spacing, const std::string& name) {
  const double top = std::max(2 * M_PI * report.cut_frequency, 100.0);
  EXPECT_EQ(by_contour(network, state, top, spacing), report.unstable_modes) << name;
}

/// @return whether it has unstable modes
bool is_unstable_as_along_a_contour(const Network& network, double spacing,
                                    const std::string& name) {
  const StationaryResult result = solve_stationary(network);
  EXPECT_TRUE(result.converged()) << name;
  const StabilityReport report = count_only(network, result.state);
  EXPECT_TRUE(report.unstable_modes.has_value()) << name << ": " << report.reason;
  if (!result.converged() || !report.unstable_modes) return false;
  expect_contour_agrees(result.state, network, report, spacing, name);
  return *report.unstable_modes > 0;
}

TEST(ModeCount, OfRandomNetworksIsThatAlongAFineContour) {
  int unstable = 0;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    Random random(seed);
    const int n = 1 + random.below(12);
    const Network network =
        random_network(random, n, {.exponential = seed % 3 == 0, .one_delay = seed % 5 == 0});
    if (is_unstable_as_along_a_contour(network, 4, std::to_string(seed))) ++unstable;
  }
  // The ensemble holds both kinds.
  EXPECT_GT(unstable, 3);
  EXPECT_LT(unstable, 21);
}

// Each part of the variance moves the boundaries by a c of its own, and boundaries that move or do
// not: the bounds of both.
TEST(ModeCount, WithSeveralSynapticTimesIsThatAlongAFineContour) {
  int unstable = 0;
  for (std::uint64_t seed = 100; seed < 112; ++seed) {
    Random random(seed);
    Network network =
        random_network(random, 1 + random.below(5),
                       {.exponential = true, .one_delay = seed % 2 == 0, .several_times = true});
    if (seed % 3 == 0) network.response.colour = ColourResponse::kQuasiStatic;
    if (seed % 4 == 1) network.correction = Correction::kUniform;
    if (is_unstable_as_along_a_contour(network, 4, std::to_string(seed))) ++unstable;
  }
  EXPECT_GT(unstable, 1);
}

TEST(ModeCount, WithTheExpansionInColourIsThatAlongAFineContourOrUndecided) {
  int decided = 0, unstable = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    Network network = random_network(random, 1 + random.below(6), {.exponential = true});
    network.correction = Correction::kTaylor;
    const StationaryResult result = solve_stationary(network);
    if (!result.converged()) continue;  // the expansion may leave no state
    const StabilityReport report = count_only(network, result.state);
    if (!report.unstable_modes) {
      EXPECT_NE(report.reason.find("taylor"), std::string::npos) << seed << ": " << report.reason;
      continue;
    }
    ++decided;
    if (*report.unstable_modes > 0) ++unstable;
    expect_contour_agrees(result.state, network, report, 4, std::to_string(seed));
  }
  EXPECT_GE(decided, 5);
  EXPECT_GE(unstable, 1);
}

/// The phase of `taylor` is followed a second way: whole turns that one of them loses are seen, and
/// so is a gain that rises above 1 beyond the cut.
TEST(ModeCount, WithTheExpansionInColourIsDoubtedWhereTwoWaysDisagree) {
  // With the expansion it has an unstable mode: somewhere its gain is above 1.
  Network network = many_populations(2, 6, 4);
  network.correction = Correction::kTaylor;
  const StationaryResult result = solve_stationary(network);
  ASSERT_TRUE(result.converged());
  const NetworkResponse response(network, result.state);
  const detail::LoopMatrix matrix(response, 1);
  const detail::ModeCount count = detail::count_unstable_modes(matrix, {});
  ASSERT_TRUE(count.unstable.has_value()) << count.reason;
  ASSERT_GT(*count.unstable, 0);
  EXPECT_EQ(detail::doubt_about_expansion(matrix, count), "");
  detail::ModeCount lost = count;
  ASSERT_GT(lost.samples.size(), 4U);
  for (std::size_t k = lost.samples.size() / 2; k < lost.samples.size(); ++k)
    lost.samples[k].turned += 2 * M_PI;
  EXPECT_NE(detail::doubt_about_expansion(matrix, lost).find("two ways"), std::string::npos);
  detail::ModeCount early = count;
  early.cut = 1;  // where M still has its full gain
  EXPECT_NE(detail::doubt_about_expansion(matrix, early).find("not below 1"), std::string::npos);
}

TEST(ModeCount, OfFiftyCoupledPopulationsIsThatAlongAFineContour) {
  for (const bool one_delay : {true, false}) {
    Random random(one_delay ? 71 : 72);
    is_unstable_as_along_a_contour(
        random_network(random, 50, {.exponential = true, .one_delay = one_delay}), 8,
        one_delay ? "one delay" : "many delays");
  }
}

/// Sum of the counts of the parts, and what the network of all of them counts.
void expect_sum_of_parts(int parts, RandomNetwork kind, std::uint64_t seed) {
  Random random(seed);
  std::vector<Network> networks;
  int sum = 0;
  while (static_cast<int>(networks.size()) < parts) {
    const Network part = random_network(random, 2, kind);
    const StationaryResult result = solve_stationary(part);
    ASSERT_TRUE(result.converged());
    const StabilityReport report = count_only(part, result.state);
    if (!report.unstable_modes) continue;  // its gain stays too close to 1
    sum += *report.unstable_modes;
    networks.push_back(part);
  }
  ASSERT_GT(sum, 0);
  const Network all = side_by_side(networks, random);
  const StationaryResult result = solve_stationary(all);
  ASSERT_TRUE(result.converged());
  const StabilityReport report = count_only(all, result.state);
  EXPECT_EQ(report.unstable_modes, sum) << seed << ": " << report.reason;
}

TEST(ModeCount, OfIndependentNetworksIsTheSumOfTheirs) {
  expect_sum_of_parts(25, {.exponential = true, .one_delay = true}, 2);
  expect_sum_of_parts(25, {.exponential = true}, 3);
}

}  // namespace
}  // namespace nuphi::test
