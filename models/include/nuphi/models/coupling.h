#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <Eigen/SparseCore>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup network
/// @{

/// A ring of places (height 1) or a sheet that is closed in both directions. A place (x, y) has the
/// index y·width + x.
struct PeriodicGrid {
  Eigen::Index width = 1;   ///< > 0
  Eigen::Index height = 1;  ///< > 0
  /// width · height
  [[nodiscard]] Eigen::Index places() const { return width * height; }
};

/// Coupling that depends on the displacement of target and source alone, between one or several
/// types of populations that sit at every place of a grid:
///   (A ν)_{t,p} = Σ_s Σ_q a_ts(p − q) ν_{s,q},   and B with b_ts
/// The population of type t at place p has the index t·places + p. No matrix is ever formed: see
/// KernelProduct.
struct KernelCoupling {
  /// Coupling of two types as a function of the displacement.
  struct Kernel {
    Eigen::VectorXd mean;      ///< a_ts over all displacements, shape=(places,) [V s]; empty: zero
    Eigen::VectorXd variance;  ///< b_ts likewise [V² s], ≥ 0; empty where `mean` is
  };
  PeriodicGrid grid;            ///< where the populations sit
  Eigen::Index types = 1;       ///< populations at every place, > 0
  std::vector<Kernel> kernels;  ///< of (target t, source s) at index t·types + s

  /// Number of populations, types · places.
  [[nodiscard]] Eigen::Index size() const { return types * grid.places(); }
  /// From type `source` to type `target`.
  [[nodiscard]] const Kernel& kernel(Eigen::Index target, Eigen::Index source) const {
    return kernels[static_cast<std::size_t>(target * types + source)];
  }
  /// Index of the displacement from one place to another.
  [[nodiscard]] Eigen::Index displacement(Eigen::Index to, Eigen::Index from) const;
};

/// Accepts a coupling that can be multiplied with.
/// @throws std::invalid_argument for a kernel of the wrong size, entries that are not finite,
/// negative entries of `variance`, or a side of the grid with a prime factor above 97: the Fourier
/// transforms would be slow.
void check(const KernelCoupling& coupling);

/// Products with A and B of a KernelCoupling by Fourier transforms, O(types² · places · log places)
/// each. Keeps its work space: one object serves one thread, and uses as many threads as there are
/// types itself.
class KernelProduct {
 public:
  /// @throws std::invalid_argument as check() does.
  explicit KernelProduct(const KernelCoupling& coupling);
  KernelProduct(KernelProduct&&) noexcept;             ///< the other must not be used again
  KernelProduct& operator=(KernelProduct&&) noexcept;  ///< the other must not be used again
  ~KernelProduct();

  /// mean = A v and variance = B v, all of shape=(size,).
  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& mean, Eigen::VectorXd& variance);
  /// product = Aᵀ v + Bᵀ w.
  void multiply_transposed(const Eigen::VectorXd& v, const Eigen::VectorXd& w,
                           Eigen::VectorXd& product);
  /// What the rounding of the entries of A v and B v is relative to, for each target type: through
  /// a Fourier transform it spreads over all places. Σ_s Σ_r |a_ts(r)| · rms(v_s), and the same
  /// with b; shape=(types, 2).
  [[nodiscard]] Eigen::MatrixX2d magnitude(const Eigen::VectorXd& v) const;

  /// Factorises shift·1 − diag(g)A − diag(h)B for gains that are the same at all places, g and h of
  /// shape=(types,): wave number by wave number. False when one of these blocks is singular.
  [[nodiscard]] bool factorize(double shift, const Eigen::VectorXd& g, const Eigen::VectorXd& h);
  /// Its determinant is negative.
  [[nodiscard]] bool is_negative() const;
  /// v ← (factorised matrix)⁻¹ v, or that of its transpose.
  void solve(Eigen::VectorXd& v, bool transposed = false);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Sparse matrix kept by rows, one for each target.
using SparseRows = Eigen::SparseMatrix<double, Eigen::RowMajor>;
/// The same over memory held elsewhere.
using SparseRowsView = Eigen::Map<const SparseRows>;

