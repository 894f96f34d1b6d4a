#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "support/process.h"

namespace nuphi::test {
namespace {

const std::string kProgram = NUPHI_PROGRAM;

ProcessResult siegert(const std::string& arguments) {
  return run_shell("'" + kProgram + "' siegert " + arguments);
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  std::string cell;
  while (std::getline(stream, cell, ',')) cells.push_back(cell);
  return cells;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> rows;
  std::stringstream stream(text);
  std::string line;
  while (std::getline(stream, line)) rows.push_back(line);
  return rows;
}

TEST(SiegertCommand, WritesInputsThenOutputsInOrder) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref\n15,5,20,10,0.02,0.002\n25,0,20,10,0.02,0.002\n");
  EXPECT_EQ(siegert(folder / "p.csv --output " + folder / "o.csv").exit_code, 0);
  const auto rows = lines(read_file(folder / "o.csv"));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0],
            "mu,sigma,V_th,V_reset,tau_m,t_ref,rate,log_rate,drate_dmu,drate_dsigma,dlog_rate_dmu,"
            "dlog_rate_dsigma,cv");
  EXPECT_EQ(rows[1].rfind("15,5,20,10,0.02,0.002,", 0), 0U);
  // Without noise: ν = 1/(t_ref + τ_m ln((μ − V_reset)/(μ − V_th))), CV = 0.
  const auto noiseless = split(rows[2]);
  EXPECT_NEAR(std::stod(noiseless[6]), 1 / (0.002 + 0.02 * std::log(15.0 / 5.0)), 1e-13);
  EXPECT_EQ(std::stod(noiseless[12]), 0.0);
}

TEST(SiegertCommand, ColumnsComeInAnyOrderWithCommentsAndOptionalOnes) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             "# SI units\r\nsigma,mu,V_th,V_reset,tau_m,t_ref,tau_syn,correction\r\n"
             "5,15,20,10,0.02,0.002,0,\r\n5,15,20,10,0.02,0.002,0.001,none\r\n\r\n# "
             "shifted\r\n5,15,20,10,0.02,0.002,0.001,\r\n");
  const ProcessResult result = siegert(folder / "p.csv");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto rows = lines(result.out);
  ASSERT_EQ(rows.size(), 4U);
  const double white = std::stod(split(rows[1])[8]);
  EXPECT_EQ(std::stod(split(rows[2])[8]), white);
  EXPECT_LT(std::stod(split(rows[3])[8]), white);
}

TEST(SiegertCommand, ABadRowEndsTheRunWithItsPlaceUnlessKeepGoing) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref\n15,5,20,10,0.02,0.002\n15,oops,20,10,0.02,0."
             "002\n15,5\n16,5,20,10,0.02,0.002\n");
  const ProcessResult stopped = siegert(folder / "p.csv --output " + folder / "o.csv");
  EXPECT_EQ(stopped.exit_code, 3);
  EXPECT_NE(
      stopped.err.find("p.csv:3:4: error: column \"sigma\": expected a number, found \"oops\""),
      std::string::npos)
      << stopped.err;
  const ProcessResult kept =
      siegert("--keep-going " + folder / "p.csv --output " + folder / "o.csv");
  EXPECT_EQ(kept.exit_code, 3);
  EXPECT_NE(kept.err.find("p.csv:4:1: error: 2 fields where the header has 6"), std::string::npos)
      << kept.err;
  const auto rows = lines(read_file(folder / "o.csv"));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(split(rows[2])[6], "nan");
  EXPECT_EQ(rows[3], "15,5,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan");
  EXPECT_NE(split(rows[4])[6], "nan");
}

TEST(SiegertCommand, SecondDerivativesAreThreeMoreColumnsThatAgreeWithDifferences) {
  const TemporaryFolder folder;
  const double h = 1e-4;
  write_file(folder / "p.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref\n15,5,20,10,0.02,0.002\n15.0001,5,20,10,0.02,0."
             "002\n15,5.0001,20,10,0.02,0.002\n");
  const ProcessResult result = siegert("--second-derivatives " + folder / "p.csv");
  const auto rows = lines(result.out);
  EXPECT_TRUE(rows[0].ends_with(",cv,d2rate_dmu2,d2rate_dmudsigma,d2rate_dsigma2")) << rows[0];
  const auto at = [&](std::size_t row, std::size_t column) {
    return std::stod(split(rows[row])[column]);
  };
  // One-sided differences: their error is of order h times the third derivative.
  EXPECT_NEAR((at(2, 8) - at(1, 8)) / h, at(1, 13), 1e-3 * std::abs(at(1, 13)));
  EXPECT_NEAR((at(3, 8) - at(1, 8)) / h, at(1, 14), 1e-3 * std::abs(at(1, 14)));
  EXPECT_NEAR((at(3, 9) - at(1, 9)) / h, at(1, 15), 1e-3 * std::abs(at(1, 15)));
}

