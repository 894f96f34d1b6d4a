#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/problem.h>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup continuation
/// @{

/// @file
/// Branches of fixed points x = Φ(x; p) over a parameter p, followed by pseudo-arclength
/// continuation (Keller 1977) through folds; folds, branch points and events of the caller's own
/// located on the way; curves of folds in two parameters, with their cusps.
///
/// Lengths are measured step by step in
///   ‖(Δx_i / (√n (scale + |x_i|)), Δp / (upper − lower))‖₂
/// relative for components above `scale`, absolute below, so that components of 1e-130 neither
/// shorten a step nor enter a norm.

/// Which way a branch leaves its start.
enum class BranchDirection {
  kIncreasing,  ///< p grows at first
  kDecreasing,  ///< p falls at first
  kBoth,        ///< both ways; the start lies inside the branch
};

/// A scalar along the branch whose changes are to be located: Hopf points of a system with delays,
/// say, or a rate that crosses a level.
struct TestFunction {
  /// What counts as an event.
  enum class Kind {
    kSignChange,  ///< a continuous function: where it passes through zero
    kChange,      ///< a function in steps (a count of unstable modes): wherever it changes
  };
  std::string name;               ///< becomes SpecialPoint::name
  Kind kind = Kind::kSignChange;  ///< how the function moves
  /// Called at points of the branch only, once a point and some 40 times an event. NaN where it is
  /// undefined: no event is looked for next to such a point.
  std::function<double(const Eigen::VectorXd& x, double parameter)> value;
};

/// How a branch is followed, and what is located on it.
struct ContinuationOptions {
  double lower = 0;  ///< lower end of the interval of p; Φ is never asked for outside it
  double upper = 1;  ///< upper end, > lower
  BranchDirection direction = BranchDirection::kIncreasing;  ///< from the start
  double initial_step = 5e-3;                                ///< arclength, > 0
  double max_step = 0.02;     ///< arclength, ≥ min_step; 1 is the length of the interval of p
  double min_step = 1e-12;    ///< > 0; a shorter one ends the branch with BranchEnd::kStalled
  double max_angle = 0.3;     ///< between the tangents at the ends of a step [rad], in (0, 1]
  double scale = 0.1;         ///< size of x below which changes count absolutely, > 0 (rates: Hz)
  double tolerance = 1e-10;   ///< on |x_i − Φ_i(x)| / max(1, |x_i|), > 0
  int max_points = 10000;     ///< on either side of the start, > 0
  bool folds = true;          ///< locate folds
  bool branch_points = true;  ///< locate branch points
  bool stability = true;      ///< eigenvalues of ∂Φ/∂x at every point (n ≤ 2000)
  std::vector<TestFunction> tests;  ///< events of the caller's own
};
/// All faults of the options; empty when they are sound.
[[nodiscard]] std::vector<std::string> validate(const ContinuationOptions& options);

/// A fixed point on a branch.
struct BranchPoint {
  Eigen::VectorXd x;     ///< x = Φ(x; p), shape=(n,)
  double parameter = 0;  ///< p
  double residual = 0;   ///< max |x − Φ(x)|
  double arclength = 0;  ///< from the start, negative before it
  double slope = 0;      ///< dp/ds, s the arclength in which the interval has length 1; 0 at a fold
  std::optional<double> leading_eigenvalue;  ///< largest real part of the eigenvalues of ∂Φ/∂x
  /// leading_eigenvalue < 1: stable under dx/ds = −x + Φ(x). Empty when not asked for or undecided.
  std::optional<bool> stable;
};

/// What happens at a special point.
enum class SpecialPointKind {
  kFold,         ///< the branch turns back in p
  kBranchPoint,  ///< another branch crosses
  kEvent,        ///< a TestFunction passes through zero or changes
};
[[nodiscard]] std::string_view to_string(SpecialPointKind kind);  ///< "fold", "branch_point", …

/// A point located between two points of a branch.
struct SpecialPoint {
  SpecialPointKind kind = SpecialPointKind::kFold;  ///< what happens there
  std::string name;   ///< of the test function; empty for folds and branch points
  BranchPoint point;  ///< where
  int after = 0;      ///< it lies between points[after] and points[after + 1]
  /// Estimated error of point.parameter: the last correction of the location, or the bracket left.
  double error_estimate = 0;
  /// Orthonormal basis of the null space of 1 − ∂Φ/∂x, at folds and branch points. shape=(n, d), d
  /// the multiplicity: above 1 at branch points of networks with interchangeable populations.
  Eigen::MatrixXd null_space;
};

/// Where a branch ends.
enum class BranchEnd {
  kStart,        ///< the point handed in; nothing was asked for beyond it
  kLower,        ///< left the interval at its lower end; the last point lies there
  kUpper,        ///< left the interval at its upper end; the last point lies there
  kClosed,       ///< came back to the start, which is repeated as the last point
  kMaxPoints,    ///< options.max_points reached
  kStalled,      ///< no step of min_step or more succeeded: Φ is not smooth or not defined beyond
  kNoStart,      ///< no fixed point was found next to the start; the branch is empty
  kInterrupted,  ///< the caller asked to stop
};
[[nodiscard]] std::string_view to_string(BranchEnd end);  ///< "start", "lower", "upper", …

