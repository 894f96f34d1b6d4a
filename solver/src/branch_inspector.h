#pragma once

#include <nuphi/solver/continuation.h>
#include <nuphi/solver/curve_tracer.h>

#include <optional>
#include <vector>

#include <nuphi/solver/eigenvalues.h>
#include <nuphi/solver/equilibrium_curve.h>
#include "singular_points.h"

namespace nuphi {

/// A fold and a branch point closer together than this (arclength) are one point, the vertex of a
/// pitchfork: p is quadratic there and all but undetermined next to it.
inline constexpr double kInseparable = 1e-4;

/// Looks at one step of a branch of fixed points at a time and locates what happened inside.
class BranchInspector {
 public:
  BranchInspector(EquilibriumCurve& curve, CurveTracer& tracer, const ContinuationOptions& options)
      : curve_(curve), tracer_(tracer), options_(options) {}

  /// A point as the caller sees it.
  [[nodiscard]] BranchPoint describe(const CurvePoint& point);

  /// Called with the first point, then after every step that is kept.
  void move_to(const CurvePoint& at);
  /// What lies inside the step from the point moved to last, in order; `after` is left open.
  /// Nothing when the step has to be shorter to tell, or has landed on another branch.
  [[nodiscard]] std::optional<std::vector<SpecialPoint>> inspect(const CurvePoint& from,
                                                                 const CurvePoint& to,
                                                                 double length);

 private:
  [[nodiscard]] bool has_spectrum() const;  // asked for, of a problem that is not too large
  // Of ∂Φ/∂x; nothing without has_spectrum(). The last one is kept.
  [[nodiscard]] const std::optional<Spectrum>& spectrum_at(const Eigen::VectorXd& z);
  [[nodiscard]] std::vector<double> test_values(const CurvePoint& point) const;
  [[nodiscard]] std::optional<SpecialPoint> fold(const CurvePoint& a, const CurvePoint& b);
  [[nodiscard]] std::optional<SpecialPoint> branch_point(const CurvePoint& a, const CurvePoint& b);
  // Whether two or more real eigenvalues of ∂Φ/∂x pass 1 on the way from the point arrived at.
  [[nodiscard]] bool several_pass_one(const CurvePoint& to);
  [[nodiscard]] std::optional<SpecialPoint> multiple_branch_point(const CurvePoint& a,
                                                                  const CurvePoint& b);
  // Where Newton's method fails: by narrowing the step.
  [[nodiscard]] std::optional<SpecialPoint> bracketed(SpecialPointKind kind, const CurvePoint& a,
                                                      const CurvePoint& b);
  [[nodiscard]] SpecialPoint special(SpecialPointKind kind, const Eigen::VectorXd& z,
                                     const CurvePoint& a, const CurvePoint& b);
  [[nodiscard]] SpecialPoint special(SpecialPointKind kind, const SingularPoint& point,
                                     const CurvePoint& a, const CurvePoint& b);
  void events(std::size_t test, const CurvePoint& a, const CurvePoint& b,
              std::vector<SpecialPoint>& found);
  void changes(std::size_t test, const CurvePoint& a, const CurvePoint& b,
               std::vector<SpecialPoint>& found);
  [[nodiscard]] double test_value(std::size_t test, const CurvePoint& point) const;
  void add_event(std::size_t test, const CurveTracer::Crossing& crossing,
                 std::vector<SpecialPoint>& found);

  EquilibriumCurve& curve_;
  CurveTracer& tracer_;
  const ContinuationOptions& options_;
  Eigen::VectorXd spectrum_point_;
  std::optional<Spectrum> spectrum_;
  std::optional<int> real_beyond_one_;  // eigenvalues where the last step began
  std::vector<double> values_;          // of the test functions where the last step began
  std::vector<double> next_;            // where the step inspected last ended
};

}  // namespace nuphi
