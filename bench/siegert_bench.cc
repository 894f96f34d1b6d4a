// Time of the Siegert rate per neuron, against quadrature of the same integral.
//
// siegert_scalar returns rate, logarithm and both gradients; siegert_batch rate and gradient of the
// rate, with the best instruction set of the processor unless named; siegert_batch_log all that
// siegert_scalar returns; the quadratures return the rate alone.
// gsl_qags is adaptive quadrature of erfcx to a relative error of 1.49e-8, above the mean after a
// split with Dawson's integral, as NEST writes it since 2020; gauss_legendre_100 is a fixed rule on
// the scaled integrand.
#include <benchmark/benchmark.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_dawson.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/siegert_batch.h>
#include <nuphi/core/units.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <memory>
#include <numbers>
#include <random>
#include <string>
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

void run_batch(benchmark::State& state, const Set& set, std::size_t n, bool logarithms,
               const nuphi::SiegertBatchOptions& options) {
  const Inputs inputs(set, n);
  const LifParameters neuron = neuron_of(set);
  std::vector<double> rate(n), d_mu(n), d_sigma(n), log_rate, log_d_mu, log_d_sigma;
  if (logarithms) {
    for (auto* x : {&log_rate, &log_d_mu, &log_d_sigma}) x->resize(n);
  }
  const nuphi::SiegertBatchOutput output{.rate = rate,
                                         .log_rate = log_rate,
                                         .drate_dmu = d_mu,
                                         .drate_dsigma = d_sigma,
                                         .dlog_rate_dmu = log_d_mu,
                                         .dlog_rate_dsigma = log_d_sigma};
  const bool threads = options.threads != 1;
  double seconds = 0;
  const std::clock_t start = std::clock();
  const auto wall_start = std::chrono::steady_clock::now();
  for ([[maybe_unused]] auto pass : state) {
    nuphi::siegert_batch(inputs.mu, inputs.sigma, neuron, output, options);
    benchmark::ClobberMemory();
  }
  if (threads) {
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start).count();
  } else {
    seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
  state.counters["ns_per_neuron"] =
      1e9 * seconds / (static_cast<double>(n) * static_cast<double>(state.iterations()));
}

/// Without the overflow that would stop the quadrature.
double erfcx(double x) {
  return x < 20 ? std::exp(x * x) * std::erfc(x)
                : (1 - 0.5 / (x * x) * (1 - 1.5 / (x * x))) / (x * kSqrtPi);
}

class Qags {
 public:
  Qags() : workspace_(gsl_integration_workspace_alloc(1000), gsl_integration_workspace_free) {}

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
    gsl_function function{[](double s, void*) { return erfcx(s); }, nullptr};
    double result = 0, error = 0;
    gsl_integration_qags(&function, a, b, 0, 1.49e-8, 1000, workspace_.get(), &result, &error);
    return result;
  }

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
  const auto batch = [&](const std::string& name, std::size_t n, bool logarithms, int threads,
                         nuphi::InstructionSet instructions) {
    const nuphi::SiegertBatchOptions options{.threads = threads, .instruction_set = instructions};
    return benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      run_batch(state, set, n, logarithms, options);
    });
  };
  batch("siegert_batch" + suffix, kNeurons, false, 1, kBest);
  batch("siegert_batch_log" + suffix, kNeurons, true, 1, kBest);
  for (const nuphi::InstructionSet instructions : nuphi::available_instruction_sets()) {
    const char* name = instructions == kAvx512 ? "avx512"
                       : instructions == kAvx2 ? "avx2"
                                               : "baseline";
    batch(std::string("siegert_batch_") + name + suffix, kNeurons, false, 1, instructions);
  }
  for (const int threads : {1, 2}) {
    batch("siegert_batch_threads" + suffix + "/" + std::to_string(threads), 10'000'000, false,
          threads, kBest)
        ->UseRealTime();
  }
  if (set.tau_syn > 0) return;
  benchmark::RegisterBenchmark(("gsl_qags" + suffix).c_str(), [=](benchmark::State& state) {
    const Qags qags;
    run(state, set, [&](double mu, double sigma) { return qags.rate(mu, sigma, neuron); });
  });
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
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
