// The dynamic response of a LIF neuron, one λ or a vector of them. docs/theory/response.md derives
// every formula used here.
//
// φ_λ(y) = H_{−λ}(−y), φ'' = 2yφ' + 2λφ, φ_λ' = 2λ φ_{λ+1}. With A, B, C = φ_{λ+1}, φ_{λ+2},
// φ_{λ+3} and I_A = ∫_{y_r}^{y_t} A dy, … everything is a quotient of
//   φ_t − φ_r = 2λ I_A,   A_t − A_r = 2(λ+1) I_B,   B_t − B_r = 2(λ+2) I_C,   φ_r,
// in which the zeros at λ = 0, −1, −2 are divided out. The routes below differ only in how they
// find these four numbers, up to a common factor.
//
// No include guard: this file is read once for each instruction set, inside a namespace of its own
// which has defined square_root, absolute, choose, with_sign_of, minimum, log1p, exp, … for V. No
// lambdas here: g++ does not compile them for the instruction set that is switched on.

/// φ_{λ+k}, k = 0…3, at one point, up to a factor.
template <class V>
struct State {
  Complex<V> phi, a, b, c;
};

/// What an interval contributes.
template <class V>
struct Integrals {
  Complex<V> phi_left;  ///< φ_λ at its left end
  Complex<V> a, b, c;   ///< ∫φ_{λ+1}, ∫φ_{λ+2}, ∫φ_{λ+3}
};

template <class V>
inline Integrals<V> scaled(Complex<V> factor, const Integrals<V>& x) {
  return {factor * x.phi_left, factor * x.a, factor * x.b, factor * x.c};
}

// ---- Liouville–Green series
// ----------------------------------------------------------------------

/// Σ c_j p_j over one row of coefficients.
template <class P, std::size_t... j>
inline P row_sum(const double* c, const P* powers, std::index_sequence<j...>) {
  P sums[2] = {c[0] * powers[0], P{}};
  ((sums[(j + 1) % 2] = mul_add(c[j + 1], powers[j + 1], sums[(j + 1) % 2])), ...);
  return sums[0] + sums[1];
}

template <int n, class V>
inline void fill_powers(Complex<V> v, Packed<V>* powers) {
  Complex<V> p[n];
  p[0] = {V() + 1.0, V()};
  p[1] = v;
  for (int j = 2; j < n; ++j) p[j] = p[j / 2] * p[j - j / 2];
  for (int j = 0; j < n; ++j) powers[j] = pack(p[j]);
}

/// The sums of the rows k, k − 2, … and k − 1, k − 3, … with Horner's scheme in x²: two chains,
/// half the latency.
template <class V>
struct TwoSums {
  Complex<V> last{}, before{};
};

template <int k, int kFirst, class Length, class V>
inline TwoSums<V> sum_rows(const double* end, const Packed<V>* powers, Complex<V> square,
                           TwoSums<V> sums) {
  if constexpr (k < kFirst) {
    return sums;
  } else {
    constexpr int kLength = Length::of(k);
    const double* row = end - kLength;
    const Complex<V> value = unpack(row_sum(row, powers, std::make_index_sequence<kLength - 1>{}));
    return sum_rows<k - 1, kFirst, Length>(row, powers, square,
                                           {mul_add(square, sums.before, value), sums.last});
  }
}

struct SlopeRow {
  static constexpr int of(int k) { return k / 2 + 1; }
  static constexpr int until(int k) { return ((k + 1) / 2 + 1) * (k / 2 + 1) - 1; }
};
struct LogRowBelow {
  static constexpr int of(int k) { return 2 * k - 2; }
  static constexpr int until(int k) { return k * (k - 1); }
};
struct LogRowAbove {
  static constexpr int of(int k) { return 2 * k - 1; }
  static constexpr int until(int k) { return k * k - 1; }
};

/// R = √(y² + 2λ − s) and what the series need of it; `larger` is R + |y|, the one of R ± y that
/// does not cancel.
template <class V>
struct SeriesPoint {
  Complex<V> root, larger, inverse_product, v_abs, z;  ///< …, 1/(R·larger), |y|/R, 1/R²
};

template <class V>
inline SeriesPoint<V> series_point(double y_abs, Complex<V> lambda, double shift) {
  SeriesPoint<V> p;
  p.root = sqrt(Complex<V>{(y_abs * y_abs - shift) + 2.0 * lambda.re, 2.0 * lambda.im});
  p.larger = p.root + y_abs;
  p.inverse_product = inverse(p.root * p.larger);
  const Complex<V> inverse_root = p.inverse_product * p.larger;
  p.v_abs = y_abs * inverse_root;
  p.z = inverse_root * inverse_root;
  return p;
}

/// Terms that make the series good to rounding, one of kTiers: measured over Re λ ≥ −6
/// (docs/theory/response.md). `size` is the smallest |R²| of the points to be compared: a
/// difference needs the same number at both ends.
template <class V>
inline int series_terms(double size, Complex<V> lambda) {
  const double re = minimum(lambda.re);
  if (size > 3000) return 5;
  if (size > 280) return 8;
  if (size > 98 || re >= 24) return 12;
  return size > 65 || re >= 18 ? 16 : 20;
}

