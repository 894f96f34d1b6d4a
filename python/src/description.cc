#include "description.h"

#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/words.h>

#include <string>
#include <variant>

namespace nuphi::python {
namespace {

py::dict neuron_of(const Neuron& neuron) {
  py::dict d;
  d["model"] = std::string(neuron_model_name(neuron.model));
  for (const NeuronParameter& parameter : neuron_parameters(neuron.model))
    d[py::str(std::string(parameter.name))] = parameter.of(neuron);
  return d;
}

py::object delay_of(const std::optional<Delay>& delay) {
  if (!delay) return py::none();
  py::dict d;
  d["distribution"] = std::string(to_word(kDelayDistributions, delay->distribution));
  d["mean"] = delay->mean;
  d["sd"] = delay->sd;
  d["min"] = delay->min;
  d["max"] = delay->max;
  return d;
}

py::dict projection_of(const Projection& p) {
  py::dict d;
  d["source"] = p.source;
  d["target"] = p.target;
  d["indegree"] = p.indegree;
  d["distribution"] = std::string(to_word(kIndegreeDistributions, p.indegree_distribution));
  d["weight"] = p.weight;
  d["weight_cv"] = p.weight_cv;
  d["delay"] = delay_of(p.delay);
  return d;
}

py::dict input_of(const ExternalInput& input) {
  py::dict d;
  d["target"] = input.target;
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
    d["kind"] = "poisson";
    d["indegree"] = poisson->indegree;
    d["rate"] = poisson->rate;
    d["weight"] = poisson->weight;
    d["weight_cv"] = poisson->weight_cv;
    d["tau_syn"] = poisson->tau_syn;
  } else if (const auto* noise = std::get_if<NoiseInput>(&input.source)) {
    d["kind"] = "noise";
    d["mean"] = noise->mean;
    d["sigma"] = noise->sigma;
    d["tau_syn"] = noise->tau_syn;
  } else {
    d["kind"] = "dc";
    d["drive"] = std::get<DcInput>(input.source).drive;
  }
  return d;
}

}  // namespace

py::dict description_of(const Network& network) {
  py::list populations, projections, inputs;
  for (const Population& p : network.populations) {
    py::dict d;
    d["name"] = p.name;
    d["size"] = p.size;
    d["neuron"] = neuron_of(p.neuron);
    populations.append(d);
  }
  for (const Projection& p : network.projections) projections.append(projection_of(p));
  for (const ExternalInput& input : network.inputs) inputs.append(input_of(input));
  py::dict d;
  d["populations"] = populations;
  d["projections"] = projections;
  d["inputs"] = inputs;
  return d;
}

}  // namespace nuphi::python
