#include "neuron_argument.h"

#include <fmt/format.h>
#include <nuphi/core/error.h>
#include <nuphi/models/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "commands.h"

namespace nuphi::runner {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

[[noreturn]] void refuse(const std::string& what) { throw UsageError("--neuron: " + what); }

void check(const LifParameters& n, double C_m) {
  if (!(n.tau_m > 0)) refuse("tau_m must be above 0");
  if (n.t_ref < 0) refuse("t_ref is negative");
  if (n.tau_syn < 0) refuse("tau_syn is negative");
  if (C_m < 0) refuse("C_m is negative");
  if (n.V_reset >= n.V_th) refuse("V_reset is not below V_th");
}

}  // namespace

double option_quantity(const std::string& option, const std::string& text,
                       const std::string& unit) {
  try {
    return parse_quantity(text, unit);
  } catch (const ModelError& error) {
    const Diagnostic& d = error.diagnostics().front();
    throw UsageError(fmt::format("{} \"{}\": {}{}", option, text, d.message,
                                 d.hint.empty() ? "" : "; " + d.hint));
  }
}

std::vector<double> option_quantities(const std::string& option, const std::string& text,
                                      const std::string& unit) {
  std::vector<double> values;
  for (const std::string& part : split(text)) values.push_back(option_quantity(option, part, unit));
  return values;
}

NeuronArgument parse_neuron(const std::string& text) {
  NeuronArgument argument;
  LifParameters& n = argument.neuron;
  double E_L = 0;
  struct Name {
    const char* name;
    const char* unit;
    double* value;
    bool given = false;
  };
  std::array<Name, 7> names{{{"tau_m", "s", &n.tau_m},
                             {"t_ref", "s", &n.t_ref},
                             {"E_L", "V", &E_L},
                             {"V_th", "V", &n.V_th},
                             {"V_reset", "V", &n.V_reset},
                             {"C_m", "F", &argument.C_m},
                             {"tau_syn", "s", &n.tau_syn}}};
  if (trimmed(text).empty()) return argument;
  for (const std::string& part : split(text)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos)
      refuse(fmt::format("\"{}\": write name=value, e.g. \"tau_m=10 ms, V_th=15 mV\"", part));
    const std::string name = trimmed(part.substr(0, equals));
    const auto known = std::find_if(names.begin(), names.end(),
                                    [&](const Name& candidate) { return candidate.name == name; });
    if (known == names.end()) {
      refuse(fmt::format(
          "unknown parameter \"{}\"; allowed are tau_m, t_ref, E_L, V_th, V_reset, C_m, tau_syn",
          name));
    }
    if (known->given) refuse(fmt::format("{} is given twice", name));
    known->given = true;
    *known->value = option_quantity("--neuron " + name, part.substr(equals + 1), known->unit);
  }
  if (names[2].given) {
    if (!names[3].given || !names[4].given)
      refuse("with E_L, V_th and V_reset are absolute: give both");
    n.V_th -= E_L;
    n.V_reset -= E_L;
  }
  check(n, argument.C_m);
  return argument;
}

}  // namespace nuphi::runner
