#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/core/transfer_function.h>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

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
