#include <nuphi/models/coupling.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace nuphi {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("MeanField: ") + what);
}

bool equal_patterns(const SparseRows& a, const SparseRows& b) {
  if (a.nonZeros() != b.nonZeros() || a.outerSize() != b.outerSize()) return false;
  return std::equal(a.outerIndexPtr(), a.outerIndexPtr() + a.outerSize() + 1, b.outerIndexPtr()) &&
         std::equal(a.innerIndexPtr(), a.innerIndexPtr() + a.nonZeros(), b.innerIndexPtr());
}

void unify_patterns(std::vector<SparseRows>& matrices) {
  const auto same = [&](const SparseRows& m) { return equal_patterns(m, matrices.front()); };
  if (std::all_of(matrices.begin() + 1, matrices.end(), same)) return;
  const Eigen::Index n = matrices.front().rows();
  for (const SparseRows& m : matrices) {
    require(m.rows() == n && m.cols() == n, "the coupling is not n by n");
  }
  std::vector<Eigen::Triplet<double>> entries;
  for (const SparseRows& m : matrices) {
    for (Eigen::Index i = 0; i < n; ++i) {
      for (SparseRows::InnerIterator it(m, i); it; ++it) {
        entries.emplace_back(static_cast<int>(i), static_cast<int>(it.col()), 0.0);
      }
    }
  }
  SparseRows zero(n, n);
  zero.setFromTriplets(entries.begin(), entries.end());
  for (SparseRows& m : matrices) {
    SparseRows whole = zero;
    for (Eigen::Index i = 0; i < n; ++i) {
      for (SparseRows::InnerIterator it(m, i); it; ++it) whole.coeffRef(i, it.col()) = it.value();
    }
    m = std::move(whole);
  }
}

std::vector<Eigen::MatrixXd> matrices_of(const KernelCoupling& kernels) {
  constexpr Eigen::Index kLargest = 5000;
  const Eigen::Index n = kernels.size();
  require(n <= kLargest,
          "this needs the matrices of a coupling given by kernels, which are formed up to 5000 "
          "populations only");
  check(kernels);
  const Coupling coupling(kernels);
  std::vector<Eigen::MatrixXd> matrices(2, Eigen::MatrixXd::Zero(n, n));
  for (Eigen::Index i = 0; i < n; ++i) {
    coupling.for_each_source(i, [&](Eigen::Index j, const Eigen::VectorXd& values) {
      for (std::size_t k = 0; k < 2; ++k) matrices[k](i, j) = values[static_cast<Eigen::Index>(k)];
    });
  }
  return matrices;
}

void check_entries(const Eigen::Ref<const Eigen::ArrayXd>& entries, Eigen::Index k) {
  require(entries.allFinite(), "a coupling is not finite");
  require(k == 0 || entries.size() == 0 || entries.minCoeff() >= 0,
          "a coupling of the variance is negative");
}

template <class Matrix>
void check_matrices(const std::vector<Matrix>& matrices, Eigen::Index n) {
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const Matrix& m = matrices[k];
    require(m.rows() == n && m.cols() == n, "the coupling is not n by n");
    if constexpr (std::is_same_v<Matrix, SparseRows>) {
      check_entries(m.coeffs(), static_cast<Eigen::Index>(k));
    } else {
      check_entries(m.reshaped().array(), static_cast<Eigen::Index>(k));
    }
  }
}

}  // namespace

Coupling::Coupling(KernelCoupling kernels) : kernels_(std::move(kernels)) {}

Coupling Coupling::dense(std::vector<Eigen::MatrixXd> matrices) {
  Coupling coupling;
  coupling.dense_ = std::move(matrices);
  return coupling;
}

Coupling Coupling::sparse(std::vector<SparseRows> matrices) {
  for (SparseRows& m : matrices) m.makeCompressed();
  if (!matrices.empty()) unify_patterns(matrices);
  Coupling coupling;
  coupling.sparse_ = std::move(matrices);
  return coupling;
}

Eigen::Index Coupling::size() const {
  if (kernels_) return kernels_->size();
  if (is_dense()) return dense_.front().rows();
  return is_sparse() ? sparse_.front().rows() : 0;
}

void Coupling::refuse() {
  throw std::invalid_argument("the coupling has no such matrix, or stores it otherwise");
}

Coupling Coupling::with_matrices() const {
  return kernels_ ? dense(matrices_of(*kernels_)) : *this;
}

Eigen::MatrixXd Coupling::product(const Eigen::VectorXd& v) const {
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size(), sums());
  CouplingProduct(*this).add(v, result);
  return result;
}

void Coupling::check(Eigen::Index n) const {
  require(size() == n, "the coupling is not n by n");
  if (kernels_) nuphi::check(*kernels_);
  check_matrices(dense_, n);
  check_matrices(sparse_, n);
}

}  // namespace nuphi
