#include <nuphi/core/exact_response.h>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "exact_domain.h"
#include "exact_modulation.h"
#include "exact_solve.h"
#include "siegert_evaluate.h"

namespace nuphi {
namespace {
using detail::Complex, detail::kModulations;
using Eigen::VectorXcd, Eigen::MatrixXcd;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Whether the equation is solved at this point.
bool has_equation(double mu, double sigma, const LifParameters& p) {
  const double ratio = p.tau_syn / p.tau_m;
  if (!detail::in_domain(mu, sigma, p) || !(sigma > 0) || !(ratio >= detail::kFastest))
    return false;
  const detail::ColouredNeuron<double> n = detail::dimensionless(mu, sigma, p);
  return ratio <= detail::kSlowest && !detail::is_adiabatic(n) && n.y_t <= detail::kSilent &&
         n.y_t >= -detail::kNoiseless && n.y_t - n.y_r > detail::kShortest;
}

/// (e^{−iΩρ} − 1)/(iΩ): what the mass that waits for its release takes from the others.
Complex waiting(double omega, double refractory) {
  const double half = 0.5 * omega * refractory;
  const double sinc = std::abs(half) < 1e-8 ? 1 : std::sin(half) / half;
  return -refractory * sinc * std::polar(1.0, -half);
}

/// One frequency, time in τ_m.
struct Solved {
  std::array<Complex, kModulations> relative;  ///< δν/ν of each modulation of unit size
  Complex isi_transform = 1;
  double spectrum = 0;
};

/// Below it the spectrum is that at 0 to its square.
double lowest_frequency(const detail::ColouredNeuron<double>& n, double refractory) {
  return 1e-4 / std::max({1.0, n.k * n.k, refractory});
}

Solved solve(const detail::PassageSolution& s, double omega, double refractory) {
  using detail::Start;
  const auto threshold =
      modulated_kernel(s.problem, Start::kThreshold, omega, refractory, s.spikes);
  const auto reset = modulated_kernel(s.problem, Start::kReset, omega, refractory, s.spikes);
  const detail::ModulatedStationary stationary = modulated_stationary(s.problem, omega);
  const detail::ColouredNeuron<double>& n = s.problem.neuron;
  const Complex delay = std::polar(1.0, -omega * refractory), wait = waiting(omega, refractory);
  const double shrink = std::exp(-s.barrier);
  const VectorXcd p = (shrink * s.density).cast<Complex>();

  MatrixXcd a = threshold.density - delay * reset.density;
  a.colwise() -= wait * p;
  VectorXcd dwell = threshold.above - delay * reset.above;
  dwell.array() -= wait * detail::probability_above(n);
  a += s.spread * dwell.transpose();
  a *= s.flux.cast<Complex>().asDiagonal();
  a.diagonal().array() += 1.0;
  const Eigen::PartialPivLU<MatrixXcd> lu(a);

  const double stiffness = 1 + n.k * n.k;
  const double edge =
      std::exp(s.barrier - n.y_t * n.y_t * stiffness) * std::sqrt(stiffness / std::numbers::pi);
  const VectorXcd flux = s.flux.cast<Complex>();
  Solved r;
  for (std::size_t m = 0; m < kModulations; ++m) {
    VectorXcd rhs =
        s.density.cwiseProduct(stationary.density[m]) + reset.driven[m] - threshold.driven[m];
    const Complex above =
        edge * stationary.above[m] + reset.driven_above[m] - threshold.driven_above[m];
    rhs += above * s.spread;
    r.relative[m] = flux.cwiseProduct(lu.solve(rhs)).sum() / s.spikes.sum();
  }
  if (omega == 0) return r;

  // What a spike at time 0 is followed by: a release, and then spikes and releases, or the first
  // spike alone. ∫ e^{−iΩt} of what lasts is 1/(iΩ).
  const VectorXcd spike = (s.spikes / s.spikes.sum()).cast<Complex>();
  const Complex lasting(0, -1 / omega), P = detail::probability_above(n);
  VectorXcd released = delay * (reset.density * spike + lasting * p);
  released += delay * ((reset.above.transpose() * spike).value() + lasting * P) * s.spread;
  r.spectrum = 1 + 2 * flux.cwiseProduct(lu.solve(released)).sum().real();
  MatrixXcd first = threshold.density;
  first.colwise() += lasting * p;
  first += s.spread * (threshold.above.array() + lasting * P).matrix().transpose();
  first *= flux.asDiagonal();
  first.diagonal().array() += 1.0;
  r.isi_transform = flux.cwiseProduct(first.partialPivLu().solve(released)).sum();
  return r;
}

}  // namespace

std::vector<ExactResponse> exact_response(double mu, double sigma, const LifParameters& neuron,
                                          std::span<const double> omega,
                                          ExactResolution resolution) {
  constexpr Complex kNone(kNaN, kNaN);
  std::vector<ExactResponse> all(omega.size(), {kNone, kNone, kNone, kNaN});
  double highest = 0;
  for (const double w : omega)
    if (std::isfinite(w)) highest = std::max(highest, w);
  if (!has_equation(mu, sigma, neuron)) return all;
  const detail::ColouredNeuron<double> n = detail::dimensionless(mu, sigma, neuron);
  detail::ExactGrid grid = detail::grid_of(resolution);
  grid.step = std::min(grid.step, detail::modulated_step(n, highest * neuron.tau_m));
  const detail::PassageSolution solution = detail::passage_solution(n, grid);
  const double refractory = neuron.t_ref / neuron.tau_m;
  const double time = std::exp(solution.barrier) / solution.spikes.sum();  // T
  const double rate = 1 / (neuron.t_ref + neuron.tau_m * time);
  for (std::size_t k = 0; k < omega.size(); ++k) {
    if (!(omega[k] >= 0) || !std::isfinite(omega[k])) continue;
    const double at = omega[k] * neuron.tau_m, lowest = lowest_frequency(n, refractory);
    Solved r = solve(solution, at, refractory);
    if (at < lowest) r.spectrum = solve(solution, lowest, refractory).spectrum;
    if (at < 1e-6 * lowest) r.isi_transform = std::polar(1.0, -omega[k] / rate);
    const Complex filter(1, 0.5 * omega[k] * neuron.tau_syn);
    all[k] = {rate / sigma * r.relative[detail::kOfMean],
              rate / (sigma * sigma) * filter * r.relative[detail::kOfVariance], r.isi_transform,
              r.spectrum};
  }
  return all;
}

}  // namespace nuphi
