#include <nuphi/solver/session.h>

#include <fmt/format.h>
#include <spdlog/logger.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace nuphi {
namespace {

constexpr double kTiny = 1e-300;
// One method gives up after so many iterations, or this part of the limit where that is more.
constexpr int kOneMethod = 1000;
constexpr double kPartOfLimit = 0.01;
constexpr double kWorthAsking = 1e-4;  // a larger relative residual is rounding only on a jump of Φ

}  // namespace

void require(const FixedPointProblem& problem, const Eigen::VectorXd& start,
             const FixedPointOptions& options) {
  std::string faults;
  const auto add = [&faults](const std::string& fault) {
    faults += (faults.empty() ? "" : "; ") + fault;
  };
  if (!(options.tolerance > 0) || !std::isfinite(options.tolerance)) {
    add(fmt::format("tolerance is {}, must be positive", options.tolerance));
  }
  if (options.max_iterations <= 0) {
    add(fmt::format("max_iterations is {}, must be positive", options.max_iterations));
  }
  const Eigen::Index n = problem.size();
  if (problem.lower().size() != n || problem.upper().size() != n) {
    add(fmt::format("the box of the problem has {} and {} ends, its size is {}",
                    problem.lower().size(), problem.upper().size(), n));
  }
  if (start.size() != n) {
    add(fmt::format("start has {} entries, the problem {}", start.size(), n));
  } else if (!start.allFinite()) {
    add("start has entries that are not finite");
  }
  if (!faults.empty()) throw std::invalid_argument(faults);
}

Session::Session(FixedPointProblem& problem, const Eigen::VectorXd& start, Method requested,
                 const FixedPointOptions& options, const SolveControl& control)
    : problem_(problem),
      options_(options),
      control_(control),
      begin_(std::chrono::steady_clock::now()) {
  require(problem, start, options);
  const Eigen::Index n = problem.size();
  linear_ = make_linear_solver(problem);
  rounding_.resize(n);
  summary_.method_requested = requested;
  summary_.iterations.reserve(32);
}

void Session::project(Eigen::VectorXd& x) const {
  x = x.cwiseMax(problem_.lower()).cwiseMin(problem_.upper());
}

// Stages of a step of the flow may lie outside.
bool Session::is_inside(const Eigen::VectorXd& x) const {
  return (x.array() >= problem_.lower().array()).all() &&
         (x.array() <= problem_.upper().array()).all();
}

void Session::evaluate(Point& point) {
  point.defect.resize(point.x.size());
  problem_.evaluate(point.x, point.defect);
  if (point.defect.size() != point.x.size()) {
    throw std::invalid_argument(
        fmt::format("evaluate() of the problem gives {} values, its size is {}",
                    point.defect.size(), point.x.size()));
  }
  last_ = point.x;
  located_ = true;
  ++summary_.evaluations;
  double residual = 0;
  double relative = 0;
  bool finite = true;
  for (Eigen::Index i = 0; i < point.x.size(); ++i) {
    point.defect[i] -= point.x[i];
    const double size = std::abs(point.defect[i]);
    finite = finite && std::isfinite(size);
    residual = std::max(residual, size);
    relative = std::max(relative, size / std::max(1.0, std::abs(point.x[i])));
  }
  point.residual = finite ? residual : std::numeric_limits<double>::infinity();
  point.relative_residual = finite ? relative : std::numeric_limits<double>::infinity();
  const bool is_better = point.residual < best_.residual || best_.x.size() == 0;
  if (!smoothed_ && is_better && is_inside(point.x)) best_ = point;
}

void Session::return_to(const Point& point) {
  if (located_ && last_ == point.x) return;
  Point again{.x = point.x, .defect = {}};
  evaluate(again);
}

bool Session::linearize(const Point& point) {
  return_to(point);
  return linear_->update(problem_);
}

bool Session::factorize(double shift) {
  ++summary_.factorizations;
  return linear_->factorize(shift);
}

double Session::residual_in_roundings(const Point& point) {
  return_to(point);
  problem_.rounding(rounding_);
  double worst = 0;
  for (Eigen::Index i = 0; i < point.x.size(); ++i) {
    const double size = std::abs(point.defect[i]);
    if (size > 0) worst = std::max(worst, size / std::max(rounding_[i], kTiny));
  }
  return worst;
}

