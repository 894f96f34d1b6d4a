// What the fitted functions of uniform_rate.h are functions of. A template of the number type, so
// that the same text gives values and, with numbers that carry derivatives, those.
#pragma once

#include <array>
#include <cmath>

namespace nuphi::detail {

template <class Number>
struct UniformFeatures {
  Number Y_t, Y_r;  ///< y √(1 + k²): the free membrane has the variance σ²/(2(1 + k²))
  Number weight;    ///< q/(1 + q), q = k √(1 + Y_t²): how far from the limit of fast synapses
  std::array<Number, 5> threshold;  ///< of n₁
  std::array<Number, 7> reset;      ///< of n₂
};

/// k as far as the fit reaches, 1.5, and beyond it bent towards 2 with two continuous derivatives.
template <class Real>
Real uniform_range(Real k, Real& slope) {
  slope = 1;
  if (k <= 1.5) return k;
  const double t = std::tanh(2 * (k - 1.5));
  slope = 1 - t * t;
  return 1.5 + 0.5 * t;
}

/// The shift S of the threshold from n = α/2 + w n₁: n itself to 1e-8/n, but never negative, so
/// that the threshold stays above the reset wherever the fit does not reach.
template <class Number>
Number uniform_shift(const Number& n) {
  using std::sqrt;
  return Number(0.5) * (n + sqrt(n * n + Number(1e-8)));
}

/// θ = ln(1 + Δ/√(1 + y_t²)), Δ = y_t − y_r, is about the time of a deterministic passage: θ/(θ +
/// k²) compares it with the memory of the noise; kY_t is what the boundary layer with drift depends
/// on. k > 0.
/// @param within  uniform_range() of k, which stands for it in everything that is fitted
template <class Number>
[[gnu::always_inline]] inline UniformFeatures<Number> uniform_features(
    const Number& y_t, const Number& y_r, const Number& k, const Number& within, const Number& X) {
  using std::log;
  using std::sqrt;
  UniformFeatures<Number> f;
  const Number one(1.0), square = within * within, length = y_t - y_r;
  const Number stiffness = sqrt(one + k * k);
  f.Y_t = y_t * stiffness;
  f.Y_r = y_r * stiffness;
  const Number Y_square = f.Y_t * f.Y_t, layer = within * f.Y_t;
  const Number q = within * sqrt(one + Y_square);
  f.weight = q / (one + q);
  const Number theta = log(one + length / sqrt(one + y_t * y_t));
  f.threshold = {within / (Number(0.5) + within), f.Y_t / sqrt(Y_square + Number(4.0)),
                 layer / sqrt(layer * layer + one), theta / (theta + square),
                 length / (length + Number(2.0))};
  f.reset = {f.threshold[0],
             f.threshold[1],
             f.threshold[2],
             f.threshold[3],
             f.threshold[4],
             X,
             length / (length + Number(2.0) * within)};
  return f;
}

}  // namespace nuphi::detail
