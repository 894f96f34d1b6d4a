#include "cli.h"

#include <fmt/format.h>
#include <nuphi/core/version.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <sstream>

#include "arguments.h"
#include "commands.h"
#include "printable.h"

// CLI11 takes seconds to compile: only this file sees it.
namespace nuphi::runner {
namespace {

/// The command the line names; set by the callback of its subcommand, run after parsing is over.
using Chosen = std::function<int()>;

/// An option that names a file.
CLI::Option* add_file(CLI::App& app, const std::string& name, std::string& file,
                      const std::string& text) {
  return app.add_option(name, file, text)->check([](const std::string& given) {
    return given.empty() ? "the name of a file is empty" : "";
  });
}

void add_model(CLI::App& app, ModelArguments& model) {
  app.add_option("model", model.model, "model file (YAML, schema nuphi/1)")->required();
  app.add_option(
         "--set", model.set,
         "set a number: name=value with its unit, \"J=0.2 mV\"; names are parameters of the "
         "file, entries of the network (\"indegree[E<-I]\", \"input_rate[E]\", "
         "\"delay[E<-I]\") and neuron parameters (\"neuron.tau_m[E]\")")
      ->take_all()
      ->allow_extra_args(false);
}

/// How a linear response is taken; what is not given is as the model says.
void add_response_words(CLI::App& app, ResponseWords& words) {
  app.add_option("--colour-response", words.colour,
                 "the boundaries that colour shifts move with sigma(t) (moving), or are shifted as "
                 "if it were constant (quasi_static), or nothing is shifted (exact: spectra and "
                 "covariances with the corrections exact and uniform); default: the model's, else "
                 "moving");
  app.add_option("--refractoriness", words.refractoriness,
                 "exact, or rate_only as papers that put t_ref into the rate alone; default: the "
                 "model's, else exact");
}

void add_network_response(CLI::App& app, ResponseWords& words) {
  add_response_words(app, words);
  app.add_option("--variance-response", words.variance,
                 "on, or off to drop the response to the variance, as some papers do; default: the "
                 "model's, else on");
  app.add_flag_callback(
      "--no-variance-response", [&words] { words.variance = "off"; },
      "the same as --variance-response off");
}

void add_solve(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<SolveArguments>();
  CLI::App* command = app.add_subcommand("solve", "stationary rates of a network: ν = Φ(ν)");
  add_model(*command, arguments->model);
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json or .csv; - is JSON on standard output");
  command->add_option(
      "--method", arguments->method,
      "auto, newton, ceres, anderson or relaxation (default: the model's, else auto)");
  command->add_flag("--all", arguments->all, "look for all fixed points, unstable ones included");
  command->add_flag("--up-to-symmetry", arguments->up_to_symmetry,
                    "with --all: one fixed point of each class that permutations of equal "
                    "populations turn into each other");
  add_file(*command, "--initial", arguments->initial,
           "start from a CSV population,rate in Hz instead of zero rates");
  command->add_option("--polish", arguments->polish,
                      "exact: end with Newton steps on the exact rate of neurons with exponential "
                      "synapses, from what the model's correction gives");
  command->add_flag("-v,--verbose", arguments->verbose,
                    "print the solver's full report on standard error");
  add_network_response(*command, arguments->model.response);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_solve(*arguments); }; });
}

void add_continue(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<ContinueArguments>();
  CLI::App* command =
      app.add_subcommand("continue", "branch of stationary states over a parameter, through folds");
  add_model(*command, arguments->model);
  command
      ->add_option("--parameter", arguments->parameter,
                   "what to vary: a parameter of the model, or an entry such as \"indegree[E<-I]\" "
                   "or \"neuron.tau_m[E]\"")
      ->required();
  command
      ->add_option(
          "--from", arguments->from,
          "value to start from, with its unit: \"18 mV\"; the state is the one solve gives")
      ->required();
  command->add_option("--to", arguments->to, "other end of the interval")->required();
  command->add_option("--initial", arguments->initial,
                      "CSV of rates (population,rate in Hz): start from the state nearest to them");
  command->add_flag("--all", arguments->all, "follow a branch from every state found at --from");
  command->add_flag("--switch", arguments->switching,
                    "also follow the branches that leave at branch points");
  command->add_option("--special", arguments->special,
                      "special points to report, of fold,hopf,branch_point,cusp (default: all)");
  command->add_option("--observe", arguments->observe,
                      "more of every state: keys of solve's JSON such as cv,mean_input,log_rate");
  command->add_option("--two-parameter", arguments->two_parameter,
                      "follow the folds and Hopf points found over two parameters, e.g. g,eta");
  command->add_option("--second-from", arguments->second_from,
                      "interval of the second parameter (default: 0 to twice its value)");
  command->add_option("--second-to", arguments->second_to, "its other end");
  command->add_option("--step", arguments->step,
                      "largest step, in the unit of the parameter (default: 1/50 of the interval)");
  command->add_option("--max-points", arguments->max_points, "end after so many points")
      ->capture_default_str();
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json or .csv; - is JSON on standard output");
  add_network_response(*command, arguments->model.response);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_continue(*arguments); }; });
}

