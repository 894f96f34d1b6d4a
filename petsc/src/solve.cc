#include <nuphi/petsc/solve.h>

#include <nuphi/core/isi_statistics.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cmath>
#include <stdexcept>

#include "messages.h"
#include "work.h"

namespace nuphi::petsc {
namespace {

constexpr int kProbes = 4;
constexpr double kProbeTolerance = 1e-2;

// True on every rank when it is on one.
bool anywhere(bool fact) { return max_over_ranks(fact ? 1 : 0) > 0; }

void require(const DistributedField& field, const SolveOptions& options, bool given) {
  std::vector<std::string> faults = petsc::validate(options, field.rows());
  if (given && options.initial_rates.size() != field.rows()) {
    faults.push_back(fmt::format("initial_rates has {} entries for {} rows",
                                 options.initial_rates.size(), field.rows()));
  }
  // All ranks learn of a fault on one, so that none is left waiting.
  if (anywhere(!faults.empty()) && faults.empty()) faults = {"another rank refused the options"};
  if (!faults.empty()) throw std::invalid_argument(fmt::format("{}", fmt::join(faults, "; ")));
}

// |J⁻¹F| plus the rounding of Φ carried through J⁻¹, J = 1 − Φ'; the latter by solves with random
// signs.
Eigen::VectorXd error_estimate(Work& work, const Point& point) {
  const Eigen::Index rows = point.x.size();
  const Eigen::VectorXd unknown =
      Eigen::VectorXd::Constant(rows, std::numeric_limits<double>::infinity());
  if (!work.linearize(point, 1)) return unknown;
  Eigen::VectorXd correction(rows), bound, sum = Eigen::VectorXd::Zero(rows);
  if (!work.linear().solve(point.defect, correction, kProbeTolerance)) return unknown;
  work.problem().rounding(bound);
  Eigen::VectorXd signs(rows), moved(rows);
  for (int probe = 0; probe < kProbes; ++probe) {
    for (Eigen::Index i = 0; i < rows; ++i) {
      // A hash of the global number: the same signs whatever the number of ranks.
      std::uint64_t hash = (work.problem().field().first + i) * kProbes + probe + 1;
      hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9ULL;
      hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebULL;
      signs[i] = (hash >> 63U) != 0 ? -bound[i] : bound[i];
    }
    if (!work.linear().solve(signs, moved, kProbeTolerance)) return unknown;
    sum += moved.cwiseAbs2();
  }
  return correction.cwiseAbs() + (sum / kProbes).cwiseSqrt();
}

StationaryState state_at(Work& work, Point& point, const Leading& leading) {
  work.evaluate(point);
  const RowProblem& problem = work.problem();
  const Eigen::Index rows = problem.rows();
  StationaryState state;
  state.rates = point.x;
  state.residual = point.residual;
  state.mean_input = problem.mean_input();
  state.std_input = problem.std_input();
  for (Eigen::VectorXd* values :
       {&state.log_rates, &state.cv, &state.drate_dmu, &state.drate_dsigma}) {
    values->resize(rows);
  }
  for (Eigen::Index i = 0; i < rows; ++i) {
    const SiegertRate& r = problem.response(i);
    state.log_rates[i] = r.log_rate;
    state.drate_dmu[i] = r.drate_dmu;
    state.drate_dsigma[i] = r.drate_dsigma;
    state.cv[i] = isi_cv(state.mean_input[i], state.std_input[i], problem.field().neurons[i],
                         problem.field().correction);
  }
  state.error_estimate = error_estimate(work, point);
  state.leading_eigenvalue = leading.value;
  state.rate_dynamics_stable = leading.attracts;
  // With all eigenvalues of Φ' below 1 in their real part, det(1 − Φ') is positive.
  if (leading.attracts == true) state.index = 1;
  return state;
}

Termination find(Work& work, Point& point, bool given, Leading& leading, std::string& how) {
  const Method method = work.options().method;
  const Point start = point;
  Termination end = Termination::kStalled;
  if (method == Method::kRelaxation || (method == Method::kAuto && !given)) {
    work.summary().method_used = Method::kRelaxation;
    how = "the flow from the start ends here";
    end = follow_flow(work, point, leading);
  } else {
    work.summary().method_used = Method::kNewton;
    how = "Newton's steps from the start end here";
    if (!point.finite()) return Termination::kNonFinite;
    if (newton(work, point, false)) end = Termination::kConverged;
    if (end != Termination::kConverged) end = work.halt().value_or(end);
  }
  const bool done = end == Termination::kConverged || end == Termination::kInterrupted ||
                    end == Termination::kNonFinite || end == Termination::kMaxIterations;
  if (done) return end;
  Point alone = start;
  if (const auto other = solve_on_root(work, alone)) {
    how = "the distributed steps did not settle: rank 0 solved it alone";
    point = alone;
    return *other;
  }
  return end;
}

std::string message_of(const Summary& summary, const std::string& how, double tolerance) {
  switch (summary.termination) {
    case Termination::kConverged:
      return how + (summary.residual <= tolerance
                        ? ""
                        : fmt::format("; residual {:.2g} Hz is within the tolerance relative to "
                                      "the rate, or at the rounding floor of Phi",
                                      summary.residual));
    case Termination::kMaxIterations:
      return "max_iterations used up; best point seen";
    case Termination::kInterrupted:
      return "interrupted; best point seen";
    case Termination::kNonFinite:
      return "Phi is not finite at the start";
    default:
      return "no method made progress any more; best point seen";
  }
}

}  // namespace

std::vector<std::string> validate(const SolveOptions& options, Eigen::Index n) {
  std::vector<std::string> faults = nuphi::validate(options, n);
  if (options.method != Method::kAuto && options.method != Method::kRelaxation &&
      options.method != Method::kNewton) {
    faults.push_back(
        fmt::format("method {} is not there for distributed solves: allowed are auto, newton, "
                    "relaxation",
                    to_string(options.method)));
  }
  return faults;
}

StationaryResult solve_stationary(const DistributedField& field, const SolveOptions& options,
                                  const SolveControl& control) {
  const auto begin = std::chrono::steady_clock::now();
  const bool given = anywhere(options.initial_rates.size() > 0);
  require(field, options, given);
  Work work(field, options, control);
  Point point;
  point.x = given ? options.initial_rates : Eigen::VectorXd::Zero(field.rows());
  work.project(point.x);
  work.evaluate(point);
  Leading leading;
  std::string how;
  const Termination end = find(work, point, given, leading, how);
  if (end != Termination::kConverged && work.best().excess < point.excess) point = work.best();
  if (!leading.sought && end != Termination::kInterrupted)
    leading = leading_eigenvalue(work, point);
  StationaryResult result{state_at(work, point, leading), work.summary()};
  Summary& summary = result.summary;
  summary.termination = end;
  summary.residual = result.state.residual;
  summary.factorizations = work.linear().assemblies();
  summary.message = message_of(summary, how, options.tolerance);
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (control.logger) control.logger->info(summary.brief_report());
  return result;
}

}  // namespace nuphi::petsc