TEST(SiegertCommand, ANumberOutsideTheDomainIsABadRowWithItsPlaceAndRemedy) {
  const TemporaryFolder folder;
  const std::string header = "mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,correction\n";
  const auto error_of = [&](const std::string& row) {
    write_file(folder / "p.csv", header + row + "\n");
    const ProcessResult result = siegert(folder / "p.csv");
    EXPECT_EQ(result.exit_code, 3) << row;
    const ProcessResult kept = siegert("--keep-going " + folder / "p.csv");
    EXPECT_EQ(kept.exit_code, 3) << row;
    EXPECT_EQ(split(lines(kept.out)[1])[8], "nan") << row;
    EXPECT_NE(kept.err.find("1 of 1 rows are bad"), std::string::npos) << kept.err;
    return result.err;
  };
  const auto contains = [](const std::string& text, const std::string& part) {
    return text.find(part) == std::string::npos ? ::testing::AssertionFailure()
                                                      << part << " not in\n"
                                                      << text
                                                : ::testing::AssertionSuccess();
  };
  EXPECT_TRUE(
      contains(error_of("15,-1,20,10,20,2,0,"), "p.csv:2:4: error: sigma = -1 is negative"));
  EXPECT_TRUE(
      contains(error_of("nan,5,20,10,20,2,0,"), "p.csv:2:1: error: column \"mu\": expected"));
  EXPECT_TRUE(contains(error_of("1e999,5,20,10,20,2,0,"), "expected a finite number"));
  EXPECT_TRUE(
      contains(error_of("15,5,20,20,20,2,0,"), "p.csv:2:9: error: V_reset = 20 is not below"));
  EXPECT_TRUE(contains(error_of("15,5,20,10,0,2,0,"), "tau_m is 0"));
  EXPECT_TRUE(contains(error_of("15,5,20,10,20,-2,0,"), "t_ref = -2 is negative"));
  EXPECT_TRUE(contains(error_of("15,5,20,10,20,2,-1,"), "tau_syn = -1 is negative"));
  EXPECT_TRUE(contains(error_of("15,5,20,10,20,2,1,shifty"), "allowed are none, shift, taylor"));
  EXPECT_TRUE(contains(error_of("15,5,20,10,20,2,1,shifty"), "--keep-going"));
}

TEST(SiegertCommand, RowsOfManyBlocksStayInOrderAndKeepTheirLineNumbers) {
  const TemporaryFolder folder;
  constexpr int kRows = 60000;  // a few blocks
  std::string text = "mu,sigma,V_th,V_reset,tau_m,t_ref\n";
  for (int i = 0; i < kRows; ++i)
    text += (i == 50000 ? "oops" : std::to_string(i)) + ",5000,20000,10000,0.02,0.002\n";
  write_file(folder / "p.csv", text);
  const ProcessResult kept =
      siegert("--keep-going - --output " + folder / "o.csv" + " < " + (folder / "p.csv"));
  EXPECT_EQ(kept.exit_code, 3);
  EXPECT_NE(kept.err.find("<stdin>:50002:1: error"), std::string::npos) << kept.err;
  EXPECT_NE(kept.err.find("<stdin>: 1 of 60000 rows are bad"), std::string::npos) << kept.err;
  const auto rows = lines(read_file(folder / "o.csv"));
  ASSERT_EQ(rows.size(), kRows + 1U);
  double last = 0;
  for (int i = 0; i < kRows; ++i) {
    const auto cells = split(rows[i + 1]);
    if (i == 50000) {
      EXPECT_EQ(cells[6], "nan");
      continue;
    }
    ASSERT_EQ(cells[0], std::to_string(i));
    ASSERT_GT(std::stod(cells[6]), last) << i;
    last = std::stod(cells[6]);
  }
}

TEST(SiegertCommand, ManyBadRowsAreCountedAndTheFirstShown) {
  const TemporaryFolder folder;
  std::string text = "mu,sigma,V_th,V_reset,tau_m,t_ref\n";
  for (int i = 0; i < 100; ++i) text += "15,-1,20,10,20,2\n";
  write_file(folder / "p.csv", text);
  const ProcessResult kept = siegert("--keep-going " + folder / "p.csv");
  EXPECT_NE(kept.err.find("100 of 100 rows are bad and have nan outputs; the first 10 are shown"),
            std::string::npos)
      << kept.err;
  EXPECT_NE(kept.err.find("p.csv:11:"), std::string::npos);
  EXPECT_EQ(kept.err.find("p.csv:12:"), std::string::npos);
}