template <class V>
inline double root_size(const SeriesPoint<V>& p) {
  return minimum(norm(p.root));
}

/// Σ_{k≥1} P_k(|v|) R^{−2k}, its odd terms times `sign`.
template <int kTerms, class V>
NUPHI_NOINLINE Complex<V> slope_sum(const SeriesPoint<V>& p, double sign) {
  static_assert(kTerms >= 5);
  Packed<V> powers[SlopeRow::of(kTerms)];
  fill_powers<SlopeRow::of(kTerms), V>(p.v_abs * p.v_abs, powers);
  const double* end = kSlopeSeries.data() + SlopeRow::until(kTerms);
  const TwoSums<V> s = sum_rows<kTerms, 1, SlopeRow>(end, powers, p.z * p.z, TwoSums<V>{});
  // s.last starts with k = 1, s.before with k = 2
  return p.z * (p.z * s.before + sign * (p.v_abs * s.last));
}

template <class V>
inline Complex<V> slope_sum(const SeriesPoint<V>& p, Complex<V> lambda, double sign) {
  switch (series_terms(root_size(p), lambda)) {
    case 5:
      return slope_sum<5>(p, sign);
    case 8:
      return slope_sum<8>(p, sign);
    case 12:
      return slope_sum<12>(p, sign);
    case 16:
      return slope_sum<16>(p, sign);
    default:
      return slope_sum<20>(p, sign);
  }
}

/// Σ_{k≥2} row_k(v) x^{k−1}.
template <class Length, int kTerms, class V>
NUPHI_NOINLINE Complex<V> log_sum(const double* table, Complex<V> v, Complex<V> x) {
  Packed<V> powers[Length::of(kTerms)];
  fill_powers<Length::of(kTerms), V>(v, powers);
  const TwoSums<V> s =
      sum_rows<kTerms, 2, Length>(table + Length::until(kTerms), powers, x * x, TwoSums<V>{});
  return x * mul_add(x, s.before, s.last);
}

template <class Length, class V>
inline Complex<V> log_sum(int terms, const double* table, Complex<V> v, Complex<V> x) {
  switch (terms) {
    case 5:
      return log_sum<Length, 5>(table, v, x);
    case 8:
      return log_sum<Length, 8>(table, v, x);
    case 12:
      return log_sum<Length, 12>(table, v, x);
    case 16:
      return log_sum<Length, 16>(table, v, x);
    default:
      return log_sum<Length, 20>(table, v, x);
  }
}

/// φ_{λ+1}/φ_λ at y = −y_abs ≤ 0; not for λ near 0.
template <class V>
NUPHI_NOINLINE Complex<V> series_ratio_below(double y_abs, Complex<V> lambda) {
  const SeriesPoint<V> p = series_point(y_abs, lambda, 1);
  const Complex<V> smaller = (2.0 * lambda - 1.0) * (p.inverse_product * p.root);  // R − |y|
  return 0.5 * ((smaller + p.root * slope_sum(p, lambda, -1)) / lambda);
}

/// W = φ'/φ at y ≥ 0.
template <class V>
NUPHI_NOINLINE Complex<V> series_slope_above(double y, Complex<V> lambda) {
  const SeriesPoint<V> p = series_point(y, lambda, 1);
  return p.larger + p.root * slope_sum(p, lambda, 1);
}

/// ln(φ_λ(−t)/φ_λ(−r)) for r = t + d, t ≥ 0. Every addend is formed as a difference and carries the
/// factor λ, so the result is accurate for λ → 0 and, on the imaginary axis, in its real part.
template <class V>
NUPHI_NOINLINE Complex<V> series_log_below(double t, double r, double d, Complex<V> lambda) {
  const SeriesPoint<V> a = series_point(t, lambda, 0), b = series_point(r, lambda, 0);
  const double sum = t + r;
  const Complex<V> shape =
      (2.0 * d * sum) * (lambda / (t * b.root + r * a.root));  // (r R_t − t R_r)… with R² − y² = 2λ
  const Complex<V> inverse_larger_t = a.inverse_product * a.root;
  const Complex<V> inverse_larger_r = b.inverse_product * b.root;
  // λ [ln((R_r + r)/(R_t + t)) + …], the integral of y + R
  const Complex<V> growth = d * ((sum * inverse(a.root + b.root) + 1.0) * inverse_larger_t);
  Complex<V> result = lambda * (log1p(growth) + shape * inverse_larger_t * inverse_larger_r);
  // ½ ln((1 − v_t)/(1 − v_r))
  const Complex<V> change = -(shape * inverse(a.root) * inverse_larger_r);
  result = result + 0.5 * log1p(change);
  const int terms = series_terms(std::min(root_size(a), root_size(b)), lambda);
  const double* table = kLogSeriesBelow.data();
  const Complex<V> x_t = a.inverse_product, x_r = b.inverse_product;
  const Complex<V> tails = x_t * log_sum<LogRowBelow>(terms, table, -a.v_abs, x_t) -
                           x_r * log_sum<LogRowBelow>(terms, table, -b.v_abs, x_r);
  return result + 2.0 * (lambda * tails);
}

