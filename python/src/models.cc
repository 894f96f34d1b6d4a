#include <nuphi/models/delays.h>
#include <nuphi/models/network_entries.h>
#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/words.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "description.h"
#include "model.h"

namespace nuphi::python {
namespace {

std::string round_trip(double value) {
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.begin(), buffer.end(), value).ptr};
}

/// As it would stand in the file; the number survives to its last digit.
std::string written(const Parameter& parameter, double value) {
  return round_trip(value) + (parameter.dimension == "1" ? "" : " " + parameter.dimension);
}

/// @param numbers  more of them, SI
PyModel parsed(const std::string& text, const std::string& source, const std::string& directory,
               const Overrides& overrides, const Values& numbers) {
  PyModel m{.file = std::make_shared<const ModelFile>(ModelFile::parse(text, source, directory)),
            .text = text,
            .source = source,
            .directory = directory,
            .overrides = overrides};
  m.model = m.file->resolve(overrides);
  if (numbers.empty()) return m;
  for (const auto& [name, value] : numbers) m.overrides[name] = written(m.parameter(name), value);
  m.model = m.file->resolve(m.overrides);
  return m;
}

double si(const py::handle& value, const char* dimension) {
  return number(py::reinterpret_borrow<py::object>(value), dimension);
}

Neuron neuron_of(const py::dict& d) {
  Neuron n;
  n.model = neuron_model_of(d["model"].cast<std::string>()).value();
  const double E_L = si(d["E_L"], "V");
  for (const NeuronParameter& parameter : neuron_parameters(n.model)) {
    const std::string unit(parameter.unit);
    parameter.in(n) =
        si(d[parameter.name.data()], unit.c_str()) - (parameter.is_potential ? E_L : 0);
  }
  return n;
}

std::optional<Delay> delay_of(const py::object& value) {
  if (value.is_none()) return std::nullopt;
  if (!py::isinstance<py::dict>(value)) return Delay{.mean = number(value, "s")};
  const auto d = value.cast<py::dict>();
  const auto distribution = from_word(kDelayDistributions, d["distribution"].cast<std::string>());
  if (!distribution) throw py::value_error("delay: unknown distribution");
  Delay delay{.distribution = *distribution};
  const auto read = [&](const char* key, double& to) {
    if (d.contains(key)) to = si(d[key], "s");
  };
  read("mean", delay.mean);
  read("sd", delay.sd);
  read("min", delay.min);
  read("max", delay.max);
  return delay;
}

/// A number, or a dictionary {"mean", "distribution"}.
std::pair<double, IndegreeDistribution> indegree_of(const py::object& value) {
  if (!py::isinstance<py::dict>(value)) return {number(value, "1"), IndegreeDistribution::kFixed};
  const auto d = value.cast<py::dict>();
  const auto name = d["distribution"].cast<std::string>();
  const auto distribution = from_word(kIndegreeDistributions, name);
  if (!distribution)
    throw py::value_error("indegree: '" + name + "' is none of fixed, binomial, poisson");
  return {si(d["mean"], "1"), *distribution};
}

/// A weight as a jump of the membrane [V]: of lif_exp a current is turned into one.
double jump(const py::handle& weight, const Neuron& target,
            const std::optional<double>& tau_syn = std::nullopt) {
  if (target.model != NeuronModel::kLifExp) return si(weight, "V");
  const double current = si(weight, "A");
  return tau_syn.value_or(current < 0 ? target.tau_syn_in : target.tau_syn_ex) * current /
         target.C_m;
}

