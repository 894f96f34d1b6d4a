// Writes two tables of docs/theory/colored_noise.md, section "The exact response": simulated
// neurons beside the exact response, and how far the responses of white noise between shifted
// boundaries are from it.
#include <fmt/format.h>
#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/exact_response.h>
#include <nuphi/core/units.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generated_file.h"
#include "support/csv.h"

namespace {

using namespace nuphi;
using namespace nuphi::units;
using Complex = std::complex<double>;

/// One modulation of one neuron.
struct Row {
  double mu, sigma;
  LifParameters neuron;
  bool of_mean;
  double omega;
  Complex simulated;  ///< of what reaches the synapse: ∂ln ν/∂μ [1/mV], ∂ln ν/∂ln σ²
  double standard_error;  ///< of each part
  double rate;            ///< simulated [Hz]
  Complex exact;          ///< as `simulated`

  [[nodiscard]] bool same_neuron(const Row& r) const {
    return mu == r.mu && sigma == r.sigma && neuron == r.neuron;
  }
  /// As `simulated`, of a response to unfiltered input of a neuron with the rate ν.
  [[nodiscard]] Complex relative(Complex d_mu, Complex d_variance, double nu) const {
    if (of_mean) return d_mu * mV / nu;
    return d_variance * sigma * sigma / nu / Complex(1, 0.5 * omega * neuron.tau_syn);
  }
  /// Distance of a response to white noise from the exact one, in percent of its modulus.
  [[nodiscard]] std::string error(Correction correction, ColourResponse colour) const {
    const DynamicResponse response(mu, sigma, neuron, correction, Refractoriness::kExact, colour);
    const LinearResponse r = response.at_frequency(omega);
    const double e = std::abs(relative(r.d_mu, r.d_variance, response.rate()) / exact - 1.0);
    return fmt::format("{:.2g}", 100 * e);
  }
};

std::vector<Row> rows() {
  const test::CsvTable table("modulated_neurons.csv");
  std::vector<Row> all;
  for (std::size_t k = 0; k < table.size(); ++k) {
    const auto at = [&](const char* name) { return table.number(k, name); };
    Row r{at("mu_mV") * mV,
          at("sigma_mV") * mV,
          {at("tau_m_ms") * ms, at("t_ref_ms") * ms, at("V_th_mV") * mV, at("V_reset_mV") * mV,
           at("tau_syn_ms") * ms},
          table.text(k, "of") == "mean",
          2 * std::numbers::pi * at("frequency_Hz"),
          {at("re"), at("im")},
          at("se"),
          at("rate_Hz"),
          0};
    const ExactResponse e =
        exact_response(r.mu, r.sigma, r.neuron, std::span(&r.omega, 1), ExactResolution::kQuick)[0];
    r.exact = r.relative(e.d_mu, e.d_variance, exact_rate(r.mu, r.sigma, r.neuron).rate.rate);
    all.push_back(r);
  }
  return all;
}

std::string neuron_columns(const Row& r) {
  return fmt::format("| {:g} | {:g} | {:g} | {:g} |", r.neuron.tau_syn / r.neuron.tau_m,
                     r.neuron.tau_m / ms, r.mu / mV, r.sigma / mV);
}

std::string simulated_table(const std::vector<Row>& all) {
  std::string text =
      "| τ_s/τ_m | τ_m (ms) | μ (mV) | σ (mV) | simulated rate (Hz) | exact rate | χ² of the "
      "mean's "
      "12 numbers | χ² of the variance's 12 |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | "
      "---: |\n";
  for (std::size_t first = 0; first < all.size();) {
    double of_mean = 0, of_variance = 0;
    std::size_t k = first;
    for (; k < all.size() && all[k].same_neuron(all[first]); ++k) {
      const double e = std::norm((all[k].simulated - all[k].exact) / all[k].standard_error);
      (all[k].of_mean ? of_mean : of_variance) += e;
    }
    const Row& r = all[first];
    text += fmt::format("{} {:.3f} | {:.3f} | {:.1f} | {:.1f} |\n", neuron_columns(r), r.rate,
                        exact_rate(r.mu, r.sigma, r.neuron).rate.rate, of_mean, of_variance);
    first = k;
  }
  return text;
}

std::string error_table(const std::vector<Row>& all) {
  std::string text =
      "| τ_s/τ_m | τ_m (ms) | μ (mV) | σ (mV) | of | Hz | modulus | phase (°) | simulated | "
      "standard error (%) | shift, quasi-static (%) | shift (%) | uniform (%) |\n| ---: | ---: | "
      "---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const Row& r : all) {
    const double modulus = std::abs(r.exact), degree = 180 / std::numbers::pi;
    text += fmt::format(
        "{} {} | {:g} | {:.4f} | {:.1f} | {:.4f}, {:.1f}° | {:.2g} | {} | {} | {} |\n",
        neuron_columns(r), r.of_mean ? "μ" : "σ²", std::round(r.omega / (2 * std::numbers::pi)),
        modulus, degree * std::arg(r.exact), std::abs(r.simulated), degree * std::arg(r.simulated),
        100 * r.standard_error / modulus, r.error(Correction::kShift, ColourResponse::kQuasiStatic),
        r.error(Correction::kShift, ColourResponse::kMoving),
        r.error(Correction::kUniform, ColourResponse::kMoving));
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string_view(argv[1]) == "--check";
  if (argc != (check ? 3 : 2)) {
    fmt::print(stderr, "usage: response_errors [--check] colored_noise.md\n");
    return 2;
  }
  const std::vector<Row> all = rows();
  tools::GeneratedSections page(argv[argc - 1]);
  page.replace("simulated responses", simulated_table(all));
  page.replace("errors of responses", error_table(all));
  return page.finish(check);
}
