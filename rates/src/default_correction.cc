#include "default_correction.h"

#include <nuphi/core/siegert.h>
#include <nuphi/models/mean_field.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace nuphi {
namespace {

constexpr double kLargestChange = 0.01;    // relative
constexpr double kSilent = 1e-3;           // [Hz]: nobody minds such a rate
constexpr Eigen::Index kMostSolved = 200;  // populations

struct ShiftedRates {
  Eigen::VectorXd rates;  ///< [Hz]
  bool at_same_input = false;
};

ShiftedRates rates_by_shift(Network network, const StationaryState& state) {
  network.correction = Correction::kShift;
  const MeanField field = mean_field(network);
  if (field.size() <= kMostSolved && (state.rates.array() >= 0).all()) {
    SolveOptions options;
    options.method = Method::kNewton;
    options.initial_rates = state.rates;
    const StationaryResult result = solve_stationary(field, options);
    if (result.converged()) return {result.state.rates, false};
  }
  const std::vector<LifParameters> neurons = effective_neurons(field, state.rates);
  ShiftedRates shifted{state.rates, true};
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    shifted.rates[i] = siegert(state.mean_input[i], state.std_input[i],
                               neurons[static_cast<std::size_t>(i)], Correction::kShift)
                           .rate;
  }
  return shifted;
}

}  // namespace

std::vector<Note> default_correction_notes(const Network& network, const StationaryState& state) {
  const auto has_colour = [](const Population& p) {
    return p.neuron.model == NeuronModel::kLifExp;
  };
  if (network.correction ||
      std::none_of(network.populations.begin(), network.populations.end(), has_colour))
    return {};
  const ShiftedRates shifted = rates_by_shift(network, state);
  const auto change = [&](Eigen::Index i) {
    const double larger = std::max(std::abs(shifted.rates[i]), state.rates[i]);
    return larger > kSilent ? std::abs(shifted.rates[i] - state.rates[i]) / state.rates[i] : 0;
  };
  Note note{"default-correction", "", {}};
  Eigen::Index worst = 0;
  for (Eigen::Index i = 0; i < state.rates.size(); ++i) {
    if (!(change(i) > kLargestChange)) continue;
    note.populations.push_back(network.populations[static_cast<std::size_t>(i)].name);
    if (change(i) >= change(worst)) worst = i;
  }
  if (note.populations.empty()) return {};
  note.message = fmt::format(
      "no correction is stated, so that it is uniform; with shift, the default before, the rate of "
      "`{}` is {:.4g} Hz{}, {:.1f} % {} the {:.4g} Hz here",
      network.populations[static_cast<std::size_t>(worst)].name, shifted.rates[worst],
      shifted.at_same_input ? " at the same input" : "", 100 * change(worst),
      shifted.rates[worst] < state.rates[worst] ? "below" : "above", state.rates[worst]);
  return {note};
}

}  // namespace nuphi
