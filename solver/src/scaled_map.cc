#include <nuphi/solver/scaled_map.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace nuphi {
namespace {

// Step of the differences of first derivatives. They steer Newton's method and need few digits, but
// in tight folds Φ bends on scales far below one.
constexpr double kDifference = 1e-7;

}  // namespace

ScaledMap::ScaledMap(ParametricProblem& problem, MapScales scales)
    : problem_(problem),
      scales_(std::move(scales)),
      weights_(unknowns()),
      x_(size()),
      value_(size()),
      rounding_(size()),
      column_(size()),
      residual_(size()),
      columns_(size(), parameters()) {
  if (problem.is_sparse()) block_ = Eigen::SparseMatrix<double>(size(), size());
}

void ScaledMap::center(const Eigen::VectorXd& z) {
  // A mean over the components: the arclength then does not grow with their number.
  const double root = std::sqrt(static_cast<double>(std::max<Eigen::Index>(1, size())));
  weights_.head(size()) = (root * (z.head(size()).array().abs() + scales_.component)).inverse();
  weights_.tail(parameters()) = (scales_.upper - scales_.lower).cwiseInverse();
}

Eigen::VectorXd ScaledMap::moved(const Eigen::VectorXd& z, const Eigen::VectorXd& step) const {
  return z + step.cwiseQuotient(weights_);
}

void ScaledMap::project(Eigen::VectorXd& z) const {
  z.head(size()) = z.head(size()).cwiseMax(problem_.lower()).cwiseMin(problem_.upper());
}

void ScaledMap::confine(Eigen::VectorXd& z) const {
  project(z);
  z.tail(parameters()) = z.tail(parameters()).cwiseMax(scales_.lower).cwiseMin(scales_.upper);
}

Eigen::Index ScaledMap::outside(const Eigen::VectorXd& z) const {
  for (Eigen::Index k = 0; k < parameters(); ++k) {
    const double value = z[size() + k];
    if (!(value >= scales_.lower[k] && value <= scales_.upper[k])) return k;
  }
  return -1;
}

bool ScaledMap::evaluate(const Eigen::VectorXd& z) {
  if (outside(z) >= 0 || !z.allFinite()) return false;
  x_ = z.head(size());
  problem_.set_parameters(z.tail(parameters()));
  problem_.evaluate(x_, value_);
  residual_ = weights_.head(size()).cwiseProduct(value_ - x_);
  return residual_.allFinite();
}

std::optional<Eigen::MatrixXd> ScaledMap::jacobian_at(const Eigen::VectorXd& z) {
  if (!evaluate(z)) return std::nullopt;
  Eigen::MatrixXd jacobian(size(), size());
  problem_.jacobian(jacobian);
  return jacobian;
}

double ScaledMap::raw_residual() const {
  return size() == 0 ? 0 : (value_ - x_).cwiseAbs().maxCoeff();
}

double ScaledMap::residual_in_tolerances() {
  problem_.rounding(rounding_);
  double worst = 0;
  for (Eigen::Index i = 0; i < size(); ++i) {
    const double allowed =
        std::max(scales_.tolerance * std::max(1.0, std::abs(x_[i])), rounding_[i]);
    worst = std::max(worst, std::abs(value_[i] - x_[i]) / allowed);
  }
  return worst;
}

double ScaledMap::residual_in_roundings() {
  problem_.rounding(rounding_);
  double worst = 0;
  for (Eigen::Index i = 0; i < size(); ++i) {
    const double defect = std::abs(value_[i] - x_[i]);
    if (defect > 0) worst = std::max(worst, defect / std::max(rounding_[i], 1e-300));
  }
  return worst;
}

void ScaledMap::scale(Eigen::MatrixXd& jacobian) const {
  const auto w = weights_.head(size());
  jacobian = w.asDiagonal() * jacobian * w.cwiseInverse().asDiagonal();
  jacobian.diagonal().array() -= 1;
}

void ScaledMap::scale(Eigen::SparseMatrix<double>& jacobian) const {
  for (Eigen::Index j = 0; j < jacobian.outerSize(); ++j) {
    for (Eigen::SparseMatrix<double>::InnerIterator it(jacobian, j); it; ++it) {
      it.valueRef() *= weights_[it.row()] / weights_[j];
      if (it.row() == j) it.valueRef() -= 1;
    }
  }
}

void ScaledMap::linearize() {
  std::visit(
      [this](auto& block) {
        problem_.jacobian(block);
        scale(block);
      },
      block_);
}

void ScaledMap::linearize_parameters() {
  linearize();
  for (Eigen::Index k = 0; k < parameters(); ++k) {
    problem_.parameter_derivative(k, column_);
    columns_.col(k) = weights_.head(size()).cwiseProduct(column_) / weights_[size() + k];
  }
}

Eigen::VectorXd ScaledMap::left_product(const Eigen::VectorXd& w) const {
  Eigen::VectorXd product(unknowns());
  std::visit([&](const auto& block) { product.head(size()) = block.transpose() * w; }, block_);
  product.tail(parameters()) = columns_.transpose() * w;
  return product;
}

namespace {

// (∂F/∂z)ᵀ w at z + step·direction, empty where Φ is not finite.
Eigen::VectorXd left_product_at(ScaledMap& map, const Eigen::VectorXd& z,
                                const Eigen::VectorXd& step, const Eigen::VectorXd& w) {
  if (!map.evaluate(map.moved(z, step))) return {};
  map.linearize_parameters();
  return map.left_product(w);
}

}  // namespace

Eigen::VectorXd second_derivative(ScaledMap& map, const Eigen::VectorXd& z,
                                  const Eigen::VectorXd& direction, const Eigen::VectorXd& w) {
  double h = kDifference;
  const bool ahead = map.outside(map.moved(z, h * direction)) < 0;
  const bool behind = map.outside(map.moved(z, -h * direction)) < 0;
  if (ahead && behind) {
    const Eigen::VectorXd right = left_product_at(map, z, h * direction, w);
    const Eigen::VectorXd left = left_product_at(map, z, -h * direction, w);
    if (right.size() == 0 || left.size() == 0) return {};
    return (right - left) / (2 * h);
  }
  if (!ahead) h = -h;
  std::array<Eigen::VectorXd, 3> at;
  for (int k = 0; k < 3; ++k) {
    at[k] = left_product_at(map, z, (k * h) * direction, w);
    if (at[k].size() == 0) return {};
  }
  return (4 * at[1] - 3 * at[0] - at[2]) / (2 * h);
}

}  // namespace nuphi
