// Numbers that carry their slopes in y_t and y_r, for uniform_features.h: templates of the number
// type, so that the same lines serve one neuron and a vector of them.
#pragma once

#include <cmath>

namespace nuphi::detail {

template <class N>
struct Slope {
  N value{0.0}, by_t{0.0}, by_r{0.0};

  Slope() = default;
  explicit Slope(double x) : value(x) {}
  Slope(N v, N t, N r) : value(v), by_t(t), by_r(r) {}
};

/// f(x) with its slope.
template <class N>
inline Slope<N> chain(const Slope<N>& x, N value, N slope) {
  return {value, slope * x.by_t, slope * x.by_r};
}
template <class N>
inline Slope<N> operator+(const Slope<N>& a, const Slope<N>& b) {
  return {a.value + b.value, a.by_t + b.by_t, a.by_r + b.by_r};
}
template <class N>
inline Slope<N> operator-(const Slope<N>& a, const Slope<N>& b) {
  return {a.value - b.value, a.by_t - b.by_t, a.by_r - b.by_r};
}
template <class N>
inline Slope<N> operator*(const Slope<N>& a, const Slope<N>& b) {
  return {a.value * b.value, a.by_t * b.value + a.value * b.by_t,
          a.by_r * b.value + a.value * b.by_r};
}
template <class N>
inline Slope<N> operator/(const Slope<N>& a, const Slope<N>& b) {
  const N inverse = N(1.0) / b.value, value = a.value * inverse;
  return {value, (a.by_t - value * b.by_t) * inverse, (a.by_r - value * b.by_r) * inverse};
}
template <class N>
inline Slope<N> operator-(const Slope<N>& x) {
  return {-x.value, -x.by_t, -x.by_r};
}
template <class N>
inline Slope<N> exp(const Slope<N>& x) {
  using std::exp;
  const N e = exp(x.value);
  return chain(x, e, e);
}
template <class N>
inline Slope<N> sqrt(const Slope<N>& x) {
  using std::sqrt;
  const N root = sqrt(x.value);
  return chain(x, root, N(0.5) / root);
}
template <class N>
inline Slope<N> log(const Slope<N>& x) {
  using std::log;
  return chain(x, N(log(x.value)), N(1.0) / x.value);
}

}  // namespace nuphi::detail
