#include <nuphi/solver/methods.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <stdexcept>

#include <nuphi/solver/eigenvalues.h>
#include <nuphi/solver/known_points.h>
#include <nuphi/solver/steps.h>
#include "held_component.h"
#include "prescribed_curve.h"

namespace nuphi {
namespace {

// Largest change of a level in one deflated step: beyond it the linear model is not to be trusted.
constexpr double kLongestStep = 1.5;
constexpr int kDeflatedSteps = 60;
// Corners of the box and mixtures of two points are all tried up to this dimension.
constexpr Eigen::Index kAllCorners = 4;
// While points are known to be missing, this many times the starts asked for.
constexpr int kMoreStarts = 8;
// How far from a saddle the flow is followed, in levels.
constexpr double kBesideSaddle = 0.05;
constexpr int kSmoothedStarts = 16;
constexpr int kBisections = 60;
constexpr int kMostFlows = 12;  // from one point
constexpr Eigen::Index kEigenproblem = 400;
// Curves along each component up to this dimension.
constexpr Eigen::Index kAllCurves = 12;
// Components of two points differ where their levels differ by more.
constexpr double kDiffers = 0.05;
constexpr int kMostMixtures = 14;       // of two points
constexpr std::size_t kMostPairs = 4;   // that a new point makes with known ones
constexpr std::size_t kMostScans = 12;  // of components from one point
constexpr int kCloseBy = 20;            // Newton steps from a place next to a fixed point
// Starts beside known points are given up when so many in a row have found nothing.
constexpr int kFruitless = 100;

class DeflationSearch {
 public:
  DeflationSearch(FixedPointProblem& problem, const Eigen::VectorXd& first,
                  const DeflationOptions& options, const SolveControl& control)
      : session_(problem, first, Method::kAuto, options.limits, control),
        options_(options),
        upper_(options.start_limits.size() > 0 ? options.start_limits : problem.upper()),
        known_(problem.lower(), problem.upper(), options.scale),
        random_(options.seed) {}

  FixedPointSet run(const Eigen::VectorXd& first);

 private:
  void search(const Eigen::VectorXd& first);
  void search_smoothed(const Eigen::VectorXd& first);
  void carry_over(const Eigen::VectorXd& x, double level);
  [[nodiscard]] std::vector<Eigen::VectorXd> systematic_starts() const;
  void add_neighbours(const Eigen::VectorXd& x);
  void add_mixtures(const Eigen::VectorXd& a, const Eigen::VectorXd& b);
  [[nodiscard]] Eigen::VectorXd random_start();
  void from(const Eigen::VectorXd& start, bool deflated = true);
  [[nodiscard]] bool deflated_newton(Point& point);
  void shorten(const Eigen::VectorXd& x, Eigen::VectorXd& step) const;
  std::optional<std::size_t> keep(const Point& point);
  [[nodiscard]] int index_of(const Point& point);
  void explore();
  void try_neighbours();
  void leave_along_growth(std::size_t k);
  std::optional<std::size_t> flow_from(const Eigen::VectorXd& start);
  void bisect_basins(std::size_t a, std::size_t b);
  void search_between_basins();
  void follow_curves(std::size_t k);
  void scan_components();
  [[nodiscard]] std::vector<Eigen::Index> components_to_scan(std::size_t k) const;
  [[nodiscard]] std::vector<Eigen::VectorXd> growing(std::size_t k);
  [[nodiscard]] std::optional<bool> missing();
  [[nodiscard]] FixedPointSet close(const Eigen::VectorXd& first);
  [[nodiscard]] bool stopped() const { return session_.control().stop.stop_requested(); }
  [[nodiscard]] double uniform() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }

