#include "damped_modes.h"

#include <nuphi/solver/linear_algebra.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "linearized_modes.h"
#include "rational_poles.h"

namespace nuphi::detail {
namespace {

constexpr int kEvenly = 128;          // points at least, beside those of the count
constexpr double kBend = 0.02;        // of a value from what its neighbours tell, to be kept
constexpr std::size_t kAtOnce = 160;  // points of one fit
constexpr std::size_t kOverlap = 40;  // of them shared with the next
constexpr int kDegree = 60;           // of one fit
constexpr double kTolerance = 1e-7;   // of it
constexpr double kDoubt = 0.5;        // of an estimate, over its distance from the axis
constexpr Eigen::Index kAbout = 16;   // modes looked for about one estimate
constexpr double kNear = 30;          // [1/s] around an estimate, at least
constexpr double kSlowest = 3, kFastest = 3000;  // [1/s] of real modes
constexpr double kRatio = 1.05,
                 kRatioOfLarge = 1.25;  // of neighbouring places; a factorisation each
constexpr int kMoves = 4;               // towards the nearest mode
constexpr double kClose = 0.03;         // is one at this part of its distance from the axis
constexpr double kSame =
    0.02;  // of the distance from the nearest: a candidate that near a known mode is that
constexpr double kReach = 300;      // [1/s] of a refinement, at least
constexpr std::size_t kTrials = 8;  // refinements for each mode wanted

/// Exact points of the count, and evenly spaced ones between them.
std::vector<double> points_on_axis(const std::vector<AxisSample>& samples) {
  const double last = samples.back().omega, spacing = last / kEvenly;
  std::vector<double> points;
  for (int k = 0; k <= kEvenly; ++k) points.push_back(k * spacing);
  for (const AxisSample& s : samples)
    if (s.is_exact) points.push_back(s.omega);
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

struct Values {
  std::vector<double> omega;
  std::vector<Complex> f;
};

/// Without points at which the neighbours tell nearly the value.
Values thinned(const Values& all, double spacing) {
  Values kept;
  for (std::size_t k = 0; k < all.omega.size(); ++k) {
    if (k > 0 && k + 1 < all.omega.size()) {
      const double before = kept.omega.back(), next = all.omega[k + 1];
      const double share = (all.omega[k] - before) / (next - before);
      const Complex told = kept.f.back() + share * (all.f[k + 1] - kept.f.back());
      if (next - before < spacing && std::abs(told - all.f[k]) < kBend * std::abs(all.f[k]))
        continue;
    }
    kept.omega.push_back(all.omega[k]);
    kept.f.push_back(all.f[k]);
  }
  return kept;
}

/// uᵀ [(1 − M(iω))⁻¹ − 1] v for vectors to which no mode of a network is likely to be orthogonal.
class Probe {
 public:
  explicit Probe(LoopMatrix& matrix)
      : matrix_(matrix), left_(matrix.size()), right_(matrix.size()) {
    for (Eigen::Index i = 0; i < matrix.size(); ++i) {
      const auto k = static_cast<double>(i);
      left_[i] = std::cos(k * k + 1);
      right_[i] = std::sin(3 * k * k + 2 * k + 1);
    }
  }

  [[nodiscard]] const Eigen::VectorXcd& right() const { return right_; }

  [[nodiscard]] Complex operator()(double omega) {
    matrix_.loop({0, omega}, loop_);
    return left_.dot(dense::Lu<Complex>(loop_).solve(right_) - right_);
  }

 private:
  LoopMatrix& matrix_;
  Eigen::VectorXcd left_, right_;
  Eigen::MatrixXcd loop_;
};

/// Estimates from fits through neighbouring points; through those next to zero frequency with their
/// conjugates.
std::vector<Complex> estimates(const std::vector<double>& points, const std::vector<Complex>& f) {
  std::vector<Complex> poles = {0};
  for (std::size_t begin = 0; begin < points.size();) {
    const std::size_t end = std::min(begin + kAtOnce, points.size());
    std::vector<Complex> z, values;
    for (std::size_t k = begin; k < end; ++k) {
      z.emplace_back(0, points[k]);
      values.push_back(f[k]);
      if (begin > 0 || !(points[k] > 0)) continue;
      z.emplace_back(0, -points[k]);
      values.push_back(std::conj(f[k]));
    }
    const double low = begin > 0 ? points[begin] : -1e-6 * points[end - 1];
    for (const Complex pole : rational_poles(z, values, kDegree, kTolerance))
      if (pole.real() < 0 && pole.imag() >= low && pole.imag() <= points[end - 1])
        poles.push_back(pole);
    if (end == points.size()) break;
    begin = end - kOverlap;
  }
  return poles;
}

/// Places on the negative real axis beside which a real mode may lie: the determinant, which is real
/// there, changes its sign.
std::vector<double> real_estimates(LoopMatrix& matrix) {
  std::vector<double> places;
  double before = 0, sign = matrix.scaled_determinant(0).direction.real();
  const double ratio = matrix.size() < kLargeNetwork ? kRatio : kRatioOfLarge;
  for (double x = kSlowest; x < kFastest; x *= ratio) {
    const double now = matrix.scaled_determinant(-x).direction.real();
    if (sign * now < 0) places.push_back(-0.5 * (before + x));
    before = x;
    sign = now;
  }
  return places;
}

/// The modes about the one nearest to an estimate. What lies far from the point looked about comes
/// out of place: on to the nearest, until that is close.
std::vector<NullPair> modes_near(LoopMatrix& matrix, Complex estimate, bool regular) {
  const double reach = std::max(kDoubt * std::abs(estimate.real()), kNear);
  std::vector<NullPair> modes;
  Complex shift = estimate;
  for (int k = 0; k < kMoves; ++k) {
    modes = modes_about(matrix, shift, kAbout, regular);
    if (modes.empty() || !(std::abs(modes[0].z - estimate) < reach)) return {};
    if (std::abs(modes[0].z - shift) < kClose * std::abs(shift.real())) break;
    shift = modes[0].z;
  }
  std::erase_if(modes, [&](const NullPair& m) { return !(std::abs(m.z - estimate) < reach); });
  return modes;
}

}  // namespace

void find_damped_modes(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits,
                       std::size_t most, FoundModes& found) {
  const auto enough = [&](double growth_rate) {
    return most == 0 || limits.stop.stop_requested() ||
           found.growth_rate_of(most - 1) > growth_rate;
  };
  if (enough(0)) return;
  Probe probe(matrix);
  Values values;
  for (const double omega : points_on_axis(count.samples)) {
    if (limits.stop.stop_requested()) return;
    values.omega.push_back(omega);
    values.f.push_back(probe(omega));
  }
  const double last = values.omega.back();
  values = thinned(values, last / kEvenly);
  std::size_t trials = kTrials * most;
  const auto refine_from = [&](Complex z, const Eigen::VectorXcd& start) {
    const double reach = std::max(std::abs(z), kReach);
    const std::optional<NullPair> mode = refine_place(matrix, z, start, reach);
    if (mode && mode->z.real() < 0 && mode->z.imag() <= last) found.add(*mode);
  };
  std::vector<Complex> poles = estimates(values.omega, values.f);
  for (const double x : real_estimates(matrix)) poles.push_back(x);
  std::sort(poles.begin(), poles.end(), [](Complex a, Complex b) { return a.real() > b.real(); });
  const auto is_beyond = [&](Complex z) { return enough((1 + kDoubt) * z.real()); };
  for (const Complex z : poles) {
    if (is_beyond(z) || trials-- == 0) break;
    refine_from(z, probe.right());
    // Real modes of one fit may come out as a pair.
    if (z.imag() != 0 && z.imag() < -z.real()) refine_from(z.real(), probe.right());
  }
  // Where many modes stand together an estimate stands for several of them. Poles of M disturb one
  // form, distances beyond |z| the other.
  trials = kTrials * most;
  for (const Complex z : poles) {
    for (const bool regular : {true, false}) {
      if (is_beyond(z)) return;
      const std::vector<NullPair> near = modes_near(matrix, z, regular);
      for (const NullPair& candidate : near) {
        if (found.knows(candidate.z, kSame * std::abs(candidate.z - near[0].z))) continue;
        if (trials-- == 0) return;
        refine_from(candidate.z, candidate.right);
      }
    }
  }
}

}  // namespace nuphi::detail
