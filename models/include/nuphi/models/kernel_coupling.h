#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>

#include <memory>
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

/// @}
}  // namespace nuphi
