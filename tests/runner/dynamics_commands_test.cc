#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "runner/program.h"
#include "support/csv.h"

namespace nuphi::test {
namespace {

const std::string kProgram = NUPHI_PROGRAM;
const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

// What a transfer function has not is refused by its name, never computed for LIF neurons.
TEST(DynamicsCommands, NameTheTransferFunctionTheyRefuse) {
  const std::string model = NUPHI_SOURCE_DIR "/tests/data/power_law.yaml";
  for (const char* command : {"stability ", "spectra ", "curve --population E "}) {
    const ProcessResult result = nuphi(command + model);
    EXPECT_NE(result.exit_code, 0) << command;
    EXPECT_NE(result.err.find("transfer function power_law"), std::string::npos) << result.err;
  }
  for (const char* command : {"solve ", "solve --all ", "sensitivity ", "describe ",
                              "continue --parameter n --from 1.5 --to 3 "}) {
    const ProcessResult result = nuphi(command + model);
    EXPECT_EQ(result.exit_code, 0) << command << result.err;
  }
}

TEST(StabilityCommand, JsonHoldsTheStableKeys) {
  const auto json = json_of("stability " + kModels + "brunel2000.yaml --set g=3");
  EXPECT_EQ(json["unstable_modes"], 2);
  EXPECT_EQ(json["stable"], false);
  EXPECT_EQ(json["eigenvalues"][0]["growth_rate"]["unit"], "1/s");
  EXPECT_NEAR(json["eigenvalues"][0]["growth_rate"]["value"], 231.877957475255, 1e-8);  // mpmath
  EXPECT_NEAR(json["eigenvalues"][0]["frequency"]["value"], 660.557182056547, 1e-8);
  EXPECT_NEAR(json["critical_delay_scale"], 1.8636974858995319 / 1.5, 1e-10);
  EXPECT_EQ(json_of("stability " + kModels +
                    "brunel2000.yaml --set g=3 --refractoriness rate_only")["unstable_modes"],
            0);
}

TEST(StabilityCommand, TheColourResponseIsThatOfTheLineThenOfTheModel) {
  const std::string model = "stability " + kModels + "microcircuit.yaml";
  const auto moving = json_of(model), fixed = json_of(model + " --colour-response quasi_static");
  EXPECT_EQ(moving["unstable_modes"], 2);
  EXPECT_EQ(moving["settings"]["colour_response"], "moving");
  EXPECT_EQ(fixed["unstable_modes"], 6);
  EXPECT_EQ(fixed["settings"]["colour_response"], "quasi_static");
  EXPECT_EQ(nuphi(model + " --colour-response still").exit_code, 2);
  const std::string file = testing::TempDir() + "quasi_static.yaml";
  ASSERT_EQ(nuphi("describe " + kModels + "microcircuit.yaml --output " + file).exit_code, 0);
  ASSERT_EQ(run_shell("sed -i 's/solve: {/solve: {response: {colour: quasi_static}, /' " + file)
                .exit_code,
            0);
  for (const char* command : {"stability ", "solve "}) {
    const auto stated = json_of(command + file);
    const auto& at = stated.contains("fixed_points") ? stated["fixed_points"][0] : stated;
    EXPECT_EQ(at["unstable_modes"], 6) << command;
    const auto overruled = json_of(command + file + " --colour-response moving");
    const auto& there =
        overruled.contains("fixed_points") ? overruled["fixed_points"][0] : overruled;
    EXPECT_EQ(there["unstable_modes"], 2) << command;
  }
}

TEST(SolveCommand, PolishEndsOnTheExactFunction) {
  const std::string model = kModels + "synaptic_times.yaml";
  const auto polished = json_of("solve " + model + " --polish exact");
  EXPECT_EQ(polished["settings"]["polish"], "exact");
  const std::string file = testing::TempDir() + "exact.yaml";
  ASSERT_EQ(nuphi("describe " + model + " --output " + file).exit_code, 0);
  ASSERT_EQ(run_shell("sed -i -e 's/correction: [a-z_]*, //' -e 's/solve: {/solve: {correction: "
                      "exact, /' " +
                      file)
                .exit_code,
            0);
  const auto exact = json_of("solve " + file), plain = json_of("solve " + model);
  const auto rates = [](const nlohmann::json& json) {
    return json["fixed_points"][0]["rate"]["values"].get<std::vector<double>>();
  };
  for (std::size_t i = 0; i < rates(exact).size(); ++i) {
    EXPECT_NEAR(rates(polished)[i], rates(exact)[i], 1e-8 * rates(exact)[i]);
    EXPECT_NE(rates(polished)[i], rates(plain)[i]);
  }
  EXPECT_EQ(nuphi("solve " + model + " --polish well").exit_code, 2);
}

TEST(ResponseCommand, TakesTheBoundariesThatMoveOrNot) {
  const std::string points =
      "mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,frequency\n"
      "0.014,0.004,0.02,0.01,0.02,0.002,0.001,80\n";
  const auto variance = [&](const std::string& options) {
    const ProcessResult result =
        run_shell("printf '" + points + "' | '" + kProgram + "' response - " + options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::string row = result.out.substr(result.out.find('\n') + 1);
    std::vector<double> numbers;
    for (std::size_t at = 0; at != std::string::npos;
         at = row.find(',', at) == std::string::npos ? std::string::npos : row.find(',', at) + 1)
      numbers.push_back(std::strtod(row.c_str() + at, nullptr));
    const std::size_t first = numbers.size() - 7;
    return std::array{std::complex<double>(numbers[first], numbers[first + 1]),
                      std::complex<double>(numbers[first + 2], numbers[first + 3])};
  };
  const auto moving = variance(""), fixed = variance("--colour-response quasi_static");
  EXPECT_EQ(moving[0], fixed[0]);
  const double c = 1.0326265761156086 * std::sqrt(0.001 / 0.02);
  const std::complex<double> velocity(0, 2 * std::numbers::pi * 80 * 0.02);
  const std::complex<double> expected = fixed[1] - c / (2 * 0.004) * velocity * fixed[0];
  EXPECT_LE(std::abs(moving[1] - expected), 1e-12 * std::abs(expected));
}

TEST(StabilityCommand, TheDelayOfOneConnectionIsScaledByName) {
  const std::string model = "stability " + kModels + "brunel2000.yaml";
  const auto json = json_of(model + " --delay-of 'E<-I'");
  EXPECT_EQ(json["settings"]["delay_of"], "E<-I");
  EXPECT_EQ(json["unstable_modes"], 0);
  EXPECT_NE(json["critical_delay_scale"], json_of(model)["critical_delay_scale"]);
  EXPECT_EQ(nuphi(model + " --delay-of E").exit_code, 2);
  EXPECT_EQ(nuphi(model + " --delay-of 'E<-X'").exit_code, 2);
  EXPECT_EQ(nuphi("stability " + kModels + "bistable.yaml --delay-of 'A<-A'").exit_code, 2);
}

/// One population of the kind described, with its delay.
std::string single(const std::string& neuron, const std::string& weight, const std::string& input,
                   const std::string& delay) {
  return "schema: nuphi/1\nname: single\nneuron: " + neuron +
         "\npopulations: [{name: I, size: 100}]\nconnections:\n  - {from: I, to: I, indegree: 100, "
         "weight: " +
         weight + (delay.empty() ? "" : ", delay: " + delay) +
         "}\ninputs:\n  - {to: I, noise: " + input + "}\n";
}

TEST(StabilityCommand, AnswersInExtremeCases) {
  const TemporaryFolder folder;
  const std::string delta =
      "{model: lif_delta, tau_m: 20 ms, t_ref: 2 ms, V_th: 20 mV, V_reset: 10 mV}";
  const std::string exponential =
      "{model: lif_exp, C_m: 250 pF, tau_m: 20 ms, t_ref: 2 ms, tau_syn_ex: 2 ms, tau_syn_in: 2 "
      "ms, V_th: 20 mV, V_reset: 10 mV}";
  const auto judge = [&](const std::string& text) {
    write_file(folder / "m.yaml", text);
    return json_of("stability " + folder / "m.yaml");
  };
  // A single population, strongly inhibiting itself: stable without much delay, then not.
  const auto one = judge(single(delta, "-0.2 mV", "{mean: 40 mV, sigma: 5 mV}", "1 ms"));
  EXPECT_TRUE(one["unstable_modes"].is_number());
  EXPECT_TRUE(one["critical_delay_scale"].is_number());
  // Silent: nothing to become unstable.
  const auto silent = judge(single(delta, "-0.2 mV", "{mean: -50 mV, sigma: 1 mV}", "1 ms"));
  EXPECT_EQ(silent["unstable_modes"], 0);
  // Without noise of any kind, silent too.
  EXPECT_EQ(judge(single(delta, "-0.2 mV", "{mean: 10 mV, sigma: 0 mV}", "1 ms"))["unstable_modes"],
            0);
  // All variance recurrent: the count cannot be closed, and says why.
  const auto noiseless = judge(single(delta, "-0.2 mV", "{mean: 40 mV, sigma: 0 mV}", "1 ms"));
  EXPECT_TRUE(noiseless["unstable_modes"].is_number() || noiseless.contains("reason"));
  // Colour, and a truncated Gaussian delay.
  const auto coloured =
      judge(single(exponential, "-50 pA", "{mean: 40 mV, sigma: 5 mV}",
                   "{mean: 1.5 ms, sd: 0.75 ms, distribution: truncated_gaussian}"));
  EXPECT_TRUE(coloured["unstable_modes"].is_number());
  EXPECT_FALSE(coloured.contains("reason")) << coloured["reason"];
  // No delay at all.
  const auto undelayed = judge(single(delta, "-0.2 mV", "{mean: 40 mV, sigma: 5 mV}", ""));
  EXPECT_NE(undelayed["reason"].get<std::string>().find("no delays"), std::string::npos);
}

TEST(StabilityCommand, WithoutDelaysItSaysThatItCannotTell) {
  const auto json = json_of("stability " + kModels + "three_states.yaml");
  EXPECT_TRUE(json["unstable_modes"].is_null());
  EXPECT_TRUE(json["stable"].is_null());
  EXPECT_NE(json["reason"].get<std::string>().find("delay"), std::string::npos);
}

TEST(SpectraCommand, MissingDelaysAreAFaultOfTheModel) {
  const ProcessResult result = nuphi("spectra " + kModels + "three_states.yaml");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("three_states.yaml:16:3: error"), std::string::npos) << result.err;
}

TEST(SpectraCommand, WritesOneRowAFrequency) {
  const auto json = json_of("spectra " + kModels + "brunel2000.yaml --frequencies 10:200:10");
  EXPECT_EQ(json["frequency"]["values"].size(), 20U);
  EXPECT_EQ(json["power"]["values"].size(), 20U);
  EXPECT_EQ(json["power"]["values"][0].size(), 2U);
  EXPECT_EQ(nuphi("spectra " + kModels + "brunel2000.yaml --frequencies 10:5:1").exit_code, 2);
  EXPECT_EQ(nuphi("spectra " + kModels + "brunel2000.yaml --frequencies x").exit_code, 2);
  EXPECT_EQ(nuphi("spectra " + kModels + "brunel2000.yaml --noise pink").exit_code, 2);
}

TEST(SpectraCommand, SaysThatTheNetworkLeavesAnUnstableState) {
  const std::string range = " --frequencies 10:90:20";
  const ProcessResult unstable = nuphi("spectra " + kModels + "brunel2000.yaml --set g=3" + range);
  EXPECT_EQ(unstable.exit_code, 0);
  EXPECT_NE(unstable.err.find("unstable modes"), std::string::npos) << unstable.err;
  const auto json = json_of("spectra " + kModels + "brunel2000.yaml --set g=3" + range);
  EXPECT_EQ(json["unstable_modes"], 2);
  EXPECT_EQ(json["notes"].size(), 1U);
  EXPECT_EQ(nuphi("spectra " + kModels + "brunel2000.yaml" + range).err, "");
}

TEST(SpectraCommand, MatricesAndSensitivitiesAreThereWhenAskedFor) {
  const std::string model = "spectra " + kModels + "microcircuit.yaml --frequencies 10:90:20";
  const auto json = json_of(model + " --matrices --sensitivity all");
  EXPECT_EQ(json["cross_spectra"]["re"].size(), 5U);
  EXPECT_EQ(json["cross_spectra"]["re"][2][3].size(), 8U);
  EXPECT_EQ(json["cross_spectra"]["re"][2][3][3], json["power"]["values"][2][3]);
  EXPECT_EQ(json["effective_connectivity"]["im"][4].size(), 8U);
  EXPECT_EQ(json["sensitivities"].size(), 8U);
  EXPECT_EQ(json["sensitivities"][0], json["sensitivity"]);
  for (const auto& mode : json["sensitivities"]) {
    double sum = 0;
    for (const auto& row : mode["sensitivity"]["re"])
      for (const auto& value : row) sum += value.get<double>();
    EXPECT_NEAR(sum, mode["eigenvalue"]["re"].get<double>(), 1e-9);
  }
  const auto plain = json_of(model + " --sensitivity none");
  EXPECT_FALSE(plain.contains("sensitivity"));
  EXPECT_FALSE(plain.contains("cross_spectra"));
  EXPECT_EQ(nuphi(model + " --sensitivity some").exit_code, 2);
}

TEST(SpectraCommand, TheVarianceResponseCanBeDropped) {
  const std::string model = "spectra " + kModels + "microcircuit.yaml --frequencies 60 ";
  const auto with = json_of(model + "--variance-response on");
  const auto without = json_of(model + "--variance-response off");
  EXPECT_EQ(with["settings"]["variance_response"], true);
  EXPECT_EQ(without["settings"]["variance_response"], false);
  EXPECT_NE(with["power"], without["power"]);
  EXPECT_EQ(json_of(model + "--no-variance-response")["power"], without["power"]);
  EXPECT_EQ(nuphi(model + "--variance-response maybe").exit_code, 2);
}

/// The reference tables through the program, in units of σ and τ_m.
CsvTable response_to_table(const CsvTable& table, const TemporaryFolder& folder) {
  std::string points = "mu,sigma,V_th,V_reset,tau_m,t_ref,frequency\n";
  for (std::size_t row = 0; row < table.size(); ++row) {
    points += fmt::format("0,1,{},{},1,{},{}\n", table.text(row, "y_t"), table.text(row, "y_r"),
                          table.text(row, "rho"),
                          table.number(row, "omega_tau") / (2 * std::numbers::pi));
  }
  write_file(folder / "p.csv", points);
  EXPECT_EQ(nuphi("response " + folder / "p.csv --output " + folder / "r.csv").exit_code, 0);
  return CsvTable(folder / "r.csv");
}

std::complex<double> complex_cell(const CsvTable& table, std::size_t row, const std::string& name) {
  return {table.number(row, name + "_re"), table.number(row, name + "_im")};
}

/// 1/(2π) · 2π need not be 1: frequencies that lost their last bit are left out.
bool is_exact(double omega) {
  return omega / (2 * std::numbers::pi) * 2 * std::numbers::pi == omega;
}

TEST(ResponseCommand, MeetsTheReferenceTable) {
  const TemporaryFolder folder;
  const CsvTable truth("response.csv");
  const CsvTable found = response_to_table(truth, folder);
  ASSERT_EQ(found.size(), truth.size());
  for (std::size_t row = 0; row < truth.size(); ++row) {
    const double rate = found.number(row, "rate");
    if (rate < 1e-290 || !is_exact(truth.number(row, "omega_tau"))) continue;
    for (const auto& [ours, theirs] :
         {std::pair{"response_mu", "G_mu"}, std::pair{"response_variance", "G_variance"}}) {
      const std::complex<double> expected = complex_cell(truth, row, theirs);
      EXPECT_LE(std::abs(complex_cell(found, row, ours) / rate - expected),
                5e-14 * std::abs(expected))
          << theirs << ", row " << row;
    }
  }
}

TEST(ResponseCommand, MeetsTheReferenceSpectra) {
  const TemporaryFolder folder;
  const CsvTable truth("first_passage.csv");
  const CsvTable found = response_to_table(truth, folder);
  ASSERT_EQ(found.size(), truth.size());
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (!is_exact(truth.number(row, "omega_tau"))) continue;
    EXPECT_NEAR(found.number(row, "spectrum") / truth.number(row, "spectrum"), 1, 5e-14) << row;
    EXPECT_NEAR(found.number(row, "rate") / truth.number(row, "nu_tau"), 1, 5e-15) << row;
  }
}

TEST(ResponseCommand, AtFrequencyZeroTheResponseIsTheDerivative) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref,frequency\n0.015,0.005,0.02,0.01,0.02,0.002,0\n0."
             "015,0.005,0.02,0.01,0.02,0.002,100\n");
  write_file(folder / "s.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref\n0.015,0.005,0.02,0.01,0.02,0.002\n");
  ASSERT_EQ(nuphi("response " + folder / "p.csv --output " + folder / "r.csv").exit_code, 0);
  ASSERT_EQ(nuphi("siegert " + folder / "s.csv --output " + folder / "d.csv").exit_code, 0);
  const auto cell = [](const std::string& text, int line, int column) {
    std::size_t at = 0;
    for (int k = 0; k < line; ++k) at = text.find('\n', at) + 1;
    for (int k = 0; k < column; ++k) at = text.find(',', at) + 1;
    return std::stod(text.substr(at));
  };
  const std::string response = read_file(folder / "r.csv");
  const std::string static_values = read_file(folder / "d.csv");
  EXPECT_NE(response.find(",rate,response_mu_re,response_mu_im,response_variance_re,response_"
                          "variance_im,isi_transform_re,isi_transform_im,spectrum\n"),
            std::string::npos);
  const double slope = cell(static_values, 1, 8);
  EXPECT_NEAR(cell(response, 1, 8), slope, 1e-13 * slope);
  EXPECT_EQ(cell(response, 1, 9), 0);
  const double cv = cell(static_values, 1, 12);
  EXPECT_NEAR(cell(response, 1, 14), cv * cv, 1e-12);
  EXPECT_LT(std::hypot(cell(response, 2, 8), cell(response, 2, 9)), slope);
}

}  // namespace
}  // namespace nuphi::test
