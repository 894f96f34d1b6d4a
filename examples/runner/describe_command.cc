#include <fmt/format.h>
#include <nuphi/core/units.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/neuron_parameters.h>
#include <nuphi/models/words.h>

#include "commands.h"
#include "files.h"
#include "result_io.h"
#include "table.h"

namespace nuphi::runner {
namespace {

using namespace units;

std::string kind_name(PopulationKind kind) {
  return kind == PopulationKind::kUnspecified ? "–" : std::string(to_word(kPopulationKinds, kind));
}

/// A parameter as people read it: potentials as they stand in the file.
std::string shown(const Neuron& n, std::string_view name, double unit) {
  const NeuronParameter* parameter = neuron_parameter(n.model, name);
  if (parameter == nullptr || parameter->is_left_out(n)) return "–";
  return display((parameter->of(n) + (parameter->is_potential ? n.E_L : 0)) / unit);
}

std::string populations_table(const Network& network) {
  Table table({"population", "kind", "size", "model", "tau_m (ms)", "t_ref (ms)", "E_L (mV)",
               "V_th (mV)", "V_reset (mV)", "C_m (pF)", "tau_syn_ex (ms)", "tau_syn_in (ms)"});
  for (const Population& p : network.populations) {
    const Neuron& n = p.neuron;
    table.add({p.name, kind_name(p.kind), p.size > 0 ? display(p.size) : "–",
               std::string(neuron_model_name(n.model)), shown(n, "tau_m", ms),
               shown(n, "t_ref", ms), shown(n, "E_L", mV), shown(n, "V_th", mV),
               shown(n, "V_reset", mV), shown(n, "C_m", pF), shown(n, "tau_syn_ex", ms),
               shown(n, "tau_syn_in", ms)});
  }
  return table.text();
}

std::string delay_text(const std::optional<Delay>& delay) {
  if (!delay) return "–";
  switch (delay->distribution) {
    case DelayDistribution::kConstant:
      return display(delay->mean / ms);
    case DelayDistribution::kUniform:
      return fmt::format("uniform {}–{}", display(delay->min / ms), display(delay->max / ms));
    case DelayDistribution::kExponential:
      return fmt::format("exponential {}", display(delay->mean / ms));
    case DelayDistribution::kGamma:
      return fmt::format("gamma {} ± {}", display(delay->mean / ms), display(delay->sd / ms));
    case DelayDistribution::kTruncatedGaussian:
      return fmt::format("truncated_gaussian {} ± {}", display(delay->mean / ms),
                         display(delay->sd / ms));
    case DelayDistribution::kGaussian:
      return fmt::format("gaussian {} ± {}", display(delay->mean / ms), display(delay->sd / ms));
    case DelayDistribution::kLognormal:
      return fmt::format("lognormal {} ± {}", display(delay->mean / ms), display(delay->sd / ms));
  }
  return "–";
}

std::string projections_table(const Network& network) {
  Table table({"from → to", "indegree", "weight J (mV)", "weight_cv", "delay (ms)"});
  for (const Projection& p : network.projections) {
    table.add({network.populations[p.source].name + " → " + network.populations[p.target].name,
               display(p.indegree), display(p.weight / mV), display(p.weight_cv),
               delay_text(p.delay)});
  }
  return table.text();
}

std::string tau_syn_text(const std::optional<double>& tau_syn) {
  return tau_syn ? fmt::format(", tau_syn {} ms", display(*tau_syn / ms)) : "";
}

std::string inputs_table(const Network& network) {
  Table table({"to", "input"});
  for (const ExternalInput& input : network.inputs) {
    const std::string& name = network.populations[input.target].name;
    if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
      table.add({name, fmt::format("poisson: {} × {} Hz, J = {} mV{}", display(poisson->indegree),
                                   display(poisson->rate), display(poisson->weight / mV),
                                   tau_syn_text(poisson->tau_syn))});
    } else if (const auto* dc = std::get_if<DcInput>(&input.source)) {
      table.add({name, fmt::format("dc: {} mV", display(dc->drive / mV))});
    } else {
      const auto& noise = std::get<NoiseInput>(input.source);
      table.add({name, fmt::format("noise: mean {} mV, sigma {} mV{}", display(noise.mean / mV),
                                   display(noise.sigma / mV), tau_syn_text(noise.tau_syn))});
    }
  }
  return table.text();
}

std::string parameters_table(const Model& model) {
  Table table({"parameter", "value (SI)"});
  for (const Parameter& p : stated_parameters(model))
    table.add({p.name, display(p.value) + (p.dimension == "1" ? "" : " " + p.dimension)});
  return table.text();
}

std::string to_text(const Model& model) {
  const Network& network = model.network;
  std::string text =
      network.name + (network.reference.empty() ? "" : " (" + network.reference + ")") + "\n";
  if (!stated_parameters(model).empty()) text += "\n" + parameters_table(model);
  text += "\n" + populations_table(network);
  if (!network.projections.empty()) text += "\n" + projections_table(network);
  if (!network.inputs.empty()) text += "\n" + inputs_table(network);
  return text;
}

Json matrix_json(const char* unit, const Network& network, double Projection::*value, bool sum) {
  const auto n = static_cast<Eigen::Index>(network.populations.size());
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
  for (const Projection& p : network.projections) {
    matrix(p.target, p.source) = (sum ? matrix(p.target, p.source) : 0) + p.*value;
  }
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < n; ++i)
    rows.push_back(quantities(unit, matrix.row(i).transpose())["values"]);
  return {{"unit", unit}, {"rows", "target"}, {"values", std::move(rows)}};
}

