#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/error.h>
#include <nuphi/core/export.h>
#include <nuphi/core/solve_options.h>
#include <nuphi/models/network.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// A number that --set, sweeps, continuation and fits vary: a named constant of a model file, or
/// what find_parameter() says.
struct Parameter {
  std::string name;       ///< its key in `parameters:`, or as find_parameter() takes it
  double value = 0;       ///< SI
  std::string dimension;  ///< SI unit as text, e.g. "V", "s", "Hz", "V/s"; "1" when dimensionless
  /// The unit it was written with, e.g. "mV"; empty for an expression or a plain number.
  std::string unit;
  bool is_expression = false;  ///< written as `= …`
};

/// One fixed point a model file expects: |x − e| ≤ atol + rtol·|e|.
struct ExpectedFixedPoint {
  Eigen::VectorXd rates;       ///< [Hz], one per population
  std::optional<bool> stable;  ///< under rate dynamics
  double rtol = 1e-6;          ///< ≥ 0
  double atol = 1e-9;          ///< [Hz]
};

/// A model file with its expressions evaluated.
struct Model {
  Network network;                         ///< populations, projections, inputs
  SolveOptions solve;                      ///< its `solve:` section
  std::vector<ExpectedFixedPoint> expect;  ///< its `expect:` section
  std::vector<Parameter> parameters;       ///< in order of the file
  /// Numbers that were given in place of the file's and are none of its `parameters:`.
  std::vector<Parameter> entries{};
};

/// The number of a model that a name stands for:
/// - "g": one of its `parameters:`
/// - "indegree[E<-I]", "input_rate[E]": an entry of its network (entry_names())
/// - "neuron.tau_m[E]": a parameter of a population's neuron (neuron_parameters()) as the file
///   states it, potentials on the scale of E_L. What the file derives from it follows: the jump
///   τ_syn W/C_m of a weight in pA, the drive of a current. Of the entry "tau_m[E]" it does not.
/// @return empty where there is none, for which parameter_fault() has the reason.
[[nodiscard]] std::optional<Parameter> find_parameter(const Model& model, std::string_view name);
/// Why find_parameter() finds nothing, with what there is and the nearest name.
[[nodiscard]] std::string parameter_fault(const Model& model, std::string_view name);
/// "neuron.tau_m[E]", … of all populations, in their order.
[[nodiscard]] std::vector<std::string> neuron_parameter_names(const Network& network);

/// Values by the names that find_parameter() takes, as text with unit ("0.2 mV", "5"; of
/// `parameters:` also "= 2 * J"): what `--set name=value` gives. A weight onto lif_exp neurons may
/// be in pA.
using Overrides = std::map<std::string, std::string, std::less<>>;

/// A parsed model file whose expressions can be evaluated again and again for other parameter
/// values: the YAML is read, its matrix files are opened and its keys are checked once.
class ModelFile {
 public:
  /// Reads a file, its matrix files included.
  /// @throws FileError when the file cannot be read; ModelError (all faults at once) when its
  ///   content is wrong.
  static ModelFile load(const std::filesystem::path& path);
  /// The same of a text.
  /// @param text      the YAML
  /// @param name      what messages call it
  /// @param directory what matrix files are relative to
  static ModelFile parse(std::string_view text, const std::string& name = "<text>",
                         const std::filesystem::path& directory = ".");

  /// Both evaluate expressions and build the network; no file is opened.
  /// Entries are set last, in the network that all others give.
  /// @throws ModelError; code "unknown-parameter" for an override that names none. An override has
  ///   no place in the file: its faults have an empty `file`, and the parameter's name as `path`.
  [[nodiscard]] Model resolve(const Overrides& overrides = {}) const;
  /// The same with values in SI, for continuation and fits: no text in between.
  [[nodiscard]] Model resolve(const std::map<std::string, double, std::less<>>& values) const;

  /// Gives a fault of the network, which knows its key path only ("populations[2].neuron"), its
  /// place in the file; the nearest key that is there.
  void locate(Diagnostic& fault) const;
  /// The matrix files that were read for it.
  [[nodiscard]] std::vector<std::filesystem::path> matrix_files() const;

  ModelFile(ModelFile&&) noexcept;             ///< the other must not be used again
  ModelFile& operator=(ModelFile&&) noexcept;  ///< the other must not be used again
  ~ModelFile();

 private:
  struct Impl;
  explicit ModelFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// ModelFile::load(path).resolve(overrides).
[[nodiscard]] Model load_model(const std::filesystem::path& path, const Overrides& overrides = {});
/// The network of load_model().
[[nodiscard]] Network load_network(const std::filesystem::path& path,
                                   const Overrides& overrides = {});
/// As load_model(), but faults are returned instead of thrown.
/// @throws FileError when the file cannot be read
[[nodiscard]] std::optional<Model> try_load_model(const std::filesystem::path& path,
                                                  std::vector<Diagnostic>* diagnostics,
                                                  const Overrides& overrides = {});

/// A quantity as written in a model file or on the command line, "0.2 mV" → 2e-4 V, rounded once
/// from the decimal text. `dimension` is the unit that is due ("V", "s", "Hz", "A", "F", "1", …;
/// Parameter::dimension is one).
/// @throws ModelError; std::invalid_argument if `dimension` is no unit.
[[nodiscard]] double parse_quantity(std::string_view text, std::string_view dimension);

/// The network with all defaults and expressions resolved, as a nuphi/1 file that loads to an equal
/// Network, with the same `solve` and `expect`. Of a network built in code, a number that no text
/// gives exactly (a jump that is no τ_syn W / C_m, a threshold that is no difference to E_L) may
/// come back with another last digit.
[[nodiscard]] std::string to_yaml(const Model& model);

/// @}
}  // namespace nuphi
