#include "distributed_session.h"

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

DistributedSession::DistributedSession(const DistributedField& field, const SolveOptions& options,
                                       const SolveControl& control)
    : options_(options), control_(control), problem_(field), linear_(problem_) {
  summary_.method_requested = options.method;
}

void DistributedSession::project(Eigen::VectorXd& x) const {
  x = x.cwiseMax(0.0).cwiseMin(problem_.upper());
}

void DistributedSession::evaluate(Point& point) {
  point.defect.resize(point.x.size());
  problem_.evaluate(point.x, point.defect);
  point.defect -= point.x;
  last_ = point.x;
  ++summary_.evaluations;
  point.residual = largest(point.defect);
  point.relative_residual = step_size(point.defect, point.x);
  if (!std::isfinite(point.residual)) point.relative_residual = kInfinity;
  if (point.relative_residual < best_.relative_residual || best_.x.size() == 0) best_ = point;
}

void DistributedSession::return_to(const Point& point) {
  const bool here = last_.size() == point.x.size() && last_ == point.x;
  if (max_over_ranks(here ? 0 : 1) == 0) return;
  Point again{.x = point.x, .defect = {}};
  evaluate(again);
}

bool DistributedSession::linearize(const Point& point, double shift) {
  return_to(point);
  return linear_.assemble(shift);
}

double DistributedSession::residual_in_roundings(const Point& point) {
  return_to(point);
  problem_.rounding(scratch_);
  return largest((point.defect.array() / scratch_.array().max(kTiny)).matrix());
}

bool DistributedSession::converged(const Point& point) {
  if (point.relative_residual <= options_.tolerance) return true;
  if (!(point.relative_residual <= kWorthAsking)) return false;
  return_to(point);
  problem_.rounding(scratch_);
  scratch_ = scratch_.array().max(options_.tolerance * point.x.array().abs().max(1.0)).matrix();
  return largest(point.defect.cwiseQuotient(scratch_)) <= 1;
}

void DistributedSession::record(Method method, const Point& point, double step, double damping) {
  const Iteration iteration{method, point.residual, step, damping};
  summary_.iterations.push_back(iteration);
  if (control_.progress) control_.progress(iteration);
  if (control_.logger) {
    control_.logger->trace("{:>10} {:4d}: residual {:.3e}, step {:.3e}, damping {:.3g}",
                           to_string(method), summary_.iterations.size() - first_, point.residual,
                           step, damping);
  }
}

std::optional<Termination> DistributedSession::halt() const {
  if (max_over_ranks(control_.stop.stop_requested() ? 1 : 0) > 0) return Termination::kInterrupted;
  if (summary_.iterations.size() - first_ >= static_cast<std::size_t>(options_.max_iterations)) {
    return Termination::kMaxIterations;
  }
  return std::nullopt;
}

void DistributedSession::note(const char* text) const {
  if (control_.logger) control_.logger->debug("{}", text);
}

}  // namespace nuphi::petsc
