#include "prescribed_curve.h"

#include <nuphi/solver/curve_walk.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <nuphi/solver/equilibrium_curve.h>
#include <nuphi/solver/scaled_map.h>

namespace nuphi {
namespace {

constexpr double kShortestStep = 1e-4;
constexpr double kFirstStep = 1e-2;
constexpr double kLargestAngle = 0.5;

/// x ↦ Φ(x) + s·d with the parameter s.
class ShiftedMap final : public ParametricProblem {
 public:
  ShiftedMap(FixedPointProblem& problem, Eigen::VectorXd direction)
      : problem_(problem), direction_(std::move(direction)) {}

  [[nodiscard]] Eigen::Index size() const override { return problem_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return problem_.lower(); }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return problem_.upper(); }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override {
    problem_.evaluate(x, value);
    value += shift_ * direction_;
    ++evaluations_;
  }
  void jacobian(Eigen::MatrixXd& matrix) const override { problem_.jacobian(matrix); }
  [[nodiscard]] bool is_sparse() const override { return problem_.is_sparse(); }
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override { problem_.jacobian(matrix); }
  void rounding(Eigen::VectorXd& bound) const override { problem_.rounding(bound); }

  [[nodiscard]] Eigen::Index parameters() const override { return 1; }
  void set_parameters(const Eigen::VectorXd& values) override { shift_ = values[0]; }
  void parameter_derivative(Eigen::Index, Eigen::VectorXd& derivative) override {
    derivative = direction_;
  }
  [[nodiscard]] int evaluations() const { return evaluations_; }

 private:
  FixedPointProblem& problem_;
  Eigen::VectorXd direction_;
  double shift_ = 0;
  int evaluations_ = 0;
};

double shift_of(const CurvePoint& point) { return point.z[point.z.size() - 1]; }

// Where between two points of the curve the shift vanishes, as a part of the way: by the cubic
// through both values and slopes, which also shows a pair of crossings within one step.
std::vector<double> zeros(const CurvePoint& a, const CurvePoint& b) {
  const Eigen::Index last = a.z.size() - 1;
  const double length = scaled_difference(a, b.z).norm();
  const double slope_a = length * a.tangent[last] / a.weights[last];
  const double slope_b = length * b.tangent[last] / b.weights[last];
  const auto cubic = [&](double t) {
    const double u = 1 - t;
    return shift_of(a) * u * u * (1 + 2 * t) + shift_of(b) * t * t * (3 - 2 * t) +
           t * u * (slope_a * u - slope_b * t);
  };
  constexpr int kPieces = 8;
  std::vector<double> found;
  double before = shift_of(a);
  for (int k = 1; k <= kPieces; ++k) {
    const double t = static_cast<double>(k) / kPieces;
    const double value = k == kPieces ? shift_of(b) : cubic(t);
    if ((before < 0) != (value < 0)) {
      found.push_back(t - value / (value - before) / kPieces);
    }
    before = value;
  }
  return found;
}

}  // namespace

void PrescribedCurve::follow(const Eigen::VectorXd& start, const Eigen::VectorXd& direction,
                             const Meeting& meeting) {
  const Eigen::Index n = problem_.size();
  ShiftedMap shifted(problem_, direction);
  const double widest = (problem_.upper() - problem_.lower()).maxCoeff();
  ScaledMap map(shifted, {.component = limits_.scale,
                          .tolerance = 1e-8,
                          .lower = Eigen::VectorXd::Constant(1, -widest),
                          .upper = Eigen::VectorXd::Constant(1, widest)});
  EquilibriumCurve curve(map);
  CurveTracer tracer(curve, {.max_angle = kLargestAngle});
  Eigen::VectorXd z(n + 1);
  z << start, 0.0;
  bool closed = false;
  for (const int side : {1, -1}) {
    std::optional<CurvePoint> at = tracer.start(z, side);
    if (!at || closed) break;
    bool first = true;
    const WalkHooks hooks{
        .stop = [this] { return stop_.stop_requested(); },
        .accept = [](const CurvePoint&, const CurveTracer::Step&, double) { return true; },
        .add =
            [&](const CurveTracer::Step& step) {
              for (const double part : zeros(*at, step.point)) {
                // The curve begins at a zero.
                if (std::exchange(first, false) && part < 0.01) continue;
                if (!meeting(at->z.head(n) + part * (step.point.z - at->z).head(n))) closed = true;
              }
              first = false;
              at = step.point;
              return !closed;
            }};
    ContinuationOptions options;
    options.initial_step = kFirstStep;
    options.max_step = limits_.max_step;
    options.min_step = kShortestStep;
    options.max_angle = kLargestAngle;
    options.max_points = limits_.max_points;
    (void)walk(tracer, *at, options, hooks);
  }
  evaluations_ += shifted.evaluations();
}

}  // namespace nuphi
