#include "fit_ceres.h"

#include <stdexcept>

#ifdef NUPHI_HAS_CERES
#include <ceres/ceres.h>

#include <cmath>
#endif

namespace nuphi {

#ifdef NUPHI_HAS_CERES
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Residuals final : public ceres::CostFunction {
 public:
  explicit Residuals(FitModel& model) : model_(model) {
    set_num_residuals(static_cast<int>(model.residual_count()));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(model.parameters()));
  }

  bool Evaluate(double const* const* parameters, double* residuals,
                double** jacobians) const override {
    const Eigen::Map<const Eigen::VectorXd> z(parameters[0], model_.parameters());
    if (!model_.solve_at(z)) return false;
    Eigen::Map<Eigen::VectorXd>(residuals, model_.residual_count()) = model_.residuals();
    if (jacobians == nullptr || jacobians[0] == nullptr) return true;
    const Eigen::MatrixXd& jacobian = model_.linearize();
    Eigen::Map<RowMajor>(jacobians[0], jacobian.rows(), jacobian.cols()) = jacobian;
    return jacobian.allFinite();
  }

 private:
  FitModel& model_;
};

class Observer final : public ceres::IterationCallback {
 public:
  Observer(const SolveControl& control, std::vector<Iteration>& iterations)
      : control_(control), iterations_(iterations) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary& s) override {
    // Iteration 0 is the start.
    if (s.iteration > 0) {
      iterations_.push_back({.method = Method::kCeres,
                             .residual = std::sqrt(2 * s.cost),
                             .step = s.step_norm,
                             .damping = s.trust_region_radius});
      if (control_.progress) control_.progress(iterations_.back());
    }
    return control_.stop.stop_requested() ? ceres::SOLVER_ABORT : ceres::SOLVER_CONTINUE;
  }

 private:
  const SolveControl& control_;
  std::vector<Iteration>& iterations_;
};

ceres::Solver::Options options_of(int max_iterations) {
  ceres::Solver::Options options;
  options.logging_type = ceres::SILENT;
  options.linear_solver_type = ceres::DENSE_QR;
  options.max_num_iterations = max_iterations;
  options.num_threads = 1;
  // It ends when nothing moves any more; whether that is a minimum is not its to say (with its
  // defaults it stops 1e-8 early).
  options.function_tolerance = 1e-15;
  options.gradient_tolerance = 1e-300;
  options.parameter_tolerance = 1e-15;
  options.max_num_consecutive_invalid_steps = 40;
  return options;
}

Termination reason_of(const ceres::Solver::Summary& summary) {
  switch (summary.termination_type) {
    case ceres::NO_CONVERGENCE:
      return Termination::kMaxIterations;
    case ceres::USER_FAILURE:
      return Termination::kInterrupted;
    default:
      return Termination::kStalled;
  }
}

}  // namespace

TrustRegionEnd minimize(FitModel& model, const Eigen::VectorXd& start, const Eigen::VectorXd& lower,
                        const Eigen::VectorXd& upper, const std::vector<int>& held,
                        int max_iterations, const SolveControl& control) {
  TrustRegionEnd end{.z = start, .message = {}, .iterations = {}};
  ceres::Problem problem;
  problem.AddResidualBlock(new Residuals(model), nullptr, end.z.data());  // the problem owns it
  for (int k = 0; k < static_cast<int>(start.size()); ++k) {
    if (std::isfinite(lower[k])) problem.SetParameterLowerBound(end.z.data(), k, lower[k]);
    if (std::isfinite(upper[k])) problem.SetParameterUpperBound(end.z.data(), k, upper[k]);
  }
  if (!held.empty())
    problem.SetManifold(end.z.data(),
                        new ceres::SubsetManifold(static_cast<int>(start.size()), held));
  ceres::Solver::Options options = options_of(max_iterations);
  Observer observer(control, end.iterations);
  options.callbacks.push_back(&observer);
  ceres::Solver::Summary summary;
  ceres::Solve(options, &problem, &summary);
  end.reason = reason_of(summary);
  end.message = summary.message;
  return end;
}

#else

TrustRegionEnd minimize(FitModel&, const Eigen::VectorXd&, const Eigen::VectorXd&,
                        const Eigen::VectorXd&, const std::vector<int>&, int, const SolveControl&) {
  throw std::runtime_error("fits need Ceres, and nuphi was built without it (NUPHI_CERES=OFF)");
}

#endif

}  // namespace nuphi
