// Bounds of how far the response of a neuron changes over a step against where it goes.
#include "neuron_sample.h"

#include <gtest/gtest.h>
#include <nuphi/core/units.h>

#include <cmath>
#include <complex>

#include "support/random.h"

namespace nuphi::detail {
namespace {

using namespace units;
using test::Random;

/// A neuron with synapses of 0.1 to 5 ms, from fluctuation- to mean-driven.
NoisyNeuron random_neuron(Random& random, Correction correction, ColourResponse colour) {
  const LifParameters neuron{.tau_m = random.uniform(5, 30) * ms,
                             .t_ref = random.uniform(0, 3) * ms,
                             .V_th = 20 * mV,
                             .V_reset = random.uniform(-5, 12) * mV,
                             .tau_syn = random.log_uniform(0.1, 5) * ms};
  const double mu = random.uniform(8, 28) * mV, sigma = random.uniform(2, 9) * mV;
  const DynamicResponse response(mu, sigma, neuron, correction, Refractoriness::kExact, colour);
  return noisy_neuron(response, neuron.tau_m, Refractoriness::kExact);
}

/// The change is looked at in 16 points of a step up the axis or to the right.
void expect_bounded(const NoisyNeuron& neuron, double omega, double step, Direction direction) {
  const NeuronSample sample = sample_neuron(neuron, {0, omega}, nullptr);
  const NeuronChange bound = change_over_step(neuron, sample, step, direction);
  for (int k = 1; k <= 16; ++k) {
    const double h = step * k / 16;
    const Complex z = sample.z + (direction == Direction::kUp ? Complex(0, h) : Complex(h, 0));
    const NeuronValues there = neuron_values(neuron, z);
    const double rounding = 1e-12;
    const auto moved = [&](Complex here, Complex to) {
      return std::abs(to - here) - rounding * (std::abs(to) + std::abs(here));
    };
    EXPECT_LE(moved(sample.mu, there.mu), bound.mu) << z;
    EXPECT_LE(moved(sample.variance, there.variance), bound.variance) << z;
    EXPECT_LE(moved(sample.factor * sample.variance, there.factor * there.variance),
              bound.scaled_variance)
        << z;
  }
}

TEST(NeuronSample, BoundsHoldForBoundariesThatMoveAndForThoseThatDoNot) {
  Random random(5);
  for (int k = 0; k < 60; ++k) {
    const Correction correction = k % 3 == 0 ? Correction::kShiftRefractory : Correction::kShift;
    const ColourResponse colour =
        k % 4 == 0 ? ColourResponse::kQuasiStatic : ColourResponse::kMoving;
    const NoisyNeuron neuron = random_neuron(random, correction, colour);
    if (!(neuron.response.rate() > 1e-3)) continue;
    for (const double omega : {1.0, 30.0, 300.0, 3000.0, 50000.0}) {
      for (const Direction direction : {Direction::kUp, Direction::kRight})
        expect_bounded(neuron, omega, omega * random.log_uniform(1e-3, 1), direction);
    }
  }
}

// Slopes of their own are due: what boundaries that move bring is more than all that the
// quasi-static neuron is allowed.
TEST(NeuronSample, BoundariesThatMoveChangeMoreThanTheOthersMay) {
  const LifParameters neuron{
      .tau_m = 20 * ms, .t_ref = 2 * ms, .V_th = 20 * mV, .V_reset = 10 * mV, .tau_syn = 10 * ms};
  const auto at = [&](ColourResponse colour) {
    return noisy_neuron(DynamicResponse(18 * mV, 5 * mV, neuron, Correction::kShift,
                                        Refractoriness::kExact, colour),
                        neuron.tau_m, Refractoriness::kExact);
  };
  const NoisyNeuron fixed = at(ColourResponse::kQuasiStatic), moving = at(ColourResponse::kMoving);
  double largest = 0;
  for (double omega = 10; omega < 1e5; omega *= 1.5) {
    const Complex from(0, omega), to(0, 1.05 * omega);
    const NeuronChange allowed =
        change_over_step(fixed, sample_neuron(fixed, from, nullptr), 0.05 * omega, Direction::kUp);
    const Complex change =
        neuron_values(moving, to).variance - neuron_values(moving, from).variance;
    largest = std::max(largest, std::abs(change) / allowed.variance);
  }
  EXPECT_GT(largest, 1);
}

}  // namespace
}  // namespace nuphi::detail
