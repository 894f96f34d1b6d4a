#pragma once

#include <nuphi/analysis/linear_response.h>
#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <complex>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup dynamics
/// @{

/// A mode e^{zt} of the linearised network: det(1 − M(z)) = 0.
struct Mode {
  std::complex<double> eigenvalue;  ///< z [1/s]; of a conjugate pair the one with Im z ≥ 0
  double residual = 0;              ///< |1 − m| of the eigenvalue m of M(z) nearest to 1
  /// Share of each population in the mode, sums to 1: |left ∘ right| eigenvector of M(z).
  Eigen::VectorXd participation;

  [[nodiscard]] double growth_rate() const { return eigenvalue.real(); }  ///< [1/s]
  [[nodiscard]] double frequency() const;                                 ///< Im z/2π [Hz]
};

/// A scale of the delays at which a mode stands on the imaginary axis.
struct CriticalDelay {
  double scale = 1;      ///< the delays are multiplied by it: all, or StabilityOptions::delay_of
  double frequency = 0;  ///< of the mode there [Hz]
  bool destabilizing = true;  ///< modes cross to the right as the delays grow
};

/// All synapses from one population to another.
struct Connection {
  Eigen::Index target = 0;  ///< index into Network::populations
  Eigen::Index source = 0;  ///< index into Network::populations
};

/// Why the modes of a network with its delays cannot be counted: a connection has no delay, or one
/// that is not causal, or a population no known response; empty where they can.
/// @param network  the network in question
/// @param options  the response that is wanted
[[nodiscard]] std::string unknown_stability(const Network& network,
                                            const ResponseOptions& options = {});

/// What stability() looks at, and how hard.
struct StabilityOptions {
  ResponseOptions response;      ///< of the linear response
  int max_evaluations = 200000;  ///< of M(z), for the count; used up: undecided
  double max_frequency = 1e7;    ///< highest frequency at which the count may be closed [Hz]
  double max_delay_scale = 20;   ///< critical delays are looked for up to this scale; 0: none
  /// Critical delays scale those of this connection only; empty: all delays.
  std::optional<Connection> delay_of;
  int modes = 16;  ///< number of rightmost modes reported; all unstable ones where there are more
  bool only_count = false;  ///< no modes and no critical delays: a tenth of the time
};

/// How far stability() is.
struct StabilityProgress {
  /// What it does, in this order.
  enum class Stage {
    kCount,           ///< counting unstable modes
    kModes,           ///< finding them
    kCriticalDelays,  ///< looking for critical delays
  };
  Stage stage = Stage::kCount;  ///< the one at work
  double share = 0;  ///< of the stage that is done, in [0, 1]; of modes: unstable ones found
};

/// Critical delays are looked for in networks of up to this many populations: a count of modes for
/// each of a hundred scales of the delays takes minutes beyond.
inline constexpr int kLargestForCriticalDelays = 64;

/// What the caller holds in its hands while stability() runs. Everything may stay empty.
struct StabilityControl {
  /// Looked at after every step, some 0.1 s apart for 250 populations: the report so far is
  /// returned, `interrupted`.
  std::stop_token stop;
  /// Called after every step, on the calling thread.
  std::function<void(const StabilityProgress&)> progress;
};

/// What stability() has shown.
struct StabilityReport {
  std::optional<int> unstable_modes;  ///< zeros of det(1 − M(z)) with Re z > 0; a conjugate pair
                                      ///< counts as two. Empty: undecided
  std::optional<bool> stable;         ///< no unstable mode; empty: undecided
  std::string reason;                 ///< why it is undecided, or a remark; may be empty
  /// All unstable ones and the rightmost damped ones found, by falling growth rate. Damped ones are
  /// looked for up to cut_frequency, which covers the first turns of the delays: faster ones may be
  /// less damped. Where undecided, those found below it.
  std::vector<Mode> modes;
  int unlisted_modes = 0;    ///< unstable modes that are counted but could not be refined
  bool interrupted = false;  ///< by StabilityControl::stop: what is here is right, but not all
  /// First scale above 1 at which the number of unstable modes changes.
  std::optional<double> critical_delay_scale;
  /// Up to max_delay_scale, by rising scale; none of more than kLargestForCriticalDelays populations.
  std::vector<CriticalDelay> critical_delays;
  double critical_delays_from = 0;  ///< all critical delays above this scale are listed …
  double critical_delays_to = 0;    ///< … up to this one
  double cut_frequency = 0;         ///< the axis was walked up to it, and the count closed [Hz]
  int evaluations = 0;              ///< of M(z)
};

