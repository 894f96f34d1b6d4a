#pragma once

#include <nuphi/core/export.h>
#include <nuphi/core/lif.h>

#include <span>
#include <vector>

namespace NUPHI_PUBLIC nuphi {
/// @addtogroup neuron
/// @{

/// What siegert_batch() writes, an array for each quantity, of length n_neurons. An empty span is
/// not wanted and costs nothing. The spans must not overlap each other or the inputs.
struct SiegertBatchOutput {
  std::span<double> rate = {};                  ///< ν [Hz]
  std::span<double> log_rate = {};              ///< ln(ν / Hz)
  std::span<double> drate_dmu = {};             ///< ∂ν/∂μ [Hz/V]
  std::span<double> drate_dsigma = {};          ///< ∂ν/∂σ [Hz/V]
  std::span<double> dlog_rate_dmu = {};         ///< ∂ln ν/∂μ [1/V]
  std::span<double> dlog_rate_dsigma = {};      ///< ∂ln ν/∂σ [1/V]
  std::span<double> d2rate_dmu2 = {};           ///< ∂²ν/∂μ² [Hz/V²]
  std::span<double> d2rate_dmudsigma = {};      ///< ∂²ν/∂μ∂σ [Hz/V²]
  std::span<double> d2rate_dsigma2 = {};        ///< ∂²ν/∂σ² [Hz/V²]
  std::span<double> d2log_rate_dmu2 = {};       ///< ∂²ln ν/∂μ² [1/V²]
  std::span<double> d2log_rate_dmudsigma = {};  ///< ∂²ln ν/∂μ∂σ [1/V²]
  std::span<double> d2log_rate_dsigma2 = {};    ///< ∂²ln ν/∂σ² [1/V²]
  std::span<double> cv = {};                    ///< coefficient of variation, as isi_cv() [1]
};

/// Instructions that siegert_batch() is compiled for.
enum class InstructionSet {
  kBest,      ///< the widest that the processor has
  kBaseline,  ///< what every processor of the architecture has, 2 neurons at once
  kAvx2,      ///< x86-64 with AVX2 and FMA, 4 neurons at once
  kAvx512,    ///< x86-64 with AVX-512 F, DQ, VL and BW, 8 neurons at once
};

/// The sets that this processor can run, the widest last; kBaseline is always among them.
[[nodiscard]] std::vector<InstructionSet> available_instruction_sets();

/// How siegert_batch() computes.
struct SiegertBatchOptions {
  Correction correction = Correction::kShift;  ///< as in siegert(), the same for all neurons
  /// Threads, ≥ 0; 0 for as many as the machine has. Fewer are used where n_neurons is small.
  int threads = 0;
  /// Another than kBest makes the last digits the same on every machine.
  InstructionSet instruction_set = InstructionSet::kBest;
};

/// siegert() of many neurons:
///   ν⁻¹ = t_ref + τ_m √π ∫_{y_r}^{y_t} e^{s²}(1 + erf s) ds,   y = (V − μ)/σ + c
/// by the same formulas in vectors; neurons beyond ordinary sizes, the corrections kTaylor,
/// kAdiabatic and kExact, and kUniform with second derivatives, a CV or a share of kAdiabatic, go
/// through siegert() itself. Every entry has the value that siegert(), siegert_second() or isi_cv()
/// returns for it, to rounding (docs/accuracy.md), NaN and limits included: a bad neuron spoils its
/// own entry only. An entry does not depend on its position, on its neighbours or on the number of
/// threads; its last digits do depend on the instruction set.
///
/// @param mu, sigma  shape=(n_neurons), mean and noise amplitude of the input [V], as in siegert()
/// @param neuron  parameters of all neurons
/// @param output  arrays to be written; empty ones are skipped
/// @param options  correction, threads, instructions
/// @throws std::invalid_argument if a length is not that of mu, threads < 0, or the processor lacks
///   the instruction set
/// No allocation on one thread (but for kExact).
void siegert_batch(std::span<const double> mu, std::span<const double> sigma,
                   const LifParameters& neuron, const SiegertBatchOutput& output,
                   const SiegertBatchOptions& options = {});

/// The same with the parameters of each neuron, shape=(n_neurons).
void siegert_batch(std::span<const double> mu, std::span<const double> sigma,
                   std::span<const LifParameters> neurons, const SiegertBatchOutput& output,
                   const SiegertBatchOptions& options = {});

/// @}
}  // namespace nuphi
