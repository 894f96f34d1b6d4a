// The rate of many neurons in vectors of NUPHI_BATCH_LANES. Included once by the file of each
// instruction set, after the choice of it. The kernel's functions are instantiated for the number
// type of this set only, so that no other part of the program can come to use that code.
//
// Neurons are sorted by the form the kernel takes for them, a chunk at a time; each class is worked
// off in full vectors without a branch on data, and the results put back in place. A neuron's
// result does not depend on its neighbours.
#pragma once

#include "siegert_batch_standard.h"
//
#include "siegert_batch_cv.h"
#include "siegert_batch_sort.h"
#include "siegert_batch_vector.h"
#include "siegert_kernel.h"

namespace nuphi::detail {
namespace NUPHI_BATCH_SET {

inline Boundaries<Vec> boundaries(const Neurons& n, Vec mu, Vec sigma) {
  Boundaries<Vec> b;
  b.sigma = sigma;
  b.to_threshold = two_sum(n.v_threshold, -mu);
  b.to_reset = n.v_reset - mu;
  b.length = n.length + n.c_excess * sigma;
  b.c_threshold = {n.c_high, n.c_low};
  b.c_excess = n.c_excess;
  b.x_threshold = -b.to_threshold.high - n.c_high * sigma;
  return b;
}

template <Class kClass>
[[nodiscard]] inline ScaledThreshold<Vec> threshold_of(const Boundaries<Vec>& b) {
  ScaledThreshold<Vec> threshold = scaled_threshold(b);
  if constexpr (!is_narrow(kClass)) threshold.d = b.length * threshold.inverse_sigma;
  // With a reset below zero, as far as a faint exponential goes it may as well be at zero.
  if constexpr (kClass == kWideFar || kClass == kWideFaint) {
    threshold.d = min(threshold.d, threshold.y);
  }
  return threshold;
}

template <bool kSecond, Class kClass>
[[nodiscard]] inline SiegertIntegral<Vec> integral_below(const Boundaries<Vec>& b,
                                                         const ScaledThreshold<Vec>& threshold,
                                                         Vec scale) {
  constexpr std::size_t kMore = kSecond ? 2 : 0;
  if constexpr (kClass == kNarrow21) {
    return below_threshold_narrow<kSecond, 21 + kMore>(b, threshold, scale);
  } else if constexpr (kClass == kNarrow15) {
    return below_threshold_narrow<kSecond, 15 + kMore>(b, threshold, scale);
  } else {
    constexpr Wide kWide = kClass == kWideAboveZero   ? Wide::kResetAboveZero
                           : kClass == kWideBelowZero ? Wide::kResetBelowZero
                           : kClass == kWideFar       ? Wide::kFarThreshold
                                                      : Wide::kFaint;
    return below_threshold_wide<kSecond, kWide>(b, threshold, scale);
  }
}

/// The rate in two factors, each representable where the rate is not.
struct Factors {
  Vec half, other_half;

