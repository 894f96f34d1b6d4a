#include <nuphi/core/colored_noise.h>
#include <nuphi/solver/sensitivity.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <variant>

#include "differences.h"

namespace nuphi {
namespace {

using Values = std::map<std::string, double, std::less<>>;

/// A typical size where the value itself is 0.
double unit_scale(const std::string& unit, const std::string& dimension) {
  if (!unit.empty()) {
    try {
      return std::abs(parse_quantity("1 " + unit, dimension));
    } catch (const ModelError&) {
      // Not a unit by itself: the table below.
    }
  }
  if (dimension == "V" || dimension == "s") return 1e-3;
  if (dimension == "A" || dimension == "F") return 1e-12;
  return 1;
}

/// Where the values of a family go: named parameters into the file, entries into the network it
/// gives.
struct Route {
  std::vector<std::pair<Eigen::Index, std::string>> named;
  std::vector<std::pair<Eigen::Index, NetworkEntry>> entries;
};

FieldFamily::Parameter described(const std::string& name, const std::string& dimension,
                                 double value, const std::string& unit) {
  FieldFamily::Parameter parameter;
  parameter.name = name;
  parameter.unit = dimension;
  parameter.value = value;
  parameter.scale = value != 0 ? std::abs(value) : unit_scale(unit, dimension);
  return parameter;
}

void add(const Model& model, const std::string& name, FieldFamily& family, Route& route) {
  const auto index = static_cast<Eigen::Index>(family.parameters.size());
  const auto named = std::find_if(model.parameters.begin(), model.parameters.end(),
                                  [&](const Parameter& p) { return p.name == name; });
  if (named != model.parameters.end()) {
    family.parameters.push_back(described(name, named->dimension, named->value, named->unit));
    route.named.emplace_back(index, name);
  } else if (const auto entry = find_entry(model.network, name)) {
    family.parameters.push_back(described(name, std::string(entry_unit(entry->kind)),
                                          entry_value(model.network, *entry), ""));
    route.entries.emplace_back(index, *entry);
  } else {
    const std::string fault = entry_fault(model.network, name);
    throw std::invalid_argument(fault.empty() ? "the model has no parameter \"" + name + "\""
                                              : fault);
  }
}

/// Resolves a model file with some parameters fixed as text and others varied as numbers.
class Resolver {
 public:
  Resolver(const ModelFile& file, Overrides fixed) : file_(file), fixed_(std::move(fixed)) {
    const auto is_expression = [](const auto& item) {
      return item.second.find('=') != std::string::npos;
    };
    numeric_ = std::none_of(fixed_.begin(), fixed_.end(), is_expression);
    for (const Parameter& p : file.resolve(fixed_).parameters) {
      dimensions_[p.name] = p.dimension;
      if (fixed_.contains(p.name)) values_[p.name] = p.value;
    }
  }

  [[nodiscard]] Model resolve(const Values& varied) const {
    return numeric_ ? resolve_numbers(varied) : resolve_text(varied);
  }

 private:
  [[nodiscard]] Model resolve_numbers(Values varied) const {
    varied.insert(values_.begin(), values_.end());
    return file_.resolve(varied);
  }
  /// An expression among the fixed ones may follow a varied one: it has to be evaluated anew.
  [[nodiscard]] Model resolve_text(const Values& varied) const {
    Overrides all = fixed_;
    for (const auto& [name, value] : varied) {
      const std::string& dimension = dimensions_.at(name);
      all[name] = fmt::format("{:.17g}{}", value, dimension == "1" ? "" : " " + dimension);
    }
    return file_.resolve(all);
  }

