#include "result_io.h"

#include <fmt/format.h>
#include <nuphi/core/units.h>
#include <nuphi/core/version.h>

#include <cmath>

#include "files.h"
#include "observables.h"
#include "points_csv.h"
#include "printable.h"
#include "table.h"
#include "verdict.h"

namespace nuphi::runner {

using namespace units;

Json number(double value) {
  if (std::isfinite(value)) return value;
  return round_trip(value);
}

Json quantity(const char* unit, double value) { return {{"unit", unit}, {"value", number(value)}}; }

Json quantities(const char* unit, const Eigen::VectorXd& values) {
  Json array = Json::array();
  for (const double value : values) array.push_back(number(value));
  return {{"unit", unit}, {"values", std::move(array)}};
}

Json real_rows(const char* unit, const Eigen::MatrixXd& matrix) {
  Json rows = Json::array();
  for (Eigen::Index k = 0; k < matrix.rows(); ++k)
    rows.push_back(quantities(unit, matrix.row(k).transpose())["values"]);
  return {{"unit", unit}, {"values", std::move(rows)}};
}

Json complex_rows(const char* unit, const Eigen::MatrixXcd& matrix) {
  return {{"unit", unit},
          {"re", real_rows(unit, matrix.real())["values"]},
          {"im", real_rows(unit, matrix.imag())["values"]}};
}

std::vector<Parameter> stated_parameters(const Model& model) {
  std::vector<Parameter> all = model.parameters;
  all.insert(all.end(), model.entries.begin(), model.entries.end());
  return all;
}

Json result_header(const Model& model) {
  Json header = {
      {"format", "nuphi-result/1"}, {"nuphi_version", version()}, {"model", model.network.name}};
  Json parameters = Json::object();
  for (const Parameter& p : stated_parameters(model)) {
    parameters[p.name] = quantity(p.dimension.c_str(), p.value);
  }
  header["parameters"] = std::move(parameters);
  Json populations = Json::array();
  for (const Population& p : model.network.populations) populations.push_back(p.name);
  header["populations"] = std::move(populations);
  return header;
}

Json fixed_point(const Model& model, const StationaryState& state, const Verdict& verdict) {
  Json json;
  for (const Observable& observable : observables())
    observe(json, observable, {model.network, state, verdict});
  add_reason_and_notes(json, verdict);
  return json;
}

Json summary_json(const Summary& summary) {
  return {{"termination", to_string(summary.termination)},
          {"method_requested", to_string(summary.method_requested)},
          {"method_used", to_string(summary.method_used)},
          {"iterations", summary.iterations.size()},
          {"evaluations", summary.evaluations},
          {"factorizations", summary.factorizations},
          {"residual", quantity("Hz", summary.residual)},
          {"message", summary.message}};
}

namespace {

bool is_flat(const Json& json) {
  for (const Json& item : json) {
    if (item.is_structured()) return false;
  }
  return true;
}

void dump(const Json& json, int indent, std::string& text) {
  if (!json.is_structured() || is_flat(json)) {
    text += json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  const std::string inner(indent + 2, ' ');
  const bool object = json.is_object();
  text += object ? "{\n" : "[\n";
  std::size_t left = json.size();
  for (auto it = json.begin(); it != json.end(); ++it) {
    text += inner;
    if (object) text += Json(it.key()).dump(-1, ' ', false, Json::error_handler_t::replace) + ": ";
    dump(*it, indent + 2, text);
    text += --left > 0 ? ",\n" : "\n";
  }
  text += std::string(indent, ' ') + (object ? "}" : "]");
}

/// JSON escapes C0 itself; a terminal obeys DEL and C1 (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F)
/// too. They stand in strings only.
std::string escape_controls(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0x7F) {
      result += "\\u007f";
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      result += fmt::format("\\u{:04x}", next);
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::string dump(const Json& json) {
  std::string text;
  dump(json, 0, text);
  return escape_controls(text) + "\n";
}

std::string csv_metadata(const Model& model, const Summary& summary) {
  std::string text = fmt::format("# nuphi {}, model {}\n", version(), one_line(model.network.name));
  for (const Parameter& p : stated_parameters(model)) {
    text += fmt::format("# {} = {} {}\n", p.name, round_trip(p.value), p.dimension);
  }
  text += fmt::format("# {}, method {} ({} requested); SI units\n", to_string(summary.termination),
                      to_string(summary.method_used), to_string(summary.method_requested));
  return text;
}

std::string states_csv(const Model& model, const std::vector<StationaryState>& states) {
  std::string text = "fixed_point,population,rate,log_rate,mean_input,std_input,cv\n";
  for (std::size_t k = 0; k < states.size(); ++k) {
    const StationaryState& s = states[k];
    for (Eigen::Index i = 0; i < s.rates.size(); ++i) {
      text +=
          fmt::format("{},{},{},{},{},{},{}\n", k, csv_field(model.network.populations[i].name),
                      round_trip(s.rates[i]), round_trip(s.log_rates[i]),
                      round_trip(s.mean_input[i]), round_trip(s.std_input[i]), round_trip(s.cv[i]));
    }
  }
  return text;
}

std::string state_table(const Model& model, const StationaryState& state) {
  Table table({"population", "rate (Hz)", "mean input (mV)", "std input (mV)", "CV"});
  for (Eigen::Index i = 0; i < state.rates.size(); ++i) {
    // A silent population still has a rate: where the number underflows its logarithm tells.
    const bool silent = state.rates[i] == 0 && std::isfinite(state.log_rates[i]);
    const std::string rate =
        silent ? fmt::format("exp({:.6g})", state.log_rates[i]) : display(state.rates[i]);
    table.add({model.network.populations[i].name, rate, display(state.mean_input[i] / mV),
               display(state.std_input[i] / mV),
               std::isnan(state.cv[i]) ? "–" : fmt::format("{:.4f}", state.cv[i])});
  }
  std::string text = table.text();
  if (const std::string reason = why_no_cv({model.network, state, {}}); !reason.empty())
    text += reason + "\n";
  return text;
}

Eigen::VectorXd read_initial_rates(const std::string& path, const Network& network) {
  PointsReader reader(path, {"population", "rate"}, {});
  Eigen::VectorXd rates = Eigen::VectorXd::Constant(
      static_cast<Eigen::Index>(network.populations.size()), std::nan(""));
  while (reader.next()) {
    const std::string& name = reader.text("population");
    Eigen::Index index = 0;
    while (index < rates.size() && network.populations[index].name != name) ++index;
    if (index == rates.size()) {
      reader.fail("population", "unknown-population",
                  fmt::format("the model has no population \"{}\"", name));
    }
    if (!std::isnan(rates[index])) {
      reader.fail("population", "duplicate-population",
                  fmt::format("population \"{}\" is given twice", name));
    }
    const double rate = reader.number("rate");
    const bool may_be_negative = network.correction == Correction::kTaylor;
    if (!std::isfinite(rate) || (rate < 0 && !may_be_negative)) {
      reader.fail("rate", "bad-rate",
                  fmt::format("a rate is finite{}, found {}",
                              may_be_negative ? "" : " and not negative", reader.text("rate")));
    }
    rates[index] = rate;
  }
  for (Eigen::Index i = 0; i < rates.size(); ++i) {
    if (std::isnan(rates[i])) {
      reader.fail("", "missing-population",
                  fmt::format("no row for population \"{}\": every population needs one",
                              network.populations[i].name));
    }
  }
  return rates;
}

}  // namespace nuphi::runner
