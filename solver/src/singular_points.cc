#include "singular_points.h"

#include <algorithm>
#include <array>
#include <limits>

namespace nuphi {
namespace {

constexpr int kMaxIterations = 30;
constexpr double kConverged = 1e-9;  // correction, in coordinates of order one
constexpr double kLongest = 0.5;     // a longer correction has lost the point

// Books the corrections of an iteration whose derivatives are good to 1e-9: it converges fast and
// then stands still at the rounding.
class Corrections {
 public:
  enum class Verdict { kGoOn, kDone, kLost };
  Verdict add(double length) {
    if (!(length < kLongest)) return Verdict::kLost;
    const bool still = length < kConverged && !(length < 0.1 * last_);
    last_ = std::min(last_, length);
    if (still || length == 0) return Verdict::kDone;
    return ++count_ < kMaxIterations ? Verdict::kGoOn
                                     : (last_ < kConverged ? Verdict::kDone : Verdict::kLost);
  }
  [[nodiscard]] double smallest() const { return last_; }

 private:
  double last_ = std::numeric_limits<double>::infinity();
  int count_ = 0;
};

}  // namespace

std::optional<FoldTest> fold_test(const ScaledMap& map, const Eigen::VectorXd& border_left,
                                  const Eigen::VectorXd& border_right, BorderedLu& lu) {
  const Eigen::Index n = map.size();
  Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, n + 1);
  row.leftCols(n) = border_right.transpose();
  if (!lu.factorize(map.block(), border_left, row)) return std::nullopt;
  const Eigen::VectorXd last = Eigen::VectorXd::Unit(n + 1, n);
  const Eigen::VectorXd right = lu.solve(last);
  const Eigen::VectorXd left = lu.solve_transposed(last);
  if (!right.allFinite() || !left.allFinite()) return std::nullopt;
  return FoldTest{right[n], right.head(n), left.head(n)};
}

Eigen::VectorXd fold_gradient(ScaledMap& map, const Eigen::VectorXd& z, const FoldTest& test) {
  Eigen::VectorXd direction = Eigen::VectorXd::Zero(map.unknowns());
  const double length = test.right.norm();
  direction.head(map.size()) = test.right / length;
  return -length * second_derivative(map, z, direction, test.left);
}

std::optional<SingularPoint> locate_fold(ScaledMap& map, const Eigen::VectorXd& z,
                                         const Eigen::VectorXd& left,
                                         const Eigen::VectorXd& right) {
  const Eigen::Index n = map.size();
  SingularPoint point{.z = z, .right = right.normalized(), .left = left.normalized()};
  BorderedLu lu;
  Corrections corrections;
  Eigen::VectorXd rhs(n + 1);
  for (auto verdict = Corrections::Verdict::kGoOn; verdict == Corrections::Verdict::kGoOn;) {
    if (!map.evaluate(point.z)) return std::nullopt;
    map.linearize_parameters();
    rhs.head(n) = -map.residual();
    const Eigen::MatrixXd columns = map.parameter_columns();
    const JacobianBlock block = map.block();
    const std::optional<FoldTest> test = fold_test(map, point.left, point.right, lu);
    if (!test) return std::nullopt;
    rhs[n] = -test->value;
    const Eigen::VectorXd gradient = fold_gradient(map, point.z, *test);
    if (gradient.size() == 0) return std::nullopt;
    if (!lu.factorize(block, columns, gradient.transpose())) return std::nullopt;
    const Eigen::VectorXd correction = lu.solve(rhs);
    verdict = corrections.add(correction.norm());
    if (verdict == Corrections::Verdict::kLost) return std::nullopt;
    point.z = map.moved(point.z, correction);
    map.confine(point.z);
    point.right = test->right.normalized();
    point.left = test->left.normalized();
  }
  point.error = corrections.smallest();
  return point;
}