/// What siegert and response have in common.
void add_points(CLI::App& command, PointsArguments& files, const std::string& columns) {
  command
      .add_option("points", files.points,
                  "CSV with columns " + columns +
                      " in coherent units (SI, or mV and ms with rates in 1/ms), in any order; "
                      "lines starting with # and blank lines are passed over; - is standard input")
      ->required();
  add_file(command, "-o,--output", files.output,
           "CSV to write, the rows as read with the results to their right (default, and "
           "-: standard output)");
  command.add_flag(
      "--keep-going", files.keep_going,
      "a bad row gives nan outputs and is reported instead of ending the run; the exit "
      "code is 3 all the same");
  command.footer(
      "A row is bad when a field is no finite number, sigma, t_ref or tau_syn < 0, tau_m <= 0 or "
      "V_reset >= V_th.\nAn empty or missing tau_syn is 0, a correction shift (of none, shift, "
      "taylor, shift_refractory, adiabatic, uniform, exact).\nThe table may be of any length: it "
      "is worked "
      "on in "
      "blocks, by all processors.");
}

void add_siegert(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<SiegertArguments>();
  CLI::App* command = app.add_subcommand(
      "siegert", "rate, its logarithm, their derivatives and the CV at points of a CSV");
  add_points(*command, arguments->files,
             "mu,sigma,V_th,V_reset,tau_m,t_ref[,tau_syn[,correction]]");
  command->add_flag("--second-derivatives", arguments->second_derivatives,
                    "add d2rate_dmu2,d2rate_dmudsigma,d2rate_dsigma2");
  command
      ->add_option(
          "--transfer", arguments->transfer,
          "rate and gradient of another function than the LIF neuron's: binary, "
          "threshold_linear (columns gain[,spread]), noisy_softplus (k,S) or tabulated, "
          "with columns mu,sigma and theta (or V_th); columns of the LIF neuron are carried "
          "along")
      ->capture_default_str();
  add_file(*command, "--table", arguments->table,
           "of --transfer tabulated: CSV mu,rate or mu,sigma,rate");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_siegert(*arguments); }; });
}

void add_response(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<ResponseArguments>();
  CLI::App* command = app.add_subcommand(
      "response",
      "dynamic response, inter-spike interval transform and spectrum at points of a CSV");
  add_points(*command, arguments->files,
             "mu,sigma,V_th,V_reset,tau_m,t_ref,frequency[,tau_syn[,correction]]");
  add_response_words(*command, arguments->words);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_response(*arguments); }; });
}

void add_curve(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<CurveArguments>();
  CLI::App* command = app.add_subcommand(
      "curve", "rate, gain and CV against the input of a neuron or of a population: the f-I curve");
  command->add_option("model", arguments->model.model,
                      "model file; without it, the curve is that of --neuron");
  command
      ->add_option("--set", arguments->model.set,
                   "set a parameter or an entry of the model: name=value with its unit")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--population", arguments->population,
                      "population of the model; its other inputs are held at the stationary state");
  command->add_option("--neuron", arguments->neuron,
                      "\"tau_m=10 ms, t_ref=2 ms, V_th=20 mV, V_reset=10 mV\", also C_m, tau_syn, "
                      "E_L (then voltages are absolute); what is not named is 20 ms, 2 ms, 20 mV, "
                      "10 mV");
  command->add_option(
      "--correction", arguments->correction,
      "with tau_syn: none, shift (default), taylor, shift_refractory, adiabatic, uniform, exact");
  command
      ->add_option("--stimulus", arguments->stimulus,
                   "what is varied: mean (input, mV), current (pA; needs C_m) or sigma (noise, mV)")
      ->capture_default_str();
  command->add_option("--from", arguments->from, "first value, with its unit: \"10 mV\"");
  command->add_option("--to", arguments->to, "last value");
  command->add_option("--points", arguments->points, "number of values")->capture_default_str();
  command->add_option("--sigma", arguments->sigma,
                      "noise amplitudes, one curve each: \"1 mV, 5 mV\" (default: the stationary "
                      "state's, or 0.1, 0.3, 0.6 of V_th - V_reset)");
  command->add_option("--mean", arguments->mean,
                      "mean input: without the current (default 0, or the stationary state's), or "
                      "one curve each with --stimulus sigma");
  command->add_flag("--plot", arguments->plot, "draw the curve below the table even when piped");
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json, .csv or .svg; - is JSON on standard output");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_curve(*arguments); }; });
}

