#pragma once

#include <Eigen/Core>
#include <cmath>

namespace nuphi {

struct GmresResult {
  int iterations = 0;
  bool converged = false;
  /// The operator's compression to the Krylov space of the first cycle has a negative determinant:
  /// an odd number of its real eigenvalues that matter for the right-hand side are negative.
  bool is_negative = false;
};

/// Restarted GMRES (Saad & Schultz 1986) for y with (M P⁻¹) y = b, and x = P⁻¹ y. Keeps its work
/// space: a basis of `restart` vectors, of which only those that are used take memory.
class Gmres {
 public:
  Gmres(Eigen::Index n, int restart);

  /// @param multiply  multiply(v, w): w = M v
  /// @param precondition  precondition(v): v ← P⁻¹ v
  /// @param tolerance  on |b − M x| / |b|
  template <class Multiply, class Precondition>
  GmresResult solve(const Eigen::VectorXd& b, Eigen::VectorXd& x, double tolerance, int limit,
                    Multiply&& multiply, Precondition&& precondition);

 private:
  void begin(double length);
  /// Orthogonalises work_ against the basis, appends it, and updates the factorisation of the
  /// Hessenberg matrix. False when the space is invariant.
  [[nodiscard]] bool extend();
  [[nodiscard]] double residual() const { return std::abs(g_[size_]); }
  [[nodiscard]] bool is_negative() const;
  /// Combination of the basis that minimises the residual.
  void combine(Eigen::VectorXd& y) const;

  int restart_;
  int size_ = 0;           // columns of the Hessenberg matrix
  Eigen::MatrixXd basis_;  // shape=(n, restart + 1)
  Eigen::MatrixXd r_;      // the Hessenberg matrix, rotated to a triangle
  Eigen::VectorXd cosine_, sine_, g_;
  double last_diagonal_ = 0;  // before its rotation
  Eigen::VectorXd work_, residual_, correction_;
};

template <class Multiply, class Precondition>
GmresResult Gmres::solve(const Eigen::VectorXd& b, Eigen::VectorXd& x, double tolerance, int limit,
                         Multiply&& multiply, Precondition&& precondition) {
  GmresResult result;
  x.setZero(b.size());
  residual_ = b;
  const double size = b.norm();
  double length = size;
  if (!(size > 0) || !std::isfinite(size)) return {.converged = size == 0};
  for (int cycle = 0; result.iterations < limit; ++cycle) {
    basis_.col(0) = residual_ / length;
    begin(length);
    bool more = true;
    while (more && size_ < restart_ && result.iterations < limit && residual() > tolerance * size) {
      correction_ = basis_.col(size_);
      precondition(correction_);
      multiply(correction_, work_);
      more = extend();
      ++result.iterations;
    }
    if (cycle == 0) result.is_negative = is_negative();
    combine(correction_);
    precondition(correction_);
    x += correction_;
    multiply(x, work_);
    residual_ = b - work_;
    const double now = residual_.norm();
    result.converged = now <= 1.5 * tolerance * size;
    if (result.converged || !(now < 0.9 * length)) return result;
    length = now;
  }
  return result;
}

}  // namespace nuphi