  [[nodiscard]] Vec rate_times(Vec x) const { return (half * x) * other_half; }
};

/// Of rates below 2^−1300 nothing is left, not even times a slope; and numbers that leave the range
/// of a double one by one are slow.
inline Factors deep_factors(Vec half, Vec inverse) {
  const Vec other_half = half * inverse, lift(0x1p500);
  const Mask lost = (half * lift) * (other_half * lift) < Vec(0x1p-300);
  return {half, select(lost, Vec(0.0), other_half)};
}

template <bool kSecond, Class kClass>
[[gnu::always_inline]] inline void evaluate_block(const Neurons& n, Vec mu, Vec sigma,
                                                  const Block& block, const BatchJob& job,
                                                  double* const* output) {
  constexpr bool kDeep = kClass == kWideFaint || is_narrow(kClass);
  const Boundaries<Vec> b = boundaries(n, mu, sigma);
  SiegertIntegral<Vec> s;
  Vec inverse;
  Factors factors;
  if constexpr (kClass == kAbove) {
    s = above_threshold<kSecond>(b);
    inverse = Vec(1.0) / multiply_add(n.tau_m, s.integral, n.t_ref);
    factors = {inverse, Vec(1.0)};
  } else {
    const ScaledThreshold<Vec> threshold = threshold_of<kClass>(b);
    const Pair<Vec>& square = threshold.square;
    Vec half, scale;
    if constexpr (kDeep) {
      half = exp_minus(Pair<Vec>{Vec(0.5) * square.high, Vec(0.5) * square.low});
      const Vec bounded = max(half, Vec(1e-150));
      scale = bounded * bounded;
    } else {
      scale = exp_minus(square);
    }
    s = integral_below<kSecond, kClass>(b, threshold, scale);
    inverse = Vec(1.0) / multiply_add(n.tau_m, s.integral, n.t_ref * scale);
    factors = kDeep ? deep_factors(half, inverse) : Factors{scale * inverse, Vec(1.0)};
  }
  const Vec factor = n.tau_m * Vec(kSqrtPi) * inverse;
  const Vec l_mu = factor * s.d_mu, l_sigma = factor * s.d_sigma;
  Vec rate = factors.half * factors.other_half;
  rate = select(rate * n.t_ref >= Vec(1.0), n.highest_rate, rate);

  block.put(output, kRate, rate);
  block.put(output, kDmu, factors.rate_times(l_mu));
  block.put(output, kDsigma, factors.rate_times(l_sigma));
  block.put(output, kLogDmu, l_mu);
  block.put(output, kLogDsigma, l_sigma);
  if (job.logarithm) {
    if constexpr (kDeep) {
      const Mask far = s.exponent.high >= Vec(600.0);
      const Vec logarithm = log(select(far, inverse, rate));
      block.put(output, kLogRate,
                select(far, (logarithm - s.exponent.low) - s.exponent.high, logarithm));
    } else {
      block.put(output, kLogRate, log(rate));
    }
  }
  if constexpr (kSecond) {
    const Vec mm = l_mu * l_mu, ms = l_mu * l_sigma, ss = l_sigma * l_sigma;
    const Vec t_mm = factor * s.d_mu_mu, t_ms = factor * s.d_mu_sigma,
              t_ss = factor * s.d_sigma_sigma;
    block.put(output, kLogDmuDmu, mm - t_mm);
    block.put(output, kLogDmuDsigma, ms - t_ms);
    block.put(output, kLogDsigmaDsigma, ss - t_ss);
    block.put(output, kDmuDmu, factors.rate_times(Vec(2.0) * mm - t_mm));
    block.put(output, kDmuDsigma, factors.rate_times(Vec(2.0) * ms - t_ms));
    block.put(output, kDsigmaDsigma, factors.rate_times(Vec(2.0) * ss - t_ss));
  }
}

template <Class kClass>
[[gnu::always_inline]] inline Vec cv_of_block(const Neurons& n, Vec mu, Vec sigma) {
  const Boundaries<Vec> b = boundaries(n, mu, sigma);
  if constexpr (kClass == kAbove) {
    const Vec period = multiply_add(n.tau_m, above_threshold<false>(b).integral, n.t_ref);
    return Vec(kSqrtTwoPi) * n.tau_m * sigma * sqrt(cv_above_threshold(b)) / period;
  } else {
    // What underflows here is not felt.
    const ScaledThreshold<Vec> threshold = threshold_of<kClass>(b);
    const Vec scale = exp_minus(threshold.square);
    const SiegertIntegral<Vec> s = integral_below<false, kClass>(b, threshold, scale);
    const Vec period = multiply_add(n.tau_m, s.integral, n.t_ref * scale);
    return Vec(kSqrtTwoPi) * n.tau_m * sqrt(cv_variance<kClass>(threshold, scale)) / period;
  }
}

/// What a pass over the classes calculates.
enum class Pass { kRates, kSecond, kCv };

template <Pass kPass, Class kClass>
[[gnu::noinline]] void evaluate_class(const Chunk& chunk, Sorted& sorted) {
  if (!sorted.any(kClass)) return;
  const std::span<const std::uint32_t> list = sorted.of(kClass);
  const std::uint32_t* const index = list.data();
  const std::size_t count = list.size();
  Neurons neurons = broadcast(chunk.job.common);
  for (std::size_t i = 0; i < count; i += kLanes) {
    Block block{index + i, count - i < kLanes ? count - i : kLanes, false};
    block.consecutive = block.count == kLanes && index[i + kLanes - 1] - index[i] == kLanes - 1;
    if (chunk.neurons) neurons = load(*chunk.neurons, block);
    const Vec mu = block.load(chunk.mu), sigma = block.load(chunk.sigma);
    double* const* const output = chunk.output.data();
    if constexpr (kPass == Pass::kCv) {
      block.put(output, kCv, cv_of_block<kClass>(neurons, mu, sigma));
    } else {
      evaluate_block<kPass == Pass::kSecond, kClass>(neurons, mu, sigma, block, chunk.job, output);
    }
  }
}

template <Pass kPass>
void evaluate_vectors(const Chunk& chunk, Sorted& sorted) {
  evaluate_class<kPass, kAbove>(chunk, sorted);
  evaluate_class<kPass, kWideAboveZero>(chunk, sorted);
  evaluate_class<kPass, kWideBelowZero>(chunk, sorted);
  evaluate_class<kPass, kWideFar>(chunk, sorted);
  evaluate_class<kPass, kWideFaint>(chunk, sorted);
  evaluate_class<kPass, kNarrow21>(chunk, sorted);
  evaluate_class<kPass, kNarrow15>(chunk, sorted);
}

/// Code without these instructions is slow as long as the upper halves of the registers are in use.
inline void leave_vectors() {
#if defined(NUPHI_BATCH_AVX512) || defined(NUPHI_BATCH_AVX2)
  _mm256_zeroupper();
#endif
}

}  // namespace NUPHI_BATCH_SET
}  // namespace nuphi::detail

