#pragma once

#include <array>
#include <optional>
#include <vector>

#include "loop_matrix.h"

namespace nuphi::detail {

/// Muller's method on det/Π(z − z_k) over the zeros z_k already known, and their conjugates.
class Muller {
 public:
  /// @param known  those with Im z_k ≥ 0
  Muller(LoopMatrix& matrix, std::vector<Complex> known)
      : matrix_(matrix), known_(std::move(known)) {}

  static constexpr int kIterations = 40;

  /// @param spread  of the first three points, relative to |start|
  std::optional<Complex> from(Complex start, double spread = 1e-3);

 private:
  Complex value(Complex z);
  static Complex step_of(const std::array<Complex, 3>& z, const std::array<Complex, 3>& log);

  LoopMatrix& matrix_;
  std::vector<Complex> known_;
};

}  // namespace nuphi::detail
