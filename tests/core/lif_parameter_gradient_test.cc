#include <gtest/gtest.h>
#include <nuphi/core/lif_parameter_gradient.h>
#include <nuphi/core/siegert.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "support/budgets.h"
#include "support/csv.h"
#include "support/derivatives.h"
#include "support/random.h"
#include "support/siegert_reference.h"

namespace nuphi {
namespace {

using test::Point, test::Random, test::cortical_point, test::print;

constexpr std::array kCorrections{Correction::kNone, Correction::kShift, Correction::kTaylor,
                                  Correction::kShiftRefractory, Correction::kAdiabatic};
constexpr std::array<const char*, 5> kNames{"none", "shift", "taylor", "shift_refractory",
                                            "adiabatic"};
constexpr std::array kMembers{&LifPartials::tau_m, &LifPartials::t_ref, &LifPartials::V_th,
                              &LifPartials::V_reset, &LifPartials::tau_syn};
constexpr std::array kColumns{"d_tau_m", "d_t_ref", "d_V_th", "d_V_reset", "d_tau_syn"};

Correction correction_of(const std::string& name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  return static_cast<Correction>(found - kNames.begin());
}

/// Sizes of the largest addends of ∂ln ν/∂p, from the derivatives themselves: what the shift (or s)
/// does to τ_m is what it does to τ_syn.
LifPartials addends(const LifPartials& d, const Point& p) {
  LifPartials scale{std::abs(d.tau_m), std::abs(d.t_ref), std::abs(d.V_th), std::abs(d.V_reset),
                    std::abs(d.tau_syn)};
  const LifParameters& n = p.neuron;
  if (n.tau_syn == 0 || p.correction == Correction::kNone) return scale;
  if (p.correction == Correction::kShiftRefractory) {
    scale.tau_syn = std::max(scale.tau_syn, std::abs(d.t_ref) * n.t_ref / n.tau_syn);
  }
  if (p.correction == Correction::kAdiabatic) {
    // Averages of z and z² − 1 over the current, as in siegert_adiabatic(): ∂ν/∂μ and ∂ν/∂σ have
    // addends of the sizes ν/s and ν/σ.
    const double s = p.sigma * std::sqrt(n.tau_m / (2 * n.tau_syn));
    scale.V_th = std::max(scale.V_th, 1 / s);
    scale.tau_syn = std::max(scale.tau_syn, 0.5 / n.tau_syn);
  }
  scale.tau_m = std::max(scale.tau_m, scale.tau_syn * n.tau_syn / n.tau_m);
  if (p.correction != Correction::kTaylor) return scale;
  // ν = ν₀ (1 − c σ ℓ): every addend is one of ν₀ or that times c σ ℓ, ℓ = ∂ln ν₀/∂μ.
  const SiegertRate white = siegert(p.mu, p.sigma, n, Correction::kNone);
  const LifPartials g = lif_parameter_gradient(p.mu, p.sigma, n, Correction::kNone).dlog_rate;
  const double c_sigma_l =
      static_cast<double>(test::half_alpha_root(n)) * p.sigma * white.dlog_rate_dmu;
  const double factor = (1 + 2 * c_sigma_l) / std::abs(1 - c_sigma_l);
  for (const auto member : kMembers) {
    scale.*member = std::max(scale.*member, factor * std::abs(g.*member));
  }
  scale.tau_m = std::max(scale.tau_m, factor / n.tau_m);
  return scale;
}

TEST(LifParameterGradient, AgreesWithReferenceTable) {
  const test::CsvTable table("lif_parameter_gradient.csv");
  ASSERT_GT(table.size(), 100U);
  test::ErrorStatistics closed, averaged;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Point p{table.number(i, "mu"), table.number(i, "sigma"), test::neuron_of(table, i),
                  correction_of(table.text(i, "correction"))};
    const LifParameterGradient g = lif_parameter_gradient(p.mu, p.sigma, p.neuron, p.correction);
    const long double rate = table.truth(i, "rate");
    LifPartials truth;
    for (std::size_t k = 0; k < kMembers.size(); ++k) {
      truth.*kMembers[k] = table.number(i, kColumns[k]);
    }
    const LifPartials scale = addends(truth, p);
    auto& errors = p.correction == Correction::kAdiabatic ? averaged : closed;
    for (std::size_t k = 0; k < kMembers.size(); ++k) {
      const auto member = kMembers[k];
      const std::string where = "row " + std::to_string(i) + " " + kColumns[k] + " " + print(p);
      if (scale.*member == 0) {
        EXPECT_EQ(g.dlog_rate.*member, 0) << where;
        EXPECT_EQ(g.drate.*member, 0) << where;
        continue;
      }
      const long double exact = table.truth(i, kColumns[k]);
      if (rate > 0) {
        errors.add(test::scaled_error(g.dlog_rate.*member, exact, scale.*member), where);
      } else {
        EXPECT_TRUE(std::isnan(g.dlog_rate.*member)) << where;
      }
      if (test::representable(rate * scale.*member)) {
        errors.add(
            test::scaled_error(g.drate.*member, exact * rate, std::abs(rate) * scale.*member),
            where);
      }
    }
  }
  test::expect_within(closed, test::kParameterGradientBudget, "closed forms");
  test::expect_within(averaged, test::kAdiabaticGradientBudget, "adiabatic");
}

Point random_point(Random& random, Correction correction) {
  Point p = cortical_point(random);
  p.correction = correction;
  const bool slow = correction == Correction::kAdiabatic;
  p.neuron.tau_syn = slow ? random.log_uniform(5e-3, 0.5) : random.uniform(0.1e-3, 5e-3);
  p.sigma = random.log_uniform(1e-3, 50e-3);
  p.mu = p.neuron.V_th + random.uniform(-8, 8) * p.sigma;
  return p;
}

TEST(LifParameterGradient, MovingEverythingOnTheVoltageAxisChangesNothing) {
  // μ, V_th and V_reset by the same voltage; and all voltages by the same factor.
  for (const Correction correction : kCorrections) {
    Random random(31);
    for (int i = 0; i < 3000; ++i) {
      const Point p = random_point(random, correction);
      const LifParameters& n = p.neuron;
      const SiegertRate r = siegert(p.mu, p.sigma, n, correction);
      if (!(r.rate > 0)) continue;
      const LifPartials d = lif_parameter_gradient(p.mu, p.sigma, n, correction).dlog_rate;
      const LifPartials scale = addends(d, p);
      const double size = scale.V_th + scale.V_reset + std::abs(r.dlog_rate_dmu);
      EXPECT_NEAR(r.dlog_rate_dmu + d.V_th + d.V_reset, 0, 1e-14 * size) << print(p);
      const double volts = std::abs(p.mu * r.dlog_rate_dmu) +
                           p.sigma * std::abs(r.dlog_rate_dsigma) + std::abs(n.V_th) * scale.V_th +
                           std::abs(n.V_reset) * scale.V_reset + 1;
      EXPECT_NEAR(p.mu * r.dlog_rate_dmu + p.sigma * r.dlog_rate_dsigma + n.V_th * d.V_th +
                      n.V_reset * d.V_reset,
                  0, 4e-14 * volts)
          << print(p);
    }
  }
}

TEST(LifParameterGradient, SlowerClocksMakeLowerRates) {
  // τ_m ∂ν/∂τ_m + t_ref ∂ν/∂t_ref + τ_syn ∂ν/∂τ_syn = −ν
  for (const Correction correction : kCorrections) {
    Random random(32);
    for (int i = 0; i < 3000; ++i) {
      const Point p = random_point(random, correction);
      const LifParameters& n = p.neuron;
      const LifPartials d = lif_parameter_gradient(p.mu, p.sigma, n, correction).dlog_rate;
      if (std::isnan(d.tau_m)) continue;
      const LifPartials scale = addends(d, p);
      const double size =
          1 + n.tau_m * scale.tau_m + n.t_ref * scale.t_ref + n.tau_syn * scale.tau_syn;
      EXPECT_NEAR(n.tau_m * d.tau_m + n.t_ref * d.t_ref + n.tau_syn * d.tau_syn, -1, 1e-14 * size)
          << print(p);
    }
  }
}

TEST(LifParameterGradient, AgreesWithDifferences) {
  constexpr std::array kParameters{&LifParameters::tau_m, &LifParameters::t_ref,
                                   &LifParameters::V_th, &LifParameters::V_reset,
                                   &LifParameters::tau_syn};
  for (const Correction correction : kCorrections) {
    Random random(33);
    for (int i = 0; i < 300; ++i) {
      Point p = random_point(random, correction);
      const double s = p.sigma * std::sqrt(p.neuron.tau_m / (2 * p.neuron.tau_syn));
      p.mu = p.neuron.V_th +
             random.uniform(-3, 3) * (correction == Correction::kAdiabatic ? s : p.sigma);
      p.neuron.V_reset = p.neuron.V_th - random.uniform(1e-3, 20e-3);
      p.neuron.t_ref = random.uniform(1e-3, 5e-3);
      const LifPartials d = lif_parameter_gradient(p.mu, p.sigma, p.neuron, correction).drate;
      const double rate = std::abs(siegert(p.mu, p.sigma, p.neuron, correction).rate);
      for (std::size_t k = 0; k < kParameters.size(); ++k) {
        const auto f = [&](double x) {
          LifParameters n = p.neuron;
          n.*kParameters[k] = x;
          return siegert(p.mu, p.sigma, n, correction).rate;
        };
        const double h = 1e-3 * std::min(p.neuron.*kParameters[k] == 0 ? 1e-2 : 1e-3, p.sigma);
        const double step = k == 2 || k == 3 ? h : 2e-3 * p.neuron.*kParameters[k];
        test::expect_derivative(f, p.neuron.*kParameters[k], step, d.*kMembers[k],
                                1e-3 * rate / step, 1e-8, print(p));
      }
    }
  }
}

TEST(LifParameterGradient, WithoutNoiseIsThatOfTheClosedForm) {
  // T = t_ref + τ_m ln((μ − V_reset)/(μ − V_th))
  LifParameters n{.tau_m = 20e-3, .t_ref = 2e-3, .V_th = 20e-3, .V_reset = 10e-3, .tau_syn = 2e-3};
  const double mu = 27e-3;
  for (const Correction correction : kCorrections) {
    if (correction == Correction::kAdiabatic) n.tau_syn = 0.1;
    const double rate = siegert(mu, 0, n, correction).rate;
    const LifParameterGradient g = lif_parameter_gradient(mu, 0, n, correction);
    const auto near = [&](double value, double exact) {
      EXPECT_NEAR(value, exact, 2e-15 * std::abs(exact)) << static_cast<int>(correction);
    };
    near(g.dlog_rate.tau_m, -(1 - rate * n.t_ref) / n.tau_m);
    near(g.dlog_rate.t_ref, -rate);
    near(g.dlog_rate.V_th, -rate * n.tau_m / (mu - n.V_th));
    near(g.dlog_rate.V_reset, rate * n.tau_m / (mu - n.V_reset));
    EXPECT_EQ(g.dlog_rate.tau_syn, 0);
    near(g.drate.V_th, rate * g.dlog_rate.V_th);
  }
}

TEST(LifParameterGradient, OfASilentNeuronIsZeroAndItsLogarithmHasNone) {
  for (const Correction correction : kCorrections) {
    const LifParameters n{.tau_syn = correction == Correction::kAdiabatic ? 0.1 : 1e-3};
    const LifParameterGradient g = lif_parameter_gradient(0.5 * n.V_th, 0, n, correction);
    const LifParameterGradient edge = lif_parameter_gradient(n.V_th, 0, n, correction);
    EXPECT_EQ(g.drate, LifPartials{});
    for (const auto member : kMembers) {
      EXPECT_TRUE(std::isnan(g.dlog_rate.*member));
      EXPECT_TRUE(std::isnan(edge.drate.*member));
    }
  }
}

TEST(LifParameterGradient, OfTheLogarithmIsThereWhereTheRateUnderflows) {
  const LifParameters n{.tau_syn = 1e-3};
  for (const Correction correction : {Correction::kNone, Correction::kShift}) {
    const LifParameterGradient g = lif_parameter_gradient(0, 0.2e-3, n, correction);
    EXPECT_EQ(g.drate, LifPartials{});
    const auto log_rate = [&](double V_th) {
      LifParameters moved = n;
      moved.V_th = V_th;
      return siegert(0, 0.2e-3, moved, correction).log_rate;
    };
    test::expect_derivative(log_rate, n.V_th, 1e-5, g.dlog_rate.V_th, 0, 1e-10, "V_th");
  }
}

TEST(LifParameterGradient, WithoutColourAllCorrectionsAreOne) {
  Random random(34);
  for (int i = 0; i < 500; ++i) {
    Point p = cortical_point(random);
    p.neuron.tau_syn = 0;
    const auto white = lif_parameter_gradient(p.mu, p.sigma, p.neuron, Correction::kNone);
    for (const Correction correction : kCorrections) {
      const auto g = lif_parameter_gradient(p.mu, p.sigma, p.neuron, correction);
      EXPECT_EQ(g.dlog_rate, white.dlog_rate) << print(p);
      EXPECT_EQ(g.drate, white.drate) << print(p);
    }
  }
}

TEST(LifParameterGradient, DoesNotDependOnUnitsHoweverLarge) {
  for (const Correction correction : kCorrections) {
    const bool slow = correction == Correction::kAdiabatic;
    const LifParameters n{
        .tau_m = 20, .t_ref = 2, .V_th = 20, .V_reset = 10, .tau_syn = slow ? 100.0 : 2.0};
    for (const double mu : {18.0, 25.0}) {
      const LifPartials a = lif_parameter_gradient(mu, 5, n, correction).dlog_rate;
      const double V = std::ldexp(1, 400), T = std::ldexp(1, -300);
      const LifParameters other{n.tau_m * T, n.t_ref * T, n.V_th * V, n.V_reset * V, n.tau_syn * T};
      const LifPartials b = lif_parameter_gradient(mu * V, 5 * V, other, correction).dlog_rate;
      for (const auto member : kMembers) {
        const double unit = member == &LifPartials::V_th || member == &LifPartials::V_reset ? V : T;
        EXPECT_NEAR(b.*member * unit, a.*member, 2e-14 * std::abs(a.*member))
            << mu << " " << static_cast<int>(correction);
      }
    }
  }
}

TEST(LifParameterGradient, AnyFiniteNeuronHasSignsThatMakeSense) {
  Random random(35);
  for (int i = 0; i < 100000; ++i) {
    const double a = random.any_finite(), b = random.any_finite();
    const LifParameters n{std::abs(random.any_finite()), std::abs(random.any_finite()),
                          std::max(a, b), std::min(a, b), std::abs(random.any_finite())};
    const double mu = random.any_finite(), sigma = std::abs(random.any_finite());
    const Correction correction = kCorrections[static_cast<std::size_t>(i % 5)];
    if (correction == Correction::kTaylor) continue;
    const LifParameterGradient g = lif_parameter_gradient(mu, sigma, n, correction);
    const Point p{mu, sigma, n, correction};
    if (std::isnan(siegert(mu, sigma, n, correction).rate)) continue;
    ASSERT_LE(g.drate.V_th, 0) << print(p);
    ASSERT_GE(g.drate.V_reset, 0) << print(p);
    ASSERT_LE(g.drate.t_ref, 0) << print(p);
    ASSERT_TRUE(std::isfinite(g.drate.tau_m) && std::isfinite(g.drate.tau_syn)) << print(p);
  }
}

TEST(LifParameterGradient, OutsideTheDomainIsNan) {
  const LifParameters good;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& g :
       {lif_parameter_gradient(nan, 1e-3, good), lif_parameter_gradient(0, -1, good),
        lif_parameter_gradient(0, 1e-3, {.V_reset = 1}),
        lif_parameter_gradient(0, 1e-3, {.tau_m = 0})}) {
    for (const auto member : kMembers) {
      EXPECT_TRUE(std::isnan(g.drate.*member) && std::isnan(g.dlog_rate.*member));
    }
  }
}

}  // namespace
}  // namespace nuphi
