#include <nuphi/solver/methods.h>

#include <algorithm>
#include <cmath>

#include <nuphi/solver/steps.h>

namespace nuphi {
namespace {

constexpr int kCorrections = 6;
constexpr double kShortest = 1e-14;
constexpr double kRounding = 1e-13;
constexpr double kClose =
    1e-10;  // at sharp turns the path must be known better than the step asks for
constexpr double kLongest = 0.5;  // of a path of scaled length about one in t

// A place on the path, its tangent and what the corrector needs there.
struct Place {
  Point point;
  double t = 0;
};

class Tracker {
 public:
  Tracker(Session& session, const Eigen::VectorXd& anchor)
      : session_(session),
        anchor_(anchor),
        weight_(anchor.size()),
        tangent_(anchor.size()),
        slope_(anchor.size()),
        step_(anchor.size()),
        defect_(anchor.size()) {}

  // Linearises at the place: slope_ = dx/dt along the path. False where the factorisation fails.
  bool linearize(const Place& place) {
    if (place.t == 0) {
      slope_ = place.point.defect;
      return true;
    }
    if (!session_.linearize(place.point)) return false;
    if (!session_.factorize(1 / place.t)) return false;
    defect_ = (place.point.x + place.point.defect - anchor_) / place.t;
    session_.linear().solve(defect_, slope_);
    return slope_.allFinite();
  }

  // The unit tangent at a linearised place. The path is oriented by the sign of det(1 − tΦ'):
  // forward in t where it is positive as at the beginning. Unlike a comparison with the tangent
  // before, this never turns back.
  void turn(const Place& place) {
    weight_ = (1 + place.point.x.array().abs()).inverse();
    const double length = std::sqrt(1 + slope_.cwiseProduct(weight_).squaredNorm());
    const double sign = place.t > 0 && session_.linear().is_negative() ? -1 : 1;
    tangent_ = sign / length * slope_;
    tangent_t_ = sign / length;
  }

  // From `place` a distance of h along the tangent and back to the path. Returns the number of
  // corrections, or infinity.
  double step(const Place& place, double h, Place& next) {
    next.point.x = place.point.x + h * tangent_;
    next.t = place.t + h * tangent_t_;
    if (next.t > 1) {
      const double part = (1 - place.t) / (next.t - place.t);
      next.point.x = place.point.x + part * h * tangent_;
      next.t = 1;
    }
    session_.project(next.point.x);
    return correct(next, 0.3 * h, std::min(1e-6 * h, kClose));
  }

  // Newton across the tangent, at t = 1 without changing t, until a correction is within the
  // tolerance. Fails, returning infinity, if the first one exceeds the limit or another has not
  // halved.
  double correct(Place& place, double limit, double tolerance) {
    constexpr double kFailed = std::numeric_limits<double>::infinity();
    const bool last = place.t == 1;
    for (int k = 0; k < kCorrections; ++k) {
      if (place.t <= 0 || place.t > 1) return kFailed;
      session_.evaluate(place.point);
      if (!place.point.finite() || !linearize(place)) return kFailed;
      // x − (1−t)·anchor − t Φ(x), over −t
      defect_ = place.point.defect - (1 / place.t - 1) * (place.point.x - anchor_);
      session_.linear().solve(defect_, step_);
      double step_t = 0;
      if (!last) {
        const auto metric = weight_.cwiseAbs2();
        const double across = tangent_.cwiseProduct(metric).dot(step_);
        const double along = tangent_.cwiseProduct(metric).dot(slope_) + tangent_t_;
        step_t = -across / along;
        step_ += step_t * slope_;
      }
      const double moved = std::sqrt(step_.cwiseProduct(weight_).squaredNorm() + step_t * step_t);
      if (!(moved <= limit)) return kFailed;
      limit = 0.4 * moved;
      place.point.x += step_;
      session_.project(place.point.x);
      place.t += step_t;
      if (moved <= std::max(tolerance, kRounding)) return k;
    }
    return kFailed;
  }

 private:
  Session& session_;
  const Eigen::VectorXd anchor_;
  Eigen::VectorXd weight_, tangent_, slope_, step_, defect_;
  double tangent_t_ = 1;
};

}  // namespace

Termination homotopy_steps(Session& session, Point& point) {
  if (!point.finite()) return Termination::kNonFinite;
  Tracker tracker(session, point.x);
  Place place{.point = point, .t = 0};
  if (!tracker.linearize(place)) return Termination::kSingular;
  tracker.turn(place);
  Place next;
  double h = 0.01;
  while (true) {
    if (const auto halt = session.halt()) return *halt;
    const double corrections = tracker.step(place, h, next);
    if (!std::isfinite(corrections)) {
      h *= 0.4;
      if (h < kShortest) {
        point = place.point;
        return newton_steps(session, point);
      }
      continue;
    }
    const double moved = (next.point.x - place.point.x).cwiseAbs().maxCoeff();
    std::swap(place, next);
    session.evaluate(place.point);
    if (!session.record(Method::kHomotopy, place.point, moved, place.t)) return *session.halt();
    // Where Φ jumps the last step to t = 1 may be out of reach though the goal is not.
    if (place.t >= 1 || session.converged(place.point)) {
      point = place.point;
      return newton_steps(session, point);
    }
    if (!tracker.linearize(place)) return Termination::kSingular;
    tracker.turn(place);
    h = std::min(kLongest, h * (corrections <= 1 ? 2.0 : corrections <= 2 ? 1.4 : 0.9));
  }
}

FixedPointSolution homotopy(FixedPointProblem& problem, const Eigen::VectorXd& start,
                            const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kHomotopy, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  const Termination end = homotopy_steps(session, point);
  return session.close(point, end, Method::kHomotopy, "");
}

}  // namespace nuphi
