#include <nuphi/solver/linear_algebra.h>

#include <limits>

#include <nuphi/solver/linear_solver.h>

namespace nuphi {
namespace {

// Below this relative pivot the factors hold nothing but rounding.
constexpr double kSingularPivot = 4 * std::numeric_limits<double>::epsilon();
// Below this size the overhead of blocked routines costs more than the arithmetic.
constexpr Eigen::Index kSmall = 32;
// The inverse costs twice a factorisation: up to here it is formed, above it is probed.
constexpr Eigen::Index kLargestInverse = 64;
constexpr int kProbes = 12;

class DenseLu final : public LinearSolver {
 public:
  explicit DenseLu(Eigen::Index n) : jacobian_(n, n), matrix_(n, n), scale_(n), scaled_(n) {}

  bool update(const FixedPointProblem& problem) override {
    problem.jacobian(jacobian_);
    return jacobian_.allFinite();
  }

  bool factorize(double shift) override {
    scale_ = (jacobian_.cwiseAbs().rowwise().sum().array() + shift).inverse();
    matrix_.noalias() = -(scale_.asDiagonal() * jacobian_);
    matrix_.diagonal() += shift * scale_;
    lu_.compute(matrix_);
    return pivot_ratio() > kSingularPivot;
  }

  void solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    scaled_ = scale_.cwiseProduct(rhs);
    solution = lu_.solve(scaled_);
  }

  void solve_transposed(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    scaled_ = lu_.solve_transposed(rhs);
    solution = scale_.cwiseProduct(scaled_);
  }

  Eigen::VectorXd perturbation_bound(const Eigen::VectorXd& bound) override {
    const Eigen::VectorXd scaled = scale_.cwiseProduct(bound);
    if (scaled.size() <= kLargestInverse) return lu_.inverse().cwiseAbs() * scaled;
    return probe(scaled);
  }

  double pivot_ratio() const override {
    const Eigen::VectorXd pivots = lu_.pivots().cwiseAbs();
    const double ratio = pivots.minCoeff() / pivots.maxCoeff();
    return ratio >= 0 ? ratio : 0;  // NaN counts as singular
  }

  bool is_negative() const override { return lu_.determinant().direction.real() < 0; }

 private:
  // Root mean square over right-hand sides ±bound with pseudo-random signs: the propagation of
  // independent errors.
  Eigen::VectorXd probe(const Eigen::VectorXd& scaled) const {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(scaled.size());
    std::uint64_t state = 0x9e3779b97f4a7c15;
    for (int k = 0; k < kProbes; ++k) {
      Eigen::VectorXd signs = scaled;
      for (double& entry : signs) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        if ((state >> 63U) != 0) entry = -entry;
      }
      sum += lu_.solve(signs).cwiseAbs2();
    }
    return (sum / kProbes).cwiseSqrt();
  }

  Eigen::MatrixXd jacobian_;
  Eigen::MatrixXd matrix_;
  Eigen::VectorXd scale_;
  Eigen::VectorXd scaled_;
  dense::Lu<double> lu_;
};

}  // namespace

std::unique_ptr<LinearSolver> make_dense_solver(Eigen::Index n) {
  if (n <= kSmall) return make_small_solver(n);
  return std::make_unique<DenseLu>(n);
}

}  // namespace nuphi
