#pragma once

#include <nuphi/core/eigen.h>
#include <nuphi/core/export.h>
#include <nuphi/solver/curve.h>

#include <functional>
#include <optional>

namespace NUPHI_PUBLIC nuphi {

/// A point of a curve with its unit tangent, in the scaled coordinates of `weights`.
struct CurvePoint {
  Eigen::VectorXd z;
  Eigen::VectorXd tangent;
  Eigen::VectorXd weights;
  int orientation = 0;  ///< sign of det [∂G; tangent]; it changes at branch points only
  double arclength = 0;
};

struct TracerLimits {
  double max_angle = 0.3;
};

/// Predictor and corrector of pseudo-arclength continuation.
class CurveTracer {
 public:
  CurveTracer(Curve& curve, TracerLimits limits) : curve_(curve), limits_(limits) {}

  /// The point of the curve next to z with the value of the last parameter kept, its tangent such
  /// that this parameter grows with sign `direction`.
  [[nodiscard]] std::optional<CurvePoint> start(const Eigen::VectorXd& z, int direction);

  struct Step {
    CurvePoint point;
    Eigen::Index left = -1;  ///< parameter that has reached its bound
    bool upper = false;      ///< which bound
    int iterations = 0;
    double angle = 0;  ///< between the tangents
  };
  /// One step of the given length. Nothing when it has to be shorter: no convergence, a tangent
  /// that turned too far, or a point that is not next to the predicted one and may lie on another
  /// branch.
  [[nodiscard]] std::optional<Step> step(const CurvePoint& from, double length);

  /// The point of the curve between two points of one step, `distance` along the tangent of `a`.
  [[nodiscard]] std::optional<CurvePoint> between(const CurvePoint& a, const CurvePoint& b,
                                                  double distance);
  /// Where a continuous function changes its sign between the two, to rounding; `fa`, `fb` are its
  /// values there. Nothing when the curve is lost or the function has a pole.
  struct Crossing {
    CurvePoint point;
    double width = 0;  ///< of the bracket that is left, in arclength
  };
  [[nodiscard]] std::optional<Crossing> crossing(
      const CurvePoint& a, double fa, const CurvePoint& b, double fb,
      const std::function<double(const CurvePoint&)>& function);

  /// Newton's method in the hyperplane through z orthogonal to `row`; at most `reach` away from z.
  struct Corrected {
    bool converged = false;
    Eigen::VectorXd z;
    int iterations = 0;
    Eigen::Index left = -1;  ///< parameter that tried to leave its interval
  };
  [[nodiscard]] Corrected correct(const Eigen::VectorXd& z, const Eigen::VectorXd& row,
                                  double reach);

  [[nodiscard]] Curve& curve() { return curve_; }

 private:
  // Tangent and orientation at z, oriented along `towards`, a vector in scaled coordinates of
  // `weights`.
  [[nodiscard]] std::optional<CurvePoint> settle(const Eigen::VectorXd& z,
                                                 const Eigen::VectorXd& towards,
                                                 const Eigen::VectorXd& weights);
  [[nodiscard]] std::optional<Step> finish(const CurvePoint& from, const Corrected& corrected);
  [[nodiscard]] std::optional<Step> land(const CurvePoint& from, double length, Eigen::Index k,
                                         bool last = false);

  Curve& curve_;
  TracerLimits limits_;
};

/// W (b − a) in the weights of a.
[[nodiscard]] Eigen::VectorXd scaled_difference(const CurvePoint& a, const Eigen::VectorXd& b);

}  // namespace nuphi