TEST(SiegertCommand, CorrectionsMayChangeFromRowToRow) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref,tau_syn,correction\n"
             "21,5,20,10,0.02,0.002,0.002,shift\n21,5,20,10,0.02,0.002,0.2,adiabatic\n"
             "21,5,20,10,0.02,0.002,0.002,none\n21,5,20,10,0.02,0.002,0.002,taylor\n"
             "21,5,20,10,0.02,0.002,0.002,shift_refractory\n21,0,20,10,0.02,0.002,0.2,adiabatic\n"
             "21,5,20,10,0.02,0.002,0.002,exact\n");
  const ProcessResult result = siegert(folder / "p.csv");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto rows = lines(result.out);
  const auto rate = [&](std::size_t row) { return std::stod(split(rows[row])[8]); };
  EXPECT_LT(rate(1), rate(3));  // the shifts together lower the rate of a driven neuron
  EXPECT_LT(rate(5), rate(1));  // the shift of the reset raises it: less of that
  EXPECT_NEAR(rate(4), rate(1), 0.03 * rate(1));
  EXPECT_NEAR(rate(6), 1 / (0.002 + 0.02 * std::log(11.0)), 1e-12);
  EXPECT_EQ(split(rows[2])[14], "nan");  // no CV
  EXPECT_NEAR(rate(7), rate(1), 0.05 * rate(1));
  EXPECT_NEAR(std::stod(split(rows[7])[14]), std::stod(split(rows[1])[14]), 0.05);
}

TEST(SiegertCommand, OtherTransferFunctionsTakeTheirParametersFromColumns) {
  const TemporaryFolder folder;
  const auto rate = [&](const std::string& name, const std::string& more = "") {
    write_file(folder / "q.csv", name == "binary"           ? "mu,sigma,theta\n15,5,20\n"
                                 : name == "noisy_softplus" ? "mu,sigma,V_th,k,S\n15,5,20,0.5,3\n"
                                 : name == "threshold_linear"
                                     ? "mu,sigma,theta,gain,spread\n25,5,20,2,0\n"
                                     : "mu,sigma\n2.5,1\n");
    const ProcessResult result = siegert("--transfer " + name + more + " " + folder / "q.csv");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(lines(result.out)[0].ends_with(",rate,drate_dmu,drate_dsigma"));
    const auto cells = split(lines(result.out)[1]);
    return std::stod(cells[cells.size() - 3]);
  };
  EXPECT_NEAR(rate("binary"), 0.5 * std::erfc(1 / std::sqrt(2.0)), 1e-15);
  EXPECT_NEAR(rate("noisy_softplus"), 3 * 2.5 * std::log1p(std::exp(-2.0)), 1e-14);
  EXPECT_NEAR(rate("threshold_linear"), 10, 1e-14);
  write_file(folder / "t.csv", "mu,rate\n1,0\n2,10\n3,20\n");
  EXPECT_NEAR(rate("tabulated", " --table " + folder / "t.csv"), 15, 1e-12);
}

TEST(SiegertCommand, FaultsOfTransferFunctionsAreToldApart) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv", "mu,sigma\n15,5\n");
  write_file(folder / "t.csv", "mu,rate\n1,0\n2,10\n");
  EXPECT_EQ(siegert("--transfer sigmoid " + folder / "p.csv").exit_code, 2);
  EXPECT_EQ(siegert("--transfer tabulated " + folder / "p.csv").exit_code, 2);
  EXPECT_EQ(siegert("--second-derivatives --transfer binary " + folder / "p.csv").exit_code, 2);
  const ProcessResult no_theta = siegert("--transfer binary " + folder / "p.csv");
  EXPECT_EQ(no_theta.exit_code, 3);
  EXPECT_NE(no_theta.err.find("column \"theta\" is missing"), std::string::npos);
  const ProcessResult outside =
      siegert("--transfer tabulated --table " + folder / "t.csv" + " " + (folder / "p.csv"));
  EXPECT_EQ(outside.exit_code, 3);
  EXPECT_NE(outside.err.find("p.csv:2:1: error: mu = 15, sigma = 5 lies outside"),
            std::string::npos)
      << outside.err;
  EXPECT_EQ(siegert("--transfer tabulated --table nowhere.csv " + folder / "p.csv").exit_code, 5);
}

TEST(SiegertCommand, HeadersAreChecked) {
  const TemporaryFolder folder;
  const auto error_of = [&](const std::string& text) {
    write_file(folder / "p.csv", text);
    const ProcessResult result = siegert(folder / "p.csv");
    EXPECT_EQ(result.exit_code, 3);
    return result.err;
  };
  EXPECT_NE(
      error_of("mu,sigma,V_th,V_r,tau_m,t_ref\n").find("p.csv:1:15: error: unknown column \"V_r\""),
      std::string::npos);
  EXPECT_NE(error_of("mu,sigma,V_th,V_reset,tau_m\n").find("column \"t_ref\" is missing"),
            std::string::npos);
  EXPECT_NE(error_of("mu,mu,sigma,V_th,V_reset,tau_m,t_ref\n").find("stands twice"),
            std::string::npos);
  EXPECT_NE(error_of("").find("p.csv:1:1: error"), std::string::npos);
}

}  // namespace
}  // namespace nuphi::test
