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
  ModelFamily family;           ///< its field always, its network where there is one
  Eigen::VectorXd first, last;  ///< ends of the intervals
  Eigen::Index n = -1;          // populations; −1 before the first field
  Eigen::VectorXd at;           // parameters set last
  Eigen::VectorXd asked;        // those the family was asked for last; what follows is theirs
  std::optional<MeanField> field;
  std::optional<Network> network;
  std::vector<std::optional<Network>> slopes;                        // of its numbers
  std::vector<std::pair<Eigen::VectorXd, MeanField>> fields_beside;  // for differences
  std::optional<RateProblem> problem;
  Eigen::VectorXd lower, upper;  // box of the last problem there was
  Eigen::VectorXd x;
  std::string fault;

  Impl(ModelFamily of, Eigen::VectorXd from, Eigen::VectorXd to, const Eigen::VectorXd& start);
  /// Nothing is asked again for the same parameters.
  void set(const Eigen::VectorXd& p);
  [[nodiscard]] std::optional<InputDerivative> inputs(Eigen::Index k);

 private:
  /// @throws ModelError where the family has no network
  void load(const Eigen::VectorXd& p);
  [[nodiscard]] MeanField field_at(const Eigen::VectorXd& p) const;
  [[nodiscard]] MeanField checked(MeanField found) const;
  [[nodiscard]] const MeanField& field_beside(const Eigen::VectorXd& p);
  [[nodiscard]] InputDerivative derivative(Eigen::Index k);
  /// Of f(p) as parameter k moves, asked inside its interval only.
  [[nodiscard]] Eigen::VectorXd differences(
      Eigen::Index k, Eigen::Index block,
      const std::function<Eigen::VectorXd(const Eigen::VectorXd& p)>& f);
};

RateFamily::Impl::Impl(ModelFamily of, Eigen::VectorXd from, Eigen::VectorXd to,
                       const Eigen::VectorXd& start)
    : family(std::move(of)), first(std::move(from)), last(std::move(to)) {
  load(start);
  n = field->size();
}

MeanField RateFamily::Impl::field_at(const Eigen::VectorXd& p) const {
  return checked(family.field(p));
}

MeanField RateFamily::Impl::checked(MeanField found) const {
  if (n < 0) check(found);
  if (n >= 0 && found.size() != n) {
    throw std::invalid_argument("the number of populations changes along the family");
  }
  found.coupling = found.coupling.with_matrices();
  return found;
}

const MeanField& RateFamily::Impl::field_beside(const Eigen::VectorXd& p) {
  if (p == asked) return *field;
  for (const auto& [known, there] : fields_beside)
    if (known == p) return there;
  return fields_beside.emplace_back(p, field_at(p)).second;
}

void RateFamily::Impl::load(const Eigen::VectorXd& p) {
  at = asked = p;
  problem.reset();
  field.reset();
  network.reset();
  slopes.assign(static_cast<std::size_t>(p.size()), std::nullopt);
  fields_beside.clear();
  if (family.network) network = family.network(p);
  field = network ? checked(mean_field(*network)) : field_at(p);
  problem.emplace(*field);
  lower = problem->lower();
  upper = problem->upper();
}

void RateFamily::Impl::set(const Eigen::VectorXd& p) {
  at = p;
  if (asked.size() == p.size() && asked == p) return;
  try {
    load(p);
  } catch (const ModelError& error) {
    fault = error.what();
  }
}

Eigen::VectorXd RateFamily::Impl::differences(
    Eigen::Index k, Eigen::Index block,
    const std::function<Eigen::VectorXd(const Eigen::VectorXd& p)>& f) {
  const VectorFunction inside = [&](double value) {
    if (value < first[k] || value > last[k]) throw ModelError({});  // not to be asked for
    Eigen::VectorXd p = at;
    p[k] = value;
    try {
      return f(p);
    } catch (const ModelError& error) {
      fault = error.what();
      throw;
    }
  };
  // They steer Newton's method: four values of p are to do.
  constexpr DifferenceSteps kSteps{.largest = 1e-3, .good_enough = 1e-9};
  return extrapolated_derivative(inside, at[k], {last[k] - first[k]}, block, kSteps);
}

InputDerivative RateFamily::Impl::derivative(Eigen::Index k) {
  if (network) {
    std::optional<Network>& slope = slopes[static_cast<std::size_t>(k)];
    if (!slope) {
      slope = network_slope(family, at, k, *network,
                            [&](const NumbersAt& numbers) { return differences(k, 1, numbers); });
    }
    if (slope) return input_derivative(*network, *slope, *field, x);
  }
  const PhiInputs inputs(*field, x);
  return PhiInputs::unpacked(
      differences(k, n, [&](const Eigen::VectorXd& p) { return inputs.of(field_beside(p)); }), n);
}