/// What continue_branch() returns.
struct Branch {
  std::vector<BranchPoint> points;           ///< in order along the branch
  std::vector<SpecialPoint> special_points;  ///< in order along the branch
  BranchEnd front = BranchEnd::kStart;       ///< why nothing comes before points.front()
  BranchEnd back = BranchEnd::kStart;        ///< why nothing comes after points.back()
  int start = 0;                             ///< index of the point handed in
  int rejected_steps = 0;                    ///< tried, and halved because they failed
};

/// What the caller holds in its hands while a branch grows. Everything may stay empty.
struct ContinuationControl {
  std::stop_token stop;  ///< looked at once a step; the branch so far is returned
  std::function<void(const BranchPoint&)> progress;  ///< after every point, on the calling thread
};

/// The branch of fixed points through the one next to `start` at `parameter` (brought there by
/// Newton's method), followed until it leaves the interval at either end, closes up or uses up
/// max_points. Folds and branch points are located by minimally augmented systems (Govaerts 2000,
/// ch. 3 and 7), independent of the steps to the rounding of Φ; branch points with a null space of
/// several dimensions by the eigenvalues (options.stability). An even number of simple branch
/// points within one step goes unseen.
/// @throws std::invalid_argument for options out of range, a start of the wrong size or a parameter
///   outside the interval. Never for the numerics.
[[nodiscard]] Branch continue_branch(ParametricProblem& problem, const Eigen::VectorXd& start,
                                     double parameter, const ContinuationOptions& options,
                                     const ContinuationControl& control = {});

/// The other branches through a branch point of a known one: of each a first point at
/// vᵀ(x − x₀) = ε, v in the null space of 1 − ∂Φ/∂x there, found by Newton's method in (x, p), then
/// continue_branch() both ways, back through the branch point as well. A null space of more than
/// one dimension comes from N interchangeable populations; the branches on which the first m = 1 …
/// ⌊N/2⌋ of them differ from the others are followed, not their images under permutations.
/// @param problem  with one parameter
/// @param known    a branch of it
/// @param at       one of known.special_points, of kind kBranchPoint
/// @param options  as for `known`
/// @param control  stop and progress
/// @return those found, without the known one
[[nodiscard]] std::vector<Branch> switch_branches(ParametricProblem& problem, const Branch& known,
                                                  const SpecialPoint& at,
                                                  const ContinuationOptions& options,
                                                  const ContinuationControl& control = {});

/// Whether two branches end at the same two points (1e-6) but for the order of the components: they
/// are one, or exchanging interchangeable components makes one of the other.
[[nodiscard]] bool same_ends(const Branch& a, const Branch& b);

/// A fold in two parameters (p, q).
struct FoldCurvePoint {
  Eigen::VectorXd x;            ///< x = Φ(x; p, q), shape=(n,)
  double parameter = 0;         ///< p
  double second_parameter = 0;  ///< q
  double arclength = 0;         ///< from the start, negative before it
  /// wᵀ Φ_xx[v, v] with unit null vectors w, v in the coordinates of the norm: the quadratic
  /// coefficient of the fold. It passes through zero at a cusp.
  double quadratic_coefficient = 0;
};

/// What continue_fold() returns.
struct FoldCurve {
  std::vector<FoldCurvePoint> points;   ///< in order along the curve
  std::vector<FoldCurvePoint> cusps;    ///< where two curves of folds meet, in order
  BranchEnd front = BranchEnd::kStart;  ///< before the first point; the bounds are those of p or q
  BranchEnd back = BranchEnd::kStart;   ///< after the last point
  int start = 0;                        ///< index of the fold handed in
  int rejected_steps = 0;               ///< tried, and halved because they failed
};

/// How a curve of folds is followed.
struct FoldCurveOptions {
  ContinuationOptions steps;  ///< lower, upper and the steps; tests and flags have no meaning here
  double second_lower = 0;    ///< lower end of the interval of q
  double second_upper = 1;    ///< upper end, > second_lower
};
/// What the caller holds in its hands while a curve grows. Everything may stay empty.
struct FoldCurveControl {
  std::stop_token stop;  ///< looked at once a step; the curve so far is returned
  /// After every point, on the calling thread.
  std::function<void(const FoldCurvePoint&)> progress;
};

/// The curve of folds through `fold` in the plane of two parameters, both ways from it: the system
/// x = Φ(x; p, q), g(x; p, q) = 0 with g the minimally augmented test function of a singular
/// 1 − ∂Φ/∂x, followed by the same pseudo-arclength steps. Cusps are where quadratic_coefficient
/// changes sign; p and q are stationary there along the curve, and are found to about 1e-10.
/// @param problem  with two parameters
/// @param fold     one that continue_branch() has located in p, at q = `second_parameter`
/// @param second_parameter  q there
/// @param options  intervals and steps
/// @param control  stop and progress
/// @throws std::invalid_argument as continue_branch().
[[nodiscard]] FoldCurve continue_fold(ParametricProblem& problem, const SpecialPoint& fold,
                                      double second_parameter, const FoldCurveOptions& options,
                                      const FoldCurveControl& control = {});

/// The curves through several folds of one branch, each curve once: two folds often lie on one
/// curve, joined by a cusp.
[[nodiscard]] std::vector<FoldCurve> continue_folds(ParametricProblem& problem,
                                                    const std::vector<SpecialPoint>& folds,
                                                    double second_parameter,
                                                    const FoldCurveOptions& options,
                                                    const FoldCurveControl& control = {});

/// @}
}  // namespace nuphi
