#include "input_derivative.h"

#include <nuphi/core/colored_noise.h>
#include <nuphi/models/model_family.h>
#include <nuphi/models/network_derivative.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "differences.h"

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

// Weights of first differences over five equidistant values, by the index of the value at which the
// derivative is taken: order 4, and order 2 from three of them.
using Weights = std::array<double, 5>;
constexpr std::array<Weights, 5> kFourth = {{{-25. / 12, 4, -3, 4. / 3, -1. / 4},
                                             {-1. / 4, -5. / 6, 3. / 2, -1. / 2, 1. / 12},
                                             {1. / 12, -2. / 3, 0, 2. / 3, -1. / 12},
                                             {-1. / 12, 1. / 2, -3. / 2, 5. / 6, 1. / 4},
                                             {1. / 4, -4. / 3, 3, -4, 25. / 12}}};
constexpr std::array<Weights, 5> kSecond = {{{-1.5, 2, -0.5, 0, 0},
                                             {-0.5, 0, 0.5, 0, 0},
                                             {0, -0.5, 0, 0.5, 0},
                                             {0, 0, -0.5, 0, 0.5},
                                             {0, 0, 0.5, -2, 1.5}}};

// Orders 2 and 4 differing by this much, relatively, leaves order 4 good to about its square.
constexpr double kAgreement = 1e-4;
constexpr double kRounding = 1e-14;  // of what Φ takes, relative
constexpr double kShrink = 8;
constexpr int kMaxShrinks = 7;

double largest(const Eigen::VectorXd& v, Eigen::Index block, Eigen::Index n) {
  return n == 0 ? 0 : v.segment(block * n, n).cwiseAbs().maxCoeff();
}

// Largest relative disagreement of two orders over the blocks; rounding does not count.
double disagreement(const Eigen::VectorXd& fourth, const Eigen::VectorXd& second,
                    const Eigen::VectorXd& value) {
  const Eigen::Index n = value.size() / kBlocks;
  const Eigen::VectorXd error = fourth - second;
  double worst = 0;
  for (Eigen::Index block = 0; block < kBlocks; ++block) {
    const double here = largest(error, block, n);
    if (here > kRounding * largest(value, block, n)) {
      worst = std::max(worst, here / largest(fourth, block, n));
    }
  }
  return worst;
}

}  // namespace

InputDerivative input_derivative(const Network& network, const Network& slope,
                                 const MeanField& field, const Eigen::VectorXd& rates) {
  const std::vector<PopulationDerivative> parts =
      NetworkDerivative(network, field, rates).along(slope);
  const Eigen::MatrixXd sums = sums_at(field, rates);
  const Eigen::Index n = field.size();
  InputDerivative d{.mean = Eigen::VectorXd(n), .variance = Eigen::VectorXd(n)};
  d.weight = Eigen::VectorXd::Zero(n);
  d.other = Eigen::VectorXd(n);
  bool neurons_move = false;
  for (Eigen::Index i = 0; i < n; ++i) {
    const PopulationDerivative& part = parts[static_cast<std::size_t>(i)];
    const NodeInput at = MeanField::input(sums, i);
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

std::optional<Network> network_slope(const ModelFamily& family, const Eigen::VectorXd& values,
                                     Eigen::Index index, const Network& network,
                                     const NumberDifferences& differences) {
  const Eigen::VectorXd here = numbers_of(network);
  if (const std::optional<NetworkEntry>& entry =
          family.parameters[static_cast<std::size_t>(index)].entry) {
    Network slope = with_numbers(network, Eigen::VectorXd::Zero(here.size()));
    set_entry_value(slope, *entry, 1);
    return slope;
  }
  struct AnotherBuild {};
  const VectorFunction numbers = [&](double value) {
    Eigen::VectorXd x = values;
    x[index] = value;
    Eigen::VectorXd there = numbers_of(family.network(x));
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
  const auto at = [&](double value) {
    Eigen::VectorXd x = values;
    x[index] = value;
    return x;
  };
  const std::vector<double> scales =
      scales_of(family.parameters[static_cast<std::size_t>(index)], values[index]);
  const MeanField field = family.field(values);
  if (family.network) {
    const Network network = family.network(values);
    const auto slope =
        network_slope(family, values, index, network, [&](const VectorFunction& numbers) {
          return extrapolated_derivative(numbers, values[index], scales, 1);
        });
    if (slope) return input_derivative(network, *slope, field, rates);
  }
  const PhiInputs inputs(field, rates);
  const VectorFunction f = [&](double value) { return inputs.of(family.field(at(value))); };
  return PhiInputs::unpacked(extrapolated_derivative(f, values[index], scales, rates.size()),
                             rates.size());
}

// False where the family has no network at one of them.
bool BranchDifferences::find_fields(const std::function<std::optional<MeanField>(double)>& family,
                                    double p) {
  if (near_.size() == 4 && near_p_ == p && near_distance_ == distance_) return true;
  near_.clear();
  middle_ = 2;
  while (middle_ > 0 && p - static_cast<double>(middle_) * distance_ < lower_) --middle_;
  while (middle_ < 4 && p + static_cast<double>(4 - middle_) * distance_ > upper_) ++middle_;
  for (std::size_t k = 0; k < 5; ++k) {
    if (k == middle_) continue;
    const double offset = (static_cast<double>(k) - static_cast<double>(middle_)) * distance_;
    std::optional<MeanField> field = family(p + offset);
    if (!field) return false;
    near_.push_back(std::move(*field));
  }
  near_p_ = p;
  near_distance_ = distance_;
  return true;
}

std::optional<InputDerivative> BranchDifferences::at(
    const std::function<std::optional<MeanField>(double)>& family, double p,
    const MeanField& middle, const Eigen::VectorXd& rates) {
  const Eigen::Index n = middle.size();
  const PhiInputs inputs(middle, rates);
  const Eigen::VectorXd value = inputs.of(middle);
  std::optional<InputDerivative> best;
  for (int shrinks = 0; shrinks <= kMaxShrinks; ++shrinks, distance_ /= kShrink) {
    if (!find_fields(family, p)) continue;
    // Differences are formed against the middle before they are weighted, so that what stays the
    // same gives zero and not rounding.
    Eigen::VectorXd fourth = Eigen::VectorXd::Zero(value.size());
    Eigen::VectorXd second = fourth;
    for (std::size_t k = 0; k < 5; ++k) {
      if (k == middle_) continue;
      const Eigen::VectorXd change = inputs.of(near_[k < middle_ ? k : k - 1]) - value;
      fourth += kFourth[middle_][k] * change;
      second += kSecond[middle_][k] * change;
    }
    best = PhiInputs::unpacked(fourth / distance_, n);
    const double error = disagreement(fourth, second, value);
    if (error > kAgreement) continue;
    if (error < kAgreement / (kShrink * kShrink)) {
      distance_ = std::min(widest_, kShrink * distance_);
    }
    return best;
  }
  distance_ = widest_;
  return best;
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
