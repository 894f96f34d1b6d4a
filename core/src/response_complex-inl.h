// Complex arithmetic on a number type V: double, or a vector of doubles (one frequency a lane).
// Included once for each instruction set, inside its namespace; see response_kernel-inl.h.

template <class V>
struct Complex {
  V re{};
  V im{};
};

template <class V>
inline Complex<V> operator+(Complex<V> a, Complex<V> b) {
  return {a.re + b.re, a.im + b.im};
}
template <class V>
inline Complex<V> operator-(Complex<V> a, Complex<V> b) {
  return {a.re - b.re, a.im - b.im};
}
template <class V>
inline Complex<V> operator-(Complex<V> a) {
  return {-a.re, -a.im};
}
template <class V>
inline Complex<V> operator*(Complex<V> a, Complex<V> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <class V>
inline Complex<V> operator+(Complex<V> a, double b) {
  return {a.re + b, a.im};
}
template <class V>
inline Complex<V> operator-(Complex<V> a, double b) {
  return {a.re - b, a.im};
}
template <class V>
inline Complex<V> operator*(double a, Complex<V> b) {
  return {a * b.re, a * b.im};
}

/// a·b with a vector of real factors.
template <class V>
inline Complex<V> scaled(V a, Complex<V> b) {
  return {a * b.re, a * b.im};
}

/// a·b + c, c + a·b with one rounding where the hardware has it.
template <class V>
inline Complex<V> mul_add(Complex<V> a, Complex<V> b, Complex<V> c) {
  return {(c.re + a.re * b.re) - a.im * b.im, (c.im + a.re * b.im) + a.im * b.re};
}
template <class V>
inline Complex<V> mul_add(double a, Complex<V> b, Complex<V> c) {
  return {c.re + a * b.re, c.im + a * b.im};
}

template <class V>
inline V norm(Complex<V> a) {
  return a.re * a.re + a.im * a.im;
}
template <class V>
inline Complex<V> inverse(Complex<V> a) {
  const V n = 1.0 / norm(a);
  return {a.re * n, -(a.im * n)};
}
template <class V>
inline Complex<V> operator/(Complex<V> a, Complex<V> b) {
  const V n = 1.0 / norm(b);
  return {(a.re * b.re + a.im * b.im) * n, (a.im * b.re - a.re * b.im) * n};
}

/// Principal root; each component keeps its relative accuracy.
template <class V>
inline Complex<V> sqrt(Complex<V> a) {
  const V modulus = square_root(norm(a));
  const V larger = square_root(0.5 * (modulus + absolute(a.re)));
  const V smaller = 0.5 * a.im / larger;
  return {choose(a.re < 0.0, absolute(smaller), larger),
          choose(a.re < 0.0, with_sign_of(larger, a.im), smaller)};
}

/// a/b for tiny b, whose norm underflows.
template <class V>
inline Complex<V> quotient(Complex<V> a, Complex<V> b) {
  const V scale = 1.0 / larger_of(absolute(b.re), absolute(b.im));
  return scaled(scale, a) / scaled(scale, b);
}
