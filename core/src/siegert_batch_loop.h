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
#include "siegert_kernel.h"

namespace nuphi::detail {
namespace NUPHI_BATCH_SET {

inline constexpr std::size_t kLanes = NUPHI_BATCH_LANES;

using Lanes [[gnu::vector_size(8 * NUPHI_BATCH_LANES)]] = double;
using Bits [[gnu::vector_size(8 * NUPHI_BATCH_LANES)]] = std::int64_t;

struct Mask {
  Bits bits;
};

/// A vector that calculates like a double.
struct Vec {
  Lanes lanes;

  Vec() = default;
  Vec(double x) : lanes(Lanes{} + x) {}  // NOLINT: N(1.0) and plain numbers alike
  explicit Vec(Lanes x) : lanes(x) {}
};

inline Vec operator+(Vec a, Vec b) { return Vec(a.lanes + b.lanes); }
inline Vec operator-(Vec a, Vec b) { return Vec(a.lanes - b.lanes); }
inline Vec operator*(Vec a, Vec b) { return Vec(a.lanes * b.lanes); }
inline Vec operator/(Vec a, Vec b) { return Vec(a.lanes / b.lanes); }
inline Vec operator-(Vec a) { return Vec(-a.lanes); }
inline Mask operator<(Vec a, Vec b) { return {a.lanes < b.lanes}; }
inline Mask operator<=(Vec a, Vec b) { return {a.lanes <= b.lanes}; }
inline Mask operator>(Vec a, Vec b) { return {a.lanes > b.lanes}; }
inline Mask operator>=(Vec a, Vec b) { return {a.lanes >= b.lanes}; }
inline Mask operator==(Vec a, Vec b) { return {a.lanes == b.lanes}; }
inline Mask operator&(Mask a, Mask b) { return {a.bits & b.bits}; }
inline Mask operator|(Mask a, Mask b) { return {a.bits | b.bits}; }

inline Bits bits_of(Vec x) {
  Bits result;
  std::memcpy(&result, &x, sizeof result);
  return result;
}
inline Vec from_bits(Bits x) {
  Vec result;
  std::memcpy(&result, &x, sizeof result);
  return result;
}

inline Vec select(Mask condition, Vec yes, Vec no) {
  return Vec(condition.bits ? yes.lanes : no.lanes);
}
inline Vec max(Vec a, Vec b) { return select(a > b, a, b); }
inline Vec abs(Vec x) { return from_bits(bits_of(x) & 0x7fffffffffffffff); }

inline Vec multiply_add(Vec a, Vec b, Vec c) {
#if defined(NUPHI_BATCH_AVX512)
  return Vec(Lanes(_mm512_fmadd_pd(a.lanes, b.lanes, c.lanes)));
#elif defined(NUPHI_BATCH_AVX2)
  return Vec(Lanes(_mm256_fmadd_pd(a.lanes, b.lanes, c.lanes)));
#else
  return a * b + c;
#endif
}

/// a·b exactly.
inline Pair<Vec> two_product(Vec a, Vec b) {
  const Vec product = a * b;
#if defined(NUPHI_BATCH_AVX512) || defined(NUPHI_BATCH_AVX2)
  return {product, multiply_add(a, b, -product)};
#else
  const Vec splitter(134217729.0);  // 2^27 + 1
  const Vec wide_a = splitter * a, wide_b = splitter * b;
  const Vec a_high = wide_a - (wide_a - a), b_high = wide_b - (wide_b - b);
  const Vec a_low = a - a_high, b_low = b - b_high;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
#endif
}

inline constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 33 bits
inline constexpr double kLn2Low = 1.90821492927058770002e-10;
/// Added to a number below 2^51 it leaves the nearest integer in the lowest bits.
inline constexpr double kToInteger = 0x1.8p52;

/// 1/n!
inline constexpr std::array<double, 14> kInverseFactorial = {1.0,
                                                             1.0,
                                                             1.0 / 2,
                                                             1.0 / 6,
                                                             1.0 / 24,
                                                             1.0 / 120,
                                                             1.0 / 720,
                                                             1.0 / 5040,
                                                             1.0 / 40320,
                                                             1.0 / 362880,
                                                             1.0 / 3628800,
                                                             1.0 / 39916800,
                                                             1.0 / 479001600,
                                                             1.0 / 6227020800};

/// e^x for x ≤ 700, 0 below −708.
inline Vec exp(Vec x) {
  const Vec bounded = max(x, Vec(-708.0));
  const Vec shifted = multiply_add(bounded, Vec(std::numbers::log2e), Vec(kToInteger));
  const Vec k = shifted - Vec(kToInteger);
  const Vec high = multiply_add(k, Vec(-kLn2High), bounded);
  const Vec r = multiply_add(k, Vec(-kLn2Low), high);
  // 1 + r + r²(1/2 + …), |r| < 0.35
  std::array<double, 12> c{};
  for (std::size_t n = 0; n < 12; ++n) c[n] = kInverseFactorial[n + 2];
  const Vec e = Vec(1.0) + multiply_add(r * r, polynomial(c, r), r);
  return select(x < Vec(-708.0), Vec(0.0), from_bits(bits_of(e) + (bits_of(shifted) << 52)));
}

/// ln x + low/x for a normal x > 0 and |low| below its rounding, by the scheme of fdlibm: with
/// x = 2^k m, √½ < m < √2, f = m − 1, s = f/(2 + f), ln m = f − f²/2 + s(f²/2 + R(s²)).
inline Vec log_of_sum(Vec x, Vec low) {
  const Bits offset = bits_of(x) - 0x3fe6a09e667f3bcd;  // √½
  const Bits exponent = offset & static_cast<std::int64_t>(0xfff0000000000000);
  const Vec f = from_bits(bits_of(x) - exponent) - Vec(1.0);
  // The exponent is signed and small: added to the bits of a large number it becomes a double.
  const Bits biased = bits_of(Vec(kToInteger)) + ((offset >> 52));
  const Vec k = from_bits(biased) - Vec(kToInteger);
  const Vec inverse = Vec(1.0) / (Vec(2.0) + f);
  const Vec s = f * inverse, z = s * s;
  constexpr std::array<double, 8> c = {0,
                                       6.666666666666735130e-01,
                                       3.999999999940941908e-01,
                                       2.857142874366239149e-01,
                                       2.222219843214978396e-01,
                                       1.818357216161805012e-01,
                                       1.531383769920937332e-01,
                                       1.479819860511658591e-01};
  const Vec half_square = Vec(0.5) * f * f;
  const Vec small = multiply_add(k, Vec(kLn2Low), low / x);
  const Vec inner = multiply_add(s, half_square + polynomial(c, z), small);
  return multiply_add(k, Vec(kLn2High), f - (half_square - inner));
}

inline Vec log(Vec x) { return log_of_sum(x, Vec(0.0)); }

/// ln(1 + x) for x > −½.
inline Vec log1p(Vec x) {
  const Pair<Vec> sum = two_sum(Vec(1.0), x);
  return log_of_sum(sum.high, sum.low);
}

/// The pieces of P side by side: eight polynomials, the last for 1/x².
struct ScaledIntegralTable {
  alignas(64) double c[19][8] = {};
};
constexpr ScaledIntegralTable make_scaled_integral_table() {
  ScaledIntegralTable table;
  for (std::size_t n = 0; n < 19; ++n) {
    for (std::size_t piece = 0; piece < 7; ++piece) table.c[n][piece] = kScaledIntegral[piece][n];
    table.c[n][7] = n < kScaledIntegralTail.size() ? kScaledIntegralTail[n] : 0;
  }
  return table;
}
inline constexpr ScaledIntegralTable kTable = make_scaled_integral_table();

/// One entry of a row of eight in each lane.
class Lookup {
 public:
#if defined(NUPHI_BATCH_AVX512)
  explicit Lookup(Bits index) : index_(index) {}
  [[nodiscard]] Vec operator()(const double* row) const {
    // (The form without a mask gives a false alarm of g++ 12.)
    return Vec(Lanes(
        _mm512_maskz_permutexvar_pd(0xff, reinterpret_cast<__m512i>(index_), _mm512_load_pd(row))));
  }

