// Between the public siegert_batch() and the loops compiled once for each instruction set. Nothing
// here is an inline function: what those files compile must not serve the rest of the program.
#pragma once

#include <nuphi/core/lif.h>

#include <array>
#include <cstddef>

namespace nuphi::detail {

/// Order of BatchJob::output.
enum BatchField : unsigned {
  kRate,
  kLogRate,
  kDmu,
  kDsigma,
  kLogDmu,
  kLogDsigma,
  kDmuDmu,
  kDmuDsigma,
  kDsigmaDsigma,
  kLogDmuDmu,
  kLogDmuDsigma,
  kLogDsigmaDsigma,
  kCv,
  kBatchFields
};

/// Neurons worked on at once; arrays on the stack have this length.
inline constexpr std::size_t kBatchChunk = 1024;

/// What the vector code needs of a neuron's parameters. Not `ordinary`: left to siegert().
struct BatchNeuron {
  double v_threshold, v_reset, length, tau_m, t_ref, highest_rate, c_high, c_low, c_excess,
      ordinary;
};

/// BatchNeuron of many neurons, an array for each member.
struct BatchNeurons {
  alignas(64) double v_threshold[kBatchChunk];
  alignas(64) double v_reset[kBatchChunk];
  alignas(64) double length[kBatchChunk];
  alignas(64) double tau_m[kBatchChunk];
  alignas(64) double t_ref[kBatchChunk];
  alignas(64) double highest_rate[kBatchChunk];
  alignas(64) double c_high[kBatchChunk];
  alignas(64) double c_low[kBatchChunk];
  alignas(64) double c_excess[kBatchChunk];
  alignas(64) double ordinary[kBatchChunk];
};

struct BatchJob {
  const double* mu = nullptr;
  const double* sigma = nullptr;
  const LifParameters* neurons = nullptr;
  bool one_neuron = true;  ///< `neurons` is a single one, and `common` made from it
  Correction correction = Correction::kShift;
  BatchNeuron common{};
  std::array<double*, kBatchFields> output{};  ///< null: not wanted
  bool rates = false;                          ///< anything but the CV is wanted
  bool second = false;                         ///< a second derivative is wanted
  bool logarithm = false;                      ///< ln ν is wanted
};

/// Parameters of neurons begin … begin + n − 1.
void prepare_neurons(const BatchJob& job, std::size_t begin, std::size_t n, BatchNeurons& neurons);

/// Neurons of kUniform worked on at once.
inline constexpr std::size_t kUniformChunk = 256;

/// Points and parameters for kUniform, an array for each; the last neuron again up to the end of
/// the last vector.
struct UniformNeurons {
  alignas(64) double mu[kUniformChunk];
  alignas(64) double sigma[kUniformChunk];
  alignas(64) double v_threshold[kUniformChunk];
  alignas(64) double v_reset[kUniformChunk];
  alignas(64) double tau_m[kUniformChunk];
  alignas(64) double t_ref[kUniformChunk];
  alignas(64) double k[kUniformChunk];          ///< √(τ_syn/τ_m)
  alignas(64) double within[kUniformChunk];     ///< uniform_range() of k
  alignas(64) double X[kUniformChunk];          ///< e^{−t_ref/τ_syn}
  alignas(64) double log_scale[kUniformChunk];  ///< ln of (α/2) `within`
  alignas(64) double slow[kUniformChunk];       ///< 1: kAdiabatic may have a share
  alignas(64) double fits[kUniformChunk];       ///< 1: the closed form is good for it
};

inline constexpr double kUniformHalfAlpha = 1.0326265761156086;
inline constexpr double kHalfLogPi = 0.5723649429247001;

void prepare_uniform(const BatchJob& job, std::size_t begin, std::size_t n,
                     UniformNeurons& neurons);

/// One neuron by siegert() and isi_cv().
void evaluate_scalar(const BatchJob& job, std::size_t index);

/// Neurons begin … end − 1 in each instruction set. Call only what the processor has.
void evaluate_baseline(const BatchJob& job, std::size_t begin, std::size_t end);
void evaluate_avx2(const BatchJob& job, std::size_t begin, std::size_t end);
void evaluate_avx512(const BatchJob& job, std::size_t begin, std::size_t end);

}  // namespace nuphi::detail
