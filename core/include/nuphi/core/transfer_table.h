#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <filesystem>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

struct TransferRate;

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

/// @}
}  // namespace nuphi
