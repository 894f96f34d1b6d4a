#include "rate_problem.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <variant>

namespace nuphi {
namespace {

constexpr double kUnit = std::numeric_limits<double>::epsilon() / 2;
constexpr double kRateError = 8 * kUnit;  // of Φ itself, relative
// With a gain of one and more and no refractory time no finite bound exists; any rate beyond this
// is a runaway.
constexpr double kHighestRate = 1e7;

}  // namespace

RateProblem::RateProblem(const MeanField& field)
    : field_(field),
      lower_(Eigen::VectorXd::Zero(field.size())),
      upper_(field.size()),
      rates_(Eigen::VectorXd::Zero(field.size())),
      mu_(field.size()),
      sigma_(field.size()),
      gain_mean_(field.size()),
      gain_variance_(field.size()),
      response_(static_cast<std::size_t>(field.size())) {
  for (Eigen::Index i = 0; i < size(); ++i) {
    const double t_ref = field.neurons[static_cast<std::size_t>(i)].t_ref;
    upper_[i] = t_ref > 0 ? 1 / t_ref : kHighestRate;
  }
}

void RateProblem::evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value) {
  rates_ = rates;
  mu_ = field_.external_mean;
  sigma_ = field_.external_variance;
  std::visit(
      [&](const auto& coupling) {
        mu_.noalias() += coupling.mean * rates_;
        sigma_.noalias() += coupling.variance * rates_;
      },
      field_.coupling);
  sigma_ = sigma_.cwiseMax(0.0).cwiseSqrt();
  for (Eigen::Index i = 0; i < size(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    response_[k] = siegert(mu_[i], sigma_[i], field_.neurons[k], field_.correction);
    value[i] = response_[k].rate;
    gain_mean_[i] = response_[k].drate_dmu;
    gain_variance_[i] = sigma_[i] > 0 ? response_[k].drate_dsigma / (2 * sigma_[i]) : 0.0;
  }
}

void RateProblem::jacobian(Eigen::MatrixXd& matrix) const {
  matrix.setZero(size(), size());
  if (const auto* dense = std::get_if<DenseCoupling>(&field_.coupling)) {
    matrix.noalias() = gain_mean_.asDiagonal() * dense->mean;
    matrix.noalias() += gain_variance_.asDiagonal() * dense->variance;
    return;
  }
  const auto& sparse = std::get<SparseCoupling>(field_.coupling);
  using Rows = Eigen::SparseMatrix<double, Eigen::RowMajor>;
  for (Eigen::Index i = 0; i < size(); ++i) {
    for (Rows::InnerIterator it(sparse.mean, i); it; ++it) {
      matrix(i, it.col()) += gain_mean_[i] * it.value();
    }
    for (Rows::InnerIterator it(sparse.variance, i); it; ++it) {
      matrix(i, it.col()) += gain_variance_[i] * it.value();
    }
  }
}

void RateProblem::jacobian(Eigen::SparseMatrix<double>& matrix) const {
  const auto& sparse = std::get<SparseCoupling>(field_.coupling);
  Eigen::SparseMatrix<double> zero(size(), size());
  zero.setIdentity();
  zero *= 0.0;
  matrix = Eigen::SparseMatrix<double>(gain_mean_.asDiagonal() * sparse.mean) +
           Eigen::SparseMatrix<double>(gain_variance_.asDiagonal() * sparse.variance) + zero;
  matrix.makeCompressed();
}

void RateProblem::rounding(Eigen::VectorXd& bound) const {
  std::visit(
      [&](const auto& coupling) {
        for (Eigen::Index i = 0; i < size(); ++i) {
          bound[i] = std::abs(field_.external_mean[i]);
        }
        bound += coupling.mean.cwiseAbs() * rates_.cwiseAbs();
      },
      field_.coupling);
  const double terms = 2 + std::sqrt(static_cast<double>(size()));
  for (Eigen::Index i = 0; i < size(); ++i) {
    const SiegertRate& r = response_[static_cast<std::size_t>(i)];
    bound[i] =
        terms * kUnit * (std::abs(r.drate_dmu) * bound[i] + std::abs(r.drate_dsigma) * sigma_[i]) +
        kRateError * std::abs(r.rate) + kUnit * std::abs(rates_[i]);
  }
}

}  // namespace nuphi
