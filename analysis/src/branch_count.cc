#include "branch_count.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "complex_lu.h"
#include "expanded_check.h"

namespace nuphi::detail {
namespace {

// Populations from which on bounds cost less than the inverses they save.
constexpr Eigen::Index kSmallest = 32;
constexpr double kProven = 0.9;
constexpr double kWhole = 1e-6;   // of a count
constexpr double kBeyond = 1.15;  // of the cut: it moves along the branch

/// 1 − M(z)
Eigen::MatrixXcd loop_at(LoopMatrix& matrix, Complex z) {
  Eigen::MatrixXcd loop;
  matrix.loop(z, loop);
  return loop;
}

bool is_odd(LoopMatrix& matrix) {
  Eigen::MatrixXcd loop = loop_at(matrix, 0);
  return determinant(loop).direction.real() < 0;
}

/// Whether both have the same rows, of the same kind: only then are there matrices between them.
bool are_alike(const CountedState& a, const CountedState& b) {
  const std::vector<RowCoupling::Row>&rows = a.coupling->rows, &others = b.coupling->rows;
  if (rows.empty() || rows.size() != others.size()) return false;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].has_variance != others[i].has_variance) return false;
  return a.matrix.populations() == b.matrix.populations();
}

/// Z = [Σ Arg(1 − m_k(iΩ)) − (turn of arg det(1 − M) up to iΩ)]/π of both: by how many it differs
/// where the turns differ by what arg det(1 − M(iΩ)) gains on the way from one to the other. Empty
/// where that is not known.
std::optional<double> change_at(LoopMatrix& a, LoopMatrix& b, double omega) {
  const Eigen::MatrixXcd before = loop_at(a, {0, omega}), now = loop_at(b, {0, omega});
  Eigen::MatrixXcd work = before, inverse;
  invert(work, inverse);
  Eigen::MatrixXcd quotient = now * inverse;
  const Eigen::Index n = quotient.rows();
  const Eigen::MatrixXd off = (quotient - Eigen::MatrixXcd::Identity(n, n)).cwiseAbs();
  if (!(perron_bound(off) <= kProven)) return std::nullopt;
  return (sum_of_arguments(now) - sum_of_arguments(before) - log_of_pivots(quotient).imag()) /
         std::numbers::pi;
}

}  // namespace

/// The end of the cover must close the count of the new state too.
bool BranchCount::reaches_end(CountedState& now) {
  if (!(now.matrix.largest_gain_beyond({0, cover_.end()}) < 1)) return false;
  const std::optional<double> change = change_at(before_->matrix, now.matrix, cover_.end());
  return change && std::abs(*change) < kWhole;
}

bool BranchCount::is_carried(CountedState& now) {
  // Of expansions in colour the slopes are not proven: each is counted and checked by itself.
  if (!before_ || !count_.unstable || now.matrix.size() < kSmallest || !are_alike(*before_, now) ||
      has_expanded_responses(now.matrix)) {
    cover_ = {};
    return false;
  }
  if (cover_.is_empty() && !cover_.cover(*before_, kBeyond * cut_)) return false;
  if (reaches_end(now)) return cover_.holds_between(*before_, now);
  cover_ = {};
  return false;
}

BranchCountAt BranchCount::next(NetworkResponse response) {
  auto now = std::make_unique<CountedState>(std::move(response));
  BranchCountAt result;
  if (now->matrix.refusal().empty() && now->matrix.size() > 0)
    result.odd_real = is_odd(now->matrix);
  if (is_carried(*now) && result.odd_real == (*count_.unstable % 2 != 0)) {
    result.unstable = count_.unstable;
    result.is_carried = true;
  } else {
    const ModeCount count = count_unstable_modes(now->matrix, limits_);
    result.unstable = count.unstable;
    cut_ = count.cut;
  }
  count_ = result;
  before_ = std::move(now);
  return result;
}

}  // namespace nuphi::detail
