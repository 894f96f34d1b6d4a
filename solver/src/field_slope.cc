#include "field_slope.h"

#include <nuphi/core/colored_noise.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nuphi {
namespace {

// Weights of first differences over five equidistant values, by the index of the value at which the
// derivative is taken: order 4, and order 2 from three of them.
constexpr std::array<std::array<double, 5>, 5> kFourth = {
    {{-25. / 12, 4, -3, 4. / 3, -1. / 4},
     {-1. / 4, -5. / 6, 3. / 2, -1. / 2, 1. / 12},
     {1. / 12, -2. / 3, 0, 2. / 3, -1. / 12},
     {-1. / 12, 1. / 2, -3. / 2, 5. / 6, 1. / 4},
     {1. / 4, -4. / 3, 3, -4, 25. / 12}}};
constexpr std::array<std::array<double, 5>, 5> kSecond = {{{-1.5, 2, -0.5, 0, 0},
                                                           {-0.5, 0, 0.5, 0, 0},
                                                           {0, -0.5, 0, 0.5, 0},
                                                           {0, 0, -0.5, 0, 0.5},
                                                           {0, 0, 0.5, -2, 1.5}}};

// Orders 2 and 4 differing by this much, relatively, leaves order 4 good to about its square.
constexpr double kAgreement = 1e-4;
constexpr double kRounding = 1e-14;  // of the entries of a family, relative
constexpr double kShrink = 8;
constexpr int kMaxShrinks = 7;

using Weights = std::array<double, 5>;
using RowMajor = Eigen::SparseMatrix<double, Eigen::RowMajor>;

// Five fields of a family, and which of them is the one in question. Differences are formed against
// it before they are weighted, so that entries that stay the same give zero and not rounding.
struct Stencil {
  std::array<const MeanField*, 5> fields{};
  std::size_t at = 2;
  [[nodiscard]] const MeanField& middle() const { return *fields[at]; }
};

bool is_sparse(const MeanField* field) {
  return std::holds_alternative<SparseCoupling>(field->coupling);
}

// A family may change between dense and sparse where couplings vanish.
DenseCoupling dense(const MeanField& field) {
  if (const auto* coupling = std::get_if<DenseCoupling>(&field.coupling)) return *coupling;
  const auto& sparse = std::get<SparseCoupling>(field.coupling);
  return {Eigen::MatrixXd(sparse.mean), Eigen::MatrixXd(sparse.variance)};
}

template <class Coupling, class Get>
Coupling sum(const Stencil& stencil, const Weights& weights, Get&& get) {
  const Coupling& middle = get(stencil.middle());
  Coupling total{0.0 * middle.mean, 0.0 * middle.variance};
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k] == 0 || k == stencil.at) continue;
    const Coupling& coupling = get(*stencil.fields[k]);
    total.mean += weights[k] * (coupling.mean - middle.mean);
    total.variance += weights[k] * (coupling.variance - middle.variance);
  }
  return total;
}

std::variant<DenseCoupling, SparseCoupling> coupling_sum(const Stencil& stencil,
                                                         const Weights& weights) {
  const auto& fields = stencil.fields;
  if (std::all_of(fields.begin(), fields.end(), is_sparse)) {
    return sum<SparseCoupling>(stencil, weights,
                               [](const MeanField& field) -> const SparseCoupling& {
                                 return std::get<SparseCoupling>(field.coupling);
                               });
  }
  if (std::none_of(fields.begin(), fields.end(), is_sparse)) {
    return sum<DenseCoupling>(stencil, weights, [](const MeanField& field) -> const DenseCoupling& {
      return std::get<DenseCoupling>(field.coupling);
    });
  }
  return sum<DenseCoupling>(stencil, weights, dense);
}

// g(τ) of the neurons of one time constant, 0 for the others.
Eigen::VectorXd single_weights(const MeanField& field) {
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(field.size());
  for (Eigen::Index i = 0; i < field.size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (field.is_mixed(k) || field.neurons[k].tau_syn == 0) continue;
    weights[i] = filter_weight(field.neurons[k].tau_syn, field.correction);
  }
  return weights;
}

// Q of a field, with B_ij g(τ_i) for the neurons of one time constant.
template <class Matrix>
Matrix filter_matrix(const MeanField& field) {
  const Eigen::VectorXd weights = single_weights(field);
  if constexpr (std::is_same_v<Matrix, RowMajor>) {
    Matrix q = weights.asDiagonal() * std::get<SparseCoupling>(field.coupling).variance;
    if (field.filters) q += std::get<RowMajor>(field.filters->coupling);
    return q;
  } else {
    Matrix q = weights.asDiagonal() * dense(field).variance;
    if (field.filters) {
      std::visit([&](const auto& matrix) { q += matrix; }, field.filters->coupling);
    }
    return q;
  }
}

Eigen::VectorXd filter_external(const MeanField& field) {
  Eigen::VectorXd q = single_weights(field).cwiseProduct(field.external_variance);
  if (field.filters) q += field.filters->external;
  return q;
}

