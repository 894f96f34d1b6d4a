#include "ceres_backend.h"

#include <ceres/ceres.h>

#include <algorithm>

#include <nuphi/solver/steps.h>

namespace nuphi {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// x − Φ(x) as one residual block over one parameter block.
class Defect final : public ceres::CostFunction {
 public:
  explicit Defect(Session& session) : session_(session) {
    const auto n = static_cast<int>(session.problem().size());
    set_num_residuals(n);
    mutable_parameter_block_sizes()->push_back(n);
    jacobian_.resize(n, n);
  }

  bool Evaluate(double const* const* parameters, double* residuals,
                double** jacobians) const override {
    const Eigen::Index n = session_.problem().size();
    point_.x = Eigen::Map<const Eigen::VectorXd>(parameters[0], n);
    session_.evaluate(point_);
    if (!point_.finite()) return false;
    Eigen::Map<Eigen::VectorXd>(residuals, n) = -point_.defect;
    if (jacobians == nullptr || jacobians[0] == nullptr) return true;
    session_.problem().jacobian(jacobian_);
    Eigen::Map<RowMajor>(jacobians[0], n, n) = Eigen::MatrixXd::Identity(n, n) - jacobian_;
    return jacobian_.allFinite();
  }

 private:
  Session& session_;
  mutable Point point_;
  mutable Eigen::MatrixXd jacobian_;
};

// Books the iterations, and ends the search where the residual is small enough for Newton or the
// caller asks for it.
class Watch final : public ceres::IterationCallback {
 public:
  explicit Watch(Session& session) : session_(session) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary& step) override {
    if (step.iteration == 0) return ceres::SOLVER_CONTINUE;
    const Point& best = session_.best();
    if (!session_.record(Method::kCeres, best, step.step_norm, step.trust_region_radius)) {
      return ceres::SOLVER_ABORT;
    }
    return best.relative_residual <= session_.options().tolerance
               ? ceres::SOLVER_TERMINATE_SUCCESSFULLY
               : ceres::SOLVER_CONTINUE;
  }

 private:
  Session& session_;
};

ceres::Solver::Options quiet_options(const FixedPointOptions& limits,
                                     ceres::IterationCallback& watch) {
  ceres::Solver::Options options;
  options.minimizer_type = ceres::TRUST_REGION;
  options.trust_region_strategy_type = ceres::LEVENBERG_MARQUARDT;
  options.linear_solver_type = ceres::DENSE_QR;
  options.max_num_iterations = limits.max_iterations;
  // Its own tests stop it early (about 3e-8 even on 10 − x): the residual decides, and Newton has
  // the last word.
  options.function_tolerance = 1e-14;
  options.gradient_tolerance = 1e-30;
  options.parameter_tolerance = 1e-14;
  options.logging_type = ceres::SILENT;
  options.minimizer_progress_to_stdout = false;
  options.callbacks = {&watch};
  return options;
}

void minimize(Session& session, Eigen::VectorXd& x) {
  ceres::Problem problem;
  problem.AddResidualBlock(new Defect(session), nullptr, x.data());
  for (int i = 0; i < static_cast<int>(x.size()); ++i) {
    problem.SetParameterLowerBound(x.data(), i, session.problem().lower()[i]);
    // Ceres refuses a box without interior: a component that can take one value only is left a
    // sliver of it.
    problem.SetParameterUpperBound(
        x.data(), i, std::max(session.problem().upper()[i], session.problem().lower()[i] + 1e-300));
  }
  Watch watch(session);
  ceres::Solver::Summary summary;
  ceres::Solve(quiet_options(session.options(), watch), &problem, &summary);
}

}  // namespace

FixedPointSolution trust_region(FixedPointProblem& problem, const Eigen::VectorXd& start,
                                const FixedPointOptions& options, const SolveControl& control) {
  Session session(problem, start, Method::kCeres, options, control);
  Point point{.x = start, .defect = {}};
  session.project(point.x);
  session.evaluate(point);
  if (!point.finite()) return session.close(point, Termination::kNonFinite, Method::kCeres, "");
  if (is_large(problem)) {
    return session.close(point, Termination::kStalled, Method::kCeres,
                         "the trust region works on a dense matrix: not for so many unknowns");
  }
  if (!session.converged(point)) {
    Eigen::VectorXd x = point.x;
    minimize(session, x);
    point = session.best();
  }
  if (const auto halt = session.halt(); halt && !session.converged(point)) {
    return session.close(point, *halt, Method::kCeres, "");
  }
  session.begin_method();
  const Termination end = newton_steps(session, point);
  return session.close(point, end, Method::kCeres, "");
}

}  // namespace nuphi
