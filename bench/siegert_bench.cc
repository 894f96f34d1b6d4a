// Time of the Siegert rate per neuron, against quadrature of the same integral.
//
//   siegert_scalar      rate, logarithm and gradients of both, one neuron at a time
//   siegert_batch       rate and gradient of the rate, with the processor's widest instructions;
//                       _baseline, _avx2, _avx512: with those; _log: all that siegert_scalar
//                       returns
//   siegert_batch_1e7   ten million neurons on one and two threads, and memory_1e7: the same arrays
//                       read and written with next to no arithmetic
//   siegert_batch_calls a call for eight neurons
//   isi_cv, isi_cv_batch  coefficient of variation
//   gsl_qags            the rate alone by GSL's adaptive quadrature to 1.49e-8, as NEST's
//                       siegert_neuron has written it since 2.20: erfcx(s) = exp(s² + log erfc(s))
//                       by gsl_sf_log_erfc between the bounds (or their mirror images), Dawson's
//                       integral for the rest, a workspace kept between calls; without its cut to
//                       zero beyond 6 σ, which is no integral
//   gsl_qags_exp_erfc   the same with e^{s²} erfc(s) from the C library, which is faster
//   gauss_legendre_100  the rate alone by a fixed rule on the scaled integrand
#include <benchmark/benchmark.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_dawson.h>
#include <gsl/gsl_sf_erf.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <memory>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace nuphi::units;
using nuphi::LifParameters;

constexpr double kSqrtPi = 1.7724538509055160273;
constexpr std::size_t kNeurons = 4096;

/// Ranges of the input to a neuron with threshold 15 mV above reset and rest.
struct Set {
  const char* name;
  double mu_low, mu_high, sigma_low, sigma_high;
  double tau_syn = 0;
};

constexpr Set kSets[] = {
    {"cortical", -5 * mV, 25 * mV, 1 * mV, 8 * mV},
    {"mean_driven", 20 * mV, 60 * mV, 0.5 * mV, 5 * mV},
    {"noise_driven", 5 * mV, 15 * mV, 2 * mV, 8 * mV},
    {"inhibited", -40 * mV, 5 * mV, 1 * mV, 5 * mV},
    {"wide_noise", -20 * mV, 40 * mV, 20 * mV, 200 * mV},
};
constexpr Set kColoured = {"cortical_colour", -5 * mV, 25 * mV, 1 * mV, 8 * mV, 0.5 * ms};

LifParameters neuron_of(const Set& set) {
  return {.tau_m = 10 * ms, .t_ref = 2 * ms, .V_th = 15 * mV, .V_reset = 0, .tau_syn = set.tau_syn};
}

struct Inputs {
  std::vector<double> mu, sigma;

  explicit Inputs(const Set& set, std::size_t n = kNeurons) {
    std::mt19937_64 engine(1);
    std::uniform_real_distribution<double> draw_mu(set.mu_low, set.mu_high);
    std::uniform_real_distribution<double> draw_sigma(set.sigma_low, set.sigma_high);
    for (std::size_t i = 0; i < n; ++i) {
      mu.push_back(draw_mu(engine));
      sigma.push_back(draw_sigma(engine));
    }
  }
};

