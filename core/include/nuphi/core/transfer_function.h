#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>

#include <filesystem>
#include <functional>
#include <numbers>
#include <string_view>
#include <variant>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// @file
/// Rate as a function of the mean μ and the noise amplitude σ of the input: one interface for the
/// LIF neuron and for what is compared with it or mixed with it in a network. Units are the
/// caller's: Hz and V in networks of neurons, 1 for binary units and their weights.

/// Value and gradient of a transfer function.
struct TransferRate {
  double rate = 0;          ///< [Hz]
  double drate_dmu = 0;     ///< [Hz/V]
  double drate_dsigma = 0;  ///< [Hz/V]
};

/// LIF neuron: siegert().
struct LifTransfer {
  LifParameters neuron;                        ///< of siegert()
  Correction correction = Correction::kShift;  ///< of siegert()
  /// Synapses of several time constants that matter: the τ_syn of `neuron` is without meaning but
  /// where there is no noise, the effective one follows from the input (node_function.h).
  bool several_tau_syn = false;

  /// NaN outside the domain of siegert().
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  bool operator==(const LifTransfer&) const = default;
};

/// Binary neuron with threshold θ and Gaussian input of standard deviation σ: mean activity
///   m = ½ erfc(−(μ − θ)/(√2 σ))   (Ginzburg & Sompolinsky 1994; Helias et al. 2014)
/// Its input has the variance Σ K J² m(1 − m) + …, not Σ K J² m.
struct BinaryTransfer {
  double theta = 0;  ///< θ, in the unit of μ

  /// σ = 0: the step function, ½ at μ = θ, where the gradient is NaN. NaN for a NaN and for σ < 0.
  /// Relative error ≲ (1 + z²) rounding errors, z = (μ − θ)/σ; 0 beyond z = −38.
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  bool operator==(const BinaryTransfer&) const = default;
};

/// Threshold-linear unit, averaged over Gaussian input of standard deviation D = spread · σ:
///   f = gain E[x − θ]₊ = gain [(μ − θ) Φ(z) + D φ(z)],  z = (μ − θ)/D,  φ, Φ: the standard normal
///   ∂f/∂μ = gain Φ(z),  ∂f/∂σ = gain · spread · φ(z)
struct ThresholdLinearTransfer {
  double gain = 1;   ///< [Hz/V], ≥ 0
  double theta = 0;  ///< [V]
  /// D/σ, ≥ 0: 0 for the noiseless unit gain [μ − θ]₊, whatever σ is; 1/√2 for the free membrane
  /// potential of docs/notation.md; 1 if σ is the standard deviation of x.
  double spread = 1 / std::numbers::sqrt2;

  /// D = 0: the noiseless unit; at μ = θ its gradient is NaN. NaN for a NaN and for σ < 0.
  /// Relative error ≲ (1 + z²) rounding errors in the lower tail too.
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  bool operator==(const ThresholdLinearTransfer&) const = default;
};

/// Noisy Softplus (Liu & Furber 2016; Liu, Chen & Furber 2017), fitted to LIF neurons by
/// fit_noisy_softplus():
///   f = S kσ ln(1 + e^u),  u = (μ − θ)/(kσ)
///   ∂f/∂μ = S/(1 + e^{−u}),  ∂f/∂σ = S k [ln(1 + e^{−|u|}) + |u|/(1 + e^{|u|})]
struct NoisySoftplusTransfer {
  double k = 0.5;    ///< width of the bend in units of σ, > 0
  double S = 1;      ///< slope far above threshold [Hz/V], ≥ 0
  double theta = 0;  ///< threshold [V]

  /// σ = 0: S [μ − θ]₊; at μ = θ its gradient is NaN. NaN for a NaN, σ < 0 or k ≤ 0.
  /// Relative error ≲ (1 + |u|) rounding errors in the lower tail, a few elsewhere.
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  bool operator==(const NoisySoftplusTransfer&) const = default;
};

/// Power law, averaged over Gaussian input of standard deviation D = spread · σ (Miller & Troyer
/// 2002; Hennequin et al. 2018):
///   f = rate E[([x − θ]₊/at)ⁿ] = rate (D/at)ⁿ G_n(z),  z = (μ − θ)/D,  G_n(z) = E[[z + t]₊ⁿ]
///   ∂f/∂μ = rate n/at (D/at)ⁿ⁻¹ G_{n−1}(z)
///   ∂f/∂σ = rate n spread/at (D/at)ⁿ⁻¹ [G_n(z) − z G_{n−1}(z)]
/// with t standard normal.
struct PowerLawTransfer {
  double rate = 1;      ///< at θ + `at` without noise [Hz], ≥ 0
  double at = 1;        ///< distance above θ at which `rate` is reached [V], > 0
  double theta = 0;     ///< threshold θ [V]
  double exponent = 2;  ///< n > 0
  double spread = 1 / std::numbers::sqrt2;  ///< D/σ, ≥ 0, as in ThresholdLinearTransfer

