#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/rates/validity.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "default_correction.h"

namespace nuphi {
namespace {

using namespace units;

constexpr double kLargestShare = 0.5;      // of the white-noise rate that a first order may take
constexpr double kLargestParameter = 0.5;  // √(τ_syn/τ_m)
constexpr double kSilent = 1e-3;           // [Hz]: nobody minds the error of such a rate
constexpr double kCeiling = 0.9;           // of 1/t_ref

struct Worst {
  std::size_t index = 0;
  double value = 0;
  std::vector<std::string> beyond{};  ///< names of all above the limit
};

/// The populations above a limit, and the one farthest above.
Worst worst_of(const std::vector<std::string>& names, double limit,
               const std::function<double(std::size_t)>& value) {
  Worst worst;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double here = value(i);
    if (!(here > limit)) continue;
    worst.beyond.push_back(names[i]);
    if (here <= worst.value) continue;
    worst.index = i;
    worst.value = here;
  }
  return worst;
}

/// Notes on the colour correction of one field.
class Colour {
 public:
  Colour(const MeanField& field, const StationaryState& state)
      : field_(field), state_(state), neurons_(effective_neurons(field, state.rates)) {}

  std::vector<Note> notes() {
    const Correction correction = correction_of(field_);
    if (correction == Correction::kAdiabatic) {
      adiabatic();
      return std::move(notes_);
    }
    if (correction == Correction::kUniform) slow();
    if (correction == Correction::kExact || correction == Correction::kUniform) {
      several_time_constants();
      return std::move(notes_);
    }
    if (correction == Correction::kTaylor) taylor();
    expansion();
    return std::move(notes_);
  }

 private:
  /// worst_of() those with coloured noise.
  [[nodiscard]] Worst worst(double limit, const std::function<double(std::size_t)>& value) const {
    return worst_of(field_.names, limit, [&](std::size_t i) {
      const bool coloured =
          neurons_[i].tau_syn > 0 && state_.std_input[static_cast<Eigen::Index>(i)] > 0;
      return coloured ? value(i) : 0;
    });
  }
  void add(const char* code, std::string message, Worst worst) {
    notes_.push_back({code, std::move(message), std::move(worst.beyond)});
  }
  [[nodiscard]] std::string times(std::size_t i) const {
    return fmt::format("`{}` has tau_syn = {:.3g} ms, tau_m = {:.3g} ms", field_.names[i],
                       neurons_[i].tau_syn / ms, neurons_[i].tau_m / ms);
  }

  void adiabatic() {
    const Worst found =
        worst(1, [&](std::size_t i) { return neurons_[i].tau_m / neurons_[i].tau_syn; });
    if (found.beyond.empty()) return;
    add("colour-adiabatic", "adiabatic is the limit of slow synapses: " + times(found.index),
        found);
  }

  /// The fit ends there.
  void slow() {
    const Worst found =
        worst(2, [&](std::size_t i) { return neurons_[i].tau_syn / neurons_[i].tau_m; });
    if (found.beyond.empty()) return;
    add("colour-uniform", "uniform is fitted to tau_syn <= 2 tau_m: " + times(found.index), found);
  }

  /// Exact is one time constant; several share an effective one.
  void several_time_constants() {
    const Worst found =
        worst(0, [&](std::size_t i) { return takes_filtered(field_.nodes[i]) ? 1.0 : 0.0; });
    if (found.beyond.empty()) return;
    add("colour-mixed",
        fmt::format("{} knows one tau_syn: the synapses of `{}` differ and share an effective one",
                    correction_of(field_) == Correction::kExact ? "exact" : "uniform",
                    field_.names[found.index]),
        found);
  }

  /// 1 − ν/ν₀: above 1 the rate is negative.
  void taylor() {
    const auto share = [&](std::size_t i) {
      const auto k = static_cast<Eigen::Index>(i);
      const double white =
          siegert(state_.mean_input[k], state_.std_input[k], neurons_[i], Correction::kNone).rate;
      return white > 0 ? 1 - state_.rates[k] / white : 0;
    };
    if (const Worst found = worst(1, share); !found.beyond.empty()) {
      add("taylor-negative",
          fmt::format("the rate of `{}` is negative: outside the validity of the first-order "
                      "correction taylor",
                      field_.names[found.index]),
          found);
    } else if (const Worst large = worst(kLargestShare, share); !large.beyond.empty()) {
      add("taylor-large",
          fmt::format("the first-order correction taylor takes {:.0f} % of the white-noise rate of "
                      "`{}`: it is meant to be small",
                      100 * large.value, field_.names[large.index]),
          large);
    }
  }

