#include "branch_inspector.h"

#include <algorithm>
#include <cmath>

#include <nuphi/solver/multiple_branch_point.h>

namespace nuphi {
namespace {

constexpr Eigen::Index kLargestEigenproblem = 2000;  // the cost grows as n³
// Residual of a branch point below which two branches do meet.
constexpr double kImperfect = 1e-9;
constexpr int kInverseIterations = 4;
constexpr int kMaxChanges = 16;  // of a test function in steps, within one step

double slope(const CurvePoint& point) { return point.tangent[point.tangent.size() - 1]; }

bool opposite(double a, double b) { return (a < 0) != (b < 0); }

// Whether p has extrema inside the step although its slopes at the ends agree in sign: judged by
// the cubic with these slopes.
bool bends_twice(const CurvePoint& a, const CurvePoint& b) {
  const Eigen::VectorXd chord = scaled_difference(a, b.z);
  const double mean = chord[chord.size() - 1] / chord.norm();
  const double s0 = slope(a);
  const double s1 = slope(b);
  if (opposite(mean, s0)) return true;
  // q(u) = s0 + 2 (3m − 2 s0 − s1) u + 3 (s0 + s1 − 2m) u² is the slope of the cubic on [0, 1].
  const double linear = 2 * (3 * mean - 2 * s0 - s1);
  const double square = 3 * (s0 + s1 - 2 * mean);
  const double u = -linear / (2 * square);
  return u > 0 && u < 1 && opposite(s0 + linear * u / 2, s0);
}

// How far a point lies along the step, in [0, 1] inside.
double fraction(const CurvePoint& a, const CurvePoint& b, const Eigen::VectorXd& z) {
  return scaled_difference(a, z).dot(a.tangent) / scaled_difference(a, b.z).dot(a.tangent);
}

// Whether z lies inside the step and next to it.
bool inside(const CurvePoint& a, const CurvePoint& b, const Eigen::VectorXd& z) {
  constexpr double kSlack = 0.05;
  const double along = fraction(a, b, z);
  if (!(along > -kSlack && along < 1 + kSlack)) return false;
  const Eigen::VectorXd chord = scaled_difference(a, b.z);
  return (scaled_difference(a, z) - along * chord).norm() < 0.5 * chord.norm();
}

}  // namespace

BranchPoint BranchInspector::describe(const CurvePoint& at) {
  ScaledMap& map = curve_.map();
  const Eigen::Index n = map.size();
  BranchPoint point;
  point.x = at.z.head(n);
  point.parameter = at.z[n];
  point.arclength = at.arclength;
  point.slope = at.tangent.size() > 0 ? slope(at) : 0;
  if (!map.evaluate(at.z)) return point;
  point.residual = map.raw_residual();
  if (const std::optional<Spectrum>& found = spectrum_at(at.z)) {
    point.leading_eigenvalue = found->abscissa;
    point.stable = found->abscissa < 1;
  }
  return point;
}

bool BranchInspector::has_spectrum() const {
  const Eigen::Index n = curve_.map().size();
  return options_.stability && n > 0 && n <= kLargestEigenproblem;
}

const std::optional<Spectrum>& BranchInspector::spectrum_at(const Eigen::VectorXd& z) {
  if (spectrum_point_.size() == z.size() && spectrum_point_ == z) return spectrum_;
  spectrum_point_ = z;
  spectrum_.reset();
  if (!has_spectrum()) return spectrum_;
  if (const auto jacobian = curve_.map().jacobian_at(z)) spectrum_ = spectrum(*jacobian);
  return spectrum_;
}

void BranchInspector::move_to(const CurvePoint& at) {
  values_ = next_.empty() ? test_values(at) : next_;
  const std::optional<Spectrum>& found = spectrum_at(at.z);
  real_beyond_one_ = found ? std::optional<int>(found->real_beyond_one) : std::nullopt;
}

double BranchInspector::test_value(std::size_t test, const CurvePoint& point) const {
  const Eigen::Index n = point.z.size() - 1;
  return options_.tests[test].value(point.z.head(n), point.z[n]);
}

std::vector<double> BranchInspector::test_values(const CurvePoint& point) const {
  std::vector<double> values(options_.tests.size());
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = test_value(k, point);
  return values;
}

SpecialPoint BranchInspector::special(SpecialPointKind kind, const Eigen::VectorXd& z,
                                      const CurvePoint& a, const CurvePoint& b) {
  CurvePoint at;
  at.z = z;
  at.arclength = a.arclength + fraction(a, b, z) * (b.arclength - a.arclength);
  SpecialPoint found;
  found.kind = kind;
  found.point = describe(at);
  return found;
}

SpecialPoint BranchInspector::special(SpecialPointKind kind, const SingularPoint& point,
                                      const CurvePoint& a, const CurvePoint& b) {
  const Eigen::Index n = point.right.size();
  SpecialPoint found = special(kind, point.z, a, b);
  found.error_estimate = point.error / curve_.weights()[n];
  found.null_space = point.right.cwiseQuotient(curve_.weights().head(n)).normalized();
  return found;
}

std::optional<SpecialPoint> BranchInspector::fold(const CurvePoint& a, const CurvePoint& b) {
  const double whole = scaled_difference(a, b.z).dot(a.tangent);
  const double guess = whole * slope(a) / (slope(a) - slope(b));
  const std::optional<CurvePoint> near = tracer_.between(a, b, guess);
  if (!near) return std::nullopt;
  const Eigen::Index n = near->z.size() - 1;
  // The factors of the tangent are still there: their left solution tends to the left null vector.
  const Eigen::VectorXd left = curve_.solve_transposed(Eigen::VectorXd::Unit(n + 1, n)).head(n);
  const std::optional<SingularPoint> point =
      locate_fold(curve_.map(), near->z, left, near->tangent.head(n));
  if (!point || !inside(a, b, point->z)) return std::nullopt;
  return special(SpecialPointKind::kFold, *point, a, b);
}

std::optional<SpecialPoint> BranchInspector::branch_point(const CurvePoint& a,
                                                          const CurvePoint& b) {
  const auto orientation = [](const CurvePoint& at) { return at.orientation; };
  double lower = 0;
  double upper = scaled_difference(a, b.z).dot(a.tangent);
  std::optional<CurvePoint> near;
  for (int k = 0; k < 5; ++k) {  // narrow enough for Newton's method
    near = tracer_.between(a, b, 0.5 * (lower + upper));
    if (!near) return std::nullopt;
    (orientation(*near) == orientation(a) ? lower : upper) = 0.5 * (lower + upper);
  }
  const Eigen::Index n = near->z.size() - 1;
  // Smallest singular vectors of [DG; t] by inverse iteration.
  Eigen::VectorXd right = Eigen::VectorXd::LinSpaced(n + 1, 1, 2).normalized();
  Eigen::VectorXd left = right;
  for (int k = 0; k < kInverseIterations; ++k) {
    left = curve_.solve_transposed(right).normalized();
    right = curve_.solve(left).normalized();
  }
  Eigen::MatrixXd kernel(n + 1, 2);
  kernel.col(0) = near->tangent;
  kernel.col(1) = (right - right.dot(near->tangent) * near->tangent).normalized();
  const std::optional<SingularPoint> point =
      locate_branch_point(curve_.map(), near->z, left.head(n), kernel);
  if (!point || !inside(a, b, point->z) || point->imperfection > kImperfect) return std::nullopt;
  return special(SpecialPointKind::kBranchPoint, *point, a, b);
}

bool BranchInspector::several_pass_one(const CurvePoint& to) {
  const std::optional<Spectrum>& found = spectrum_at(to.z);
  return real_beyond_one_ && found && std::abs(found->real_beyond_one - *real_beyond_one_) > 1;
}

std::optional<SpecialPoint> BranchInspector::multiple_branch_point(const CurvePoint& a,
                                                                   const CurvePoint& b) {
  if (!has_spectrum()) return std::nullopt;
  const auto point = locate_multiple_branch_point(curve_, tracer_, a, b);
  if (!point) return std::nullopt;
  SpecialPoint found = special(SpecialPointKind::kBranchPoint, point->z, a, b);
  found.error_estimate = point->error * (options_.upper - options_.lower);
  found.null_space = point->null_space;
  return found;
}

std::optional<SpecialPoint> BranchInspector::bracketed(SpecialPointKind kind, const CurvePoint& a,
                                                       const CurvePoint& b) {
  const auto value = [kind](const CurvePoint& at) {
    return kind == SpecialPointKind::kFold ? slope(at) : static_cast<double>(at.orientation);
  };
  const auto crossing = tracer_.crossing(a, value(a), b, value(b), value);
  if (!crossing) return std::nullopt;
  const CurvePoint& at = crossing->point;
  const Eigen::Index n = at.z.size() - 1;
  SpecialPoint found;
  found.kind = kind;
  found.point = describe(at);
  found.error_estimate = crossing->width * (options_.upper - options_.lower);
  found.null_space = at.tangent.head(n).cwiseQuotient(at.weights.head(n)).normalized();
  return found;
}

void BranchInspector::add_event(std::size_t test, const CurveTracer::Crossing& crossing,
                                std::vector<SpecialPoint>& found) {
  SpecialPoint event;
  event.kind = SpecialPointKind::kEvent;
  event.name = options_.tests[test].name;
  event.point = describe(crossing.point);
  event.error_estimate =
      crossing.width * std::abs(event.point.slope) * (options_.upper - options_.lower);
  found.push_back(std::move(event));
}

void BranchInspector::events(std::size_t test, const CurvePoint& a, const CurvePoint& b,
                             std::vector<SpecialPoint>& found) {
  const double before = values_[test];
  const double after = next_[test];
  if (std::isnan(before) || std::isnan(after)) return;
  if (options_.tests[test].kind == TestFunction::Kind::kChange) return changes(test, a, b, found);
  if (!opposite(before, after)) return;
  const auto crossing = tracer_.crossing(
      a, before, b, after, [&](const CurvePoint& point) { return test_value(test, point); });
  if (crossing) add_event(test, *crossing, found);
}

// A function in steps may change several times between a and b: from the left, one after the other.
void BranchInspector::changes(std::size_t test, const CurvePoint& a, const CurvePoint& b,
                              std::vector<SpecialPoint>& found) {
  double reached = values_[test];
  CurvePoint from = a;
  for (int k = 0; k < kMaxChanges && reached != next_[test]; ++k) {
    double seen = reached;  // value just beyond the change
    std::optional<CurvePoint> beyond;
    const auto changed = [&](const CurvePoint& point) {
      const double value = test_value(test, point);
      if (value == reached) return -1.0;
      seen = value;
      beyond = point;
      return 1.0;
    };
    const auto crossing = tracer_.crossing(from, -1, b, 1, changed);
    if (!crossing) return;
    add_event(test, *crossing, found);
    if (!beyond) return;  // changes at b itself
    reached = seen;
    from = *beyond;
  }
}

std::optional<std::vector<SpecialPoint>> BranchInspector::inspect(const CurvePoint& from,
                                                                  const CurvePoint& to,
                                                                  double length) {
  std::vector<SpecialPoint> found;
  const bool shortest = length < kInseparable;
  const bool turns = opposite(slope(from), slope(to));
  const bool crosses = from.orientation != to.orientation;
  if (!shortest && !turns && bends_twice(from, to)) return std::nullopt;
  if (!shortest && turns && crosses) return std::nullopt;
  if (several_pass_one(to)) {
    std::optional<SpecialPoint> point = multiple_branch_point(from, to);
    if (point && options_.branch_points) found.push_back(std::move(*point));
    if (!point && !shortest && (crosses || turns)) return std::nullopt;
  } else if (crosses || turns) {
    const auto kind = crosses ? SpecialPointKind::kBranchPoint : SpecialPointKind::kFold;
    std::optional<SpecialPoint> point = crosses ? branch_point(from, to) : fold(from, to);
    if (!point && crosses) point = multiple_branch_point(from, to);
    if (!point && shortest) point = bracketed(kind, from, to);
    if (!point) return std::nullopt;
    const bool wanted = crosses ? options_.branch_points : options_.folds;
    if (wanted) found.push_back(std::move(*point));
  }
  next_ = test_values(to);
  for (std::size_t k = 0; k < options_.tests.size(); ++k) events(k, from, to, found);
  std::sort(found.begin(), found.end(), [](const SpecialPoint& a, const SpecialPoint& b) {
    return a.point.arclength < b.point.arclength;
  });
  return found;
}

}  // namespace nuphi
