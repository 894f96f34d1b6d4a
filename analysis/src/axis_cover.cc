#include "axis_cover.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace nuphi::detail {
namespace {

constexpr double kAxis = 1e-13;  // relative length below which a mode is on the axis
constexpr int kParts = 8;        // in which one side of a piece is looked at
constexpr int kFinerLeft = 2;    // times parts are divided before a side is given up
constexpr int kRounds = 60;
constexpr double kBack = 0.75;  // of the last reach: how far the next centre lies
constexpr int kVectors = 4;     // of the power iteration

/// Ends of equal parts of [from, to]; the last is `to` itself.
std::array<double, kParts + 1> divide(double from, double to) {
  std::array<double, kParts + 1> ends{};
  for (int k = 0; k <= kParts; ++k)
    ends[static_cast<std::size_t>(k)] = k == kParts ? to : from + (to - from) / kParts * k;
  return ends;
}

}  // namespace

bool AxisCover::is_proven(AxisPiece& piece, const Reach& reach, std::vector<char>& scaled) {
  for (int k = 0; k < kVectors; ++k) {
    radius_ = piece.radius(reach, scaled);
    if (radius_ <= limits_.proven) return true;
    if (!(radius_ < 4)) return false;
  }
  return false;
}

void AxisCover::widen(Reach& reach, const AxisPiece& piece, double omega, double h) {
  const std::vector<NeuronSample>& samples = neurons_.at(omega);
  for (std::size_t i = 0; i < reach.size(); ++i)
    reach[i].widen(coupling_.rows[i], matrix_.neurons()[i], samples[i], h, piece.factors()[i]);
}

/// The most of `reaches`, each wider than the one before, that are proven; gets the rows scaled.
std::size_t AxisCover::proven_of(AxisPiece& piece, const std::vector<Reach>& reaches,
                                 std::vector<char>& scaled) {
  std::size_t good = 0, bad = reaches.size() + 1;
  std::vector<char> rows;
  double best = 0;
  for (std::size_t parts = reaches.size(); bad - good > 1; parts = (good + bad) / 2) {
    if (is_proven(piece, reaches[parts - 1], rows)) {
      good = parts;
      scaled = rows;
      best = radius_;
    } else {
      bad = parts;
      failed_ = radius_;
    }
  }
  radius_ = best;
  return good;
}

/// The lowest ω ≥ `from` from which on the piece is proven up to its centre.
double AxisCover::reach_left(PlacedPiece& placed, double from) {
  AxisPiece& piece = placed.piece;
  const double centre = piece.centre();
  for (int finer = 0; finer < kFinerLeft && from < centre; ++finer) {
    const auto ends = divide(from, centre);
    neurons_.prepare(ends);
    std::vector<Reach> reaches;  // from the end of part k to the centre
    Reach reach(coupling_.rows.size());
    for (std::size_t k = kParts; k-- > 0;) {
      widen(reach, piece, ends[k], ends[k + 1] - ends[k]);
      reaches.push_back(reach);
    }
    const std::size_t parts = proven_of(piece, reaches, placed.scaled_left);
    if (parts > 0) {
      placed.points.assign(ends.end() - 1 - static_cast<std::ptrdiff_t>(parts), ends.end() - 1);
      return ends[kParts - parts];
    }
    from = ends[kParts - 1];
  }
  return centre;
}

/// The highest ω ≤ `to` up to which the piece is proven from its centre on.
double AxisCover::reach_right(PlacedPiece& placed, double to) {
  AxisPiece& piece = placed.piece;
  const double centre = piece.centre();
  double end = std::min(centre + step_, to);
  double proven = centre;
  Reach whole(coupling_.rows.size());  // from the centre to `proven`
  for (int round = 0; round < kRounds && end - proven > kAxis * centre; ++round) {
    if (to - end < 0.02 * (end - proven)) end = to;  // leaves no splinter
    const auto ends = divide(proven, end);
    neurons_.prepare(ends);
    std::vector<Reach> reaches;
    Reach reach = whole;
    for (std::size_t k = 0; k < kParts; ++k) {
      widen(reach, piece, ends[k], ends[k + 1] - ends[k]);
      reaches.push_back(reach);
    }
    const std::size_t parts = proven_of(piece, reaches, placed.scaled_right);
    placed.points.insert(placed.points.end(), ends.begin() + 1,
                         ends.begin() + 1 + static_cast<std::ptrdiff_t>(parts));
    if (parts < kParts && proven > centre) return parts > 0 ? ends[parts] : proven;
    if (parts > 0) {
      proven = ends[parts];
      whole = reaches[parts - 1];
      // On where there is room.
      if (parts < kParts || proven >= to || radius_ > limits_.nearly_all) return proven;
      end = std::min(proven + std::clamp(limits_.aim / radius_, 0.5, 8.0) * (proven - centre), to);
    } else {
      // The bound is between linear and quadratic in the length.
      end = centre + (ends[1] - centre) * std::clamp(std::sqrt(limits_.aim / failed_), 1e-6, 1.0);
    }
  }
  return proven;
}

bool AxisCover::place(double centre, double limit) {
  if (left_-- <= 0) return false;
  PlacedPiece placed{AxisPiece(coupling_, centre, neurons_.at(centre)), centre, centre, {}, {}, {}};
  if (!placed.piece.is_finite()) return false;
  placed.left = reach_left(placed, reached_);
  placed.points.push_back(centre);
  while (reached_ < placed.left) {
    const double middle = 0.5 * (reached_ + placed.left);
    if (!(middle - reached_ > kAxis * centre)) return false;
    if (!place(middle, placed.left)) return false;
  }
  const double left_length = centre - placed.left;
  step_ = std::max(step_, left_length);
  placed.right = reach_right(placed, limit);
  if (placed.right == placed.left) return false;
  if (placed.right < limit) step_ = std::max(placed.right - centre, 0.3 * left_length);
  reached_ = placed.right;
  return (*visit_)(std::move(placed));
}

double AxisCover::cover(double from, double to, int most, const Visit& visit) {
  visit_ = &visit;
  reached_ = from;
  left_ = most;
  step_ = to - from;
  if (!place(from, to)) return reached_;
  while (reached_ < to) {
    neurons_.forget_below(reached_);
    if (!place(std::min(reached_ + kBack * step_, to), to)) break;
  }
  return reached_;
}

}  // namespace nuphi::detail