ExternalInput input_of(const py::dict& d, const std::vector<Population>& populations) {
  ExternalInput input;
  input.target = d["target"].cast<int>();
  const Neuron& target = populations[static_cast<std::size_t>(input.target)].neuron;
  const auto kind = d["kind"].cast<std::string>();
  const bool own = d.contains("tau_syn") && !d["tau_syn"].is_none();
  const std::optional<double> tau_syn = own ? std::optional(si(d["tau_syn"], "s")) : std::nullopt;
  if (kind == "poisson") {
    input.source = PoissonInput{.indegree = si(d["indegree"], "1"),
                                .rate = si(d["rate"], "Hz"),
                                .weight = jump(d["weight"], target, tau_syn),
                                .weight_cv = si(d["weight_cv"], "1"),
                                .tau_syn = tau_syn};
  } else if (kind == "noise") {
    input.source =
        NoiseInput{.mean = si(d["mean"], "V"), .sigma = si(d["sigma"], "V"), .tau_syn = tau_syn};
  } else {
    const bool current = d.contains("current");
    input.source = DcInput{.drive = current ? target.tau_m * si(d["current"], "A") / target.C_m
                                            : si(d["drive"], "V")};
  }
  return input;
}

PyModel built(const std::string& name, const py::list& populations, const py::list& projections,
              const py::list& inputs, const py::object& correction) {
  PyModel m;
  Network& network = m.model.network;
  network.name = name;
  for (const py::handle& item : populations) {
    const auto d = item.cast<py::dict>();
    const auto kind = from_word(kPopulationKinds, d["kind"].cast<std::string>());
    network.populations.push_back({.name = d["name"].cast<std::string>(),
                                   .kind = kind.value_or(PopulationKind::kUnspecified),
                                   .size = d["size"].cast<double>(),
                                   .neuron = neuron_of(d["neuron"].cast<py::dict>())});
  }
  for (const py::handle& item : projections) {
    const auto d = item.cast<py::dict>();
    const int target = d["target"].cast<int>();
    const Neuron& neuron = network.populations[static_cast<std::size_t>(target)].neuron;
    const auto [indegree, distribution] = indegree_of(d["indegree"].cast<py::object>());
    network.projections.push_back({.source = d["source"].cast<int>(),
                                   .target = target,
                                   .indegree = indegree,
                                   .weight = jump(d["weight"], neuron),
                                   .weight_cv = si(d["weight_cv"], "1"),
                                   .indegree_distribution = distribution,
                                   .delay = delay_of(d["delay"].cast<py::object>())});
  }
  for (const py::handle& item : inputs)
    network.inputs.push_back(input_of(item.cast<py::dict>(), network.populations));
  if (!correction.is_none()) network.correction = correction.cast<Correction>();
  if (const auto faults = validate(network); !faults.empty()) throw ModelError(faults);
  return m;
}

py::dict parameters_of(const PyModel& m) {
  py::dict result;
  for (const Parameter& p : m.model.parameters)
    result[py::str(p.name)] = py::make_tuple(p.value, p.dimension, p.unit, p.is_expression);
  return result;
}

py::dict entries_of(const PyModel& m) {
  const Network& network = m.model.network;
  std::vector<NetworkEntry> entries = network_entries(network);
  for (std::size_t k = 0; k < network.projections.size(); ++k) {
    const std::optional<Delay>& delay = network.projections[k].delay;
    if (delay && delay->distribution != DelayDistribution::kUniform)
      entries.push_back({EntryKind::kDelay, static_cast<int>(k)});
  }
  py::dict result;
  const std::vector<std::string> names = entry_names(network, entries);
  for (std::size_t k = 0; k < entries.size(); ++k)
    result[py::str(names[k])] =
        py::make_tuple(entry_value(network, entries[k]), std::string(entry_unit(entries[k].kind)));
  for (const std::string& name : neuron_parameter_names(network)) {
    const Parameter p = m.parameter(name);
    result[py::str(name)] = py::make_tuple(p.value, p.dimension);
  }
  return result;
}

}  // namespace

