// The number of unstable modes from state to state of a branch.
#pragma once

#include <memory>
#include <optional>

#include "branch_cover.h"
#include "mode_count.h"

namespace nuphi::detail {

/// A count, and whether an odd number of real modes is unstable: det(1 − M(0)) < 0.
struct BranchCountAt {
  std::optional<int> unstable;  ///< empty: undecided
  bool odd_real = false;
  bool is_carried = false;  ///< proven from the state before, not counted anew
};

/// Counts each state anew, or proves that it has as many unstable modes as the one before: no mode
/// crosses the imaginary axis on the straight way from the M of one to the M of the next. In large
/// networks that needs no new inverses.
class BranchCount {
 public:
  explicit BranchCount(const CountLimits& limits) : limits_(limits) {}

  BranchCountAt next(NetworkResponse response);

 private:
  bool is_carried(CountedState& now);
  bool reaches_end(CountedState& now);

  CountLimits limits_;
  std::unique_ptr<CountedState> before_;
  BranchCountAt count_;  ///< there
  double cut_ = 0;       ///< ω at which it can be closed
  BranchCover cover_;
};

}  // namespace nuphi::detail