/// Stability of a stationary state of the network with delays, by the argument principle:
///   Z = −(1/π) {Δarg det(1 − M(iω)), ω: 0 → Ω, − Σ_k Arg(1 − m_k(iΩ))}
/// over steps that are proven to hold no zero, closed where all |m_k| are proven to stay below 1
/// beyond Ω (NetworkResponse::tail_bound(); docs/theory/mode_count.md). The count is checked
/// against the sign of det(1 − M(0)) and the modes found. "Undecided", with the reason, when
/// something cannot be shown or disagrees.
/// @throws ModelError when a projection has no delay or an acausal one; std::invalid_argument when
/// there is no connection `delay_of` or the state is one of another network.
[[nodiscard]] StabilityReport stability(const Network& network, const StationaryState& state,
                                        const StabilityOptions& options = {},
                                        const StabilityControl& control = {});

/// A holomorphic matrix function A(z) and dA/dz at one point, shape=(n, n) each.
struct MatrixFunctionValue {
  Eigen::MatrixXcd value;       ///< A(z)
  Eigen::MatrixXcd derivative;  ///< dA/dz
};
/// z ↦ A(z) and dA/dz, of one size everywhere.
using MatrixFunction = std::function<MatrixFunctionValue(std::complex<double>)>;

/// Closed rectangle of the complex plane.
struct Rectangle {
  double left = 0;    ///< least real part
  double right = 0;   ///< largest real part, > left
  double bottom = 0;  ///< least imaginary part
  double top = 0;     ///< largest imaginary part, > bottom
};

/// How hard characteristic_roots() tries.
struct CharacteristicRootsOptions {
  /// Last Newton step relative to max(|z|, size of the region · 1e-6), > 0.
  double tolerance = 1e-13;
  int max_evaluations = 100000;  ///< of A, > 0; reaching it ends with complete = false
};

/// What characteristic_roots() finds.
struct CharacteristicRoots {
  /// By falling real part, then falling imaginary part; multiple ones repeated.
  std::vector<std::complex<double>> roots;
  int count = 0;          ///< roots inside by the argument principle
  bool complete = false;  ///< as many roots found as counted, in every part of the region
  int evaluations = 0;    ///< of A
};

/// All roots of det A(z) = 0 in a rectangle. The argument principle counts them along the boundary,
/// with steps refined until the phase of the determinant turns by less than π/4 in each and as d ln
/// det A/dz = tr(A⁻¹ dA/dz) foretells; Newton's method on det A with the roots already found
/// divided out (deflation) finds them; where it does not, the rectangle is halved. A must have no
/// pole inside or on the boundary. A root on the boundary makes the count undefined; the rectangle
/// is then moved outward by 1e-6 of its size.
/// @throws std::invalid_argument for an empty rectangle or options out of range.
[[nodiscard]] CharacteristicRoots characteristic_roots(
    const MatrixFunction& function, const Rectangle& region,
    const CharacteristicRootsOptions& options = {});

/// Newton's method on det A(z) from `start`; NaN when it does not settle within 50 steps.
[[nodiscard]] std::complex<double> characteristic_root(const MatrixFunction& function,
                                                       std::complex<double> start,
                                                       double tolerance = 1e-13);

/// @}
}  // namespace nuphi