namespace {

// [DF, b; Cᵀ, 0] with DF = [F_x, F_p] at the point the map was linearised at: its solutions for the
// last two unit vectors, and the left one.
struct BranchTest {
  std::array<double, 2> value{};             // g₁, g₂
  std::array<Eigen::VectorXd, 2> direction;  // v₁, v₂, shape=(n + 1,)
  Eigen::VectorXd left;                      // w, shape=(n,)
};

std::optional<BranchTest> branch_test(const ScaledMap& map, const Eigen::VectorXd& border,
                                      const Eigen::MatrixXd& kernel, BorderedLu& lu) {
  const Eigen::Index n = map.size();
  Eigen::MatrixXd columns(n, 2);
  columns << map.parameter_columns(), border;
  Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(2, n + 2);
  rows.leftCols(n + 1) = kernel.transpose();
  if (!lu.factorize(map.block(), columns, rows)) return std::nullopt;
  BranchTest test;
  for (Eigen::Index k = 0; k < 2; ++k) {
    const Eigen::VectorXd solution = lu.solve(Eigen::VectorXd::Unit(n + 2, n + k));
    test.value[k] = solution[n + 1];
    test.direction[k] = solution.head(n + 1);
  }
  // Aᵀ y = (0, …, 0, 1): its first n entries are w with wᵀ b = 1.
  test.left = lu.solve_transposed(Eigen::VectorXd::Unit(n + 2, n + 1)).head(n);
  return test;
}

Eigen::MatrixXd orthonormal(const BranchTest& test) {
  Eigen::MatrixXd kernel(test.direction[0].size(), 2);
  kernel.col(0) = test.direction[0].normalized();
  kernel.col(1) = test.direction[1] - kernel.col(0).dot(test.direction[1]) * kernel.col(0);
  kernel.col(1).normalize();
  return kernel;
}

// The combination of the two kernel vectors without a component in p.
Eigen::VectorXd without_parameter(const Eigen::MatrixXd& kernel) {
  const Eigen::Index n = kernel.rows() - 1;
  const Eigen::VectorXd v = kernel(n, 1) * kernel.col(0) - kernel(n, 0) * kernel.col(1);
  return v.norm() > 0 ? Eigen::VectorXd(v.head(n).normalized())
                      : Eigen::VectorXd(kernel.col(0).head(n));
}

}  // namespace

std::optional<SingularPoint> locate_branch_point(ScaledMap& map, const Eigen::VectorXd& z,
                                                 const Eigen::VectorXd& left,
                                                 const Eigen::MatrixXd& kernel) {
  const Eigen::Index n = map.size();
  SingularPoint point{.z = z, .right = {}, .left = left.normalized()};
  Eigen::MatrixXd null_space = kernel;
  double beta = 0;
  BorderedLu lu;
  Corrections corrections;
  Eigen::VectorXd rhs(n + 2);
  for (auto verdict = Corrections::Verdict::kGoOn; verdict == Corrections::Verdict::kGoOn;) {
    if (!map.evaluate(point.z)) return std::nullopt;
    map.linearize_parameters();
    const JacobianBlock block = map.block();
    Eigen::MatrixXd columns(n, 2);
    columns << map.parameter_columns(), point.left;
    rhs.head(n) = -map.residual() - beta * point.left;
    const std::optional<BranchTest> test = branch_test(map, point.left, null_space, lu);
    if (!test) return std::nullopt;
    Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(2, n + 2);
    for (Eigen::Index k = 0; k < 2; ++k) {
      const Eigen::VectorXd change =
          second_derivative(map, point.z, test->direction[k], test->left);
      if (change.size() == 0) return std::nullopt;
      rows.row(k).head(n + 1) = -change.transpose();
      rhs[n + k] = -test->value[k];
    }
    if (!lu.factorize(block, columns, rows)) return std::nullopt;
    const Eigen::VectorXd correction = lu.solve(rhs);
    verdict = corrections.add(correction.norm());
    if (verdict == Corrections::Verdict::kLost) return std::nullopt;
    point.z = map.moved(point.z, correction.head(n + 1));
    map.confine(point.z);
    // β b must not change when b does.
    beta = (beta + correction[n + 1]) * point.left.dot(test->left.normalized());
    point.left = test->left.normalized();
    null_space = orthonormal(*test);
  }
  point.right = without_parameter(null_space);
  point.error = corrections.smallest();
  point.imperfection = std::abs(beta);
  return point;
}

}  // namespace nuphi
