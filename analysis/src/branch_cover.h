// The imaginary axis covered by pieces on which det(1 − M) has no zero, neither for one state of a
// branch nor on the straight way to the next: between the two no mode crosses the axis.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "axis_cover.h"
#include "axis_neurons.h"
#include "axis_piece.h"
#include "loop_matrix.h"

namespace nuphi::detail {

/// A state of a branch as the count of its modes sees it.
struct CountedState {
  explicit CountedState(NetworkResponse at);
  CountedState(const CountedState&) = delete;
  CountedState& operator=(const CountedState&) = delete;

  NetworkResponse response;
  LoopMatrix matrix;
  std::shared_ptr<const RowCoupling> coupling;  ///< empty rows where there are no pieces
  AxisNeurons neurons;
};

/// With M_A, M_B of two states and P of a piece, rows of (1 − M_A)P − 1 and (1 − M_B)P − 1 are
/// bounded by the larger of their bounds, and so are those of all matrices between: where the
/// spectral radius of that stays below 1, det(1 − M) has no zero between the two on the piece.
class BranchCover {
 public:
  /// Anew, for one state. @return false where a mode stands on the axis
  bool cover(CountedState& state, double end);
  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }
  [[nodiscard]] double end() const { return end_; }

  /// Whether no mode crosses the axis below end() on the straight way from one state to the next,
  /// which is what is covered afterwards, unless a mode stands on the axis. A piece that no longer
  /// reaches is replaced.
  bool holds_between(CountedState& before, CountedState& now);

 private:
  struct Piece {
    AxisPiece axis;
    std::vector<double> points;  ///< where neurons are looked at, from its left to its right end
    std::shared_ptr<const RowCoupling> coupling;  ///< what it was made from
    Reach reach;                                  ///< of the last state; empty: not known
  };
  struct Change {
    const RowCoupling* from;
    CouplingChange by;
  };

  static std::optional<std::vector<Piece>> cover_part(CountedState& state, double from, double to,
                                                      std::size_t level);
  static void thin_out(Piece& piece, CountedState& state, double enough);
  std::size_t look_ahead(std::size_t from, CountedState& state) const;
  static double radius(Piece& piece, const Reach& reach, const CouplingChange& by, double enough,
                       std::vector<char>& scaled);
  [[nodiscard]] static Reach reach_of(const Piece& piece, CountedState& state);
  [[nodiscard]] static Reach reach_at(const Piece& piece, CountedState& state, double omega);
  bool replace(Piece& piece, CountedState& before, CountedState& now, std::size_t level,
               std::vector<Piece>& kept);
  void give_up(std::size_t at, CountedState& now, std::vector<Piece> kept);
  bool is_free_between(Piece& piece, CountedState& before, CountedState& now);
  bool meets_last(Piece& piece, double at, const std::vector<char>& scaled, CountedState& before,
                  CountedState& now);
  const CouplingChange& change(const Piece& piece, const CountedState& before,
                               const CountedState& now);

  std::vector<Piece> pieces_;  ///< from 0 to end_
  double end_ = 0;
  std::size_t first_pieces_ = 0;  ///< after the last cover()
  std::vector<Change> changes_;   ///< of couplings, between the states looked at
  std::vector<char> scaled_;      ///< rows multiplied by g in the piece below
};

}  // namespace nuphi::detail
