#include <cmath>
#include <cstdint>

#include <nuphi/solver/linear_solver.h>
#include "gmres.h"

namespace nuphi {
namespace {

constexpr int kRestart = 60;
constexpr int kLimit = 600;  // iterations of one solve
// The bound on the error is an order of magnitude: few probes, solved roughly.
constexpr int kProbes = 4;
constexpr double kProbeTolerance = 0.1;

// Solves by GMRES with products only. The solution is as good as the tolerance says: enough for
// methods that look at the residual of the problem afterwards.
class KrylovSolver final : public LinearSolver {
 public:
  KrylovSolver(const FixedPointProblem& problem, double tolerance)
      : map_(problem.jacobian_map()), gmres_(problem.size(), kRestart), tolerance_(tolerance) {}

  bool update(const FixedPointProblem&) override { return map_->update(); }

  bool factorize(double shift) override {
    shift_ = shift;
    map_->prepare(shift);
    first_ = true;
    stalled_ = false;
    return true;
  }

  void solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    solve_to(tolerance_, rhs, solution);
  }

  void solve_transposed(const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) override {
    // The residual that GMRES sees is that of the preconditioned equation, from the right again.
    book(gmres_.solve(
        rhs, solution, tolerance_, kLimit,
        [this](const Eigen::VectorXd& v, Eigen::VectorXd& w) {
          map_->multiply_transposed(v, w);
          w = shift_ * v - w;
        },
        [this](Eigen::VectorXd& v) { map_->precondition_transposed(v); }));
  }

  // Root mean square over right-hand sides ±bound with pseudo-random signs: the propagation of
  // independent errors. At least the bound itself.
  Eigen::VectorXd perturbation_bound(const Eigen::VectorXd& bound) override {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(bound.size());
    Eigen::VectorXd signs, moved;
    std::uint64_t state = 0x9e3779b97f4a7c15;
    for (int k = 0; k < kProbes; ++k) {
      signs = bound;
      for (double& entry : signs) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        if ((state >> 63U) != 0) entry = -entry;
      }
      solve_to(kProbeTolerance, signs, moved);
      sum += moved.cwiseAbs2();
    }
    return (sum / kProbes).cwiseSqrt().cwiseMax(bound);
  }

  double pivot_ratio() const override { return stalled_ ? 0 : 1; }
  bool is_negative() const override { return negative_; }
  int krylov_iterations() const override { return iterations_; }
  const JacobianMap* map() const override { return map_.get(); }

 private:
  void solve_to(double tolerance, const Eigen::VectorXd& rhs, Eigen::VectorXd& solution) {
    book(gmres_.solve(
        rhs, solution, tolerance, kLimit,
        [this](const Eigen::VectorXd& v, Eigen::VectorXd& w) {
          map_->multiply(v, w);
          w = shift_ * v - w;
        },
        [this](Eigen::VectorXd& v) { map_->precondition(v); }));
  }

  void book(const GmresResult& result) {
    iterations_ += result.iterations;
    stalled_ = stalled_ || !result.converged;
    if (first_) negative_ = result.is_negative != map_->is_negative();
    first_ = false;
  }

  std::unique_ptr<JacobianMap> map_;
  Gmres gmres_;
  double tolerance_;
  double shift_ = 1;
  bool first_ = true;
  bool negative_ = false;
  bool stalled_ = false;
  int iterations_ = 0;
};

}  // namespace

std::unique_ptr<LinearSolver> make_krylov_solver(const FixedPointProblem& problem,
                                                 double tolerance) {
  return std::make_unique<KrylovSolver>(problem, tolerance);
}

bool is_large(const FixedPointProblem& problem) { return problem.size() > kLargestFactorization; }

std::optional<int> sign_of_determinant(const LinearSolver& factors) {
  // A smaller ratio leaves the sign to rounding.
  constexpr double kDegenerate = 1e-10;
  if (!(factors.pivot_ratio() > kDegenerate)) return std::nullopt;
  return factors.is_negative() ? -1 : 1;
}

std::unique_ptr<LinearSolver> make_linear_solver(const FixedPointProblem& problem,
                                                 double tolerance) {
  if (is_large(problem)) return make_krylov_solver(problem, tolerance);
  return problem.is_sparse() ? make_sparse_solver(problem.size())
                             : make_dense_solver(problem.size());
}

}  // namespace nuphi
