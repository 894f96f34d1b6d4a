// Which route through response_kernel-inl.h a point takes, and how many terms; shared by the scalar
// and the vector version.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

namespace nuphi::detail {

/// Working point in dimensionless form; d = y_t − y_r, given because the difference would cancel.
struct Interval {
  double y_t = 0;
  double y_r = 0;
  double d = 0;
  double rho = 0;     ///< t_ref/τ_m
  bool exact = true;  ///< whether it enters the response, and not the rate alone
};

inline constexpr double kFar = 7.3;         ///< |y| from which the series hold for every λ
inline constexpr double kUnit = 16;         ///< |y| from which a ladder is kept in units of 2|y|
inline constexpr double kLargeLambda = 20;  ///< |λ| from which they hold for every y
inline constexpr int kMaxTerms = 120;       ///< of a climbing step
inline constexpr int kMaxPanelTerms = 52;

/// 1/k
inline constexpr auto kInverse = [] {
  std::array<double, kMaxTerms + 8> a{};
  for (std::size_t k = 1; k < a.size(); ++k) a[k] = 1.0 / static_cast<double>(k);
  return a;
}();

/// 1/k!
inline constexpr auto kInverseFactorial = [] {
  std::array<double, kMaxTerms + 8> a{};
  a[0] = 1;
  for (std::size_t k = 1; k < a.size(); ++k) a[k] = a[k - 1] / static_cast<double>(k);
  return a;
}();

enum class Route {
  kPanel,       ///< narrow, midpoint below 0: one Taylor panel fed by the ladder
  kNear,        ///< wide, below 0, |λ| small or near −1 or −2: panels, series beyond −kFar
  kLadderEnds,  ///< wide, below 0, |λ| moderate: both ends by ladders
  kSeriesEnds,  ///< wide, series at both ends
  kClimbFromSeries,  ///< narrow, series at y_r
  kExtend,           ///< wide, far above 0
  kClimb,  ///< from the interval below 0 (if any) by Taylor steps to y_t or kFar, then series
};

/// How far up the ladder the series hold: |y² + 2(λ + n)| large enough.
struct Reach {
  double re = 0;    ///< Re λ
  double size = 0;  ///< |λ|

