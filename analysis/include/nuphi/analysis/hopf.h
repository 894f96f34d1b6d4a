#pragma once

#include <nuphi/analysis/stability.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
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

/// A network over two parameters p, q.
using NetworkPlane = std::function<Network(double p, double q)>;

/// Hopf point in the plane of two parameters.
struct HopfCurvePoint {
  double parameter = 0;         ///< p
  double second_parameter = 0;  ///< q
  double frequency = 0;         ///< ω/2π [Hz]
  Eigen::VectorXd rates;        ///< [Hz]
  double arclength = 0;         ///< from the start, negative before it
  /// Unstable modes on that side of the curve where there are fewer, the state next to this one: 0
  /// where the curve bounds the region of stability. Empty when not asked for or undecided.
  std::optional<int> unstable_modes;
};

/// Where a curve of Hopf points ends.
enum class HopfCurveEnd {
  kBound,          ///< at an end of the interval of either parameter
  kZeroFrequency,  ///< ω → 0: it ends on a curve of folds (a Bogdanov–Takens point)
  kClosed,         ///< came back to its start, which is repeated as the last point
  kMaxPoints,      ///< as many points as allowed
  kStalled,        ///< no step succeeded: no network, or no smooth one beyond
  kNoStart,        ///< no Hopf point next to the start; the curve is empty
  kInterrupted,    ///< the caller asked to stop
};
[[nodiscard]] std::string_view to_string(HopfCurveEnd end);  ///< "bound", "zero_frequency", …

/// What continue_hopf() returns.
struct HopfCurve {
  std::vector<HopfCurvePoint> points;           ///< in order along the curve
  HopfCurveEnd front = HopfCurveEnd::kNoStart;  ///< why nothing comes before points.front()
  HopfCurveEnd back = HopfCurveEnd::kNoStart;   ///< why nothing comes after points.back()
};

/// How a curve of Hopf points is followed.
struct HopfCurveOptions {
  Eigen::Vector2d lower{0, 0};  ///< (p, q): lower ends of their intervals
  Eigen::Vector2d upper{1, 1};  ///< (p, q): upper ends, > lower
  double initial_step = 5e-3;   ///< arclength, > 0
  double max_step = 0.02;       ///< arclength; 1 is the length of an interval
  double min_step = 1e-9;       ///< > 0; a shorter one ends the curve with HopfCurveEnd::kStalled
  double max_angle = 0.3;       ///< between the tangents at the ends of a step [rad], in (0, 1]
  double scale = 0.1;           ///< of rates below which changes count absolutely [Hz]
  double tolerance = 1e-10;  ///< on |ν_i − Φ_i(ν)| / max(1 Hz, |ν_i|), and on the test function
  double min_frequency = 0.05;  ///< a slower mode ends the curve: ω = 0 to all intents [Hz]
  int max_points = 4000;        ///< on either side of the start
  bool count_modes = false;     ///< fill HopfCurvePoint::unstable_modes: two counts a point
  StabilityOptions stability;   ///< its response options enter everywhere
};

/// What the caller holds in its hands while a curve grows. Everything may stay empty.
struct HopfCurveControl {
  std::stop_token stop;  ///< looked at once a step; the curve so far is returned
  /// After every point, on the calling thread.
  std::function<void(const HopfCurvePoint&)> progress;
};

/// The curve of Hopf points through one of them, both ways, by pseudo-arclength steps on
/// Φ(ν; p, q) = ν and det(1 − M(iω)) = 0 (minimally augmented), ω among the unknowns.
/// @param network  network at each (p, q)
/// @param start    a point that find_hopf_points() has located in p, at q = `second`
/// @param second   q of the start
/// @param options  intervals and steps
/// @param control  stop and progress
/// @throws std::invalid_argument for a start outside the intervals or empty intervals. Never for
/// the numerics.
[[nodiscard]] HopfCurve continue_hopf(const NetworkPlane& network, const HopfPoint& start,
                                      double second, const HopfCurveOptions& options,
                                      const HopfCurveControl& control = {});

/// Whether a curve goes through a Hopf point at q = `second`: where it crosses q next to the point,
/// by linear interpolation corrected onto the curve.
[[nodiscard]] bool goes_through(const NetworkPlane& network, const HopfCurve& curve,
                                const HopfPoint& point, double second,
                                const HopfCurveOptions& options);

/// The curves through several points, each curve once.
[[nodiscard]] std::vector<HopfCurve> continue_hopf_points(const NetworkPlane& network,
                                                          const std::vector<HopfPoint>& starts,
                                                          double second,
                                                          const HopfCurveOptions& options,
                                                          const HopfCurveControl& control = {});

/// @}
}  // namespace nuphi
