// response_kernel-inl.h for one λ at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>
#include <utility>

#include "double_double.h"
#include "response_coefficients.h"
#include "response_plan.h"

/// Keeps the kernel's building blocks apart: inlined into one another they compile for minutes.
#define NUPHI_NOINLINE __attribute__((noinline)) inline

namespace nuphi::detail::scalar_response {

inline double square_root(double x) { return std::sqrt(x); }
inline double absolute(double x) { return std::abs(x); }
inline double choose(bool condition, double a, double b) { return condition ? a : b; }
inline double with_sign_of(double a, double b) { return std::copysign(a, b); }
inline double larger_of(double a, double b) { return a > b ? a : b; }
inline double minimum(double x) { return x; }
inline double exp(double x) { return std::exp(x); }
inline double expm1(double x) { return std::expm1(x); }

#include "response_complex-inl.h"

/// Real and imaginary part side by side in one register.
typedef double Two __attribute__((vector_size(16)));
template <class V>
using Packed = Two;
inline Two pack(Complex<double> z) { return Two{z.re, z.im}; }
inline Complex<double> unpack(Two z) { return {z[0], z[1]}; }
inline Two mul_add(double a, Two b, Two c) { return a * b + c; }
inline Two times(Complex<double> a, Two b) { return a.re * b + Two{-a.im, a.im} * Two{b[1], b[0]}; }

inline Complex<double> exp(Complex<double> z) {
  const double e = std::exp(z.re);
  return {e * std::cos(z.im), e * std::sin(z.im)};
}

/// e^z − 1
inline Complex<double> expm1(Complex<double> z) {
  const double s = std::sin(0.5 * z.im), c = std::cos(0.5 * z.im);
  const double e1 = std::expm1(z.re), lost = -2 * s * s;
  return {e1 + (e1 + 1) * lost, (e1 + 1) * 2 * s * c};
}

/// (e^z − 1) e^{−Re z}
inline Complex<double> shrunk_expm1(Complex<double> z) {
  const double s = std::sin(0.5 * z.im), c = std::cos(0.5 * z.im);
  return {-2 * s * s - std::expm1(-z.re), 2 * s * c};
}

/// e^{λx} − 1; the phase is formed in two doubles.
inline Complex<double> expm1_of_product(Complex<double> lambda, double x) {
  const Pair<double> phase = two_product(lambda.im, 0.5 * x);
  const double s0 = std::sin(phase.high), c0 = std::cos(phase.high);
  const double s = s0 + c0 * phase.low, c = c0 - s0 * phase.low;
  const double e1 = std::expm1(lambda.re * x), lost = -2 * s * s;
  return {e1 + (e1 + 1) * lost, (e1 + 1) * 2 * s * c};
}

inline Complex<double> log1p(Complex<double> z) {
  return {0.5 * std::log1p(z.re * (2 + z.re) + z.im * z.im), std::atan2(z.im, 1 + z.re)};
}

inline Complex<double> log(Complex<double> z) {
  return {0.5 * std::log(norm(z)), std::atan2(z.im, z.re)};
}

/// −ln(1 + z e^scale) without overflow. Where that is the logarithm of a difference, φ_t/φ_r < ½
/// for Re λ < 0, the quotient itself is better.
inline Complex<double> log_transform(Complex<double> z, double scale, Complex<double> quotient) {
  if (scale < 40) {
    const double e = scale == 0 ? 1 : std::exp(scale);
    const Complex<double> w{e * z.re, e * z.im};
    if (scale == 0 && norm(w + 1.0) < 0.25) return -log(quotient);
    return -log1p(w);
  }
  Complex<double> log_z = log(z);
  log_z.re += scale;
  return log_z.re > 40 ? -log_z : -log1p(exp(log_z));
}

/// The last two terms of a Taylor series, times `weight`, against its sum.
inline double size(Complex<double> z) { return std::abs(z.re) + std::abs(z.im); }
inline bool is_negligible(double weight, Complex<double> a, Complex<double> b,
                          Complex<double> sum) {
  constexpr double kTolerance = 0x1p-57;
  return weight * (size(a) + size(b)) < kTolerance * size(sum);
}

inline double principal_phase(double x) {
  return std::abs(x) <= std::numbers::pi ? x : std::remainder(x, 2 * std::numbers::pi);
}

#include "response_kernel-inl.h"

}  // namespace nuphi::detail::scalar_response
