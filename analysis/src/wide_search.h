#pragma once

#include <vector>

#include "found_modes.h"
#include "mode_count.h"

namespace nuphi::detail {

/// Looks for the unstable modes of a large network: those about a point come from one factorisation, and
/// unstable ones among them are the next points to look about.
class WideSearch {
 public:
  WideSearch(LoopMatrix& matrix, const ModeCount& count, const CountLimits& limits,
             FoundModes& found);

  /// About `start`, and on from the unstable modes found until nothing new is seen.
  void from(Complex start);
  /// About the points of the axis where the count has been.
  void along_axis();

 private:
  struct Seen {
    Complex at;
    double radius;  ///< within which modes have been looked for
  };
  [[nodiscard]] bool is_covered(Complex z) const;
  [[nodiscard]] bool is_complete() const;
  std::vector<Complex> look_about(Complex shift);
  bool takes_for_known(const NullPair& estimate, double doubt, std::vector<char>& taken) const;

  LoopMatrix& matrix_;
  const ModeCount& count_;
  const CountLimits& limits_;
  FoundModes& found_;
  double reach_;
  std::vector<Seen> seen_;
};

}  // namespace nuphi::detail
