#include "branch_cover.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace nuphi::detail {
namespace {

constexpr double kProven = 0.9;  // bound of the spectral radius; a tenth for rounding
// Pieces are made shorter than they could be, and where a mode is near still shorter: what is left
// is for the change along the branch.
constexpr std::array<PieceLimits, 3> kShort = {{{.proven = 0.5, .nearly_all = 0.44, .aim = 0.28},
                                                {.proven = 0.25, .nearly_all = 0.22, .aim = 0.14},
                                                {.proven = 0.1, .nearly_all = 0.09, .aim = 0.06}}};
constexpr double kThinned = 1.1;  // of the radius, in exchange for fewer points
constexpr std::size_t kMostThinned = 16;
constexpr std::size_t kAhead = 16;  // points at which neurons are looked at together
constexpr int kVectors = 6;         // of the power iteration
constexpr int kMostPieces = 100000;
constexpr std::size_t kMostGrowth = 2;  // of the number of pieces, before all are made anew

}  // namespace

CountedState::CountedState(NetworkResponse at)
    : response(std::move(at)), matrix(response, 1), neurons(matrix.neurons()) {
  coupling = std::make_shared<const RowCoupling>(
      matrix.refusal().empty() && matrix.size() > 0 ? row_coupling(matrix) : RowCoupling{});
}

Reach BranchCover::reach_of(const Piece& piece, CountedState& state) {
  state.neurons.prepare(piece.points);
  Reach reach(state.coupling->rows.size());
  for (std::size_t k = 0; k + 1 < piece.points.size(); ++k) {
    const double omega = piece.points[k], length = piece.points[k + 1] - omega;
    const std::vector<NeuronSample>& samples = state.neurons.at(omega);
    for (std::size_t i = 0; i < reach.size(); ++i)
      reach[i].widen(state.coupling->rows[i], state.matrix.neurons()[i], samples[i], length,
                     piece.axis.factors()[i]);
  }
  return reach;
}

Reach BranchCover::reach_at(const Piece& piece, CountedState& state, double omega) {
  const std::vector<NeuronSample>& samples = state.neurons.at(omega);
  Reach reach(state.coupling->rows.size());
  for (std::size_t i = 0; i < reach.size(); ++i)
    reach[i].widen(state.coupling->rows[i], state.matrix.neurons()[i], samples[i], 0,
                   piece.axis.factors()[i]);
  return reach;
}

/// Where slopes bound enough from fewer points, neurons are looked at in those only.
void BranchCover::thin_out(Piece& piece, CountedState& state, double enough) {
  const std::vector<double> all = piece.points;
  std::vector<char> scaled;
  const double centre = piece.axis.centre();
  for (std::size_t stride = kMostThinned; stride > 1; stride /= 2) {
    piece.points.clear();
    for (std::size_t k = 0; k < all.size(); ++k)
      if (k % stride == 0 || all[k] == centre || k + 1 == all.size())
        piece.points.push_back(all[k]);
    piece.reach = reach_of(piece, state);
    if (radius(piece, piece.reach, {}, enough, scaled) <= enough) return;
  }
  piece.points = all;
  piece.reach = {};
}

std::optional<std::vector<BranchCover::Piece>> BranchCover::cover_part(CountedState& state,
                                                                       double from, double to,
                                                                       std::size_t level) {
  const PieceLimits& limits = kShort[level];
  std::vector<Piece> pieces;
  AxisCover cover(state.matrix, *state.coupling, state.neurons, limits);
  const double reached = cover.cover(from, to, kMostPieces, [&](PlacedPiece&& placed) {
    placed.piece.keep_bounds_only();
    pieces.push_back({std::move(placed.piece), std::move(placed.points), state.coupling, {}});
    thin_out(pieces.back(), state, kThinned * limits.proven);
    return true;
  });
  if (!(reached >= to)) return std::nullopt;
  return pieces;
}

bool BranchCover::cover(CountedState& state, double end) {
  end_ = end;
  pieces_.clear();
  auto pieces = cover_part(state, 0, end, 0);
  if (!pieces) return false;
  pieces_ = std::move(*pieces);
  first_pieces_ = pieces_.size();
  return true;
}

const CouplingChange& BranchCover::change(const Piece& piece, const CountedState& before,
                                          const CountedState& now) {
  const RowCoupling& from = *piece.coupling;
  for (const Change& known : changes_)
    if (known.from == &from) return known.by;
  CouplingChange by;
  const RowCoupling &a = *before.coupling, &b = *now.coupling;
  by.mu = (a.mu - from.mu).cwiseAbs().cwiseMax((b.mu - from.mu).cwiseAbs());
  by.variance =
      (a.variance - from.variance).cwiseAbs().cwiseMax((b.variance - from.variance).cwiseAbs());
  if (by.mu.isZero(0) && by.variance.isZero(0)) by = {};
  changes_.push_back({&from, std::move(by)});
  return changes_.back().by;
}