/// The matrices L_1 … L_K of the linear forms s_k = L_k f_k(ν) + c_k of a network, in one storage:
/// dense, sparse with one pattern for all, or kernels of a grid (K = 2). Row = target, column =
/// source. Whoever needs to know the storage asks here; all others use the products, entries and
/// the Jacobian below.
class Coupling {
 public:
  /// No population.
  Coupling() = default;
  /// Kernels of a grid, K = 2.
  Coupling(KernelCoupling kernels);  // NOLINT(google-explicit-constructor): a field is set with it
  /// Matrices L_1 … L_K, shape=(n, n) each; K ≥ 2, of the mean and of the variance first.
  [[nodiscard]] static Coupling dense(std::vector<Eigen::MatrixXd> matrices);
  /// Entries of any pattern: zeros are added where another matrix has an entry.
  [[nodiscard]] static Coupling sparse(std::vector<SparseRows> matrices);

  [[nodiscard]] Eigen::Index size() const;   ///< n
  [[nodiscard]] Eigen::Index sums() const {  ///< K
    return kernels_ ? 2 : static_cast<Eigen::Index>(dense_.size() + sparse_.size());
  }
  /// Stored as dense matrices.
  [[nodiscard]] bool is_dense() const { return !dense_.empty(); }
  /// Stored as sparse matrices of one pattern.
  [[nodiscard]] bool is_sparse() const { return !sparse_.empty(); }
  /// The kernels; null where there are matrices.
  [[nodiscard]] const KernelCoupling* kernels() const { return kernels_ ? &*kernels_ : nullptr; }

  /// L_k itself, k from 0.
  /// @throws std::invalid_argument where it is stored otherwise
  [[nodiscard]] const Eigen::MatrixXd& dense(Eigen::Index k) const {
    return dense_[checked(k, dense_.size())];
  }
  /// L_k to be changed; its size must stay.
  [[nodiscard]] Eigen::MatrixXd& dense(Eigen::Index k) { return dense_[checked(k, dense_.size())]; }
  /// L_k itself, k from 0.
  /// @throws std::invalid_argument where it is stored otherwise
  [[nodiscard]] const SparseRows& sparse(Eigen::Index k) const {
    return sparse_[checked(k, sparse_.size())];
  }
  /// Stored entries of L_k in the order of the pattern, which all of them share.
  [[nodiscard]] const double* values(Eigen::Index k) const { return sparse(k).valuePtr(); }

  /// The same with dense matrices in place of kernels; others as they are.
  /// @throws std::invalid_argument for more than 5000 populations: the matrices would be too large.
  [[nodiscard]] Coupling with_matrices() const;

  /// entry(j, values) for every source j of target i that has an entry, in ascending order;
  /// values[k] is that of L_k. Dense zeros are left out.
  template <class Entry>
  void for_each_source(Eigen::Index i, Entry&& entry) const;

  /// L_k v for every k, shape=(n, K). For products in a loop: CouplingProduct.
  [[nodiscard]] Eigen::MatrixXd product(const Eigen::VectorXd& v) const;

  /// Accepts matrices that a network of n populations can have.
  /// @throws std::invalid_argument for matrices that are not n by n, entries that are not finite,
  /// and negative entries of L_2 (of the variance) and beyond.
  void check(Eigen::Index n) const;

 private:
  static std::size_t checked(Eigen::Index k, std::size_t stored) {
    if (static_cast<std::size_t>(k) >= stored) refuse();
    return static_cast<std::size_t>(k);
  }
  [[noreturn]] static void refuse();

  std::vector<Eigen::MatrixXd> dense_;
  std::vector<SparseRows> sparse_;
  std::optional<KernelCoupling> kernels_;
};

/// Products with the matrices of a coupling in a loop: work space, and threads for large networks.
/// One object serves one thread.
class CouplingProduct {
 public:
  /// @param coupling  must outlive the product
  explicit CouplingProduct(const Coupling& coupling);

