#include <nuphi/solver/methods.h>

#include <random>
#include <string>
#include <vector>

#include <nuphi/solver/steps.h>
#include "ceres_backend.h"

namespace nuphi {

namespace {

// Levels of smoothing at which paths are followed; the lower ones where a solution at a higher
// level ends in a fold on the way down.
constexpr double kPathLevels[] = {1e-2, 1e-4, 1e-6, 1e-9, 1e-12, 0.0};
constexpr int kPathBudget = 5;    // paths are long
constexpr int kMoreAnchors = 12;  // to begin paths at, when those from the first ones fail

constexpr const char* kNoLimit = "the flow from the start does not settle; ";

// One solve by whatever works.
class AutomaticSolve {
 public:
  AutomaticSolve(FixedPointProblem& problem, const Eigen::VectorXd& start,
                 const FixedPointOptions& options, const SolveControl& control)
      : session_(problem, start, Method::kAuto, options, control),
        start_{.x = start, .defect = {}} {
    session_.project(start_.x);
    session_.evaluate(start_);
    point_ = start_;
  }

  // What relaxation reaches.
  bool flow(Eigen::Index largest_eigenproblem = kLargestEigenproblem) {
    method_ = Method::kRelaxation;
    session_.begin_method();
    point_ = start_;
    flow_ = relax(session_, point_, largest_eigenproblem);
    end_ = flow_.end;
    if (end_ == Termination::kConverged) detail_ = "the flow from the start ends here";
    return over();
  }

  // A fixed point near to where the flow went on and on.
  bool near_flow() {
    method_ = Method::kNewton;
    session_.begin_method();
    if (flow_.repelling) {
      point_ = *flow_.repelling;
      return found(std::string(kNoLimit) + "this is a fixed point it passed");
    }
    point_.x = flow_.average;
    session_.evaluate(point_);
    return newton_from_here(std::string(kNoLimit) + "Newton from its average found this one");
  }

  bool newton() {
    method_ = Method::kNewton;
    session_.begin_method();
    point_ = start_;
    return newton_from_here("Newton from the start");
  }

  // A path to some fixed point: slow and sure. Paths from one place may end in a sharp turn that
  // those from another do not meet.
  bool path(const std::string& reason) {
    method_ = Method::kHomotopy;
    std::vector<Eigen::VectorXd> anchors;
    if (flow_.average.size() > 0) anchors.push_back(flow_.average);
    anchors.push_back(start_.x);
    bool over = paths_from(anchors);
    for (int round = 0; round < kMoreAnchors && !over; ++round) {
      over = paths_from({anchor_beside(anchors.front())});
    }
    detail_ = reason + (end_ == Termination::kConverged ? "a homotopy found this one"
                                                        : "no path led to a fixed point");
    return over;
  }

  FixedPointSolution close() {
    // Some parts had ended before for reasons of their own.
    if (end_ != Termination::kConverged && session_.halt() == Termination::kInterrupted)
      end_ = Termination::kInterrupted;
    if (end_ != Termination::kConverged && end_ != Termination::kInterrupted &&
        session_.is_exhausted())
      end_ = Termination::kMaxIterations;
    FixedPointSolution solution = session_.close(point_, end_, method_, detail_);
    if (method_ == Method::kRelaxation && end_ == Termination::kConverged) {
      solution.leading_eigenvalue = flow_.leading;
    }
    return solution;
  }

 private:
  [[nodiscard]] bool over() const {
    return end_ == Termination::kConverged || end_ == Termination::kInterrupted ||
           end_ == Termination::kNonFinite || session_.is_exhausted();
  }
  bool paths_from(const std::vector<Eigen::VectorXd>& anchors) {
    for (const double level : kPathLevels) {
      for (const Eigen::VectorXd& anchor : anchors) {
        if (session_.smooth(level) && path_from(anchor, level)) return true;
      }
    }
    return false;
  }
  bool path_from(const Eigen::VectorXd& anchor, double level) {
    session_.note("following a path to a fixed point");
    session_.begin_method(kPathBudget);
    point_.x = anchor;
    session_.evaluate(point_);
    end_ = homotopy_steps(session_, point_);
    if (level > 0 && end_ == Termination::kConverged)
      end_ = remove_smoothing(session_, point_, level);
    if (level > 0 && end_ != Termination::kConverged) {
      session_.smooth(0);
      session_.evaluate(point_);
    }
    return over();
  }
  // Each component somewhere between that of the anchor and Φ of it.
  Eigen::VectorXd anchor_beside(const Eigen::VectorXd& anchor) {
    Point beside{.x = anchor, .defect = {}};
    session_.evaluate(beside);
    for (Eigen::Index i = 0; i < anchor.size(); ++i) {
      beside.x[i] += static_cast<double>(random_() >> 11U) * 0x1p-53 * beside.defect[i];
    }
    return beside.x;
  }

  bool found(const std::string& how) {
    end_ = Termination::kConverged;
    detail_ = how;
    return true;
  }
  bool newton_from_here(const std::string& how) {
    const Termination end = newton_steps(session_, point_);
    if (end == Termination::kConverged) return found(how);
    // The first method's reason is the one that tells most.
    if (end_ == Termination::kStalled || end == Termination::kInterrupted) end_ = end;
    return over();
  }

  Session session_;
  Point start_;
  Point point_;
  FlowOutcome flow_;
  Method method_ = Method::kAuto;
  Termination end_ = Termination::kStalled;
  std::string detail_;
  std::mt19937_64 random_;  // always the same numbers
};

}  // namespace

FixedPointSolution flow_limit(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control,
                              Eigen::Index largest_eigenproblem) {
  AutomaticSolve solve(problem, start, options, control);
  (void)(solve.flow(largest_eigenproblem) || solve.near_flow() || solve.path(kNoLimit));
  return solve.close();
}

FixedPointSolution flow_limit(FixedPointProblem& problem, const Eigen::VectorXd& start,
                              const FixedPointOptions& options, const SolveControl& control) {
  return flow_limit(problem, start, options, control, kLargestEigenproblem);
}

FixedPointSolution solve_fixed_point(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                     Method method, const FixedPointOptions& options,
                                     const SolveControl& control) {
  switch (method) {
    case Method::kNewton:
      return newton(problem, start, options, control);
    case Method::kCeres:
      return trust_region(problem, start, options, control);
    case Method::kAnderson:
      return anderson(problem, start, options, control);
    case Method::kRelaxation:
      return relaxation(problem, start, options, control);
    case Method::kHomotopy:
      return homotopy(problem, start, options, control);
    case Method::kAuto:
      break;
  }
  AutomaticSolve solve(problem, start, options, control);
  (void)(solve.newton() || solve.flow() || solve.near_flow() ||
         solve.path("Newton from the start fails; "));
  return solve.close();
}

}  // namespace nuphi