 private:
  Bits index_;
#elif defined(NUPHI_BATCH_AVX2)
  explicit Lookup(Bits index)
      // Pairs of 32 bits make a double; the position in a half, and which half.
      : index_((((index & 3) * 2) * 0x100000001) + (std::int64_t{1} << 32)), upper_(index << 61) {}
  [[nodiscard]] Vec operator()(const double* row) const {
    const __m256i position = reinterpret_cast<__m256i>(index_);
    const __m256 low = _mm256_castpd_ps(_mm256_load_pd(row));
    const __m256 high = _mm256_castpd_ps(_mm256_load_pd(row + 4));
    return Vec(Lanes(_mm256_blendv_pd(_mm256_castps_pd(_mm256_permutevar8x32_ps(low, position)),
                                      _mm256_castps_pd(_mm256_permutevar8x32_ps(high, position)),
                                      reinterpret_cast<__m256d>(upper_))));
  }

 private:
  Bits index_, upper_;
#else
  explicit Lookup(Bits index) : index_(index) {}
  [[nodiscard]] Vec operator()(const double* row) const {
    Lanes result;
    for (std::size_t lane = 0; lane < kLanes; ++lane) result[lane] = row[index_[lane]];
    return Vec(result);
  }

 private:
  Bits index_;
#endif
};

/// P(x) for x ≥ 0, as detail::scaled_integral(double).
inline Vec scaled_integral(Vec x) {
  const Mask beyond = x >= Vec(7.0);
  // The integer nearest to x − ½, at least 0: at an integer x either piece will do.
  const Vec shifted = max(x - Vec(0.5), Vec(0.0)) + Vec(kToInteger);
  const Vec piece = shifted - Vec(kToInteger);
  const Vec inverse = Vec(1.0) / x;
  const Vec u = select(beyond, inverse * inverse, x - (piece + Vec(0.5)));
  const Bits index = (beyond.bits & 7) | (~beyond.bits & bits_of(shifted) & 7);
  const Lookup at(index);
  const Vec square = u * u;
  Vec even = at(kTable.c[18]), odd = at(kTable.c[17]);
  even = multiply_add(even, square, at(kTable.c[16]));
  for (std::size_t k = 8; k-- > 0;) {
    odd = multiply_add(odd, square, at(kTable.c[2 * k + 1]));
    even = multiply_add(even, square, at(kTable.c[2 * k]));
  }
  const Vec p = multiply_add(odd, u, even);
  return select(beyond, inverse * p, p);
}

/// The same where either x ≥ 7 or the result is not felt.
inline Vec scaled_integral_far(Vec x) {
  const Vec inverse = Vec(1.0) / max(x, Vec(7.0));
  return inverse * polynomial(kScaledIntegralTail, inverse * inverse);
}

/// The forms of the kernel, and what is left to siegert().
enum Class : unsigned {
  kAbove,
  kWideAboveZero,
  kWideBelowZero,
  kWideFaint,
  kNarrow21,
  kNarrow15,
  kScalar,
  kClasses
};

/// Beyond this y_t² everything that carries e^{−y_t²} is dropped, and so is the reset if y_r < 7.
inline constexpr double kFaintSquare = 90;

/// Neurons of one vector: consecutive ones, or picked by their indices.
struct Block {
  const std::uint32_t* index;
  std::size_t count;  ///< lanes in use
  bool consecutive;

