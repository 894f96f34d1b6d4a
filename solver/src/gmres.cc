#include "gmres.h"

#include <limits>

namespace nuphi {
namespace {

// A vector that loses more than this to the basis has lost its orthogonality to rounding.
constexpr double kLoss = 0.1;

}  // namespace

Gmres::Gmres(Eigen::Index n, int restart)
    : restart_(restart),
      basis_(n, restart + 1),
      r_(restart + 1, restart),
      cosine_(restart),
      sine_(restart),
      g_(restart + 1),
      work_(n),
      residual_(n),
      correction_(n) {}

void Gmres::begin(double length) {
  size_ = 0;
  g_.setZero();
  g_[0] = length;
}

bool Gmres::extend() {
  const auto basis = basis_.leftCols(size_ + 1);
  auto column = r_.col(size_);
  const double before = work_.norm();
  column.head(size_ + 1).noalias() = basis.transpose() * work_;
  work_.noalias() -= basis * column.head(size_ + 1);
  double after = work_.norm();
  if (after < kLoss * before) {
    const Eigen::VectorXd again = basis.transpose() * work_;
    work_.noalias() -= basis * again;
    column.head(size_ + 1) += again;
    after = work_.norm();
  }
  for (int k = 0; k < size_; ++k) {
    const double top = column[k];
    column[k] = cosine_[k] * top + sine_[k] * column[k + 1];
    column[k + 1] = cosine_[k] * column[k + 1] - sine_[k] * top;
  }
  last_diagonal_ = column[size_];
  const double length = std::hypot(last_diagonal_, after);
  cosine_[size_] = length > 0 ? last_diagonal_ / length : 1;
  sine_[size_] = length > 0 ? after / length : 0;
  column[size_] = length;
  g_[size_ + 1] = -sine_[size_] * g_[size_];
  g_[size_] *= cosine_[size_];
  ++size_;
  if (!(after > std::numeric_limits<double>::epsilon() * before)) return false;
  basis_.col(size_) = work_ / after;
  return true;
}

// Rotations have determinant 1: that of the square part is the product of the triangle's diagonal,
// before the rotation that took in the last row.
bool Gmres::is_negative() const {
  bool negative = size_ > 0 && last_diagonal_ < 0;
  for (int k = 0; k + 1 < size_; ++k) negative = negative != (r_(k, k) < 0);
  return negative;
}

void Gmres::combine(Eigen::VectorXd& y) const {
  Eigen::VectorXd weights = g_.head(size_);
  for (int k = size_ - 1; k >= 0; --k) {
    weights[k] = r_(k, k) != 0 ? weights[k] / r_(k, k) : 0;
    weights.head(k) -= weights[k] * r_.col(k).head(k);
  }
  y.noalias() = basis_.leftCols(size_) * weights;
}

}  // namespace nuphi