template <class Matrix>
Matrix filter_sum(const Stencil& stencil, const Weights& weights) {
  const Matrix middle = filter_matrix<Matrix>(stencil.middle());
  Matrix total = 0.0 * middle;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k] == 0 || k == stencil.at) continue;
    total += weights[k] * (filter_matrix<Matrix>(*stencil.fields[k]) - middle);
  }
  return total;
}

void add_filters(FieldSlope& slope, const Stencil& stencil, const Weights& weights) {
  slope.has_filters =
      std::any_of(stencil.fields.begin(), stencil.fields.end(),
                  [](const MeanField* field) { return field->filters.has_value(); });
  if (!slope.has_filters) return;
  const MeanField& middle = stencil.middle();
  if (std::holds_alternative<SparseCoupling>(slope.coupling)) {
    slope.filter_coupling = filter_sum<RowMajor>(stencil, weights);
  } else {
    slope.filter_coupling = filter_sum<Eigen::MatrixXd>(stencil, weights);
  }
  const Eigen::VectorXd external = filter_external(middle);
  slope.external_filter = Eigen::VectorXd::Zero(middle.size());
  for (std::size_t k = 0; k < weights.size(); ++k) {
    if (weights[k] == 0 || k == stencil.at) continue;
    slope.external_filter += weights[k] * (filter_external(*stencil.fields[k]) - external);
  }
}

LifParameters neuron_sum(const Stencil& stencil, const Weights& weights, std::size_t i) {
  LifParameters total{0, 0, 0, 0, 0};
  const LifParameters& middle = stencil.middle().neurons[i];
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const LifParameters& neuron = stencil.fields[k]->neurons[i];
    total.tau_m += weights[k] * (neuron.tau_m - middle.tau_m);
    total.t_ref += weights[k] * (neuron.t_ref - middle.t_ref);
    total.V_th += weights[k] * (neuron.V_th - middle.V_th);
    total.V_reset += weights[k] * (neuron.V_reset - middle.V_reset);
    total.tau_syn += weights[k] * (neuron.tau_syn - middle.tau_syn);
  }
  return total;
}

FieldSlope combine(const Stencil& stencil, const Weights& weights) {
  const MeanField& middle = stencil.middle();
  FieldSlope slope;
  slope.coupling = coupling_sum(stencil, weights);
  slope.external_mean = Eigen::VectorXd::Zero(middle.size());
  slope.external_variance = Eigen::VectorXd::Zero(middle.size());
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const MeanField& field = *stencil.fields[k];
    slope.external_mean += weights[k] * (field.external_mean - middle.external_mean);
    slope.external_variance += weights[k] * (field.external_variance - middle.external_variance);
  }
  add_filters(slope, stencil, weights);
  for (std::size_t i = 0; i < middle.neurons.size(); ++i) {
    slope.neurons.push_back(neuron_sum(stencil, weights, i));
    if (slope.has_filters) slope.neurons.back().tau_syn = 0;
    slope.neuron_moves.push_back(slope.neurons.back() != LifParameters{0, 0, 0, 0, 0});
  }
  return slope;
}

// Sizes that tell whether two differences agree: the largest entry of every block.
double largest(const Eigen::MatrixXd& matrix) {
  return matrix.size() == 0 ? 0 : matrix.cwiseAbs().maxCoeff();
}
double largest(const RowMajor& matrix) {
  return matrix.nonZeros() == 0 ? 0 : RowMajor(matrix.cwiseAbs()).coeffs().maxCoeff();
}

double largest_of(const std::variant<Eigen::MatrixXd, RowMajor>& matrix) {
  return std::visit([](const auto& m) { return largest(m); }, matrix);
}

// Sizes of Q and q₀; `variance` and `external` are those of B and b.
std::pair<double, double> filter_sizes(const MeanField& field, double variance, double external) {
  if (!has_effective_filter(field.correction)) return {0, 0};
  const double weight = largest(Eigen::MatrixXd(single_weights(field)));
  std::pair<double, double> size = {weight * variance, weight * external};
  if (!field.filters) return size;
  size.first = std::max(size.first, largest_of(field.filters->coupling));
  size.second = std::max(size.second, largest(Eigen::MatrixXd(field.filters->external)));
  return size;
}
std::pair<double, double> filter_sizes(const FieldSlope& slope, double /*variance*/,
                                       double /*external*/) {
  return {largest_of(slope.filter_coupling), largest(Eigen::MatrixXd(slope.external_filter))};
}

template <class Field>  // a MeanField or a FieldSlope
std::array<double, 11> sizes(const Field& field) {
  std::array<double, 11> size{};
  std::visit(
      [&](const auto& coupling) {
        // Families come with matrices.
        if constexpr (requires { coupling.mean; }) {
          size[0] = largest(coupling.mean);
          size[1] = largest(coupling.variance);
        }
      },
      field.coupling);
  size[2] = largest(field.external_mean);
  size[3] = largest(field.external_variance);
  for (const LifParameters& neuron : field.neurons) {
    const std::array<double, 5> entries = {neuron.tau_m, neuron.t_ref, neuron.V_th, neuron.V_reset,
                                           neuron.tau_syn};
    for (std::size_t k = 0; k < entries.size(); ++k) {
      size[4 + k] = std::max(size[4 + k], std::abs(entries[k]));
    }
  }
  std::tie(size[9], size[10]) = filter_sizes(field, size[1], size[3]);
  return size;
}

