#include <nuphi/core/isi_statistics.h>
#include <nuphi/rates/stationary.h>
#include <nuphi/solver/methods.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include <nuphi/solver/eigenvalues.h>
#include <nuphi/solver/leading_eigenvalue.h>
#include <nuphi/solver/linear_solver.h>
#include <nuphi/solver/steps.h>
#include "rate_problem.h"
#include "runaway.h"

namespace nuphi {
namespace {

void require(const SolveOptions& options, const MeanField& field) {
  const std::vector<std::string> faults =
      validate(options, field.size(), correction_of(field) == Correction::kTaylor);
  if (!faults.empty()) throw std::invalid_argument(fmt::format("{}", fmt::join(faults, "; ")));
}

// By Arnoldi's method where all eigenvalues would take seconds; by these where it does not settle
// the matter, unless the network is so large that nothing is known then.
void find_stability(RateProblem& problem, StationaryState& state) {
  constexpr Eigen::Index kQuickEigenproblem = 400;
  const Eigen::Index n = problem.size();
  if (n > kQuickEigenproblem) {
    const std::unique_ptr<JacobianMap> map = problem.jacobian_map();
    if (!map->update()) return;
    const LeadingEigenvalue found = leading_eigenvalue(*map, n, kArnoldiDimension);
    state.leading_eigenvalue = found.value;
    state.rate_dynamics_stable = found.below_one;
    if (found.below_one == true) state.unstable_directions = 0;
    if (found.below_one || is_large(problem)) return;
  }
  Eigen::MatrixXd jacobian(n, n);
  problem.jacobian(jacobian);
  if (const std::optional<Spectrum> found = spectrum(jacobian)) {
    state.leading_eigenvalue = found->abscissa;
    state.rate_dynamics_stable = found->abscissa < 1;
    state.unstable_directions = found->beyond_one;
  }
}

void add_error_and_stability(RateProblem& problem, const Eigen::VectorXd& defect,
                             std::optional<double> leading, StationaryState& state) {
  const Eigen::Index n = problem.size();
  const std::unique_ptr<LinearSolver> linear = make_linear_solver(problem);
  Eigen::VectorXd rounding(n);
  problem.rounding(rounding);
  if (linear->update(problem) && linear->factorize(1)) {
    Eigen::VectorXd correction(n);
    linear->solve(defect, correction);
    state.error_estimate = correction.cwiseAbs() + linear->perturbation_bound(rounding);
    if (!is_large(problem) && !problem.has_corner()) state.index = sign_of_determinant(*linear);
  } else {
    state.error_estimate.setConstant(n, std::numeric_limits<double>::infinity());
  }
  if (leading && *leading < 1) state.unstable_directions = 0;
  state.leading_eigenvalue = leading;
  if (leading) state.rate_dynamics_stable = *leading < 1;
  if (!state.unstable_directions) find_stability(problem, state);
  // The slopes are those from below; from above the rates may grow.
  if (state.rate_dynamics_stable == true && problem.has_corner()) {
    state.rate_dynamics_stable.reset();
    state.unstable_directions.reset();
  }
}

StationaryState state_at(RateProblem& problem, const MeanField& field, const Eigen::VectorXd& rates,
                         std::optional<double> leading = {}) {
  const Eigen::Index n = problem.size();
  StationaryState state;
  Eigen::VectorXd defect(n);
  problem.evaluate(rates, defect);
  defect -= rates;
  state.rates = rates;
  state.residual = n > 0 ? defect.cwiseAbs().maxCoeff() : 0;
  state.mean_input = problem.mean_input();
  state.std_input = problem.std_input();
  state.log_rates.resize(n);
  state.cv.resize(n);
  state.drate_dmu.resize(n);
  state.drate_dsigma.resize(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const SiegertRate& r = problem.response()[static_cast<std::size_t>(i)];
    state.log_rates[i] = r.log_rate;
    state.drate_dmu[i] = r.drate_dmu;
    state.drate_dsigma[i] = r.drate_dsigma;
    const LifTransfer* lif = as_lif(field.nodes[static_cast<std::size_t>(i)]);
    state.cv[i] = lif != nullptr
                      ? isi_cv(state.mean_input[i], state.std_input[i],
                               problem.neurons()[static_cast<std::size_t>(i)], lif->correction)
                      : std::numeric_limits<double>::quiet_NaN();
  }
  add_error_and_stability(problem, defect, leading, state);
  return state;
}

StationaryResult result_of(RateProblem& problem, const MeanField& field,
                           FixedPointSolution solution) {
  StationaryResult result{state_at(problem, field, solution.x, solution.leading_eigenvalue),
                          std::move(solution.summary)};
  result.summary.residual = result.state.residual;
  return result;
}

// Why there is no state, where it is that rates grow without bound. Other ends have their reason.
void explain_runaway(RateProblem& problem, const MeanField& field, const Eigen::VectorXd& start,
                     Summary& summary) {
  if (summary.termination != Termination::kStalled &&
      summary.termination != Termination::kSingular &&
      summary.termination != Termination::kMaxIterations)
    return;
  const std::string reason = runaway_message(problem, field, start);
  if (reason.empty()) return;
  if (summary.termination == Termination::kMaxIterations) {
    summary.message = reason + "; " + summary.message;
  } else {
    summary.termination = Termination::kStalled;
    summary.message = reason;
  }
}

}  // namespace

std::vector<std::string> validate(const SolveOptions& options, Eigen::Index n,
                                  bool negative_rates) {
  std::vector<std::string> faults;
  if (!(options.tolerance > 0) || !std::isfinite(options.tolerance)) {
    faults.push_back(fmt::format("tolerance is {} Hz, must be positive", options.tolerance));
  }
  if (options.max_iterations <= 0) {
    faults.push_back(fmt::format("max_iterations is {}, must be positive", options.max_iterations));
  }
  if (options.starts <= 0) {
    faults.push_back(fmt::format("starts is {}, must be positive", options.starts));
  }
  if (!(options.max_rate >= 0) || !std::isfinite(options.max_rate)) {
    faults.push_back(fmt::format("max_rate is {} Hz, must be 0 or positive", options.max_rate));
  }
  const Eigen::VectorXd& start = options.initial_rates;
  if (start.size() != 0 && start.size() != n) {
    faults.push_back(
        fmt::format("initial_rates has {} entries, the network {} populations", start.size(), n));
  }
  for (Eigen::Index i = 0; i < start.size(); ++i) {
    if (!std::isfinite(start[i]) || (start[i] < 0 && !negative_rates)) {
      faults.push_back(fmt::format("initial_rates[{}] is {} Hz, must be finite{}", i, start[i],
                                   negative_rates ? "" : " and not negative"));
    }
  }
  return faults;
}

StationaryResult solve_stationary(const MeanField& field, const SolveOptions& options,
                                  const SolveControl& control) {
  require(options, field);
  if (options.find == Find::kAll)
    throw std::invalid_argument(
        "find is kAll, and solve_stationary() gives one state: call find_stationary_states()");
  RateProblem problem(field);
  const bool given = options.initial_rates.size() > 0;
  const Eigen::VectorXd start = given ? options.initial_rates : Eigen::VectorXd::Zero(field.size());
  const FixedPointOptions limits{options.tolerance, options.max_iterations};
  if (options.method != Method::kAuto || given) {
    StationaryResult result = result_of(
        problem, field, solve_fixed_point(problem, start, options.method, limits, control));
    explain_runaway(problem, field, start, result.summary);
    return result;
  }
  // The eigenvalues are part of the result anyway: in a large network they are computed once,
  // there. Should they show that the flow cannot have ended at that point, it is followed again,
  // looking closer.
  StationaryResult result =
      result_of(problem, field, flow_limit(problem, start, limits, control, kCheapEigenproblem));
  if (field.size() > kCheapEigenproblem && result.converged() &&
      result.summary.method_used == Method::kRelaxation &&
      result.state.rate_dynamics_stable == false) {
    const int used = static_cast<int>(result.summary.iterations.size());
    if (used >= options.max_iterations) return result;
    const FixedPointOptions left{options.tolerance, options.max_iterations - used};
    result = result_of(problem, field, flow_limit(problem, start, left, control));
  }
  explain_runaway(problem, field, start, result.summary);
  return result;
}

StationarySet find_stationary_states(const MeanField& field, const SolveOptions& options,
                                     const SolveControl& control) {
  SolveOptions first = options;
  first.find = Find::kOne;
  StationaryResult one = solve_stationary(field, first, control);
  RateProblem problem(field);
  DeflationOptions search{.limits = {options.tolerance, options.max_iterations},
                          .starts = options.starts,
                          .seed = options.seed,
                          .start_limits = problem.upper()};
  if (options.max_rate > 0) {
    search.start_limits = search.start_limits.cwiseMin(options.max_rate);
  }
  FixedPointSet found = find_fixed_points(problem, one.state.rates, search, control);
  StationarySet set;
  set.index_sum = found.index_sum;
  set.missing_states = found.missing;
  set.summary = std::move(found.summary);
  set.summary.method_requested = options.method;
  set.summary.residual = 0;
  for (std::size_t k = 0; k < found.points.size(); ++k) {
    StationaryState state = state_at(problem, field, found.points[k]);
    state.index = found.indices[k] != 0 ? std::optional<int>(found.indices[k]) : std::nullopt;
    set.summary.residual = std::max(set.summary.residual, state.residual);
    set.states.push_back(std::move(state));
  }
  std::sort(set.states.begin(), set.states.end(),
            [](const auto& a, const auto& b) { return a.rates.sum() < b.rates.sum(); });
  if (set.states.empty()) {
    set.summary.residual = one.state.residual;
    explain_runaway(problem, field, Eigen::VectorXd::Zero(field.size()), set.summary);
  }
  return set;
}

bool is_state_of(const MeanField& field, const StationaryState& state) {
  const Eigen::Index n = field.size();
  for (const Eigen::VectorXd* values :
       {&state.rates, &state.mean_input, &state.std_input, &state.drate_dmu, &state.drate_dsigma})
    if (values->size() != n) return false;
  if (n == 0) return true;
  RateProblem problem(field);
  Eigen::VectorXd value(n);
  problem.evaluate(state.rates, value);
  // Couplings may be summed in another order where they were distributed.
  constexpr double kSame = 1e-6;
  const double residual = (value - state.rates).cwiseAbs().maxCoeff();
  const auto differ = [](const Eigen::VectorXd& found, const Eigen::VectorXd& held) {
    return !((found - held).cwiseAbs().maxCoeff() <= kSame * found.cwiseAbs().maxCoeff());
  };
  return residual <= 2 * state.residual + kSame * (1 + state.rates.cwiseAbs().maxCoeff()) &&
         !differ(problem.mean_input(), state.mean_input) &&
         !differ(problem.std_input(), state.std_input);
}

StationaryState evaluate_state(const MeanField& field, const Eigen::VectorXd& rates) {
  RateProblem problem(field);
  return state_at(problem, field, rates);
}

}  // namespace nuphi