bool Session::within(const Point& point, const Eigen::VectorXd& floor) const {
  for (Eigen::Index i = 0; i < point.x.size(); ++i) {
    const double allowed =
        std::max(options_.tolerance * std::max(1.0, std::abs(point.x[i])), floor[i]);
    if (!(std::abs(point.defect[i]) <= allowed)) return false;
  }
  return true;
}

bool Session::converged(const Point& point) {
  if (point.relative_residual <= options_.tolerance) return true;
  if (!(point.relative_residual <= kWorthAsking)) return false;
  return_to(point);
  problem_.rounding(rounding_);
  return within(point, rounding_);
}

bool Session::is_best_possible(const Point& point) {
  if (converged(point)) return true;
  if (!point.finite()) return false;
  return_to(point);
  problem_.jump(rounding_);
  return within(point, rounding_);
}

bool Session::record(Method method, const Point& point, double step, double damping) {
  const Iteration iteration{method, point.residual, step, damping};
  summary_.iterations.push_back(iteration);
  if (control_.progress) control_.progress(iteration);
  if (control_.logger && control_.logger->should_log(spdlog::level::trace)) {
    control_.logger->trace("{:>10} {:4d}: residual {:.3e}, step {:.3e}, damping {:.3g}",
                           to_string(method), iterations(), point.residual, step, damping);
  }
  return !halt();
}

std::optional<Termination> Session::halt() const {
  if (control_.stop.stop_requested()) return Termination::kInterrupted;
  if (is_exhausted() || iterations() / budget_ >= most_of_one_method())
    return Termination::kMaxIterations;
  return std::nullopt;
}

int Session::most_of_one_method() const {
  return std::max(kOneMethod, static_cast<int>(kPartOfLimit * options_.max_iterations));
}

bool Session::smooth(double level) {
  located_ = false;
  if (!problem_.set_smoothing(level)) return false;
  smoothed_ = level > 0;
  return true;
}

void Session::note(const std::string& text) {
  if (control_.logger) control_.logger->debug(text);
}

namespace {

// What to say where the method has nothing to add.
std::string explain(Termination termination, Method used, int limit) {
  switch (termination) {
    case Termination::kConverged:
      return "";
    case Termination::kMaxIterations:
      return fmt::format("the limit of {} iterations is reached (max_iterations)", limit);
    case Termination::kStalled:
      return used == Method::kRelaxation
                 ? "the flow does not settle: it runs in a cycle or its steps become too short"
                 : fmt::format("{} makes no progress from here; auto tries other ways",
                               to_string(used));
    case Termination::kSingular:
      return "the Jacobian is singular; auto tries other ways";
    case Termination::kNonFinite:
      return "the map is not finite at the start";
    case Termination::kInterrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace

FixedPointSolution Session::close(const Point& point, Termination termination, Method used,
                                  const std::string& detail) {
  const bool success = termination == Termination::kConverged;
  const Point& chosen = success || best_.x.size() == 0 ? point : best_;
  summary_.termination = termination;
  summary_.method_used = used;
  summary_.residual = chosen.residual;
  const int limit = is_exhausted()
                        ? options_.max_iterations
                        : std::min(options_.max_iterations, budget_ * most_of_one_method());
  summary_.message = detail.empty() ? explain(termination, used, limit) : detail;
  if (termination == Termination::kMaxIterations && !detail.empty())
    summary_.message = explain(termination, used, limit) + "; " + detail;
  if (success && !(chosen.relative_residual <= options_.tolerance)) {
    summary_.message +=
        fmt::format("{}the residual {:.1e} is the rounding floor of the map, which is steep here",
                    summary_.message.empty() ? "" : "; ", chosen.residual);
  }
  summary_.krylov_iterations = linear_->krylov_iterations();
  summary_.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  if (control_.logger) control_.logger->info(summary_.brief_report());
  return {.x = chosen.x, .summary = std::move(summary_), .leading_eigenvalue = {}};
}

}  // namespace nuphi