Parameter PyModel::parameter(const std::string& name) const {
  if (std::optional<Parameter> found = find_parameter(model, name)) return *found;
  Diagnostic d;
  d.code = "unknown-parameter";
  d.path = name;
  const bool is_entry = name.find('[') != std::string::npos || name.starts_with("neuron.") ||
                        !entry_fault(model.network, name).empty();
  d.message =
      is_entry ? parameter_fault(model, name) : "the model has no parameter \"" + name + "\"";
  std::string known;
  for (const Parameter& p : model.parameters) known += (known.empty() ? "" : ", ") + p.name;
  d.hint = (known.empty() ? std::string("it has none") : "its parameters are " + known) +
           "; others are named like tau_m[E], neuron.tau_m[E] and indegree[E<-I]";
  throw ModelError({d});
}

PyModel PyModel::with(const py::dict& values) const {
  PyModel copy = *this;
  bool of_neurons = false;
  for (const auto& [key, value] : values)
    of_neurons = of_neurons || key.cast<std::string>().starts_with("neuron.");
  if (!file && of_neurons) {  // what follows from them, the file knows
    copy.text = to_yaml(model);
    copy.file = as_file();
  }
  for (const auto& [key, value] : values) {
    const Parameter p = parameter(key.cast<std::string>());
    if (copy.file) {
      copy.overrides[p.name] = py::isinstance<py::str>(value)
                                   ? value.cast<std::string>()
                                   : written(p, si(value, p.dimension.c_str()));
    } else {
      set_entry_value(copy.model.network, find_entry(copy.model.network, p.name).value(),
                      si(value, p.dimension.c_str()));
    }
  }
  if (copy.file) {
    copy.model = copy.file->resolve(copy.overrides);
  } else if (const auto faults = validate(copy.model.network); !faults.empty()) {
    throw ModelError(faults);
  }
  return copy;
}

std::shared_ptr<const ModelFile> PyModel::as_file() const {
  return file ? file : std::make_shared<const ModelFile>(ModelFile::parse(to_yaml(model)));
}

void bind_models(py::module_& m) {
  py::class_<PyModel>(m, "Model")
      .def("with_values", &PyModel::with)
      .def("to_yaml", [](const PyModel& p) { return to_yaml(p.model); })
      .def_property_readonly("parameters", &parameters_of)
      .def_property_readonly("entries", &entries_of)
      .def("parameter",
           [](const PyModel& p, const std::string& name) {
             const Parameter found = p.parameter(name);
             return py::make_tuple(found.value, found.dimension);
           })
      .def_property_readonly("description",
                             [](const PyModel& p) { return description_of(p.model.network); })
      .def_property_readonly("name", [](const PyModel& p) { return p.model.network.name; })
      .def_property_readonly("sizes",
                             [](const PyModel& p) {
                               std::vector<double> sizes;
                               for (const Population& q : p.model.network.populations)
                                 sizes.push_back(q.size);
                               return sizes;
                             })
      .def_property_readonly("populations",
                             [](const PyModel& p) {
                               std::vector<std::string> names;
                               for (const Population& q : p.model.network.populations)
                                 names.push_back(q.name);
                               return names;
                             })
      .def(py::pickle(
          [](const PyModel& p) {
            const std::string text = p.file ? p.text : to_yaml(p.model);
            return py::make_tuple(text, p.source, p.directory, p.overrides, Values{});
          },
          [](const py::tuple& t) {
            return parsed(t[0].cast<std::string>(), t[1].cast<std::string>(),
                          t[2].cast<std::string>(), t[3].cast<Overrides>(), t[4].cast<Values>());
          }));
  m.def("neuron_parameters", [](const std::string& model) {
    std::vector<std::string> names;
    for (const NeuronParameter& p : neuron_parameters(neuron_model_of(model).value()))
      names.emplace_back(p.name);
    return names;
  });
  m.def("parse_model", &parsed);
  m.def("build_model", &built);
  m.def("parse_quantity", [](const std::string& text, const std::string& dimension) {
    return parse_quantity(text, dimension);
  });
}

}  // namespace nuphi::python