/// ln(φ_λ(t)/φ_λ(r)) for t = r + d, r ≥ 0, of the solution that grows like e^{y²}.
template <class V>
NUPHI_NOINLINE Complex<V> series_log_above(double t, double r, double d, Complex<V> lambda) {
  const SeriesPoint<V> a = series_point(t, lambda, 0), b = series_point(r, lambda, 0);
  const double sum = t + r;
  const Complex<V> squares = Complex<V>{t * t + r * r + 2.0 * lambda.re, 2.0 * lambda.im};
  const Complex<V> inverse_larger_r = b.inverse_product * b.root;
  const Complex<V> growth = d * ((sum * inverse(a.root + b.root) + 1.0) * inverse_larger_r);
  Complex<V> result = (0.5 * d * sum) * (squares / (t * a.root + r * b.root) + 1.0);
  result = result + (lambda - 0.5) * log1p(growth);
  result = result - 0.25 * log1p((d * sum) * b.z);
  const int terms = series_terms(std::min(root_size(a), root_size(b)), lambda);
  const double* table = kLogSeriesAbove.data();
  return result + (log_sum<LogRowAbove>(terms, table, a.v_abs, a.inverse_product) -
                   log_sum<LogRowAbove>(terms, table, b.v_abs, b.inverse_product));
}

// ---- Ladder in λ
// ---------------------------------------------------------------------------------

/// The ladder φ_{λ+k} at y = −y_abs ≤ 0, k = n … 0: φ_λ = 2(λ+1) φ_{λ+2} + 2|y| φ_{λ+1}, downwards
/// from φ_{λ+n} = 1, the stable direction. For |y| > kUnit, φ_{λ+k} (2|y|)^k is kept instead, which
/// stays of order one however large |y| is.
template <class V>
struct Rung {
  Packed<V> level, upper;  ///< k and k + 1
  Complex<V> two_lambda;   ///< 2λ/S²
  double two_y, two, inverse_unit;

  Rung(double y_abs, Complex<V> lambda, int n)
      : level(pack(Complex<V>{V() + 1.0, V()})), inverse_unit(y_abs > kUnit ? 0.5 / y_abs : 1.0) {
    const double square = inverse_unit * inverse_unit;
    two_lambda = (2.0 * square) * lambda;
    two = 2.0 * square;
    two_y = 2.0 * y_abs * inverse_unit;
    upper = pack((1.0 / inverse_unit) * series_ratio_below(y_abs, lambda + static_cast<double>(n)));
  }
  /// From k, k + 1 to k − 1, k.
  void descend(int k) {
    const Packed<V> next = times(two_lambda + two * k, upper) + two_y * level;
    upper = level;
    level = next;
  }
};

/// n ≥ 2.
template <class V>
NUPHI_NOINLINE State<V> ladder_from(double y_abs, Complex<V> lambda, int n) {
  Rung<V> rung(y_abs, lambda, n);
  Packed<V> b = rung.upper, c = rung.upper;
  for (int k = n; k >= 1; --k) {
    c = b;
    b = rung.upper;
    rung.descend(k);
  }
  const double u = rung.inverse_unit;
  return {unpack(rung.level), u * unpack(rung.upper), (u * u) * unpack(b), (u * u * u) * unpack(c)};
}

/// The same from the lowest level at which the series hold.
template <class V>
inline State<V> ladder(double y_abs, Complex<V> lambda, Reach reach) {
  return ladder_from(y_abs, lambda, reach.levels(y_abs));
}

// ---- Panel: Taylor series about a midpoint y = −m ≤ 0
// ----------------------------------------------

template <class V>
struct Panel {
  Integrals<V> sum;
  Complex<V> c_right;  ///< φ_{λ+3} at the right end
};

/// φ_λ^{(k)} = 2^k (λ)_k φ_{λ+k}: the ladder runs through the Taylor coefficients, Horner's scheme
/// runs along with it. Odd powers drop out of the integrals over [−m − h, −m + h]. n terms.
template <class V>
NUPHI_NOINLINE Panel<V> panel(double m, double h, Complex<V> lambda, int n, Reach reach) {
  const int start = std::max(n, reach.levels(m));
  Rung<V> rung(m, lambda, start);
  for (int k = start; k > n; --k) rung.descend(k);
  const double unit = rung.inverse_unit, two_h = 2.0 * h * unit;
  Packed<V> left{}, a{}, b{}, c{}, c_right{};
  for (int k = n; k >= 3; --k) {
    const double* i = kInverse.data() + k;
    const Complex<V> step = two_h * (lambda + static_cast<double>(k));
    const Complex<V> pair = step * (step + two_h);
    left = times((-i[1]) * step, left) + rung.level;
    c_right = times(i[-2] * step, c_right) + rung.level;
    if (k % 2 == 0) {
      b = times((i[0] * i[1]) * pair, b) + rung.level;
    } else {
      a = times((i[1] * i[2]) * pair, a) + rung.level;
      c = times((i[-1] * i[0]) * pair, c) + rung.level;
    }
    rung.descend(k);
  }
  const Complex<V> step2 = two_h * (lambda + 2.0), step1 = two_h * (lambda + 1.0);
  left = times((-1.0 / 3) * step2, left) + rung.level;
  b = times((1.0 / 6) * (step2 * (step2 + two_h)), b) + rung.level;
  rung.descend(2);
  left = times(-0.5 * step1, left) + rung.level;
  a = times((1.0 / 6) * (step1 * step2), a) + rung.level;
  rung.descend(1);
  left = times((-two_h) * lambda, left) + rung.level;
  const double square = unit * unit;
  return {
      {unpack(left), two_h * unpack(a), (two_h * unit) * unpack(b), (two_h * square) * unpack(c)},
      (square * unit) * unpack(c_right)};
}

