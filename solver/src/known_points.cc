#include <nuphi/solver/known_points.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace nuphi {
namespace {

// Points nearer than this are one.
constexpr double kSame = 1e-6;
// But next to a fold two points of opposite index may lie closer: those are told apart down to
// the accuracy to which Newton's method finds them there.
constexpr double kSameOfAnyIndex = 1e-9;
constexpr double kLargestFactor = 10;

}  // namespace

KnownPoints::KnownPoints(const Eigen::VectorXd& lower, const Eigen::VectorXd& upper, double scale)
    : lower_(lower), origin_(lower.cwiseMax(0.0).cwiseMin(upper)), scale_(scale) {}

double KnownPoints::level(double x, Eigen::Index i) const {
  const double from_origin = x - origin_[i];
  return std::copysign(std::log1p(std::abs(from_origin) / scale_), from_origin);
}

double KnownPoints::value(double level, Eigen::Index i) const {
  return origin_[i] + std::copysign(scale_ * std::expm1(std::abs(level)), level);
}

double KnownPoints::distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) const {
  double largest = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(level(a[i], i) - level(b[i], i)));
  return largest;
}

double KnownPoints::length(const Eigen::VectorXd& x, const Eigen::VectorXd& step) const {
  return (step.array().abs() / (scale_ + (x - origin_).array().abs())).maxCoeff();
}

std::optional<std::size_t> KnownPoints::find(const KnownPoint& point) const {
  for (std::size_t k = 0; k < points_.size(); ++k) {
    const bool opposite = points_[k].index * point.index < 0;
    if (distance(points_[k].x, point.x) < (opposite ? kSameOfAnyIndex : kSame)) return k;
  }
  return std::nullopt;
}

std::vector<std::size_t> KnownPoints::nearest(const Eigen::VectorXd& x, std::size_t most) const {
  std::vector<std::pair<double, std::size_t>> by_distance;
  for (std::size_t k = 0; k < points_.size(); ++k)
    by_distance.emplace_back(distance(points_[k].x, x), k);
  const std::size_t count = std::min(most, by_distance.size());
  std::partial_sort(by_distance.begin(), by_distance.begin() + static_cast<std::ptrdiff_t>(count),
                    by_distance.end());
  std::vector<std::size_t> result;
  for (std::size_t j = 0; j < count; ++j) result.push_back(by_distance[j].second);
  return result;
}

double KnownPoints::deflation_factor(const Eigen::VectorXd& x, const Eigen::VectorXd& step) const {
  double slope = 0;  // of ln η along the step
  for (const KnownPoint& known : points_) {
    double square = 0;
    double inner = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      const double difference = level(x[i], i) - level(known.x[i], i);
      square += difference * difference;
      inner += difference * step[i] / (scale_ + std::abs(x[i] - origin_[i]));
    }
    slope -= 2 * inner / (square * (1 + square));
  }
  const double divisor = 1 - slope;
  return std::isfinite(divisor) && divisor != 0
             ? std::clamp(1 / divisor, -kLargestFactor, kLargestFactor)
             : 1;
}

std::optional<int> KnownPoints::index_sum() const {
  int sum = 0;
  for (const KnownPoint& point : points_) {
    if (point.index == 0) return std::nullopt;
    sum += point.index;
  }
  return sum;
}

}  // namespace nuphi