  /// sums.col(k) += L_k sources.col(k)
  /// @param sources  f_k(ν), shape=(n, K); or (n, 1), one for all k, as kernels want it
  /// @param sums     s, shape=(n, K)
  void add(const Eigen::Ref<const Eigen::MatrixXd>& sources, Eigen::Ref<Eigen::MatrixXd> sums);
  /// product = Σ_k diag(slopes_k) L_kᵀ v_k
  /// @param v        shape=(n, K)
  /// @param slopes   shape=(n, K), or empty for ones
  /// @param product  shape=(n,)
  void multiply_transposed(const Eigen::MatrixXd& v, const Eigen::MatrixXd& slopes,
                           Eigen::VectorXd& product);
  /// What the rounding of the entries of L_1 v is relative to: Σ_j |L_ij v_j|, and its like where
  /// the products are formed by Fourier transforms.
  void magnitude(const Eigen::VectorXd& v, Eigen::VectorXd& bound) const;

  /// The one it multiplies with.
  [[nodiscard]] const Coupling& coupling() const { return coupling_; }
  /// Of a coupling by kernels only.
  [[nodiscard]] KernelProduct& kernels() { return *kernels_; }

 private:
  const Coupling& coupling_;
  std::optional<KernelProduct> kernels_;
  Eigen::VectorXd mean_, variance_;
};

/// product = matrix · v, on several threads where it has enough entries.
void multiply_rows(const SparseRowsView& matrix, const Eigen::VectorXd& v,
                   Eigen::VectorXd& product);

/// What the Jacobian of ν_i = F_i(s_1 … s_K, ν_i) takes beside the matrices.
struct Gains {
  Eigen::MatrixXd sums;     ///< ∂F_i/∂s_k, shape=(n, K)
  Eigen::MatrixXd sources;  ///< f_k' of each population, shape=(n, K); empty where all are 1
  Eigen::VectorXd own{};    ///< ∂F_i/∂ν_i; empty where there is none

  /// No entry is NaN or infinite.
  [[nodiscard]] bool finite() const;
  /// f_k' of population j, 1 where `sources` is empty.
  [[nodiscard]] double source(Eigen::Index j, Eigen::Index k) const {
    return sources.size() > 0 ? sources(j, k) : 1;
  }
};

/// J = Σ_k diag(∂F/∂s_k) L_k diag(f_k') + diag(∂F/∂ν_i), row = target.
void jacobian(const Coupling& coupling, const Gains& gains, Eigen::MatrixXd& matrix);
/// The same of a sparse coupling, with the diagonal in the pattern.
void jacobian(const Coupling& coupling, const Gains& gains, Eigen::SparseMatrix<double>& matrix);
/// Its entries in the order of the pattern of a sparse coupling, without ∂F/∂ν_i.
void jacobian_values(const Coupling& coupling, const Gains& gains, std::vector<double>& values);

template <class Entry>
void Coupling::for_each_source(Eigen::Index i, Entry&& entry) const {
  const Eigen::Index K = sums();
  Eigen::VectorXd values(K);
  if (kernels_) {
    const Eigen::Index places = kernels_->grid.places();
    for (Eigen::Index j = 0; j < size(); ++j) {
      const KernelCoupling::Kernel& kernel = kernels_->kernel(i / places, j / places);
      if (kernel.mean.size() == 0) continue;
      const Eigen::Index r = kernels_->displacement(i % places, j % places);
      values << kernel.mean[r], kernel.variance[r];
      entry(j, values);
    }
  } else if (is_dense()) {
    for (Eigen::Index j = 0; j < size(); ++j) {
      for (Eigen::Index k = 0; k < K; ++k) values[k] = dense(k)(i, j);
      if ((values.array() != 0).any()) entry(j, values);
    }
  } else {
    const int* const row = sparse_.front().outerIndexPtr();
    for (int at = row[i]; at < row[i + 1]; ++at) {
      for (Eigen::Index k = 0; k < K; ++k) values[k] = sparse_[k].valuePtr()[at];
      entry(Eigen::Index{sparse_.front().innerIndexPtr()[at]}, values);
    }
  }
}

/// @}
}  // namespace nuphi
