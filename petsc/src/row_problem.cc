#include "row_problem.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nuphi::petsc {
namespace {

// As in the solver for one process: error of Φ itself, and the bound on rates where no refractory
// time gives one.
constexpr double kUnit = std::numeric_limits<double>::epsilon() / 2;
constexpr double kRateError = 8 * kUnit;
constexpr double kHighestRate = 1e7;

double finite_or_zero(double slope) { return std::isfinite(slope) ? slope : 0.0; }

}  // namespace

RowProblem::RowProblem(const DistributedField& field)
    : field_(field),
      upper_(field.rows()),
      mu_(field.rows()),
      sigma_(field.rows()),
      gain_mean_(field.rows()),
      gain_variance_(field.rows()),
      response_(field.rows()) {
  for (Eigen::Index i = 0; i < rows(); ++i) {
    const double t_ref = field.neurons[i].t_ref;
    upper_[i] = t_ref > 0 ? 1 / t_ref : kHighestRate;
  }
  find_halo();
  seen_.resize(rows() + halo_.size());
  const auto own = static_cast<PetscInt>(rows());
  const auto others = static_cast<PetscInt>(halo_.size());
  call(VecCreateMPIWithArray(PETSC_COMM_WORLD, 1, own, static_cast<PetscInt>(field.size),
                             seen_.data(), &own_vector_));
  call(VecCreateSeqWithArray(PETSC_COMM_SELF, 1, others, seen_.data() + rows(), &halo_vector_));
  Handle<IS, ISDestroy> from;
  call(ISCreateGeneral(PETSC_COMM_SELF, others, halo_.data(), PETSC_COPY_VALUES, &from));
  call(VecScatterCreate(own_vector_, from, halo_vector_, nullptr, &fetch_));
}

void RowProblem::find_halo() {
  const int first = static_cast<int>(field_.first);
  const int last = static_cast<int>(field_.first + rows());
  for (const int column : field_.columns) {
    if (column < first || column >= last) halo_.push_back(column);
  }
  std::sort(halo_.begin(), halo_.end());
  halo_.erase(std::unique(halo_.begin(), halo_.end()), halo_.end());
  halo_.shrink_to_fit();
  local_columns_.reserve(field_.columns.size());
  for (const int column : field_.columns) {
    if (column >= first && column < last) {
      local_columns_.push_back(column - first);
    } else {
      const auto place = std::lower_bound(halo_.begin(), halo_.end(), column) - halo_.begin();
      local_columns_.push_back(static_cast<int>(rows() + place));
    }
  }
}

void RowProblem::evaluate(const Eigen::VectorXd& rates, Eigen::VectorXd& value) {
  std::copy(rates.begin(), rates.end(), seen_.begin());
  call(VecScatterBegin(fetch_, own_vector_, halo_vector_, INSERT_VALUES, SCATTER_FORWARD));
  call(VecScatterEnd(fetch_, own_vector_, halo_vector_, INSERT_VALUES, SCATTER_FORWARD));
  for (Eigen::Index i = 0; i < rows(); ++i) {
    double mean = 0;
    double variance = 0;
    for (int k = field_.row_begin[i]; k < field_.row_begin[i + 1]; ++k) {
      const double rate = seen_[local_columns_[k]];
      mean += field_.mean[k] * rate;
      variance += field_.variance[k] * rate;
    }
    mu_[i] = mean + field_.external_mean[i];
    sigma_[i] = std::sqrt(std::max(0.0, variance + field_.external_variance[i]));
    response_[i] = siegert(mu_[i], sigma_[i], field_.neurons[i], field_.correction);
    value[i] = response_[i].rate;
    gain_mean_[i] = finite_or_zero(response_[i].drate_dmu);
    gain_variance_[i] = finite_or_zero(response_[i].drate_dsigma / (2 * sigma_[i]));
  }
}

bool RowProblem::system_values(double shift, std::vector<double>& values) const {
  bool finite = true;
  for (Eigen::Index i = 0; i < rows(); ++i) {
    for (int k = field_.row_begin[i]; k < field_.row_begin[i + 1]; ++k) {
      values[k] = -(gain_mean_[i] * field_.mean[k] + gain_variance_[i] * field_.variance[k]);
      if (local_columns_[k] == i) values[k] += shift;
      finite = finite && std::isfinite(values[k]);
    }
  }
  return finite;
}

void RowProblem::rounding(Eigen::VectorXd& bound) const {
  const double relative = (4 + std::sqrt(static_cast<double>(field_.size))) * kUnit;
  bound.resize(rows());
  for (Eigen::Index i = 0; i < rows(); ++i) {
    double sum = std::abs(field_.external_mean[i]);
    for (int k = field_.row_begin[i]; k < field_.row_begin[i + 1]; ++k) {
      sum += std::abs(field_.mean[k] * seen_[local_columns_[k]]);
    }
    const SiegertRate& r = response_[i];
    bound[i] = std::abs(finite_or_zero(r.drate_dmu)) * relative * sum +
               std::abs(finite_or_zero(r.drate_dsigma)) * relative * sigma_[i] +
               kRateError * std::abs(r.rate) + kUnit * std::abs(seen_[i]);
  }
}

}  // namespace nuphi::petsc
