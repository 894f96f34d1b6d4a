#pragma once

#include <nuphi/analysis/stability.h>

#include <complex>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

#include "linearized_modes.h"
#include "loop_matrix.h"

namespace nuphi::detail {

/// Modes found so far, each once, of a conjugate pair the one with Im z ≥ 0.
class FoundModes {
 public:
  explicit FoundModes(LoopMatrix& matrix) : matrix_(matrix) {}

  /// Takes a zero of det(1 − M) in. @return whether it is a mode that was not known
  bool add(Complex z);
  bool add(const NullPair& pair);
  /// Modes with as many independent null vectors are listed as often (equal populations).
  void add_multiples(const std::function<bool()>& is_done);

  /// Whether a mode or its conjugate is known within `doubt` of z, or to rounding.
  [[nodiscard]] bool knows(Complex z, double doubt = 0) const;
  [[nodiscard]] std::size_t size() const { return modes_.size(); }
  [[nodiscard]] std::vector<Complex> eigenvalues() const;
  /// Modes to the right of the axis with low ≤ Im z < high, a conjugate pair counted twice.
  [[nodiscard]] int unstable(double low = 0,
                             double high = std::numeric_limits<double>::infinity()) const;
  /// Growth rate of the k-th mode from the right; −∞ where there are fewer.
  [[nodiscard]] double growth_rate_of(std::size_t k) const;
  /// By falling growth rate: the first `most`, and all unstable ones.
  [[nodiscard]] std::vector<Mode> take(std::size_t most);

 private:
  [[nodiscard]] Mode describe(const NullPair& pair);
  bool keep(NullPair pair);

  LoopMatrix& matrix_;
  std::vector<Mode> modes_;
};

}  // namespace nuphi::detail