  void expansion() {
    const Worst found = worst(kLargestParameter, [&](std::size_t i) {
      return std::sqrt(neurons_[i].tau_syn / neurons_[i].tau_m);
    });
    if (found.beyond.empty()) return;
    add("colour-expansion",
        fmt::format("the correction expands in sqrt(tau_syn/tau_m) = {:.2f}: {}", found.value,
                    times(found.index)),
        found);
  }

  const MeanField& field_;
  const StationaryState& state_;
  std::vector<LifParameters> neurons_;
  std::vector<Note> notes_;
};

void append(std::vector<Note>& notes, std::vector<Note> more) {
  notes.insert(notes.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

/// @param t_ref  of population i
std::vector<Note> ceiling_notes(const std::vector<std::string>& names, const StationaryState& state,
                                const std::function<double(std::size_t)>& t_ref) {
  const Worst worst = worst_of(names, kCeiling, [&](std::size_t i) {
    return state.rates[static_cast<Eigen::Index>(i)] * t_ref(i);
  });
  if (worst.beyond.empty()) return {};
  const double rate = state.rates[static_cast<Eigen::Index>(worst.index)];
  return {{"rate-near-ceiling",
           fmt::format("`{}` fires at {:.4g} Hz, {:.0f} % of 1/t_ref: the network has run into its "
                       "refractory time",
                       names[worst.index], rate, 100 * worst.value),
           worst.beyond}};
}

std::vector<Note> coupling_notes(const Network& network, const StationaryState& state) {
  const CouplingRadius radius = coupling_radius(network, state);
  if (!radius.value || *radius.value < kStrongCoupling) return {};
  return {{"strong-coupling",
           fmt::format("the coupling radius R = {:.3g} is not below {:.2f}: fluctuations of single "
                       "neurons feed on themselves, and rates are higher than theory says",
                       *radius.value, kStrongCoupling),
           {}}};
}

std::vector<Note> jump_notes(const Network& network, const StationaryState& state,
                             const std::vector<std::string>& names) {
  if (state.rate_dynamics_stable == false) return {};  // no network stays there
  const Eigen::VectorXd errors = jump_errors(network, state);
  const auto of = [&](std::size_t i) { return errors[static_cast<Eigen::Index>(i)]; };
  const Worst worst = worst_of(names, kLargestJumpError, [&](std::size_t i) {
    return state.rates[static_cast<Eigen::Index>(i)] < kSilent ? 0 : std::abs(of(i));
  });
  if (worst.beyond.empty()) return {};
  const double error = of(worst.index);
  const double rate = state.rates[static_cast<Eigen::Index>(worst.index)];
  const std::string size = error > 1 ? "more than twice"
                                     : fmt::format("about {:.0f} % {}", 100 * std::abs(error),
                                                   error > 0 ? "above" : "below");
  return {
      {"large-jumps",
       fmt::format("synaptic jumps are not small against the noise: they alone put the true rate "
                   "of `{}` {} the {:.3g} Hz of theory (estimate)",
                   names[worst.index], size, rate),
       worst.beyond}};
}

bool is_coloured(const Network& network) {
  return network.correction != Correction::kNone &&
         std::any_of(network.populations.begin(), network.populations.end(),
                     [](const Population& p) { return p.neuron.model == NeuronModel::kLifExp; });
}

}  // namespace

std::vector<Note> validity_notes(const MeanField& field, const StationaryState& state) {
  if (state.rates.size() != field.size() || state.mean_input.size() != field.size())
    throw std::invalid_argument("validity: the state is not one of this field");
  if (!all_lif(field)) return {};
  std::vector<Note> notes = ceiling_notes(field.names, state, [&](std::size_t i) {
    return field.lif(static_cast<Eigen::Index>(i)).neuron.t_ref;
  });
  if (correction_of(field) != Correction::kNone) append(notes, Colour(field, state).notes());
  return notes;
}

std::vector<Note> validity_notes(const Network& network, const StationaryState& state) {
  std::vector<Note> notes = network_notes(network);
  append(notes, coupling_notes(network, state));
  std::vector<std::string> names;
  for (const Population& p : network.populations) names.push_back(p.name);
  append(notes, jump_notes(network, state, names));
  if (is_coloured(network)) {
    const MeanField field = mean_field(network);
    append(notes, validity_notes(field, state));
    if (all_lif(field)) append(notes, default_correction_notes(network, state));
    return notes;
  }
  // The field of a large network takes its time.
  append(notes, ceiling_notes(names, state,
                              [&](std::size_t i) { return network.populations[i].neuron.t_ref; }));
  return notes;
}

}  // namespace nuphi