  const ModelFile& file_;
  Overrides fixed_;
  bool numeric_ = true;
  Values values_;
  std::map<std::string, std::string, std::less<>> dimensions_;
};

bool is_defined(const FieldFamily& family, Eigen::Index index, double value) {
  Eigen::VectorXd values = family.values();
  values[index] = value;
  try {
    (void)family.field(values);
    return true;
  } catch (const ModelError&) {
    return false;
  }
}

/// Most numbers of a network are bounded by 0 or 1 or not at all: the model itself is asked.
void find_limits(FieldFamily& family, Eigen::Index index) {
  FieldFamily::Parameter& p = family.parameters[index];
  const double beside = 1e-9;
  if (p.value >= 0 && !is_defined(family, index, -beside * p.scale)) p.lower = 0;
  if (p.value <= 0 && !is_defined(family, index, beside * p.scale)) p.upper = 0;
  const bool fraction = p.unit == "1" && p.value >= 0 && p.value <= 1;
  if (fraction && !is_defined(family, index, 1 + beside)) p.upper = 1;
}

constexpr Eigen::Index kBlocks = 8;  // μ, σ², excess of q, and five parameters of the neuron

/// q_i − g(τ) σ_i² for each neuron, with τ that of `reference`: whether a neuron has one time
/// constant or several does not matter. 0 where there is no colour.
Eigen::VectorXd filter_excess(const MeanField& field, const Eigen::VectorXd& rates,
                              const Eigen::VectorXd& variance,
                              const std::vector<LifParameters>& reference) {
  Eigen::VectorXd excess = Eigen::VectorXd::Zero(field.size());
  Eigen::VectorXd filtered = excess;
  if (field.filters) filtered = filter_input(field, rates);
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const bool mixed = field.is_mixed(static_cast<std::size_t>(i));
    const double tau_syn = field.neurons[i].tau_syn;
    const double usual = reference[i].tau_syn;
    const bool adiabatic = field.correction == Correction::kAdiabatic;
    if (adiabatic && (usual == 0 || (!mixed && tau_syn == 0))) continue;
    const double q = mixed ? filtered[i] : filter_weight(tau_syn, field.correction) * variance[i];
    excess[i] = q - filter_weight(usual, field.correction) * variance[i];
  }
  return excess;
}

/// Everything Φ takes at fixed rates, one after the other.
Eigen::VectorXd inputs(const MeanField& field, const Eigen::VectorXd& rates,
                       const std::vector<LifParameters>& reference) {
  const Eigen::Index n = field.size();
  Eigen::VectorXd all = Eigen::VectorXd::Zero(kBlocks * n);
  const CouplingProduct input = product(field.coupling, rates);
  all.segment(0, n) = input.mean + field.external_mean;
  all.segment(n, n) = input.variance + field.external_variance;
  const bool filter = has_effective_filter(field.correction);
  if (filter) all.segment(2 * n, n) = filter_excess(field, rates, all.segment(n, n), reference);
  for (Eigen::Index i = 0; i < n; ++i) {
    const LifParameters& p = field.neurons[i];
    all[3 * n + i] = p.tau_m;
    all[4 * n + i] = p.t_ref;
    all[5 * n + i] = p.V_th;
    all[6 * n + i] = p.V_reset;
    all[7 * n + i] = filter ? 0 : p.tau_syn;
  }
  return all;
}

InputDerivative unpacked(const Eigen::VectorXd& all) {
  const Eigen::Index n = all.size() / kBlocks;
  InputDerivative d{all.segment(0, n), all.segment(n, n), all.segment(2 * n, n), {}};
  if ((all.tail(5 * n).array() == 0).all()) return d;
  for (Eigen::Index i = 0; i < n; ++i) {
    d.neurons.push_back({.tau_m = all[3 * n + i],
                         .t_ref = all[4 * n + i],
                         .V_th = all[5 * n + i],
                         .V_reset = all[6 * n + i],
                         .tau_syn = all[7 * n + i]});
  }
  return d;
}

}  // namespace

Eigen::VectorXd FieldFamily::values() const {
  Eigen::VectorXd x(static_cast<Eigen::Index>(parameters.size()));
  for (Eigen::Index k = 0; k < x.size(); ++k) x[k] = parameters[k].value;
  return x;
}

FieldFamily field_family(const ModelFile& file, const Overrides& fixed,
                         const std::vector<std::string>& names) {
  const Resolver resolver(file, fixed);
  const Model model = resolver.resolve({});
  FieldFamily family;
  Route route;
  for (const std::string& name : names) add(model, name, family, route);
  family.field = [resolver, route](const Eigen::VectorXd& x) {
    Values values;
    for (const auto& [index, name] : route.named) values[name] = x[index];
    Network network = resolver.resolve(values).network;
    for (const auto& [index, entry] : route.entries) set_entry_value(network, entry, x[index]);
    return mean_field(network);
  };
  for (Eigen::Index k = 0; k < family.values().size(); ++k) find_limits(family, k);
  return family;
}

InputDerivative input_derivative(const FieldFamily& family, const Eigen::VectorXd& values,
                                 Eigen::Index index, const Eigen::VectorXd& rates) {
  const std::vector<LifParameters> reference = effective_neurons(family.field(values), rates);
  const VectorFunction f = [&](double value) {
    Eigen::VectorXd x = values;
    x[index] = value;
    return inputs(family.field(x), rates, reference);
  };
  // First the size of the value; a value far below the usual is differenced on the usual scale too,
  // else rounding rules.
  const double usual = family.parameters.at(index).scale;
  const double size = std::abs(values[index]);
  const double unit = unit_scale("", family.parameters[index].unit);
  std::vector<double> scales{size > 0 ? size : usual};
  if (unit > scales.front()) scales.insert(scales.begin(), unit);
  return unpacked(extrapolated_derivative(f, values[index], scales, rates.size()));
}

}  // namespace nuphi
