#pragma once

#include <nuphi/solver/problem.h>

#include <Eigen/Core>
#include <functional>
#include <stop_token>
#include <vector>

namespace nuphi {

/// The curve x = Φ(x) + s·d through a fixed point (s = 0), both ways from it until it leaves the
/// box. With d = e_i it holds the points at which all components but i are stationary, that is the
/// effective response of component i to its own value (Mascaro & Amit 1999); it runs from one side
/// of the box to the other, and other fixed points lie where it meets s = 0 again.
class PrescribedCurve {
 public:
  struct Limits {
    double scale = 0.1;     ///< components below count as nearly the same
    double max_step = 0.1;  ///< in the lengths of continue_branch()
    int max_points = 400;   ///< on either side
  };
  /// What to do with a place next to which the curve meets s = 0. False: the curve has closed up.
  using Meeting = std::function<bool(const Eigen::VectorXd& x)>;

  PrescribedCurve(FixedPointProblem& problem, const Limits& limits, std::stop_token stop)
      : problem_(problem), limits_(limits), stop_(std::move(stop)) {}

  void follow(const Eigen::VectorXd& start, const Eigen::VectorXd& direction,
              const Meeting& meeting);
  [[nodiscard]] int evaluations() const { return evaluations_; }

 private:
  FixedPointProblem& problem_;
  Limits limits_;
  std::stop_token stop_;
  int evaluations_ = 0;
};

}  // namespace nuphi
