#pragma once

#include <nuphi/core/export.h>

#include <Eigen/Core>
#include <optional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {

/// A fixed point and the sign of det(1 − Φ') there: ±1, 0 where it is degenerate or unknown.
struct KnownPoint {
  Eigen::VectorXd x;
  int index = 0;
};

/// The distinct fixed points found so far. Distances are taken component by component in
///   level(x) = ±ln(1 + |x − o|/scale),  o the point of the box nearest to 0,
/// so that decades count alike on either side of o.
class KnownPoints {
 public:
  KnownPoints(const Eigen::VectorXd& lower, const Eigen::VectorXd& upper, double scale);

  [[nodiscard]] const std::vector<KnownPoint>& all() const { return points_; }
  [[nodiscard]] std::size_t size() const { return points_.size(); }
  [[nodiscard]] const Eigen::VectorXd& x(std::size_t k) const { return points_[k].x; }

  /// Position among the known ones, or nothing.
  [[nodiscard]] std::optional<std::size_t> find(const KnownPoint& point) const;
  void add(KnownPoint point) { points_.push_back(std::move(point)); }

  [[nodiscard]] const Eigen::VectorXd& lower() const { return lower_; }
  /// Positions of the points nearest to x, at most `most`.
  [[nodiscard]] std::vector<std::size_t> nearest(const Eigen::VectorXd& x, std::size_t most) const;

  [[nodiscard]] double level(double x, Eigen::Index i) const;
  [[nodiscard]] double value(double level, Eigen::Index i) const;  ///< inverse of level()
  /// Largest |Δ level| over the components.
  [[nodiscard]] double distance(const Eigen::VectorXd& a, const Eigen::VectorXd& b) const;
  /// ‖step_i / (scale + |x_i − o_i|)‖_∞: the same for a small step.
  [[nodiscard]] double length(const Eigen::VectorXd& x, const Eigen::VectorXd& step) const;
  /// With η = Π_k (1/|w − w_k|² + 1), w the levels, the Newton step of ηF is that of F times this
  /// factor (deflation; Farrell, Birkisson & Funke 2015).
  [[nodiscard]] double deflation_factor(const Eigen::VectorXd& x,
                                        const Eigen::VectorXd& step) const;

  /// Sum of the indices; nothing where one of them is 0.
  [[nodiscard]] std::optional<int> index_sum() const;

 private:
  Eigen::VectorXd lower_;
  Eigen::VectorXd origin_;
  double scale_;
  std::vector<KnownPoint> points_;
};

}  // namespace nuphi
