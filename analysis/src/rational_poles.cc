#include "rational_poles.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>

namespace nuphi::detail {
namespace {

using Complex = std::complex<double>;
using Points = std::vector<Complex>;

constexpr int kInverseIterations = 2;

/// r(z) = Σ w_j f_j/(z − z_j) / Σ w_j/(z − z_j) over points z_j of support, which are chosen where
/// the error is largest; the weights minimise Σ |f Σ w_j/(z − z_j) − Σ w_j f_j/(z − z_j)|² over the
/// other points.
class RationalFit {
 public:
  RationalFit(const Points& z, const Points& f, int most)
      : z_(z),
        f_(f),
        supports_(z.size(), 0),
        values_(size()),
        cauchy_(size(), most),
        loewner_(size(), most),
        gram_(most, most) {
    for (std::size_t i = 0; i < f.size(); ++i) values_[static_cast<Eigen::Index>(i)] = f[i];
  }

  void grow_to(int most, double tolerance) {
    const double largest = values_.cwiseAbs().maxCoeff();
    while (degree() < most && 2 * (degree() + 1) <= size()) {
      Eigen::Index worst = 0;
      const double error = (values_ - fitted()).cwiseAbs().maxCoeff(&worst);
      if (!(error > tolerance * largest)) return;
      add(static_cast<std::size_t>(worst));
      weights_ = rough_weights();
    }
  }

  /// Zeros of Σ w_j/(z − z_j): with u = 1/(z − c) those of Σ w_j u_j/(u_j − u), eigenvalues of a
  /// diagonal matrix changed by one of rank one, which has a zero eigenvalue besides.
  [[nodiscard]] Points poles() const {
    Points poles;
    if (degree() < 2) return poles;
    const Complex centre = beside_all();
    Eigen::VectorXcd u(degree());
    for (int j = 0; j < degree(); ++j) u[j] = 1.0 / (z_[support(j)] - centre);
    const Eigen::VectorXcd weights = best_weights().cwiseProduct(u);
    Eigen::MatrixXcd matrix = -weights * u.transpose() / weights.sum();
    matrix.diagonal() += u;
    const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> solver(matrix, false);
    if (solver.info() != Eigen::Success) return poles;
    const double zero = 1e-9 * u.cwiseAbs().maxCoeff();
    for (const Complex value : solver.eigenvalues())
      if (std::abs(value) > zero) poles.push_back(centre + 1.0 / value);
    return poles;
  }

 private:
  [[nodiscard]] Eigen::Index size() const { return static_cast<Eigen::Index>(z_.size()); }
  [[nodiscard]] int degree() const { return static_cast<int>(support_.size()); }
  [[nodiscard]] std::size_t support(int j) const { return support_[static_cast<std::size_t>(j)]; }

  /// At all points; at those of support what is given there.
  [[nodiscard]] Eigen::VectorXcd fitted() const {
    if (degree() == 0) return Eigen::VectorXcd::Constant(size(), values_.mean());
    Eigen::VectorXcd over = weights_;
    for (int j = 0; j < degree(); ++j) over[j] *= f_[support(j)];
    Eigen::VectorXcd values =
        (cauchy_.leftCols(degree()) * over).cwiseQuotient(cauchy_.leftCols(degree()) * weights_);
    for (const std::size_t point : support_) values[static_cast<Eigen::Index>(point)] = f_[point];
    return values;
  }

  /// A point of support has a column of differences of its own, and no row.
  void add(std::size_t point) {
    const auto row = static_cast<Eigen::Index>(point);
    const Eigen::Index k = degree();
    gram_.topLeftCorner(k, k) -= loewner_.row(row).head(k).adjoint() * loewner_.row(row).head(k);
    loewner_.row(row).setZero();
    support_.push_back(point);
    supports_[point] = 1;
    for (std::size_t i = 0; i < z_.size(); ++i) {
      const auto at = static_cast<Eigen::Index>(i);
      cauchy_(at, k) = i == point ? 0 : 1.0 / (z_[i] - z_[point]);
      loewner_(at, k) = supports_[i] != 0 ? 0 : (f_[i] - f_[point]) * cauchy_(at, k);
    }
    gram_.col(k).head(k + 1) = loewner_.leftCols(k + 1).adjoint() * loewner_.col(k);
    gram_.row(k).head(k + 1) = gram_.col(k).head(k + 1).adjoint();
  }

  /// By inverse iteration on the squares: good enough to tell where the error is.
  [[nodiscard]] Eigen::VectorXcd rough_weights() const {
    const Eigen::Index k = degree();
    Eigen::MatrixXcd squares = gram_.topLeftCorner(k, k);
    squares.diagonal().array() += 1e-15 * squares.trace();
    const Eigen::LDLT<Eigen::MatrixXcd> factors(squares);
    Eigen::VectorXcd weights = Eigen::VectorXcd::Ones(k);
    for (int i = 0; i < kInverseIterations; ++i) weights = factors.solve(weights).normalized();
    return weights;
  }

  /// The same to rounding, from an orthogonal factorisation.
  [[nodiscard]] Eigen::VectorXcd best_weights() const {
    const Eigen::HouseholderQR<Eigen::MatrixXcd> qr(loewner_.leftCols(degree()));
    Eigen::MatrixXcd R = qr.matrixQR().topRows(degree());
    R.diagonal().array() += 1e-16 * R.cwiseAbs().maxCoeff();
    Eigen::VectorXcd weights = weights_;
    for (int i = 0; i < kInverseIterations; ++i) {
      R.triangularView<Eigen::Upper>().adjoint().solveInPlace(weights);
      R.triangularView<Eigen::Upper>().solveInPlace(weights);
      weights.normalize();
    }
    return weights;
  }

  /// To the right of the points, by as much as they extend.
  [[nodiscard]] Complex beside_all() const {
    const auto [low, high] = std::minmax_element(
        z_.begin(), z_.end(), [](Complex a, Complex b) { return a.imag() < b.imag(); });
    return {high->imag() - low->imag(), 0.5 * (low->imag() + high->imag())};
  }

  const Points &z_, &f_;
  std::vector<std::size_t> support_;
  std::vector<char> supports_;
  Eigen::VectorXcd values_;   ///< f
  Eigen::MatrixXcd cauchy_;   ///< 1/(z_i − z_j)
  Eigen::MatrixXcd loewner_;  ///< (f_i − f_j)/(z_i − z_j)
  Eigen::MatrixXcd gram_;     ///< loewnerᴴ loewner
  Eigen::VectorXcd weights_;
};

}  // namespace

std::vector<Complex> rational_poles(const Points& z, const Points& f, int most, double tolerance) {
  RationalFit fit(z, f, most);
  fit.grow_to(most, tolerance);
  return fit.poles();
}

}  // namespace nuphi::detail