/// The choice of scaled rows differs from that of the piece below. Where rows in which it does are
/// bounded in both forms, and in all between, the phase that det(1 − M) gains on the way from one
/// state to the next is the same by either.
bool BranchCover::meets_last(Piece& piece, double at, const std::vector<char>& scaled,
                             CountedState& before, CountedState& now) {
  std::vector<RowForm> forms(scaled.size());
  const std::vector<NeuronSample> a = before.neurons.at(at), b = now.neurons.at(at);
  for (std::size_t i = 0; i < scaled.size(); ++i) {
    forms[i] = scaled[i] != 0 ? RowForm::kScaled : RowForm::kPlain;
    if (scaled[i] == scaled_[i]) continue;
    forms[i] = RowForm::kLarger;
    // The way is straight from 1 to g/g(c) in either state: it turns by the principal values.
    const Complex c = piece.axis.factors()[i].scale;
    const double along = std::arg(b[i].factor / c) - std::arg(a[i].factor / c);
    if (!(std::abs(along - (std::arg(b[i].factor) - std::arg(a[i].factor))) < 1)) return false;
  }
  const Reach reach = wider(reach_at(piece, before, at), reach_at(piece, now, at));
  std::vector<char> taken;
  for (int k = 0; k < kVectors; ++k)
    if (piece.axis.radius(reach, change(piece, before, now), forms, taken) <= kProven) return true;
  return false;
}

/// Of the better test vectors until one shows what is enough.
double BranchCover::radius(Piece& piece, const Reach& reach, const CouplingChange& by,
                           double enough, std::vector<char>& scaled) {
  double bound = 0;
  for (int k = 0; k < kVectors; ++k) {
    bound = piece.axis.radius(reach, by, {}, scaled);
    if (bound <= enough || !std::isfinite(bound)) break;
  }
  return bound;
}

/// Neurons at the points of this piece and the next ones. @return the first that is not prepared
std::size_t BranchCover::look_ahead(std::size_t from, CountedState& state) const {
  std::vector<double> points;
  while (from < pieces_.size() && points.size() < kAhead) {
    const std::vector<double>& own = pieces_[from++].points;
    points.insert(points.end(), own.begin(), own.end() - 1);
  }
  state.neurons.prepare(points);
  return from;
}

bool BranchCover::is_free_between(Piece& piece, CountedState& before, CountedState& now) {
  if (piece.reach.empty()) piece.reach = reach_of(piece, before);
  Reach own = reach_of(piece, now);
  const Reach both = wider(piece.reach, own);
  const CouplingChange& by = change(piece, before, now);
  std::vector<char> scaled;
  const double bound = radius(piece, both, by, kProven, scaled);
  if (!(bound <= kProven)) return false;
  // At 0 all g are 1: nothing is scaled there.
  if (piece.points.front() > 0 && scaled != scaled_ &&
      !meets_last(piece, piece.points.front(), scaled, before, now))
    return false;
  piece.reach = std::move(own);
  scaled_ = std::move(scaled);
  return true;
}

/// By a piece of the new state about the same centre, or by several, the shorter the higher the
/// level.
bool BranchCover::replace(Piece& piece, CountedState& before, CountedState& now, std::size_t level,
                          std::vector<Piece>& kept) {
  const double centre = piece.axis.centre();
  if (piece.coupling != now.coupling) {
    AxisPiece axis(*now.coupling, centre, now.neurons.at(centre));
    if (!axis.is_finite()) return false;
    axis.keep_bounds_only();
    Piece fresh{std::move(axis), piece.points, now.coupling, {}};
    if (is_free_between(fresh, before, now)) {
      kept.push_back(std::move(fresh));
      return true;
    }
  }
  if (level == kShort.size()) return false;
  auto parts = cover_part(now, piece.points.front(), piece.points.back(), level);
  if (!parts) return false;
  for (Piece& part : *parts) {
    part.reach.clear();
    if (is_free_between(part, before, now)) {
      kept.push_back(std::move(part));
    } else if (!replace(part, before, now, level + 1, kept)) {
      return false;
    }
  }
  return true;
}

/// A mode crosses, or is too near to tell: pieces of the new state take over from the first that
/// cannot be replaced, and what lies above is looked at anew for the next.
void BranchCover::give_up(std::size_t at, CountedState& now, std::vector<Piece> kept) {
  const double from = kept.empty() ? 0 : kept.back().points.back();
  auto parts = cover_part(now, from, pieces_[at].points.back(), 0);
  if (!parts) {
    pieces_.clear();
    return;
  }
  std::move(parts->begin(), parts->end(), std::back_inserter(kept));
  for (std::size_t k = at + 1; k < pieces_.size(); ++k) {
    pieces_[k].reach.clear();
    kept.push_back(std::move(pieces_[k]));
  }
  pieces_ = std::move(kept);
}

bool BranchCover::holds_between(CountedState& before, CountedState& now) {
  if (pieces_.size() > kMostGrowth * first_pieces_ && !cover(before, end_)) return false;
  before.neurons.forget_below(std::numeric_limits<double>::infinity());
  changes_.clear();
  scaled_.assign(now.coupling->rows.size(), 0);
  std::vector<Piece> kept;
  std::size_t ahead = 0;
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    Piece& piece = pieces_[k];
    if (k == ahead) ahead = look_ahead(k, now);
    const double to = piece.points.back();
    if (is_free_between(piece, before, now)) {
      kept.push_back(std::move(piece));
    } else if (!replace(piece, before, now, 0, kept)) {
      give_up(k, now, std::move(kept));
      return false;
    }
    now.neurons.at(to);  // from where phases are followed
    now.neurons.forget_below(to);
    before.neurons.forget_below(to);
  }
  pieces_ = std::move(kept);
  // At the end nothing is scaled.
  const std::vector<char> none(scaled_.size(), 0);
  return scaled_ == none || meets_last(pieces_.back(), end_, none, before, now);
}

}  // namespace nuphi::detail