Weights difference(const Weights& a, const Weights& b) {
  Weights result{};
  for (std::size_t k = 0; k < result.size(); ++k) result[k] = a[k] - b[k];
  return result;
}

// Largest relative disagreement of the two orders; rounding does not count.
double disagreement(const Stencil& stencil, const FieldSlope& slope) {
  const auto whole = sizes(slope);
  const auto error = sizes(combine(stencil, difference(kFourth[stencil.at], kSecond[stencil.at])));
  const auto entries = sizes(stencil.middle());
  double worst = 0;
  for (std::size_t k = 0; k < whole.size(); ++k) {
    if (error[k] > kRounding * entries[k]) worst = std::max(worst, error[k] / whole[k]);
  }
  return worst;
}

void divide(FieldSlope& slope, double distance) {
  std::visit(
      [&](auto& coupling) {
        coupling.mean /= distance;
        coupling.variance /= distance;
      },
      slope.coupling);
  std::visit([&](auto& matrix) { matrix /= distance; }, slope.filter_coupling);
  slope.external_filter /= distance;
  slope.external_mean /= distance;
  slope.external_variance /= distance;
  for (LifParameters& neuron : slope.neurons) {
    neuron.tau_m /= distance;
    neuron.t_ref /= distance;
    neuron.V_th /= distance;
    neuron.V_reset /= distance;
    neuron.tau_syn /= distance;
  }
}

}  // namespace

std::optional<FieldSlope> FieldDifferences::slope(
    const std::function<std::optional<MeanField>(double)>& family, double p,
    const MeanField& middle) {
  std::optional<FieldSlope> best;
  for (int shrinks = 0; shrinks <= kMaxShrinks; ++shrinks, distance_ /= kShrink) {
    Stencil stencil;
    std::size_t& at = stencil.at;
    while (at > 0 && p - static_cast<double>(at) * distance_ < lower_) --at;
    while (at < 4 && p + static_cast<double>(4 - at) * distance_ > upper_) ++at;
    std::array<std::optional<MeanField>, 5> others;
    bool complete = true;
    for (std::size_t k = 0; k < others.size() && complete; ++k) {
      const double offset = (static_cast<double>(k) - static_cast<double>(at)) * distance_;
      if (k != at) others[k] = family(p + offset);
      complete = k == at || others[k].has_value();
      stencil.fields[k] = k == at ? &middle : (complete ? &*others[k] : nullptr);
    }
    if (!complete) continue;
    best = combine(stencil, kFourth[at]);
    const double error = disagreement(stencil, *best);
    divide(*best, distance_);
    if (error > kAgreement) continue;
    if (error < kAgreement / (kShrink * kShrink))
      distance_ = std::min(widest_, kShrink * distance_);
    return best;
  }
  distance_ = widest_;
  return best;
}

double neuron_derivative(double mu, double sigma, const LifParameters& neuron,
                         const LifParameters& slope, Correction correction) {
  // Changes small against everything they are compared with, large against rounding.
  constexpr double kChange = 1e-4;
  const double range = neuron.V_th - neuron.V_reset;
  const double voltage = sigma > 0 ? std::min(sigma, range) : range;
  const double fastest =
      std::max({std::abs(slope.V_th) / voltage, std::abs(slope.V_reset) / voltage,
                std::abs(slope.tau_m) / neuron.tau_m,
                std::abs(slope.t_ref) / std::max(neuron.t_ref, neuron.tau_m),
                std::abs(slope.tau_syn) / std::max(neuron.tau_syn, neuron.tau_m)});
  if (!(fastest > 0)) return 0;
  const double h = kChange / fastest;
  // Times may be zero but not negative.
  const auto valid = [&](double step) {
    return neuron.t_ref + step * slope.t_ref >= 0 && neuron.tau_syn + step * slope.tau_syn >= 0;
  };
  const std::size_t at = !valid(-2 * h) ? 0 : !valid(2 * h) ? 4 : 2;
  double derivative = 0;
  for (std::size_t k = 0; k < 5; ++k) {
    if (kFourth[at][k] == 0) continue;
    const double step = (static_cast<double>(k) - static_cast<double>(at)) * h;
    LifParameters moved = neuron;
    moved.tau_m += step * slope.tau_m;
    moved.t_ref += step * slope.t_ref;
    moved.V_th += step * slope.V_th;
    moved.V_reset += step * slope.V_reset;
    moved.tau_syn += step * slope.tau_syn;
    derivative += kFourth[at][k] / h * siegert(mu, sigma, moved, correction).rate;
  }
  return derivative;
}

}  // namespace nuphi