  /// D = 0: the noiseless unit; for n ≤ 1 its gradient is NaN at μ = θ. NaN for a NaN, σ < 0,
  /// at ≤ 0 or n ≤ 0. Relative error about 1e-13 and (1 + z²) rounding errors. Cost: 30–300 powers
  /// and exponentials.
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  bool operator==(const PowerLawTransfer&) const = default;
};

/// What a table gives outside its range.
enum class Outside {
  kNaN,       ///< NaN: the table says nothing there
  kConstant,  ///< the value at the nearest edge, with no slope across it
};

/// Transfer function from measured or simulated rates on a grid of μ, or of μ and σ.
/// Along each grid line it is the monotone piecewise cubic of Fritsch & Carlson (1980): it runs
/// through the data, has a continuous derivative and does not overshoot, so that a table of rising
/// non-negative rates gives a rising non-negative function. On a grid the cells are bicubic, with
/// slopes, and slopes of slopes, from the same construction along μ and along σ: continuously
/// differentiable, and monotone along the grid lines. The derivatives are the exact ones of these
/// functions.
class TabulatedTransfer {
 public:
  /// A curve, independent of σ.
  /// @param mu    [V], strictly increasing, at least two
  /// @param rate  [Hz], the same number
  /// @param outside  what it gives beyond the ends
  /// @throws std::invalid_argument for other sizes, an order that is not strict, numbers not
  ///   finite.
  TabulatedTransfer(const Eigen::VectorXd& mu, const Eigen::VectorXd& rate,
                    Outside outside = Outside::kNaN);
  /// A surface.
  /// @param mu     [V], as for a curve
  /// @param sigma  [V], strictly increasing, at least two
  /// @param rate   [Hz], shape=(mu.size(), sigma.size())
  /// @param outside  what it gives beyond the edges
  /// @throws std::invalid_argument as for a curve
  TabulatedTransfer(const Eigen::VectorXd& mu, const Eigen::VectorXd& sigma,
                    const Eigen::MatrixXd& rate, Outside outside = Outside::kNaN);

  /// From a CSV with the columns `mu,rate` or `mu,sigma,rate` in SI units, `#` comments allowed;
  /// the rows of a surface in any order, each grid point once.
  /// @throws FileError when the file cannot be read, ModelError (file:line) when its content is
  /// wrong.
  [[nodiscard]] static TabulatedTransfer from_csv(const std::filesystem::path& path,
                                                  Outside outside = Outside::kNaN);

  /// Rate and its exact gradient; NaN for a NaN, and outside with Outside::kNaN. Curves ignore σ.
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  /// Largest entry of the table [Hz].
  [[nodiscard]] double largest_rate() const { return rate_.maxCoeff(); }

 private:
  void set_slopes();

  Eigen::VectorXd mu_;
  Eigen::VectorXd sigma_;  ///< one entry, of no meaning, for a curve
  Eigen::MatrixXd rate_;
  Eigen::MatrixXd slope_mu_, slope_sigma_, slope_both_;
  Outside outside_;
};

/// Any function (μ, σ) ↦ value and gradient. It must be callable from several threads at once.
using CallableTransfer = std::function<TransferRate(double mu, double sigma)>;

/// One of those above.
using TransferFunction =
    std::variant<LifTransfer, BinaryTransfer, ThresholdLinearTransfer, NoisySoftplusTransfer,
                 TabulatedTransfer, CallableTransfer, PowerLawTransfer>;

/// Value and gradient at one point. An empty callable gives NaN.
[[nodiscard]] TransferRate evaluate(const TransferFunction& function, double mu, double sigma);

/// As in model files: lif, binary, threshold_linear, noisy_softplus, tabulated, callable,
/// power_law.
[[nodiscard]] std::string_view name_of(const TransferFunction& function);

/// An upper bound of the rate: 1/t_ref, 1 for a binary neuron, the largest rate of a table; ∞ where
/// there is none or it is not known. A solver's box.
[[nodiscard]] double rate_bound(const TransferFunction& function);

/// A Noisy Softplus put through another transfer function's rates, and how well that went.
struct NoisySoftplusFit {
  NoisySoftplusTransfer function;  ///< with the k and S found
  double rms_error = 0;            ///< root mean square of f − target over the grid [Hz]
  double worst_error = 0;          ///< largest |f − target| on the grid [Hz]
  int iterations = 0;              ///< of Levenberg–Marquardt
  bool converged = false;          ///< relative change of k and S below 1e-12
};

/// k and S of the Noisy Softplus that come closest to `target`, in the sense of least squares over
/// the grid μ × σ; θ is given, the threshold V_th for a LIF neuron. Levenberg–Marquardt in ln k and
/// ln S with the exact Jacobian.
/// @param target     rates to come close to [Hz]
/// @param mu, sigma  the grid [V], σ > 0; at least two points with a positive rate among them
/// @param theta      θ [V]
/// @throws std::invalid_argument for an empty grid, σ ≤ 0 or a target that is NaN or 0 on the grid.
[[nodiscard]] NoisySoftplusFit fit_noisy_softplus(const TransferFunction& target,
                                                  const Eigen::VectorXd& mu,
                                                  const Eigen::VectorXd& sigma, double theta);

/// @}
}  // namespace nuphi
