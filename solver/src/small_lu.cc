#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <nuphi/solver/linear_solver.h>

namespace nuphi {
namespace {

constexpr double kSingularPivot = 4 * std::numeric_limits<double>::epsilon();

// Plain loops over columns, for a dozen populations or so, where they are several times faster than
// routines made for large matrices.
class SmallLu final : public LinearSolver {
 public:
  explicit SmallLu(Eigen::Index n)
      : n_(n),
        jacobian_(n, n),
        lu_(n, n),
        scale_(n),
        work_(n),
        swaps_(static_cast<std::size_t>(n)) {}

  bool update(const FixedPointProblem& problem) override {
    problem.jacobian(jacobian_);
    double sum = 0;
    for (Eigen::Index k = 0; k < n_ * n_; ++k) sum += std::abs(jacobian_.data()[k]);
    return std::isfinite(sum);
  }

  bool factorize(double shift) override {
    assemble(shift);
    negative_ = false;
    smallest_ = n_ > 0 ? std::numeric_limits<double>::infinity() : 1;
    largest_ = n_ > 0 ? 0 : 1;
    for (Eigen::Index k = 0; k < n_; ++k) eliminate(k);
    return pivot_ratio() > kSingularPivot;
  }

  void solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    work_ = scale_.cwiseProduct(rhs);
    forward_and_back();
    solution = work_;
  }

  void solve_transposed(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    work_ = rhs;
    for (Eigen::Index k = 0; k < n_; ++k) {
      double sum = work_[k];
      for (Eigen::Index i = 0; i < k; ++i) sum -= lu_(i, k) * work_[i];
      work_[k] = sum / lu_(k, k);
    }
    for (Eigen::Index k = n_ - 1; k >= 0; --k) {
      double sum = work_[k];
      for (Eigen::Index i = k + 1; i < n_; ++i) sum -= lu_(i, k) * work_[i];
      work_[k] = sum;
    }
    // Whole rows were exchanged, those of L too: first L, then the exchanges.
    for (Eigen::Index k = n_ - 1; k >= 0; --k) std::swap(work_[k], work_[swap(k)]);
    solution = scale_.cwiseProduct(work_);
  }

  Eigen::VectorXd perturbation_bound(const Eigen::VectorXd& bound) override {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(n_);
    for (Eigen::Index j = 0; j < n_; ++j) {
      work_.setZero();
      work_[j] = scale_[j] * bound[j];
      forward_and_back();
      sum += work_.cwiseAbs();
    }
    return sum;
  }

  double pivot_ratio() const override {
    const double ratio = smallest_ / largest_;
    return ratio >= 0 ? ratio : 0;  // NaN counts as singular
  }

  bool is_negative() const override { return negative_; }

 private:
  [[nodiscard]] Eigen::Index swap(Eigen::Index k) const {
    return swaps_[static_cast<std::size_t>(k)];
  }

  void assemble(double shift) {
    scale_.setConstant(shift);
    for (Eigen::Index j = 0; j < n_; ++j) {
      for (Eigen::Index i = 0; i < n_; ++i) scale_[i] += std::abs(jacobian_(i, j));
    }
    for (Eigen::Index i = 0; i < n_; ++i) scale_[i] = 1 / scale_[i];
    for (Eigen::Index j = 0; j < n_; ++j) {
      for (Eigen::Index i = 0; i < n_; ++i) lu_(i, j) = -scale_[i] * jacobian_(i, j);
      lu_(j, j) += shift * scale_[j];
    }
  }

  void eliminate(Eigen::Index k) {
    double* const column = lu_.col(k).data();
    Eigen::Index pivot = k;
    for (Eigen::Index i = k + 1; i < n_; ++i) {
      if (std::abs(column[i]) > std::abs(column[pivot])) pivot = i;
    }
    swaps_[static_cast<std::size_t>(k)] = pivot;
    if (pivot != k) {
      negative_ = !negative_;
      for (Eigen::Index j = 0; j < n_; ++j) std::swap(lu_(k, j), lu_(pivot, j));
    }
    const double size = std::abs(column[k]);
    if (column[k] < 0) negative_ = !negative_;
    smallest_ = std::min(smallest_, size);
    largest_ = std::max(largest_, size);
    const double inverse = 1 / column[k];
    for (Eigen::Index i = k + 1; i < n_; ++i) column[i] *= inverse;
    for (Eigen::Index j = k + 1; j < n_; ++j) {
      double* const target = lu_.col(j).data();
      const double factor = target[k];
      for (Eigen::Index i = k + 1; i < n_; ++i) target[i] -= factor * column[i];
    }
  }

  void forward_and_back() {
    for (Eigen::Index k = 0; k < n_; ++k) {
      std::swap(work_[k], work_[swap(k)]);
    }
    for (Eigen::Index k = 0; k < n_; ++k) {
      const double* const column = lu_.col(k).data();
      const double value = work_[k];
      for (Eigen::Index i = k + 1; i < n_; ++i) work_[i] -= value * column[i];
    }
    for (Eigen::Index k = n_ - 1; k >= 0; --k) {
      const double* const column = lu_.col(k).data();
      const double value = work_[k] / column[k];
      work_[k] = value;
      for (Eigen::Index i = 0; i < k; ++i) work_[i] -= value * column[i];
    }
  }

  Eigen::Index n_;
  Eigen::MatrixXd jacobian_;
  Eigen::MatrixXd lu_;
  Eigen::VectorXd scale_;
  Eigen::VectorXd work_;
  std::vector<Eigen::Index> swaps_;
  double smallest_ = 1;
  double largest_ = 1;
  bool negative_ = false;
};

}  // namespace

std::unique_ptr<LinearSolver> make_small_solver(Eigen::Index n) {
  return std::make_unique<SmallLu>(n);
}

}  // namespace nuphi
