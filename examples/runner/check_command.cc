#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "commands.h"
#include "files.h"
#include "printable.h"
#include "result_io.h"
#include "stop_on_interrupt.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

/// Largest |x − e| / (atol + rtol |e|) over the populations; ≤ 1 is a match.
double mismatch(const ExpectedFixedPoint& expected, const StationaryState& state) {
  double worst = 0;
  for (Eigen::Index i = 0; i < expected.rates.size(); ++i) {
    const double allowed = expected.atol + expected.rtol * std::abs(expected.rates[i]);
    const double error = std::abs(state.rates[i] - expected.rates[i]);
    worst = std::max(worst, error == 0 ? 0 : error / allowed);
  }
  return worst;
}

struct Outcome {
  bool met = false;
  std::string text;  ///< one line for people
};

Outcome compare(const ExpectedFixedPoint& expected, const std::vector<StationaryState>& states) {
  if (states.empty()) return {false, "no fixed point was found"};
  const auto nearer = [&](const StationaryState& a, const StationaryState& b) {
    return mismatch(expected, a) < mismatch(expected, b);
  };
  const StationaryState& nearest = *std::min_element(states.begin(), states.end(), nearer);
  const double error = mismatch(expected, nearest);
  if (error > 1) {
    return {false,
            fmt::format("not found; the nearest fixed point is {:.3g} times the tolerance away",
                        error)};
  }
  if (expected.stable && expected.stable != nearest.rate_dynamics_stable) {
    return {false,
            fmt::format("found, but expected {} and it is {}",
                        *expected.stable ? "stable" : "unstable", stability_phrase(nearest))};
  }
  return {true, fmt::format("found, {:.2g} of the tolerance away", error)};
}

Json rates_json(const Eigen::VectorXd& rates) { return quantities("Hz", rates); }

/// Checks one model; the JSON entry goes into `report`.
bool check_model(const ModelArguments& arguments, Json& report) {
  const Model model = load(arguments);
  Json entry = {{"model", model.network.name}, {"file", arguments.model}};
  const std::vector<Note> notes = network_notes(model.network);
  for (const Note& note : notes) fmt::print("{}: note: {}\n", arguments.model, note.message);
  entry["notes"] = notes_json(notes);
  if (model.expect.empty()) {
    (void)mean_field(model.network);
    print_out(fmt::format("{}: valid; it states no expect, so there is nothing to compare\n",
                          arguments.model));
    entry["ok"] = true;
    entry["expectations"] = Json::array();
    report.push_back(std::move(entry));
    return true;
  }
  SolveOptions options = model.solve;
  if (model.expect.size() > 1) options.find = Find::kAll;
  std::vector<StationaryState> states;
  if (options.find == Find::kAll) {
    states = find_stationary_states(mean_field(model.network), options, stop_on_signals()).states;
  } else {
    const StationaryResult result = solve_stationary(model.network, options, stop_on_signals());
    if (result.converged()) states.push_back(result.state);
  }
  if (interrupted()) return true;  // of a search that was cut short there is nothing to say
  bool ok = true;
  for (std::size_t k = 0; k < model.expect.size(); ++k) {
    const Outcome outcome = compare(model.expect[k], states);
    ok = ok && outcome.met;
    print_out(fmt::format("{}: expect.fixed_points[{}]: {}: {}\n", arguments.model, k,
                          outcome.met ? "ok" : "FAILED", outcome.text));
    entry["expectations"].push_back({{"ok", outcome.met},
                                     {"message", outcome.text},
                                     {"rate", rates_json(model.expect[k].rates)}});
  }
  entry["ok"] = ok;
  for (const StationaryState& state : states)
    entry["fixed_points"].push_back(fixed_point(model, state, verdict_of(model.network, state)));
  report.push_back(std::move(entry));
  return ok;
}

}  // namespace

int run_check(const CheckArguments& arguments) {
  (void)format_of(arguments.output, {Format::kJson});
  if (arguments.output == "-")
    throw UsageError("check prints its verdicts on standard output: give --output a file");
  for (const std::string& path : arguments.models) note_input(path);
  std::optional<OutputFile> file;
  if (!arguments.output.empty()) file.emplace(arguments.output);
  Json report = Json::array();
  bool ok = true;
  for (const std::string& path : arguments.models) {
    if (!interrupted()) ok = check_model({path, arguments.set, arguments.response}, report) && ok;
  }
  const bool partial = interrupted() && report.size() < arguments.models.size();
  Json json = {{"format", "nuphi-check/1"}, {"ok", ok}};
  if (partial) {
    json["partial"] = true;
    print_error("interrupted: not all models were checked\n");
  }
  json["models"] = std::move(report);
  if (file) (void)finish(*file, dump(json), partial);
  if (partial) return interrupt_exit_code();
  return ok ? kSuccess : kCheckFailed;
}

}  // namespace nuphi::runner