  Session session_;
  const DeflationOptions& options_;
  Eigen::VectorXd upper_;
  KnownPoints known_;
  std::mt19937_64 random_;
  std::deque<Eigen::VectorXd> neighbours_;   // starts between and beside known points
  std::size_t explored_ = 0;                 // points from which flows and curves were followed
  std::size_t scanned_ = 0;                  // points from which components were scanned
  std::vector<std::vector<bool>> on_curve_;  // per point: components whose curve has met it
  int tried_ = 0;
};

/// Halves the step until no component moves too far, or out of the box by more than it is wide.
void DeflationSearch::shorten(const Eigen::VectorXd& x, Eigen::VectorXd& step) const {
  const Eigen::VectorXd& lower = known_.lower();
  for (int halvings = 0; halvings < 40; ++halvings) {
    if (known_.distance((x + step).cwiseMax(lower), x) <= kLongestStep) return;
    step *= 0.5;
  }
}

bool DeflationSearch::deflated_newton(Point& point) {
  Eigen::VectorXd step(point.x.size());
  for (int k = 0; k < kDeflatedSteps && !stopped(); ++k) {
    if (!point.finite()) return false;
    if (session_.converged(point)) return true;
    if (!session_.linearize(point) || !session_.factorize(1)) return false;
    session_.linear().solve(point.defect, step);
    if (!step.allFinite()) return false;
    step *= known_.deflation_factor(point.x, step);
    shorten(point.x, step);
    point.x += step;
    session_.project(point.x);
    session_.evaluate(point);
  }
  return false;
}

int DeflationSearch::index_of(const Point& point) {
  if (is_large(session_.problem()) || !session_.converged(point)) return 0;
  if (!session_.linearize(point) || session_.problem().has_corner() || !session_.factorize(1))
    return 0;
  return sign_of_determinant(session_.linear()).value_or(0);
}

std::optional<std::size_t> DeflationSearch::keep(const Point& point) {
  Point polished = point;
  // On a jump of Φ no step leads on.
  if (session_.converged(polished)) polish(session_, polished);
  KnownPoint found{.x = polished.x, .index = index_of(polished)};
  if (const auto k = known_.find(found)) return k;
  add_neighbours(found.x);
  known_.add(std::move(found));
  on_curve_.emplace_back(static_cast<std::size_t>(point.x.size()), false);
  return known_.size() - 1;
}

// A new point may have neighbours: saddles lie between stable ones.
void DeflationSearch::add_neighbours(const Eigen::VectorXd& x) {
  for (const std::size_t k : known_.nearest(x, kMostPairs)) {
    const Eigen::VectorXd& other = known_.x(k);
    neighbours_.push_back(0.5 * (other + x));
    if ((other.array() >= 0).all() && (x.array() >= 0).all())
      neighbours_.push_back((other.array() * x.array()).sqrt());
    add_mixtures(other, x);
  }
  neighbours_.push_back(1.3 * x + Eigen::VectorXd::Constant(x.size(), options_.scale));
  neighbours_.push_back(0.7 * x);
}

// Some components from one point, the others from another: parts of a network that have several
// states of their own have all combinations of them.
void DeflationSearch::add_mixtures(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  std::vector<Eigen::Index> differ;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    if (std::abs(known_.level(a[i], i) - known_.level(b[i], i)) > kDiffers) differ.push_back(i);
  }
  const std::size_t count = differ.size();
  if (count < 2) return;
  const bool all = count <= static_cast<std::size_t>(kAllCorners);
  const int mixtures = all ? (1 << count) - 2 : kMostMixtures;
  for (int k = 1; k <= mixtures; ++k) {
    Eigen::VectorXd mixture = a;
    for (std::size_t j = 0; j < count; ++j) {
      const bool take = all ? (k >> j & 1) != 0 : uniform() < 0.5;
      if (take) mixture[differ[j]] = b[differ[j]];
    }
    neighbours_.push_back(std::move(mixture));
  }
}

void DeflationSearch::from(const Eigen::VectorXd& start, bool deflated) {
  ++tried_;
  session_.begin_solve();
  Point point{.x = start, .defect = {}};
  session_.project(point.x);
  session_.evaluate(point);
  Point plain = point;
  if (deflated && deflated_newton(point)) keep(point);
  session_.begin_solve();
  if (newton_steps(session_, plain) == Termination::kConverged) keep(plain);
}

