#include <nuphi/models/coupling.h>

#include <algorithm>
#include <cmath>
#include <span>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

namespace nuphi {
namespace {

// A thread more is worth it from about this many multiplications on.
constexpr Eigen::Index kPerThread = 100000;

// body(i) for every row of a sparse matrix, in parallel where it has enough entries.
template <class Matrix, class Body>
void for_each_row(const Matrix& matrix, Body&& body) {
  const auto rows = [&](Eigen::Index begin, Eigen::Index end) {
    for (Eigen::Index i = begin; i < end; ++i) body(i);
  };
  if (matrix.nonZeros() < 2 * kPerThread) return rows(0, matrix.rows());
  const Eigen::Index grain = std::max<Eigen::Index>(
      1, static_cast<Eigen::Index>(static_cast<double>(matrix.rows()) * kPerThread /
                                   static_cast<double>(matrix.nonZeros())));
  tbb::parallel_for(
      tbb::blocked_range<Eigen::Index>(0, matrix.rows(), static_cast<std::size_t>(grain)),
      [&](const auto& range) { rows(range.begin(), range.end()); });
}

template <class Matrix>
double row_product(const Matrix& matrix, Eigen::Index row, const double* v) {
  double sum = 0;
  for (typename Matrix::InnerIterator it(matrix, row); it; ++it) sum += it.value() * v[it.col()];
  return sum;
}

// The column of the sources that L_k multiplies.
Eigen::Index column(const Eigen::Ref<const Eigen::MatrixXd>& sources, Eigen::Index k) {
  return sources.cols() == 1 ? 0 : k;
}

}  // namespace

CouplingProduct::CouplingProduct(const Coupling& coupling) : coupling_(coupling) {
  if (coupling.kernels() != nullptr) kernels_.emplace(*coupling.kernels());
}

void CouplingProduct::add(const Eigen::Ref<const Eigen::MatrixXd>& sources,
                          Eigen::Ref<Eigen::MatrixXd> sums) {
  const Eigen::Index K = coupling_.sums();
  if (kernels_) {
    kernels_->multiply(sources.col(0), mean_, variance_);
    sums.col(0) += mean_;
    sums.col(1) += variance_;
  } else if (coupling_.is_dense()) {
    for (Eigen::Index k = 0; k < K; ++k) {
      sums.col(k).noalias() += coupling_.dense(k) * sources.col(column(sources, k));
    }
  } else if (K > 0) {
    for_each_row(coupling_.sparse(0), [&](Eigen::Index i) {
      for (Eigen::Index k = 0; k < K; ++k) {
        sums(i, k) += row_product(coupling_.sparse(k), i, sources.col(column(sources, k)).data());
      }
    });
  }
}

void CouplingProduct::multiply_transposed(const Eigen::MatrixXd& v, const Eigen::MatrixXd& slopes,
                                          Eigen::VectorXd& product) {
  if (kernels_) {
    kernels_->multiply_transposed(v.col(0), v.col(1), product);
    return;
  }
  product.setZero(v.rows());
  for (Eigen::Index k = 0; k < coupling_.sums(); ++k) {
    if (coupling_.is_dense()) {
      mean_.noalias() = coupling_.dense(k).transpose() * v.col(k);
    } else {
      mean_.noalias() = coupling_.sparse(k).transpose() * v.col(k);
    }
    if (slopes.size() > 0) mean_.array() *= slopes.col(k).array();
    product += mean_;
  }
}

void CouplingProduct::magnitude(const Eigen::VectorXd& v, Eigen::VectorXd& bound) const {
  bound.setZero(v.size());
  if (kernels_) {
    const Eigen::Index places = coupling_.kernels()->grid.places();
    const Eigen::MatrixX2d size = kernels_->magnitude(v);
    for (Eigen::Index t = 0; t < size.rows(); ++t) {
      bound.segment(t * places, places).setConstant(size(t, 0));
    }
  } else if (coupling_.is_dense()) {
    for (Eigen::Index j = 0; j < v.size(); ++j) {
      bound += std::abs(v[j]) * coupling_.dense(0).col(j).cwiseAbs();
    }
  } else {
    const SparseRows& matrix = coupling_.sparse(0);
    for_each_row(matrix, [&](Eigen::Index i) {
      for (SparseRows::InnerIterator it(matrix, i); it; ++it) {
        bound[i] += std::abs(it.value() * v[it.col()]);
      }
    });
  }
}

void multiply_rows(const SparseRowsView& matrix, const Eigen::VectorXd& v,
                   Eigen::VectorXd& product) {
  product.resize(v.size());
  for_each_row(matrix, [&](Eigen::Index i) { product[i] = row_product(matrix, i, v.data()); });
}

bool Gains::finite() const { return sums.allFinite() && sources.allFinite() && own.allFinite(); }

namespace {

// values += ∂F_i/∂s_k L_ij f_k'(ν_j), over the sources j of a row that have an entry.
void add_row(const Gains& gains, Eigen::Index i, Eigen::Index k, std::span<const int> sources,
             const double* entries, double* values) {
  const double gain = gains.sums(i, k);
  if (gains.sources.size() == 0) {
    for (std::size_t j = 0; j < sources.size(); ++j) values[j] += gain * entries[j];
  } else {
    for (std::size_t j = 0; j < sources.size(); ++j) {
      values[j] += gain * entries[j] * gains.sources(sources[j], k);
    }
  }
}

// The same for all entries of dense matrices, of which there are two and more.
void set_columns(const Coupling& coupling, const Gains& gains, Eigen::MatrixXd& matrix) {
  const Eigen::MatrixXd& mean = coupling.dense(0);
  const Eigen::MatrixXd& variance = coupling.dense(1);
  for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
    matrix.col(j) = gains.source(j, 0) * gains.sums.col(0).cwiseProduct(mean.col(j)) +
                    gains.source(j, 1) * gains.sums.col(1).cwiseProduct(variance.col(j));
  }
  for (Eigen::Index k = 2; k < coupling.sums(); ++k) {
    const Eigen::MatrixXd& further = coupling.dense(k);
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
      matrix.col(j) += gains.source(j, k) * gains.sums.col(k).cwiseProduct(further.col(j));
    }
  }
}

}  // namespace

