#include <nuphi/core/siegert.h>
#include <nuphi/solver/validity.h>

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <stdexcept>

namespace nuphi {
namespace {

struct Worst {
  std::size_t index = 0;
  double value = 0;
};

/// The population with the largest value among those with coloured noise.
Worst worst_of(const std::vector<LifParameters>& neurons, const Eigen::VectorXd& sigma,
               const std::function<double(std::size_t)>& value) {
  Worst worst;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    if (neurons[i].tau_syn == 0 || !(sigma[static_cast<Eigen::Index>(i)] > 0)) continue;
    const double here = value(i);
    if (here > worst.value) worst = {i, here};
  }
  return worst;
}

}  // namespace

std::vector<std::string> validity_notes(const MeanField& field, const StationaryState& state) {
  if (state.rates.size() != field.size() || state.mean_input.size() != field.size())
    throw std::invalid_argument("validity: the state is not one of this field");
  std::vector<std::string> notes;
  if (!field.transfer.empty() || field.correction == Correction::kNone) return notes;
  if (field.correction == Correction::kExact) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
      if (!field.is_mixed(i)) continue;
      notes.push_back(fmt::format(
          "exact knows one tau_syn: the synapses of `{}` differ and share an effective one",
          field.names[i]));
      break;
    }
    return notes;
  }
  const std::vector<LifParameters> neurons = effective_neurons(field, state.rates);
  const auto times = [&](std::size_t i) {
    return fmt::format("`{}` has tau_syn = {:.3g} ms, tau_m = {:.3g} ms", field.names[i],
                       neurons[i].tau_syn * 1e3, neurons[i].tau_m * 1e3);
  };
  if (field.correction == Correction::kAdiabatic) {
    const Worst worst = worst_of(neurons, state.std_input, [&](std::size_t i) {
      return neurons[i].tau_m / neurons[i].tau_syn;
    });
    if (worst.value > 1)
      notes.push_back("adiabatic is the limit of slow synapses: " + times(worst.index));
    return notes;
  }
  if (field.correction == Correction::kTaylor) {
    const Worst worst = worst_of(neurons, state.std_input, [&](std::size_t i) {
      const auto k = static_cast<Eigen::Index>(i);
      const double white =
          siegert(state.mean_input[k], state.std_input[k], neurons[i], Correction::kNone).rate;
      return white > 0 ? 1 - state.rates[k] / white : 0;
    });
    if (worst.value > 1) {
      notes.push_back(fmt::format(
          "the rate of `{}` is negative: outside the validity of the first-order correction taylor",
          field.names[worst.index]));
    } else if (worst.value > 0.5) {
      notes.push_back(fmt::format(
          "the first-order correction taylor takes {:.0f} % of the white-noise rate of `{}`: it is "
          "meant to be small",
          100 * worst.value, field.names[worst.index]));
    }
  }
  const Worst worst = worst_of(neurons, state.std_input, [&](std::size_t i) {
    return std::sqrt(neurons[i].tau_syn / neurons[i].tau_m);
  });
  if (worst.value > 0.5) {
    notes.push_back(fmt::format("the correction expands in sqrt(tau_syn/tau_m) = {:.2f}: {}",
                                worst.value, times(worst.index)));
  }
  return notes;
}

}  // namespace nuphi
