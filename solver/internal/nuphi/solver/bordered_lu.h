#pragma once

#include <nuphi/core/export.h>

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <memory>
#include <variant>

namespace NUPHI_PUBLIC nuphi {

/// The n×n block of a bordered matrix.
using JacobianBlock = std::variant<Eigen::MatrixXd, Eigen::SparseMatrix<double>>;

/// LU factors of the bordered matrix [A, C; R] of order n + k: A is n×n, the columns C n×k, the
/// rows R k×(n + k). It is factorised as a whole, because A is singular where it matters.
class BorderedLu {
 public:
  BorderedLu();
  ~BorderedLu();
  BorderedLu(const BorderedLu&) = delete;
  BorderedLu& operator=(const BorderedLu&) = delete;

  /// False when the matrix is not finite or singular to rounding.
  [[nodiscard]] bool factorize(const JacobianBlock& block, const Eigen::MatrixXd& columns,
                               const Eigen::MatrixXd& rows);
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const;
  [[nodiscard]] Eigen::VectorXd solve_transposed(const Eigen::VectorXd& rhs) const;
  [[nodiscard]] int determinant_sign() const;

  class Factors;

 private:
  std::unique_ptr<Factors> factors_;
  Eigen::VectorXd scale_;  // of the rows
};

}  // namespace nuphi
