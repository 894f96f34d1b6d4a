#include <fmt/format.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>
#include <nuphi/models/find_population.h>
#include <nuphi/models/words.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/rates/validity.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "commands.h"
#include "curve_report.h"
#include "ending.h"
#include "files.h"
#include "neuron_argument.h"
#include "points.h"
#include "result_io.h"
#include "signals.h"
#include "stop_on_interrupt.h"
#include "verdict.h"

namespace nuphi::runner {
namespace {

using namespace units;

constexpr int kMostPoints = 1000000;

/// The neuron whose curve is drawn, and where it stands.
struct Subject {
  std::string title;
  std::vector<std::string> facts;
  LifParameters neuron;
  double C_m = 0;
  Correction correction = Correction::kShift;
  double mu = 0, sigma = 0;  ///< of the stationary state; of a single neuron, μ without current
  bool in_network = false;
};

Stimulus stimulus_of(const std::string& name) {
  for (const Stimulus s : {Stimulus::kMean, Stimulus::kCurrent, Stimulus::kSigma}) {
    if (name == name_of(s).name) return s;
  }
  throw UsageError(fmt::format("--stimulus \"{}\": allowed are mean, current, sigma", name));
}

std::string neuron_fact(const LifParameters& n, double C_m, Correction correction) {
  std::string text =
      fmt::format("tau_m {:.6g} ms, t_ref {:.6g} ms, V_th {:.6g} mV, V_reset {:.6g} mV above rest",
                  n.tau_m / ms, n.t_ref / ms, n.V_th / mV, n.V_reset / mV);
  if (C_m > 0) text += fmt::format(", C_m {:.6g} pF", C_m / pF);
  if (n.tau_syn > 0)
    text += fmt::format(", tau_syn {:.6g} ms, correction {}", n.tau_syn / ms,
                        to_word(kCorrections, correction));
  return text;
}

Subject single_neuron(const CurveArguments& arguments) {
  if (!arguments.population.empty())
    throw UsageError("--population needs a model file, of which it names a population");
  if (!arguments.model.set.empty()) throw UsageError("--set needs a model file");
  const NeuronArgument given = parse_neuron(arguments.neuron);
  Subject s{.title = "LIF neuron", .facts = {}, .neuron = given.neuron, .C_m = given.C_m};
  if (!arguments.correction.empty() && !parse_correction(arguments.correction, s.correction)) {
    throw UsageError(
        fmt::format("--correction \"{}\": allowed are none, shift, taylor, shift_refractory, "
                    "adiabatic, uniform, exact",
                    arguments.correction));
  }
  s.facts.push_back(neuron_fact(s.neuron, s.C_m, s.correction));
  return s;
}

std::size_t population_index(const Network& network, const std::string& name) {
  if (const auto found = find_population(network, name)) return *found;
  if (name.empty() && network.populations.size() == 1) return 0;
  std::string known;
  for (const Population& p : network.populations) known += (known.empty() ? "" : ", ") + p.name;
  throw UsageError(name.empty()
                       ? fmt::format("--population is missing: one of {}", known)
                       : fmt::format("--population \"{}\": the model has {}", name, known));
}

/// A population at the stationary state. @return nothing if that was not found
std::optional<Subject> population(const CurveArguments& arguments) {
  if (!arguments.neuron.empty() || !arguments.correction.empty())
    throw UsageError("--neuron and --correction are for a single neuron; a model has its own");
  const Model model = load(arguments.model);
  const std::size_t index = population_index(model.network, arguments.population);
  SolveOptions options = model.solve;
  options.find = Find::kOne;
  const MeanField field = mean_field(model.network);
  require_lif(field, "curves are");
  const StationaryResult result = solve_stationary(field, options, stop_on_signals());
  if (!result.converged()) {
    (void)no_state(result.summary, "to hold the other inputs at");
    return std::nullopt;
  }
  const Population& p = model.network.populations[index];
  const auto row = static_cast<Eigen::Index>(index);
  Subject s{.title = fmt::format("{}, population {}", model.network.name, p.name),
            .facts = {},
            .neuron = effective_neurons(field, result.state.rates)[index],
            .C_m = p.neuron.C_m,
            .correction = field.lif(row).correction,
            .mu = result.state.mean_input[row],
            .sigma = result.state.std_input[row],
            .in_network = true};
  s.facts.push_back(neuron_fact(s.neuron, s.C_m, s.correction));
  s.facts.push_back("the other inputs are held at the stationary state");
  if (field.lif(row).several_tau_syn)
    s.facts.push_back("tau_syn is the effective one of its synapses there, held too");
  for (const Parameter& q : stated_parameters(model))
    s.facts.push_back(fmt::format("{} = {} {}", q.name, round_trip(q.value), q.dimension));
  return s;
}

CurvePoint evaluate(const Subject& s, Stimulus stimulus, double value, double mu, double sigma) {
  CurvePoint p;
  p.stimulus = value;
  p.mu = mu;
  p.sigma = sigma;
  p.at = siegert(mu, sigma, s.neuron, s.correction);
  p.cv = isi_cv(mu, sigma, s.neuron, s.correction);
  p.gain = stimulus == Stimulus::kSigma ? p.at.drate_dsigma : p.at.drate_dmu;
  if (stimulus == Stimulus::kCurrent) p.gain *= s.neuron.tau_m / s.C_m;
  return p;
}

/// Notes on the colour correction along a curve, the first of each kind.
class ColourNotes {
 public:
  explicit ColourNotes(const Subject& s) {
    field_.names = {s.in_network ? s.title : "neuron"};
    field_.nodes = lif_nodes({s.neuron}, s.correction);
    field_.external = Eigen::MatrixXd::Zero(1, 2);
  }

