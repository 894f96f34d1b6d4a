#include <gtest/gtest.h>
#include <nuphi/core/isi_statistics.h>
#include <nuphi/core/siegert.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "fuzz/siegert_claims.h"

// siegert(), isi_cv() and siegert_batch() over raw doubles: any bit pattern, and patterns near the
// edges where floating point breaks.
namespace nuphi {
namespace {

using test::Outcome, test::RawPoint, test::describe, test::violation;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEdges[] = {0.0,         -0.0,
                             5e-324,      2.2250738585072014e-308,
                             1e-300,      1e-160,
                             1e-154,      1e-17,
                             1e-3,        0.5,
                             1.0,         1 + 2.3e-16,
                             1 - 1.2e-16, 3.0,
                             7.0,         26.5,
                             1e3,         1e8,
                             1e17,        1e150,
                             1e154,       1e160,
                             1e300,       1.7976931348623157e308,
                             kInfinity,   -1.0,
                             -1e-3,       -26.5,
                             -1e154,      -1.7976931348623157e308,
                             -kInfinity,  std::numeric_limits<double>::quiet_NaN()};

class Inputs {
 public:
  explicit Inputs(std::uint64_t seed) : random_(seed) {}

  /// Bit patterns, edges and everyday numbers in turn.
  double next() {
    switch (random_() % 4) {
      case 0:
        return std::bit_cast<double>(random_());
      case 1:
        return kEdges[random_() % std::size(kEdges)];
      case 2:
        return std::ldexp(unit() - 0.5, static_cast<int>(random_() % 80) - 40);
      default:
        return 20 * (unit() - 0.3);
    }
  }

 private:
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::mt19937_64 random_;
};

RawPoint next_point(Inputs& inputs) {
  RawPoint p{inputs.next(), std::abs(inputs.next()), {}};
  p.neuron = {.tau_m = inputs.next(),
              .t_ref = inputs.next(),
              .V_th = inputs.next(),
              .V_reset = inputs.next(),
              .tau_syn = 0};
  // Most raw neurons are no neurons: mend the signs of most of them, so that the numerics is what
  // is tried.
  p.neuron.tau_m = std::abs(p.neuron.tau_m);
  p.neuron.t_ref = std::abs(p.neuron.t_ref);
  if (p.neuron.V_reset > p.neuron.V_th) std::swap(p.neuron.V_reset, p.neuron.V_th);
  p.neuron.tau_syn = std::abs(inputs.next());
  return p;
}

/// Points as siegert_batch() takes them, all with one correction.
class Batch {
 public:
  explicit Batch(Correction correction) : correction_(correction) {}

  [[nodiscard]] bool full() const { return points_.size() == kSize; }
  void add(const RawPoint& p) { points_.push_back(p); }

  /// The instruction sets in turn; the first fault and where, or nothing. Empties the batch.
  std::string evaluate() {
    std::vector<double> mu, sigma;
    std::vector<LifParameters> neurons;
    for (const RawPoint& p : points_) {
      mu.push_back(p.mu);
      sigma.push_back(p.sigma);
      neurons.push_back(p.neuron);
    }
    const std::size_t n = points_.size();
    const InstructionSet set = sets_[turn_++ % sets_.size()];
    std::array<std::vector<double>, 7> f;
    for (auto& x : f) x.resize(n);
    siegert_batch(mu, sigma, neurons,
                  {.rate = f[0],
                   .log_rate = f[1],
                   .drate_dmu = f[2],
                   .drate_dsigma = f[3],
                   .dlog_rate_dmu = f[4],
                   .dlog_rate_dsigma = f[5],
                   .cv = f[6]},
                  {.correction = correction_, .threads = 1, .instruction_set = set});
    std::string fault;
    for (std::size_t i = 0; i < n && fault.empty(); ++i) {
      const Outcome outcome{{f[0][i], f[1][i], f[2][i], f[3][i], f[4][i], f[5][i]}, f[6][i]};
      fault = violation(points_[i], correction_, outcome);
      if (fault.empty()) continue;
      fault += " in instruction set " + std::to_string(static_cast<int>(set)) + " at " +
               describe(points_[i]);
    }
    points_.clear();
    return fault;
  }

 private:
  static constexpr std::size_t kSize = 2000;
  Correction correction_;
  std::vector<RawPoint> points_;
  std::vector<InstructionSet> sets_ = available_instruction_sets();
  std::size_t turn_ = 0;
};

class SiegertFuzz : public testing::TestWithParam<int> {};

TEST_P(SiegertFuzz, FiniteInputGivesARateInItsRangeAndGradientsOfTheRightSign) {
  Inputs inputs(static_cast<std::uint64_t>(GetParam()) + 1);
  std::array<Batch, 2> batches = {Batch(Correction::kNone), Batch(Correction::kShift)};
  int failures = 0;
  for (std::size_t i = 0; i < 1'000'000 && failures < 5; ++i) {
    const RawPoint p = next_point(inputs);
    const Correction correction = i % 2 == 0 ? Correction::kNone : Correction::kShift;
    const Outcome outcome{siegert(p.mu, p.sigma, p.neuron, correction),
                          isi_cv(p.mu, p.sigma, p.neuron, correction)};
    std::string fault = violation(p, correction, outcome);
    if (!fault.empty()) fault += " at " + describe(p);
    Batch& batch = batches[i % 2];
    batch.add(p);
    if (fault.empty() && batch.full()) fault = batch.evaluate();
    if (fault.empty()) continue;
    ADD_FAILURE() << fault << (i % 2 == 0 ? " (none)" : " (shift)");
    ++failures;
  }
}

TEST_P(SiegertFuzz, SlowSynapsesKeepThePromisesToo) {
  Inputs inputs(static_cast<std::uint64_t>(GetParam()) + 101);
  Batch batch(Correction::kAdiabatic);
  int failures = 0;
  for (std::size_t i = 0; i < 40'000 && failures < 5; ++i) {
    const RawPoint p = next_point(inputs);
    const Outcome outcome{siegert(p.mu, p.sigma, p.neuron, Correction::kAdiabatic),
                          isi_cv(p.mu, p.sigma, p.neuron, Correction::kAdiabatic)};
    std::string fault = violation(p, Correction::kAdiabatic, outcome);
    if (!fault.empty()) fault += " at " + describe(p);
    batch.add(p);
    if (fault.empty() && batch.full()) fault = batch.evaluate();
    if (fault.empty()) continue;
    ADD_FAILURE() << fault;
    ++failures;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SiegertFuzz, testing::Range(0, 10));

}  // namespace
}  // namespace nuphi
