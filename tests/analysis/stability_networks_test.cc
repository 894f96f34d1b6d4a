#include <gtest/gtest.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace nuphi::test {
namespace {

struct Truth {
  std::string name;
  Network network;
  int unstable_modes;
  std::vector<std::complex<double>> modes;
};

std::vector<Truth> reference_networks() {
  std::ifstream file(std::string(NUPHI_TEST_DATA) + "/stability_networks.json");
  const auto json = nlohmann::json::parse(file);
  std::vector<Truth> result;
  for (const auto& entry : json["networks"]) {
    Truth truth{entry["name"],
                ModelFile::parse(entry["yaml"].get<std::string>()).resolve().network,
                entry["unstable_modes"],
                {}};
    for (const auto& z : entry["modes_per_second"]) truth.modes.emplace_back(z[0], z[1]);
    truth.network.correction = truth.network.correction.value_or(Correction::kShift);
    result.push_back(std::move(truth));
  }
  return result;
}

double distance_to_nearest(const std::vector<Mode>& modes, std::complex<double> z) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const Mode& m : modes) nearest = std::min(nearest, std::abs(m.eigenvalue - z));
  return nearest;
}

TEST(StabilityNetworks, AllModesOfNetworksThatAreHardToCountAreCountedAndListed) {
  const std::vector<Truth> networks = reference_networks();
  ASSERT_EQ(networks.size(), 64U);
  for (const Truth& truth : networks) {
    StabilityOptions options;
    // The table was made with the shift, by boundaries that do not move.
    options.response.colour = ColourResponse::kQuasiStatic;
    const StationaryState state = solve_stationary(truth.network).state;
    options.max_delay_scale = 0;  // no critical delays
    const StabilityReport report = stability(truth.network, state, options);
    EXPECT_EQ(report.unstable_modes, truth.unstable_modes) << truth.name << ": " << report.reason;
    EXPECT_EQ(report.unlisted_modes, 0) << truth.name;
    int listed = 0;
    for (const Mode& m : report.modes)
      if (m.growth_rate() > 0) listed += m.eigenvalue.imag() > 0 ? 2 : 1;
    EXPECT_EQ(listed, truth.unstable_modes) << truth.name;
    // The table holds 15 digits; rates are solved to 1e-10 Hz and a narrow resonance moves with
    // them.
    for (const std::complex<double> z : truth.modes)
      EXPECT_LE(distance_to_nearest(report.modes, z), 1e-8 * std::abs(z)) << truth.name << " " << z;
    options.only_count = true;
    EXPECT_EQ(stability(truth.network, state, options).unstable_modes, truth.unstable_modes);
  }
}

}  // namespace
}  // namespace nuphi::test
