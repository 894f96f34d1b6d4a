#include "verdict.h"

#include <fmt/format.h>
#include <nuphi/analysis/hopf.h>
#include <nuphi/rates/validity.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "observables.h"
#include "signals.h"

namespace nuphi::runner {
namespace {

constexpr Eigen::Index kMostPopulations = 64;  // of a network whose modes are counted on the way

bool has_delays(const Network& network) {
  return std::any_of(network.projections.begin(), network.projections.end(),
                     [](const Projection& p) { return p.delay.has_value(); });
}

DelayVerdict count_modes(const Network& network, const StationaryState& state,
                         const ResponseOptions& response) {
  if (!has_delays(network)) return {};
  DelayVerdict verdict{
      .delays_given = true, .unstable_modes = {}, .reason = unknown_stability(network, response)};
  if (!verdict.reason.empty()) return verdict;
  if (state.rates.size() > kMostPopulations) {
    verdict.reason =
        fmt::format("`nuphi stability` counts modes of more than {} populations", kMostPopulations);
    return verdict;
  }
  if (interrupted()) {  // it may take longer than there is time
    verdict.reason = "interrupted before the modes were counted";
    return verdict;
  }
  StabilityOptions options;
  options.response = response;
  const double count = unstable_mode_count(network, state.rates, options);
  if (std::isfinite(count)) {
    verdict.unstable_modes = static_cast<int>(count);
  } else {
    verdict.reason = "the count of modes could not be closed, see `nuphi stability`";
  }
  return verdict;
}

Verdict without_delays(const Network& network, const StationaryState& state) {
  return {.rate_dynamics_stable = state.rate_dynamics_stable,
          .unstable_directions = state.unstable_directions,
          .delays = {},
          .coupling = coupling_radius(network, state),
          .notes = validity_notes(network, state)};
}

}  // namespace

Verdict verdict_of(const Network& network, const StationaryState& state,
                   const ResponseOptions& response) {
  Verdict verdict = without_delays(network, state);
  verdict.delays = count_modes(network, state, response);
  return verdict;
}

Verdict verdict_of(const Network& network, const StationaryState& state,
                   const StabilityReport& report) {
  Verdict verdict = without_delays(network, state);
  verdict.delays = {true, report.unstable_modes, report.reason};
  return verdict;
}

Verdict no_verdict(const Network& network, const StationaryState& point) {
  return {.rate_dynamics_stable = point.rate_dynamics_stable,
          .unstable_directions = point.unstable_directions,
          .delays = {},
          .coupling = {std::nullopt, "no stationary state"},
          .notes = network_notes(network)};
}

namespace {

std::string rate_phrase(std::optional<bool> stable, std::optional<int> unstable_directions) {
  if (!stable) return "stability under rate dynamics undecided";
  if (*stable) return "stable under rate dynamics";
  const int directions = unstable_directions.value_or(0);
  if (directions == 0) return "unstable under rate dynamics";
  return fmt::format("unstable under rate dynamics, in {} direction{}", directions,
                     directions == 1 ? "" : "s");
}

std::string phrase(const CouplingRadius& coupling) {
  if (!coupling.value) return "coupling radius R not known: " + coupling.reason;
  return fmt::format("coupling radius R = {:.3g}", *coupling.value);
}

}  // namespace

std::string stability_phrase(const StationaryState& state) {
  return rate_phrase(state.rate_dynamics_stable, state.unstable_directions);
}

std::string phrase(const DelayVerdict& verdict) {
  if (!verdict.delays_given) return "";
  if (!verdict.unstable_modes) return "stability with delays undecided: " + verdict.reason;
  if (*verdict.unstable_modes == 0) return "stable with delays";
  return fmt::format("unstable with delays ({} unstable mode{})", *verdict.unstable_modes,
                     *verdict.unstable_modes == 1 ? "" : "s");
}

std::string phrase(const Verdict& verdict) {
  std::string text = rate_phrase(verdict.rate_dynamics_stable, verdict.unstable_directions);
  if (verdict.delays.delays_given) text += "; " + phrase(verdict.delays);
  return text + "; " + phrase(verdict.coupling);
}

void add_note(std::vector<Note>& notes, Note note) {
  const auto has_code = [&](const Note& known) { return known.code == note.code; };
  if (std::none_of(notes.begin(), notes.end(), has_code)) notes.push_back(std::move(note));
}

Json notes_json(const std::vector<Note>& notes) {
  Json list = Json::array();
  for (const Note& note : notes) {
    list.push_back(
        {{"code", note.code}, {"message", note.message}, {"populations", note.populations}});
  }
  return list;
}

std::string notes_text(const std::vector<Note>& notes) {
  std::string text;
  for (const Note& note : notes) text += "note: " + note.message + "\n";
  return text;
}

void add_reason_and_notes(Json& json, const Verdict& verdict) {
  if (!verdict.delays.reason.empty()) json["reason"] = verdict.delays.reason;
  json["notes"] = notes_json(verdict.notes);
}

void add_verdict(Json& json, const Verdict& verdict) {
  const Network network;
  const StationaryState state;
  for (const char* name : {"rate_dynamics_stable", "coupling_radius", "unstable_modes", "stable"})
    observe(json, find_observable(name, name), {network, state, verdict});
  add_reason_and_notes(json, verdict);
}

std::optional<Note> unstable_state_note(const DelayVerdict& verdict, std::string_view what) {
  if (verdict.unstable_modes.value_or(0) == 0) return std::nullopt;
  return Note{
      "unstable-state",
      fmt::format("the network with its delays has {} unstable modes, see `nuphi "
                  "stability`: it leaves this state, about which the {} are the linear ones",
                  *verdict.unstable_modes, what),
      {}};
}

}  // namespace nuphi::runner
