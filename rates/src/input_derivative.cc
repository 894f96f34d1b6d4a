#include "input_derivative.h"

#include <nuphi/core/colored_noise.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/network_derivative.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <nuphi/solver/differences.h>

namespace nuphi {
namespace {

constexpr Eigen::Index kBlocks = 9;

// g that acts on a LIF neuron, whether it has one time constant or several; 0 without colour.
double weight_of(const LifTransfer& lif, const NodeInput& input) {
  if (!has_effective_filter(lif.correction)) return 0;
  const double tau_syn = lif.neuron.tau_syn;
  if (lif.several_tau_syn) {
    return input.variance > 0 ? std::max(0.0, input.filtered) / input.variance : 0;
  }
  if (lif.correction == Correction::kAdiabatic && tau_syn == 0) return 0;
  return filter_weight(tau_syn, lif.correction);
}

}  // namespace

InputDerivative input_derivative(const Network& network, const Network& slope,
                                 const MeanField& field, const Eigen::VectorXd& rates) {
  const NetworkDerivative derivative(network, field, rates);
  const std::vector<PopulationDerivative> parts = derivative.along(slope);
  const Eigen::Index n = field.size();
  InputDerivative d{.mean = Eigen::VectorXd(n), .variance = Eigen::VectorXd(n)};
  d.weight = Eigen::VectorXd::Zero(n);
  d.other = Eigen::VectorXd(n);
  bool neurons_move = false;
  for (Eigen::Index i = 0; i < n; ++i) {
    const PopulationDerivative& part = parts[static_cast<std::size_t>(i)];
    const NodeInput at = MeanField::input(derivative.sums(), i);
    d.mean[i] = part.sums.mean;
    d.variance[i] = part.sums.variance;
    d.other[i] = part.other;
    if (takes_filtered(field.nodes[static_cast<std::size_t>(i)]) && at.variance > 0 &&
        at.filtered >= 0)
      d.weight[i] =
          (part.sums.filtered - at.filtered / at.variance * part.sums.variance) / at.variance;
    d.neurons.push_back(part.neuron);
    neurons_move = neurons_move || !(part.neuron == LifPartials{});
  }
  if (!neurons_move) d.neurons.clear();
  return d;
}

std::optional<Network> network_slope(
    const ModelFamily& family, const Eigen::VectorXd& values, Eigen::Index index,
    const Network& network, const std::function<Eigen::VectorXd(const NumbersAt&)>& differences) {
  const Eigen::VectorXd here = numbers_of(network);
  const auto k = static_cast<std::size_t>(index);
  if (k < family.parameters.size() && family.parameters[k].entry) {
    Network slope = with_numbers(network, Eigen::VectorXd::Zero(here.size()));
    set_entry_value(slope, *family.parameters[k].entry, 1);
    return slope;
  }
  struct AnotherBuild {};
  const NumbersAt numbers = [&](const Eigen::VectorXd& beside) {
    if (beside == values) return here;
    Eigen::VectorXd there = numbers_of(family.network(beside));
    if (there.size() != here.size()) throw AnotherBuild();
    return there;
  };
  try {
    return with_numbers(network, differences(numbers));
  } catch (const AnotherBuild&) {
    return std::nullopt;  // a projection vanishes at this value: files leave those of K = 0 out
  }
}

PhiInputs::PhiInputs(const MeanField& field, const Eigen::VectorXd& rates)
    : rates_(rates), sums_(sums_at(field, rates)) {}

Eigen::VectorXd PhiInputs::of(const MeanField& field) const {
  const Eigen::Index n = field.size();
  Eigen::VectorXd all = Eigen::VectorXd::Zero(kBlocks * n);
  const Eigen::MatrixXd sums = sums_at(field, rates_);
  all.head(2 * n) = sums.leftCols(2).reshaped();
  for (Eigen::Index i = 0; i < n; ++i) {
    const NodeFunction& node = field.nodes[static_cast<std::size_t>(i)];
    const LifTransfer* lif = as_lif(node);
    if (lif == nullptr) {
      all[8 * n + i] = evaluate(node, MeanField::input(sums_, i)).rate;
      continue;
    }
    // Without noise there is nothing to filter.
    const bool noisy = MeanField::input(sums_, i).variance > 0;
    all[2 * n + i] = noisy ? weight_of(*lif, MeanField::input(sums, i)) : 0;
    all[3 * n + i] = lif->neuron.tau_m;
    all[4 * n + i] = lif->neuron.t_ref;
    all[5 * n + i] = lif->neuron.V_th;
    all[6 * n + i] = lif->neuron.V_reset;
    all[7 * n + i] = has_effective_filter(lif->correction) ? 0 : lif->neuron.tau_syn;
  }
  return all;
}

InputDerivative PhiInputs::unpacked(const Eigen::VectorXd& all, Eigen::Index n) {
  InputDerivative d{
      all.segment(0, n), all.segment(n, n), all.segment(2 * n, n), {}, all.segment(8 * n, n)};
  if ((all.segment(3 * n, 5 * n).array() == 0).all()) return d;
  for (Eigen::Index i = 0; i < n; ++i) {
    d.neurons.push_back({.tau_m = all[3 * n + i],
                         .t_ref = all[4 * n + i],
                         .V_th = all[5 * n + i],
                         .V_reset = all[6 * n + i],
                         .tau_syn = all[7 * n + i]});
  }
  return d;
}

namespace {

/// First the size of the value; a value far below the usual is differenced on the usual scale too,
/// else rounding rules.
std::vector<double> scales_of(const ModelFamily::Parameter& p, double value) {
  const double size = std::abs(value);
  const double unit = unit_scale("", p.unit);
  std::vector<double> scales{size > 0 ? size : p.scale};
  if (unit > scales.front()) scales.insert(scales.begin(), unit);
  return scales;
}

}  // namespace

InputDerivative input_derivative(const ModelFamily& family, const Eigen::VectorXd& values,
                                 Eigen::Index index, const Eigen::VectorXd& rates) {
  const std::vector<double> scales =
      scales_of(family.parameters[static_cast<std::size_t>(index)], values[index]);
  const auto differences = [&](const NumbersAt& f, Eigen::Index block) {
    const VectorFunction along = [&](double value) {
      Eigen::VectorXd x = values;
      x[index] = value;
      return f(x);
    };
    return extrapolated_derivative(along, values[index], scales, block);
  };
  const MeanField field = family.field(values);
  if (family.network) {
    const Network network = family.network(values);
    const auto slope = network_slope(family, values, index, network, [&](const NumbersAt& numbers) {
      return differences(numbers, 1);
    });
    if (slope) return input_derivative(network, *slope, field, rates);
  }
  const PhiInputs inputs(field, rates);
  return PhiInputs::unpacked(
      differences([&](const Eigen::VectorXd& x) { return inputs.of(family.field(x)); },
                  rates.size()),
      rates.size());
}

double change(const LifPartials& partials, const LifPartials& moved) {
  return times(partials.tau_m, moved.tau_m) + times(partials.t_ref, moved.t_ref) +
         times(partials.V_th, moved.V_th) + times(partials.V_reset, moved.V_reset) +
         times(partials.tau_syn, moved.tau_syn);
}

double NodeGain::change(const InputDerivative& p, Eigen::Index i) const {
  double sum = times(sums.mean, p.mean[i]) + times(sums.variance, p.variance[i]);
  if (p.weight.size() > 0) sum += times(sums.weight, p.weight[i]);
  if (!p.neurons.empty()) sum += nuphi::change(neuron, p.neurons[static_cast<std::size_t>(i)]);
  return sum;
}

}  // namespace nuphi
