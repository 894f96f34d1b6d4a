#pragma once

#include <nuphi/solver/session.h>

#include <limits>
#include <utility>

namespace nuphi {

inline constexpr double kRodas3Order = 3;

/// Steps of the flow dx/ds = f(x) = Φ(x) − x by RODAS3 (Sandu et al. 1997): four stages, three
/// evaluations, order 3 with an embedded order 2, L-stable and stiffly accurate, so that for a long
/// step it turns into two Newton corrections. In the form without matrix products,
///   [1/(hγ) − ∂f] k_i = f(x + Σ a_ij k_j) + Σ c_ij k_j / h,   x_new = x + Σ m_j k_j
/// @tparam System  bool factorize(const Point&, double shift) of shift·1 − Φ' at a point,
///   bool solve(const Eigen::VectorXd& rhs, Eigen::VectorXd& y), bool is_negative() (its
///   determinant), void evaluate(Point&), void project(Eigen::VectorXd&) into the box,
///   double largest(array) over all components
template <class System>
class Rodas3 {
 public:
  Rodas3(System system, Eigen::Index n)
      : system_(std::move(system)), rhs_(n), k1_(n), k2_(n), k3_(n), k4_(n) {}

  /// One step of length h to `next`. Its local error relative to absolute + relative·|x|, or
  /// infinity.
  double step(const Point& point, double h, double relative, double absolute, Point& next) {
    constexpr double kFailed = std::numeric_limits<double>::infinity();
    constexpr double kGamma = 0.5;
    if (!system_.factorize(point, 1 + 1 / (h * kGamma))) return kFailed;
    if (!system_.solve(point.defect, k1_)) return kFailed;
    // The flow grows along some direction faster than the step is short: the step would damp that
    // instead of amplifying it.
    if (system_.is_negative()) return kFailed;
    rhs_ = point.defect + (4 / h) * k1_;
    if (!system_.solve(rhs_, k2_)) return kFailed;
    next.x = point.x + 2 * k1_;
    system_.evaluate(next);
    if (!next.finite()) return kFailed;
    rhs_ = next.defect + (1 / h) * (k1_ - k2_);
    if (!system_.solve(rhs_, k3_)) return kFailed;
    next.x += k3_;
    system_.evaluate(next);
    if (!next.finite()) return kFailed;
    rhs_ = next.defect + (1 / h) * (k1_ - k2_ - (8.0 / 3.0) * k3_);
    if (!system_.solve(rhs_, k4_)) return kFailed;
    next.x += k4_;
    rhs_ = next.x;
    system_.project(next.x);
    system_.evaluate(next);
    if (!next.finite()) return kFailed;
    k4_ = k4_.cwiseAbs() + (next.x - rhs_).cwiseAbs();
    const auto size = point.x.array().abs().max(next.x.array().abs());
    return system_.largest((k4_.array().abs() / (absolute + relative * size)).matrix());
  }

 private:
  System system_;
  Eigen::VectorXd rhs_, k1_, k2_, k3_, k4_;
};

}  // namespace nuphi
