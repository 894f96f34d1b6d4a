// Which form of the kernel each neuron of a chunk takes, and the neurons sorted by it. Included by
// siegert_batch_loop.h.
#pragma once

#include "siegert_batch_vector.h"
//
#include "siegert_kernel.h"

namespace nuphi::detail {
namespace NUPHI_BATCH_SET {

/// The forms of the kernel, and what is left to siegert().
enum Class : unsigned {
  kAbove,
  kWideAboveZero,
  kWideBelowZero,
  kWideFar,
  kWideFaint,
  kNarrow21,
  kNarrow15,
  kScalar,
  kClasses
};

constexpr bool is_narrow(Class k) { return k == kNarrow21 || k == kNarrow15; }

/// Beyond this y_t² everything that carries e^{−y_t²} is dropped,
inline constexpr double kFarSquare = 49;
/// and beyond this the reset if y_r < 7, too.
inline constexpr double kFaintSquare = 90;

/// Parameters of as many neurons as there are lanes.
struct Neurons {
  Vec v_threshold, v_reset, length, tau_m, t_ref, highest_rate, c_high, c_low, c_excess;
};

inline Neurons broadcast(const BatchNeuron& n) {
  return {Vec(n.v_threshold),  Vec(n.v_reset), Vec(n.length), Vec(n.tau_m),   Vec(n.t_ref),
          Vec(n.highest_rate), Vec(n.c_high),  Vec(n.c_low),  Vec(n.c_excess)};
}

/// Neurons of one vector: consecutive ones, or picked by their indices.
struct Block {
  const std::uint32_t* index;
  std::size_t count;  ///< lanes in use
  bool consecutive;

  [[nodiscard]] Vec load(const double* x) const {
    Vec result;
    if (consecutive) {
      std::memcpy(&result, x + index[0], sizeof result);
      return result;
    }
    const std::uint32_t* const i = index;
#if NUPHI_BATCH_LANES == 8
    return Vec(Lanes{x[i[0]], x[i[1]], x[i[2]], x[i[3]], x[i[4]], x[i[5]], x[i[6]], x[i[7]]});
#elif NUPHI_BATCH_LANES == 4
    return Vec(Lanes{x[i[0]], x[i[1]], x[i[2]], x[i[3]]});
#else
    return Vec(Lanes{x[i[0]], x[i[1]]});
#endif
  }
  void store(Vec value, double* x) const {
    const std::uint32_t* const i = index;
    const Lanes& v = value.lanes;
    if (consecutive) {
      std::memcpy(x + i[0], &value, sizeof value);
    } else if (count < kLanes) {
      for (std::size_t lane = 0; lane < count; ++lane) x[i[lane]] = v[lane];
    } else {  // not as a loop, of which a compiler makes the processor's slow scatter
#if NUPHI_BATCH_LANES == 8
      x[i[0]] = v[0], x[i[1]] = v[1], x[i[2]] = v[2], x[i[3]] = v[3];
      x[i[4]] = v[4], x[i[5]] = v[5], x[i[6]] = v[6], x[i[7]] = v[7];
#elif NUPHI_BATCH_LANES == 4
      x[i[0]] = v[0], x[i[1]] = v[1], x[i[2]] = v[2], x[i[3]] = v[3];
#else
      x[i[0]] = v[0], x[i[1]] = v[1];
#endif
    }
  }
  void put(double* const* output, BatchField field, Vec value) const {
    if (output[field]) store(value, output[field]);
  }
};

inline Neurons load(const BatchNeurons& n, const Block& block) {
  return {block.load(n.v_threshold), block.load(n.v_reset), block.load(n.length),
          block.load(n.tau_m),       block.load(n.t_ref),   block.load(n.highest_rate),
          block.load(n.c_high),      block.load(n.c_low),   block.load(n.c_excess)};
}

struct Chunk {
  const BatchJob& job;
  const double* mu;
  const double* sigma;
  std::size_t size;
  const BatchNeurons* neurons;  ///< null for job.common
  std::array<double*, kBatchFields> output;
};

/// A bit for each class, as an integer and in the low half of a double.
constexpr std::uint32_t class_bit(Class k) { return std::uint32_t{1} << k; }
inline Vec class_code(Class k) { return Vec(0x1p52 + class_bit(k)); }

/// The class of each lane, as by class_code().
inline Vec classify(const Neurons& n, Vec mu, Vec sigma, Mask ordinary) {
  const Vec to_threshold = n.v_threshold - mu;
  const Vec x = to_threshold + n.c_high * sigma;  // y_t σ
  const Vec length = n.length + n.c_excess * sigma;
  const Vec square = sigma * sigma, x_square = x * x;
  const Vec width = length * (sigma + x + x);  // d(1 + 2y_t) σ²
  Vec result = select(x > length, class_code(kWideAboveZero), class_code(kWideBelowZero));
  result = select(x_square > Vec(kFarSquare) * square, class_code(kWideFar), result);
  result = select(x_square > Vec(kFaintSquare) * square, class_code(kWideFaint), result);
  result = select(width < Vec(kNarrow) * square, class_code(kNarrow21), result);
  result = select(width < Vec(0.2) * square, class_code(kNarrow15), result);
  result = select(x <= Vec(0.0), class_code(kAbove), result);
  // Sizes of detail::is_ordinary(), and no rate that is ruled by its exponent alone.
  const Vec large(1e40), small(1e-40);
  const Mask noisy = (sigma > small) & (sigma < large) & (x < Vec(1e8) * sigma);
  const Mask noiseless = (sigma == Vec(0.0)) & (-to_threshold > small);
  return select(ordinary & (abs(mu) < large) & (noisy | noiseless), result, class_code(kScalar));
}

/// The classes of eight neurons, and those of them that are of one class.
#if defined(NUPHI_BATCH_AVX512)
inline void write_codes(Vec code, std::uint32_t* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm512_maskz_cvtepi64_epi32(0xff, reinterpret_cast<__m512i>(bits_of(code))));
}
#elif defined(NUPHI_BATCH_AVX2)
inline void write_codes(Vec code, std::uint32_t* to) {
  const __m256i low_halves = _mm256_permutevar8x32_epi32(reinterpret_cast<__m256i>(bits_of(code)),
                                                         _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(low_halves));
}
#else
inline void write_codes(Vec code, std::uint32_t* to) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    to[lane] = static_cast<std::uint32_t>(bits_of(code)[lane]);
  }
}
#endif

