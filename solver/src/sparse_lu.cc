#include <Eigen/SparseLU>
#include <cstdint>
#include <limits>

#include <nuphi/solver/linear_solver.h>

namespace nuphi {
namespace {

constexpr int kProbes = 12;

class SparseLu final : public LinearSolver {
 public:
  explicit SparseLu(Eigen::Index n) : scale_(n) {}

  bool update(const FixedPointProblem& problem) override {
    problem.jacobian(jacobian_);
    const Eigen::Map<const Eigen::VectorXd> values(jacobian_.valuePtr(), jacobian_.nonZeros());
    return values.allFinite();
  }

  bool factorize(double shift) override {
    assemble(shift);
    if (!analyzed_) lu_.analyzePattern(matrix_);
    analyzed_ = true;
    lu_.factorize(matrix_);
    if (lu_.info() != Eigen::Success) return false;
    const double log_determinant = lu_.logAbsDeterminant();
    return std::isfinite(log_determinant);
  }

  void solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    const Eigen::VectorXd scaled = scale_.cwiseProduct(rhs);
    solution = lu_.solve(scaled);
  }

  void solve_transposed(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    const Eigen::VectorXd scaled = lu_.transpose().solve(rhs);
    solution = scale_.cwiseProduct(scaled);
  }

  Eigen::VectorXd perturbation_bound(const Eigen::VectorXd& bound) override {
    const Eigen::VectorXd scaled = scale_.cwiseProduct(bound);
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(scaled.size());
    std::uint64_t state = 0x9e3779b97f4a7c15;
    for (int k = 0; k < kProbes; ++k) {
      Eigen::VectorXd signs = scaled;
      for (double& entry : signs) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        if ((state >> 63U) != 0) entry = -entry;
      }
      const Eigen::VectorXd moved = lu_.solve(signs);
      sum += moved.cwiseAbs2();
    }
    return (sum / kProbes).cwiseSqrt();
  }

  double pivot_ratio() const override { return lu_.info() == Eigen::Success ? 1 : 0; }

  bool is_negative() const override {
    return const_cast<Eigen::SparseLU<Eigen::SparseMatrix<double>>&>(lu_).signDeterminant() < 0;
  }

 private:
  // The diagonal is part of the Jacobian's pattern by contract.
  void assemble(double shift) {
    scale_.setConstant(shift);
    matrix_ = jacobian_;
    for (Eigen::Index column = 0; column < matrix_.cols(); ++column) {
      for (Eigen::SparseMatrix<double>::InnerIterator it(matrix_, column); it; ++it) {
        scale_[it.row()] += std::abs(it.value());
        it.valueRef() = (it.row() == column ? shift : 0.0) - it.value();
      }
    }
    scale_ = scale_.cwiseInverse();
    for (Eigen::Index column = 0; column < matrix_.cols(); ++column) {
      for (Eigen::SparseMatrix<double>::InnerIterator it(matrix_, column); it; ++it) {
        it.valueRef() *= scale_[it.row()];
      }
    }
  }

  Eigen::SparseMatrix<double> jacobian_;
  Eigen::SparseMatrix<double> matrix_;
  Eigen::VectorXd scale_;
  Eigen::SparseLU<Eigen::SparseMatrix<double>> lu_;
  bool analyzed_ = false;
};

}  // namespace

std::unique_ptr<LinearSolver> make_sparse_solver(Eigen::Index n) {
  return std::make_unique<SparseLu>(n);
}

}  // namespace nuphi