// ---- Climb: Taylor steps of the differential equation towards larger y
// ----------------------------

/// E_k = f^{(k)} h^k for f = φ_{λ+n}, from f'' = 2yf' + 2(λ+n)f; the sum of E_k/k!. `sums.add(k,
/// E_k)` from k = 2 on until the terms no longer count.
template <class V, class Sums>
inline Complex<V> taylor_sum(double y, double h, Complex<V> lambda_n, Complex<V> f, Complex<V> df,
                             Sums& sums) {
  const double two_yh = 2.0 * y * h, two_hh = 2.0 * h * h;
  const double* weight = kInverseFactorial.data();
  Packed<V> before = pack(f), last = pack(h * df), sum = before + last;
  Complex<V> factor = two_hh * lambda_n;
  for (int k = 2; k < kMaxTerms; ++k) {
    const Packed<V> next = times(factor, before) + two_yh * last;  // the late operand last
    before = last;
    last = next;
    sum = mul_add(weight[k], next, sum);
    sums.add(weight + k, next);
    factor = factor + two_hh;
    if (k % 4 == 1 && is_negligible(weight[k], unpack(before), unpack(last), unpack(sum))) break;
  }
  return unpack(sum);
}

/// The series integrated once, twice, thrice over [0, h], without the powers of h.
template <class V>
struct ThreeIntegrals {
  Packed<V> once, twice, thrice;

  void add(const double* weight, Packed<V> term) {
    once = mul_add(weight[1], term, once);
    twice = mul_add(weight[2], term, twice);
    thrice = mul_add(weight[3], term, thrice);
  }
};

template <class V>
struct OneIntegral {
  Packed<V> once;

  void add(const double* weight, Packed<V> term) { once = mul_add(weight[1], term, once); }
};

/// Narrow interval: one step from y to y + h that gives all three integrals without differences.
template <class V>
NUPHI_NOINLINE void narrow_step(double y, double h, Complex<V> lambda, State<V>& s,
                                Integrals<V>& sum) {
  const Complex<V> slope = s.b + (2.0 * y) * s.c, step = h * slope;
  ThreeIntegrals<V> series{pack(s.c + 0.5 * step), pack(0.5 * s.c + (1.0 / 6) * step),
                           pack((1.0 / 6) * s.c + (1.0 / 24) * step)};
  const Complex<V> c_end = taylor_sum(y, h, lambda + 3.0, s.c, slope, series);
  const Complex<V> l2 = 2.0 * (lambda + 2.0), l1 = 2.0 * (lambda + 1.0);
  const Complex<V> integral_c = h * unpack(series.once);
  const Complex<V> integral_b = h * (s.b + l2 * (h * unpack(series.twice)));
  const Complex<V> integral_a =
      h * (s.a + l1 * ((0.5 * h) * s.b + l2 * ((h * h) * unpack(series.thrice))));
  s = {s.phi + 2.0 * (lambda * integral_a), s.a + l1 * integral_b, s.b + l2 * integral_c, c_end};
  sum.a = sum.a + integral_a;
  sum.b = sum.b + integral_b;
  sum.c = sum.c + integral_c;
}

/// Wide interval: φ and A at y + h, and ∫A.
template <class V>
NUPHI_NOINLINE void wide_step(double y, double h, Complex<V> lambda, State<V>& s,
                              Complex<V>& sum_a) {
  const Complex<V> slope = s.phi + (2.0 * y) * s.a;
  OneIntegral<V> series{pack(s.a + (0.5 * h) * slope)};
  s.a = taylor_sum(y, h, lambda + 1.0, s.a, slope, series);
  const Complex<V> integral = h * unpack(series.once);
  s.phi = s.phi + 2.0 * (lambda * integral);
  sum_a = sum_a + integral;
}

template <class V>
inline void climb_narrow(double y, double length, Complex<V> lambda, double size, State<V>& s,
                         Integrals<V>& sum) {
  double done = 0;
  while (done < length) {
    const double h = climb_step(y + done, length - done, size, 7);
    narrow_step(y + done, h, lambda, s, sum);
    done = h == length - done ? length : done + h;
  }
}

