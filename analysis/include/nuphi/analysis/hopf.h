#pragma once

#include <nuphi/analysis/stability.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <functional>
#include <optional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup continuation
/// @{

/// A network over a parameter p.
using NetworkFamily = std::function<Network(double p)>;

/// A Hopf point of the network with delays: a stationary state with a mode on the imaginary axis,
/// det(1 − M(iω)) = 0.
struct HopfPoint {
  double parameter = 0;    ///< p
  Eigen::VectorXd rates;   ///< [Hz]
  double frequency = 0;    ///< ω/2π [Hz]
  double growth_rate = 0;  ///< what is left of Re z there [1/s]
};

/// Number of unstable modes at given stationary rates of a network: a function in steps, whose
/// changes along a branch of states are its Hopf points (and, by one, its folds). NaN where it is
/// undecided.
[[nodiscard]] double unstable_mode_count(const Network& network, const Eigen::VectorXd& rates,
                                         const StabilityOptions& options = {});

/// A stationary state at a value of the parameter.
struct ParameterState {
  double parameter = 0;   ///< p
  Eigen::VectorXd rates;  ///< [Hz]
};

/// Hopf points of a branch, and what was counted to find them.
struct HopfSearch {
  std::vector<HopfPoint> points;  ///< in the order of the branch
  /// Unstable modes at each state looked at, in the order of the branch; empty where undecided.
  std::vector<std::optional<int>> unstable_modes;
};

/// Hopf points between neighbouring states of a branch: as many as the change of the number of
/// unstable modes leaves after the real modes, which cross 0 at folds and branch points (the sign
/// of det(1 − M(0)) tells), are taken off.
/// @param family   network at each p
/// @param branch   stationary states in order along the branch
/// @param options  of the linear response and the count
/// @param stop     looked at once a state; what was found so far is returned
[[nodiscard]] HopfSearch search_hopf_points(const NetworkFamily& family,
                                            const std::vector<ParameterState>& branch,
                                            const StabilityOptions& options = {},
                                            const std::function<bool()>& stop = {});

/// The points of search_hopf_points().
[[nodiscard]] std::vector<HopfPoint> find_hopf_points(const NetworkFamily& family,
                                                      const std::vector<ParameterState>& branch,
                                                      const StabilityOptions& options = {},
                                                      const std::function<bool()>& stop = {});

/// @}
}  // namespace nuphi
