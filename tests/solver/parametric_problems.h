#pragma once

#include <nuphi/solver/problem.h>

#include <Eigen/Core>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace nuphi::test {

/// Φ(x; p) = x + f(x, p) from plain functions: the fixed points are the zeros of f.
class ZeroProblem : public ParametricProblem {
 public:
  using Vector = Eigen::VectorXd;
  using Matrix = Eigen::MatrixXd;
  struct Functions {
    std::function<Vector(const Vector& x, const Vector& p)> f;
    std::function<Matrix(const Vector& x, const Vector& p)> df_dx;
    std::function<Matrix(const Vector& x, const Vector& p)> df_dp;
  };

  ZeroProblem(Eigen::Index n, Eigen::Index parameters, Functions functions)
      : parameters_(parameters),
        functions_(std::move(functions)),
        lower_(Vector::Constant(n, -1e6)),
        upper_(Vector::Constant(n, 1e6)) {}

  Eigen::Index size() const override { return lower_.size(); }
  Eigen::Index parameters() const override { return parameters_; }
  const Vector& lower() const override { return lower_; }
  const Vector& upper() const override { return upper_; }
  void set_parameters(const Vector& values) override {
    p_ = values;
    ++settings;
  }
  void evaluate(const Vector& x, Vector& value) override {
    x_ = x;
    value = x + functions_.f(x, p_);
    ++evaluations;
  }
  void jacobian(Matrix& matrix) const override {
    matrix = functions_.df_dx(x_, p_) + Matrix::Identity(size(), size());
  }
  void parameter_derivative(Eigen::Index k, Vector& derivative) override {
    derivative = functions_.df_dp(x_, p_).col(k);
  }
  void rounding(Vector& bound) const override {
    bound = (x_.cwiseAbs().array() + 1) * 4 * std::numeric_limits<double>::epsilon();
  }

  int evaluations = 0;
  int settings = 0;

 private:
  Eigen::Index parameters_;
  Functions functions_;
  Vector lower_, upper_, p_, x_;
};

/// The same with a sparse Jacobian.
class SparseZeroProblem final : public ZeroProblem {
 public:
  explicit SparseZeroProblem(ZeroProblem problem) : ZeroProblem(std::move(problem)) {}
  bool is_sparse() const override { return true; }
  using ZeroProblem::jacobian;
  void jacobian(Eigen::SparseMatrix<double>& matrix) const override {
    Matrix dense;
    ZeroProblem::jacobian(dense);
    matrix = dense.sparseView();
    for (Eigen::Index i = 0; i < size(); ++i) matrix.coeffRef(i, i) += 0;  // the diagonal is there
    matrix.makeCompressed();
  }
};

/// One unknown, one parameter.
inline ZeroProblem scalar_problem(std::function<double(double x, double p)> f,
                                  std::function<double(double x, double p)> df_dx,
                                  std::function<double(double x, double p)> df_dp) {
  using Vector = Eigen::VectorXd;
  using Matrix = Eigen::MatrixXd;
  return {
      1,
      1,
      {[f](const Vector& x, const Vector& p) { return Vector::Constant(1, f(x[0], p[0])).eval(); },
       [df_dx](const Vector& x, const Vector& p) {
         return Matrix::Constant(1, 1, df_dx(x[0], p[0])).eval();
       },
       [df_dp](const Vector& x, const Vector& p) {
         return Matrix::Constant(1, 1, df_dp(x[0], p[0])).eval();
       }}};
}

/// p = x²: a fold at the origin.
inline ZeroProblem parabola() {
  return scalar_problem([](double x, double p) { return p - x * x; },
                        [](double x, double) { return -2 * x; },
                        [](double, double) { return 1.0; });
}
/// x (p − x²): a pitchfork at the origin.
inline ZeroProblem pitchfork() {
  return scalar_problem([](double x, double p) { return x * (p - x * x); },
                        [](double x, double p) { return p - 3 * x * x; },
                        [](double x, double) { return x; });
}
/// x (p − x): two lines that cross at the origin and exchange their stability.
inline ZeroProblem transcritical() {
  return scalar_problem([](double x, double p) { return x * (p - x); },
                        [](double x, double p) { return p - 2 * x; },
                        [](double x, double) { return x; });
}
/// x² + p² = 1: a closed branch.
inline ZeroProblem circle() {
  return scalar_problem([](double x, double p) { return 1 - x * x - p * p; },
                        [](double x, double) { return -2 * x; },
                        [](double, double p) { return -2 * p; });
}

/// The cusp, p + q x − x³, over (p, q): folds at 27 p² = 4 q³.
inline ZeroProblem cusp() {
  using Vector = Eigen::VectorXd;
  using Matrix = Eigen::MatrixXd;
  return {1,
          2,
          {[](const Vector& x, const Vector& p) {
             return Vector::Constant(1, p[0] + p[1] * x[0] - x[0] * x[0] * x[0]).eval();
           },
           [](const Vector& x, const Vector& p) {
             return Matrix::Constant(1, 1, p[1] - 3 * x[0] * x[0]).eval();
           },
           [](const Vector& x, const Vector&) {
             Matrix d(1, 2);
             d << 1, x[0];
             return d;
           }}};
}

/// Bratu's problem u'' + p e^u = 0, u(0) = u(1) = 0, by second differences on n inner points.
inline ZeroProblem bratu(Eigen::Index n) {
  using Vector = Eigen::VectorXd;
  using Matrix = Eigen::MatrixXd;
  const double h2 = 1.0 / static_cast<double>((n + 1) * (n + 1));
  const auto laplacian = [n]() {
    Matrix d = Matrix::Zero(n, n);
    d.diagonal().setConstant(-2);
    d.diagonal(1).setConstant(1);
    d.diagonal(-1).setConstant(1);
    return d;
  };
  const Matrix d = laplacian();
  return {n,
          1,
          {[d, h2](const Vector& x, const Vector& p) {
             return Vector(d * x + (h2 * p[0]) * x.array().exp().matrix());
           },
           [d, h2](const Vector& x, const Vector& p) {
             Matrix j = d;
             j.diagonal() += (h2 * p[0]) * x.array().exp().matrix();
             return j;
           },
           [h2](const Vector& x, const Vector&) { return Matrix(h2 * x.array().exp().matrix()); }}};
}

}  // namespace nuphi::test
