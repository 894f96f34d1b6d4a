#pragma once

#include <nuphi/analysis/hopf.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/solve_options.h>
#include <nuphi/models/model_family.h>
#include <nuphi/rates/rate_family.h>
#include <nuphi/solver/continuation.h>

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
/// Bifurcation diagrams of networks: all branches of stationary states over one parameter with
/// their folds, branch points and, where the network has delays, Hopf points; over two parameters
/// the curves of folds and of Hopf points too. One call for what continue_all_stationary(),
/// search_hopf_points(), continue_folds() and continue_hopf_points() find.

/// A stationary state in a diagram.
struct DiagramState {
  double parameter = 0;            ///< p
  std::optional<double> second;    ///< q, on curves in the plane of two parameters
  Eigen::VectorXd rates;           ///< [Hz]
  std::optional<double> residual;  ///< max |ν − Φ(ν)| [Hz], where it was followed to that
  std::optional<double> leading_eigenvalue;  ///< largest real part of the eigenvalues of ∂Φ/∂ν
  std::optional<bool> rate_dynamics_stable;  ///< leading_eigenvalue < 1
  /// Modes of the network with its delays that grow; empty where they were not counted or are
  /// undecided.
  std::optional<int> unstable_modes;
};

/// What happens at a special point.
enum class Bifurcation {
  kFold,         ///< two states meet
  kBranchPoint,  ///< another branch crosses
  kHopf,         ///< two modes of the network with its delays cross the imaginary axis
  kCusp,         ///< two curves of folds meet
};
[[nodiscard]] std::string_view to_string(Bifurcation kind);  ///< "fold", "branch_point", …

/// Where something happens.
struct DiagramPoint {
  Bifurcation kind = Bifurcation::kFold;  ///< what
  DiagramState state;                     ///< where
  double frequency = 0;                   ///< of a Hopf point [Hz]
  Eigen::Index multiplicity = 1;  ///< eigenvalues that pass 1 at once; of folds, branch points
  double error_estimate = 0;      ///< of the parameter; of folds, branch points
  int after = -1;  ///< between points[after] and points[after + 1] of its branch; −1: not known
};

/// A branch of stationary states.
struct DiagramBranch {
  std::vector<DiagramState> points;          ///< in order along it
  std::vector<DiagramPoint> special_points;  ///< folds and branch points in order, then Hopf points
  BranchEnd front = BranchEnd::kNoStart;     ///< why nothing comes before points.front()
  BranchEnd back = BranchEnd::kNoStart;      ///< why nothing comes after points.back()
  bool modes_counted = false;                ///< the modes with delays were counted at its points
  StationaryResult start;  ///< from which it was followed; without meaning where it left another
  std::string fault;       ///< why there is no network where it stalled, if that is so
  int rejected_steps = 0;  ///< tried, and halved because they failed
};

/// A curve of folds or of Hopf points in the plane of two parameters.
struct DiagramCurve {
  Bifurcation kind = Bifurcation::kFold;  ///< of what
  std::vector<DiagramState> points;       ///< in order along it
  std::vector<double> frequencies;        ///< of Hopf points [Hz], as many
  std::vector<DiagramState> cusps;        ///< of a curve of folds
  std::string_view front;                 ///< why nothing comes before: "upper", "closed", …
  std::string_view back;                  ///< why nothing comes after
};

/// What diagram() returns.
struct Diagram {
  std::vector<DiagramBranch> branches;  ///< the first begins at the state of solve_stationary()
  std::vector<DiagramCurve> curves;     ///< those through special points of the first branch
  std::string no_hopf;  ///< why Hopf points were not looked for; empty where they were
};

/// What is looked for.
struct DiagramOptions {
  ContinuationOptions steps;     ///< interval of p, direction, steps, tolerance
  BranchSearch search{};         ///< which branches
  SolveOptions solve{};          ///< of the states in which they begin
  bool hopf = true;              ///< Hopf points, where the network has delays
  StabilityOptions stability{};  ///< response and count of the modes
  double second_lower = 0;       ///< lower end of the interval of q
  double second_upper = 1;       ///< upper end
};

/// How far it is.
struct DiagramProgress {
  /// What is being done, in this order.
  enum class Stage {
    kBranches,    ///< branches are followed
    kHopf,        ///< Hopf points are looked for on a branch
    kFoldCurves,  ///< curves of folds are followed
    kHopfCurves,  ///< curves of Hopf points are followed
  };
  Stage stage = Stage::kBranches;  ///< now
  int points = 0;                  ///< of this stage so far; of kHopf: of this branch
  int of = 0;                      ///< of kHopf: points of this branch; else 0: not known
  double parameter = 0;            ///< p there; not of kHopf
  double second = 0;               ///< q there, of curves
  double frequency = 0;            ///< of kHopfCurves [Hz]
};

/// What the caller holds in its hands. Everything may stay empty.
struct DiagramControl {
  std::stop_token stop;  ///< looked at once a step; what was found so far is returned
  std::function<void(const DiagramProgress&)> progress;  ///< after every point
};

/// The diagram of a family of one parameter p, or of two, p and q: then the branches are those at
/// q = family.parameters[1].value, and the curves through their special points are followed in the
/// plane.
/// @param family   with `network`; `field` is not asked for
/// @param options  intervals, and what is looked for
/// @param control  stop and progress
/// @throws std::invalid_argument for options out of range or another number of parameters,
///   ModelError when there is no sound network at the start. Never for the numerics.
[[nodiscard]] Diagram diagram(const ModelFamily& family, const DiagramOptions& options,
                              const DiagramControl& control = {});

/// Steps of a branch that begins at p = `from` and is followed towards `to`.
/// @param from, to  ends of the interval, in either order
/// @param longest   step, as a fraction of the interval (ContinuationOptions::max_step)
[[nodiscard]] ContinuationOptions branch_steps(double from, double to, double longest);

/// Where a branch ends, seen from its beginning: "reached" (left the interval at the far end),
/// "turned" (left it where it began), "start", "closed", "max_points", "stalled", "interrupted".
[[nodiscard]] std::string_view end_name(BranchEnd end, BranchDirection direction);

/// @}
}  // namespace nuphi
