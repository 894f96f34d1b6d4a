#include "coupling_map.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace nuphi {
namespace {

using SparseRows = Eigen::SparseMatrix<double, Eigen::RowMajor>;

// A thread more is worth it from about this many multiplications on.
constexpr Eigen::Index kPerThread = 100000;

bool equal_patterns(const SparseRows& a, const SparseRows& b) {
  if (!a.isCompressed() || !b.isCompressed() || a.nonZeros() != b.nonZeros()) return false;
  return std::equal(a.outerIndexPtr(), a.outerIndexPtr() + a.outerSize() + 1, b.outerIndexPtr()) &&
         std::equal(a.innerIndexPtr(), a.innerIndexPtr() + a.nonZeros(), b.innerIndexPtr());
}

// body(begin, end) over the rows of a sparse matrix, in parallel where it has enough entries.
template <class Body>
void for_rows(const SparseRows& matrix, Body&& body) {
  if (matrix.nonZeros() < 2 * kPerThread) return body(Eigen::Index{0}, matrix.rows());
  const Eigen::Index grain = std::max<Eigen::Index>(
      1, static_cast<Eigen::Index>(static_cast<double>(matrix.rows()) * kPerThread /
                                   static_cast<double>(matrix.nonZeros())));
  tbb::parallel_for(
      tbb::blocked_range<Eigen::Index>(0, matrix.rows(), static_cast<std::size_t>(grain)),
      [&](const auto& rows) { body(rows.begin(), rows.end()); });
}

double row_product(const SparseRows& matrix, Eigen::Index row, const Eigen::VectorXd& v) {
  double sum = 0;
  for (SparseRows::InnerIterator it(matrix, row); it; ++it) sum += it.value() * v[it.col()];
  return sum;
}

}  // namespace

CouplingOperator::CouplingOperator(const MeanField& field) : field_(field) {
  if (const auto* sparse = std::get_if<SparseCoupling>(&field.coupling)) {
    same_pattern_ = equal_patterns(sparse->mean, sparse->variance);
    if (const SynapticFilters* f = filters()) {
      same_pattern_ =
          same_pattern_ && equal_patterns(sparse->mean, std::get<SparseRows>(f->coupling));
    }
  } else if (const auto* kernel = std::get_if<KernelCoupling>(&field.coupling)) {
    kernel_.emplace(*kernel);
  }
}

void CouplingOperator::add(const Eigen::VectorXd& rates, const Eigen::VectorXd& fluctuations,
                           Eigen::VectorXd& mean, Eigen::VectorXd& variance) {
  if (kernel_) {
    kernel_->multiply(rates, mean_, variance_);
    mean += mean_;
    variance += variance_;
  } else if (const auto* dense = std::get_if<DenseCoupling>(&coupling())) {
    mean.noalias() += dense->mean * rates;
    variance.noalias() += dense->variance * fluctuations;
  } else {
    const auto& sparse = std::get<SparseCoupling>(coupling());
    for_rows(sparse.mean, [&](Eigen::Index begin, Eigen::Index end) {
      for (Eigen::Index i = begin; i < end; ++i) {
        mean[i] += row_product(sparse.mean, i, rates);
        variance[i] += row_product(sparse.variance, i, fluctuations);
      }
    });
  }
}

void CouplingOperator::add_filtered(const Eigen::VectorXd& rates, Eigen::VectorXd& filtered) const {
  if (const auto* dense = std::get_if<Eigen::MatrixXd>(&filters()->coupling)) {
    filtered.noalias() += *dense * rates;
    return;
  }
  const auto& sparse = std::get<SparseRows>(filters()->coupling);
  for_rows(sparse, [&](Eigen::Index begin, Eigen::Index end) {
    for (Eigen::Index i = begin; i < end; ++i) filtered[i] += row_product(sparse, i, rates);
  });
}

