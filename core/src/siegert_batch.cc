#include <nuphi/core/exact_rate.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "siegert_batch.h"
#include "siegert_evaluate.h"
#include "uniform_features.h"

namespace nuphi {
namespace detail {
namespace {

BatchNeuron prepare(const LifParameters& n, Correction correction) {
  const ColourShift shift = colour_shift(n, correction);
  const Pair<double> c = shift.exact_threshold();
  const bool vectorised = n.tau_syn == 0 || moves_boundaries(correction);
  // A shift as large as that needs more care above threshold.
  const bool ordinary = vectorised && is_ordinary(0, 1, n) && shift.threshold < 4;
  return {n.V_th, n.V_reset,    n.V_th - n.V_reset,  n.tau_m, n.t_ref, 1 / n.t_ref, c.high,
          c.low,  shift.excess, ordinary ? 1.0 : 0.0};
}

}  // namespace

void prepare_neurons(const BatchJob& job, std::size_t begin, std::size_t n, BatchNeurons& neurons) {
  BatchNeuron last{};
  for (std::size_t i = 0; i < n; ++i) {
    const LifParameters& now = job.neurons[begin + i];
    if (i == 0 || !(now == job.neurons[begin + i - 1])) last = prepare(now, job.correction);
    neurons.v_threshold[i] = last.v_threshold;
    neurons.v_reset[i] = last.v_reset;
    neurons.length[i] = last.length;
    neurons.tau_m[i] = last.tau_m;
    neurons.t_ref[i] = last.t_ref;
    neurons.highest_rate[i] = last.highest_rate;
    neurons.c_high[i] = last.c_high;
    neurons.c_low[i] = last.c_low;
    neurons.c_excess[i] = last.c_excess;
    neurons.ordinary[i] = last.ordinary;
  }
}

void prepare_uniform(const BatchJob& job, std::size_t begin, std::size_t n,
                     UniformNeurons& neurons) {
  const auto at = [&](std::size_t i) -> const LifParameters& {
    return job.neurons[job.one_neuron ? 0 : begin + i];
  };
  double k = 0, within = 0, X = 0, log_scale = 0, slope = 0;
  for (std::size_t i = 0; i < std::min((n + 7) / 8 * 8, kUniformChunk); ++i) {
    const std::size_t j = std::min(i, n - 1);
    const LifParameters& now = at(j);
    if (i == 0 || !(now == at(std::max<std::size_t>(j, 1) - 1))) {
      k = std::sqrt(now.tau_syn / now.tau_m);
      X = std::exp(-now.t_ref / now.tau_syn);
      within = uniform_range(k, slope);
      log_scale = std::log(kUniformHalfAlpha * within);
    }
    neurons.mu[i] = job.mu[begin + j];
    neurons.sigma[i] = job.sigma[begin + j];
    neurons.v_threshold[i] = now.V_th;
    neurons.v_reset[i] = now.V_reset;
    neurons.tau_m[i] = now.tau_m;
    neurons.t_ref[i] = now.t_ref;
    neurons.k[i] = k;
    neurons.within[i] = within;
    neurons.X[i] = X;
    neurons.log_scale[i] = log_scale;
    neurons.slow[i] = now.tau_syn > 2 * now.tau_m ? 1 : 0;
    const bool fits = is_ordinary(neurons.mu[i], neurons.sigma[i], now) && neurons.sigma[i] > 0 &&
                      k > 1e-6 && k < 1e3;
    neurons.fits[i] = fits ? 1 : 0;
  }
}

namespace {

struct RateAndCv {
  SiegertSecond rate;
  double cv = 0;
};

/// One solution of the integral equation gives both.
RateAndCv exact(const BatchJob& job, std::size_t i, const LifParameters& neuron) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const ExactRate r = exact_rate(job.mu[i], job.sigma[i], neuron,
                                 {.gradient = job.rates, .cv = job.output[kCv] != nullptr});
  return {{r.rate, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN}, r.cv};
}

RateAndCv evaluate(const BatchJob& job, std::size_t i) {
  const LifParameters& neuron = job.neurons[job.one_neuron ? 0 : i];
  if (job.correction == Correction::kExact && neuron.tau_syn > 0) return exact(job, i, neuron);
  RateAndCv r;
  if (job.output[kCv]) r.cv = isi_cv(job.mu[i], job.sigma[i], neuron, job.correction);
  if (!job.rates) return r;
  if (job.second) {
    r.rate = siegert_second(job.mu[i], job.sigma[i], neuron, job.correction);
  } else {
    r.rate.first = siegert(job.mu[i], job.sigma[i], neuron, job.correction);
  }
  return r;
}

}  // namespace

void evaluate_scalar(const BatchJob& job, std::size_t i) {
  const auto [r, cv] = evaluate(job, i);
  const auto put = [&](BatchField field, double value) {
    if (job.output[field]) job.output[field][i] = value;
  };
  put(kCv, cv);
  put(kRate, r.first.rate);
  put(kLogRate, r.first.log_rate);
  put(kDmu, r.first.drate_dmu);
  put(kDsigma, r.first.drate_dsigma);
  put(kLogDmu, r.first.dlog_rate_dmu);
  put(kLogDsigma, r.first.dlog_rate_dsigma);
  put(kDmuDmu, r.d2rate_dmu2);
  put(kDmuDsigma, r.d2rate_dmudsigma);
  put(kDsigmaDsigma, r.d2rate_dsigma2);
  put(kLogDmuDmu, r.d2log_rate_dmu2);
  put(kLogDmuDsigma, r.d2log_rate_dmudsigma);
  put(kLogDsigmaDsigma, r.d2log_rate_dsigma2);
}

namespace {

using Evaluate = void (*)(const BatchJob&, std::size_t, std::size_t);

bool has(InstructionSet set) {
#ifdef __x86_64__
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (set == InstructionSet::kAvx2) return avx2;
  if (set == InstructionSet::kAvx512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  }
#endif
  return set == InstructionSet::kBaseline || set == InstructionSet::kBest;
}

Evaluate function_of(InstructionSet set) {
  static const InstructionSet best = available_instruction_sets().back();
  if (!has(set)) throw std::invalid_argument("siegert_batch: no such instructions here");
#ifdef __x86_64__
  const InstructionSet used = set == InstructionSet::kBest ? best : set;
  if (used == InstructionSet::kAvx2) return evaluate_avx2;
  if (used == InstructionSet::kAvx512) return evaluate_avx512;
#endif
  return evaluate_baseline;
}

/// Below twice this, a thread more costs as much as it saves.
std::size_t per_thread(Correction correction) {
  return correction == Correction::kExact ? 1 : 8192;
}

void run(BatchJob& job, std::size_t n, const SiegertBatchOutput& output,
         const SiegertBatchOptions& options) {
  const auto set = [&](BatchField field, std::span<double> span) {
    if (span.empty()) return;
    if (span.size() != n) throw std::invalid_argument("siegert_batch: length of an output");
    job.output[field] = span.data();
    if (field >= kDmuDmu && field <= kLogDsigmaDsigma) job.second = true;
  };
  set(kRate, output.rate);
  set(kLogRate, output.log_rate);
  set(kDmu, output.drate_dmu);
  set(kDsigma, output.drate_dsigma);
  set(kLogDmu, output.dlog_rate_dmu);
  set(kLogDsigma, output.dlog_rate_dsigma);
  set(kDmuDmu, output.d2rate_dmu2);
  set(kDmuDsigma, output.d2rate_dmudsigma);
  set(kDsigmaDsigma, output.d2rate_dsigma2);
  set(kLogDmuDmu, output.d2log_rate_dmu2);
  set(kLogDmuDsigma, output.d2log_rate_dmudsigma);
  set(kLogDsigmaDsigma, output.d2log_rate_dsigma2);
  set(kCv, output.cv);
  job.logarithm = job.output[kLogRate] != nullptr;
  job.correction = options.correction;
  if (options.threads < 0) throw std::invalid_argument("siegert_batch: threads < 0");
  const Evaluate function = function_of(options.instruction_set);
  if (n == 0) return;
  if (job.one_neuron) job.common = prepare(job.neurons[0], job.correction);

  job.rates = std::any_of(job.output.begin(), job.output.begin() + kCv,
                          [](const double* x) { return x != nullptr; });
  const auto evaluate = [&](std::size_t begin, std::size_t end) { function(job, begin, end); };
  const std::size_t grain = per_thread(options.correction);
  if (options.threads == 1 || n < 2 * grain) return evaluate(0, n);
  tbb::task_arena arena(options.threads == 0 ? tbb::task_arena::automatic : options.threads);
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, n, grain),
        [&](const tbb::blocked_range<std::size_t>& r) { evaluate(r.begin(), r.end()); });
  });
}

}  // namespace
}  // namespace detail

std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set :
       {InstructionSet::kBaseline, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    if (detail::has(set)) sets.push_back(set);
  }
  return sets;
}

void siegert_batch(std::span<const double> mu, std::span<const double> sigma,
                   const LifParameters& neuron, const SiegertBatchOutput& output,
                   const SiegertBatchOptions& options) {
  if (sigma.size() != mu.size()) throw std::invalid_argument("siegert_batch: length of sigma");
  detail::BatchJob job;
  job.mu = mu.data();
  job.sigma = sigma.data();
  job.neurons = &neuron;
  detail::run(job, mu.size(), output, options);
}

void siegert_batch(std::span<const double> mu, std::span<const double> sigma,
                   std::span<const LifParameters> neurons, const SiegertBatchOutput& output,
                   const SiegertBatchOptions& options) {
  if (sigma.size() != mu.size()) throw std::invalid_argument("siegert_batch: length of sigma");
  if (neurons.size() != mu.size()) throw std::invalid_argument("siegert_batch: length of neurons");
  detail::BatchJob job;
  job.mu = mu.data();
  job.sigma = sigma.data();
  job.neurons = neurons.data();
  job.one_neuron = false;
  detail::run(job, mu.size(), output, options);
}

}  // namespace nuphi
