#include <nuphi/solver/curve_tracer.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace nuphi {
namespace {

constexpr int kMaxIterations = 10;
constexpr double kContraction = 0.6;  // of successive corrections; slower means too long a step
constexpr double kSettled = 1e-4;     // last correction of a point found, in units of the reach
// Largest distance from the predicted point, in units of the step. A tangent that turns by the
// largest angle allowed bends the curve away by half that angle.
constexpr double kReach = 0.3;
constexpr double kGoodStart = 1e-3;  // distance in arclength
constexpr int kMaxEvaluations = 100;
constexpr double kNarrowest = 1e-13;  // bracket of an event, in units of the step

double clamp(double value, double lower, double upper) {
  return std::min(std::max(value, lower), upper);
}

}  // namespace

Eigen::VectorXd scaled_difference(const CurvePoint& a, const Eigen::VectorXd& b) {
  return a.weights.cwiseProduct(b - a.z);
}

namespace {

// The parameter outside its interval, or −1. One that is outside by rounding is put on the bound.
Eigen::Index outside(const Curve& curve, Eigen::VectorXd& z) {
  constexpr double kSlack = 1e-13;
  for (Eigen::Index k = 0; k < curve.parameters(); ++k) {
    double& value = z[z.size() - curve.parameters() + k];
    const double inside = clamp(value, curve.lower()[k], curve.upper()[k]);
    if (std::abs(value - inside) > kSlack * (curve.upper()[k] - curve.lower()[k])) return k;
    value = inside;
  }
  return -1;
}

}  // namespace

CurveTracer::Corrected CurveTracer::correct(const Eigen::VectorXd& z, const Eigen::VectorXd& row,
                                            double reach) {
  Corrected result{.z = z};
  const Eigen::VectorXd weights = curve_.weights();
  Eigen::VectorXd trial = z;
  double last = std::numeric_limits<double>::infinity();   // length of the last correction
  double level = std::numeric_limits<double>::infinity();  // of the residual of result.z
  for (int k = 0; k < kMaxIterations; ++k) {
    if (!result.converged) result.iterations = k;  // the rest is polish
    result.left = outside(curve_, trial);
    if (result.left >= 0 || !curve_.evaluate(trial)) break;
    const double now = curve_.residual_in_roundings();
    // A residual within the tolerance is not enough: in the tightest folds it leaves the place
    // open.
    if (now <= 1 || (curve_.residual_in_tolerances() <= 1 && last <= kSettled * reach)) {
      if (!(now < 0.5 * level)) break;
      level = now;
      result.z = trial;
      result.converged = true;
      if (now <= 1) break;
    }
    if (!curve_.factorize(row)) break;
    const Eigen::VectorXd correction = curve_.correction();
    const double length = correction.norm();
    if (!(length < kContraction * last) || length > reach) break;
    last = length;
    trial += correction.cwiseQuotient(weights);
    curve_.project(trial);
  }
  if (result.converged) result.left = -1;
  result.converged = result.converged && weights.cwiseProduct(result.z - z).norm() <= reach;
  return result;
}

std::optional<CurvePoint> CurveTracer::settle(const Eigen::VectorXd& z,
                                              const Eigen::VectorXd& towards,
                                              const Eigen::VectorXd& weights) {
  if (!curve_.center(z)) return std::nullopt;
  CurvePoint point{.z = z, .tangent = {}, .weights = curve_.weights()};
  const Eigen::VectorXd row =
      towards.cwiseProduct(point.weights).cwiseQuotient(weights).normalized();
  if (!curve_.factorize_center(row)) return std::nullopt;
  point.tangent = curve_.tangent().normalized();
  if (!point.tangent.allFinite()) return std::nullopt;
  point.orientation = curve_.determinant_sign();
  return point;
}

std::optional<CurvePoint> CurveTracer::start(const Eigen::VectorXd& z, int direction) {
  const Eigen::Index n = curve_.unknowns();
  if (!curve_.center(z)) return std::nullopt;
  // At a fold the parameter cannot be kept: any other hyperplane will do, but for a start that is
  // good.
  const std::pair<Eigen::VectorXd, double> tries[] = {
      {Eigen::VectorXd::Unit(n, n - 1), std::numeric_limits<double>::infinity()},
      {Eigen::VectorXd::Constant(n, 1 / std::sqrt(static_cast<double>(n))), kGoodStart}};
  for (const auto& [row, reach] : tries) {
    const Corrected corrected = correct(z, row, reach);
    if (!corrected.converged) continue;
    std::optional<CurvePoint> point = settle(corrected.z, row, curve_.weights());
    if (!point) continue;
    if (point->tangent[n - 1] * direction < 0) {
      point->tangent = -point->tangent;
      point->orientation = -point->orientation;
    }
    return point;
  }
  return std::nullopt;
}

std::optional<CurveTracer::Step> CurveTracer::finish(const CurvePoint& from,
                                                     const Corrected& corrected) {
  if (!corrected.converged) return std::nullopt;
  const std::optional<CurvePoint> point = settle(corrected.z, from.tangent, from.weights);
  if (!point) return std::nullopt;
  Step step{.point = *point, .iterations = corrected.iterations};
  const Eigen::VectorXd before =
      from.tangent.cwiseProduct(point->weights).cwiseQuotient(from.weights).normalized();
  step.angle = std::acos(clamp(before.dot(point->tangent), -1, 1));
  const Eigen::VectorXd chord = scaled_difference(from, point->z);
  if (step.angle > limits_.max_angle || chord.dot(from.tangent) <= 0) return std::nullopt;
  step.point.arclength = from.arclength + chord.norm();
  return step;
}