#if defined(NUPHI_BATCH_AVX512) || defined(NUPHI_BATCH_AVX2)
/// The positions of the set bits, and then zeros.
struct SetBits {
  alignas(64) std::uint8_t position[256][8] = {};
};
constexpr SetBits make_set_bits() {
  SetBits table;
  for (unsigned mask = 0; mask < 256; ++mask) {
    std::size_t n = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((mask >> bit) & 1) table.position[mask][n++] = static_cast<std::uint8_t>(bit);
    }
  }
  return table;
}
inline constexpr SetBits kSetBits = make_set_bits();

/// Indices below `size` with that code; writes up to eight more than it returns.
inline std::size_t collect(const std::uint32_t* codes, std::size_t size, Class k,
                           std::uint32_t* index) {
  const __m256i wanted = _mm256_set1_epi32(static_cast<int>(class_bit(k))),
                step = _mm256_set1_epi32(8);
  __m256i first = _mm256_setzero_si256();
  std::size_t count = 0;
  for (std::size_t i = 0; i < size; i += 8) {
    const __m256i code = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes + i));
    const __m256i equal = _mm256_cmpeq_epi32(code, wanted);
    const auto mask = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(equal)));
    const __m256i lane = _mm256_cvtepu8_epi32(
        _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kSetBits.position[mask])));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(index + count), _mm256_add_epi32(lane, first));
    count += static_cast<std::size_t>(_mm_popcnt_u32(mask));
    first = _mm256_add_epi32(first, step);
  }
  return count;
}
#else
inline std::size_t collect(const std::uint32_t* codes, std::size_t size, Class k,
                           std::uint32_t* index) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < size; ++i) {
    index[count] = static_cast<std::uint32_t>(i);
    count += codes[i] == class_bit(k) ? 1 : 0;
  }
  return count;
}
#endif

/// The neurons of a chunk, by class.
class Sorted {
 public:
  explicit Sorted(const Chunk& chunk) : size_(chunk.size) {
    const BatchNeuron& common = chunk.job.common;
    Neurons neurons = broadcast(common);
    Mask ordinary = Vec(common.ordinary) > Vec(0.0);
    std::uint32_t index[kLanes];
    Bits seen{};
    const auto classify_block = [&](const Block& block) {
      if (chunk.neurons) {
        neurons = load(*chunk.neurons, block);
        ordinary = block.load(chunk.neurons->ordinary) > Vec(0.0);
      }
      const Vec code = classify(neurons, block.load(chunk.mu), block.load(chunk.sigma), ordinary);
      write_codes(code, codes_ + index[0]);
      seen |= bits_of(code);
    };
    const std::size_t whole = size_ - size_ % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes) {
      index[0] = static_cast<std::uint32_t>(i);
      classify_block({index, kLanes, true});
    }
    if (whole < size_) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        index[lane] = static_cast<std::uint32_t>(whole + lane < size_ ? whole + lane : whole);
      }
      classify_block({index, size_ - whole, false});
    }
    for (std::size_t i = 0; i < 8; ++i) codes_[size_ + i] = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      present_ |= static_cast<std::uint32_t>(seen[lane]);
    }
  }

  [[nodiscard]] bool any(Class k) const { return (present_ & class_bit(k)) != 0; }

  /// The neurons of one class, until the next call. There is a whole last vector: the last neuron
  /// again in the lanes beyond the end.
  std::span<const std::uint32_t> of(Class k) {
    const std::size_t count = collect(codes_, size_, k, index_);
    if (count > 0) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) index_[count + lane] = index_[count - 1];
    }
    return {index_, count};
  }

 private:
  std::size_t size_;
  std::uint32_t present_ = 0;
  alignas(64) std::uint32_t codes_[kBatchChunk + 8];
  std::uint32_t index_[kBatchChunk + 16];
};

}  // namespace NUPHI_BATCH_SET
}  // namespace nuphi::detail
