// siegert_batch() in each instruction set of the processor against the reference tables, by regime.
#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "support/accuracy.h"
#include "support/budgets.h"
#include "support/csv.h"
#include "support/siegert_reference.h"

namespace nuphi {
namespace {

using test::CsvTable, test::ErrorStatistics;

std::string name_of(InstructionSet set) {
  if (set == InstructionSet::kAvx2) return "avx2";
  return set == InstructionSet::kAvx512 ? "avx512" : "baseline";
}

/// The whole table at once, so that the regimes meet in one batch.
struct Inputs {
  std::vector<double> mu, sigma;
  std::vector<LifParameters> neurons;

  explicit Inputs(const CsvTable& table) {
    for (std::size_t row = 0; row < table.size(); ++row) {
      mu.push_back(table.number(row, "mu"));
      sigma.push_back(table.number(row, "sigma"));
      neurons.push_back(test::neuron_of(table, row));
    }
  }
};

class SiegertBatchReference
    : public testing::TestWithParam<std::tuple<InstructionSet, std::string>> {};

TEST_P(SiegertBatchReference, StaysWithinBudget) {
  static const CsvTable table("siegert.csv");
  static const Inputs inputs(table);
  const auto& [set, regime] = GetParam();
  std::array<std::vector<double>, 12> f;
  for (auto& x : f) x.resize(table.size());
  siegert_batch(inputs.mu, inputs.sigma, inputs.neurons,
                {f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], {}},
                {.instruction_set = set});
  // The first derivatives without the second are another instantiation.
  std::array<std::vector<double>, 6> g;
  for (auto& x : g) x.resize(table.size());
  siegert_batch(inputs.mu, inputs.sigma, inputs.neurons, {g[0], g[1], g[2], g[3], g[4], g[5]},
                {.instruction_set = set});
  test::SiegertErrors errors;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.text(i, "regime") != regime) continue;
    errors.add(table, i, {g[0][i], g[1][i], g[2][i], g[3][i], g[4][i], g[5][i]},
               {{f[0][i], f[1][i], f[2][i], f[3][i], f[4][i], f[5][i]},
                f[6][i],
                f[7][i],
                f[8][i],
                f[9][i],
                f[10][i],
                f[11][i]});
  }
  errors.expect_within_budget(test::kBatchBudget);
}

class CvBatchReference : public testing::TestWithParam<std::tuple<InstructionSet, std::string>> {};

TEST_P(CvBatchReference, StaysWithinBudget) {
  static const CsvTable table("cv.csv");
  static const Inputs inputs(table);
  const auto& [set, regime] = GetParam();
  std::vector<double> cv(table.size());
  siegert_batch(inputs.mu, inputs.sigma, inputs.neurons, {.cv = cv}, {.instruction_set = set});
  ErrorStatistics errors;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.text(i, "regime") != regime) continue;
    errors.add(test::relative(cv[i], table.truth(i, "cv")), "id " + table.text(i, "id"));
  }
  EXPECT_GT(errors.count(), 0) << "no such regime in the table";
  expect_within(errors, test::kBatchCvBudget, "CV");
}

std::vector<std::string> cv_regimes() {
  std::vector<std::string> names;
  for (const auto& b : test::kCvBudgets) names.emplace_back(b.regime);
  return names;
}

const auto kName = [](const auto& parameter) {
  return name_of(std::get<0>(parameter.param)) + "_" + std::get<1>(parameter.param);
};
INSTANTIATE_TEST_SUITE_P(Sets, SiegertBatchReference,
                         testing::Combine(testing::ValuesIn(available_instruction_sets()),
                                          testing::ValuesIn(test::siegert_regimes())),
                         kName);
INSTANTIATE_TEST_SUITE_P(Sets, CvBatchReference,
                         testing::Combine(testing::ValuesIn(available_instruction_sets()),
                                          testing::ValuesIn(cv_regimes())),
                         kName);

}  // namespace
}  // namespace nuphi
