#include "coupling_map.h"

#include <utility>
#include <vector>

namespace nuphi {
namespace {

// Dense and kernel couplings: a product for each matrix.
class ProductMap : public JacobianMap {
 public:
  ProductMap(CouplingProduct& product, const Gains& gains) : product_(product), source_(gains) {}

  bool update() override {
    gains_ = source_;
    return gains_.finite();
  }

  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    sums_.setZero(v.size(), gains_.sums.cols());
    if (gains_.sources.size() > 0) {
      product_.add(v.asDiagonal() * gains_.sources, sums_);
    } else {
      product_.add(v, sums_);
    }
    product = gains_.sums.cwiseProduct(sums_).rowwise().sum();
    if (gains_.own.size() > 0) product += gains_.own.cwiseProduct(v);
  }

  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    sums_ = v.asDiagonal() * gains_.sums;
    product_.multiply_transposed(sums_, gains_.sources, product);
    if (gains_.own.size() > 0) product += gains_.own.cwiseProduct(v);
  }

 protected:
  [[nodiscard]] CouplingProduct& product() const { return product_; }
  [[nodiscard]] const Gains& gains() const { return gains_; }

 private:
  CouplingProduct& product_;
  const Gains& source_;
  Gains gains_;
  mutable Eigen::MatrixXd sums_;
};

// Preconditioned by the same kernels with the mean gain of each type, wave number by wave number:
// exact where all places are alike.
class KernelMap final : public ProductMap {
 public:
  KernelMap(CouplingProduct& product, const Gains& gains)
      : ProductMap(product, gains), shape_(*product.coupling().kernels()) {}

  void prepare(double shift) override {
    prepared_ = product().kernels().factorize(shift, means(0), means(1));
  }
  void precondition(Eigen::VectorXd& v) const override {
    if (prepared_) product().kernels().solve(v);
  }
  void precondition_transposed(Eigen::VectorXd& v) const override {
    if (prepared_) product().kernels().solve(v, true);
  }
  bool is_negative() const override { return prepared_ && product().kernels().is_negative(); }

 private:
  [[nodiscard]] Eigen::VectorXd means(Eigen::Index k) const {
    const Eigen::VectorXd gain = gains().sums.col(k);
    return gain.reshaped(shape_.grid.places(), shape_.types).colwise().mean().transpose();
  }

  const KernelCoupling& shape_;
  bool prepared_ = false;
};

// Sparse couplings: the weighted sum of their matrices is formed once at every update.
// Preconditioned by the diagonal.
class SparseMap final : public JacobianMap {
 public:
  SparseMap(const Coupling& coupling, const Gains& gains)
      : coupling_(coupling),
        gains_(gains),
        diagonal_(gains.sums.rows()),
        scale_(gains.sums.rows()) {}

  bool update() override {
    jacobian_values(coupling_, gains_, values_);
    own_ = gains_.own;
    diagonal_.setZero();
    if (own_.size() > 0) diagonal_ += own_;
    const SparseRowsView entries = matrix();
    for (Eigen::Index i = 0; i < diagonal_.size(); ++i) {
      for (SparseRowsView::InnerIterator it(entries, i); it; ++it) {
        if (it.col() == i) diagonal_[i] += it.value();
      }
    }
    return gains_.finite();
  }

  void multiply(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    multiply_rows(matrix(), v, product);
    if (own_.size() > 0) product += own_.cwiseProduct(v);
  }

  void multiply_transposed(const Eigen::VectorXd& v, Eigen::VectorXd& product) const override {
    product.noalias() = matrix().transpose() * v;
    if (own_.size() > 0) product += own_.cwiseProduct(v);
  }

  // Kept positive: where a population excites itself beyond the shift, its row is left alone.
  void prepare(double shift) override {
    scale_ = (diagonal_.array() < shift / 2).select((shift - diagonal_.array()).inverse(), 1.0);
  }
  void precondition(Eigen::VectorXd& v) const override { v.array() *= scale_.array(); }
  void precondition_transposed(Eigen::VectorXd& v) const override { precondition(v); }

 private:
  [[nodiscard]] SparseRowsView matrix() const {
    const SparseRows& pattern = coupling_.sparse(0);
    return {pattern.rows(),          pattern.cols(),          pattern.nonZeros(),
            pattern.outerIndexPtr(), pattern.innerIndexPtr(), values_.data()};
  }

  const Coupling& coupling_;
  const Gains& gains_;
  std::vector<double> values_;
  Eigen::VectorXd own_, diagonal_, scale_;
};

}  // namespace

std::unique_ptr<JacobianMap> make_coupling_map(CouplingProduct& product, const Gains& gains) {
  const Coupling& coupling = product.coupling();
  if (coupling.kernels() != nullptr) return std::make_unique<KernelMap>(product, gains);
  if (coupling.is_sparse()) return std::make_unique<SparseMap>(coupling, gains);
  return std::make_unique<ProductMap>(product, gains);
}

}  // namespace nuphi
