// --colour-response and the exact response from the command line.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runner/program.h"
#include "support/csv.h"

namespace nuphi::test {
namespace {

const std::string kModels = NUPHI_SOURCE_DIR "/examples/models/";

/// The microcircuit with another correction.
std::string microcircuit(const TemporaryFolder& folder, const std::string& correction) {
  std::string text = read_file(kModels + "microcircuit.yaml");
  const std::string shift = "correction: shift";
  write_file(folder / "m.yaml", text.replace(text.find(shift), shift.size(), correction));
  return folder / "m.yaml";
}

TEST(ColourResponse, EveryResultSaysHowTheResponseWasTaken) {
  const std::string model = kModels + "microcircuit.yaml";
  for (const std::string& command :
       {"solve " + model, "covariances " + model, "stability " + model,
        "spectra " + model + " --frequencies 10",
        "continue " + kModels + "brunel2000.yaml --parameter g --from 5 --to 5.1"}) {
    for (const std::string colour : {"moving", "quasi_static"}) {
      const auto settings = json_of(command + " --colour-response " + colour)["settings"];
      EXPECT_EQ(settings["colour_response"], colour) << command;
      EXPECT_EQ(settings["refractoriness"], "exact") << command;
      EXPECT_EQ(settings["variance_response"], true) << command;
    }
  }
}

TEST(ColourResponse, ExactGivesSpectraAndCovariancesAndRefusesModesByName) {
  const TemporaryFolder folder;
  const std::string model = microcircuit(folder, "correction: uniform, response: {colour: exact}");
  const auto spectra = json_of("spectra " + model + " --frequencies 20:80:60");
  EXPECT_EQ(spectra["settings"]["colour_response"], "exact");
  EXPECT_TRUE(spectra["stable"].is_null());
  EXPECT_NE(spectra["reason"].get<std::string>().find("off the imaginary axis"), std::string::npos);
  json_of("covariances " + model + " --frequencies 20");
  const ProcessResult stability = nuphi("stability " + model);
  EXPECT_EQ(stability.exit_code, 3);
  EXPECT_NE(stability.err.find("off the imaginary axis"), std::string::npos) << stability.err;
  EXPECT_NE(stability.err.find("colour: moving"), std::string::npos) << stability.err;
  EXPECT_EQ(nuphi("stability " + model + " --colour-response moving").exit_code, 0);
}

TEST(ColourResponse, ExactGoesWithExactAndUniformOnly) {
  const ProcessResult shift =
      nuphi("spectra " + kModels + "microcircuit.yaml --frequencies 20 --colour-response exact");
  EXPECT_EQ(shift.exit_code, 3);
  EXPECT_NE(shift.err.find("corrections exact and uniform"), std::string::npos) << shift.err;
}

// The rate, ω → 0 and the conjugate at −f; white noise has nothing to be exact about.
TEST(ColourResponse, PointsOfTheCorrectionExactAreAnsweredExactly) {
  const std::string columns = "mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,correction";
  const std::string row = "0.014,0.004,0.02,0.01,0.02,0.002,0.002,exact";
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             columns + ",frequency\n" + row + ",80\n" + row + ",-80\n" + row + ",0\n");
  write_file(folder / "q.csv", columns + "\n" + row + "\n");
  ASSERT_EQ(nuphi("response " + folder / "p.csv --output " + folder / "r.csv").exit_code, 0);
  ASSERT_EQ(nuphi("siegert " + folder / "q.csv --output " + folder / "s.csv").exit_code, 0);
  const CsvTable response(folder / "r.csv"), rates(folder / "s.csv");
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(response.number(k, "rate") / rates.number(0, "rate"), 1, 1e-12);
  EXPECT_EQ(response.number(0, "response_mu_re"), response.number(1, "response_mu_re"));
  EXPECT_EQ(response.number(0, "response_mu_im"), -response.number(1, "response_mu_im"));
  EXPECT_NEAR(response.number(2, "response_mu_re") / rates.number(0, "drate_dmu"), 1, 3e-8);
  EXPECT_EQ(response.number(2, "isi_transform_re"), 1);
  EXPECT_GT(response.number(0, "spectrum"), 0.9);
  EXPECT_EQ(nuphi("response " + folder / "p.csv --colour-response exact").exit_code, 2);
}

}  // namespace
}  // namespace nuphi::test
