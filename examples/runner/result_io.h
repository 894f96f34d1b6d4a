#pragma once

#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

/// Results as JSON, CSV and tables: format "nuphi-result/1". Files are SI, tables are in mV, ms and
/// Hz.
namespace nuphi::runner {

using Json = nlohmann::ordered_json;

/// A number; where JSON has none, the strings "inf", "-inf", "nan".
Json number(double value);
Json quantity(const char* unit, double value);                     ///< {"unit": …, "value": …}
Json quantities(const char* unit, const Eigen::VectorXd& values);  ///< {"unit": …, "values": […]}
/// {"unit": …, "values": [[…], …]}, one row a row of the matrix.
Json real_rows(const char* unit, const Eigen::MatrixXd& matrix);
/// {"unit": …, "re": [[…], …], "im": [[…], …]}
Json complex_rows(const char* unit, const Eigen::MatrixXcd& matrix);

/// What a result must state to be repeated: parameters of the file, and entries that were set.
std::vector<Parameter> stated_parameters(const Model& model);

/// What every result file starts with: format, model, nuphi version, parameters and populations.
Json result_header(const Model& model);
struct Verdict;
Json fixed_point(const Model& model, const StationaryState& state, const Verdict& verdict);
Json summary_json(const Summary& summary);
std::string dump(
    const Json& json);  ///< indented, arrays of numbers on one line, newline at the end

/// The same facts as leading `#` lines of a CSV.
std::string csv_metadata(const Model& model, const Summary& summary);
std::string states_csv(const Model& model, const std::vector<StationaryState>& states);

std::string state_table(const Model& model, const StationaryState& state);

/// Start rates from a CSV `population,rate` in Hz; every population once. @throws FileError,
/// ModelError with file:line:column.
Eigen::VectorXd read_initial_rates(const std::string& path, const Network& network);

}  // namespace nuphi::runner
