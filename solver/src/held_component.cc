#include "held_component.h"

#include <algorithm>
#include <cmath>

#include <nuphi/solver/steps.h>

namespace nuphi {
namespace {

constexpr double kStride = 0.25;  // of the scan, in levels
// Widths, in levels, at which a place between two of opposite sign is tried by Newton's method.
constexpr double kTryAt[] = {1e-2, 1e-5, 1e-8, 1e-12, 0};
constexpr int kBisections = 200;
constexpr int kPatience = 300;  // iterations for the others to settle

}  // namespace

void HeldComponent::evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) {
  problem_.evaluate(x, value);
  response_ = value[component_];
  value[component_] = held_;
}

void HeldComponent::jacobian(Eigen::MatrixXd& matrix) const {
  problem_.jacobian(matrix);
  matrix.row(component_).setZero();
}

void HeldComponent::jacobian(Eigen::SparseMatrix<double>& matrix) const {
  problem_.jacobian(matrix);
  for (Eigen::Index k = 0; k < matrix.outerSize(); ++k) {
    for (Eigen::SparseMatrix<double>::InnerIterator entry(matrix, k); entry; ++entry) {
      if (entry.row() == component_) entry.valueRef() = 0;
    }
  }
}

HeldScan::HeldScan(FixedPointProblem& problem, Eigen::Index component, const KnownPoints& measure,
                   const FixedPointOptions& options, const SolveControl& control)
    : held_(problem, component),
      component_(component),
      measure_(measure),
      control_(control),
      session_(held_, problem.lower(), Method::kRelaxation,
               {.tolerance = options.tolerance, .max_iterations = kPatience}, control) {}

std::optional<HeldScan::Place> HeldScan::settle(const Eigen::VectorXd& near, double value) {
  held_.hold(value);
  session_.begin_solve();
  Point point{.x = near, .defect = {}};
  point.x[component_] = value;
  session_.evaluate(point);
  if (!try_newton(session_, point) &&
      flow_steps(session_, point, {.floor = 1e-9}).end != Termination::kConverged)
    return std::nullopt;
  session_.evaluate(point);
  return Place{point.x, held_.response() - value};
}

// Half way in levels, or in numbers where these are next to each other.
double HeldScan::between(double a, double b) const {
  const double level = 0.5 * (measure_.level(a, component_) + measure_.level(b, component_));
  const double middle = measure_.value(level, component_);
  const auto [low, high] = std::minmax(a, b);
  return middle > low && middle < high ? middle : 0.5 * (a + b);
}

void HeldScan::close_in(Place a, Place b, const Trial& trial) {
  const auto width = [&] {
    return std::abs(measure_.level(a.x[component_], component_) -
                    measure_.level(b.x[component_], component_));
  };
  const double* next = kTryAt;
  for (int k = 0; k < kBisections && !control_.stop.stop_requested(); ++k) {
    const double middle = between(a.x[component_], b.x[component_]);
    const bool adjacent = middle == a.x[component_] || middle == b.x[component_];
    if (adjacent || width() <= *next) {
      if (trial(std::abs(a.surplus) < std::abs(b.surplus) ? a.x : b.x) || adjacent) return;
      while (*next > 0 && width() <= *next) ++next;
    }
    std::optional<Place> place = settle(a.x, middle);
    if (!place) place = settle(b.x, middle);
    if (!place) return;
    ((place->surplus < 0) == (a.surplus < 0) ? a : b) = std::move(*place);
  }
}

void HeldScan::run(const Eigen::VectorXd& x, double end, const Trial& trial) {
  const double last = measure_.level(end, component_);
  double level = measure_.level(x[component_], component_);
  const double direction = last < level ? -1 : 1;
  std::optional<Place> before;
  Eigen::VectorXd near = x;
  // The surplus vanishes at x itself: the scan begins beside it.
  for (double stride = 1e-5; level != last; stride = std::min(kStride, 4 * stride)) {
    if (control_.stop.stop_requested()) return;
    level = direction * std::min(direction * (level + direction * stride), direction * last);
    std::optional<Place> place = settle(near, measure_.value(level, component_));
    if (place && before && (place->surplus < 0) != (before->surplus < 0))
      close_in(*before, *place, trial);
    if (place) near = place->x;
    before = std::move(place);
  }
}

void HeldScan::run(const Eigen::VectorXd& x, const Trial& trial) {
  for (const double end : {held_.lower()[component_], held_.upper()[component_]})
    run(x, end, trial);
}

}  // namespace nuphi
