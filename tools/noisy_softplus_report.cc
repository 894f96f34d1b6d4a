// Writes docs/theory/noisy_softplus.{md,csv,svg} and noisy_softplus_tail.svg: how well a Noisy
// Softplus stands for a LIF neuron, and where it does not.
//   noisy_softplus_report noisy_softplus.md noisy_softplus.csv noisy_softplus.svg
//   noisy_softplus_tail.svg
#include <nuphi/core/transfer_function.h>
#include <nuphi/core/units.h>

#include <array>
#include <cmath>
#include <utility>

#include "generated_file.h"
#include "line_plot.h"

namespace {
using namespace nuphi;
using namespace nuphi::units;
using Eigen::Index, Eigen::VectorXd;
using nuphi::tools::LinePlot, nuphi::tools::percent, nuphi::tools::table_header,
    nuphi::tools::table_row;

const LifParameters kNeuron{.tau_m = 20 * ms, .t_ref = 2 * ms, .V_th = 20 * mV, .V_reset = 10 * mV};
const VectorXd kSigma = VectorXd::LinSpaced(8, 1 * mV, 8 * mV);

VectorXd mu_grid(double high) {
  const Index n = static_cast<Index>(std::lround(high / mV)) + 1;
  return VectorXd::LinSpaced(n, 0, high);
}

NoisySoftplusFit fit(const LifParameters& neuron, double highest_mu) {
  return fit_noisy_softplus(LifTransfer{neuron, Correction::kNone}, mu_grid(highest_mu), kSigma,
                            neuron.V_th);
}

std::string fits_table() {
  struct Case {
    const char* name;
    LifParameters neuron;
    double highest_mu;
  };
  LifParameters no_t_ref = kNeuron, low_reset = kNeuron, fast = kNeuron;
  no_t_ref.t_ref = 0;
  low_reset.V_reset = 0;
  fast.tau_m = 10 * ms;
  const std::array<Case, 6> cases{{{"standard", kNeuron, 30 * mV},
                                   {"standard, less drive", kNeuron, 20 * mV},
                                   {"standard, more drive", kNeuron, 60 * mV},
                                   {"t_ref = 0", no_t_ref, 30 * mV},
                                   {"V_reset = 0 mV", low_reset, 30 * mV},
                                   {"τ_m = 10 ms", fast, 30 * mV}}};
  std::string text =
      table_header({"neuron", "μ up to (mV)", "k", "S (Hz/mV)", "1/(τ_m(V_th − V_reset)) (Hz/mV)",
                    "r.m.s. error (Hz)", "worst (Hz)", "highest rate (Hz)"});
  for (const Case& c : cases) {
    const NoisySoftplusFit f = fit(c.neuron, c.highest_mu);
    const double natural = 1 / (c.neuron.tau_m * (c.neuron.V_th - c.neuron.V_reset));
    const double highest = siegert(c.highest_mu, kSigma[7], c.neuron).rate;
    text +=
        table_row({c.name, fmt::format("{:.0f}", c.highest_mu / mV),
                   fmt::format("{:.3f}", f.function.k), fmt::format("{:.3f}", f.function.S * mV),
                   fmt::format("{:.3g}", natural * mV), fmt::format("{:.2f}", f.rms_error),
                   fmt::format("{:.1f}", f.worst_error), fmt::format("{:.0f}", highest)});
  }
  return text;
}

std::string error_table(const NoisySoftplusTransfer& f) {
  std::vector<std::string> header{"μ (mV)"};
  for (const double sigma : {1 * mV, 2 * mV, 4 * mV, 8 * mV}) {
    header.push_back(fmt::format("σ = {:.0f} mV: LIF (Hz)", sigma / mV));
    header.emplace_back("Noisy Softplus (Hz)");
  }
  std::string text = table_header(header);
  for (const double mu :
       {0.0, 5 * mV, 10 * mV, 15 * mV, 18 * mV, 20 * mV, 22 * mV, 25 * mV, 30 * mV, 60 * mV}) {
    std::vector<std::string> row{fmt::format("{:.0f}", mu / mV)};
    for (const double sigma : {1 * mV, 2 * mV, 4 * mV, 8 * mV}) {
      row.push_back(fmt::format("{:.3g}", siegert(mu, sigma, kNeuron).rate));
      row.push_back(fmt::format("{:.3g}", f(mu, sigma).rate));
    }
    text += table_row(row);
  }
  return text;
}

std::string report(const NoisySoftplusFit& standard) {
  return "# Noisy Softplus for a LIF neuron\n"
         "Written by `noisy_softplus_report` (tools/noisy_softplus_report.cc).\n"
         "\n"
         "Noisy Softplus (Liu & Furber 2016; Liu, Chen & Furber 2017) replaces the rate of a LIF "
         "neuron by\n"
         "\n"
         "    f(μ, σ) = S kσ ln(1 + e^u),   u = (μ − θ)/(kσ),\n"
         "\n"
         "a softplus whose bend widens with the noise. nuphi has it as `NoisySoftplusTransfer` "
         "(nuphi/core/transfer_function.h), for\ncomparison and for networks trained with it; "
         "`fit_noisy_softplus` (noisy_softplus_fit.h) finds k and S by least squares over a\ngrid "
         "of μ and "
         "σ, with θ = V_th. σ is the amplitude of docs/notation.md; the papers' σ, in nA, differs "
         "by a "
         "factor that k\ntakes up.\n"
         "\n"
         "## Fits\n"
         "σ from 1 to 8 mV and μ from 0 to the value given, in steps of 1 mV, white noise; "
         "*standard* is τ_m = 20 "
         "ms, t_ref = 2 ms,\nV_th = 20 mV, V_reset = 10 mV.\n"
         "\n" +
         fits_table() +
         "\n"
         "![Rates at four noise amplitudes](noisy_softplus.svg)\n"
         "\n"
         "Lines: LIF; dashed: the fit of the first row.\n"
         "\n"
         "## Where it fails\n" +
         error_table(standard.function) +
         "\n"
         "All of it follows from the limits of both functions:\n"
         "- **Far below threshold** the LIF rate falls like e^{−(θ−μ)²/σ²}, the softplus like "
         "e^{−(θ−μ)/(kσ)}: it is too high by orders\nof magnitude, and the more so the smaller the "
         "noise is. "
         "Networks whose rates of a few Hz sit there (most cortical models)\nare not described, "
         "though the "
         "error in Hz looks small.\n"
         "- **At high drive** the refractory time bends the LIF rate towards 1/t_ref, while the "
         "softplus goes "
         "on with slope S. Even\nwithout t_ref the slope 1/(τ_m(V_th − V_reset)) is reached from "
         "above, for "
         "μ − V_th ≫ V_th − V_reset: S is a mean over\nthe range of the fit, not a property of the "
         "neuron "
         "(rows 1 to 3).\n"
         "- **At small noise** the LIF rate rises from threshold like 1/ln, with infinite slope; "
         "the softplus "
         "becomes a straight line.\n"
         "- **Its ∂/∂σ is never negative**; that of the LIF neuron is, just above threshold.\n"
         "\n"
         "![The same on a logarithmic scale](noisy_softplus_tail.svg)\n"
         "\n"
         "noisy_softplus.csv holds both rates and gradients over the grid of the first row, SI "
         "units.\n";
}

std::string csv(const NoisySoftplusTransfer& f) {
  std::string text = fmt::format(
      "# LIF neuron (tau_m 20 ms, t_ref 2 ms, V_th 20 mV, V_reset 10 mV) and the Noisy Softplus "
      "fitted to it, k = {:.6f}, "
      "S = {:.6g} Hz/V, theta = {:g} V\n"
      "# Written by tools/noisy_softplus_report.cc\n"
      "mu,sigma,lif_rate,noisy_softplus_rate,lif_drate_dmu,noisy_softplus_drate_dmu,lif_drate_"
      "dsigma,"
      "noisy_softplus_drate_dsigma\n",
      f.k, f.S, f.theta);
  for (const double sigma : kSigma) {
    for (const double mu : mu_grid(30 * mV)) {
      const SiegertRate lif = siegert(mu, sigma, kNeuron);
      const TransferRate r = f(mu, sigma);
      text += fmt::format("{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g},{:.6g}\n", mu, sigma,
                          lif.rate, r.rate, lif.drate_dmu, r.drate_dmu, lif.drate_dsigma,
                          r.drate_dsigma);
    }
  }
  return text;
}

std::string figure(const NoisySoftplusTransfer& f, const LinePlot::Axis& rate) {
  LinePlot plot("LIF neuron (lines) and Noisy Softplus (dashed)", {"μ (mV)", 0, 30, 5}, rate);
  const std::array<std::pair<double, const char*>, 4> lines{
      {{1 * mV, "#1b6ca8"}, {2 * mV, "#2a9d4a"}, {4 * mV, "#d98200"}, {8 * mV, "#b3263b"}}};
  for (const auto& [sigma, colour] : lines) {
    std::vector<std::pair<double, double>> lif, softplus;
    for (int k = 0; k <= 300; ++k) {
      const double mu = 0.1 * k * mV;
      lif.emplace_back(0.1 * k, siegert(mu, sigma, kNeuron).rate);
      softplus.emplace_back(0.1 * k, f(mu, sigma).rate);
    }
    plot.add(lif, colour, false, fmt::format("σ = {:.0f} mV", sigma / mV));
    plot.add(softplus, colour, true);
  }
  return plot.svg();
}

}  // namespace

int main(int argc, char** argv) {
  const tools::GeneratedFiles files(argc, argv);
  const NoisySoftplusFit standard = fit(kNeuron, 30 * mV);
  return files.finish({report(standard), csv(standard.function),
                       figure(standard.function, {"rate (Hz)", 0, 90, 10}),
                       figure(standard.function, {"rate (Hz)", -6, 2, 1, true})});
}
