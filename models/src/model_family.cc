#include <nuphi/core/error.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/network_entries.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace nuphi {
namespace {

using Values = std::map<std::string, double, std::less<>>;

}  // namespace

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

namespace {

/// Where the values of a family go: named parameters into the file, entries into the network it
/// gives.
struct Route {
  std::vector<std::pair<Eigen::Index, std::string>> named;
  std::vector<std::pair<Eigen::Index, NetworkEntry>> entries;
};

ModelFamily::Parameter described(const std::string& name, const std::string& dimension,
                                 double value, const std::string& unit) {
  ModelFamily::Parameter parameter;
  parameter.name = name;
  parameter.unit = dimension;
  parameter.value = value;
  parameter.scale = value != 0 ? std::abs(value) : unit_scale(unit, dimension);
  return parameter;
}

void add(const Model& model, const std::string& name, ModelFamily& family, Route& route) {
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

bool is_defined(const ModelFamily& family, Eigen::Index index, double value) {
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
void find_limits(ModelFamily& family, Eigen::Index index) {
  ModelFamily::Parameter& p = family.parameters[index];
  const double beside = 1e-9;
  if (p.value >= 0 && !is_defined(family, index, -beside * p.scale)) p.lower = 0;
  if (p.value <= 0 && !is_defined(family, index, beside * p.scale)) p.upper = 0;
  const bool fraction = p.unit == "1" && p.value >= 0 && p.value <= 1;
  if (fraction && !is_defined(family, index, 1 + beside)) p.upper = 1;
}

}  // namespace

Eigen::VectorXd ModelFamily::values() const {
  Eigen::VectorXd x(static_cast<Eigen::Index>(parameters.size()));
  for (Eigen::Index k = 0; k < x.size(); ++k) x[k] = parameters[k].value;
  return x;
}

ModelFamily model_family(const ModelFile& file, const Overrides& fixed,
                         const std::vector<std::string>& names) {
  const Resolver resolver(file, fixed);
  const Model model = resolver.resolve({});
  ModelFamily family;
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

}  // namespace nuphi
