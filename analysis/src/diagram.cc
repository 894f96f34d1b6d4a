#include <nuphi/analysis/diagram.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace nuphi {
namespace {

using Stage = DiagramProgress::Stage;

DiagramState state_of(const BranchPoint& point) {
  DiagramState state;
  state.parameter = point.parameter;
  state.rates = point.x;
  state.residual = point.residual;
  state.leading_eigenvalue = point.leading_eigenvalue;
  state.rate_dynamics_stable = point.stable;
  return state;
}

DiagramPoint special(const SpecialPoint& found) {
  DiagramPoint point;
  point.kind =
      found.kind == SpecialPointKind::kFold ? Bifurcation::kFold : Bifurcation::kBranchPoint;
  point.state = state_of(found.point);
  point.multiplicity = found.null_space.cols();
  point.error_estimate = found.error_estimate;
  point.after = found.after;
  return point;
}

DiagramPoint special(const HopfPoint& found) {
  DiagramPoint point;
  point.kind = Bifurcation::kHopf;
  point.state.parameter = found.parameter;
  point.state.rates = found.rates;
  point.frequency = found.frequency;
  return point;
}

/// Of a point of a curve in the plane.
template <class Point>
DiagramState state_in_plane(const Point& point, const Eigen::VectorXd& rates) {
  DiagramState state;
  state.parameter = point.parameter;
  state.second = point.second_parameter;
  state.rates = rates;
  return state;
}

DiagramState state_of(const FoldCurvePoint& point) { return state_in_plane(point, point.x); }

DiagramState state_of(const HopfCurvePoint& point) {
  DiagramState state = state_in_plane(point, point.rates);
  state.unstable_modes = point.unstable_modes;
  return state;
}

DiagramBranch branch_of(StationaryBranch&& found) {
  DiagramBranch branch;
  for (const BranchPoint& point : found.branch.points) branch.points.push_back(state_of(point));
  for (const SpecialPoint& point : found.branch.special_points)
    branch.special_points.push_back(special(point));
  branch.front = found.branch.front;
  branch.back = found.branch.back;
  branch.rejected_steps = found.branch.rejected_steps;
  branch.start = std::move(found.start);
  branch.fault = std::move(found.fault);
  return branch;
}

/// What curves of both kinds have.
template <class Curve>
DiagramCurve curve_of(Bifurcation kind, const Curve& found) {
  DiagramCurve curve;
  curve.kind = kind;
  for (const auto& point : found.points) curve.points.push_back(state_of(point));
  curve.front = to_string(found.front);
  curve.back = to_string(found.back);
  return curve;
}

DiagramCurve curve_of(const FoldCurve& found) {
  DiagramCurve curve = curve_of(Bifurcation::kFold, found);
  for (const FoldCurvePoint& point : found.cusps) curve.cusps.push_back(state_of(point));
  return curve;
}

DiagramCurve curve_of(const HopfCurve& found) {
  DiagramCurve curve = curve_of(Bifurcation::kHopf, found);
  for (const HopfCurvePoint& point : found.points) curve.frequencies.push_back(point.frequency);
  return curve;
}

/// One search; the steps of diagram() in their order.
class Search {
 public:
  Search(const ModelFamily& family, const DiagramOptions& options, const DiagramControl& control)
      : family_(family), options_(options), control_(control), values_(family.values()) {}

  Diagram run() {
    diagram_.no_hopf = options_.hopf ? unknown_stability(at(start()), options_.stability.response)
                                     : "they were not asked for";
    find_branches();
    if (diagram_.no_hopf.empty()) find_hopf_points();
    if (is_plane() && !stopped()) follow_folds();
    if (is_plane() && !hopf_points_.empty() && !stopped()) follow_hopf_points();
    return std::move(diagram_);
  }

 private:
  /// Of p, where the branches begin.
  [[nodiscard]] double start() const {
    const ContinuationOptions& steps = options_.steps;
    return steps.direction == BranchDirection::kDecreasing ? steps.upper : steps.lower;
  }
  [[nodiscard]] bool is_plane() const { return values_.size() == 2; }
  [[nodiscard]] double second() const { return values_[1]; }
  [[nodiscard]] Network at(double p) const {
    Eigen::VectorXd values = values_;
    values[0] = p;
    return family_.network(values);
  }
  [[nodiscard]] Network at(double p, double q) const {
    return family_.network(Eigen::Vector2d(p, q));
  }
  /// Over the first parameter alone.
  [[nodiscard]] ModelFamily line() const {
    ModelFamily line;
    line.parameters = {family_.parameters.front()};
    line.network = [this](const Eigen::VectorXd& p) { return at(p[0]); };
    line.field = [this](const Eigen::VectorXd& p) { return mean_field(at(p[0])); };
    return line;
  }
  [[nodiscard]] bool stopped() const { return control_.stop.stop_requested(); }

  void report(DiagramProgress progress) const {
    if (control_.progress) control_.progress(progress);
  }

