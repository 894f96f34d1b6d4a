#pragma once

#include <nuphi/core/export.h>

#include <Eigen/Core>
#include <functional>
#include <vector>

namespace NUPHI_PUBLIC nuphi {

/// A smooth vector function of one number. It may throw ModelError where it is not defined.
using VectorFunction = std::function<Eigen::VectorXd(double)>;

/// Which steps extrapolated_derivative() takes.
struct DifferenceSteps {
  double largest = 0.1;        ///< of a scale; three smaller ones follow, each a tenth
  double good_enough = 1e-12;  ///< estimated error, relative to the derivative or to f/scale
};

/// Derivative by central differences, extrapolated twice (Richardson); one-sided where one side is
/// not defined. Several steps are tried, from large to small, until two orders agree.
/// @param scales  lengths on which f may change, largest first; all > 0
/// @param block   consecutive components that share one physical unit, so that an error can be put
///   in relation
/// @throws ModelError when f is not defined on either side of x.
[[nodiscard]] Eigen::VectorXd extrapolated_derivative(const VectorFunction& f, double x,
                                                      const std::vector<double>& scales,
                                                      Eigen::Index block,
                                                      const DifferenceSteps& steps = {});

}  // namespace nuphi
