#include <nuphi/analysis/spatial.h>

#include <cmath>
#include <stdexcept>

namespace nuphi {
namespace {

/// Normal equations of the residuals |N_k| − h₀ g(x_k), g = 1/√(1 + x²), x = ωτ, in (ln h₀, ln τ).
struct NormalEquations {
  double gain_gain = 0, gain_tau = 0, tau_tau = 0;  ///< JᵀJ
  double gain = 0, tau = 0;                         ///< Jᵀ r
  double squares = 0;                               ///< rᵀ r
};

NormalEquations normal_equations(const Eigen::VectorXd& omega, const Eigen::VectorXd& modulus,
                                 double gain, double tau) {
  NormalEquations e;
  for (Eigen::Index k = 0; k < omega.size(); ++k) {
    const double x2 = std::pow(omega[k] * tau, 2);
    const double model = gain / std::sqrt(1 + x2), d_tau = -model * x2 / (1 + x2);
    const double residual = modulus[k] - model;
    e.gain_gain += model * model, e.gain_tau += model * d_tau, e.tau_tau += d_tau * d_tau;
    e.gain += model * residual, e.tau += d_tau * residual;
    e.squares += residual * residual;
  }
  return e;
}

/// 1/|N|² = (1 + ω²τ²)/h₀² is a straight line in ω²; its least squares, weighted with |N|⁴, give a
/// start.
void start(const Eigen::VectorXd& omega, const Eigen::VectorXd& modulus, double& gain,
           double& tau) {
  double w0 = 0, w1 = 0, w2 = 0, y0 = 0, y1 = 0;
  for (Eigen::Index k = 0; k < omega.size(); ++k) {
    const double x = omega[k] * omega[k], square = modulus[k] * modulus[k];
    const double weight = square * square;
    w0 += weight, w1 += weight * x, w2 += weight * x * x;
    y0 += square, y1 += square * x;
  }
  const double determinant = w0 * w2 - w1 * w1;
  const double intercept = (y0 * w2 - y1 * w1) / determinant;
  const double slope = (y1 * w0 - y0 * w1) / determinant;
  const bool usable = intercept > 0 && slope > 0;
  gain = usable ? 1 / std::sqrt(intercept) : modulus.maxCoeff();
  tau = usable ? std::sqrt(slope / intercept) : 1 / omega.cwiseAbs().maxCoeff();
}

}  // namespace

LowPass fit_low_pass(const Eigen::VectorXd& omega, const Eigen::VectorXcd& transfer) {
  const Eigen::Index m = omega.size();
  if (m < 3 || transfer.size() != m)
    throw std::invalid_argument("low pass: at least three frequencies, one value each");
  const Eigen::VectorXd modulus = transfer.cwiseAbs();
  LowPass fit;
  start(omega, modulus, fit.gain, fit.tau);
  double damping = 0;  // Levenberg–Marquardt; Gauss–Newton while it works
  NormalEquations now = normal_equations(omega, modulus, fit.gain, fit.tau);
  for (int k = 0; k < 200 && !fit.converged; ++k) {
    const double a = now.gain_gain * (1 + damping), c = now.tau_tau * (1 + damping);
    const double determinant = a * c - now.gain_tau * now.gain_tau;
    const double d_gain = (now.gain * c - now.tau * now.gain_tau) / determinant;
    const double d_tau = (now.tau * a - now.gain * now.gain_tau) / determinant;
    if (!std::isfinite(d_gain) || !std::isfinite(d_tau)) break;
    const double gain = fit.gain * std::exp(d_gain), tau = fit.tau * std::exp(d_tau);
    const NormalEquations next = normal_equations(omega, modulus, gain, tau);
    const bool tiny = std::abs(d_gain) + std::abs(d_tau) < 1e-12;
    if (next.squares <= now.squares || tiny) {
      fit.gain = gain, fit.tau = tau, now = next;
      damping /= 10;
      fit.converged = tiny && damping < 1e-2;
    } else {
      damping = std::max(1e-3, 10 * damping);
    }
  }
  const double determinant = now.gain_gain * now.tau_tau - now.gain_tau * now.gain_tau;
  const double variance = now.squares / static_cast<double>(m - 2);
  fit.relative_error = std::sqrt(variance * (now.gain_gain + now.tau_tau) / determinant);
  // A low pass lags: Im N < 0 under e^{+iωt}.
  if (transfer[m - 1].imag() * omega[m - 1] > 0) fit.tau = -fit.tau;
  return fit;
}

}  // namespace nuphi