void CouplingOperator::magnitude(const Eigen::VectorXd& rates, Eigen::VectorXd& mean) const {
  mean = Eigen::VectorXd::Zero(rates.size());
  if (kernel_) {
    const Eigen::Index places = std::get<KernelCoupling>(coupling()).grid.places();
    const Eigen::MatrixX2d size = kernel_->magnitude(rates);
    for (Eigen::Index t = 0; t < size.rows(); ++t) {
      mean.segment(t * places, places).setConstant(size(t, 0));
    }
  } else if (const auto* dense = std::get_if<DenseCoupling>(&coupling())) {
    for (Eigen::Index j = 0; j < rates.size(); ++j) {
      mean += std::abs(rates[j]) * dense->mean.col(j).cwiseAbs();
    }
  } else {
    const auto& matrix = std::get<SparseCoupling>(coupling()).mean;
    for_rows(matrix, [&](Eigen::Index begin, Eigen::Index end) {
      for (Eigen::Index i = begin; i < end; ++i) {
        for (SparseRows::InnerIterator it(matrix, i); it; ++it) {
          mean[i] += std::abs(it.value() * rates[it.col()]);
        }
      }
    });
  }
}

namespace {

bool finite(const CouplingGains& gains) {
  return gains.mean.allFinite() && gains.variance.allFinite() && gains.filter.allFinite() &&
         gains.fluctuation.allFinite();
}

// Dense and kernel couplings, and sparse ones of several patterns: a product for each matrix.
class GainMap : public JacobianMap {
 public:
  GainMap(CouplingOperator& coupling, const CouplingGains& gains)
      : coupling_(coupling), source_(gains) {}

  bool update() override {
    gains_ = source_;
    return finite(gains_);
  }

  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    mean_.setZero(v.size());
    variance_.setZero(v.size());
    if (gains_.fluctuation.size() > 0) {
      fluctuation_ = gains_.fluctuation.cwiseProduct(v);
      coupling_.add(v, fluctuation_, mean_, variance_);
    } else {
      coupling_.add(v, v, mean_, variance_);
    }
    product = gains_.mean.cwiseProduct(mean_) + gains_.variance.cwiseProduct(variance_);
    if (gains_.filter.size() == 0) return;
    mean_.setZero(v.size());
    coupling_.add_filtered(v, mean_);
    product += gains_.filter.cwiseProduct(mean_);
  }

  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    mean_ = gains_.mean.cwiseProduct(v);
    variance_ = gains_.variance.cwiseProduct(v);
    if (std::holds_alternative<KernelCoupling>(coupling_.coupling())) {
      coupling_.kernel().multiply_transposed(mean_, variance_, product);
    } else if (const auto* dense = std::get_if<DenseCoupling>(&coupling_.coupling())) {
      add_transposed(dense->mean, dense->variance, product);
    } else {
      const auto& sparse = std::get<SparseCoupling>(coupling_.coupling());
      add_transposed(sparse.mean, sparse.variance, product);
    }
    if (gains_.filter.size() == 0) return;
    mean_ = gains_.filter.cwiseProduct(v);
    std::visit([&](const auto& matrix) { product += matrix.transpose() * mean_; },
               coupling_.filters()->coupling);
  }

 protected:
  [[nodiscard]] CouplingOperator& coupling() const { return coupling_; }
  [[nodiscard]] const CouplingGains& gains() const { return gains_; }

 private:
  template <class Matrix>
  void add_transposed(const Matrix& mean, const Matrix& variance, Eigen::VectorXd& product) const {
    product = variance.transpose() * variance_;
    if (gains_.fluctuation.size() > 0) product.array() *= gains_.fluctuation.array();
    product += mean.transpose() * mean_;
  }

  CouplingOperator& coupling_;
  const CouplingGains& source_;
  CouplingGains gains_;
  mutable Eigen::VectorXd mean_, variance_, fluctuation_;
};

// Preconditioned by the same kernels with the mean gain of each type, wave number by wave number:
// exact where all places are alike.
class KernelMap final : public GainMap {
 public:
  KernelMap(CouplingOperator& coupling, const CouplingGains& gains)
      : GainMap(coupling, gains), shape_(std::get<KernelCoupling>(coupling.coupling())) {}