void add_check(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = app.add_subcommand(
      "check", "validate models and compare their fixed points with what they expect");
  command->add_option("models", arguments->models, "model files")->required();
  command
      ->add_option("--set", arguments->set, "set a parameter or an entry: name=value with its unit")
      ->take_all()
      ->allow_extra_args(false);
  add_file(*command, "-o,--output", arguments->output, "report file, .json");
  add_network_response(*command, arguments->response);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_check(*arguments); }; });
}

void add_describe(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<DescribeArguments>();
  CLI::App* command =
      app.add_subcommand("describe", "the network with all defaults and expressions resolved");
  add_model(*command, arguments->model);
  add_file(*command, "-o,--output", arguments->output,
           "file, .json or .yaml (loads as a model); - is JSON on standard output");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_describe(*arguments); }; });
}

void add_stability(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<StabilityArguments>();
  CLI::App* command = app.add_subcommand(
      "stability", "unstable modes, eigenvalues and critical delays of the network with delays");
  add_model(*command, arguments->model);
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json; - is JSON on standard output");
  add_file(*command, "--initial", arguments->initial,
           "judge the state Newton reaches from this CSV population,rate in Hz");
  command->add_option("--delay-of", arguments->delay_of,
                      "critical delays of one connection, TARGET<-SOURCE, e.g. \"E<-I\" (default: "
                      "all delays are scaled together)");
  add_network_response(*command, arguments->model.response);
  command->add_flag("--no-synaptic-filter", arguments->no_synaptic_filter,
                    "leave the synaptic filter out");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_stability(*arguments); }; });
}

void add_spectra(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<SpectraArguments>();
  CLI::App* command = app.add_subcommand("spectra",
                                         "population power spectra, transfer functions, "
                                         "eigenvalues of the effective connectivity, sensitivity");
  add_model(*command, arguments->model);
  command->add_option("--frequencies", arguments->frequencies, "from:to:step in Hz")
      ->capture_default_str();
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json or .csv; - is JSON on standard output");
  command->add_option("--noise", arguments->noise, "finite-size noise: poisson or renewal")
      ->capture_default_str();
  add_network_response(*command, arguments->model.response);
  command->add_flag("--no-synaptic-filter", arguments->no_synaptic_filter,
                    "leave the synaptic filter out");
  command
      ->add_option("--sensitivity", arguments->sensitivity,
                   "sensitivity of the mode nearest to 1 to each connection (nearest), of every "
                   "mode where it comes nearest (all), or none")
      ->capture_default_str();
  command->add_flag("--matrices", arguments->matrices,
                    "add cross spectra and effective connectivity at every frequency (.json)");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_spectra(*arguments); }; });
}

void add_covariances(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<CovariancesArguments>();
  CLI::App* command = app.add_subcommand(
      "covariances",
      "covariances of spike trains: population averages, or between single neurons where every "
      "population has size 1; spectral bound of the effective connectivity");
  add_model(*command, arguments->model);
  command->add_option("--frequencies", arguments->frequencies,
                      "covariances per frequency too, from:to:step in Hz; needs delays");
  command
      ->add_option("--noise", arguments->noise,
                   "autocovariance of a neuron: renewal (CV^2 times its rate) or poisson")
      ->capture_default_str();
  add_file(*command, "--initial", arguments->initial,
           "expand about the state Newton reaches from this CSV population,rate in Hz");
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json or .csv; - is JSON on standard output");
  add_network_response(*command, arguments->model.response);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_covariances(*arguments); }; });
}

void add_init(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<InitArguments>();
  CLI::App* command = app.add_subcommand("init", "start a model file from a working example");
  CLI::Option* path =
      command->add_option("path", arguments->path, "file to write, e.g. my_network.yaml");
  command->add_option("--from", arguments->from, "example to start from")->capture_default_str();
  CLI::Option* list = command->add_flag("--list", arguments->list, "list the examples");
  command->add_flag("--force", arguments->force, "replace an existing file");
  command->callback([arguments, path, list, &chosen] {
    if (path->count() == 0 && list->count() == 0) throw CLI::RequiredError("path");
    chosen = [arguments] { return run_init(*arguments); };
  });
}

