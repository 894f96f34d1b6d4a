#include <nuphi/core/error.h>
#include <nuphi/models/model_family.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
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

ModelFamily::Parameter described(const Parameter& p) {
  ModelFamily::Parameter parameter;
  parameter.name = p.name;
  parameter.unit = p.dimension;
  parameter.value = p.value;
  parameter.scale = p.value != 0 ? std::abs(p.value) : unit_scale(p.unit, p.dimension);
  return parameter;
}

/// Resolves a model file with some parameters fixed as text and others varied as numbers.
class Resolver {
 public:
  Resolver(const ModelFile& file, Overrides fixed) : file_(file), fixed_(std::move(fixed)) {
    const auto is_expression = [](const auto& item) {
      return item.second.find('=') != std::string::npos;
    };
    numeric_ = std::none_of(fixed_.begin(), fixed_.end(), is_expression);
    base_ = file.resolve(fixed_);
    for (const auto& [name, text] : fixed_) values_[name] = find_parameter(base_, name)->value;
  }

  [[nodiscard]] const Model& base() const { return base_; }

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
      const std::string dimension = find_parameter(base_, name)->dimension;
      all[name] = fmt::format("{:.17g}{}", value, dimension == "1" ? "" : " " + dimension);
    }
    return file_.resolve(all);
  }

  const ModelFile& file_;
  Overrides fixed_;
  bool numeric_ = true;
  Values values_;
  Model base_;
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
  const auto resolver = std::make_shared<const Resolver>(file, fixed);
  ModelFamily family;
  for (const std::string& name : names) {
    const std::optional<Parameter> p = find_parameter(resolver->base(), name);
    if (!p) throw std::invalid_argument(parameter_fault(resolver->base(), name));
    family.parameters.push_back(described(*p));
    family.parameters.back().entry = find_entry(resolver->base().network, name);
  }
  family.network = [resolver, names, parameters = family.parameters](const Eigen::VectorXd& x) {
    Values values;
    for (std::size_t k = 0; k < names.size(); ++k)
      if (!parameters[k].entry) values[names[k]] = x[static_cast<Eigen::Index>(k)];
    // Entries are numbers of the network that the rest gives.
    Network network = values.empty() ? resolver->base().network : resolver->resolve(values).network;
    for (std::size_t k = 0; k < names.size(); ++k)
      if (parameters[k].entry)
        set_entry_value(network, *parameters[k].entry, x[static_cast<Eigen::Index>(k)]);
    return network;
  };
  family.field = [network = family.network](const Eigen::VectorXd& x) {
    return mean_field(network(x));
  };
  for (Eigen::Index k = 0; k < family.values().size(); ++k) find_limits(family, k);
  return family;
}

}  // namespace nuphi
