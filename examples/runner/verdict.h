#pragma once

#include <nuphi/analysis/stability.h>
#include <nuphi/models/notes.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/validity.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "result_io.h"

/// What every command says of a state beside its numbers, in the same words.
namespace nuphi::runner {

/// Stability of the network with its delays about a state.
struct DelayVerdict {
  bool delays_given = false;          ///< without any there is nothing to say
  std::optional<int> unstable_modes;  ///< empty: undecided
  std::string reason;                 ///< why
};

struct Verdict {
  std::optional<bool> rate_dynamics_stable;
  std::optional<int> unstable_directions;  ///< of the rate dynamics
  DelayVerdict delays;
  CouplingRadius coupling;
  std::vector<Note> notes;
};

/// Modes are counted up to 64 populations, where that is quick; not after a signal.
Verdict verdict_of(const Network& network, const StationaryState& state,
                   const ResponseOptions& response = {});
/// The same with modes that have been counted already.
Verdict verdict_of(const Network& network, const StationaryState& state,
                   const StabilityReport& report);

/// Of a point that is no stationary state: what its parameters show.
Verdict no_verdict(const Network& network, const StationaryState& point);

/// "stable under rate dynamics", "unstable under rate dynamics, in 2 directions"
std::string stability_phrase(const StationaryState& state);
/// "stable with delays", "unstable with delays (6 unstable modes)", "stability with delays
/// undecided: …"; empty without delays.
std::string phrase(const DelayVerdict& verdict);
/// All three, e.g. "stable under rate dynamics; stable with delays; coupling radius R = 0.21".
std::string phrase(const Verdict& verdict);

/// Adds `rate_dynamics_stable`, `coupling_radius`, where there are delays `unstable_modes`,
/// `stable` and, where undecided, `reason`, and `notes`.
void add_verdict(Json& json, const Verdict& verdict);
/// The last two of them.
void add_reason_and_notes(Json& json, const Verdict& verdict);
/// Adds a note unless there is one of its code.
void add_note(std::vector<Note>& notes, Note note);
Json notes_json(const std::vector<Note>& notes);
std::string notes_text(const std::vector<Note>& notes);  ///< "note: …", a line each

/// What to say of linear results (`what`: "spectra") about a state that the network leaves.
std::optional<Note> unstable_state_note(const DelayVerdict& verdict, std::string_view what);

}  // namespace nuphi::runner
