#include <nuphi/core/error.h>
#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/rates/rate_family.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <nuphi/solver/multiple_branch_point.h>
#include "input_derivative.h"
#include "rate_problem.h"

namespace nuphi {
namespace {

using Family = std::function<MeanField(const Eigen::VectorXd& p)>;

double finite_or_zero(double slope) { return std::isfinite(slope) ? slope : 0.0; }

// Of Φ_i. Without noise the slope in σ² may be infinite: the one from below, 0, serves there.
NodeGain gain_of(const RateProblem& problem, const MeanField& field, Eigen::Index i) {
  const auto k = static_cast<std::size_t>(i);
  NodeGain gain{problem.partials(i).rate, {}};
  gain.sums.mean = finite_or_zero(gain.sums.mean);
  gain.sums.variance = finite_or_zero(gain.sums.variance);
  if (const LifTransfer* lif = as_lif(field.nodes[k])) {
    gain.neuron = lif_parameter_gradient(problem.mean_input()[i], problem.std_input()[i],
                                         problem.neurons()[k], lif->correction)
                      .drate;
  }
  return gain;
}

}  // namespace

struct RateFamily::Impl {
  Family family;
  std::vector<BranchDifferences> differences;
  Eigen::Index n = 0;
  Eigen::VectorXd at;     // parameters set last
  Eigen::VectorXd asked;  // those the family was asked for last; `field` is theirs
  std::optional<MeanField> field;
  std::optional<RateProblem> problem;
  Eigen::VectorXd lower, upper;  // box of the last problem there was
  Eigen::VectorXd x;
  std::string fault;

  [[nodiscard]] std::optional<MeanField> ask(const Eigen::VectorXd& p);
  void set(const Eigen::VectorXd& p);
};

std::optional<MeanField> RateFamily::Impl::ask(const Eigen::VectorXd& p) {
  try {
    std::optional<MeanField> found = family(p);
    if (found->size() != n) {
      throw std::invalid_argument("the number of populations changes along the family");
    }
    return found;
  } catch (const ModelError& error) {
    fault = error.what();
    return std::nullopt;
  }
}

void RateFamily::Impl::set(const Eigen::VectorXd& p) {
  at = p;
  if (asked.size() == p.size() && asked == p) return;
  for (BranchDifferences& d : differences) d.forget();
  problem.reset();
  field = ask(p);
  asked = p;
  if (!field) return;
  problem.emplace(*field);
  lower = problem->lower();
  upper = problem->upper();
}

RateFamily::RateFamily(MeanFieldFamily family, double lower, double upper, double at)
    : impl_(std::make_unique<Impl>()) {
  impl_->family = [family = std::move(family)](const Eigen::VectorXd& p) {
    MeanField field = family(p[0]);
    field.coupling = field.coupling.with_matrices();
    return field;
  };
  impl_->differences.emplace_back(lower, upper);
  const Eigen::VectorXd p = Eigen::VectorXd::Constant(1, at);
  const MeanField field = impl_->family(p);
  check(field);
  impl_->n = field.size();
  impl_->set(p);
}

RateFamily::RateFamily(MeanFieldPlane family, const Eigen::Vector2d& lower,
                       const Eigen::Vector2d& upper, const Eigen::Vector2d& at)
    : impl_(std::make_unique<Impl>()) {
  impl_->family = [family = std::move(family)](const Eigen::VectorXd& p) {
    MeanField field = family(p[0], p[1]);
    field.coupling = field.coupling.with_matrices();
    return field;
  };
  for (Eigen::Index k = 0; k < 2; ++k) impl_->differences.emplace_back(lower[k], upper[k]);
  const MeanField field = impl_->family(at);
  check(field);
  impl_->n = field.size();
  impl_->set(at);
}

RateFamily::~RateFamily() = default;

Eigen::Index RateFamily::size() const { return impl_->n; }
Eigen::Index RateFamily::parameters() const {
  return static_cast<Eigen::Index>(impl_->differences.size());
}
const Eigen::VectorXd& RateFamily::lower() const { return impl_->lower; }
const Eigen::VectorXd& RateFamily::upper() const { return impl_->upper; }
const std::string& RateFamily::fault() const { return impl_->fault; }
void RateFamily::set_parameters(const Eigen::VectorXd& values) { impl_->set(values); }

void RateFamily::evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) {
  impl_->x = x;
  if (impl_->problem) {
    impl_->problem->evaluate(x, value);
  } else {
    value.setConstant(std::numeric_limits<double>::quiet_NaN());
  }
}

void RateFamily::jacobian(Eigen::MatrixXd& matrix) const { impl_->problem->jacobian(matrix); }
bool RateFamily::is_sparse() const { return impl_->problem && impl_->problem->is_sparse(); }
void RateFamily::jacobian(Eigen::SparseMatrix<double>& matrix) const {
  impl_->problem->jacobian(matrix);
}
void RateFamily::rounding(Eigen::VectorXd& bound) const { impl_->problem->rounding(bound); }

void RateFamily::parameter_derivative(Eigen::Index k, Eigen::VectorXd& derivative) {
  const auto along = [&](double value) {
    Eigen::VectorXd p = impl_->at;
    p[k] = value;
    return impl_->ask(p);
  };
  std::optional<InputDerivative> inputs;
  if (impl_->field) {
    inputs = impl_->differences[static_cast<std::size_t>(k)].at(along, impl_->at[k], *impl_->field,
                                                                impl_->x);
  }
  if (!inputs) {
    derivative.setConstant(std::numeric_limits<double>::quiet_NaN());
    return;
  }
  for (Eigen::Index i = 0; i < size(); ++i) {
    derivative[i] =
        gain_of(*impl_->problem, *impl_->field, i).change(*inputs, i) + inputs->other[i];
  }
}

