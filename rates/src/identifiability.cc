#include "identifiability.h"

#include <Eigen/SVD>
#include <algorithm>
#include <limits>

namespace nuphi {
namespace {

// Length of a parameter's part in the null space from which it counts as free.
constexpr double kFreePart = 1e-4;

}  // namespace

Identifiability identifiability(const Eigen::MatrixXd& jacobian, double tolerance) {
  const Eigen::Index n = jacobian.cols();
  // Rows of zeros, so that there is a singular value for every parameter.
  Eigen::MatrixXd padded = Eigen::MatrixXd::Zero(std::max(jacobian.rows(), n), n);
  padded.topRows(jacobian.rows()) = jacobian;
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(padded, Eigen::ComputeThinU | Eigen::ComputeThinV);
  Identifiability result;
  result.singular_values = svd.singularValues();
  result.directions = svd.matrixV();
  const double smallest = tolerance * (n > 0 ? result.singular_values[0] : 0);
  while (result.rank < n && result.singular_values[result.rank] > smallest) ++result.rank;

  const Eigen::MatrixXd null = result.directions.rightCols(n - result.rank);
  const Eigen::MatrixXd spanned =
      result.directions.leftCols(result.rank) *
      result.singular_values.head(result.rank).cwiseInverse().asDiagonal();
  result.covariance = spanned * spanned.transpose();
  for (Eigen::Index k = 0; k < n; ++k) {
    result.identifiable.push_back(null.row(k).norm() < kFreePart);
    if (result.identifiable.back()) continue;
    result.covariance.row(k).setConstant(std::numeric_limits<double>::quiet_NaN());
    result.covariance.col(k).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

}  // namespace nuphi
