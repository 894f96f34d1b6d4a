#include "input_derivative.h"

#include <nuphi/core/colored_noise.h>
#include <nuphi/models/model_family.h>

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

InputDerivative input_derivative(const ModelFamily& family, const Eigen::VectorXd& values,
                                 Eigen::Index index, const Eigen::VectorXd& rates) {
  const PhiInputs inputs(family.field(values), rates);
  const VectorFunction f = [&](double value) {
    Eigen::VectorXd x = values;
    x[index] = value;
    return inputs.of(family.field(x));
  };
  // First the size of the value; a value far below the usual is differenced on the usual scale too,
  // else rounding rules.
  const double usual = family.parameters.at(index).scale;
  const double size = std::abs(values[index]);
  const double unit = unit_scale("", family.parameters[index].unit);
  std::vector<double> scales{size > 0 ? size : usual};
  if (unit > scales.front()) scales.insert(scales.begin(), unit);
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
