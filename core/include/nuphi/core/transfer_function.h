#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/transfer_table.h>

#include <functional>
#include <numbers>
#include <variant>

namespace NUPHI_PUBLIC nuphi {

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
  LifParameters neuron;
  Correction correction = Correction::kShift;

  /// NaN outside the domain of siegert().
  [[nodiscard]] TransferRate operator()(double mu, double sigma) const noexcept;
  bool operator==(const LifTransfer&) const = default;
};

/// Binary neuron with threshold θ and Gaussian input of standard deviation σ: mean activity
///   m = ½ erfc(−(μ − θ)/(√2 σ))   (Ginzburg & Sompolinsky 1994; Helias et al. 2014)
/// Its input has the variance Σ K J² m(1 − m) + …, not Σ K J² m.
struct BinaryTransfer {
  double theta = 0;

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

/// Any function (μ, σ) ↦ value and gradient. It must be callable from several threads at once.
using CallableTransfer = std::function<TransferRate(double mu, double sigma)>;

using TransferFunction = std::variant<LifTransfer, BinaryTransfer, ThresholdLinearTransfer,
                                      NoisySoftplusTransfer, TabulatedTransfer, CallableTransfer>;

/// Value and gradient at one point. An empty callable gives NaN.
[[nodiscard]] TransferRate evaluate(const TransferFunction& function, double mu, double sigma);

/// An upper bound of the rate: 1/t_ref, 1 for a binary neuron, the largest rate of a table; ∞ where
/// there is none or it is not known. A solver's box.
[[nodiscard]] double rate_bound(const TransferFunction& function);

}  // namespace nuphi
