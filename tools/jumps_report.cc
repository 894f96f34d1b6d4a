// Writes the tables of docs/theory/large_jumps.md: the first-order effect of finite jumps on the
// rate of a neuron against exact simulations (tests/data/poisson_jumps.csv).
//   jumps_report large_jumps.md
#include <nuphi/core/jump_correction.h>
#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <string>
#include <vector>

#include "generated_file.h"
#include "support/csv.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using nuphi::tools::table_header, nuphi::tools::table_row;

constexpr LifParameters kNeuron{20 * ms, 2 * ms, 20 * mV, 10 * mV};

std::string signed_percent(double value) { return fmt::format("{:+.1f}", 100 * value); }

std::string simulation_table() {
  std::string text = table_header({"μ (mV)", "σ (mV)", "jumps (mV)", "share of σ²", "ρ (mV)",
                                   "theory (Hz)", "simulated (Hz)", "true against theory (%)",
                                   "standard error (%)", "first order (%)"});
  const test::CsvTable table("poisson_jumps.csv");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto at = [&](const char* column) { return table.number(i, column); };
    const double sigma = at("sigma"), per_variance = sigma * sigma / kNeuron.tau_m;
    std::vector<PoissonJumps> jumps;
    std::string sizes, shares;
    const auto add = [&](double size, double share) {
      if (size == 0) return;
      jumps.push_back({size, share * per_variance / (size * size)});
      sizes += fmt::format("{}{:g}", sizes.empty() ? "" : ", ", size / mV);
      shares += fmt::format("{}{:g}", shares.empty() ? "" : ", ", share);
    };
    add(at("excitatory"), at("share"));
    add(at("inhibitory"), 1 - at("share"));
    const double theory = siegert(at("mu"), sigma, kNeuron).rate;
    text += table_row({fmt::format("{:g}", at("mu") / mV), fmt::format("{:g}", sigma / mV), sizes,
                       shares, fmt::format("{:.3f}", mean_overshoot(per_variance, jumps) / mV),
                       fmt::format("{:.4g}", theory), fmt::format("{:.4g}", at("rate")),
                       signed_percent(at("rate") / theory - 1),
                       fmt::format("{:.1f}", 100 * at("rate_se") / theory),
                       signed_percent(jump_correction(at("mu"), sigma, kNeuron, jumps))});
  }
  return text;
}

std::string document() {
  return R"(# Large jumps
Theory replaces the spikes that reach a neuron by Gaussian noise of the same mean and variance. What that costs depends on the *rate* more than on the
size of the jumps: far below threshold the neuron fires from the tail of its potential, which the skewness of the input lifts or lowers, and jumps of 1 % of
V_th − V_reset matter; near threshold two effects cancel, and jumps of 40 % do not. `jump_correction()` (C++) is the first order in the jumps; notes
(`large-jumps`, [validity.md](../validity.md)) use it. Written by `jumps_report` (tools/jumps_report.cc); simulations by tools/reference/poisson_jumps.cc.

## First order
With y = (V − μ)/σ and time in τ_m, the mean time T(y) to the threshold y_t obeys, to third cumulant of the input,

    ½T″ − yT′ + (α/6)T‴ = −1,   α = τ_m Σ r J³/σ³

and jumps overshoot: the process that is absorbed at y_t moves on by ρ/σ on the average, so T(y_t + ρ/σ) = 0. Zeroth order is T₀′ = −g, g(y) = √π e^{y²}(1 + erf y), the
Siegert formula. First order, ½T₁″ − yT₁′ = (α/6)g″, is solved by T₁′ = (α/18)g‴ (g‴ = (12y + 8y³)g + 8 + 8y²), so that

    δT = (ρ/σ) g(y_t) − (α/18)[g″(y_t) − g″(y_r)],   δν/ν = −ν τ_m δT

the second part being (α/18)σ³ ∂³T/∂μ³. The mean overshoot of a process with cumulants κ₂, κ₃ per time and exponent ψ(λ) = Σ r(1 − e^{iλJ} + iλJ) + ½λ²·(Gaussian part) is
Spitzer's ρ = κ₃/6κ₂ − (1/π)∫₀^∞ ln|2ψ/κ₂λ²| dλ/λ²: J/3 for upward jumps alone, 0 for downward ones, J/2 for ±J.

Far below threshold g″/18 ≈ (2/9)y_t² g beats the overshoot: excitatory jumps raise the rate, inhibitory ones lower it. Near threshold they cancel, and above it the overshoot,
a spike that comes late, lowers the rate.

## Against exact simulations
τ_m 20 ms, t_ref 2 ms, V_th 20 mV, V_reset 10 mV. Where first order exceeds about a half it says that theory is off, not by how much: `jump_errors()` continues it as tanh δ below 0
and δ + δ²/4 above, which these simulations bear out.

)" + simulation_table() +
         R"(
## In a network
`jump_errors()` (C++) lets the errors of all neurons act on each other: it solves ν = Φ(ν)(1 + δ(ν)). Inhibition takes most of them back: of the 10 to 28 % that neurons of the
microcircuit would lose at the given input, the network loses up to 3 %. Synapses with τ_syn > 0 have the third cumulant of the filtered potential,
α/((1 + s/2)(1 + 2s)) with s = τ_syn/τ_m; above s = 1/4 nothing is estimated. Correlations between neurons, which also move rates, are not part of the estimate.
)";
}

}  // namespace

int main(int argc, char** argv) {
  return nuphi::tools::GeneratedFiles(argc, argv).finish({document()});
}
