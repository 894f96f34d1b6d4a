// response_kernel-inl.h for several frequencies at a time: V is a vector of kLanes doubles.
// Included once for each instruction set, which the including file switches on for what lies
// between.

typedef double V __attribute__((vector_size(kLanes * sizeof(double))));

inline V square_root(V x) {
  V r;
  for (int i = 0; i < kLanes; ++i) r[i] = std::sqrt(x[i]);
  return r;
}
inline V choose(decltype(V() < V()) condition, V a, V b) { return condition ? a : b; }
inline V absolute(V x) { return x < 0.0 ? -x : x; }
inline V with_sign_of(V a, V b) { return b < 0.0 ? -a : a; }
inline V larger_of(V a, V b) { return a > b ? a : b; }

typedef double Two __attribute__((vector_size(16)));
typedef double Four __attribute__((vector_size(32)));
template <class T>
inline double minimum(T x) {
  if constexpr (sizeof(T) == 8 * sizeof(double)) {
    const Four a = __builtin_shufflevector(x, x, 0, 1, 2, 3);
    const Four b = __builtin_shufflevector(x, x, 4, 5, 6, 7);
    return minimum<Four>(a < b ? a : b);
  } else if constexpr (sizeof(T) == 4 * sizeof(double)) {
    const Two a = __builtin_shufflevector(x, x, 0, 1), b = __builtin_shufflevector(x, x, 2, 3);
    return minimum<Two>(a < b ? a : b);
  } else {
    return x[0] < x[1] ? x[0] : x[1];
  }
}

#include "response_complex-inl.h"
#include "response_lane_math-inl.h"

template <class T>
using Packed = Complex<T>;
inline Complex<V> pack(Complex<V> z) { return z; }
inline Complex<V> unpack(Complex<V> z) { return z; }
inline Complex<V> times(Complex<V> a, Complex<V> b) { return a * b; }

inline Complex<V> exp(Complex<V> z) {
  const V e = exp(z.re);
  const SinCos t = sin_cos(z.im);
  return {e * t.cos, e * t.sin};
}

/// (1 + e1)(cos 2x + i sin 2x) − 1 from sin x and cos x
inline Complex<V> turned(V e1, V s, V c) {
  const V lost = -2.0 * s * s;
  return {e1 + (e1 + 1.0) * lost, (e1 + 1.0) * 2.0 * s * c};
}

inline Complex<V> expm1(Complex<V> z) {
  const SinCos t = sin_cos(0.5 * z.im);
  return turned(expm1(z.re), t.sin, t.cos);
}

inline Complex<V> shrunk_expm1(Complex<V> z) {
  const SinCos t = sin_cos(0.5 * z.im);
  return {-2.0 * t.sin * t.sin - expm1(-z.re), 2.0 * t.sin * t.cos};
}

inline Complex<V> expm1_of_product(Complex<V> lambda, double x) {
  V high = lambda.im, low = lambda.im;
  for (int i = 0; i < kLanes; ++i) {
    const Pair<double> phase = two_product(lambda.im[i], 0.5 * x);
    high[i] = phase.high;
    low[i] = phase.low;
  }
  const SinCos t = sin_cos(high);
  return turned(expm1(lambda.re * x), t.sin + t.cos * low, t.cos - t.sin * low);
}

inline Complex<V> log1p(Complex<V> z) {
  return {0.5 * log1p(z.re * (z.re + 2.0) + z.im * z.im), arc_tangent(z.im, 1.0 + z.re)};
}

inline scalar_response::Complex<double> lane(Complex<V> z, int i) { return {z.re[i], z.im[i]}; }

/// On the imaginary axis |φ_t| ≥ |φ_r|, and the quotient is not needed.
inline Complex<V> log_transform(Complex<V> z, V scale, Complex<V> /*quotient*/) {
  if (minimum(40.0 - scale) > 0) return -log1p(scaled(exp(scale), z));
  Complex<V> r = z;
  for (int i = 0; i < kLanes; ++i) {
    const auto value = scalar_response::log_transform(lane(z, i), scale[i], {1, 0});
    r.re[i] = value.re;
    r.im[i] = value.im;
  }
  return r;
}

inline V principal_phase(V x) {
  constexpr double kTwoPi = 6.28318530717958647693, kTwoPiLow = 2.4492935982947064e-16;
  const V turns = nearest_integer(x * (1 / kTwoPi));
  return (x - turns * kTwoPi) - turns * kTwoPiLow;
}

inline V size(Complex<V> z) { return absolute(z.re) + absolute(z.im); }

inline bool is_negligible(double weight, Complex<V> a, Complex<V> b, Complex<V> sum) {
  constexpr double kTolerance = 0x1p-57;
  return minimum(kTolerance * size(sum) - weight * (size(a) + size(b))) > 0;
}

#include "response_kernel-inl.h"

/// One vector of frequencies on one route.
inline void terms_of_lanes(const Interval& x, const double* omega, const Plan& plan,
                           scalar_response::Terms<double>* out) {
  Complex<V> lambda{V(), V()};
  for (int i = 0; i < kLanes; ++i) lambda.im[i] = omega[i];
  const Terms<V> t = terms(quotients(x, lambda, plan), lambda, x);
  for (int i = 0; i < kLanes; ++i)
    out[i] = {lane(t.g_mu, i), lane(t.g_variance, i), lane(t.log_f, i), lane(t.isi_transform, i)};
}