  void find_branches() {
    int points = 0;
    ContinuationControl control;
    control.stop = control_.stop;
    control.progress = [&](const BranchPoint& point) {
      report({.stage = Stage::kBranches, .points = ++points, .parameter = point.parameter});
    };
    SolveOptions solve = options_.solve;
    solve.find = Find::kOne;
    for (StationaryBranch& found :
         continue_all_stationary(line(), options_.steps, options_.search, solve, control)) {
      if (diagram_.branches.empty()) special_points_ = found.branch.special_points;
      diagram_.branches.push_back(branch_of(std::move(found)));
    }
  }

  void find_hopf_points() {
    for (DiagramBranch& branch : diagram_.branches) {
      if (stopped()) return;
      HopfSearch found = search(branch);
      branch.modes_counted = true;
      for (std::size_t k = 0; k < found.unstable_modes.size(); ++k)
        branch.points[k].unstable_modes = found.unstable_modes[k];
      for (const HopfPoint& point : found.points) branch.special_points.push_back(special(point));
      if (&branch == &diagram_.branches.front()) hopf_points_ = std::move(found.points);
    }
  }

  [[nodiscard]] HopfSearch search(const DiagramBranch& branch) const {
    std::vector<ParameterState> states;
    for (const DiagramState& point : branch.points)
      states.push_back({point.parameter, point.rates});
    DiagramProgress progress{.stage = Stage::kHopf, .of = static_cast<int>(states.size())};
    const auto stop = [&] {
      report(progress);
      ++progress.points;
      return stopped();
    };
    return search_hopf_points([&](double p) { return at(p); }, states, options_.stability, stop);
  }

  void follow_folds() {
    int points = 0;
    FoldCurveControl control;
    control.stop = control_.stop;
    control.progress = [&](const FoldCurvePoint& point) {
      report({.stage = Stage::kFoldCurves,
              .points = ++points,
              .parameter = point.parameter,
              .second = point.second_parameter});
    };
    const ContinuationOptions& steps = options_.steps;
    RateFamily plane(family_, Eigen::Vector2d(steps.lower, options_.second_lower),
                     Eigen::Vector2d(steps.upper, options_.second_upper),
                     Eigen::Vector2d(start(), second()));
    const FoldCurveOptions options{.steps = steps,
                                   .second_lower = options_.second_lower,
                                   .second_upper = options_.second_upper};
    for (const FoldCurve& curve :
         continue_folds(plane, special_points_, second(), options, control))
      diagram_.curves.push_back(curve_of(curve));
  }

  void follow_hopf_points() {
    const ContinuationOptions& steps = options_.steps;
    int points = 0;
    HopfCurveControl control;
    control.stop = control_.stop;
    control.progress = [&](const HopfCurvePoint& point) {
      report({.stage = Stage::kHopfCurves,
              .points = ++points,
              .parameter = point.parameter,
              .second = point.second_parameter,
              .frequency = point.frequency});
    };
    HopfCurveOptions options;
    options.lower = {steps.lower, options_.second_lower};
    options.upper = {steps.upper, options_.second_upper};
    options.max_step = steps.max_step;
    options.initial_step = std::min(options.initial_step, options.max_step);
    options.max_points = steps.max_points;
    options.count_modes = true;
    options.stability = options_.stability;
    for (const HopfCurve& curve : continue_hopf_points([&](double p, double q) { return at(p, q); },
                                                       hopf_points_, second(), options, control))
      diagram_.curves.push_back(curve_of(curve));
  }

  const ModelFamily& family_;
  const DiagramOptions& options_;
  const DiagramControl& control_;
  Eigen::VectorXd values_;  // of the parameters in the model
  Diagram diagram_;
  std::vector<SpecialPoint> special_points_;  // of the first branch
  std::vector<HopfPoint> hopf_points_;        // of the first branch
};

}  // namespace

std::string_view to_string(Bifurcation kind) {
  switch (kind) {
    case Bifurcation::kFold:
      return "fold";
    case Bifurcation::kBranchPoint:
      return "branch_point";
    case Bifurcation::kHopf:
      return "hopf";
    case Bifurcation::kCusp:
      return "cusp";
  }
  return "unknown";
}

Diagram diagram(const ModelFamily& family, const DiagramOptions& options,
                const DiagramControl& control) {
  if (family.parameters.empty() || family.parameters.size() > 2)
    throw std::invalid_argument("nuphi::diagram: a diagram is over one parameter or two");
  return Search(family, options, control).run();
}

ContinuationOptions branch_steps(double from, double to, double longest) {
  ContinuationOptions steps;
  steps.lower = std::min(from, to);
  steps.upper = std::max(from, to);
  steps.direction = from < to ? BranchDirection::kIncreasing : BranchDirection::kDecreasing;
  steps.max_step = longest;
  steps.initial_step = std::min(steps.initial_step, longest);
  steps.min_step = std::min(steps.min_step, longest);
  return steps;
}

std::string_view end_name(BranchEnd end, BranchDirection direction) {
  if (end == BranchEnd::kNoStart) return "stalled";
  if (end != BranchEnd::kUpper && end != BranchEnd::kLower) return to_string(end);
  const bool far = (end == BranchEnd::kUpper) == (direction != BranchDirection::kDecreasing);
  return far ? "reached" : "turned";
}

}  // namespace nuphi
