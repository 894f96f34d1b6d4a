#include <nuphi/solver/bordered_lu.h>

#include <nuphi/solver/linear_algebra.h>

#include <Eigen/SparseLU>
#include <cmath>
#include <limits>
#include <vector>

namespace nuphi {

// The row-scaled matrix, factorised.
class BorderedLu::Factors {
 public:
  virtual ~Factors() = default;
  [[nodiscard]] virtual bool regular() const = 0;
  [[nodiscard]] virtual Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const = 0;
  [[nodiscard]] virtual Eigen::VectorXd solve_transposed(const Eigen::VectorXd& rhs) const = 0;
  [[nodiscard]] virtual int determinant_sign() const = 0;
};

namespace {

// Below this relative pivot the factors hold nothing but rounding.
constexpr double kSingularPivot = 4 * std::numeric_limits<double>::epsilon();

class DenseFactors final : public BorderedLu::Factors {
 public:
  explicit DenseFactors(const Eigen::MatrixXd& matrix) : lu_(matrix) {}

  bool regular() const override {
    const Eigen::VectorXd pivots = lu_.pivots().cwiseAbs();
    return pivots.minCoeff() > kSingularPivot * pivots.maxCoeff();
  }
  Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const override { return lu_.solve(rhs); }
  Eigen::VectorXd solve_transposed(const Eigen::VectorXd& rhs) const override {
    return lu_.solve_transposed(rhs);
  }
  int determinant_sign() const override { return lu_.determinant().direction.real() < 0 ? -1 : 1; }

 private:
  dense::Lu<double> lu_;
};

class SparseFactors final : public BorderedLu::Factors {
 public:
  explicit SparseFactors(const Eigen::SparseMatrix<double>& matrix) { lu_.compute(matrix); }

  bool regular() const override {
    return lu_.info() == Eigen::Success && std::isfinite(lu_.logAbsDeterminant());
  }
  Eigen::VectorXd solve(const Eigen::VectorXd& rhs) const override { return lu_.solve(rhs); }
  Eigen::VectorXd solve_transposed(const Eigen::VectorXd& rhs) const override {
    return lu_.transpose().solve(rhs);
  }
  int determinant_sign() const override { return lu_.signDeterminant() < 0 ? -1 : 1; }

 private:
  // transpose() is not const in Eigen 3.4 although it changes nothing.
  mutable Eigen::SparseLU<Eigen::SparseMatrix<double>> lu_;
};

Eigen::MatrixXd assemble(const Eigen::MatrixXd& block, const Eigen::MatrixXd& columns,
                         const Eigen::MatrixXd& rows) {
  const Eigen::Index n = block.rows();
  Eigen::MatrixXd matrix(rows.cols(), rows.cols());
  matrix.topLeftCorner(n, n) = block;
  matrix.topRightCorner(n, columns.cols()) = columns;
  matrix.bottomRows(rows.rows()) = rows;
  return matrix;
}

Eigen::SparseMatrix<double> assemble(const Eigen::SparseMatrix<double>& block,
                                     const Eigen::MatrixXd& columns, const Eigen::MatrixXd& rows) {
  const int n = static_cast<int>(block.rows());
  const int order = static_cast<int>(rows.cols());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(static_cast<std::size_t>(block.nonZeros() + columns.size() + rows.size()));
  for (int j = 0; j < block.outerSize(); ++j) {
    for (Eigen::SparseMatrix<double>::InnerIterator it(block, j); it; ++it) {
      entries.emplace_back(static_cast<int>(it.row()), j, it.value());
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int j = n; j < order; ++j) entries.emplace_back(i, j, columns(i, j - n));
  }
  for (int i = n; i < order; ++i) {
    for (int j = 0; j < order; ++j) entries.emplace_back(i, j, rows(i - n, j));
  }
  Eigen::SparseMatrix<double> matrix(order, order);
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

// Rows span hundreds of decades where silent and firing components meet.
Eigen::VectorXd row_scale(const Eigen::MatrixXd& matrix) {
  return matrix.rowwise().lpNorm<Eigen::Infinity>().cwiseInverse();
}
Eigen::VectorXd row_scale(const Eigen::SparseMatrix<double>& matrix) {
  Eigen::VectorXd largest = Eigen::VectorXd::Zero(matrix.rows());
  for (Eigen::Index j = 0; j < matrix.outerSize(); ++j) {
    for (Eigen::SparseMatrix<double>::InnerIterator it(matrix, j); it; ++it) {
      largest[it.row()] = std::max(largest[it.row()], std::abs(it.value()));
    }
  }
  return largest.cwiseInverse();
}

std::unique_ptr<BorderedLu::Factors> factors_of(const Eigen::MatrixXd& matrix) {
  return std::make_unique<DenseFactors>(matrix);
}
std::unique_ptr<BorderedLu::Factors> factors_of(const Eigen::SparseMatrix<double>& matrix) {
  return std::make_unique<SparseFactors>(matrix);
}

bool all_finite(const Eigen::MatrixXd& matrix) { return matrix.allFinite(); }
bool all_finite(const Eigen::SparseMatrix<double>& matrix) { return matrix.coeffs().allFinite(); }

}  // namespace

BorderedLu::BorderedLu() = default;
BorderedLu::~BorderedLu() = default;

bool BorderedLu::factorize(const JacobianBlock& block, const Eigen::MatrixXd& columns,
                           const Eigen::MatrixXd& rows) {
  return std::visit(
      [&](const auto& a) {
        auto matrix = assemble(a, columns, rows);
        scale_ = row_scale(matrix);
        if (!all_finite(matrix) || !scale_.allFinite()) return false;
        matrix = scale_.asDiagonal() * matrix;
        factors_ = factors_of(matrix);
        return factors_->regular();
      },
      block);
}

Eigen::VectorXd BorderedLu::solve(const Eigen::VectorXd& rhs) const {
  return factors_->solve(scale_.cwiseProduct(rhs));
}

Eigen::VectorXd BorderedLu::solve_transposed(const Eigen::VectorXd& rhs) const {
  return scale_.cwiseProduct(factors_->solve_transposed(rhs));
}

int BorderedLu::determinant_sign() const { return factors_->determinant_sign(); }

}  // namespace nuphi
