#pragma once

#include <nuphi/solver/problem.h>

#include <vector>

#include "gauss_hermite.h"
#include "quenched_input.h"

namespace nuphi::detail {

/// Mean and covariance over neurons of the input (μ, v = σ²) of one population.
struct InputDistribution {
  double mu = 0, v = 0;
  double mu_mu = 0, mu_v = 0, v_v = 0;
};

/// Factors of that covariance: μ = μ̄ + a z₁, v = v̄ + b z₁ + c z₂.
struct InputFactors {
  double a = 0, b = 0, c = 0;
};
[[nodiscard]] InputFactors factors(const InputDistribution& input) noexcept;

/// Mean rates m and root-mean-square rates r as a fixed point x = (m, r), size 2n.
/// Derivatives of a Gaussian average E[f] with respect to the covariance are E[f_μμ]/2, E[f_μv],
/// E[f_vv]/2 (Price 1958): nothing is singular where the spread vanishes.
class DistributionProblem final : public FixedPointProblem {
 public:
  /// @param input  must outlive the problem
  DistributionProblem(const QuenchedInput& input, int nodes, int variance_nodes);

  [[nodiscard]] Eigen::Index size() const override { return lower_.size(); }
  [[nodiscard]] const Eigen::VectorXd& lower() const override { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const override { return upper_; }
  void evaluate(const Eigen::VectorXd& x, Eigen::VectorXd& value) override;
  void jacobian(Eigen::MatrixXd& matrix) const override;
  void rounding(Eigen::VectorXd& bound) const override;

  /// At the last evaluate().
  [[nodiscard]] const InputDistribution& input(Eigen::Index i) const {
    return inputs_[static_cast<std::size_t>(i)];
  }

 private:
  /// A rate (mean or root mean square) and its derivatives with respect to the input distribution.
  struct Response {
    double value = 0;
    InputDistribution slope;
  };

  void set_inputs();
  void respond(Eigen::Index i);
  [[nodiscard]] double slope_along(const Response& response, Eigen::Index i, Eigen::Index j,
                                   bool of_mean) const;

  const QuenchedInput& quenched_;
  GaussHermite over_mu_, over_v_;
  Eigen::VectorXd lower_, upper_, x_;
  std::vector<InputDistribution> inputs_;
  std::vector<Response> mean_, rms_;
};

}  // namespace nuphi::detail
