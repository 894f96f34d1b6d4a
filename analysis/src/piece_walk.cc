#include "piece_walk.h"

#include <cmath>
#include <numbers>

#include "axis_piece.h"
#include "count_reasons.h"

namespace nuphi::detail {
namespace {

/// ln Π g
Complex log_scale(const std::vector<NeuronSample>& neurons) {
  Complex sum = 0;
  for (const NeuronSample& s : neurons) sum += std::log(s.factor);
  return sum;
}

}  // namespace

bool PieceWalk::go_to(double end, const CountLimits& limits) {
  Eigen::MatrixXcd matrix = loop_at(0);
  start_ = log_ = logarithm(determinant(matrix));
  const double reached = cover_.cover(0, end, limits.max_evaluations, [&](PlacedPiece&& placed) {
    add(placed);
    if (limits.progress) limits.progress(placed.right / end);
    return !limits.stop.stop_requested();
  });
  if (reached >= end) {
    matrix = loop_at(end);
    meet(end, determinant(matrix));
  } else if (limits.stop.stop_requested()) {
    result_.reason = interrupted();
  } else if (!loop_at(reached).allFinite()) {
    result_.reason = not_a_number(reached);
  } else {
    result_.reason = result_.evaluations >= limits.max_evaluations
                         ? unfollowed(reached, limits.max_evaluations)
                         : on_axis(reached);
  }
  return result_.reason.empty();
}

Eigen::MatrixXcd PieceWalk::loop_at(double omega) {
  const std::vector<NeuronSample>& samples = neurons_.at(omega);
  const Eigen::Index n = coupling_.mu.rows();
  Eigen::MatrixXcd matrix = Eigen::MatrixXcd::Identity(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const RowFactors f = row_factors(coupling_.rows[k], samples[k]);
    matrix.row(i) -= f.mu * coupling_.mu.row(i) + f.variance * coupling_.variance.row(i);
  }
  return matrix;
}

void PieceWalk::add(const PlacedPiece& placed) {
  const AxisPiece& piece = placed.piece;
  ++result_.evaluations;
  const std::vector<NeuronSample>& centre = neurons_.at(piece.centre());
  const Complex scale = log_scale(centre);
  if (placed.left < piece.centre())
    log_ -= piece.log_ratio(coupling_, neurons_.at(placed.left), placed.scaled_left);
  Determinant plain = piece.determinant();
  plain.direction *= std::polar(1.0, -scale.imag());
  plain.log_modulus -= scale.real();
  meet(piece.centre(), plain);
  keep(piece.centre(), scale, true);
  if (!(placed.right > piece.centre())) return;
  const std::vector<NeuronSample>& right = neurons_.at(placed.right);
  log_ += piece.log_ratio(coupling_, right, placed.scaled_right);
  keep(placed.right, log_scale(right), false);
}

/// The phase is known to a fraction of a turn, and from the determinant up to whole turns.
void PieceWalk::meet(double omega, const Determinant& exact) {
  const Complex known = logarithm(exact);
  const double off = std::remainder(known.imag() - log_.imag(), 2 * std::numbers::pi);
  if (!(std::abs(off) < 1)) result_.reason = unclear(omega);
  log_ = {known.real(), log_.imag() + off};
}

void PieceWalk::keep(double omega, Complex scale, bool is_exact) {
  const Complex scaled = log_ + scale;
  const Determinant determinant{std::polar(1.0, scaled.imag()), scaled.real()};
  result_.samples.push_back({omega, determinant, turned(), is_exact});
}

}  // namespace nuphi::detail
