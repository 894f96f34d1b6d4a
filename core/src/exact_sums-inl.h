// The loops of exact_sums.cc with kLanes doubles at once. Included inside a namespace that defines
// kLanes.

typedef double V __attribute__((vector_size(8 * kLanes)));
typedef long long Bits __attribute__((vector_size(8 * kLanes)));

inline V load(const double* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
inline void store(V v, double* p) { __builtin_memcpy(p, &v, sizeof v); }

/// e^x for x ≤ 0 (e^{−700} below that), to 2e-13: 2^k e^r with |r| ≤ ln 2/2 and e^r by its series.
inline V exp_negative(V x) {
  constexpr double kShift = 6755399441055744.0;  // 1.5·2^52: x + kShift has its unit at 1
  x = x > -700.0 ? x : V() - 700.0;
  const V shifted = x * 1.4426950408889634 + kShift;
  const V k = shifted - kShift;
  const V r = (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
  const V s = r * r;
  // Even and odd terms side by side.
  V even = V() + 1.0 / 3628800;
  even = even * s + 1.0 / 40320;
  even = even * s + 1.0 / 720;
  even = even * s + 1.0 / 24;
  even = even * s + 0.5;
  even = even * s + 1.0;
  V odd = V() + 1.0 / 362880;
  odd = odd * s + 1.0 / 5040;
  odd = odd * s + 1.0 / 120;
  odd = odd * s + 1.0 / 6;
  odd = odd * s + 1.0;
  const Bits exponent = ((Bits)shifted + 1023) << 52;
  return (even + odd * r) * (V)exponent;
}

inline V gaussian(const GaussianRow& row, V z) {
  return exp_negative(z * z * -row.curvature - row.exponent);
}

void add(const GaussianRow& row, const double* u, std::size_t begin, std::size_t end, double* out) {
  for (std::size_t i = begin; i < end; i += kLanes) {
    const V z = load(u + i) - row.centre;
    store(load(out + i) + row.weight * gaussian(row, z), out + i);
  }
}

GaussianMoments moments(const GaussianRow& row, const double* u, const double* l, std::size_t begin,
                        std::size_t end) {
  V zero = V(), one = V(), two = V();
  for (std::size_t i = begin; i < end; i += kLanes) {
    const V z = load(u + i) - row.centre;
    const V e = load(l + i) * gaussian(row, z);
    zero += e;
    one += e * z;
    two += e * z * z;
  }
  GaussianMoments sum;
  for (int i = 0; i < kLanes; ++i) {
    sum.zero += zero[i];
    sum.one += one[i];
    sum.two += two[i];
  }
  return {row.weight * sum.zero, row.weight * sum.one, row.weight * sum.two};
}
