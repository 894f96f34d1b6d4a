#pragma once

#include <nuphi/core/export.h>

#include <limits>
#include <optional>

#include "session.h"

namespace NUPHI_PUBLIC nuphi {

// The moving parts of the methods. Each moves `point` on, books its iterations in the session and
// says why it stopped. A point handed in has been evaluated.

/// Full Newton steps while the residual falls, down to the rounding of Φ. Depends on the point
/// alone: repeated from where it ended, it stays there.
void polish(Session& session, Point& point);

/// Damped Newton of at most `most` steps, then polish().
[[nodiscard]] Termination newton_steps(Session& session, Point& point,
                                       int most = std::numeric_limits<int>::max());

/// Newton without damping, given up as soon as it does not contract: for points believed to be near
/// a fixed point. True when it converged; else the point is unchanged.
[[nodiscard]] bool try_newton(Session& session, Point& point, double ratio = 0.5);

struct FlowLimits {
  double tolerance = 1e-2;  ///< relative local error
  double floor = 1e-5;      ///< absolute local error
  double first_step = 0.1;
  bool quick = false;  ///< give up as soon as the flow turns out to be eventful
  /// Up to this size the eigenvalues at the end are computed, to see whether it attracts; beyond,
  /// only the sign of the determinant is.
  Eigen::Index largest_eigenproblem = 2000;
};

struct FlowOutcome {
  /// kStalled: it runs in a cycle, or its steps have become too short.
  Termination end = Termination::kStalled;
  Eigen::VectorXd average;  ///< recent average along the flow
  /// A fixed point that Newton found from the flow but that repels it.
  std::optional<Point> repelling;
  /// Largest real part of the eigenvalues of ∂Φ at the end, where it was computed.
  std::optional<double> leading;
};

/// The flow dx/ds = −x + Φ(x), and Newton at its end.
[[nodiscard]] FlowOutcome flow_steps(Session& session, Point& point, const FlowLimits& limits = {});

/// The same; where the flow breaks down or chatters at the jumps of Φ, that of a smoother problem,
/// carried over to the problem itself.
[[nodiscard]] FlowOutcome relax(Session& session, Point& point, Eigen::Index largest_eigenproblem);

/// See flow_limit(); the eigenvalues at the end are computed up to the given size.
[[nodiscard]] FixedPointSolution flow_limit(FixedPointProblem& problem,
                                            const Eigen::VectorXd& start,
                                            const FixedPointOptions& options,
                                            const SolveControl& control,
                                            Eigen::Index largest_eigenproblem);

inline constexpr Eigen::Index kLargestEigenproblem = 2000;  // seconds: the cost grows as n³
inline constexpr Eigen::Index kCheapEigenproblem = 128;     // less than the rest of a solve

inline constexpr int kArnoldiDimension = 60;  // where the Jacobian is a map

/// The path of (1 − t)·x + t Φ from t = 0 to 1, then Newton.
[[nodiscard]] Termination homotopy_steps(Session& session, Point& point);

/// Carries a fixed point of the problem smoothed to `level` over to the problem itself, reducing
/// the smoothing step by step. Leaves the smoothing off in any case.
/// @param same_sign  of det(1 − Φ') at every step: a saddle is not left for what lies beside it
[[nodiscard]] Termination remove_smoothing(Session& session, Point& point, double level,
                                           bool same_sign = false);

}  // namespace nuphi
