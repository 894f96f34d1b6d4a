#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "loop_matrix.h"

namespace nuphi::detail {

/// A point of the walk up the imaginary axis; each step between neighbours is proven.
struct AxisSample {
  double omega = 0;
  Determinant determinant;  ///< of diag(g)(1 − M)
  double turned = 0;        ///< arg det(1 − M(iω)) − arg det(1 − M(0))
  bool is_exact = true;     ///< to rounding; else to single precision
};

/// A point of a walk to the right.
struct PathSample {
  Complex z;
  Determinant determinant;
};

struct CountLimits {
  double max_frequency = 1e7;    ///< highest at which the count may be closed [Hz]
  int max_evaluations = 200000;  ///< of M(z)
  double at_least = 0;           ///< ω up to which the axis is walked even where the count closes
  std::stop_token stop = {};     ///< looked at every step
  /// Called with the share of the work under way that is done; may be empty.
  std::function<void(double)> progress = {};
};

struct ModeCount {
  std::optional<int> unstable;      ///< empty: undecided
  std::string reason;               ///< why
  double cut = 0;                   ///< ω at which the count was closed
  std::vector<AxisSample> samples;  ///< by rising ω
  int evaluations = 0;              ///< of M(z)
};

class AxisNeurons;

/// Zeros of det(1 − M(z)) in the right half-plane, by the argument principle over proven steps.
/// @param shared  by counts that differ in the delays alone; may be null
[[nodiscard]] ModeCount count_unstable_modes(const LoopMatrix& matrix, const CountLimits& limits,
                                             AxisNeurons* shared = nullptr);

/// Those of them with |Im z| < ω, a conjugate pair counted as two.
/// @param samples  those of the count
/// @param path     gets the points of the walk from iω to the right
/// @return empty where a mode lies on the way, or the gain does not fall below 1
[[nodiscard]] std::optional<int> count_modes_below(const LoopMatrix& matrix,
                                                   const std::vector<AxisSample>& samples,
                                                   double omega, const CountLimits& limits,
                                                   std::vector<PathSample>& path);

/// Σ Arg(1 − m_k) at the cut, where all |m_k| < 1 and no branch is crossed on the way to infinity.
/// @param matrix  1 − M
[[nodiscard]] double sum_of_arguments(Eigen::MatrixXcd matrix);

/// An ω over the first turns of the delays: up to there damped modes leave traces on the axis.
[[nodiscard]] double frequency_of_damped_modes(const LoopMatrix& matrix);

}  // namespace nuphi::detail