  [[nodiscard]] int levels(double y_abs) const {
    if (size >= kLargeLambda + 4 - std::min(re, 0.0)) return 2;
    const double missing = std::max(18 - 0.3 * y_abs * y_abs, 2.0) - re;
    return missing > 2 ? static_cast<int>(std::ceil(std::min(missing, 1000.0))) : 2;
  }
};

struct Plan {
  Route route = Route::kPanel;
  Route left = Route::kPanel;  ///< of the interval below 0 in kClimb
  double size = 0;             ///< |λ|
  double top = kFar;           ///< y from which the series of the growing solution hold
  Reach reach;
  int panel_terms = 0;
  bool differences_cancel = false;  ///< λ + 1 or λ + 2 near 0
  bool decaying_part = false;       ///< the solution that does not grow with y counts at y_r
};

/// Terms after which the Taylor series of a panel is exhausted: |φ^{(k)}| hᵏ/k! is about
/// Π h W_{λ+j}/(j+1) with W_{λ+j} = 2|λ+j|/(m + √(m² + 2|λ+j|)).
[[nodiscard]] inline int panel_terms(double h, double m, double size) {
  const double ratio = 2 * h / (m + std::sqrt(m * m + 2 * size + 20));
  const double first = ratio * size;
  double term = 1;
  int k = 0;
  // ∫φ_{λ+3}: its terms are larger by (k+1)(k+2)/2
  while (k < kMaxPanelTerms + 8 && term * (k + 1) * (k + 2) > 8e-17) {
    term *= (first + ratio * k) * kInverse[static_cast<std::size_t>(k + 1)];
    if (k == 0) term = std::max(term, ratio);
    ++k;
  }
  return std::max(k + 2, 8);
}

/// Half width of a panel that ends at y = −m_right and needs some 45 terms.
[[nodiscard]] inline double panel_half_width(double m_right, double size) {
  constexpr double kRatio = 0.4;
  double h = 1;
  for (int i = 0; i < 3; ++i) {
    const double m = m_right + h;
    h = 0.5 * kRatio * (m + std::sqrt(m * m + 2 * size + 20));
  }
  return h / (1 + 0.1 * size);
}

/// Step from y with growth e^{reach} at most: long steps need fewer terms in all. Off the real axis
/// the terms rotate and cancel, by e^{0.3 h√(2|λ|)} or so.
[[nodiscard]] inline double climb_step(double y, double rest, double size, double reach) {
  const auto slope = [size](double x) { return x + std::sqrt(x * x + 2 * size + 24); };
  double h = reach / slope(y);
  h = reach / slope(y + 0.7 * h);
  h = std::min(h, 5.5 / std::sqrt(2 * size + 0.1));
  if (h >= rest) return rest;
  return h >= 0.5 * rest ? 0.5 * rest : h;
}

/// |φ'/φ|, roughly.
[[nodiscard]] inline double slope_size(double y, double size) {
  const double root = std::sqrt(y * y + 2 * size);
  return y < 0 ? 2 * size / (root - y) : root + y;
}

[[nodiscard]] inline bool is_narrow(double y_t, double d, double size) {
  return d * slope_size(y_t, size) < 1.2;
}

/// |ln f|, roughly, for an interval below 0.
[[nodiscard]] inline double log_size(double y_t, double d, double size) {
  const double t = -y_t, r = t + d, p = 2 * size + 1;
  const double st = t + std::sqrt(t * t + p), sr = r + std::sqrt(r * r + p);
  return size * (std::log(sr / st) + 0.5 * p * (1 / (st * st) - 1 / (sr * sr)));
}

[[nodiscard]] inline Route route_below(double y_t, double d, std::complex<double> lambda,
                                       double size, Plan& plan) {
  const double near = std::min({size, std::abs(lambda + 1.0), std::abs(lambda + 2.0)});
  // Panels keep more digits than ladders, except where φ falls with y.
  const bool panels = size < 4 && lambda.real() >= 0 && y_t > -kFar;
  if (!panels && log_size(y_t, d, near) > 0.9) {
    const bool series = size >= kLargeLambda + 4 || y_t <= -kFar;
    return series ? Route::kSeriesEnds : Route::kLadderEnds;
  }
  const double m = 0.5 * d - y_t;
  plan.panel_terms = panel_terms(0.5 * d, m, size);
  return plan.panel_terms < kMaxPanelTerms ? Route::kPanel : Route::kNear;
}

[[nodiscard]] inline Plan make_plan(const Interval& x, std::complex<double> lambda) {
  Plan plan;
  plan.size = std::abs(lambda);
  const double negative = std::max(0.0, -lambda.real());
  plan.reach = {lambda.real(), plan.size};
  plan.top = std::sqrt(kFar * kFar + 2.8 * negative);
  plan.differences_cancel =
      negative > 0 && std::min(std::abs(lambda + 1.0), std::abs(lambda + 2.0)) < 0.7;
  const bool midpoint_below = x.y_t <= 0.5 * x.d;
  if (x.y_t <= 0) {
    plan.route = route_below(x.y_t, x.d, lambda, plan.size, plan);
    return plan;
  }
  const bool narrow = is_narrow(x.y_t, x.d, plan.size);
  if (midpoint_below && narrow) {
    plan.panel_terms = panel_terms(0.5 * x.d, 0.5 * x.d - x.y_t, plan.size);
    if (plan.panel_terms < kMaxPanelTerms) {
      plan.route = Route::kPanel;
      return plan;
    }
  }
  if (plan.size >= kLargeLambda + negative) {
    plan.route = narrow ? Route::kClimbFromSeries : Route::kSeriesEnds;
    return plan;
  }
  if (x.y_r >= plan.top) {
    plan.route = is_narrow(x.y_t, x.d, plan.size + 1) ? Route::kClimbFromSeries : Route::kExtend;
    plan.decaying_part = x.y_r * x.y_r + std::log(plan.size) < 41;
    return plan;
  }
  plan.route = Route::kClimb;
  if (x.y_r < 0) {
    plan.left = route_below(0, -x.y_r, lambda, plan.size, plan);
    // φ_0 − φ_r need not be accurate for λ → 0 where φ_t − φ_0 is much larger
    const bool outweighed = std::log(plan.size) + x.y_t * x.y_t - std::log(2 * x.y_t + 1) > 1.5;
    if (plan.left == Route::kNear && outweighed && !plan.differences_cancel)
      plan.left = Route::kLadderEnds;
  }
  return plan;
}

/// The spectrum needs |f| to full accuracy where it is close to 1.
struct SpectrumPlan {
  bool only_far = false;  ///< series over the whole interval
  Interval rest;          ///< what lies above −kFar
  Plan plan;              ///< of `rest`
};

[[nodiscard]] inline SpectrumPlan make_spectrum_plan(const Interval& x, double omega) {
  const std::complex<double> lambda{0, omega};
  SpectrumPlan p;
  p.rest = x;
  p.only_far = (x.y_t <= -kFar && x.d * -x.y_t > 0.3) ||
               (x.y_t <= 0 && omega >= kLargeLambda + 4 && !is_narrow(x.y_t, 4 * x.d, omega));
  if (p.only_far) return p;
  if (x.y_r < -kFar - 0.5 && x.y_t > -kFar && omega < kLargeLambda + 4) {
    p.rest.y_r = -kFar;
    p.rest.d = x.y_t + kFar;
  }
  p.plan = make_plan(p.rest, lambda);
  // panels, whose error is relative to 1 − f, rather than ladders, whose error is relative to f
  const double limit = x.y_t < -1.5 ? 8 : 2.5;
  if (omega < limit) {
    if (p.plan.route == Route::kLadderEnds) p.plan.route = Route::kNear;
    if (p.plan.left == Route::kLadderEnds) p.plan.left = Route::kNear;
  }
  return p;
}

}  // namespace nuphi::detail
