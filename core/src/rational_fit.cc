#include "rational_fit.h"

#include <Eigen/Eigenvalues>

#include <algorithm>

namespace nuphi::detail {
namespace {

constexpr double kFitted = 1e-9;      // of the largest value: rounding of the squared problem
constexpr double kMostSupport = 0.7;  // of the samples; the others determine the weights

}  // namespace

RationalFit::RationalFit(const std::vector<double>& x, const Eigen::MatrixXcd& values) {
  const auto samples = static_cast<Eigen::Index>(x.size());
  const Eigen::VectorXd scale = values.cwiseAbs().rowwise().maxCoeff().cwiseMax(1e-300);
  std::vector<bool> is_support(x.size(), false);
  Eigen::MatrixXcd fitted = values.rowwise().mean().replicate(1, samples);
  const auto most = std::max<std::size_t>(
      1, static_cast<std::size_t>(kMostSupport * static_cast<double>(samples)));
  while (support_.size() < most) {
    Eigen::Index worst = 0;
    const double error = (scale.cwiseInverse().asDiagonal() * (values - fitted).cwiseAbs())
                             .colwise()
                             .maxCoeff()
                             .maxCoeff(&worst);
    if (!(error >= kFitted) || is_support[static_cast<std::size_t>(worst)]) return;
    is_support[static_cast<std::size_t>(worst)] = true;
    weigh(x, values, is_support, scale);
    for (Eigen::Index k = 0; k < samples; ++k) fitted.col(k) = at(x[static_cast<std::size_t>(k)]);
  }
}

void RationalFit::weigh(const std::vector<double>& x, const Eigen::MatrixXcd& values,
                        const std::vector<bool>& is_support, const Eigen::VectorXd& scale) {
  support_.clear();
  for (std::size_t k = 0; k < x.size(); ++k)
    if (is_support[k]) support_.push_back(x[k]);
  const auto size = static_cast<Eigen::Index>(support_.size());
  values_.resize(values.rows(), size);
  for (Eigen::Index j = 0, k = 0; k < values.cols(); ++k)
    if (is_support[static_cast<std::size_t>(k)]) values_.col(j++) = values.col(k);

  // Σ_k w_k (f_k − f(x))/(x_k − x) = 0 at the other samples x; its normal equations.
  Eigen::MatrixXcd normal = Eigen::MatrixXcd::Zero(size, size);
  Eigen::MatrixXcd rows(values.rows(), size);
  for (std::size_t s = 0; s < x.size(); ++s) {
    if (is_support[s]) continue;
    for (Eigen::Index k = 0; k < size; ++k) {
      rows.col(k) = (values_.col(k) - values.col(static_cast<Eigen::Index>(s)))
                        .cwiseQuotient(scale.cast<std::complex<double>>()) /
                    (support_[static_cast<std::size_t>(k)] - x[s]);
    }
    normal += rows.adjoint() * rows;
  }
  weights_ = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>(normal).eigenvectors().col(0);
}

Eigen::VectorXcd RationalFit::at(double x) const {
  Eigen::VectorXcd above = Eigen::VectorXcd::Zero(values_.rows());
  std::complex<double> below = 0;
  for (std::size_t k = 0; k < support_.size(); ++k) {
    const auto j = static_cast<Eigen::Index>(k);
    if (x == support_[k]) return values_.col(j);
    const std::complex<double> w = weights_[j] / (x - support_[k]);
    above += w * values_.col(j);
    below += w;
  }
  return above / below;
}

}  // namespace nuphi::detail
