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

TEST(SiegertCommand, ANumberOutsideTheDomainGivesNanNotAnError) {
  const TemporaryFolder folder;
  write_file(folder / "p.csv",
             "mu,sigma,V_th,V_reset,tau_m,t_ref\n15,-1,20,10,0.02,0.002\nnan,5,20,10,0.02,0.002\n");
  const ProcessResult result = siegert(folder / "p.csv");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(split(lines(result.out)[1])[6], "nan");
  EXPECT_EQ(split(lines(result.out)[2])[6], "nan");
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
