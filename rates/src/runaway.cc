#include "runaway.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace nuphi {
namespace {

constexpr double kRunaway = 1e6;  // [Hz]; no neuron fires like that
constexpr int kSteps = 1000;      // a gain 2 % above one grows from 1 Hz to that meanwhile
constexpr double kStep = 0.5;     // of the flow's time constant

}  // namespace

std::string runaway_message(RateProblem& problem, const MeanField& field,
                            const Eigen::VectorXd& start) {
  if (!all_lif(field)) return "";
  Eigen::VectorXd rates = start;
  Eigen::VectorXd value(rates.size());
  for (int k = 0; k < kSteps && rates.size() > 0; ++k) {
    problem.evaluate(rates, value);
    if (!value.allFinite()) return "";
    rates = (rates + kStep * (value - rates)).cwiseMax(problem.lower());
    if (rates.maxCoeff() > kRunaway) break;
  }
  std::vector<std::string> names;
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    // Those that grow along with the largest.
    if (rates.maxCoeff() > kRunaway && rates[i] > 1e-3 * kRunaway && field.lif(i).neuron.t_ref == 0)
      names.push_back(field.names[k]);
  }
  if (names.empty()) return "";
  constexpr std::size_t kShown = 10;
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - more);
  return fmt::format(
      "rates grow without bound because t_ref is 0 (population{} {}{}): the recurrent gain exceeds "
      "one, and without a refractory time nothing limits the rate",
      names.size() == 1 ? "" : "s", fmt::join(names, ", "),
      more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace nuphi
