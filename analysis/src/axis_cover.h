// The imaginary axis covered by pieces on which det(1 − M) is proven to have no zero.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "axis_neurons.h"
#include "axis_piece.h"
#include "loop_matrix.h"

namespace nuphi::detail {

/// A piece in its place: proven from `left` to `right`, around the centre.
struct PlacedPiece {
  AxisPiece piece;
  double left = 0, right = 0;
  std::vector<char> scaled_left, scaled_right;  ///< rows multiplied by g on either side
  /// Where neurons were looked at, from left to right; slopes bound what lies between.
  std::vector<double> points;
};

/// How far pieces reach, by the bound of their spectral radius.
struct PieceLimits {
  double proven = 0.9;      ///< at most; what is left to 1 is for rounding
  double nearly_all = 0.8;  ///< no more is looked for beyond
  double aim = 0.5;         ///< of the next that is tried
};

class AxisCover {
 public:
  /// @param coupling  of all rows; it and the matrix outlive this
  AxisCover(const LoopMatrix& matrix, const RowCoupling& coupling, AxisNeurons& neurons,
            const PieceLimits& limits = {})
      : matrix_(matrix), coupling_(coupling), neurons_(neurons), limits_(limits) {}

  /// Called with every piece, by rising frequency. @return whether to go on
  using Visit = std::function<bool(PlacedPiece&&)>;

  /// Covers [from, to]. @return where it ends: `to`, or below it where no piece of more than 1e-13
  /// of the frequency could be placed (a mode stands there), after `most` pieces or when told
  double cover(double from, double to, int most, const Visit& visit);

 private:
  bool is_proven(AxisPiece& piece, const Reach& reach, std::vector<char>& scaled);
  std::size_t proven_of(AxisPiece& piece, const std::vector<Reach>& reaches,
                        std::vector<char>& scaled);
  double reach_left(PlacedPiece& placed, double from);
  double reach_right(PlacedPiece& placed, double to);
  bool place(double centre, double limit);
  void widen(Reach& reach, const AxisPiece& piece, double omega, double h);

  const LoopMatrix& matrix_;
  const RowCoupling& coupling_;
  AxisNeurons& neurons_;
  PieceLimits limits_;
  const Visit* visit_ = nullptr;
  double reached_ = 0;
  double step_ = 0;    ///< about how far a piece reaches to either side
  double radius_ = 0;  ///< of the last proof
  double failed_ = 0;  ///< of the last that was none
  int left_ = 0;       ///< pieces that may still be placed
};

}  // namespace nuphi::detail
