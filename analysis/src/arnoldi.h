// Arnoldi's method (Golub & Van Loan, Matrix Computations, §10.5) for the largest eigenvalues of an
// operator.
#pragma once

#include <Eigen/Core>
#include <functional>

namespace nuphi::detail {

/// Eigenvalues by falling modulus, their eigenvectors of norm 1 by columns, and ‖A v − λ v‖/|λ|.
struct RitzPairs {
  Eigen::VectorXcd values;
  Eigen::MatrixXcd vectors;
  Eigen::VectorXd residuals;
};

/// Orthonormal V with A V = V H + β v eᵀ, grown column by column.
class Arnoldi {
 public:
  using Operator = std::function<Eigen::VectorXcd(const Eigen::VectorXcd&)>;

  /// @param size  of the vectors
  /// @param most  dimensions to which the space may grow
  Arnoldi(Operator apply, Eigen::Index size, Eigen::Index most);

  /// @return false where the space is invariant
  bool grow_to(Eigen::Index dimensions);

  /// The `count` largest; empty where they cannot be calculated.
  [[nodiscard]] RitzPairs largest(Eigen::Index count) const;

 private:
  Operator apply_;
  Eigen::MatrixXcd V_, H_;
  Eigen::Index size_ = 0;
};

}  // namespace nuphi::detail