template <class Evaluate>
void run(benchmark::State& state, const Set& set, Evaluate evaluate) {
  const Inputs inputs(set);
  const std::clock_t start = std::clock();  // processor time: a busy machine does not count
  for ([[maybe_unused]] auto pass : state) {
    for (std::size_t i = 0; i < kNeurons; ++i) {
      auto result = evaluate(inputs.mu[i], inputs.sigma[i]);
      benchmark::DoNotOptimize(result);
    }
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  state.counters["ns_per_neuron"] =
      1e9 * seconds / (static_cast<double>(kNeurons) * static_cast<double>(state.iterations()));
}

/// A batch and the arrays it writes.
struct Batch {
  Inputs inputs;
  LifParameters neuron;
  std::vector<double> rate, d_mu, d_sigma, log_rate, log_d_mu, log_d_sigma;

  Batch(const Set& set, std::size_t n, bool logarithms)
      : inputs(set, n), neuron(neuron_of(set)), rate(n), d_mu(n), d_sigma(n) {
    if (!logarithms) return;
    for (auto* x : {&log_rate, &log_d_mu, &log_d_sigma}) x->resize(n);
  }
  [[nodiscard]] nuphi::SiegertBatchOutput output() {
    return {.rate = rate,
            .log_rate = log_rate,
            .drate_dmu = d_mu,
            .drate_dsigma = d_sigma,
            .dlog_rate_dmu = log_d_mu,
            .dlog_rate_dsigma = log_d_sigma};
  }
};

void count(benchmark::State& state, double seconds, std::size_t neurons) {
  state.counters["ns_per_neuron"] =
      1e9 * seconds / (static_cast<double>(neurons) * static_cast<double>(state.iterations()));
}

void run_batch(benchmark::State& state, const Set& set, bool logarithms,
               const nuphi::SiegertBatchOptions& options) {
  Batch batch(set, kNeurons, logarithms);
  const auto output = batch.output();
  const std::clock_t start = std::clock();
  for ([[maybe_unused]] auto pass : state) {
    nuphi::siegert_batch(batch.inputs.mu, batch.inputs.sigma, batch.neuron, output, options);
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kNeurons);
}

/// Eight neurons a call, as a small network does.
void run_calls(benchmark::State& state, const Set& set) {
  Batch batch(set, kNeurons, false);
  const auto eight = [](std::vector<double>& x, std::size_t i) {
    return std::span(x).subspan(i, 8);
  };
  const std::clock_t start = std::clock();
  for ([[maybe_unused]] auto pass : state) {
    for (std::size_t i = 0; i < kNeurons; i += 8) {
      nuphi::siegert_batch(eight(batch.inputs.mu, i), eight(batch.inputs.sigma, i), batch.neuron,
                           {.rate = eight(batch.rate, i),
                            .drate_dmu = eight(batch.d_mu, i),
                            .drate_dsigma = eight(batch.d_sigma, i)});
    }
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kNeurons);
}

void run_cv_batch(benchmark::State& state, const Set& set) {
  Batch batch(set, kNeurons, false);
  const std::clock_t start = std::clock();
  for ([[maybe_unused]] auto pass : state) {
    nuphi::siegert_batch(batch.inputs.mu, batch.inputs.sigma, batch.neuron, {.cv = batch.rate},
                         {.threads = 1});
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, kNeurons);
}

constexpr std::size_t kMany = 10'000'000;

/// Wall-clock time of one pass over many neurons, and the memory traffic it makes.
template <class Pass>
void run_many(benchmark::State& state, Pass pass_over) {
  Batch batch(kSets[0], kMany, false);
  const auto start = std::chrono::steady_clock::now();
  for ([[maybe_unused]] auto pass : state) {
    pass_over(batch, static_cast<int>(state.range(0)));
    benchmark::ClobberMemory();
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  count(state, seconds, kMany);
  const double bytes = 5.0 * sizeof(double) * kMany;  // two arrays read, three written
  state.counters["GB_per_s"] = 1e-9 * bytes * static_cast<double>(state.iterations()) / seconds;
}

void rates_of_many(Batch& batch, int threads) {
  nuphi::siegert_batch(batch.inputs.mu, batch.inputs.sigma, batch.neuron, batch.output(),
                       {.threads = threads});
}

void copies_of_many(Batch& batch, int threads) {
  const auto part = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const double mu = batch.inputs.mu[i], sigma = batch.inputs.sigma[i];
      batch.rate[i] = mu + sigma;
      batch.d_mu[i] = mu;
      batch.d_sigma[i] = sigma;
    }
  };
  std::vector<std::jthread> others;
  const auto bound = [&](int k) { return kMany * static_cast<std::size_t>(k) / threads; };
  for (int k = 1; k < threads; ++k) others.emplace_back(part, bound(k), bound(k + 1));
  part(0, bound(1));
}

double erfcx_by_log(double s, void*) { return std::exp(s * s + gsl_sf_log_erfc(s)); }

/// Without the overflow that would stop the quadrature.
double erfcx_by_product(double s, void*) {
  return s < 20 ? std::exp(s * s) * std::erfc(s)
                : (1 - 0.5 / (s * s) * (1 - 1.5 / (s * s))) / (s * kSqrtPi);
}

class Qags {
 public:
  explicit Qags(double (*erfcx)(double, void*))
      : erfcx_(erfcx),
        workspace_(gsl_integration_workspace_alloc(1000), gsl_integration_workspace_free) {}

  double rate(double mu, double sigma, const LifParameters& n) const {
    const double y_t = (n.V_th - mu) / sigma, y_r = (n.V_reset - mu) / sigma;
    double scaled, scale = 1;  // the integral is scaled/scale
    if (y_t < 0) {
      scaled = integrate(-y_t, -y_r);
    } else {
      // ∫f = 2∫e^{s²} − ∫erfcx where y_r > 0, and with ∫erfcx from y_t to −y_r instead where not.
      scale = std::exp(-y_t * y_t);
      scaled = 2 * gsl_sf_dawson(y_t);
      if (y_r > 0) {
        scaled -=
            2 * std::exp(y_r * y_r - y_t * y_t) * gsl_sf_dawson(y_r) + scale * integrate(y_r, y_t);
      } else {
        scaled += scale * integrate(y_t, -y_r);
      }
    }
    return scale / (scale * n.t_ref + n.tau_m * kSqrtPi * scaled);
  }

