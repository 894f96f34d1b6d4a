#include "exact_sums.h"

#include <algorithm>
#include <cmath>

#include "target_instructions.h"

// The code once for each instruction set.
namespace nuphi::detail {

namespace baseline_sums {
inline constexpr int kLanes = 2;
#include "exact_sums-inl.h"
}  // namespace baseline_sums

#if defined(__x86_64__)
NUPHI_BEGIN_TARGET("avx2,fma")
namespace avx2_sums {
inline constexpr int kLanes = 4;
#include "exact_sums-inl.h"
}  // namespace avx2_sums
NUPHI_END_TARGET

NUPHI_BEGIN_TARGET("avx512f,avx512dq,avx512vl,avx2,fma")
namespace avx512_sums {
inline constexpr int kLanes = 8;
#include "exact_sums-inl.h"
}  // namespace avx512_sums
NUPHI_END_TARGET
#endif

namespace {

struct Loops {
  decltype(&baseline_sums::add) add;
  decltype(&baseline_sums::moments) moments;
};

Loops best_loops() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return {avx512_sums::add, avx512_sums::moments};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {avx2_sums::add, avx2_sums::moments};
#endif
  return {baseline_sums::add, baseline_sums::moments};
}

const Loops& loops() {
  static const Loops best = best_loops();
  return best;
}

/// Nodes at which the Gaussian is not yet nothing, in whole vectors.
struct Range {
  std::size_t begin = 0, end = 0;
};

Range support(const GaussianRow& row, const double* u, std::size_t size) {
  constexpr double kNothing = 45;
  if (!(row.exponent < kNothing)) return {};
  const double width = std::sqrt((kNothing - row.exponent) / row.curvature);
  const double* const last = u + size;
  const auto first_at = static_cast<std::size_t>(std::lower_bound(u, last, row.centre - width) - u);
  const auto end_at = static_cast<std::size_t>(std::upper_bound(u, last, row.centre + width) - u);
  if (first_at >= end_at) return {};
  return {first_at & ~std::size_t{7}, (end_at + 7) & ~std::size_t{7}};
}

}  // namespace

void add_gaussian(const GaussianRow& row, const double* u, std::size_t size, double* out) {
  const Range range = support(row, u, size);
  if (range.begin < range.end) loops().add(row, u, range.begin, range.end, out);
}

GaussianMoments gaussian_moments(const GaussianRow& row, const double* u, const double* l,
                                 std::size_t size) {
  const Range range = support(row, u, size);
  if (range.begin >= range.end) return {};
  return loops().moments(row, u, l, range.begin, range.end);
}

}  // namespace nuphi::detail
