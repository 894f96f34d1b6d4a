#include <nuphi/solver/leading_eigenvalue.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <nuphi/solver/eigenvalues.h>

namespace nuphi {
namespace {

constexpr double kSettled = 1e-9;  // relative error of a value that is reported
constexpr int kFirstLook = 40;
constexpr double kLoss = 0.1;  // what is left of a vector that has lost its digits, over all of it

Eigen::VectorXd pseudo_random(Eigen::Index n) {
  Eigen::VectorXd v(n);
  std::uint64_t state = 0x853c49e6748fea9b;
  for (double& entry : v) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    entry = static_cast<double>(state >> 11U) * 0x1p-53 - 0.5;
  }
  return v;
}

// The space, extended a vector at a time.
class Arnoldi {
 public:
  Arnoldi(const JacobianMap& map, Eigen::Index n, int dimension)
      : map_(map),
        basis_(n, dimension + 1),
        hessenberg_(Eigen::MatrixXd::Zero(dimension + 1, dimension)) {
    basis_.col(0) = pseudo_random(n).normalized();
  }

  // False when the space is invariant: its eigenvalues are exact.
  bool extend() {
    vector_ = basis_.col(size_);
    map_.multiply(vector_, image_);
    const auto basis = basis_.leftCols(size_ + 1);
    const double before = image_.norm();
    double rest = orthogonalize(basis);
    if (rest < kLoss * before) rest = orthogonalize(basis);
    hessenberg_(size_ + 1, size_) = rest;
    ++size_;
    if (!(rest > 1e-14 * before)) return false;
    basis_.col(size_) = image_ / rest;
    return true;
  }

  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] Ritz ritz() const {
    Ritz result = ritz_values(hessenberg_.topLeftCorner(size_, size_));
    result.residuals *= hessenberg_(size_, size_ - 1);
    return result;
  }

 private:
  double orthogonalize(const Eigen::Ref<const Eigen::MatrixXd>& basis) {
    const Eigen::VectorXd part = basis.transpose() * image_;
    image_.noalias() -= basis * part;
    hessenberg_.col(size_).head(size_ + 1) += part;
    return image_.norm();
  }

  const JacobianMap& map_;
  Eigen::MatrixXd basis_, hessenberg_;
  Eigen::VectorXd vector_, image_;
  int size_ = 0;
};

LeadingEigenvalue conclude(const Ritz& ritz) {
  LeadingEigenvalue result;
  Eigen::Index first = 0;
  const double right = ritz.values.real().maxCoeff(&first);
  // How far to the right the others could lie, and whether any of them lies out there unsettled.
  double furthest = right;
  double loose = 0;
  for (Eigen::Index k = 0; k < ritz.values.size(); ++k) {
    const double size = std::abs(ritz.values[k]);
    furthest = std::max(furthest, ritz.values[k].real() + ritz.residuals[k]);
    if (ritz.residuals[k] > kSettled * std::max(1.0, size)) {
      loose = std::max(loose, size + ritz.residuals[k]);
    }
  }
  const double error = ritz.residuals[first];
  if (loose < right && error <= kSettled * std::max(1.0, right)) result.value = right;
  if (right - error > 1) result.below_one = false;
  if (furthest < 1) result.below_one = true;
  return result;
}

}  // namespace

LeadingEigenvalue leading_eigenvalue(const JacobianMap& map, Eigen::Index n, int dimension) {
  dimension = static_cast<int>(std::min<Eigen::Index>(dimension, n));
  if (dimension == 0) return {};
  Arnoldi arnoldi(map, n, dimension);
  LeadingEigenvalue result;
  int look = kFirstLook;
  while (arnoldi.size() < dimension) {
    const bool more = arnoldi.extend();
    if (more && arnoldi.size() < std::min(look, dimension)) continue;
    look += look / 2;
    const Ritz ritz = arnoldi.ritz();
    if (ritz.values.size() == 0) return {};
    result = conclude(ritz);
    if (result.value || !more) break;
  }
  return result;
}

}  // namespace nuphi