/// Leaves s.b and s.c behind; `finish_state` brings them up.
template <class V>
inline void climb_wide(double y, double end, Complex<V> lambda, double size, State<V>& s,
                       Complex<V>& sum_a) {
  while (y < end) {
    const double h = climb_step(y, end - y, size, 22);
    wide_step(y, h, lambda, s, sum_a);
    y = h == end - y ? end : y + h;
  }
}

/// B and C from φ and A; cancels at λ = −1, −2.
template <class V>
inline void finish_state(double y, Complex<V> lambda, State<V>& s) {
  s.b = 0.5 * ((s.phi + (2.0 * y) * s.a) / (lambda + 1.0));
  s.c = 0.5 * ((s.a + (2.0 * y) * s.b) / (lambda + 2.0));
}

/// From y to `end`, the integrals added to `sum`.
template <class V>
inline void climb(double y, double end, Complex<V> lambda, const Plan& plan, State<V>& s,
                  Integrals<V>& sum) {
  if (plan.differences_cancel || end - y < 1) {
    climb_narrow(y, end - y, lambda, plan.size, s, sum);
    return;
  }
  const State<V> start = s;
  climb_wide(y, end, lambda, plan.size, s, sum.a);
  finish_state(end, lambda, s);
  sum.b = sum.b + 0.5 * ((s.a - start.a) / (lambda + 1.0));
  sum.c = sum.c + 0.5 * ((s.b - start.b) / (lambda + 2.0));
}

// ---- Routes
// ---------------------------------------------------------------------------------------

/// The four numbers; the true integrals are e^{log_scale} times these. `log_f` is given where
/// φ_left could underflow.
template <class V>
struct Quotients {
  Integrals<V> sum;
  Complex<V> phi_right{};  ///< φ_λ at y_t; without meaning where log_scale ≠ 0
  V log_scale{};
  Complex<V> log_f{};
  bool has_log_f = false;
};

template <class V>
inline State<V> scaled(Complex<V> factor, const State<V>& s) {
  return {factor * s.phi, factor * s.a, factor * s.b, factor * s.c};
}

template <class V>
inline Complex<V> right_end(const Integrals<V>& x, Complex<V> lambda) {
  return x.phi_left + 2.0 * (lambda * x.a);
}

/// Integrals from the states at the two ends.
template <class V>
inline Integrals<V> between(const State<V>& r, const State<V>& t, Complex<V> lambda) {
  return {r.phi, 0.5 * ((t.phi - r.phi) / lambda), 0.5 * ((t.a - r.a) / (lambda + 1.0)),
          0.5 * ((t.b - r.b) / (lambda + 2.0))};
}

/// φ'_{λ+1}/φ_{λ+1} from φ'_λ/φ_λ: the direction that is stable at y ≥ 0.
template <class V>
inline Complex<V> next_slope(double y, Complex<V> lambda, Complex<V> slope) {
  return 2.0 * (lambda / slope) + 2.0 * y;
}

/// State at y ≥ 0 from the slope W = φ'/φ, in units of A.
template <class V>
inline State<V> state_above(double y, Complex<V> lambda, Complex<V> slope) {
  const Complex<V> slope1 = next_slope(y, lambda, slope);
  const Complex<V> slope2 = next_slope(y, lambda + 1.0, slope1);
  const Complex<V> one{V() + 1.0, V()};
  const Complex<V> b = 0.5 * (slope1 / (lambda + 1.0));
  return {2.0 * (lambda / slope), one, b, 0.5 * (b * (slope2 / (lambda + 2.0)))};
}

template <class V>
inline State<V> series_state(double y, Complex<V> lambda, Reach reach) {
  if (y < 0) return ladder(-y, lambda, reach);
  return state_above(y, lambda, series_slope_above(y, lambda));
}

/// ln(φ_t/φ_r) by the series at both ends.
template <class V>
inline Complex<V> series_log(double y_t, double y_r, double d, Complex<V> lambda) {
  if (y_t <= 0) return series_log_below(-y_t, -y_r, d, lambda);
  if (y_r >= 0) return series_log_above(y_t, y_r, d, lambda);
  return series_log_below(0.0, -y_r, -y_r, lambda) + series_log_above(y_t, 0.0, y_t, lambda);
}

/// Where f is far from 1 and the series hold at both ends: no cancellation in the differences.
template <class V>
inline Quotients<V> ends_by_series(double y_t, double y_r, double d, Complex<V> lambda,
                                   Reach reach) {
  const State<V> t = series_state(y_t, lambda, reach), r = series_state(y_r, lambda, reach);
  Quotients<V> q;
  q.log_f = -series_log(y_t, y_r, d, lambda);
  q.has_log_f = true;
  q.sum = between(scaled(exp(q.log_f) * (t.phi / r.phi), r), t, lambda);
  return q;
}