std::optional<InputDerivative> RateFamily::Impl::inputs(Eigen::Index k) {
  if (!field) return std::nullopt;
  try {
    return derivative(k);
  } catch (const ModelError&) {
    return std::nullopt;  // `fault` says why
  }
}

namespace {

ModelFamily fields_only(std::function<MeanField(const Eigen::VectorXd&)> field) {
  ModelFamily family;
  family.field = std::move(field);
  return family;
}

}  // namespace

RateFamily::RateFamily(ModelFamily family, Eigen::VectorXd lower, Eigen::VectorXd upper,
                       const Eigen::VectorXd& at)
    : impl_(std::make_unique<Impl>(std::move(family), std::move(lower), std::move(upper), at)) {}

RateFamily::RateFamily(MeanFieldFamily family, double lower, double upper, double at)
    : RateFamily(fields_only([family = std::move(family)](const Eigen::VectorXd& p) {
                   return family(p[0]);
                 }),
                 Eigen::VectorXd::Constant(1, lower), Eigen::VectorXd::Constant(1, upper),
                 Eigen::VectorXd::Constant(1, at)) {}

RateFamily::RateFamily(MeanFieldPlane family, const Eigen::Vector2d& lower,
                       const Eigen::Vector2d& upper, const Eigen::Vector2d& at)
    : RateFamily(fields_only([family = std::move(family)](const Eigen::VectorXd& p) {
                   return family(p[0], p[1]);
                 }),
                 lower, upper, at) {}

RateFamily::~RateFamily() = default;

Eigen::Index RateFamily::size() const { return impl_->n; }
Eigen::Index RateFamily::parameters() const { return impl_->first.size(); }
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
  const std::optional<InputDerivative> inputs = impl_->inputs(k);
  if (!inputs) {
    derivative.setConstant(std::numeric_limits<double>::quiet_NaN());
    return;
  }
  for (Eigen::Index i = 0; i < size(); ++i) {
    derivative[i] =
        gain_of(*impl_->problem, *impl_->field, i).change(*inputs, i) + inputs->other[i];
  }
}

namespace {

Eigen::VectorXd one(double value) { return Eigen::VectorXd::Constant(1, value); }

ModelFamily over_one(const MeanFieldFamily& family) {
  return fields_only([family](const Eigen::VectorXd& p) { return family(p[0]); });
}

double start_of(const ContinuationOptions& options) {
  return options.direction == BranchDirection::kDecreasing ? options.upper : options.lower;
}

}  // namespace

StationaryBranch continue_stationary(const MeanFieldFamily& family,
                                     const ContinuationOptions& options, const SolveOptions& solve,
                                     const ContinuationControl& control) {
  return continue_stationary(over_one(family), options, solve, control);
}

StationaryBranch continue_stationary(const ModelFamily& family, const ContinuationOptions& options,
                                     const SolveOptions& solve,
                                     const ContinuationControl& control) {
  const std::vector<std::string> faults = validate(options);
  if (!faults.empty()) throw std::invalid_argument(faults.front());
  const double from = start_of(options);
  RateFamily problem(family, one(options.lower), one(options.upper), one(from));
  SolveControl solve_control;
  solve_control.stop = control.stop;
  StationaryBranch result;
  SolveOptions single = solve;
  single.find = Find::kOne;  // a branch starts from one state
  result.start = solve_stationary(family.field(one(from)), single, solve_control);
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
  return continue_all_stationary(over_one(family), options, search, solve, control);
}

std::vector<StationaryBranch> continue_all_stationary(const ModelFamily& family,
                                                      const ContinuationOptions& options,
                                                      const BranchSearch& search,
                                                      const SolveOptions& solve,
                                                      const ContinuationControl& control) {
  std::vector<StationaryBranch> found;
  found.push_back(continue_stationary(family, options, solve, control));
  if (!search.all && !search.switching) return found;
  const double from = start_of(options);
  RateFamily problem(family, one(options.lower), one(options.upper), one(from));
  if (search.all && !control.stop.stop_requested()) {
    SolveOptions all = solve;
    all.find = Find::kAll;
    SolveControl solve_control;
    solve_control.stop = control.stop;
    const StationarySet set = find_stationary_states(family.field(one(from)), all, solve_control);
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