  void prepare(double shift) override {
    prepared_ = coupling().kernel().factorize(shift, means(gains().mean), means(gains().variance));
  }
  void precondition(Eigen::VectorXd& v) const override {
    if (prepared_) coupling().kernel().solve(v);
  }
  void precondition_transposed(Eigen::VectorXd& v) const override {
    if (prepared_) coupling().kernel().solve(v, true);
  }
  bool is_negative() const override { return prepared_ && coupling().kernel().is_negative(); }

 private:
  [[nodiscard]] Eigen::VectorXd means(const Eigen::VectorXd& gain) const {
    return gain.reshaped(shape_.grid.places(), shape_.types).colwise().mean().transpose();
  }

  const KernelCoupling& shape_;
  bool prepared_ = false;
};

// Sparse couplings of one pattern: their sum is formed once at every update. Preconditioned by the
// diagonal.
class SparseMap final : public JacobianMap {
 public:
  SparseMap(const SparseCoupling& coupling, const SynapticFilters* filters,
            const CouplingGains& gains)
      : coupling_(coupling),
        filters_(filters),
        gains_(gains),
        values_(static_cast<std::size_t>(coupling.mean.nonZeros())),
        diagonal_(gains.mean.size()),
        scale_(gains.mean.size()) {}

  bool update() override {
    diagonal_.setZero();
    const double* const a = coupling_.mean.valuePtr();
    const double* const b = coupling_.variance.valuePtr();
    const double* const q =
        filters_ != nullptr ? std::get<SparseRows>(filters_->coupling).valuePtr() : nullptr;
    const bool slopes = gains_.fluctuation.size() > 0;
    for_rows(coupling_.mean, [&](Eigen::Index begin, Eigen::Index end) {
      for (Eigen::Index i = begin; i < end; ++i) {
        for (int k = first(i); k < first(i + 1); ++k) {
          const double slope = slopes ? gains_.fluctuation[column(k)] : 1;
          double& value = values_[static_cast<std::size_t>(k)];
          value = gains_.mean[i] * a[k] + gains_.variance[i] * b[k] * slope;
          if (q != nullptr) value += gains_.filter[i] * q[k];
          if (column(k) == i) diagonal_[i] = value;
        }
      }
    });
    return finite(gains_);
  }

  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.resize(v.size());
    for_rows(coupling_.mean, [&](Eigen::Index begin, Eigen::Index end) {
      for (Eigen::Index i = begin; i < end; ++i) {
        double sum = 0;
        for (int k = first(i); k < first(i + 1); ++k) {
          sum += values_[static_cast<std::size_t>(k)] * v[column(k)];
        }
        product[i] = sum;
      }
    });
  }

  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.setZero(v.size());
    for (Eigen::Index i = 0; i < v.size(); ++i) {
      for (int k = first(i); k < first(i + 1); ++k) {
        product[column(k)] += values_[static_cast<std::size_t>(k)] * v[i];
      }
    }
  }

  // Kept positive: where a population excites itself beyond the shift, its row is left alone.
  void prepare(double shift) override {
    scale_ = (diagonal_.array() < shift / 2).select((shift - diagonal_.array()).inverse(), 1.0);
  }
  void precondition(Eigen::VectorXd& v) const override { v.array() *= scale_.array(); }
  void precondition_transposed(Eigen::VectorXd& v) const override { precondition(v); }

 private:
  [[nodiscard]] int first(Eigen::Index row) const { return coupling_.mean.outerIndexPtr()[row]; }
  [[nodiscard]] Eigen::Index column(int k) const { return coupling_.mean.innerIndexPtr()[k]; }

  const SparseCoupling& coupling_;
  const SynapticFilters* filters_;
  const CouplingGains& gains_;
  std::vector<double> values_;
  Eigen::VectorXd diagonal_, scale_;
};

}  // namespace

std::unique_ptr<JacobianMap> make_coupling_map(CouplingOperator& coupling,
                                               const CouplingGains& gains) {
  if (std::holds_alternative<KernelCoupling>(coupling.coupling())) {
    return std::make_unique<KernelMap>(coupling, gains);
  }
  if (coupling.same_pattern()) {
    return std::make_unique<SparseMap>(std::get<SparseCoupling>(coupling.coupling()),
                                       coupling.filters(), gains);
  }
  return std::make_unique<GainMap>(coupling, gains);
}

}  // namespace nuphi