 private:
  /// ∫_a^b erfcx
  double integrate(double a, double b) const {
    gsl_function function{erfcx_, nullptr};
    double result = 0, error = 0;
    gsl_integration_qags(&function, a, b, 0, 1.49e-8, 1000, workspace_.get(), &result, &error);
    return result;
  }

  double (*erfcx_)(double, void*);
  std::unique_ptr<gsl_integration_workspace, void (*)(gsl_integration_workspace*)> workspace_;
};

class GaussLegendre {
 public:
  GaussLegendre()
      : table_(gsl_integration_glfixed_table_alloc(100), gsl_integration_glfixed_table_free) {
    for (std::size_t i = 0; i < 100; ++i) {
      double x = 0, w = 0;
      gsl_integration_glfixed_point(-1, 1, i, &x, &w, table_.get());
      nodes_.push_back(x);
      weights_.push_back(w);
    }
  }

  double rate(double mu, double sigma, const LifParameters& n) const {
    const double y_t = (n.V_th - mu) / sigma, y_r = (n.V_reset - mu) / sigma;
    const double exponent = y_t > 0 ? y_t * y_t : 0;
    const double middle = (y_t + y_r) / 2, half = (y_t - y_r) / 2;
    double sum = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const double s = middle + half * nodes_[i];
      sum += weights_[i] * std::exp(s * s - exponent) * std::erfc(-s);
    }
    const double scale = std::exp(-exponent);
    return scale / (scale * n.t_ref + n.tau_m * kSqrtPi * half * sum);
  }

 private:
  std::unique_ptr<gsl_integration_glfixed_table, void (*)(gsl_integration_glfixed_table*)> table_;
  std::vector<double> nodes_, weights_;
};

void add(const Set& set) {
  const LifParameters neuron = neuron_of(set);
  const std::string suffix = std::string("/") + set.name;
  benchmark::RegisterBenchmark(("siegert_scalar" + suffix).c_str(), [=](benchmark::State& state) {
    run(state, set, [&](double mu, double sigma) { return nuphi::siegert(mu, sigma, neuron); });
  });
  benchmark::RegisterBenchmark(("siegert_second" + suffix).c_str(), [=](benchmark::State& state) {
    run(state, set,
        [&](double mu, double sigma) { return nuphi::siegert_second(mu, sigma, neuron); });
  });
  benchmark::RegisterBenchmark(("isi_cv" + suffix).c_str(), [=](benchmark::State& state) {
    run(state, set, [&](double mu, double sigma) { return nuphi::isi_cv(mu, sigma, neuron); });
  });
  using enum nuphi::InstructionSet;
  const auto batch = [&](const std::string& name, bool logarithms,
                         nuphi::InstructionSet instructions) {
    const nuphi::SiegertBatchOptions options{.threads = 1, .instruction_set = instructions};
    benchmark::RegisterBenchmark((name + suffix).c_str(), [=](benchmark::State& state) {
      run_batch(state, set, logarithms, options);
    });
  };
  batch("siegert_batch", false, kBest);
  batch("siegert_batch_log", true, kBest);
  for (const nuphi::InstructionSet instructions : nuphi::available_instruction_sets()) {
    const char* name = instructions == kAvx512 ? "avx512"
                       : instructions == kAvx2 ? "avx2"
                                               : "baseline";
    batch(std::string("siegert_batch_") + name, false, instructions);
  }
  benchmark::RegisterBenchmark(("siegert_batch_calls" + suffix).c_str(),
                               [=](benchmark::State& state) { run_calls(state, set); });
  benchmark::RegisterBenchmark(("isi_cv_batch" + suffix).c_str(),
                               [=](benchmark::State& state) { run_cv_batch(state, set); });
  if (set.tau_syn > 0) return;
  const auto qags = [&](const char* name, double (*erfcx)(double, void*)) {
    benchmark::RegisterBenchmark((name + suffix).c_str(), [=](benchmark::State& state) {
      const Qags rule(erfcx);
      run(state, set, [&](double mu, double sigma) { return rule.rate(mu, sigma, neuron); });
    });
  };
  qags("gsl_qags", erfcx_by_log);
  qags("gsl_qags_exp_erfc", erfcx_by_product);
  benchmark::RegisterBenchmark(
      ("gauss_legendre_100" + suffix).c_str(), [=](benchmark::State& state) {
        const GaussLegendre rule;
        run(state, set, [&](double mu, double sigma) { return rule.rate(mu, sigma, neuron); });
      });
}

}  // namespace

int main(int argc, char** argv) {
  gsl_set_error_handler_off();  // adaptive quadrature gives up on some of the inputs; it is timed
                                // all the same
  for (const Set& set : kSets) add(set);
  add(kColoured);
  const auto many = [](const char* name, auto pass) {
    benchmark::RegisterBenchmark(name, [=](benchmark::State& state) { run_many(state, pass); })
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2);
  };
  many("siegert_batch_1e7", rates_of_many);
  many("memory_1e7", copies_of_many);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
