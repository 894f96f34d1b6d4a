#include <nuphi/core/isi_statistics.h>

#include <limits>

namespace nuphi {
double isi_cv(double, double, const LifParameters&, Correction) noexcept {
  return std::numeric_limits<double>::quiet_NaN();
}
}  // namespace nuphi
