// Prints how far the responses of white noise between shifted boundaries are from the exact one:
// the table of docs/theory/colored_noise.md, section "The exact response".
#include <fmt/format.h>
#include <nuphi/core/dynamic_response.h>
#include <nuphi/core/exact_response.h>
#include <nuphi/core/units.h>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace {

using namespace nuphi;
using namespace nuphi::units;

struct Neuron {
  double mu, sigma;
  LifParameters p;
};

std::string percent(std::complex<double> value, std::complex<double> truth) {
  return fmt::format("{:.2g}", 100 * std::abs(value / truth - 1.0));
}

void print_rows(const Neuron& n) {
  const std::array frequencies = {10.0, 80.0, 300.0};
  std::array<double, 3> omega{};
  for (std::size_t k = 0; k < omega.size(); ++k) omega[k] = 2 * std::numbers::pi * frequencies[k];
  const auto exact = exact_response(n.mu, n.sigma, n.p, omega);
  const auto response = [&](Correction correction, ColourResponse colour) {
    return DynamicResponse(n.mu, n.sigma, n.p, correction, Refractoriness::kExact, colour);
  };
  const DynamicResponse fixed = response(Correction::kShift, ColourResponse::kQuasiStatic),
                        shift = response(Correction::kShift, ColourResponse::kMoving),
                        uniform = response(Correction::kUniform, ColourResponse::kMoving);
  for (std::size_t k = 0; k < omega.size(); ++k) {
    const LinearResponse f = fixed.at_frequency(omega[k]), s = shift.at_frequency(omega[k]),
                         u = uniform.at_frequency(omega[k]);
    fmt::print("| {:g} | {:g} | {} | {} | {} | {} | {} |\n", n.p.tau_syn / n.p.tau_m,
               frequencies[k], percent(s.d_mu, exact[k].d_mu), percent(u.d_mu, exact[k].d_mu),
               percent(f.d_variance, exact[k].d_variance),
               percent(s.d_variance, exact[k].d_variance),
               percent(u.d_variance, exact[k].d_variance));
  }
}

}  // namespace

int main() {
  fmt::print(
      "| τ_s/τ_m | Hz | mean: shift | mean: uniform | variance: quasi-static shift | variance: "
      "shift | variance: uniform |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  print_rows({7 * mV, 5.5 * mV, {10 * ms, 2 * ms, 15 * mV, 0, 0.5 * ms}});
  print_rows({14 * mV, 4 * mV, {20 * ms, 2 * ms, 20 * mV, 10 * mV, 2 * ms}});
  print_rows({14 * mV, 4 * mV, {20 * ms, 2 * ms, 20 * mV, 10 * mV, 5 * ms}});
}
