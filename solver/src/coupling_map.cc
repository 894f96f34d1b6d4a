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

CouplingOperator::CouplingOperator(const Coupling& coupling) : coupling_(coupling) {
  if (const auto* sparse = std::get_if<SparseCoupling>(&coupling)) {
    same_pattern_ = equal_patterns(sparse->mean, sparse->variance);
  } else if (const auto* kernel = std::get_if<KernelCoupling>(&coupling)) {
    kernel_.emplace(*kernel);
  }
}

void CouplingOperator::add(const Eigen::VectorXd& rates, Eigen::VectorXd& mean,
                           Eigen::VectorXd& variance) {
  if (kernel_) {
    kernel_->multiply(rates, mean_, variance_);
    mean += mean_;
    variance += variance_;
  } else if (const auto* dense = std::get_if<DenseCoupling>(&coupling_)) {
    mean.noalias() += dense->mean * rates;
    variance.noalias() += dense->variance * rates;
  } else {
    const auto& sparse = std::get<SparseCoupling>(coupling_);
    for_rows(sparse.mean, [&](Eigen::Index begin, Eigen::Index end) {
      for (Eigen::Index i = begin; i < end; ++i) {
        mean[i] += row_product(sparse.mean, i, rates);
        variance[i] += row_product(sparse.variance, i, rates);
      }
    });
  }
}

void CouplingOperator::magnitude(const Eigen::VectorXd& rates, Eigen::VectorXd& mean) const {
  mean = Eigen::VectorXd::Zero(rates.size());
  if (kernel_) {
    const Eigen::Index places = std::get<KernelCoupling>(coupling_).grid.places();
    const Eigen::MatrixX2d size = kernel_->magnitude(rates);
    for (Eigen::Index t = 0; t < size.rows(); ++t) {
      mean.segment(t * places, places).setConstant(size(t, 0));
    }
  } else if (const auto* dense = std::get_if<DenseCoupling>(&coupling_)) {
    for (Eigen::Index j = 0; j < rates.size(); ++j) {
      mean += std::abs(rates[j]) * dense->mean.col(j).cwiseAbs();
    }
  } else {
    const auto& matrix = std::get<SparseCoupling>(coupling_).mean;
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

bool finite(const Eigen::VectorXd& v) { return v.allFinite(); }

// Dense and kernel couplings, and sparse ones of two patterns: two products.
class GainMap : public JacobianMap {
 public:
  GainMap(CouplingOperator& coupling, const Eigen::VectorXd& g, const Eigen::VectorXd& h)
      : coupling_(coupling), source_g_(g), source_h_(h) {}

  bool update() override {
    g_ = source_g_;
    h_ = source_h_;
    return finite(g_) && finite(h_);
  }

  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    mean_.setZero(v.size());
    variance_.setZero(v.size());
    coupling_.add(v, mean_, variance_);
    product = g_.cwiseProduct(mean_) + h_.cwiseProduct(variance_);
  }

  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    mean_ = g_.cwiseProduct(v);
    variance_ = h_.cwiseProduct(v);
    if (std::holds_alternative<KernelCoupling>(coupling_.coupling())) {
      coupling_.kernel().multiply_transposed(mean_, variance_, product);
    } else if (const auto* dense = std::get_if<DenseCoupling>(&coupling_.coupling())) {
      product = dense->mean.transpose() * mean_ + dense->variance.transpose() * variance_;
    } else {
      const auto& sparse = std::get<SparseCoupling>(coupling_.coupling());
      product = sparse.mean.transpose() * mean_ + sparse.variance.transpose() * variance_;
    }
  }

 protected:
  [[nodiscard]] CouplingOperator& coupling() const { return coupling_; }
  [[nodiscard]] const Eigen::VectorXd& g() const { return g_; }
  [[nodiscard]] const Eigen::VectorXd& h() const { return h_; }

 private:
  CouplingOperator& coupling_;
  const Eigen::VectorXd& source_g_;
  const Eigen::VectorXd& source_h_;
  Eigen::VectorXd g_, h_;
  mutable Eigen::VectorXd mean_, variance_;
};

// Preconditioned by the same kernels with the mean gain of each type, wave number by wave number:
// exact where all places are alike.
class KernelMap final : public GainMap {
 public:
  KernelMap(CouplingOperator& coupling, const Eigen::VectorXd& g, const Eigen::VectorXd& h)
      : GainMap(coupling, g, h), shape_(std::get<KernelCoupling>(coupling.coupling())) {}

  void prepare(double shift) override {
    prepared_ = coupling().kernel().factorize(shift, means(g()), means(h()));
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
  SparseMap(const SparseCoupling& coupling, const Eigen::VectorXd& g, const Eigen::VectorXd& h)
      : coupling_(coupling),
        g_(g),
        h_(h),
        values_(static_cast<std::size_t>(coupling.mean.nonZeros())),
        diagonal_(g.size()),
        scale_(g.size()) {}

  bool update() override {
    diagonal_.setZero();
    const double* const a = coupling_.mean.valuePtr();
    const double* const b = coupling_.variance.valuePtr();
    for_rows(coupling_.mean, [&](Eigen::Index begin, Eigen::Index end) {
      for (Eigen::Index i = begin; i < end; ++i) {
        for (int k = first(i); k < first(i + 1); ++k) {
          values_[static_cast<std::size_t>(k)] = g_[i] * a[k] + h_[i] * b[k];
          if (column(k) == i) diagonal_[i] = values_[static_cast<std::size_t>(k)];
        }
      }
    });
    return finite(g_) && finite(h_);
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
  const Eigen::VectorXd& g_;
  const Eigen::VectorXd& h_;
  std::vector<double> values_;
  Eigen::VectorXd diagonal_, scale_;
};

}  // namespace

std::unique_ptr<JacobianMap> make_coupling_map(CouplingOperator& coupling,
                                               const Eigen::VectorXd& mean_gain,
                                               const Eigen::VectorXd& variance_gain) {
  if (std::holds_alternative<KernelCoupling>(coupling.coupling())) {
    return std::make_unique<KernelMap>(coupling, mean_gain, variance_gain);
  }
  if (coupling.same_pattern()) {
    return std::make_unique<SparseMap>(std::get<SparseCoupling>(coupling.coupling()), mean_gain,
                                       variance_gain);
  }
  return std::make_unique<GainMap>(coupling, mean_gain, variance_gain);
}

}  // namespace nuphi
