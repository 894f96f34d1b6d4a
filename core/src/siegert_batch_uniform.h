// The closed form of uniform_rate.h in vectors. Included by siegert_batch_loop.h, whose forms of
// the white-noise rate it uses at the effective boundaries.
#pragma once

#include "siegert_batch_cv.h"
#include "siegert_batch_sort.h"
#include "siegert_batch_vector.h"
#include "uniform_coefficients.h"
#include "uniform_features.h"
#include "uniform_slope.h"

namespace nuphi::detail {
namespace NUPHI_BATCH_SET {

using Sloped = Slope<Vec>;

/// 1/√x for x ≥ 1.
inline Vec inverse_sqrt(Vec x) {
#if defined(NUPHI_BATCH_AVX512)
  // (The form without a mask gives a false alarm of g++ 12.)
  Vec r(Lanes(_mm512_maskz_rsqrt14_pd(0xff, x.lanes)));
  const Vec half = Vec(0.5) * x;
  r = r * (Vec(1.5) - half * r * r);
  return r * (Vec(1.5) - half * r * r);
#else
  return Vec(1.0) / sqrt(x);
#endif
}

/// b₀ + a·x + Σ_h c_h t(b_h + A_h·x), t(z) = z/√(1 + z²); the coefficients in the order b₀, a, then
/// c_h, b_h, A_h for each h.
template <std::size_t kCoefficients, std::size_t kInputs>
[[gnu::always_inline]] inline Sloped network(const std::array<double, kCoefficients>& coefficients,
                                             const std::array<Sloped, kInputs>& x) {
  static_assert((kCoefficients - 1 - kInputs) % (kInputs + 2) == 0);
  const double* c = coefficients.data();
  Vec value(c[0]), slope[kInputs];
  for (std::size_t i = 0; i < kInputs; ++i) {
    slope[i] = Vec(c[1 + i]);
    value = multiply_add(slope[i], x[i].value, value);
  }
  for (c += 1 + kInputs; c != coefficients.data() + kCoefficients; c += kInputs + 2) {
    Vec z(c[1]);
    for (std::size_t i = 0; i < kInputs; ++i) z = multiply_add(Vec(c[2 + i]), x[i].value, z);
    const Vec q = inverse_sqrt(multiply_add(z, z, Vec(1.0))), cq = Vec(c[0]) * q;
    const Vec rise = cq * (q * q);
    value = multiply_add(cq, z, value);
    for (std::size_t i = 0; i < kInputs; ++i)
      slope[i] = multiply_add(Vec(c[2 + i]), rise, slope[i]);
  }
  Sloped r(value, Vec(0.0), Vec(0.0));
  for (std::size_t i = 0; i < kInputs; ++i) {
    r.by_t = multiply_add(slope[i], x[i].by_t, r.by_t);
    r.by_r = multiply_add(slope[i], x[i].by_r, r.by_r);
  }
  return r;
}

/// What the first pass leaves to the second, an entry for each neuron.
struct UniformPass {
  alignas(64) double zero[kUniformChunk], one[kUniformChunk];  // μ and σ of the white noise
  alignas(64) double a_t[kUniformChunk], a_r[kUniformChunk];   // slopes of the threshold Y_t + kS
  alignas(64) double b_r[kUniformChunk];                       // of the reset Y_r
  alignas(64) double h[kUniformChunk], h_t[kUniformChunk], h_r[kUniformChunk];  // ln(αk/2) + w n₂
  alignas(64) double log_rate[kUniformChunk + kLanes], slope[kUniformChunk + kLanes];
  alignas(64) double scalar[kUniformChunk];  // 1: left to siegert()
};

inline Vec load_from(const double* x) {
  Vec r;
  std::memcpy(&r, x, sizeof r);
  return r;
}
inline void store_to(double* x, Vec value) { std::memcpy(x, &value, sizeof value); }

/// The effective boundaries.
[[gnu::always_inline]] inline void uniform_boundaries(const UniformNeurons& n, std::size_t i,
                                                      UniformPass& pass, BatchNeurons& white) {
  const Vec inverse = Vec(1.0) / load_from(n.sigma + i), mu = load_from(n.mu + i);
  const Sloped y_t((load_from(n.v_threshold + i) - mu) * inverse, Vec(1.0), Vec(0.0));
  const Sloped y_r((load_from(n.v_reset + i) - mu) * inverse, Vec(0.0), Vec(1.0));
  const Vec within = load_from(n.within + i), zero(0.0);
  const auto constant = [&](const double* x) { return Sloped(load_from(x + i), zero, zero); };
  const UniformFeatures<Sloped> f =
      uniform_features(y_t, y_r, constant(n.k), constant(n.within), constant(n.X));
  const Sloped shift =
      uniform_shift(Sloped(kUniformHalfAlpha) + f.weight * network(kUniformThreshold, f.threshold));
  const Sloped h = f.weight * network(kUniformReset, f.reset);
  const Vec a = multiply_add(within, shift.value, f.Y_t.value);
  // What the vectors are not made for: e^{y²} near the end of the range, and averages over slow
  // currents.
  const Mask far =
      (abs(a) > Vec(20.0)) | (abs(y_t.value) > Vec(1e4)) | (a - f.Y_r.value <= Vec(1e-3));
  const Mask slow = (load_from(n.slow + i) > zero) & (y_t.value < zero);
  const Mask other = load_from(n.fits + i) <= zero;
  const Mask scalar = far | slow | other;
  const Vec a_used = select(scalar, Vec(1.0), a), b_used = select(scalar, zero, f.Y_r.value);
  store_to(pass.scalar + i, select(scalar, Vec(1.0), zero));
  store_to(pass.zero + i, zero);
  store_to(pass.one + i, Vec(1.0));
  store_to(pass.a_t + i, multiply_add(within, shift.by_t, f.Y_t.by_t));
  store_to(pass.a_r + i, within * shift.by_r);
  store_to(pass.b_r + i, f.Y_r.by_r);
  store_to(pass.h + i, h.value + load_from(n.log_scale + i));
  store_to(pass.h_t + i, h.by_t);
  store_to(pass.h_r + i, h.by_r);
  store_to(white.v_threshold + i, a_used);
  store_to(white.v_reset + i, b_used);
  store_to(white.length + i, a_used - b_used);
  for (double* x : {white.tau_m, white.highest_rate, white.ordinary}) store_to(x + i, Vec(1.0));
  for (double* x : {white.t_ref, white.c_high, white.c_low, white.c_excess}) store_to(x + i, zero);
}

/// ln f(b), f(s) = e^{s²}(1 + erf s).
inline Vec log_of_f(Vec b) {
  const Vec tail = erfcx(abs(b)), square = b * b;
  const Mask above = b > Vec(0.0);
  const Vec inner = select(above, Vec(2.0) - tail * exp(-square), tail);
  return log(inner) + select(above, square, Vec(0.0));
}

/// From the passage between the effective boundaries to the rate, as WhitePassage and
/// passage_rate() have it for one neuron.
[[gnu::always_inline]] inline void uniform_rates(const UniformNeurons& n, const Block& block,
                                                 UniformPass& pass, const BatchNeurons& white,
                                                 const BatchJob& job, double* const* output) {
  const std::size_t i = block.index[0];
  const Vec one(1.0), l = -load_from(pass.log_rate + i), b = load_from(white.v_reset + i);
  const Vec log_f = log_of_f(b), log_weight = log_f + Vec(kHalfLogPi) - l;
  const Vec w_b = exp(min(log_weight, Vec(700.0))), w_a = load_from(pass.slope + i) + w_b;
  const Vec r_b = Vec(2.0) * b + Vec(kTwoOverSqrtPi) * exp(-log_f);
  const Vec X = load_from(n.X + i), log_G = log_weight + load_from(pass.h + i);
  const Vec G = exp(min(log_G, Vec(6.0))), kept = X * exp(-G), part = (one - X) + kept;
  const Vec through = -G * kept / part;
  const Vec log_time = l + log(part);
  const Vec by_a = w_a - through * w_a, by_b = through * (r_b + w_b) - w_b;
  const Vec by_t = by_a * load_from(pass.a_t + i) + through * load_from(pass.h_t + i);
  const Vec by_r = by_a * load_from(pass.a_r + i) + by_b * load_from(pass.b_r + i) +
                   through * load_from(pass.h_r + i);
  const Vec passage = load_from(n.tau_m + i) * exp(log_time), t_ref = load_from(n.t_ref + i);
  const Vec rate = one / (t_ref + passage), ready = rate * passage;
  const Vec inverse = one / load_from(n.sigma + i), mu = load_from(n.mu + i);
  const Vec y_t = (load_from(n.v_threshold + i) - mu) * inverse,
            y_r = (load_from(n.v_reset + i) - mu) * inverse;
  const Vec l_mu = ready * (by_t + by_r) * inverse;
  const Vec l_sigma = ready * (y_t * by_t + y_r * by_r) * inverse;
  store_to(pass.scalar + i, select(log_G > Vec(6.0), one, load_from(pass.scalar + i)));
  block.put(output, kRate, rate);
  block.put(output, kDmu, rate * l_mu);
  block.put(output, kDsigma, rate * l_sigma);
  block.put(output, kLogDmu, l_mu);
  block.put(output, kLogDsigma, l_sigma);
  if (job.logarithm) block.put(output, kLogRate, -log(t_ref + passage));
}

/// Neurons begin … begin + size − 1 of the job, kUniformChunk at most.
inline void evaluate_uniform(const BatchJob& job, std::size_t begin, std::size_t size) {
  UniformNeurons neurons;
  BatchNeurons white;
  UniformPass pass;
  prepare_uniform(job, begin, size, neurons);
  for (std::size_t i = 0; i < size; i += kLanes) uniform_boundaries(neurons, i, pass, white);
  BatchJob inner;
  inner.one_neuron = false;
  inner.rates = inner.logarithm = true;
  inner.common.ordinary = 1;
  Chunk chunk{inner, pass.zero, pass.one, size, &white, {}};
  chunk.output[kLogRate] = pass.log_rate;
  chunk.output[kLogDmu] = pass.slope;
  Sorted sorted(chunk);
  evaluate_vectors<Pass::kRates>(chunk, sorted);
  std::array<double*, kBatchFields> output = job.output;
  for (double*& field : output) {
    if (field) field += begin;
  }
  for (std::size_t i = 0; i < size; i += kLanes) {
    std::uint32_t index[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      index[lane] = static_cast<std::uint32_t>(i + lane);
    const std::size_t count = size - i < kLanes ? size - i : kLanes;
    uniform_rates(neurons, {index, count, count == kLanes}, pass, white, job, output.data());
  }
  leave_vectors();
  for (std::size_t i = 0; i < size; ++i) {
    if (pass.scalar[i] > 0) evaluate_scalar(job, begin + i);
  }
}

}  // namespace NUPHI_BATCH_SET
}  // namespace nuphi::detail
