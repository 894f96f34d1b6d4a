#include "spatial_characteristic.h"

#include <nuphi/models/delays.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "complex_lu.h"

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;

void require(bool condition, const char* message) {
  if (!condition) throw std::invalid_argument(message);
}

std::size_t entry(Eigen::Index i, Eigen::Index j, Eigen::Index n) {
  return static_cast<std::size_t>(i * n + j);
}

}  // namespace

void check(const SpatialRateModel& model) {
  const Eigen::Index n = model.size();
  const auto pairs = static_cast<std::size_t>(n * n);
  require(n > 0 && model.weights.rows() == n && model.weights.cols() == n,
          "spatial model: weights must be square, with one τ per row");
  require(model.profiles.size() == pairs && model.delays.size() == pairs,
          "spatial model: one profile and one delay per projection");
  require(model.weights.allFinite(), "spatial model: a weight is not finite");
  require(model.tau.allFinite() && model.tau.minCoeff() > 0, "spatial model: τ must be > 0");
  for (const Delay& delay : model.delays) {
    require(is_causal(delay), "spatial model: an acausal delay has no eigenvalues");
    require(std::isfinite(std::abs(delay_transform(delay, 0.0).value)),
            "spatial model: a delay is invalid");
  }
}

SpatialCharacteristic::SpatialCharacteristic(const SpatialRateModel& model, double wavenumber)
    : model_(model), wavenumber_(wavenumber), coupling_(model.weights), slope_(model.weights) {
  const Eigen::Index n = model.size();
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      const ProfileTransform p =
          profile_transform(model.profiles[entry(i, j, n)], wavenumber, model.dimensions);
      coupling_(i, j) *= p.value;
      slope_(i, j) *= p.derivative;
    }
}

MatrixFunctionValue SpatialCharacteristic::operator()(std::complex<double> lambda) const {
  const Eigen::Index n = model_.size();
  MatrixFunctionValue A{Eigen::MatrixXcd::Zero(n, n), Eigen::MatrixXcd::Zero(n, n)};
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      if (coupling_(i, j) == 0) continue;
      const DelayTransform D = delay_transform(model_.delays[entry(i, j, n)], lambda);
      A.value(i, j) = -coupling_(i, j) * D.value;
      A.derivative(i, j) = -coupling_(i, j) * D.derivative;
    }
  A.value.diagonal() += (1.0 + lambda * model_.tau.array()).matrix();
  A.derivative.diagonal() += model_.tau;
  return A;
}

SpatialMode SpatialCharacteristic::mode(std::complex<double> lambda) const {
  const Eigen::Index n = model_.size();
  const MatrixFunctionValue A = (*this)(lambda);
  Eigen::MatrixXcd by_wavenumber = Eigen::MatrixXcd::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      if (slope_(i, j) != 0)
        by_wavenumber(i, j) =
            -slope_(i, j) * delay_transform(model_.delays[entry(i, j, n)], lambda).value;
  const Complex slope = -null_quotient(A.value, by_wavenumber, A.derivative);
  return {wavenumber_, lambda, slope.real(), slope.imag()};
}

std::optional<Rectangle> SpatialCharacteristic::enclosure(double left) const {
  const Eigen::Index n = model_.size();
  double right = left, top = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    double bound = 0, bound_at_zero = 0;
    for (Eigen::Index j = 0; j < n; ++j) {
      const double M = std::abs(coupling_(i, j));
      const double D = std::abs(delay_transform(model_.delays[entry(i, j, n)], left).value);
      bound += M * std::max(D, left < 0 ? 1.0 : 0.0);
      bound_at_zero += M;
    }
    // |D| ≤ 1 to the right of the axis.
    const double reach =
        std::max((bound_at_zero - 1) / model_.tau[i], std::min(0.0, (bound - 1) / model_.tau[i]));
    right = std::max(right, reach);
    top = std::max(top, bound / model_.tau[i]);
  }
  const double margin = 1e-3 / model_.tau.maxCoeff();
  if (right <= left && top == 0) return std::nullopt;
  return Rectangle{left, right + margin, -(top + margin), top + margin};
}

std::optional<CommonTimes> common_times(const SpatialRateModel& model) {
  const auto constant = [](const Delay& d) -> std::optional<double> {
    if (d.distribution == DelayDistribution::kConstant) return d.mean;
    if (d.distribution == DelayDistribution::kUniform)
      return d.min == d.max ? std::optional(d.min) : std::nullopt;
    if (d.distribution == DelayDistribution::kExponential)
      return d.mean == 0 ? std::optional(0.0) : std::nullopt;
    return d.sd == 0 ? std::optional(d.mean) : std::nullopt;
  };
  if ((model.tau.array() != model.tau[0]).any()) return std::nullopt;
  std::optional<double> delay;
  for (std::size_t k = 0; k < model.delays.size(); ++k) {
    const auto row = static_cast<Eigen::Index>(k) / model.size();
    if (model.weights(row, static_cast<Eigen::Index>(k) % model.size()) == 0) continue;
    const std::optional<double> d = constant(model.delays[k]);
    if (!d || (delay && *d != *delay)) return std::nullopt;
    delay = d;
  }
  return CommonTimes{model.tau[0], delay.value_or(0)};
}

double singular_growth(const SpatialRateModel& model) {
  double worst = -std::numeric_limits<double>::infinity();
  for (const Delay& d : model.delays) {
    if (d.distribution == DelayDistribution::kExponential && d.mean > 0)
      worst = std::max(worst, -1 / d.mean);
    if (d.distribution == DelayDistribution::kGamma && d.sd > 0)
      worst = std::max(worst, -d.mean / (d.sd * d.sd));
    if (d.distribution == DelayDistribution::kLognormal && d.sd > 0) worst = std::max(worst, 0.0);
  }
  return worst;
}

}  // namespace nuphi::detail