Eigen::VectorXd DeflationSearch::random_start() {
  const Eigen::VectorXd& lower = session_.problem().lower();
  Eigen::VectorXd x(upper_.size());
  const bool decades = uniform() < 0.5;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double origin = std::clamp(0.0, lower[i], upper_[i]);
    const double end =
        uniform() * (upper_[i] - lower[i]) < origin - lower[i] ? lower[i] : upper_[i];
    x[i] = origin + (end - origin) * (decades ? std::pow(10, -6 * uniform()) : uniform());
    if (uniform() < 0.15) x[i] = origin;
  }
  return x;
}

std::vector<Eigen::VectorXd> DeflationSearch::systematic_starts() const {
  const Eigen::Index n = upper_.size();
  std::vector<Eigen::VectorXd> starts = {Eigen::VectorXd::Zero(n)};
  for (int corner = 0; n <= kAllCorners && corner < (1 << n); ++corner) {
    Eigen::VectorXd x = known_.lower();
    for (Eigen::Index i = 0; i < n; ++i) {
      if ((corner >> i & 1) != 0) x[i] = upper_[i];
    }
    starts.push_back(x);
  }
  for (const double part : {1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4}) starts.push_back(part * upper_);
  return starts;
}

std::vector<Eigen::VectorXd> DeflationSearch::growing(std::size_t k) {
  const Eigen::Index n = session_.problem().size();
  Point point{.x = known_.x(k), .defect = {}};
  session_.evaluate(point);
  if (n <= kEigenproblem) {
    Eigen::MatrixXd jacobian(n, n);
    session_.problem().jacobian(jacobian);
    return growing_directions(jacobian);
  }
  // By inverse iteration the direction of the eigenvalue nearest to 1.
  if (!session_.linearize(point) || !session_.factorize(1)) return {};
  Eigen::VectorXd direction = Eigen::VectorXd::Ones(n);
  for (int step = 0; step < 4; ++step) {
    Eigen::VectorXd next(n);
    session_.linear().solve(direction.normalized(), next);
    direction = next;
  }
  return {direction};
}

// The point at which the flow ends; it may pass others that repel it.
std::optional<std::size_t> DeflationSearch::flow_from(const Eigen::VectorXd& start) {
  ++tried_;
  session_.begin_solve();
  Point point{.x = start, .defect = {}};
  session_.project(point.x);
  session_.evaluate(point);
  const FlowOutcome flow = flow_steps(session_, point, {.floor = 1e-9});
  if (flow.repelling) keep(*flow.repelling);
  return flow.end == Termination::kConverged ? keep(point) : std::nullopt;
}

// The flow from a place on the border between two basins stays on it and comes to a saddle (edge
// tracking; Skufca, Yorke & Eckhardt 2006): the nearer the border, the slower the saddle is passed.
void DeflationSearch::bisect_basins(std::size_t a, std::size_t b) {
  const std::size_t before = known_.size();
  double inside = 0, outside = 1;  // of the basin of a, on the line from a to b
  for (int k = 0; k < kBisections && !stopped() && known_.size() == before; ++k) {
    const double middle = 0.5 * (inside + outside);
    const Eigen::VectorXd x = (1 - middle) * known_.x(a) + middle * known_.x(b);
    (flow_from(x) == a ? inside : outside) = middle;
  }
}

void DeflationSearch::search_between_basins() {
  for (std::size_t b = 1; b < known_.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (stopped() || missing() != true) return;
      if (known_.all()[a].index != 1 || known_.all()[b].index != 1) continue;
      bisect_basins(a, b);
      explore();
    }
  }
}

// Both ways along the directions in which the flow grows: a saddle lies on the border between the
// basins of two others.
void DeflationSearch::leave_along_growth(std::size_t k) {
  int flows = 0;
  for (const Eigen::VectorXd& direction : growing(k)) {
    const Eigen::VectorXd x = known_.x(k);
    const double length = known_.length(x, direction);
    if (!(length > 0) || !std::isfinite(length)) continue;
    for (const double step : {kBesideSaddle, -kBesideSaddle}) {
      if (stopped() || ++flows > kMostFlows) return;
      flow_from(x + step / length * direction);
    }
  }
}

