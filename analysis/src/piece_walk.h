// The walk up the imaginary axis of a large network: by pieces, each proven from one inverse.
#pragma once

#include <Eigen/Core>

#include "axis_cover.h"
#include "axis_neurons.h"
#include "loop_matrix.h"
#include "mode_count.h"

namespace nuphi::detail {

class PieceWalk {
 public:
  /// @param result  gets the samples, and the reason where the walk ends before
  PieceWalk(const LoopMatrix& matrix, const RowCoupling& coupling, AxisNeurons& neurons,
            ModeCount& result)
      : coupling_(coupling),
        neurons_(neurons),
        result_(result),
        cover_(matrix, coupling, neurons) {}

  /// @return false where it ends before; the reason is in the result
  bool go_to(double end, const CountLimits& limits);

  /// arg det(1 − M) at the end of the walk less that at 0
  [[nodiscard]] double turned() const { return log_.imag() - start_.imag(); }
  /// 1 − M(iω)
  [[nodiscard]] Eigen::MatrixXcd loop_at(double omega);

 private:
  void add(const PlacedPiece& placed);
  void meet(double omega, const Determinant& exact);
  void keep(double omega, Complex scale, bool is_exact);

  const RowCoupling& coupling_;
  AxisNeurons& neurons_;
  ModeCount& result_;
  AxisCover cover_;
  Complex log_, start_;  ///< ln det(1 − M), the phase continuous from 0 on
};

}  // namespace nuphi::detail