/// Ends below y = 0 where |λ| is too small for the series at λ and y_t > −kFar: by ladders from
/// λ + n. The logarithm at λ + n is much larger than that at λ, so beyond −kFar the latter is used.
template <class V>
NUPHI_NOINLINE Integrals<V> ends_by_ladder(double y_t, double y_r, double d, Complex<V> lambda,
                                           Reach reach, State<V>& t) {
  const int n = reach.levels(-y_t);
  const Complex<V> top = lambda + static_cast<double>(n);
  t = ladder_from(-y_t, lambda, n);
  if (y_r >= -kFar) {
    const State<V> r = ladder_from(-y_r, lambda, n);
    const Complex<V> fall = series_log_below(-y_t, -y_r, d, top);
    return between(scaled(exp(-fall), r), t, lambda);
  }
  const State<V> m = ladder_from(kFar, lambda, n), r = ladder(-y_r, lambda, reach);
  const Complex<V> near = series_log_below(-y_t, kFar, y_t + kFar, top);
  const Complex<V> far = series_log_below(kFar, -y_r, -y_r - kFar, lambda);
  const Complex<V> factor = exp(-near - far) * (m.phi / r.phi);
  return between(scaled(factor, r), t, lambda);
}

/// ∫φ_{λ+1} over [y_r, y_t] below −kFar from ln(φ_t/φ_r) and φ_r: accurate for λ → 0.
template <class V>
inline Complex<V> integral_by_log(double y_t, double y_r, double d, Complex<V> lambda,
                                  Complex<V> phi_r) {
  lambda.re = choose(absolute(lambda.re) + absolute(lambda.im) < 1e-300, V() + 1e-300, lambda.re);
  const Complex<V> log_ratio = series_log_below(-y_t, -y_r, d, lambda);
  return 0.5 * (phi_r * quotient(expm1(log_ratio), lambda));
}

/// [y_r, y_t] below −kFar for λ, λ + 1 or λ + 2 near 0.
template <class V>
inline Integrals<V> far_below(double y_t, double y_r, double d, Complex<V> lambda,
                              const Plan& plan) {
  const State<V> r = ladder(-y_r, lambda, plan.reach);
  Integrals<V> x{r.phi, integral_by_log(y_t, y_r, d, lambda, r.phi), {}, {}};
  if (plan.differences_cancel) {
    x.b = integral_by_log(y_t, y_r, d, lambda + 1.0, r.a);
    x.c = integral_by_log(y_t, y_r, d, lambda + 2.0, r.b);
    return x;
  }
  const State<V> t = ladder(-y_t, lambda, plan.reach);
  const Complex<V> phi_t = right_end(x, lambda);
  const Integrals<V> ends = between(r, scaled(phi_t / t.phi, t), lambda);
  return {x.phi_left, x.a, ends.b, ends.c};
}

/// Puts `left` before `right`; both describe the same solution up to a factor.
template <class V>
inline Integrals<V> joined(const Integrals<V>& left, const Integrals<V>& right, Complex<V> lambda) {
  // in units of `right`
  const Complex<V> factor = right.phi_left / right_end(left, lambda);
  return {factor * left.phi_left, factor * left.a + right.a, factor * left.b + right.b,
          factor * left.c + right.c};
}

/// [y_r, y_t], y_t ≤ 0, wide, with λ (or λ + 1, λ + 2) near 0: panels, and the series below −kFar.
template <class V>
NUPHI_NOINLINE Panel<V> near_zero(double y_t, double y_r, double d, Complex<V> lambda,
                                  const Plan& plan) {
  const double end = -kFar;
  Panel<V> x;
  bool first = true;
  double y = y_t;
  while (y > y_r && y > end) {
    const double half = panel_half_width(-y, plan.size);
    const double stop = std::max(y_r, end);
    // two equal panels rather than a long and a tiny one
    const double rest = y - stop;
    const double h = rest <= 2.0 * half ? 0.5 * rest : rest <= 4.0 * half ? 0.25 * rest : half;
    const Panel<V> next = panel(h - y, h, lambda, panel_terms(h, h - y, plan.size), plan.reach);
    if (first)
      x = next;
    else
      x.sum = joined(next.sum, x.sum, lambda);
    first = false;
    y = rest <= 2.0 * half ? stop : y - 2.0 * h;
  }
  if (y_r < end) {
    const double top = std::min(y_t, end);
    const double length = y_t <= end ? d : top - y_r;
    const Integrals<V> far = far_below(top, y_r, length, lambda, plan);
    x.sum = first ? far : joined(far, x.sum, lambda);
  }
  return x;
}

/// The state at y = 0 in the normalisation of a panel that ends there: the one factor that fits
/// both φ_λ and φ_{λ+3}, of which one may vanish.
template <class V>
inline State<V> state_at_zero(const Panel<V>& p, Complex<V> lambda, Reach reach) {
  const State<V> s = ladder(0.0, lambda, reach);
  const Complex<V> phi = right_end(p.sum, lambda);
  const V weight = 1.0 / (norm(s.phi) + norm(s.c));
  const Complex<V> phi_conj{s.phi.re, -s.phi.im}, c_conj{s.c.re, -s.c.im};
  return scaled(scaled(weight, phi * phi_conj + p.c_right * c_conj), s);
}