#include "siegert_batch_uniform.h"

namespace nuphi::detail {

void NUPHI_BATCH_EVALUATE(const BatchJob& job, std::size_t begin, std::size_t end) {
  namespace set = NUPHI_BATCH_SET;
  if (job.correction == Correction::kUniform && !job.second && !job.output[kCv]) {
    for (std::size_t start = begin; start < end; start += kUniformChunk)
      set::evaluate_uniform(job, start, end - start < kUniformChunk ? end - start : kUniformChunk);
    return;
  }
  BatchNeurons neurons;
  for (std::size_t start = begin; start < end; start += kBatchChunk) {
    const std::size_t size = end - start < kBatchChunk ? end - start : kBatchChunk;
    set::Chunk chunk{job, job.mu + start, job.sigma + start, size, nullptr, job.output};
    for (std::size_t field = 0; field < kBatchFields; ++field) {
      if (chunk.output[field]) chunk.output[field] += start;
    }
    if (!job.one_neuron) {
      prepare_neurons(job, start, size, neurons);
      chunk.neurons = &neurons;
    }
    set::Sorted sorted(chunk);
    if (job.second) {
      set::evaluate_vectors<set::Pass::kSecond>(chunk, sorted);
    } else if (job.rates) {
      set::evaluate_vectors<set::Pass::kRates>(chunk, sorted);
    }
    if (job.output[kCv]) set::evaluate_vectors<set::Pass::kCv>(chunk, sorted);
    set::leave_vectors();
    if (!sorted.any(set::kScalar)) continue;
    const std::span<const std::uint32_t> scalar = sorted.of(set::kScalar);
    set::leave_vectors();
    for (const std::uint32_t i : scalar) evaluate_scalar(job, start + i);
  }
}

}  // namespace nuphi::detail