void DeflationSearch::follow_curves(std::size_t k) {
  const Eigen::Index n = session_.problem().size();
  if (n > kAllCurves) return;
  for (Eigen::Index i = 0; i < n && !stopped(); ++i) {
    const auto component = static_cast<std::size_t>(i);
    if (on_curve_[k][component]) continue;
    on_curve_[k][component] = true;
    PrescribedCurve curve(session_.problem(), {.scale = options_.scale}, session_.control().stop);
    std::vector<Eigen::VectorXd> meetings;
    curve.follow(known_.x(k), Eigen::VectorXd::Unit(n, i), [&](const Eigen::VectorXd& x) {
      meetings.push_back(x);
      return known_.distance(x, known_.x(k)) > 1e-3;
    });
    session_.count_elsewhere(curve.evaluations());
    for (const Eigen::VectorXd& x : meetings) {
      ++tried_;
      session_.begin_solve();
      Point point{.x = x, .defect = {}};
      session_.project(point.x);
      session_.evaluate(point);
      if (newton_steps(session_, point) != Termination::kConverged) continue;
      if (known_.distance(point.x, x) < 0.5) {
        if (const auto at = keep(point)) on_curve_[*at][component] = true;
      } else {
        keep(point);
      }
    }
  }
}

// Those in which other known points differ most.
std::vector<Eigen::Index> DeflationSearch::components_to_scan(std::size_t k) const {
  std::vector<std::pair<double, Eigen::Index>> by_difference;
  for (Eigen::Index i = 0; i < upper_.size(); ++i) {
    double most = 0;
    for (const KnownPoint& other : known_.all()) {
      most =
          std::max(most, std::abs(known_.level(other.x[i], i) - known_.level(known_.x(k)[i], i)));
    }
    by_difference.emplace_back(-most, i);
  }
  std::sort(by_difference.begin(), by_difference.end());
  if (by_difference.size() > kMostScans) by_difference.resize(kMostScans);
  std::vector<Eigen::Index> components;
  for (const auto& [difference, i] : by_difference) components.push_back(i);
  return components;
}

// However steep Φ is, its crossings along one component are found by bisection.
void DeflationSearch::scan_components() {
  for (; scanned_ < known_.size(); ++scanned_) {
    const Eigen::VectorXd from = known_.x(scanned_);
    for (const Eigen::Index i : components_to_scan(scanned_)) {
      if (stopped() || missing() != true) return;
      HeldScan scan(session_.problem(), i, known_, options_.limits, session_.control());
      scan.run(from, [&](const Eigen::VectorXd& x) {
        session_.count_elsewhere(0);
        session_.begin_solve();
        Point point{.x = x, .defect = {}};
        session_.evaluate(point);
        if (!session_.is_best_possible(point) &&
            newton_steps(session_, point, kCloseBy) != Termination::kConverged)
          return false;
        keep(point);
        return known_.distance(point.x, x) < kDiffers;
      });
      ++tried_;
      session_.count_elsewhere(scan.evaluations());
      explore();
    }
  }
}

// From points found and not looked at yet.
void DeflationSearch::explore() {
  for (; !stopped() && explored_ < known_.size(); ++explored_) {
    leave_along_growth(explored_);
    follow_curves(explored_);
  }
}

void DeflationSearch::try_neighbours() {
  // Where the index sum is right little is left to find, and deflated steps cost most.
  const bool thorough = missing() != false;
  int fruitless = 0;
  while (!stopped() && !neighbours_.empty() &&
         fruitless < (thorough ? kFruitless : kFruitless / 4)) {
    const std::size_t before = known_.size();
    const Eigen::VectorXd start = std::move(neighbours_.front());
    neighbours_.pop_front();
    from(start, thorough);
    explore();
    fruitless = known_.size() > before ? 0 : fruitless + 1;
  }
  neighbours_.clear();
}