// A step that ends on the bound of parameter k, or of another one that is reached before.
std::optional<CurveTracer::Step> CurveTracer::land(const CurvePoint& from, double length,
                                                   Eigen::Index k, bool last) {
  const Eigen::Index index = curve_.unknowns() - curve_.parameters() + k;
  const double rate = from.tangent[index] / from.weights[index];
  const bool upper = rate > 0;
  const double bound = upper ? curve_.upper()[k] : curve_.lower()[k];
  const double reach = clamp((bound - from.z[index]) / rate, 0, length);
  Eigen::VectorXd z = from.z + reach * from.tangent.cwiseQuotient(from.weights);
  z[index] = bound;
  curve_.project(z);
  Corrected corrected =
      correct(z, Eigen::VectorXd::Unit(curve_.unknowns(), index), kReach * length);
  if (corrected.left >= 0 && corrected.left != k && !last) {
    return land(from, length, corrected.left, true);
  }
  corrected.z[index] = bound;  // the rounding of the solve must not leave the interval
  std::optional<Step> step = finish(from, corrected);
  if (step) {
    step->left = k;
    step->upper = upper;
  }
  return step;
}

std::optional<CurveTracer::Step> CurveTracer::step(const CurvePoint& from, double length) {
  if (!curve_.center(from.z)) return std::nullopt;
  Eigen::VectorXd z = from.z + length * from.tangent.cwiseQuotient(from.weights);
  curve_.project(z);
  const Eigen::Index left = outside(curve_, z);
  if (left >= 0) return land(from, length, left);
  const Corrected corrected = correct(z, from.tangent, kReach * length);
  if (corrected.left >= 0) return land(from, length, corrected.left);
  return finish(from, corrected);
}

std::optional<CurvePoint> CurveTracer::between(const CurvePoint& a, const CurvePoint& b,
                                               double distance) {
  if (!curve_.center(a.z)) return std::nullopt;
  const double whole = scaled_difference(a, b.z).dot(a.tangent);
  const Eigen::VectorXd z = a.z + (distance / whole) * (b.z - a.z);
  const Corrected corrected = correct(z, a.tangent, kReach * whole);
  if (!corrected.converged) return std::nullopt;
  std::optional<CurvePoint> point = settle(corrected.z, a.tangent, a.weights);
  if (point) point->arclength = a.arclength + distance / whole * (b.arclength - a.arclength);
  return point;
}

namespace {

// A sign change between two abscissae, narrowed by regula falsi in Illinois' variant (the value at
// an end that stays is halved), with a bisection whenever three steps have not halved the bracket.
class Bracket {
 public:
  Bracket(double lower, double value_lower, double upper, double value_upper)
      : lower_(lower), upper_(upper), value_lower_(value_lower), value_upper_(value_upper) {}

  [[nodiscard]] double width() const { return upper_ - lower_; }
  [[nodiscard]] double middle() const { return 0.5 * (lower_ + upper_); }
  [[nodiscard]] double trial() {
    const bool slow = ++steps_ % 3 == 0 && !(width() < 0.5 * width_before_);
    if (steps_ % 3 == 0) width_before_ = width();
    const double secant = lower_ - value_lower_ * width() / (value_upper_ - value_lower_);
    return !slow && secant > lower_ && secant < upper_ ? secant : middle();
  }
  void narrow(double at, double value) {
    if (std::signbit(value) == std::signbit(value_lower_)) {
      lower_ = at;
      value_lower_ = value;
      if (side_ < 0) value_upper_ *= 0.5;
      side_ = -1;
    } else {
      upper_ = at;
      value_upper_ = value;
      if (side_ > 0) value_lower_ *= 0.5;
      side_ = 1;
    }
  }

 private:
  double lower_, upper_, value_lower_, value_upper_;
  double width_before_ = std::numeric_limits<double>::infinity();
  int steps_ = 0;
  int side_ = 0;
};

}  // namespace

std::optional<CurveTracer::Crossing> CurveTracer::crossing(
    const CurvePoint& a, double fa, const CurvePoint& b, double fb,
    const std::function<double(const CurvePoint&)>& function) {
  const double whole = scaled_difference(a, b.z).dot(a.tangent);
  Bracket bracket(0, fa, whole, fb);
  Crossing crossing{b, whole};
  double value = fb;
  for (int k = 0; k < kMaxEvaluations && bracket.width() > kNarrowest * whole; ++k) {
    const double at = bracket.trial();
    const std::optional<CurvePoint> point = between(a, b, at);
    if (!point) return std::nullopt;
    value = function(*point);
    if (std::isnan(value)) return std::nullopt;
    bracket.narrow(at, value);
    crossing = {*point, value == 0 ? 0 : bracket.width()};
    if (value == 0) break;
  }
  // Next to a pole the values grow as the bracket shrinks.
  if (std::abs(value) > std::max(std::abs(fa), std::abs(fb))) return std::nullopt;
  return crossing;
}

}  // namespace nuphi