Json input_json(const Network& network, const ExternalInput& input) {
  Json json = {{"to", network.populations[static_cast<std::size_t>(input.target)].name}};
  const auto add_tau_syn = [&](const std::optional<double>& tau_syn) {
    if (tau_syn) json["tau_syn"] = quantity("s", *tau_syn);
  };
  if (const auto* poisson = std::get_if<PoissonInput>(&input.source)) {
    json["type"] = "poisson";
    json["indegree"] = number(poisson->indegree);
    json["rate"] = quantity("Hz", poisson->rate);
    json["weight"] = quantity("V", poisson->weight);
    json["weight_cv"] = number(poisson->weight_cv);
    add_tau_syn(poisson->tau_syn);
  } else if (const auto* dc = std::get_if<DcInput>(&input.source)) {
    json["type"] = "dc";
    json["drive"] = quantity("V", dc->drive);
  } else {
    const auto& noise = std::get<NoiseInput>(input.source);
    json["type"] = "noise";
    json["mean"] = quantity("V", noise.mean);
    json["sigma"] = quantity("V", noise.sigma);
    add_tau_syn(noise.tau_syn);
  }
  return json;
}

Json to_json(const Model& model) {
  const Network& network = model.network;
  Json json = result_header(model);
  json["format"] = "nuphi-description/1";
  json["reference"] = network.reference;
  Json neurons = Json::array();
  for (const Population& p : network.populations) {
    const Neuron& n = p.neuron;
    Json neuron = {{"name", p.name},
                   {"kind", kind_name(p.kind)},
                   {"size", p.size},
                   {"model", neuron_model_name(n.model)}};
    if (p.kind == PopulationKind::kUnspecified) neuron["kind"] = nullptr;
    for (const NeuronParameter& parameter : neuron_parameters(n.model)) {
      if (parameter.is_left_out(n)) continue;
      neuron[std::string(parameter.name)] =
          quantity(std::string(parameter.unit).c_str(), parameter.of(n));
    }
    neurons.push_back(std::move(neuron));
  }
  json["neurons"] = std::move(neurons);
  json["indegree"] = matrix_json("1", network, &Projection::indegree, true);
  json["weight"] = matrix_json("V", network, &Projection::weight, false);
  json["inputs"] = Json::array();
  for (const ExternalInput& input : network.inputs)
    json["inputs"].push_back(input_json(network, input));
  const MeanField field = mean_field(network);
  json["external_mean"] = quantities("V", field.external_mean());
  json["external_variance"] = quantities("V^2", field.external_variance());
  return json;
}

}  // namespace

int run_describe(const DescribeArguments& arguments) {
  const Format format = format_of(arguments.output, {Format::kJson, Format::kYaml});
  const Model model = load(arguments.model);
  OutputFile file(arguments.output);
  switch (format) {
    case Format::kJson:
      file.write(dump(to_json(model)));
      break;
    case Format::kYaml:
      file.write(to_yaml(model));
      break;
    default:
      file.write(to_text(model));
      break;
  }
  file.commit();
  return kSuccess;
}

}  // namespace nuphi::runner
