#include "response_batch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "target_instructions.h"

// The code once for each instruction set.
namespace nuphi::detail {

namespace baseline_response {
inline constexpr int kLanes = 2;
#include "response_lanes-inl.h"
}  // namespace baseline_response

#if defined(__x86_64__)
NUPHI_BEGIN_TARGET("avx2,fma")
namespace avx2_response {
inline constexpr int kLanes = 4;
#include "response_lanes-inl.h"
}  // namespace avx2_response
NUPHI_END_TARGET

NUPHI_BEGIN_TARGET("avx512f,avx512dq,avx512vl,avx2,fma")
namespace avx512_response {
inline constexpr int kLanes = 8;
#include "response_lanes-inl.h"
}  // namespace avx512_response
NUPHI_END_TARGET
#endif

namespace {

constexpr int kMostLanes = 8;

struct Kernel {
  int lanes;
  void (*run)(const Interval&, const double*, const Plan&, scalar_response::Terms<double>*);
};

Kernel best_kernel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return {avx512_response::kLanes, avx512_response::terms_of_lanes};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {avx2_response::kLanes, avx2_response::terms_of_lanes};
#endif
  return {baseline_response::kLanes, baseline_response::terms_of_lanes};
}

bool same_route(const Plan& a, const Plan& b) {
  return a.route == b.route && a.left == b.left && a.decaying_part == b.decaying_part;
}

/// One plan for every frequency between those of a and b.
Plan merged(const Plan& a, const Plan& b) {
  Plan p = a;
  p.size = std::max(a.size, b.size);
  p.reach.size = std::min(a.reach.size, b.reach.size);
  p.panel_terms = std::max(a.panel_terms, b.panel_terms);
  return p;
}

/// `n` frequencies in ascending order, at most one vector of them.
void run_ordered(const Kernel& kernel, const Interval& x, const double* omega, int n,
                 scalar_response::Terms<double>* out) {
  int first = 0;
  while (first < n) {
    // as many as share a route; usually all
    const Plan plan = make_plan(x, {0, omega[first]});
    int last = n - 1;
    Plan other = make_plan(x, {0, omega[last]});
    while (!same_route(plan, other)) other = make_plan(x, {0, omega[--last]});
    std::array<double, kMostLanes> lanes;
    for (int i = 0; i < kernel.lanes; ++i)
      lanes[static_cast<std::size_t>(i)] = omega[std::min(first + i, last)];
    std::array<scalar_response::Terms<double>, kMostLanes> q;
    kernel.run(x, lanes.data(), merged(plan, other), q.data());
    std::copy_n(q.begin(), last - first + 1, out + first);
    first = last + 1;
  }
}

}  // namespace

void terms_of_block(const Interval& x, std::span<const double> omega,
                    scalar_response::Terms<double>* out) noexcept {
  static const Kernel kernel = best_kernel();
  const std::size_t n = omega.size();
  const auto lanes = static_cast<std::size_t>(kernel.lanes);
  std::array<std::size_t, kBlock> order;
  const auto order_end = order.begin() + static_cast<std::ptrdiff_t>(n);
  std::iota(order.begin(), order_end, std::size_t{0});
  if (!std::is_sorted(omega.begin(), omega.end())) {
    std::sort(order.begin(), order_end,
              [&](std::size_t a, std::size_t b) { return omega[a] < omega[b]; });
  }
  for (std::size_t first = 0; first < n; first += lanes) {
    const std::size_t count = std::min(lanes, n - first);
    std::array<double, kMostLanes> ordered{};
    std::array<scalar_response::Terms<double>, kMostLanes> q;
    for (std::size_t i = 0; i < count; ++i) ordered[i] = omega[order[first + i]];
    run_ordered(kernel, x, ordered.data(), static_cast<int>(count), q.data());
    for (std::size_t i = 0; i < count; ++i) out[order[first + i]] = q[i];
  }
}

}  // namespace nuphi::detail