  [[nodiscard]] Vec load(const double* x) const {
    Vec result;
    if (consecutive) {
      std::memcpy(&result, x + index[0], sizeof result);
    } else {
      for (std::size_t lane = 0; lane < kLanes; ++lane) result.lanes[lane] = x[index[lane]];
    }
    return result;
  }
  void store(Vec value, double* x) const {
    if (consecutive) {
      std::memcpy(x + index[0], &value, sizeof value);
      return;
    }
    alignas(64) double lanes[kLanes];
    std::memcpy(lanes, &value, sizeof value);
    for (std::size_t lane = 0; lane < count; ++lane) x[index[lane]] = lanes[lane];
  }
  void put(double* const* output, BatchField field, Vec value) const {
    if (output[field]) store(value, output[field]);
  }
};

/// Parameters of a block's neurons.
struct Neurons {
  Vec v_threshold, v_reset, length, tau_m, t_ref, highest_rate, c_high, c_low, c_excess;
};

inline Neurons broadcast(const BatchNeuron& n) {
  return {Vec(n.v_threshold),  Vec(n.v_reset), Vec(n.length), Vec(n.tau_m),   Vec(n.t_ref),
          Vec(n.highest_rate), Vec(n.c_high),  Vec(n.c_low),  Vec(n.c_excess)};
}

inline Neurons load(const BatchNeurons& n, const Block& block) {
  return {block.load(n.v_threshold), block.load(n.v_reset), block.load(n.length),
          block.load(n.tau_m),       block.load(n.t_ref),   block.load(n.highest_rate),
          block.load(n.c_high),      block.load(n.c_low),   block.load(n.c_excess)};
}

template <bool kSecond, Class kClass>
[[nodiscard]] inline SiegertIntegral<Vec> integral(const Boundaries<Vec>& b,
                                                   const ScaledThreshold<Vec>& threshold,
                                                   Vec scale) {
  constexpr int kMore = kSecond ? 2 : 0;
  if constexpr (kClass == kWideAboveZero) {
    return below_threshold_wide<kSecond, Wide::kResetAboveZero>(b, threshold, scale);
  } else if constexpr (kClass == kWideBelowZero) {
    return below_threshold_wide<kSecond, Wide::kResetBelowZero>(b, threshold, scale);
  } else if constexpr (kClass == kWideFaint) {
    // With a reset below zero, as far as the exponential goes it may as well be at zero.
    ScaledThreshold<Vec> bounded = threshold;
    bounded.d = select(threshold.d > threshold.y, threshold.y, threshold.d);
    return below_threshold_wide<kSecond, Wide::kFaint>(b, bounded, scale);
  } else if constexpr (kClass == kNarrow21) {
    return below_threshold_narrow<kSecond, 21 + kMore>(b, threshold, scale);
  } else {
    return below_threshold_narrow<kSecond, 15 + kMore>(b, threshold, scale);
  }
}

template <bool kSecond, Class kClass>
inline void evaluate_block(const Neurons& n, Vec mu, Vec sigma, const Block& block,
                           const BatchJob& job, double* const* output) {
  Boundaries<Vec> b;
  b.sigma = sigma;
  b.to_threshold = two_sum(n.v_threshold, -mu);
  b.to_reset = n.v_reset - mu;
  b.length = n.length + n.c_excess * sigma;
  b.c_threshold = {n.c_high, n.c_low};
  b.c_excess = n.c_excess;

  SiegertIntegral<Vec> s;
  Vec half(1.0), period, other_half;
  if constexpr (kClass == kAbove) {
    b.x_threshold = -b.to_threshold.high - n.c_high * sigma;
    s = above_threshold<kSecond>(b);
    period = n.tau_m * s.integral + n.t_ref;
  } else {
    const ScaledThreshold<Vec> threshold = scaled_threshold(b);
    // e^{−y²} in two factors, representable where it is not.
    half = exp_minus(Pair<Vec>{Vec(0.5) * threshold.square.high, Vec(0.5) * threshold.square.low});
    s = integral<kSecond, kClass>(b, threshold, half * half);
    period = n.tau_m * s.integral + n.t_ref * s.scale;
  }
  const Vec inverse = Vec(1.0) / period;
  const Vec factor = n.tau_m * Vec(kSqrtPi) * inverse;
  const Vec l_mu = factor * s.d_mu, l_sigma = factor * s.d_sigma;
  other_half = half * inverse;
  Vec rate = half * other_half;
  if constexpr (kClass == kAbove) {
    rate = inverse;
    other_half = inverse;
  }
  rate = select(rate * n.t_ref >= Vec(1.0), n.highest_rate, rate);

  block.put(output, kRate, rate);
  block.put(output, kDmu, (half * (l_mu)) * other_half);
  block.put(output, kDsigma, (half * (l_sigma)) * other_half);
  block.put(output, kLogDmu, l_mu);
  block.put(output, kLogDsigma, l_sigma);
  if (job.logarithm) {
    if constexpr (kClass == kAbove) {
      block.put(output, kLogRate, log(rate));
    } else {
      const Mask far = s.exponent.high >= Vec(600.0);
      const Vec logarithm = log(select(far, period, rate));
      block.put(output, kLogRate,
                select(far, -s.exponent.high - (logarithm + s.exponent.low), logarithm));
    }
  }
  if constexpr (kSecond) {
    const Vec mm = l_mu * l_mu, ms = l_mu * l_sigma, ss = l_sigma * l_sigma;
    const Vec log_mm = mm - factor * s.d_mu_mu, log_ms = ms - factor * s.d_mu_sigma,
              log_ss = ss - factor * s.d_sigma_sigma;
    block.put(output, kLogDmuDmu, log_mm);
    block.put(output, kLogDmuDsigma, log_ms);
    block.put(output, kLogDsigmaDsigma, log_ss);
    block.put(output, kDmuDmu, (half * (Vec(2.0) * mm - factor * s.d_mu_mu)) * other_half);
    block.put(output, kDmuDsigma, (half * (Vec(2.0) * ms - factor * s.d_mu_sigma)) * other_half);
    block.put(output, kDsigmaDsigma,
              (half * (Vec(2.0) * ss - factor * s.d_sigma_sigma)) * other_half);
  }
}

/// The neurons of a chunk, by class.
struct Sorted {
  std::uint32_t index[kClasses][kBatchChunk + kLanes];
  std::size_t count[kClasses];
};

struct Chunk {
  const BatchJob& job;
  const double* mu;
  const double* sigma;
  std::size_t size;
  const BatchNeurons* neurons;  ///< null for job.common
  std::array<double*, kBatchFields> output;
};

template <bool kSecond, Class kClass>
void evaluate_class(const Chunk& chunk, Sorted& sorted) {
  std::uint32_t* index = sorted.index[kClass];
  const std::size_t count = sorted.count[kClass];
  if (count == 0) return;
  for (std::size_t lane = 0; lane < kLanes; ++lane) index[count + lane] = index[count - 1];
  Neurons neurons = broadcast(chunk.job.common);
  for (std::size_t i = 0; i < count; i += kLanes) {
    Block block{index + i, count - i < kLanes ? count - i : kLanes, false};
    block.consecutive = block.count == kLanes && index[i + kLanes - 1] - index[i] == kLanes - 1;
    if (chunk.neurons) neurons = load(*chunk.neurons, block);
    evaluate_block<kSecond, kClass>(neurons, block.load(chunk.mu), block.load(chunk.sigma), block,
                                    chunk.job, chunk.output.data());
  }
}

inline Vec class_code(Class k) { return Vec(0x1p52 + static_cast<double>(k)); }

/// The class of each lane, in the lowest bits of a double.
inline Vec classify(const Neurons& n, Vec mu, Vec sigma, Mask ordinary) {
  const Vec to_threshold = n.v_threshold - mu;
  const Vec x = to_threshold + n.c_high * sigma;  // y_t σ
  const Vec length = n.length + n.c_excess * sigma;
  const Vec square = sigma * sigma;
  const Vec width = length * (sigma + x + x);  // d(1 + 2y_t) σ²
  Vec result = select(x > length, class_code(kWideAboveZero), class_code(kWideBelowZero));
  result = select(x * x > Vec(kFaintSquare) * square, class_code(kWideFaint), result);
  result = select(width < Vec(kNarrow) * square, class_code(kNarrow21), result);
  result = select(width < Vec(0.2) * square, class_code(kNarrow15), result);
  const Mask above = x <= Vec(0.0);
  result = select(above, class_code(kAbove), result);
  // Sizes of detail::is_ordinary(), and no rate that is ruled by its exponent alone.
  const Vec large(1e40), small(1e-40);
  const Mask noisy = (sigma > small) & (sigma < large) & (x < Vec(1e8) * sigma);
  const Mask noiseless = (sigma == Vec(0.0)) & (-to_threshold > small);
  return select(ordinary & (abs(mu) < large) & (noisy | noiseless), result, class_code(kScalar));
}

inline void sort_chunk(const Chunk& chunk, Sorted& sorted) {
  std::size_t count[kClasses] = {};
  Neurons neurons = broadcast(chunk.job.common);
  Mask ordinary = Vec(chunk.job.common.ordinary) > Vec(0.0);
  std::uint32_t consecutive[1];
  alignas(64) std::uint64_t codes[kLanes];
  for (std::size_t i = 0; i < chunk.size; i += kLanes) {
    const bool whole = i + kLanes <= chunk.size;
    const auto start = static_cast<std::uint32_t>(whole ? i : chunk.size - kLanes);
    Vec code;
    if (chunk.size < kLanes) {
      Vec mu, sigma;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const std::size_t k = lane < chunk.size ? lane : 0;
        mu.lanes[lane] = chunk.mu[k];
        sigma.lanes[lane] = chunk.sigma[k];
      }
      if (chunk.neurons) {
        std::uint32_t index[kLanes];
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
          index[lane] = static_cast<std::uint32_t>(lane < chunk.size ? lane : 0);
        }
        const Block block{index, kLanes, false};
        neurons = load(*chunk.neurons, block);
        ordinary = block.load(chunk.neurons->ordinary) > Vec(0.0);
      }
      code = classify(neurons, mu, sigma, ordinary);
      std::memcpy(codes, &code, sizeof codes);
    } else {
      consecutive[0] = start;
      const Block block{consecutive, kLanes, true};
      if (chunk.neurons) {
        neurons = load(*chunk.neurons, block);
        ordinary = block.load(chunk.neurons->ordinary) > Vec(0.0);
      }
      code = classify(neurons, block.load(chunk.mu), block.load(chunk.sigma), ordinary);
      std::memcpy(codes, &code, sizeof codes);
    }
    const std::size_t first = chunk.size < kLanes ? 0 : i - start;
    const std::size_t lanes = chunk.size - i < kLanes ? chunk.size - i : kLanes;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto k = static_cast<unsigned>(codes[first + lane] & 7);
      sorted.index[k][count[k]++] = static_cast<std::uint32_t>(i + lane);
    }
  }
  std::memcpy(sorted.count, count, sizeof count);
}

template <bool kSecond>
void evaluate_vectors(const Chunk& chunk, Sorted& sorted) {
  evaluate_class<kSecond, kAbove>(chunk, sorted);
  evaluate_class<kSecond, kWideAboveZero>(chunk, sorted);
  evaluate_class<kSecond, kWideBelowZero>(chunk, sorted);
  evaluate_class<kSecond, kWideFaint>(chunk, sorted);
  evaluate_class<kSecond, kNarrow21>(chunk, sorted);
  evaluate_class<kSecond, kNarrow15>(chunk, sorted);
}

}  // namespace NUPHI_BATCH_SET

void NUPHI_BATCH_EVALUATE(const BatchJob& job, std::size_t begin, std::size_t end) {
  namespace set = NUPHI_BATCH_SET;
  set::Sorted sorted;
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
    set::sort_chunk(chunk, sorted);
    if (job.second) {
      set::evaluate_vectors<true>(chunk, sorted);
    } else {
      set::evaluate_vectors<false>(chunk, sorted);
    }
    for (std::size_t i = 0; i < sorted.count[set::kScalar]; ++i) {
      evaluate_scalar(job, start + sorted.index[set::kScalar][i]);
    }
  }
}

}  // namespace nuphi::detail