std::optional<bool> DeflationSearch::missing() {
  const std::optional<int> sum = known_.index_sum();
  if (!sum || !session_.problem().maps_box_into_itself()) return std::nullopt;
  return *sum != 1;
}

// A point of the problem smoothed to `level`.
void DeflationSearch::carry_over(const Eigen::VectorXd& x, double level) {
  ++tried_;
  if (!session_.smooth(level)) return;
  session_.begin_solve();
  Point point{.x = x, .defect = {}};
  session_.evaluate(point);
  const Termination end = remove_smoothing(session_, point, level, true);
  if (end == Termination::kConverged) keep(point);
}

// Where Φ is all but discontinuous the way to a saddle is found on a smoother problem only.
void DeflationSearch::search_smoothed(const Eigen::VectorXd& first) {
  for (const double level : {1e-2, 1e-3, 1e-4}) {
    if (stopped() || missing() != true || !session_.smooth(level)) break;
    DeflationOptions options = options_;
    options.starts = std::min(options.starts, kSmoothedStarts);
    DeflationSearch smooth(session_.problem(), first, options, session_.control());
    smooth.search(first);
    session_.count_elsewhere(smooth.session_.evaluations());
    for (const KnownPoint& point : smooth.known_.all()) carry_over(point.x, level);
    explore();
  }
  session_.smooth(0);
}

void DeflationSearch::search(const Eigen::VectorXd& first) {
  from(first);
  explore();
  for (const Eigen::VectorXd& start : systematic_starts()) {
    if (stopped()) break;
    from(start);
    explore();
  }
  try_neighbours();
  search_between_basins();
  scan_components();
  for (int k = 0; !stopped() && k < options_.starts; ++k) {
    from(random_start(), k % 4 == 0 || missing() != false);
    explore();
    try_neighbours();
  }
}

FixedPointSet DeflationSearch::run(const Eigen::VectorXd& first) {
  search(first);
  search_smoothed(first);
  for (int k = 0; !stopped() && missing() == true && k < kMoreStarts * options_.starts; ++k) {
    from(random_start());
    explore();
    try_neighbours();
    scan_components();
  }
  return close(first);
}

// What the index sum says, for the message.
std::string in_words(std::optional<int> sum, std::optional<bool> missing) {
  if (!missing) return "there may be more";
  if (!*missing) return "their indices add up to 1, as they must; there may be more, in pairs";
  const int lacking = std::abs(1 - *sum);
  return fmt::format(
      "their indices add up to {} where those of all add up to 1: at least {} {} missing; "
      "more starts may find {}",
      *sum, lacking, lacking == 1 ? "is" : "are", lacking == 1 ? "it" : "them");
}

FixedPointSet DeflationSearch::close(const Eigen::VectorXd& first) {
  FixedPointSet set;
  set.index_sum = known_.index_sum();
  set.missing = missing();
  for (const KnownPoint& point : known_.all()) {
    set.points.push_back(point.x);
    set.indices.push_back(point.index);
  }
  const Termination end = stopped()            ? Termination::kInterrupted
                          : set.points.empty() ? Termination::kStalled
                                               : Termination::kConverged;
  Point last{.x = set.points.empty() ? first : set.points.back(), .defect = {}};
  session_.evaluate(last);
  const std::string detail =
      fmt::format("{} distinct fixed points from {} starts (seed {}); {}", set.points.size(),
                  tried_, options_.seed, in_words(set.index_sum, set.missing));
  set.summary = session_.close(last, end, Method::kNewton, detail).summary;
  return set;
}

}  // namespace

FixedPointSet find_fixed_points(FixedPointProblem& problem, const Eigen::VectorXd& first,
                                const DeflationOptions& options, const SolveControl& control) {
  if (options.starts < 0 || !(options.scale > 0)) {
    throw std::invalid_argument(
        "find_fixed_points: starts must not be negative, scale must be positive");
  }
  return DeflationSearch(problem, first, options, control).run(first);
}

}  // namespace nuphi