StationaryBranch continue_stationary(const MeanFieldFamily& family,
                                     const ContinuationOptions& options, const SolveOptions& solve,
                                     const ContinuationControl& control) {
  const std::vector<std::string> faults = validate(options);
  if (!faults.empty()) throw std::invalid_argument(faults.front());
  const bool decreasing = options.direction == BranchDirection::kDecreasing;
  const double from = decreasing ? options.upper : options.lower;
  RateFamily problem(family, options.lower, options.upper, from);
  SolveControl solve_control;
  solve_control.stop = control.stop;
  StationaryBranch result;
  SolveOptions one = solve;
  one.find = Find::kOne;  // a branch starts from one state
  result.start = solve_stationary(family(from), one, solve_control);
  if (!result.start.converged()) {
    const bool stopped = result.start.summary.termination == Termination::kInterrupted;
    result.branch.back = stopped ? BranchEnd::kInterrupted : BranchEnd::kNoStart;
    return result;
  }
  result.branch = continue_branch(problem, result.start.state.rates, from, options, control);
  if (result.branch.back == BranchEnd::kStalled) result.fault = problem.fault();
  return result;
}

namespace {

/// Whether a state is the end of a branch that came back to where branches start.
bool is_end_of(const StationaryBranch& known, double from, const Eigen::VectorXd& rates) {
  const auto meets = [&](const BranchPoint& p) {
    constexpr double kNear = 1e-6;
    return p.parameter == from &&
           ((p.x - rates).cwiseAbs().array() <= kNear * rates.cwiseAbs().array().max(1.0)).all();
  };
  const std::vector<BranchPoint>& points = known.branch.points;
  return !points.empty() && (meets(points.front()) || meets(points.back()));
}

/// Whether a branch point, or its image under an exchange of populations, has been met before: on
/// the branch that crosses there, say. Branch points of higher multiplicity are known less well.
bool is_known(const std::vector<SpecialPoint>& known, const SpecialPoint& at, double interval) {
  const double near = at.null_space.cols() > 1 ? 1e-4 : 1e-6;
  return std::any_of(known.begin(), known.end(), [&](const SpecialPoint& other) {
    return std::abs(other.point.parameter - at.point.parameter) <= near * interval &&
           same_up_to_order(other.point.x, at.point.x, near);
  });
}

/// Follows what leaves the branches at their branch points, those found on the way included; of
/// branches that exchanging populations makes of one another, one.
void switch_all(RateFamily& problem, const ContinuationOptions& options, int max_branches,
                const ContinuationControl& control, std::vector<StationaryBranch>& found) {
  std::vector<SpecialPoint> done;
  for (std::size_t k = 0; k < found.size(); ++k) {
    const std::vector<SpecialPoint> points = found[k].branch.special_points;
    for (const SpecialPoint& at : points) {
      if (control.stop.stop_requested() || static_cast<int>(found.size()) >= max_branches) return;
      if (at.kind != SpecialPointKind::kBranchPoint ||
          is_known(done, at, options.upper - options.lower))
        continue;
      done.push_back(at);
      for (Branch& branch : switch_branches(problem, found[k].branch, at, options, control)) {
        const bool known = std::any_of(found.begin(), found.end(), [&](const StationaryBranch& b) {
          return same_ends(b.branch, branch);
        });
        if (branch.points.empty() || known) continue;
        found.emplace_back();
        found.back().branch = std::move(branch);
      }
    }
  }
}

}  // namespace

std::vector<StationaryBranch> continue_all_stationary(const MeanFieldFamily& family,
                                                      const ContinuationOptions& options,
                                                      const BranchSearch& search,
                                                      const SolveOptions& solve,
                                                      const ContinuationControl& control) {
  std::vector<StationaryBranch> found;
  found.push_back(continue_stationary(family, options, solve, control));
  const bool decreasing = options.direction == BranchDirection::kDecreasing;
  const double from = decreasing ? options.upper : options.lower;
  RateFamily problem(family, options.lower, options.upper, from);
  if (search.all && !control.stop.stop_requested()) {
    SolveOptions all = solve;
    all.find = Find::kAll;
    SolveControl solve_control;
    solve_control.stop = control.stop;
    const StationarySet set = find_stationary_states(family(from), all, solve_control);
    for (const StationaryState& state : set.states) {
      if (static_cast<int>(found.size()) >= search.max_branches) break;
      if (std::any_of(found.begin(), found.end(),
                      [&](const StationaryBranch& b) { return is_end_of(b, from, state.rates); }))
        continue;
      StationaryBranch next;
      next.start = {.state = state, .summary = set.summary};
      next.start.summary.termination = Termination::kConverged;
      next.branch = continue_branch(problem, state.rates, from, options, control);
      if (next.branch.back == BranchEnd::kStalled) next.fault = problem.fault();
      found.push_back(std::move(next));
    }
    if (!found.front().start.converged() && found.size() > 1) found.erase(found.begin());
  }
  if (search.switching) switch_all(problem, options, search.max_branches, control, found);
  return found;
}

}  // namespace nuphi
