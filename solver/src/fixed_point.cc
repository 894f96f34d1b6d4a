#include <nuphi/solver/fixed_point.h>
#include <nuphi/solver/homotopy.h>
#include <nuphi/solver/newton.h>
#include <nuphi/solver/relaxation.h>

#include "steps.h"

namespace nuphi {

namespace {

// One solve by whatever works. Each stage starts from a point of its own and reports by its
// termination.
class Search {
 public:
  Search(Session& session, const Eigen::VectorXd& start) : session_(session) {
    start_.x = start;
    session_.project(start_.x);
    session_.evaluate(start_);
    average_ = start_.x;
  }

  [[nodiscard]] const Point& point() const { return point_; }
  [[nodiscard]] Termination end() const { return end_; }
  [[nodiscard]] const Eigen::VectorXd& average() const { return average_; }
  [[nodiscard]] bool over() const {
    return end_ == Termination::kConverged || end_ == Termination::kInterrupted;
  }

  void flow(double smoothing) {
    run(start_.x, smoothing,
        [&](Point& p) { return flow_steps(session_, p, {}, smoothing > 0 ? nullptr : &average_); });
  }
  void newton_from_average() {
    run(average_, 0, [&](Point& p) { return newton_steps(session_, p); });
  }
  void follow_path(const Eigen::VectorXd& anchor, double smoothing) {
    run(
        anchor, smoothing, [&](Point& p) { return homotopy_steps(session_, p); }, 10);
  }

 private:
  template <class Stage>
  void run(const Eigen::VectorXd& from, double smoothing, const Stage& stage, int budget = 1) {
    if (!session_.problem().set_smoothing(smoothing)) return;
    if (smoothing > 0) session_.restart();
    session_.begin_method(budget);
    point_ = Point{.x = from, .defect = {}};
    session_.evaluate(point_);
    end_ = stage(point_);
    if (smoothing == 0) return;
    if (end_ == Termination::kConverged) {
      end_ = sharpen(session_, point_, smoothing);
    } else {
      session_.problem().set_smoothing(0);
      session_.restart();
      session_.evaluate(point_);
    }
  }

  Session& session_;
  Point start_;
  Point point_;
  Eigen::VectorXd average_;
  Termination end_ = Termination::kStalled;
};

constexpr double kSmoothing = 1e-2;

}  // namespace

FixedPointSolution flow_limit(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kAuto, options, control);
  Search search(session, start);
  const auto close = [&](Method used, const char* text) {
    return session.close(search.point(), search.end(), used, text);
  };
  search.flow(0);
  if (search.over()) return close(Method::kRelaxation, "");
  const bool cycle = search.end() == Termination::kStalled;
  search.newton_from_average();
  if (search.over()) return close(Method::kNewton, cycle ? "cycle" : "average");
  search.flow(kSmoothing);
  if (search.over()) return close(Method::kRelaxation, "smoothed");
  for (const double smoothing : {kSmoothing, 1e-4, 1e-6, 1e-9, 1e-12, 0.0}) {
    search.follow_path(search.average(), smoothing);
    if (search.over()) return close(Method::kHomotopy, "homotopy a");
    search.follow_path(start, smoothing);
    if (search.over()) return close(Method::kHomotopy, "homotopy b");
  }
  return close(Method::kHomotopy, "");
}

FixedPointSolution solve_fixed_point(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                     Method method, const FixedPointOptions& options,
                                     const SolveControl& control) {
  switch (method) {
    case Method::kRelaxation:
      return relaxation(problem, start, options, control);
    case Method::kHomotopy:
      return homotopy(problem, start, options, control);
    case Method::kAuto:
    case Method::kNewton:
    case Method::kCeres:
    case Method::kAnderson:
      break;
  }
  return newton(problem, start, options, control);
}

}  // namespace nuphi