  void look_at(const CurvePoint& p) {
    const LifTransfer& lif = field_.lif(0);
    if (lif.correction == Correction::kNone || lif.neuron.tau_syn == 0) return;
    state_.rates = Eigen::VectorXd::Constant(1, p.at.rate);
    state_.mean_input = Eigen::VectorXd::Constant(1, p.mu);
    state_.std_input = Eigen::VectorXd::Constant(1, p.sigma);
    for (Note& note : validity_notes(field_, state_)) {
      if (note.code != "rate-near-ceiling") add_note(notes_, std::move(note));
    }
  }
  std::vector<Note> found() && { return std::move(notes_); }

 private:
  MeanField field_;
  StationaryState state_;
  std::vector<Note> notes_;
};

struct Range {
  double from, to;
};

/// What shows the bend of the curve when nothing is said.
Range default_range(const Subject& s, Stimulus stimulus) {
  const double length = s.neuron.V_th - s.neuron.V_reset;
  if (stimulus == Stimulus::kSigma) return {0, std::fmax(length, 2 * s.sigma)};
  Range mean{s.neuron.V_reset - length, s.neuron.V_th + length};
  if (s.in_network) {
    const double reach = std::fmax(length, 3 * s.sigma);
    mean = {s.mu - reach, s.mu + reach};
  }
  if (stimulus == Stimulus::kMean) return mean;
  const double resistance = s.neuron.tau_m / s.C_m;
  return {(mean.from - s.mu) / resistance, (mean.to - s.mu) / resistance};
}

Range range_of(const CurveArguments& arguments, const Subject& s, Stimulus stimulus) {
  Range range = default_range(s, stimulus);
  const char* unit = name_of(stimulus).unit;
  if (!arguments.from.empty()) range.from = option_quantity("--from", arguments.from, unit);
  if (!arguments.to.empty()) range.to = option_quantity("--to", arguments.to, unit);
  if (range.from == range.to) throw UsageError("--from and --to are equal");
  if (stimulus == Stimulus::kSigma && std::fmin(range.from, range.to) < 0)
    throw UsageError("--from, --to: sigma is at least 0");
  return range;
}

/// Values of what is held: σ, or μ where σ is varied.
std::vector<double> held_values(const CurveArguments& arguments, const Subject& s,
                                Stimulus stimulus) {
  const double length = s.neuron.V_th - s.neuron.V_reset, V_th = s.neuron.V_th;
  if (stimulus == Stimulus::kSigma) {
    if (!arguments.sigma.empty()) throw UsageError("--sigma: it is what --stimulus sigma varies");
    if (!arguments.mean.empty()) return option_quantities("--mean", arguments.mean, "V");
    if (s.in_network) return {s.mu};
    return {V_th - 0.5 * length, V_th, V_th + 0.5 * length};
  }
  if (arguments.sigma.empty())
    return s.in_network ? std::vector<double>{s.sigma}
                        : std::vector<double>{0.1 * length, 0.3 * length, 0.6 * length};
  const std::vector<double> values = option_quantities("--sigma", arguments.sigma, "V");
  if (*std::min_element(values.begin(), values.end()) < 0) throw UsageError("--sigma: at least 0");
  return values;
}

CurveSet trace(const CurveArguments& arguments, Subject s) {
  const Stimulus stimulus = stimulus_of(arguments.stimulus);
  if (stimulus == Stimulus::kCurrent && !(s.C_m > 0)) {
    throw UsageError(fmt::format("--stimulus current needs C_m, {}",
                                 s.in_network ? "which the neuron of the model does not give"
                                              : "as in --neuron \"C_m=250 pF\""));
  }
  if (!arguments.mean.empty() && stimulus == Stimulus::kMean)
    throw UsageError("--mean: it is what --stimulus mean varies");
  if (!arguments.mean.empty() && stimulus == Stimulus::kCurrent)
    s.mu = option_quantity("--mean", arguments.mean, "V");
  const Range range = range_of(arguments, s, stimulus);
  const std::vector<double> held = held_values(arguments, s, stimulus);

  CurveSet set{.title = s.title,
               .facts = s.facts,
               .stimulus = stimulus,
               .curves = {},
               .state = {},
               .notes = {}};
  if (stimulus == Stimulus::kCurrent)
    set.facts.push_back(fmt::format("mean input without the current: {:.6g} mV", s.mu / mV));
  const auto at = [&](double value, double held_value) {
    if (stimulus == Stimulus::kSigma) return evaluate(s, stimulus, value, held_value, value);
    const double mu = stimulus == Stimulus::kMean ? value : s.mu + s.neuron.tau_m / s.C_m * value;
    return evaluate(s, stimulus, value, mu, held_value);
  };
  ColourNotes notes(s);
  for (const double value : held) {
    Curve curve{value, {}};
    for (int i = 0; i < arguments.points && !interrupted(); ++i) {
      const double t = static_cast<double>(i) / (arguments.points - 1);
      curve.points.push_back(at((1 - t) * range.from + t * range.to, value));
      notes.look_at(curve.points.back());
    }
    set.curves.push_back(std::move(curve));
  }
  set.notes = std::move(notes).found();
  if (s.in_network) {
    set.state = stimulus == Stimulus::kSigma     ? at(s.sigma, s.mu)
                : stimulus == Stimulus::kCurrent ? at(0, s.sigma)
                                                 : at(s.mu, s.sigma);
  }
  return set;
}

bool is_complete(const CurveSet& set, std::size_t points) {
  return std::all_of(set.curves.begin(), set.curves.end(),
                     [&](const Curve& curve) { return curve.points.size() == points; });
}

std::string text_of(CurveSet& set, Format format, const CurveArguments& arguments, bool partial) {
  // Curves that were not begun have nothing to show.
  std::erase_if(set.curves, [](const Curve& curve) { return curve.points.empty(); });
  switch (format) {
    case Format::kJson:
      return curve_json(set, partial);
    case Format::kCsv:
      return curve_csv(set);
    case Format::kSvg:
      return set.curves.empty() ? "" : curve_svg(set);
    default:
      return curve_table(set, arguments.plot || ::isatty(STDOUT_FILENO) == 1);
  }
}

}  // namespace

int run_curve(const CurveArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kCsv, Format::kSvg});
  if (arguments.points < 2 || arguments.points > kMostPoints)
    throw UsageError(fmt::format("--points {}: from 2 to {}", arguments.points, kMostPoints));
  std::optional<Subject> subject;
  if (arguments.model.model.empty()) {
    subject = single_neuron(arguments);
  } else {
    subject = population(arguments);
  }
  if (!subject) return interrupted() ? interrupt_exit_code() : kNotConverged;
  CurveSet set = trace(arguments, std::move(*subject));
  OutputFile output(arguments.output);
  const bool partial = !is_complete(set, static_cast<std::size_t>(arguments.points));
  begin_ending();
  return finish(output, text_of(set, format, arguments, partial), partial);
}

}  // namespace nuphi::runner
