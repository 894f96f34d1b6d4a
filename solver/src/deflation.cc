#include <nuphi/solver/deflation.h>
#include <nuphi/solver/fixed_point.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <stdexcept>

#include "steps.h"

namespace nuphi {
namespace {

// Points nearer than this in ln(1 + x/scale) are one.
constexpr double kSame = 1e-6;
// Largest change of ln(1 + x/scale) in one deflated step: beyond it the linear model is not to be
// trusted.
constexpr double kLongestStep = 1.5;
constexpr int kDeflatedSteps = 60;
// Corners of the box are all tried up to this dimension.
constexpr Eigen::Index kAllCorners = 4;

class Search {
 public:
  Search(FixedPointProblem& problem, const Eigen::VectorXd& first, const DeflationOptions& options,
         const SolveControl& control)
      : session_(problem, first, Method::kAuto, options.limits, control),
        options_(options),
        upper_(options.start_limits.size() > 0 ? options.start_limits : problem.upper()),
        random_(options.seed) {}

  FixedPointSet run(const Eigen::VectorXd& first);

 private:
  void add_systematic_starts(const Eigen::VectorXd& first);
  [[nodiscard]] Eigen::VectorXd random_start();
  void from(const Eigen::VectorXd& start);
  [[nodiscard]] bool deflated_newton(Point& point);
  [[nodiscard]] double deflation_factor(const Eigen::VectorXd& x,
                                        const Eigen::VectorXd& step) const;
  void shorten(const Eigen::VectorXd& x, Eigen::VectorXd& step) const;
  void keep(const Point& point);
  [[nodiscard]] double level(double x) const { return std::log1p(x / options_.scale); }
  [[nodiscard]] double distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) const;
  [[nodiscard]] bool stopped() const { return session_.control().stop.stop_requested(); }
  [[nodiscard]] double uniform() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }

  Session session_;
  const DeflationOptions& options_;
  Eigen::VectorXd upper_;
  std::mt19937_64 random_;
  std::deque<Eigen::VectorXd> starts_;
  std::vector<Eigen::VectorXd> found_;
  int tried_ = 0;
};

double Search::distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) const {
  double largest = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(level(a[i]) - level(b[i])));
  return largest;
}

/// With η = Π (1/|w − w_k|² + 1), w = ln(1 + x/scale), the Newton step of ηF is that of F divided
/// by 1 − ∇ln η · step.
double Search::deflation_factor(const Eigen::VectorXd& x, const Eigen::VectorXd& step) const {
  double slope = 0;
  for (const Eigen::VectorXd& known : found_) {
    double square = 0;
    double inner = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      const double difference = level(x[i]) - level(known[i]);
      square += difference * difference;
      inner += difference * step[i] / (options_.scale + x[i]);
    }
    slope -= 2 * inner / (square * (1 + square));
  }
  const double divisor = 1 - slope;
  return std::isfinite(divisor) && divisor != 0 ? std::clamp(1 / divisor, -10.0, 10.0) : 1;
}

/// Halves the step until no component moves too far, or out of the box by more than it is wide.
void Search::shorten(const Eigen::VectorXd& x, Eigen::VectorXd& step) const {
  for (int halvings = 0; halvings < 40; ++halvings) {
    double largest = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      largest = std::max(largest, std::abs(level(std::max(x[i] + step[i], 0.0)) - level(x[i])));
    }
    if (largest <= kLongestStep) return;
    step *= 0.5;
  }
}

bool Search::deflated_newton(Point& point) {
  Eigen::VectorXd step(point.x.size());
  for (int k = 0; k < kDeflatedSteps && !stopped(); ++k) {
    if (!point.finite()) return false;
    if (session_.converged(point)) return true;
    if (!session_.linearize(point) || !session_.factorize(1)) return false;
    session_.linear().solve(point.defect, step);
    if (!step.allFinite()) return false;
    step *= deflation_factor(point.x, step);
    shorten(point.x, step);
    point.x += step;
    session_.project(point.x);
    session_.evaluate(point);
  }
  return false;
}

void Search::keep(const Point& point) {
  Point polished = point;
  polish(session_, polished);
  const auto known = [&](const Eigen::VectorXd& x) { return distance(x, polished.x) < kSame; };
  if (std::any_of(found_.begin(), found_.end(), known)) return;
  // A new point may have neighbours: saddles lie between stable ones.
  for (const Eigen::VectorXd& other : found_) {
    starts_.push_front(0.5 * (other + polished.x));
    starts_.push_front((other.array() * polished.x.array()).sqrt());
  }
  starts_.push_front(1.3 * polished.x +
                     Eigen::VectorXd::Constant(polished.x.size(), options_.scale));
  starts_.push_front(0.7 * polished.x);
  found_.push_back(polished.x);
}

void Search::from(const Eigen::VectorXd& start) {
  ++tried_;
  session_.begin_method();
  Point point{.x = start, .defect = {}};
  session_.project(point.x);
  session_.evaluate(point);
  Point plain = point;
  if (deflated_newton(point)) keep(point);
  session_.begin_method();
  if (newton_steps(session_, plain) == Termination::kConverged) keep(plain);
}

Eigen::VectorXd Search::random_start() {
  Eigen::VectorXd x(upper_.size());
  const bool decades = uniform() < 0.5;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    x[i] = upper_[i] * (decades ? std::pow(10, -6 * uniform()) : uniform());
    if (uniform() < 0.15) x[i] = 0;
  }
  return x;
}

void Search::add_systematic_starts(const Eigen::VectorXd& first) {
  starts_.push_back(first);
  starts_.push_back(Eigen::VectorXd::Zero(first.size()));
  if (first.size() <= kAllCorners) {
    for (int corner = 1; corner < (1 << first.size()); ++corner) {
      Eigen::VectorXd x = Eigen::VectorXd::Zero(first.size());
      for (Eigen::Index i = 0; i < first.size(); ++i) {
        if ((corner >> i & 1) != 0) x[i] = upper_[i];
      }
      starts_.push_back(x);
    }
  }
  for (const double part : {1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4})
    starts_.push_back(part * upper_);
}

FixedPointSet Search::run(const Eigen::VectorXd& first) {
  add_systematic_starts(first);
  int random_starts = 0;
  while (!stopped() && (!starts_.empty() || random_starts < options_.starts)) {
    if (starts_.empty()) {
      starts_.push_back(random_start());
      ++random_starts;
    }
    const Eigen::VectorXd start = std::move(starts_.front());
    starts_.pop_front();
    from(start);
  }
  const Termination end = stopped()        ? Termination::kInterrupted
                          : found_.empty() ? Termination::kStalled
                                           : Termination::kConverged;
  Point last{.x = found_.empty() ? first : found_.back(), .defect = {}};
  session_.evaluate(last);
  const std::string detail = fmt::format(
      "{} distinct fixed points from {} starts, deflated and plain Newton (seed {}); there may be "
      "more",
      found_.size(), tried_, options_.seed);
  FixedPointSet set;
  set.summary = session_.close(last, end, Method::kNewton, detail).summary;
  set.points = std::move(found_);
  return set;
}

}  // namespace

FixedPointSet find_fixed_points(FixedPointProblem& problem, const Eigen::VectorXd& first,
                                const DeflationOptions& options, const SolveControl& control) {
  if (options.starts < 0 || !(options.scale > 0)) {
    throw std::invalid_argument(
        "find_fixed_points: starts must not be negative, scale must be positive");
  }
  return Search(problem, first, options, control).run(first);
}

}  // namespace nuphi