/// From y_a, where the series of the growing solution hold, on to y_t: adds to `sum`, whose state
/// at y_a is `s`. The growing solution has A = W φ/(2λ), so ∫A = Δ(A/W), and likewise for B and C.
template <class V>
NUPHI_NOINLINE void extend(double y_t, double y_a, double d, Complex<V> lambda, const State<V>& s,
                           Quotients<V>& q) {
  const Complex<V> wa = series_slope_above(y_a, lambda), wt = series_slope_above(y_t, lambda);
  const Complex<V> wa1 = next_slope(y_a, lambda, wa), wt1 = next_slope(y_t, lambda, wt);
  const Complex<V> wa2 = next_slope(y_a, lambda + 1.0, wa1);
  const Complex<V> log_growth = series_log_above(y_t, y_a, d, lambda);
  const V shrink = exp(-log_growth.re);
  const Complex<V> less{shrink, V()};
  const Complex<V> g = shrunk_expm1(log_growth);  // (e^L − 1) e^{−Re L}
  const Complex<V> ga = (g + less) * (wt / wa);   // A_t/A_a, likewise shrunk
  const Complex<V> gb = ga * (wt1 / wa1);
  q.sum.a = scaled(shrink, q.sum.a) + (s.a / wa) * g;
  q.sum.b = scaled(shrink, q.sum.b) + (s.b / wa1) * (ga - less);
  q.sum.c = scaled(shrink, q.sum.c) + (s.c / wa2) * (gb - less);
  q.log_scale = q.log_scale + log_growth.re;
}

/// φ_r in units of A_r = 1 for y_r ≥ plan.top and a λ so small that the solution which does not
/// grow still counts: from y = 0 upwards.
template <class V>
inline Complex<V> phi_over_a(double y, Complex<V> lambda, const Plan& plan) {
  State<V> s = ladder(0.0, lambda, plan.reach);
  const Complex<V> phi_zero = s.phi;
  Quotients<V> q;
  climb(0.0, plan.top, lambda, plan, s, q.sum);
  extend(y, plan.top, y - plan.top, lambda, s, q);
  const Complex<V> slope_ratio =
      series_slope_above(y, lambda) / series_slope_above(plan.top, lambda);
  const V turn = series_log_above(y, plan.top, y - plan.top, lambda).im;
  const Complex<V> a = s.a * slope_ratio * exp(Complex<V>{V(), turn});
  return (scaled(exp(-q.log_scale), phi_zero) + 2.0 * (lambda * q.sum.a)) / a;
}

/// The interval below y = 0 that precedes a climb; the state at 0 in the same normalisation.
template <class V>
inline Integrals<V> left_of_zero(double y_r, Complex<V> lambda, const Plan& plan, State<V>& s) {
  if (plan.left == Route::kLadderEnds) return ends_by_ladder(0.0, y_r, -y_r, lambda, plan.reach, s);
  const Panel<V> p = plan.left == Route::kPanel
                         ? panel(-0.5 * y_r, -0.5 * y_r, lambda, plan.panel_terms, plan.reach)
                         : near_zero(0.0, y_r, -y_r, lambda, plan);
  s = state_at_zero(p, lambda, plan.reach);
  return p.sum;
}

template <class V>
inline Quotients<V> climb_from_zero(const Interval& x, Complex<V> lambda, const Plan& plan) {
  Quotients<V> q;
  State<V> s;
  double y = 0;
  if (x.y_r < 0) {
    q.sum = left_of_zero(x.y_r, lambda, plan, s);
  } else {
    s = ladder(0.0, lambda, plan.reach);
    if (x.y_r > 0) {
      Integrals<V> unused;
      climb(0.0, x.y_r, lambda, plan, s, unused);
    }
    q.sum.phi_left = s.phi;
    y = x.y_r;
  }
  // no short extension: its integrals are differences
  const double top = x.y_t < plan.top + 0.5 ? x.y_t : plan.top;
  if (y == x.y_r && top == x.y_t && x.d < 1)
    climb_narrow(y, x.d, lambda, plan.size, s, q.sum);
  else
    climb(y, top, lambda, plan, s, q.sum);
  q.phi_right = s.phi;
  if (x.y_t > top) extend(x.y_t, top, x.y_t - top, lambda, s, q);
  return q;
}

/// From y_r where the series hold.
template <class V>
inline Quotients<V> climb_from_series(const Interval& x, Complex<V> lambda, const Plan& plan) {
  Quotients<V> q;
  State<V> s = series_state(x.y_r, lambda, plan.reach);
  q.phi_right = s.phi;  // replaced below, where f ≈ 1
  q.sum.phi_left = plan.decaying_part ? phi_over_a(x.y_r, lambda, plan) : s.phi;
  if (plan.route == Route::kExtend)
    extend(x.y_t, x.y_r, x.d, lambda, s, q);
  else
    climb_narrow(x.y_r, x.d, lambda, plan.size, s, q.sum);
  return q;
}