void add_sensitivity(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<SensitivityArguments>();
  CLI::App* command =
      app.add_subcommand("sensitivity", "dν/dp of the stationary rates for every parameter");
  add_model(*command, arguments->model);
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json or .csv; - is JSON on standard output");
  command
      ->add_option(
          "--parameter", arguments->parameters,
          "names of parameters of the file, or of entries of its network such as "
          "\"weight[E<-I]\", \"neuron.tau_m[E]\"; * stands for any text (default: all parameters "
          "of the file, or all entries where it has none)")
      ->delimiter(',');
  add_file(*command, "--initial", arguments->initial,
           "start from a CSV population,rate in Hz instead of zero rates");
  add_network_response(*command, arguments->model.response);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return run_sensitivity(*arguments); }; });
}

void add_fit(CLI::App& app, Chosen& chosen) {
  auto arguments = std::make_shared<FitArguments>();
  CLI::App* command = app.add_subcommand("fit", "parameters that give target rates");
  add_model(*command, arguments->model);
  add_file(*command, "--target", arguments->target,
           "CSV population,rate[,weight]: rates in Hz, weights in 1/Hz^2 as inverse "
           "variances; populations left out are free")
      ->required();
  command
      ->add_option("--free", arguments->free,
                   "parameters to fit: as --parameter of sensitivity takes them")
      ->required()
      ->delimiter(',');
  command
      ->add_option("--bounds", arguments->bounds,
                   "name=lower:upper with units, one end may be empty: \"J=0.1 mV:0.3 mV\"")
      ->take_all()
      ->allow_extra_args(false);
  add_file(*command, "-o,--output", arguments->output,
           "result file, .json; - is JSON on standard output");
  add_file(*command, "--initial", arguments->initial,
           "state to start from, a CSV population,rate in Hz, instead of zero rates");
  add_network_response(*command, arguments->model.response);
  command->callback([arguments, &chosen] { chosen = [arguments] { return run_fit(*arguments); }; });
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

void refuse_unknown_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with('-')) return;
  const std::vector<std::string> names = names_of_commands(app);
  if (std::find(names.begin(), names.end(), arguments.front()) != names.end()) return;
  const std::string near = suggestion(arguments.front(), names);
  throw UsageError(fmt::format("\"{}\" is no command{}; nuphi --help lists them", arguments.front(),
                               near.empty() ? "" : "; " + near));
}

/// What the line may have meant by options that do not exist.
std::string misspelt_options(const CLI::App& app, const std::vector<std::string>& arguments) {
  const std::vector<CLI::App*> commands = app.get_subcommands();
  const CLI::App& command = commands.empty() ? app : *commands.front();
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  std::string text;
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (!name.starts_with("--") || name == "--") continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (const std::string near = suggestion(name, known); !near.empty())
      text += fmt::format("{}: {}\n", name, near);
  }
  return text;
}

int explain(const CLI::App& app, const CLI::ParseError& error,
            const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = app.exit(error, out, err);
  print_out(out.str());
  print_error(err.str());
  if (code == 0) return kSuccess;
  print_error(misspelt_options(app, arguments));
  return kUsage;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app(
      "nuphi: stationary rates of networks of leaky integrate-and-fire neurons, and what follows "
      "from them.",
      "nuphi");
  app.set_version_flag("-V,--version", std::string("nuphi ") + version());
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 success, 1 a check failed, 2 usage, 3 bad model, 4 not converged, 5 "
      "input/output, 130 interrupted (143 by SIGTERM, 129 by SIGHUP).");
  Chosen chosen;
  add_solve(app, chosen);
  add_continue(app, chosen);
  add_siegert(app, chosen);
  add_response(app, chosen);
  add_curve(app, chosen);
  add_check(app, chosen);
  add_describe(app, chosen);
  add_stability(app, chosen);
  add_spectra(app, chosen);
  add_covariances(app, chosen);
  add_init(app, chosen);
  add_sensitivity(app, chosen);
  add_fit(app, chosen);
  std::vector<std::string> arguments = normalized({argv + 1, argv + argc});
  refuse_unknown_command(app, arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return explain(app, error, arguments);
  }
  return chosen();
}

}  // namespace nuphi::runner
