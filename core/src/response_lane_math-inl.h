// Elementary functions of a vector V of doubles, good to about one unit in the last place over the
// ranges the response needs. Included inside a namespace that defines V and kLanes.

/// The integers that comparisons of V give, as wide as its elements.
typedef decltype(V() < V()) Bits;

inline V select(Bits condition, V a, V b) { return condition ? a : b; }
inline V broadcast(double x) { return V() + x; }

inline constexpr double kShift = 6755399441055744.0;  // 1.5·2^52: x + kShift has its unit at 1
inline V nearest_integer(V x) { return (x + kShift) - kShift; }
inline Bits integer_bits(V k) { return (Bits)(k + kShift); }  // low bits: k

template <std::size_t n>
inline V power_series(const double (&c)[n], V x) {
  V even = broadcast(c[(n - 1) / 2 * 2]), odd = broadcast(c[(n - 2) / 2 * 2 + 1]);
  const V square = x * x;
  for (std::size_t k = (n - 1) / 2 * 2; k >= 2; k -= 2) even = even * square + c[k - 2];
  for (std::size_t k = (n - 2) / 2 * 2 + 1; k >= 3; k -= 2) odd = odd * square + c[k - 2];
  return odd * x + even;
}

/// e^x = scale·(1 + rest)
struct ExpParts {
  V scale, rest;
};
inline ExpParts exp_parts(V x) {
  constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
  constexpr double kSeries[] = {1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                                1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                                1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  x = select(x < -708.0, broadcast(-708), select(x > 709.0, broadcast(709), x));
  const V k = nearest_integer(x * 1.4426950408889634);
  const V r = (x - k * kLn2High) - k * kLn2Low;
  const Bits exponent = (integer_bits(k) + 1023) << 52;
  return {(V)exponent, r + (r * r) * power_series(kSeries, r)};
}

inline V exp(V x) {
  const ExpParts p = exp_parts(x);
  return select(x < -708.0, V(), p.scale + p.scale * p.rest);
}
inline V expm1(V x) {
  const ExpParts p = exp_parts(x);
  return (p.scale - 1.0) + p.scale * p.rest;
}

/// ln(1 + x) for x > −1.
inline V log1p(V x) {
  constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
  // 2 atanh(s)/s − 2 in powers of s²
  constexpr double kSeries[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
  constexpr long long kRootHalf = 0x3fe6a09e667f3bcd;
  const V u = x + 1.0;
  const V lost = select(absolute(x) < 1.0, x - (u - 1.0), 1.0 - (u - x)) / u;
  const Bits exponent = ((Bits)u - kRootHalf) >> 52;
  const V k = (V)(exponent + 0x4338000000000000LL) - kShift;
  const V f = select(k == 0.0, x, (V)((Bits)u - (exponent << 52)) - 1.0);
  const V s = f / (f + 2.0), s2 = s * s, half_square = 0.5 * f * f;
  const V rest = s2 * power_series(kSeries, s2);
  const V low = s * (half_square + rest) + (k * kLn2Low + select(k == 0.0, V(), lost));
  return k * kLn2High + (f - (half_square - low));
}

struct SinCos {
  V sin, cos;
};
inline SinCos sin_cos(V x) {
  if (minimum(1e5 - absolute(x)) < 0) {
    SinCos r{x, x};
    for (int i = 0; i < kLanes; ++i) {
      r.sin[i] = std::sin(x[i]);
      r.cos[i] = std::cos(x[i]);
    }
    return r;
  }
  constexpr double kHalfPi[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69};
  constexpr double kSin[] = {
      -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
      -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
  constexpr double kCos[] = {
      1.0 / 24,        -1.0 / 720,         1.0 / 40320,         -1.0 / 3628800,
      1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000};
  const V k = nearest_integer(x * 0.6366197723675814);
  const V high = (x - k * kHalfPi[0]) - k * kHalfPi[1];
  const V r = high - k * kHalfPi[2];
  const V r2 = r * r;
  const V sine = r + (r * r2) * power_series(kSin, r2);
  const V half = 0.5 * r2, w = 1.0 - half;
  const V cosine = w + (((1.0 - w) - half) + (r2 * r2) * power_series(kCos, r2));
  const Bits quadrant = integer_bits(k);
  const Bits odd = (quadrant & 1) != 0;
  const V s = select(odd, cosine, sine), c = select(odd, sine, cosine);
  return {select((quadrant & 2) != 0, -s, s), select(((quadrant + 1) & 2) != 0, -c, c)};
}

inline V arc_tangent(V y, V x) {
  constexpr double kQuarterPi = 0.78539816339744830962, kPi = 3.14159265358979323846,
                   kPiLow = 1.2246467991473532e-16;
  const V ax = absolute(x), ay = absolute(y);
  const V large = select(ax > ay, ax, ay), small = select(ax > ay, ay, ax);
  const V ratio = small / select(large == 0.0, broadcast(1), large);
  const Bits steep = ratio > 0.41421356237309503;
  const V t = select(steep, (small - large) / select(steep, small + large, broadcast(1)), ratio);
  const V t2 = t * t;
  V series = broadcast(kArcTangent.back());
  for (std::size_t k = kArcTangent.size() - 1; k >= 2; --k)
    series = series * t2 + kArcTangent[k - 1];
  const V near = t + (t * t2) * series;
  V angle = select(steep, (near + 0.25 * kPiLow) + kQuarterPi, near);
  angle = select(ay > ax, (0.5 * kPiLow - angle) + 0.5 * kPi, angle);
  angle = select(x < 0.0, (kPiLow - angle) + kPi, angle);
  return with_sign_of(angle, y);
}