template <class V>
inline Quotients<V> quotients_below(const Interval& x, Complex<V> lambda, const Plan& plan) {
  Quotients<V> q;
  if (plan.route == Route::kLadderEnds) {
    State<V> t;
    q.sum = ends_by_ladder(x.y_t, x.y_r, x.d, lambda, plan.reach, t);
    q.phi_right = t.phi;
    return q;
  }
  q.sum = plan.route == Route::kPanel
              ? panel(0.5 * x.d - x.y_t, 0.5 * x.d, lambda, plan.panel_terms, plan.reach).sum
              : near_zero(x.y_t, x.y_r, x.d, lambda, plan).sum;
  q.phi_right = right_end(q.sum, lambda);
  return q;
}

template <class V>
inline Quotients<V> quotients(const Interval& x, Complex<V> lambda, const Plan& plan) {
  switch (plan.route) {
    case Route::kSeriesEnds:
      return ends_by_series(x.y_t, x.y_r, x.d, lambda, plan.reach);
    case Route::kClimbFromSeries:
    case Route::kExtend:
      return climb_from_series(x, lambda, plan);
    case Route::kClimb:
      return climb_from_zero(x, lambda, plan);
    default:
      return quotients_below(x, lambda, plan);
  }
}

// ---- Results
// --------------------------------------------------------------------------------------

template <class V>
struct Terms {
  Complex<V> g_mu, g_variance, log_f, isi_transform;
};

template <class V>
inline Terms<V> terms(const Quotients<V>& q, Complex<V> lambda, const Interval& x) {
  Terms<V> result;
  const Complex<V> refractory = expm1_of_product(lambda, -x.rho);
  Complex<V> den = 2.0 * q.sum.a;
  if (x.rho > 0 && x.exact) {
    // φ_t − e^{−λρ}φ_r = (φ_t − φ_r) + (1 − e^{−λρ}) φ_r, over λ
    den = den - scaled(exp(-q.log_scale), q.sum.phi_left * quotient(refractory, lambda));
  }
  const Complex<V> inverse_den = inverse(den);
  result.g_mu = 4.0 * (q.sum.b * inverse_den);
  result.g_variance = 4.0 * ((lambda + 1.0) * (q.sum.c * inverse_den));
  if (q.has_log_f) {
    result.log_f = q.log_f;
  } else {
    const Complex<V> growth = 2.0 * (lambda * (q.sum.a / q.sum.phi_left));
    result.log_f = log_transform(growth, q.log_scale, q.phi_right / q.sum.phi_left);
  }
  result.log_f.im = principal_phase(result.log_f.im);
  result.isi_transform = exp(result.log_f) * (refractory + 1.0);
  return result;
}

// ---- Spectrum
// -------------------------------------------------------------------------------------
//
// S/ν = (1 − |f|²)/|1 − f e^{−λρ}|², λ = iω. The numerator is as small as CV² where the drive is
// well above threshold: there |f| must come from a logarithm whose real part is accurate by itself,
// which series_log_below gives, and not from φ_t/φ_r − 1.

/// From L = −ln f.
template <class V>
inline V spectrum_from_log(Complex<V> log_growth, Complex<V> refractory) {
  const Complex<V> rest = -expm1(-log_growth);  // 1 − f
  const Complex<V> den = rest - exp(-log_growth) * refractory;
  return -expm1(-2.0 * log_growth.re) / norm(den);
}

/// Over [y_r, −kFar], then `q` from there on.
template <class V>
inline V spectrum_from_quotients(const Quotients<V>& q, Complex<V> far, Complex<V> lambda,
                                 Complex<V> refractory) {
  const V shrink = exp(-q.log_scale);
  const Complex<V> d = 2.0 * (lambda * (q.sum.a / q.sum.phi_left));  // φ_t/φ(−kFar) − 1, shrunk
  const V excess = 2.0 * shrink * d.re + norm(d);                    // |φ_t/φ(−kFar)|² − 1
  const Complex<V> d_far = expm1(far);
  const V excess_far = expm1(2.0 * far.re);
  const Complex<V> total = scaled(shrink, d_far - refractory) + d + d_far * d;
  return (excess + excess_far * (excess + shrink * shrink)) / norm(total);
}

template <class V>
inline V spectrum(const Interval& x, Complex<V> lambda, const SpectrumPlan& plan) {
  const Complex<V> refractory = expm1_of_product(lambda, -x.rho);
  if (plan.only_far)
    return spectrum_from_log(series_log_below(-x.y_t, -x.y_r, x.d, lambda), refractory);
  const Quotients<V> q = quotients(plan.rest, lambda, plan.plan);
  Complex<V> far{V(), V()};
  if (x.y_r < plan.rest.y_r)
    far = series_log_below(-plan.rest.y_r, -x.y_r, plan.rest.y_r - x.y_r, lambda);
  if (q.has_log_f) return spectrum_from_log(far - q.log_f, refractory);
  return spectrum_from_quotients(q, far, lambda, refractory);
}
