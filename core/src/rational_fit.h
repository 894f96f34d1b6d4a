// Several functions of a real variable as rational functions with common poles, from samples.
#pragma once

#include <Eigen/Core>

#include <complex>
#include <vector>

namespace nuphi::detail {

/// Barycentric form Σ w_k f_k/(x − x_k) / Σ w_k/(x − x_k): the support x_k is chosen among the
/// samples one by one, where what is there is worst, and the weights leave the least squares at the
/// other samples (AAA: Nakatsukasa, Sète & Trefethen 2018, SIAM J. Sci. Comput. 40:A1494).
class RationalFit {
 public:
  RationalFit() = default;
  /// @param x       different from each other
  /// @param values  at x; shape=(functions, samples)
  RationalFit(const std::vector<double>& x, const Eigen::MatrixXcd& values);

  /// All functions at x; the samples of the support exactly. shape=(functions,)
  [[nodiscard]] Eigen::VectorXcd at(double x) const;

 private:
  /// The weights for this support, by the other samples; functions count in units of `scale`.
  void weigh(const std::vector<double>& x, const Eigen::MatrixXcd& values,
             const std::vector<bool>& is_support, const Eigen::VectorXd& scale);

  std::vector<double> support_;
  Eigen::MatrixXcd values_;  ///< at the support; shape=(functions, support)
  Eigen::VectorXcd weights_;
};

}  // namespace nuphi::detail