void jacobian_values(const Coupling& coupling, const Gains& gains, std::vector<double>& values) {
  const SparseRows& pattern = coupling.sparse(0);
  values.resize(static_cast<std::size_t>(pattern.nonZeros()));
  const Eigen::Index K = coupling.sums();
  for_each_row(pattern, [&](Eigen::Index i) {
    const int begin = pattern.outerIndexPtr()[i];
    const int end = pattern.outerIndexPtr()[i + 1];
    std::fill(values.begin() + begin, values.begin() + end, 0.0);
    for (Eigen::Index k = 0; k < K; ++k) {
      add_row(gains, i, k, {pattern.innerIndexPtr() + begin, pattern.innerIndexPtr() + end},
              coupling.values(k) + begin, values.data() + begin);
    }
  });
}

void jacobian(const Coupling& coupling, const Gains& gains, Eigen::MatrixXd& matrix) {
  const Eigen::Index n = coupling.size();
  matrix.resize(n, n);
  if (coupling.is_dense()) {
    set_columns(coupling, gains, matrix);
  } else if (coupling.is_sparse()) {
    std::vector<double> values;
    jacobian_values(coupling, gains, values);
    const SparseRows& pattern = coupling.sparse(0);
    matrix.setZero();
    for (Eigen::Index i = 0; i < n; ++i) {
      for (int at = pattern.outerIndexPtr()[i]; at < pattern.outerIndexPtr()[i + 1]; ++at) {
        matrix(i, pattern.innerIndexPtr()[at]) = values[static_cast<std::size_t>(at)];
      }
    }
  } else {
    jacobian(coupling.with_matrices(), gains, matrix);
    return;
  }
  if (gains.own.size() > 0) matrix.diagonal() += gains.own;
}

void jacobian(const Coupling& coupling, const Gains& gains, Eigen::SparseMatrix<double>& matrix) {
  const Eigen::Index n = coupling.size();
  std::vector<double> values;
  jacobian_values(coupling, gains, values);
  const SparseRows& pattern = coupling.sparse(0);
  const SparseRowsView entries(n, n, pattern.nonZeros(), pattern.outerIndexPtr(),
                               pattern.innerIndexPtr(), values.data());
  Eigen::SparseMatrix<double> diagonal(n, n);
  diagonal.setIdentity();
  Eigen::Map<Eigen::VectorXd>(diagonal.valuePtr(), n) =
      gains.own.size() > 0 ? gains.own : Eigen::VectorXd::Zero(n);
  matrix = Eigen::SparseMatrix<double>(entries) + diagonal;
  matrix.makeCompressed();
}

}  // namespace nuphi
