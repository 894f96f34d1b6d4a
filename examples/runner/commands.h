#pragma once

#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The commands of the `nuphi` program: one plain struct of arguments and one function each. cli.cc
/// fills the structs.
namespace nuphi::runner {

/// Exit codes of the program (stable); one stopped by a signal ends with 128 + its number.
enum ExitCode {
  kSuccess = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kBadModel = 3,
  kNotConverged = 4,
  kInputOutput = 5,
};

/// Arguments that do not fit together or name something that does not exist. Ends with kUsage.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Words of --colour-response, --refractoriness and --variance-response; empty: as the model says.
struct ResponseWords {
  std::string colour, refractoriness, variance;
};

struct ModelArguments {
  std::string model;             ///< path of the YAML file
  std::vector<std::string> set;  ///< "name=value"
  ResponseWords response;        ///< of commands that use a response
};

/// What `--set` says. @throws UsageError for a text without "=".
Overrides overrides_of(const ModelArguments& arguments);

/// The file of the model, to be resolved more than once. @throws ModelError, FileError.
std::shared_ptr<const ModelFile> open(const ModelArguments& arguments);

/// What the file says with overrides. @throws UsageError for a fault of an override, ModelError.
Model resolve(const ModelFile& file, const Overrides& overrides);
/// The model with `--set` applied. @throws UsageError, ModelError, FileError.
Model load(const ModelArguments& arguments);

struct SolveArguments {
  ModelArguments model;
  std::string output;
  std::string initial;
  std::string method;
  std::string polish;  ///< "exact": end with Newton steps on the exact function; empty: none
  bool all = false;
  bool up_to_symmetry = false;
  bool verbose = false;
};
int run_solve(const SolveArguments& arguments);

struct ContinueArguments {
  ModelArguments model;
  std::string parameter;
  std::string from;  ///< values carry their unit
  std::string to;
  std::string special;        ///< kinds separated by commas; empty: all
  std::string observe;        ///< observables of every point beside the usual ones, by commas
  std::string two_parameter;  ///< two names separated by a comma
  std::string second_from;    ///< interval of the second parameter; empty: 0 to twice its value
  std::string second_to;
  std::string initial;     ///< rates to start from; empty: as solve starts
  bool all = false;        ///< a branch from every state at `from`
  bool switching = false;  ///< also the branches that leave at branch points
  std::string step;  ///< largest step, a difference of the parameter; empty: 1/50 of the interval
  std::string output;
  int max_points = 10000;
};
int run_continue(const ContinueArguments& arguments);

/// The same for every command that works on a table of points.
struct PointsArguments {
  std::string points;  ///< path, or "-" for standard input
  std::string output;  ///< path, or "-" or empty for standard output
  bool keep_going = false;
};

struct SiegertArguments {
  PointsArguments files;
  std::string transfer = "lif";
  std::string table;  ///< CSV of --transfer tabulated
  bool second_derivatives = false;
};
int run_siegert(const SiegertArguments& arguments);

struct ResponseArguments {
  PointsArguments files;
  ResponseWords words;
};
int run_response(const ResponseArguments& arguments);

struct CurveArguments {
  ModelArguments model;    ///< its path may be empty: a single neuron
  std::string population;  ///< of the model
  std::string neuron;      ///< "tau_m=10 ms, …" of a single one
  std::string correction;
  std::string stimulus = "mean";
  std::string from;  ///< values carry their unit
  std::string to;
  std::string sigma;  ///< what is held; several values separated by commas
  std::string mean;
  int points = 41;
  bool plot = false;
  std::string output;
};
int run_curve(const CurveArguments& arguments);

struct CheckArguments {
  std::vector<std::string> models;
  std::vector<std::string> set;
  ResponseWords response;
  std::string output;
};
int run_check(const CheckArguments& arguments);

struct DescribeArguments {
  ModelArguments model;
  std::string output;
};
int run_describe(const DescribeArguments& arguments);

struct StabilityArguments {
  ModelArguments model;
  std::string output;
  std::string initial;
  std::string delay_of;  ///< "TARGET<-SOURCE"; empty: all delays are scaled
  bool no_synaptic_filter = false;
};
int run_stability(const StabilityArguments& arguments);

struct SpectraArguments {
  ModelArguments model;
  std::string frequencies = "1:400:1";
  std::string output;
  std::string noise = "poisson";
  std::string sensitivity = "nearest";
  bool matrices = false;  ///< cross spectra and effective connectivity in JSON
  bool no_synaptic_filter = false;
};
int run_spectra(const SpectraArguments& arguments);

struct CovariancesArguments {
  ModelArguments model;
  std::string frequencies;  ///< empty: time-integrated ones only
  std::string output;
  std::string initial;
  std::string noise = "renewal";
};
int run_covariances(const CovariancesArguments& arguments);

struct InitArguments {
  std::string path;
  std::string from = "brunel2000";
  bool list = false;
  bool force = false;
};
int run_init(const InitArguments& arguments);

struct SensitivityArguments {
  ModelArguments model;
  std::string output;
  std::string initial;
  std::vector<std::string> parameters;  ///< names or patterns; empty: see parameter_names()
};
int run_sensitivity(const SensitivityArguments& arguments);

struct FitArguments {
  ModelArguments model;
  std::string target;
  std::vector<std::string> free;    ///< names or patterns
  std::vector<std::string> bounds;  ///< "name=lower:upper"
  std::string output;
  std::string initial;
};
int run_fit(const FitArguments& arguments);

struct EmbeddedModel {
  std::string_view name;
  std::string_view text;
};
const std::vector<EmbeddedModel>& embedded_models();

}  // namespace nuphi::runner
