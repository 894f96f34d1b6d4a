#include "work.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "messages.h"

namespace nuphi::petsc {
namespace {

constexpr double kWorthAsking = 1e-4;  // a larger relative residual is not rounding
constexpr double kTiny = 1e-300;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

double largest(const Eigen::VectorXd& x) {
  double most = 0;
  for (const double value : x)
    most = std::max(most, std::isnan(value) ? kInfinity : std::abs(value));
  return max_over_ranks(most);
}

double step_size(const Eigen::VectorXd& step, const Eigen::VectorXd& x) {
  return largest((step.array() / x.array().abs().max(1.0)).matrix());
}

Work::Work(const DistributedField& field, const SolveOptions& options, const SolveControl& control)
    : options_(options), control_(control), problem_(field), linear_(problem_) {
  summary_.method_requested = options.method;
}

void Work::project(Eigen::VectorXd& x) const { x = x.cwiseMax(0.0).cwiseMin(problem_.upper()); }

void Work::evaluate(Point& point) {
  point.defect.resize(point.x.size());
  problem_.evaluate(point.x, point.defect);
  point.defect -= point.x;
  last_ = point.x;
  ++summary_.evaluations;
  point.residual = largest(point.defect);
  point.excess = step_size(point.defect, point.x);
  if (!std::isfinite(point.residual)) point.excess = kInfinity;
  if (point.excess < best_.excess || best_.x.size() == 0) best_ = point;
}

void Work::locate(const Point& point) {
  const bool here = last_.size() == point.x.size() && last_ == point.x;
  if (max_over_ranks(here ? 0 : 1) == 0) return;
  Point again{.x = point.x, .defect = {}};
  evaluate(again);
}

bool Work::linearize(const Point& point, double shift) {
  locate(point);
  return linear_.assemble(shift);
}

double Work::roundings(const Point& point) {
  locate(point);
  problem_.rounding(scratch_);
  return largest((point.defect.array() / scratch_.array().max(kTiny)).matrix());
}

bool Work::converged(const Point& point) {
  if (point.excess <= options_.tolerance) return true;
  if (!(point.excess <= kWorthAsking)) return false;
  locate(point);
  problem_.rounding(scratch_);
  scratch_ = scratch_.array().max(options_.tolerance * point.x.array().abs().max(1.0)).matrix();
  return largest(point.defect.cwiseQuotient(scratch_)) <= 1;
}

void Work::record(Method method, const Point& point, double step, double damping) {
  const Iteration iteration{method, point.residual, step, damping};
  summary_.iterations.push_back(iteration);
  if (control_.progress) control_.progress(iteration);
  if (control_.logger) {
    control_.logger->trace("{:>10} {:4d}: residual {:.3e}, step {:.3e}, damping {:.3g}",
                           to_string(method), summary_.iterations.size() - first_, point.residual,
                           step, damping);
  }
}

std::optional<Termination> Work::halt() const {
  if (max_over_ranks(control_.stop.stop_requested() ? 1 : 0) > 0) return Termination::kInterrupted;
  if (summary_.iterations.size() - first_ >= static_cast<std::size_t>(options_.max_iterations)) {
    return Termination::kMaxIterations;
  }
  return std::nullopt;
}

void Work::note(const char* text) const {
  if (control_.logger) control_.logger->debug("{}", text);
}

}  // namespace nuphi::petsc
